"""Days that a weekend can swallow.

The rule holds on so few days that all of them can fall on the calendar's weekend (Saturday and Sunday where it
names none). Whoever asks on working days only, as most nightly runs do, then never sees it for those accounts.

**Bad**

```yaml
rules:
  - id: call
    when: {days_overdue: 5..6}
    then: {action: place_call, channel: phone}
```

**Good**

```yaml
rules:
  - id: call
    when: {days_overdue: 5..8}
    then: {action: place_call, channel: phone}
```
"""

import datetime as dt
from collections.abc import Iterator

import msgspec

from engine.analysis.finding import Check, Finding
from engine.conditions.boxes import Box, Region, keys_of
from engine.conditions.sets import YES, IntegerSet, Value, ValueSet, booleans, integers, words
from engine.coordinates.channels import reach
from engine.evaluation.holding import is_within, region_of
from engine.model.calendar import WEEKEND
from engine.model.ruleset import Rule
from engine.model.vocabulary import Fact
from engine.proofs.examples import Example, Shows, list_questions, pick_day
from engine.proofs.prover import Prover
from engine.worlds.asking import Asking

_DAYS_A_WEEK = 7
_DAYS_LOOKED_AHEAD = 60
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class _Few(msgspec.Struct, frozen=True, kw_only=True):
    """An account that meets a rule on few days only, which all can be weekend days.

    ``asked`` is what the rule asks of it; ``box`` is the account on the first of these days, which ``begins_on`` such a
    day of the week.
    """

    asked: Box
    box: Box
    day_count: int
    begins_on: int


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each reached rule that holds for some account only on days that can all be weekend days."""
    calendar = prover.ruleset.calendar
    weekend = WEEKEND if calendar is None or calendar.weekend is None else calendar.weekend
    for index in prover.reached:
        rule, region = prover.rules[index], prover.whens[index]
        met = (box.intersection(cover) for box in region for cover in prover.plan.coverage)
        some = (_find_few(prover, box, region, weekend) for box in met if box is not None)
        found = next((few for few in some if few is not None), None)
        if found is not None:
            day = pick_day(prover)
            as_of = day + dt.timedelta(days=(found.begins_on - day.weekday()) % _DAYS_A_WEEK)
            days = "one day" if found.day_count == 1 else f"{found.day_count} days"
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=(
                    f"The rule “{rule.id}” can hold on {days} only, and a weekend can swallow"
                    f" {'it' if found.day_count == 1 else 'them'}: “{_tell_moving(prover, found.asked)}”."
                ),
                hint="Make the range of days longer than the weekend, or leave its end open.",
                examples=(
                    Example(
                        shows=_show_days(rule.id, weekend),
                        questions=list_questions(
                            prover, [_open_channels(prover, rule, found.box), found.box], as_of=as_of
                        ),
                    ),
                ),
            )


def _show_days(rule: str, weekdays: frozenset[int]) -> Shows:
    """Show that the rule's ``when`` holds on this day or soon after, and on such days of the week only."""

    def show(asking: Asking) -> str | None:
        view = asking.view
        if view is None:
            return None
        when = region_of(view.program, view.program.rules[rule].when)
        days = [view.day + dt.timedelta(days=count) for count in range(_DAYS_LOOKED_AHEAD)]
        held = [day for day in days if is_within(when, view.on(day))]
        if not held or any(day.weekday() not in weekdays for day in held):
            return None
        told = " and ".join(f"{_WEEKDAYS[day.weekday()]} {day}" for day in held)
        return f"“{rule}” holds on {told} only."

    return show


def _open_channels(prover: Prover, rule: Rule, box: Box) -> Box:
    """Return the accounts that the rule's action can reach."""
    key = reach(rule.action.channels).key
    return Box(sides={**box.sides, key: YES}) if key in prover.dimensions else box


def _find_few(prover: Prover, box: Box, region: Region, weekend: frozenset[int]) -> _Few | None:
    """Return an account of the box that meets the region on days that all can be of the weekend, if there is one."""
    facts = prover.edition.facts
    if not any(key in facts and facts[key].moves for key in box.sides):
        return None
    point = _pick_point(prover, box, region)
    shifts = integers()
    for each in region:
        shifts = shifts.union(_shifts_into(prover, each, point))
    count = shifts.size()
    if count is None or not 0 < count <= _DAYS_A_WEEK**2:
        return None
    days = [day for low, high in shifts.intervals for day in range(low or 0, (high or 0) + 1)]
    begins = next(
        (b for b in range(_DAYS_A_WEEK) if all((day - days[0] + b) % _DAYS_A_WEEK in weekend for day in days)), None
    )
    if begins is None:
        return None
    moved = {key: _move(facts[key], value, days[0]) for key, value in point.items() if key in facts}
    sides = {key: _only(value) for key, value in moved.items() if key in box.sides or facts[key].moves}
    return _Few(asked=box, box=Box(sides={**box.sides, **sides}), day_count=count, begins_on=begins)


def _move(fact: Fact, value: Value, days: int) -> Value:
    return value + fact.moves * days if fact.moves and type(value) is int else value


def _only(value: Value) -> ValueSet:
    """Return the set of one value."""
    if value is None:
        return integers(missing=True)
    if isinstance(value, bool):
        return booleans(value)
    return words(value) if isinstance(value, str) else integers((value, value))


def _tell_moving(prover: Prover, box: Box) -> str:
    """Return what a box asks of the facts that days move."""
    facts = prover.edition.facts
    moving = {key: side for key, side in box.sides.items() if key in facts and facts[key].moves}
    return prover.describe(Box(sides=moving))


def _pick_point(prover: Prover, box: Box, region: Region) -> dict[str, Value]:
    """Return an account of the box, with the usual value of every other fact of the region."""
    point: dict[str, Value] = {}
    for key in keys_of([region]):
        fact = prover.edition.facts.get(key)
        default = fact.default if fact is not None else False
        point[key] = None if isinstance(default, tuple) else default
    return point | {key: values.witness() for key, values in box.sides.items()}


def _shifts_into(prover: Prover, box: Box, point: dict[str, Value]) -> IntegerSet:
    """Return after how many days an account is in a box, by its moving facts alone."""
    found = integers((None, None))
    for key, values in box.sides.items():
        fact, value = prover.edition.facts.get(key), point[key]
        if fact is None or not fact.moves or not isinstance(values, IntegerSet) or type(value) is not int:
            if not values.contains(value):
                return integers()
            continue
        ends = [(_shift(low, value, fact.moves), _shift(high, value, fact.moves)) for low, high in values.intervals]
        found = found.intersection(integers(*(end if fact.moves > 0 else end[::-1] for end in ends)))
    return found


def _shift(end: int | None, value: int, moves: int) -> int | None:
    return None if end is None else (end - value) * moves


CHECK = Check(code="weekend-skips", severity="info", title="Days that a weekend can swallow", find=find)
