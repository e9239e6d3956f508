"""The conditions of a ruleset as written and typed.

Constants are integers (minor units, scaled decimals), words or booleans.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import msgspec

from engine.model.diagnostic import Position


class Span(msgspec.Struct, frozen=True):
    """An inclusive range of integers; None is no bound."""

    low: int | None
    high: int | None


Item = Span | int | str | bool


class IsOneOf(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The fact is present and equals one of the items or lies in one of the spans."""

    fact: str
    items: tuple[Item, ...]
    at: Position


class IsNoneOf(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The fact is present and equals none of the items and lies in none of the spans."""

    fact: str
    items: tuple[Item, ...]
    at: Position


class IsMissing(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The fact is missing."""

    fact: str
    at: Position


class IsPresent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The fact is present."""

    fact: str
    at: Position


class HasAny(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The set contains at least one of the items."""

    fact: str
    items: tuple[str, ...]
    at: Position


class HasAll(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The set contains every item."""

    fact: str
    items: tuple[str, ...]
    at: Position


class HasNone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The set contains none of the items."""

    fact: str
    items: tuple[str, ...]
    at: Position


class IsNamed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The named condition holds (or, with ``holds`` false, does not)."""

    name: str
    holds: bool
    at: Position


class InVariant(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The account is in one of these variants of the experiment."""

    experiment: str
    variants: tuple[str, ...]
    at: Position


class AllOf(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Every condition holds; an empty list always does."""

    conditions: tuple["Condition", ...]


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """At least one condition holds; an empty list never does.

    ``written`` is given where one entry of the file became many conditions, which nobody tests one by one.
    """

    conditions: tuple["Condition", ...]
    at: Position
    written: str | None = None


class NoneOf(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No condition holds; an empty list always does."""

    conditions: tuple["Condition", ...]
    at: Position


Leaf = IsOneOf | IsNoneOf | IsMissing | IsPresent | HasAny | HasAll | HasNone | IsNamed | InVariant
Condition = Leaf | AllOf | AnyOf | NoneOf

ALWAYS = AllOf(conditions=())


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that a condition is made of."""
    return condition.conditions if isinstance(condition, AllOf | AnyOf | NoneOf) else ()


def walk(condition: Condition) -> Iterator[Condition]:
    """Yield a condition and all it is made of; named conditions are not followed."""
    yield condition
    for part in parts_of(condition):
        yield from walk(part)


def walk_through(conditions: Iterable[Condition], named: Mapping[str, Condition]) -> Iterator[Condition]:
    """Yield conditions and all they are made of, and each named one that they ask for, directly or not, once."""
    known = set[str]()
    ways: list[Iterator[Condition]] = [chain.from_iterable(map(walk, conditions))]
    while ways:
        for part in ways[-1]:
            yield part
            if isinstance(part, IsNamed) and part.name not in known:
                known.add(part.name)
                ways.append(walk(named[part.name]))
                break
        else:
            ways.pop()


def facts_of(condition: Condition, named: Mapping[str, Condition]) -> Iterator[str]:
    """Yield the facts that a condition asks about, by the named ones too."""
    for part in walk_through([condition], named):
        if not isinstance(part, AllOf | AnyOf | NoneOf | InVariant | IsNamed):
            yield part.fact
