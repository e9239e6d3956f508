"""What was executed in this episode, of a rule or of a level's rules (language.md 5, "after" and "repeat")."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import ClassVar, Self

import msgspec

from engine.conditions.boxes import Box
from engine.conditions.sets import EITHER, NO, YES, IntegerSet, Value, ValueSet, integers, words, words_except
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.executed import Executed, target_of
from engine.coordinates.ladder import RESTED, SINCE, days_since
from engine.coordinates.snapshot import Snapshot
from engine.model.ruleset import After
from engine.words.values import say_days_ago, say_set

NEVER, SOME = integers((0, 0)), integers((1, None))
GIVEN, MISSING = integers((None, None)), integers(missing=True)
_MOST_MEMBERS = 8
_NO_MORE: Mapping[str, ValueSet] = {}


class OfTarget(Coordinate, frozen=True, kw_only=True):
    """Something of the executions of a target: a rule id, or ``level n`` for a level's rules."""

    is_of_episode: ClassVar[bool] = True
    target: str

    def of(self, target: str) -> "OfTarget":
        """Return the same of another target."""
        raise NotImplementedError

    def members(self, beside: Beside) -> list["OfTarget"]:
        """Return the same of each rule of the group that the target is; none where it is no group that is told."""
        found = [self._told(name, beside) for name in beside.groups.get(self.target, ())]
        return found if all(each in beside for each in found) else []

    def _told(self, rule: str, beside: Beside) -> "OfTarget":
        """Return the same of a rule; what holds it back, where what an ``after`` counts of it is not told."""
        own = self.of(rule)
        return own if own in beside else own.holding or own

    @property
    def holding(self) -> "OfTarget | None":
        """Return the same of what holds the rule back, for what an ``after`` counts otherwise (language.md 5.4a)."""
        return None

    def where_alike(self, members: Iterable["OfTarget"], beside: Beside) -> Mapping[str, ValueSet] | None:
        """Return where members count all that the group does: anywhere, with a debt, or (None) not that it is known."""
        if all(type(member) is type(self) for member in members):
            return _NO_MORE
        return None if beside.days_overdue is None else {beside.days_overdue.key: GIVEN}


class Done(OfTarget, frozen=True, kw_only=True):
    """How often, as far as it holds the rule back."""

    def of(self, target: str) -> "Done":
        """Return the same of another target."""
        return done(target)

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"times executed: {self.target}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the counts."""
        pairs = tuple((each.key, each.target) for each in coordinates)
        unexecuted: dict[str, Value] = dict.fromkeys((key for key, _ in pairs), 0)
        keys = {target: key for key, target in pairs}

        def read(snapshot: Snapshot) -> dict[str, Value]:
            done = cls.times(snapshot.executed)
            return {**unexecuted, **{keys[target]: done[target] for target in keys.keys() & done.keys()}}

        return read

    @staticmethod
    def times(executed: Executed) -> Mapping[str, int]:
        """Return how often each target was executed."""
        return executed.done

    @property
    def since(self) -> "DaysSince":
        """Return the days since the last of them."""
        return since_executed(self.target)

    @property
    def unexecuted(self) -> ValueSet:
        """Return that it is 0."""
        return NEVER

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that there is a day of what never was, or none of what was."""
        since = self.since
        if since in beside:
            yield Box(sides={self.key: NEVER, since.key: GIVEN})
            yield Box(sides={self.key: SOME, since.key: MISSING})
        for countdown in beside.windows.get(self.target, ()):
            fact = beside.fact(countdown.fact.name)
            if fact is not None:
                yield Box(sides={self.key: SOME, fact.key: integers((countdown.highest + 1, None))})
        if RESTED in beside and self.target in beside.levelled:
            yield Box(sides={self.key: SOME, RESTED.key: MISSING})
        yield from self._count_members(beside)

    def _count_members(self, beside: Beside) -> Iterator[Box]:
        """Yield that a group was executed less often than one of its rules, or more often than all of them."""
        members = self.members(beside)
        for member in members:
            for cut in {*beside.cuts(self, member), 1}:
                fewer, others = integers((None, cut - 1)), dict.fromkeys((m.key for m in members if m != member), NEVER)
                alike = self.where_alike([member], beside)
                if cut > 0:
                    if alike is not None:
                        yield Box(sides={member.key: integers((cut, None)), self.key: fewer, **alike})
                    yield Box(sides={**others, member.key: fewer, self.key: integers((cut, None))})
        alike = self.where_alike(members, beside)
        most = min(max(beside.cuts(self), default=0), len(members), _MOST_MEMBERS) if alike is not None else 0
        for count in range(2, most + 1):
            for some in combinations(members, count):
                executed = dict.fromkeys((member.key for member in some), SOME)
                yield Box(sides={**executed, self.key: integers((None, count - 1)), **(alike or {})})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how often."""
        if not isinstance(values, IntegerSet):
            return self.target
        return " or ".join(self._times(low or 0, high) for low, high in values.intervals)

    def _times(self, low: int, high: int | None) -> str:
        what = self.target
        if high == 0:
            return f"{what} not yet executed"
        if high is None:
            return f"{what} executed" if low <= 1 else f"{what} executed {low} times or more"
        if low == high:
            return f"{what} executed {'once' if low == 1 else f'{low} times'}"
        return f"{what} executed at most {high} times" if low == 0 else f"{what} executed {low} to {high} times"


