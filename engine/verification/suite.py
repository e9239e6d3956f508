"""A suite as read: its cases, each with the account and history to ask about and what is expected."""

import datetime as dt

import msgspec

from engine.loading.node import Node
from engine.model.diagnostic import Position

NAMELESS = "account"
"""The id of an account that is written out in a test: the key that it stands under."""


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the decision and the value it must have; ``written`` is the key as the author wrote it."""

    written: str
    path: tuple[str, ...]
    value: Node
    at: Position


class ExpectedDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a timeline and the rule that must win on it."""

    on: dt.date
    rule: str
    at: Position


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """The days to ask on, ``first`` and ``until`` both included, and exactly what must come out."""

    first: dt.date
    until: dt.date
    asked_on: tuple[dt.date, ...] | None
    days: tuple[ExpectedDay, ...]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its answer; of a matrix, one combination. Either ``as_of`` or ``timeline`` is set.

    Account, history and outcomes are JSON-like documents, as `next_action` takes them.
    """

    name: str
    at: Position
    account: dict[str, object]
    history: tuple[dict[str, object], ...] = ()
    outcomes: tuple[dict[str, object], ...] = ()
    as_of: dt.datetime | dt.date | None = None
    expect: tuple[Expectation, ...] = ()
    timeline: Timeline | None = None
    skip: str | None = None


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """All cases of one file, in written order; ``ruleset`` is the id of the ruleset they test."""

    file: str
    ruleset: str
    cases: tuple[Case, ...]
