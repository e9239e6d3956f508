"""What happens if nobody pays: an account asked day after day, what wins being executed (language.md 9.2)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from engine.evaluation.decide import next_action
from engine.evaluation.history import read_instant
from engine.evaluation.program import Compiled
from engine.evaluation.routing import Route
from engine.evaluation.rulesets import Rulesets
from engine.model.decision import Decision, WorkedMoney

NOON = dt.time(12)
LONGEST_DAYS = 1100

Executed = Literal["asked", "scheduled"]
"""When what wins is executed: as it is asked, as in suites, or at the instant that it is scheduled for."""


class TimelineStep(msgspec.Struct, frozen=True, kw_only=True):
    """One day on which a rule won, its decision, and the history entry that records it as executed."""

    on: dt.date
    decision: Decision
    entry: dict[str, object]

    @property
    def happens_on(self) -> dt.date:
        """Return the local day that the action is scheduled for, the day it was asked where it is not."""
        action = self.decision.action
        return self.on if action is None or action.scheduled_for is UNSET else action.scheduled_for.date()


def run_timeline(  # noqa: PLR0913  # what a caller may ask for, each left out by most
    rulesets: Rulesets | Sequence[Compiled],
    account: Mapping[str, object],
    history: Sequence[Mapping[str, object]] = (),
    *,
    outcomes: Sequence[Mapping[str, object]] = (),
    first: dt.date,
    until: dt.date | None = None,
    asked_on: Iterable[dt.date] | None = None,
    track: str = "dunning",
    ruleset: str | None = None,
    executed: Executed = "asked",
) -> tuple[TimelineStep, ...]:
    """Return the days on which something is executed, from ``first`` to ``until``, both included.

    It is asked at noon of the account's day, on every day or only on ``asked_on``. ``facts_on`` left out is ``first``.
    Executed as scheduled, nothing more is asked until the action has happened.
    """
    document = {"facts_on": first.isoformat()} | dict(account)
    last = until if until is not None else first + dt.timedelta(days=LONGEST_DAYS)
    zone = Route(rulesets, document, (), as_of=first, track=track, ruleset=ruleset).default_zone
    entries = [*history]
    steps: list[TimelineStep] = []
    days = _Days(first, last, asked_on, seen_on=_seen_on([*history, *outcomes], zone))
    for day in days:
        decision = next_action(
            rulesets,
            document,
            entries,
            outcomes=outcomes,
            as_of=dt.datetime.combine(day, NOON, zone),
            track=track,
            ruleset=ruleset,
            is_live=False,
        )
        if decision.outcome == "act" and decision.rule is not None:
            entry = execute(decision)
            if executed == "scheduled" and decision.action is not None and decision.action.scheduled_for is not UNSET:
                at = max(decision.action.scheduled_for, decision.as_of)
                entry["at"] = at.isoformat()
                days.wait_until(_first_noon_after(at.astimezone(zone)))
            entries.append(entry)
            steps.append(TimelineStep(on=day, decision=decision, entry=entry))
        else:
            days.skip_to(decision.review_on)
    return tuple(steps)


class _Days:
    """The days to ask on; passed over are those on which time changes nothing and nothing recorded comes to be seen."""

    def __init__(
        self, first: dt.date, last: dt.date, asked_on: Iterable[dt.date] | None, *, seen_on: Sequence[dt.date]
    ) -> None:
        self._seen_on = seen_on
        self._asked = None if asked_on is None else {day for day in asked_on if first <= day <= last}
        self._next: dt.date | None = first
        self._last = last

    def wait_until(self, day: dt.date) -> None:
        """Ask on no day before."""
        if self._next is not None:
            self._next = max(self._next, day)

    def skip_to(self, day: dt.date | None) -> None:
        following = self._next
        if following is None:
            return
        seen_on = next((seen for seen in self._seen_on if seen >= following), None)
        self._next = min((each for each in (day, seen_on) if each is not None), default=None)
        if self._next is not None:
            self._next = max(self._next, following)

    def __iter__(self) -> Iterator[dt.date]:
        while self._next is not None and self._next <= self._last:
            day = self._next
            self._next = day + dt.timedelta(days=1)
            if self._asked is None or day in self._asked:
                yield day


def _seen_on(recorded: Sequence[Mapping[str, object]], zone: ZoneInfo) -> list[dt.date]:
    """Return the days on which entries and outcomes are seen for the first time, the first one first."""
    instants = (read_instant(each.get("recorded_at") or each.get("at"), zone) for each in recorded)
    local = (instant.astimezone(zone) for instant in instants if instant is not None)
    return sorted(_first_noon_after(at) for at in local)


def _first_noon_after(at: dt.datetime) -> dt.date:
    """Return the first day at whose noon a local instant is not ahead."""
    return at.date() + dt.timedelta(days=at.time() > NOON)


def execute(decision: Decision) -> dict[str, object]:
    """Return the history entry that records a decided action as executed at the instant it was asked.

    That of ``otherwise`` is of no rule, and so about no invoices (language.md 5.3a).
    """
    if decision.action is None or decision.ruleset is None:
        raise ValueError("only a decision with an action can be executed")
    action, rule = decision.action, decision.rule
    entry: dict[str, object] = {} if rule is None else {"rule": rule.id}
    entry |= {"at": decision.as_of.isoformat(), "action": action.type, "ruleset": decision.ruleset.id}
    if rule is not None and rule.level is not None:
        entry["level"] = rule.level
    if action.channel is not UNSET:
        entry["channel"] = action.channel
    entry["also"] = [other.channel for other in decision.along_with if other.channel is not UNSET]
    if decision.episode is not None:
        entry["episode"] = decision.episode
    if rule is not None and decision.claim is not None and decision.claim.invoices:
        entry["invoices"] = list(decision.claim.invoices)
    if action.pay_by is not UNSET:
        entry["pay_by"] = action.pay_by.isoformat()
    if action.announced_fee is not UNSET:
        entry["announced_fee"] = _named(action.announced_fee)
    charged = next((one.fee for one in (action, *decision.along_with) if one.fee is not UNSET), UNSET)
    if charged is not UNSET:
        entry["fee"] = _named(charged)
    return entry


def _named(fee: WorkedMoney) -> dict[str, str]:
    return {"name": fee.name, "amount": fee.amount, "currency": fee.currency}