class Met(Done, frozen=True, kw_only=True):
    """How often, as far as an ``after`` counts it: between episodes not what names none (language.md 5.4a)."""

    def of(self, target: str) -> "Met":
        """Return the same of another target."""
        return met(target)

    @property
    def holding(self) -> Done:
        """Return the count of executions that hold the rule back."""
        return done(self.target)

    @staticmethod
    def times(executed: Executed) -> Mapping[str, int]:
        """Return how often each target was executed."""
        return executed.met

    @property
    def since(self) -> "DaysSince":
        """Return the days since the last of them."""
        return since_met(self.target)

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield the same, a deadline of what never was, and more or later executions than hold the rule back.

        With a debt they are the same.
        """
        yield from super().impossible(beside)
        deadline, done_too = past_deadline(self.target), self.holding
        for days in (deadline, self.since):
            if days in beside:
                yield Box(sides={self.key: NEVER, days.key: GIVEN})
                if done_too in beside:
                    yield Box(sides={done_too.key: NEVER, days.key: GIVEN})
        yield from above(beside, self, done_too)
        yield from above(beside, done_too.since, self.since)
        if beside.days_overdue is not None:
            debt = {beside.days_overdue.key: GIVEN}
            yield from above(beside, done_too, self, debt)
            yield from above(beside, self.since, done_too.since, debt)


def above(beside: Beside, high: Coordinate, low: Coordinate, more: Mapping[str, ValueSet] = _NO_MORE) -> Iterator[Box]:
    """Yield where one number is above another, and what else is asked holds."""
    if high in beside and low in beside:
        for cut in {*beside.cuts(high, low), 1}:
            yield Box(sides={high.key: integers((cut, None)), low.key: integers((None, cut - 1)), **more})


class Since(OfTarget, frozen=True, kw_only=True):
    """Days that have passed since something, missing where it never was."""

    steady_drift: ClassVar[int] = 1

    @property
    def motion(self) -> Motion:
        """Return that it counts the days."""
        return "counted"

    @property
    def unexecuted(self) -> ValueSet:
        """Return that it is missing."""
        return MISSING


class DaysSince(Since, frozen=True, kw_only=True):
    """The days since the last execution."""

    def of(self, target: str) -> "DaysSince":
        """Return the same of another target."""
        return since_executed(target)

    @property
    def possible(self) -> ValueSet:
        """Return that a last day lies in the past."""
        return SINCE

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"days since executed: {self.target}"

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield what is longer ago than its window is open, and a group's last execution that none of its rules has."""
        for countdown in beside.windows.get(self.target, ()):
            fact, highest = beside.fact(countdown.fact.name), countdown.highest
            if fact is not None:
                for days in {*beside.cuts(self), *(highest + 1 - cut for cut in beside.cuts(fact))}:
                    yield Box(sides={self.key: integers((days, None)), fact.key: integers((highest + 1 - days, None))})
        members = self.members(beside)
        for cut in beside.cuts(self, *members) if members else ():
            late, long_ago = integers((None, cut - 1)), integers((cut, None))
            known = ((member, self.where_alike([member], beside)) for member in members)
            yield from (Box(sides={self.key: long_ago, m.key: late, **more}) for m, more in known if more is not None)
            earlier = msgspec.structs.replace(long_ago, missing=True)
            yield Box(sides={self.key: late, **dict.fromkeys((member.key for member in members), earlier)})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how long ago that was."""
        return say_days_ago(f"{self.target} executed", values.intersection(SINCE))

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the days."""
        return _days_reader(tuple((each.key, each.target) for each in coordinates), lambda executed: executed.last_on)


