"""What a history meant under the second edition, written so that the third edition reads it the same.

The third edition counts the entries of this log otherwise in three places only (language.md 5.4, 5.4a and 5.4b). Each
has a predicate here that names its clause, and what takes it back: an entry that belonged to the current episode then
names that episode; where nothing was open, and nothing counted, one that names none names another debt; and what counts
by a window is asked of rulesets whose countdowns have none.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from api.replaying import Remembered
from engine.coordinates.executed import Executed
from engine.coordinates.windows import NO_WINDOWS
from engine.evaluation.history import read_instant
from engine.evaluation.program import Compiled
from engine.evaluation.routing import Route, parse_as_of

Clause = Literal["5.4 before the day of issue", "5.4a between episodes", "5.4b countdowns"]
Entry = dict[str, Any]

_ANOTHER_DEBT = "1999-12-31"


class Restated(msgspec.Struct, frozen=True, kw_only=True):
    """A question in the words of the third edition, the clauses that concern it, and the answer as it was given."""

    remembered: Remembered
    clauses: frozenset[Clause]

    def in_old_words(self, answer: bytes) -> bytes:
        """Return an answer with the episode as it was named then."""
        is_between = "5.4a between episodes" in self.clauses
        return answer.replace(b'"episode":"none"', b'"episode":null') if is_between else answer


def restate(remembered: Remembered, rulesets: tuple[Compiled, ...]) -> Restated:
    """Restate a logged question."""
    answered = msgspec.json.decode(remembered.answer)
    if answered["ruleset"] is None:
        return Restated(remembered=remembered, clauses=frozenset())
    default = next(each.ruleset.timezone for each in rulesets if each.ruleset.id == answered["ruleset"]["id"])
    debt = _Debt(remembered.account, ZoneInfo(str(remembered.account.get("timezone") or default)))
    history = [debt.restate(dict(entry)) for entry in remembered.history]
    clauses: set[Clause] = set()
    if debt.is_between:
        clauses.add("5.4a between episodes")
    elif history != [*remembered.history]:
        clauses.add("5.4 before the day of issue")
    restated = msgspec.structs.replace(remembered, history=history)
    if _counts_by_countdown(restated, rulesets):
        clauses.add("5.4b countdowns")
    return Restated(remembered=restated, clauses=frozenset(clauses))


@contextmanager
def counting_by_episodes(rulesets: Sequence[Compiled]) -> Iterator[None]:
    """Leave the windows of countdowns out of rulesets for a while."""
    kept = [(program.terms, program.terms.windows) for each in rulesets for program in each.programs.values()]
    for terms, _ in kept:
        terms.windows = NO_WINDOWS
    yield
    for terms, windows in kept:
        terms.windows = windows


def _counts_by_countdown(remembered: Remembered, rulesets: Sequence[Compiled]) -> bool:
    """Tell whether something counts as executed by a window and not by its episode, or the other way round."""
    counted = _read_executed(remembered, rulesets)
    with counting_by_episodes(rulesets):
        return counted != _read_executed(remembered, rulesets)


def _read_executed(remembered: Remembered, rulesets: Sequence[Compiled]) -> Executed | None:
    asked = remembered.options
    covering = Route(
        rulesets,
        remembered.account,
        remembered.history,
        as_of=parse_as_of(asked.as_of),
        track=asked.track,
        ruleset=asked.ruleset,
    ).covering()
    return None if covering is None else covering.standing.executed


class _Debt:
    """What is open and undisputed, as the document says it."""

    def __init__(self, account: Mapping[str, Any], zone: ZoneInfo) -> None:
        invoices = account.get("invoices") or ()
        self._zone = zone
        self._open = [each for each in invoices if float(each["open"]) != 0 and each.get("disputed") is not True]
        self.is_between = not self._open and account.get("days_overdue") is None

    def restate(self, entry: Entry) -> Entry:
        """Return an entry that is read now as it was then."""
        if entry.get("reset") or entry.get("episode") is not None:
            return entry
        if self.is_between:
            return entry | {"episode": _ANOTHER_DEBT}
        if self._is_before_issue(entry):
            return entry | {"episode": min(str(each["due_on"]) for each in self._open)}
        return entry

    def _is_before_issue(self, entry: Entry) -> bool:
        issued = [dt.date.fromisoformat(each["issued_on"]) for each in self._open if each.get("issued_on")]
        at = read_instant(entry["at"], self._zone)
        return bool(issued) and len(issued) == len(self._open) and at is not None and self._day_of(at) < min(issued)

    def _day_of(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self._zone).date()
