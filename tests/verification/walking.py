"""Accounts that never pay, walked from many due dates; a question that was put already, days apart, is not put again.

What comes next of an account is the same from every due date as long as what was executed, and each term that was set,
lie as many days from it: nothing that the examples ask of such an account is a date (``list_dated`` finds what would
be one), and the only day that hangs on the calendar is the last one of a term (language.md 6.5). So the terms are
worked out for every due date, and what comes is asked once for all that have the same ones. Each way that was found so
is walked in full at the first due date that goes it, and again, with nothing remembered, at the last
(``Walker.confirm``).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from engine.coordinates.attempts import Attempts
from engine.coordinates.channels import Limited, Reach
from engine.coordinates.executions import Announced, DaysPastDeadline, DaysSince, DaysSinceMet, Done, Met
from engine.coordinates.facts import FactCoordinate
from engine.coordinates.ladder import Level, Rested, Turn
from engine.coordinates.stops import Stopped
from engine.evaluation.program import Compiled
from engine.evaluation.schedule import first_moment, pay_by
from engine.evaluation.timeline import NOON, TimelineStep, run_timeline
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS

Account = Mapping[str, object]
ACCOUNT_ID = "A"
WALKED_DAYS = 240


COUNTING = (
    *(FactCoordinate, Level, Rested, Turn, Done, Met, DaysSince, DaysSinceMet, DaysPastDeadline, Announced),
    *(Reach, Limited, Attempts, Stopped),
)
"""What is the same for two accounts that are as many days from what was executed and from what is due."""


def list_dated(compiled: Compiled) -> set[str]:
    """Return what decisions of a ruleset hang on that may differ on two dates, all days counted from them alike."""
    coordinates = (each for program in compiled.programs.values() for each in program.plan.dimensions.values())
    return {each.key for each in coordinates if not isinstance(each, COUNTING)}


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an account: its day and the last one of its term, counted from the due date; the entry otherwise."""

    rule: str
    day: int
    pay_by: int | None
    channel: str | None
    entry: bytes


class _Fork(msgspec.Struct, kw_only=True):
    """What comes next, if anything does, and what follows by the day on which its term is over."""

    came: Came | None
    following: dict[int | None, "_Fork"] = msgspec.field(default_factory=dict)


class Walker:
    """An account of one ruleset with one invoice, whatever day that is due, first seen so many days later."""

    def __init__(self, compiled: Compiled, account: Account, *, amount: str, seen: int) -> None:
        self._compiled = compiled
        self._account = account
        self._amount = amount
        self._seen = seen
        (edition,) = (each for name, each in compiled.ruleset.editions.items() if name == account["currency"])
        self._actions: dict[str, Action] = {rule.id: rule.action for rule in edition.rules}
        self._terms: dict[tuple[str, str | None, dt.date], dt.date | None] = {}
        self._start: _Fork | None = None
        self.ways: dict[tuple[Came, ...], list[dt.date]] = {}

    def walk(self, due: dt.date) -> tuple[Came, ...]:
        """Return what comes, day after day, of an invoice due that day."""
        way, fork = [], self._start
        while fork is not None and fork.came is not None:
            came = msgspec.structs.replace(fork.came, pay_by=self._term_of(fork.came, due))
            way.append(came)
            fork = fork.following.get(came.pay_by)
        found = tuple(way) if fork is not None else self._learn(due)
        assert found[: len(way)] == tuple(way), f"due {due}: {_say(way)} was expected, {_say(found)} came"
        self.ways.setdefault(found, []).append(due)
        return found

    def confirm(self) -> None:
        """Walk every way again in full, from the last due date that goes it."""
        for way, dues in self.ways.items():
            came = self._ask(dues[-1])
            assert came == way, f"due {dues[-1]}: {_say(way)} was expected, {_say(came)} came"

    def _learn(self, due: dt.date) -> tuple[Came, ...]:
        """Walk in full, and remember what comes after what."""
        found = self._ask(due)
        self._start = fork = self._start or _Fork(came=found[0] if found else None)
        for came, then in zip(found, (*found[1:], None), strict=False):
            fork = fork.following.setdefault(came.pay_by, _Fork(came=then))
        return found

    def _ask(self, due: dt.date) -> tuple[Came, ...]:
        first = due + dt.timedelta(days=self._seen)
        invoice = {"id": "I", "due_on": due.isoformat(), "open": self._amount}
        account = {"id": ACCOUNT_ID, **self._account, "invoices": [invoice]}
        steps = run_timeline([self._compiled], account, first=first, until=first + dt.timedelta(days=WALKED_DAYS))
        return tuple(_count_from(due, step) for step in steps)

    def _term_of(self, came: Came, due: dt.date) -> int | None:
        on = due + dt.timedelta(days=came.day)
        key = (came.rule, came.channel, on)
        if key not in self._terms:
            self._terms[key] = self._work_out(*key)
        term = self._terms[key]
        return None if term is None else (term - due).days

    def _work_out(self, rule: str, channel: str | None, on: dt.date) -> dt.date | None:
        """Return the last day of the term that a rule sets on a day."""
        action, calendar, zone = self._actions[rule], self._compiled.ruleset.calendar, self._compiled.zone
        if action.pay_within_days is None:
            return None
        sent = first_moment(
            calendar,
            zone,
            dt.datetime.combine(on, NOON, zone),
            action.schedule,
            channel=channel,
            is_contact=ACTIONS[action.type].is_contact,
        )
        return pay_by(calendar, sent.date(), channel, action.pay_within_days)


def _say(way: Iterable[Came]) -> str:
    return ", ".join(f"{came.rule} on day {came.day} (term {came.pay_by})" for came in way)


def _count_from(due: dt.date, step: TimelineStep) -> Came:
    """Return what came with every day of it counted from the due date."""
    entry: dict[str, Any] = {**step.entry}
    assert entry.pop("episode") == due.isoformat()
    assert dt.datetime.fromisoformat(entry.pop("at")).date() == step.on
    term = entry.pop("pay_by", None)
    return Came(
        rule=entry["rule"],
        day=(step.on - due).days,
        pay_by=None if term is None else (dt.date.fromisoformat(term) - due).days,
        channel=entry.get("channel"),
        entry=msgspec.json.encode(entry),
    )