class DaysSinceMet(DaysSince, frozen=True, kw_only=True):
    """The days since the last execution that an ``after`` counts."""

    def of(self, target: str) -> "DaysSinceMet":
        """Return the same of another target."""
        return since_met(target)

    @property
    def holding(self) -> DaysSince:
        """Return the days since the last execution that holds the rule back."""
        return since_executed(self.target)

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the days."""
        return _days_reader(tuple((each.key, each.target) for each in coordinates), lambda executed: executed.met_on)


class DaysPastDeadline(Since, frozen=True, kw_only=True):
    """The days since the ``pay_by`` of the last execution; negative before it."""

    def of(self, target: str) -> "DaysPastDeadline":
        """Return the same of another target."""
        return past_deadline(target)

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"days since pay_by: {self.target}"

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that a group's deadline is that of none of its rules."""
        members = self.members(beside)
        for cut in beside.cuts(self, *members) if members else ():
            for values in (integers((cut, None)), integers((None, cut - 1))):
                others = msgspec.structs.replace(self.universe.difference(values), missing=True)
                yield Box(sides={self.key: values, **dict.fromkeys((member.key for member in members), others)})
        ways = [((met(member.target).key, NEVER), (member.key, GIVEN)) for member in members]
        if members and met(self.target) in beside and len(members) <= _MOST_MEMBERS:
            for way in product(*ways):
                yield Box(sides={met(self.target).key: SOME, self.key: MISSING, **dict(way)})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how long ago that was."""
        return say_days_ago(f"pay-by date of {self.target}", values)

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the days."""
        pairs = tuple((each.key, each.target) for each in coordinates)
        return _days_reader(pairs, lambda executed: executed.last_pay_by)


class Announced(Coordinate, frozen=True, kw_only=True):
    """Whether an entry of the episode announced a fee; never in a stateless ruleset."""

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return "a fee was announced"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads whether it did."""
        keys = tuple(each.key for each in coordinates)

        def read(snapshot: Snapshot) -> dict[str, Value]:
            is_so = snapshot.executed.announced is not None and not snapshot.standing.terms.ruleset.stateless
            return dict.fromkeys(keys, is_so)

        return read

    @property
    def unexecuted(self) -> ValueSet:
        """Return that none did."""
        return NO

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether it did."""
        return f"{'a' if values.contains(value=True) else 'no'} fee announced"


class AnnouncedFee(Coordinate, frozen=True, kw_only=True):
    """The name of the fee that was announced last in the episode, missing where none was.

    No decision hangs on it, but under which name a fee is charged does.
    """

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return "the fee that was announced"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the name."""
        keys = tuple(each.key for each in coordinates)

        def read(snapshot: Snapshot) -> dict[str, Value]:
            fee = None if snapshot.standing.terms.ruleset.stateless else snapshot.executed.announced
            return dict.fromkeys(keys, None if fee is None else fee.name)

        return read

    @property
    def unexecuted(self) -> ValueSet:
        """Return that there is none."""
        return words(missing=True)

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that there is a name without an announcement, or an announcement of nothing."""
        if ANNOUNCED in beside:
            yield Box(sides={ANNOUNCED.key: NO, self.key: words_except()})
            yield Box(sides={ANNOUNCED.key: YES, self.key: words(missing=True)})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return which."""
        return f"the fee announced {say_set(values)}"


ANNOUNCED = Announced(key="@announced", kind="boolean", universe=EITHER)
ANNOUNCED_FEE = AnnouncedFee(key="@announced_fee", kind="word", universe=words_except(missing=True))
_DAYS = integers((None, None), missing=True)


def _days_reader(
    pairs: Sequence[tuple[str, str]], days_of: Callable[[Executed], Mapping[str, dt.date | None]]
) -> Reader:
    never: dict[str, Value] = dict.fromkeys((key for key, _ in pairs), None)
    keys = {target: key for key, target in pairs}

    def read(snapshot: Snapshot) -> dict[str, Value]:
        last, day = days_of(snapshot.executed), snapshot.day
        return {**never, **{keys[target]: days_since(last[target], day) for target in keys.keys() & last.keys()}}

    return read


def done(target: str) -> Done:
    """Return the count of executions of a rule that hold it back."""
    return Done(key=f"@done:{target}", kind="integer", universe=integers((0, None)), target=target)


def met(target: str) -> Met:
    """Return the count of executions of a target that an ``after`` counts."""
    return Met(key=f"@done:{target} met", kind="integer", universe=integers((0, None)), target=target)


def since_executed(target: str) -> DaysSince:
    """Return the days since the last execution of a rule that holds it back."""
    return DaysSince(key=f"@ago:{target}", kind="integer", universe=_DAYS, target=target)


def since_met(target: str) -> DaysSinceMet:
    """Return the days since the last execution of a target that an ``after`` counts."""
    return DaysSinceMet(key=f"@ago:{target} met", kind="integer", universe=_DAYS, target=target)


def past_deadline(target: str) -> DaysPastDeadline:
    """Return the days since the ``pay_by`` of the last execution of a target that an ``after`` counts."""
    return DaysPastDeadline(key=f"@pay_by:{target}", kind="integer", universe=_DAYS, target=target)


def since_awaited(after: After) -> Since:
    """Return the days that an ``after`` counts, from an execution or from its ``pay_by``."""
    return (past_deadline if after.counted_from == "pay_by" else since_met)(target_of(after))
