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

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.conditions.boxes import Box, Region, keys_of
from engine.conditions.sets import IntegerSet, Value, integers
from engine.model.calendar import WEEKEND

_DAYS_A_WEEK = 7


def find(study: Study) -> Iterator[Finding]:
    """Yield each reached rule that holds for some account only on days that can all be weekend days."""
    calendar = study.ruleset.calendar
    weekend = WEEKEND if calendar is None or calendar.weekend is None else calendar.weekend
    for index in study.reached:
        rule = study.rules[index]
        found = next((box for box in study.whens[index] if _can_swallow(study, box, study.whens[index], weekend)), None)
        if found is not None:
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"For some accounts the rule “{rule.id}” holds only on days that a weekend can swallow.",
                hint="Make the range of days longer than the weekend, or leave its end open.",
                witness=write_witness(study, found),
            )


def _can_swallow(study: Study, box: Box, region: Region, weekend: frozenset[int]) -> bool:
    """Tell whether all days on which an account of the box meets the region can be days of the weekend."""
    if not any(key in study.edition.facts and study.edition.facts[key].moves for key in box.sides):
        return False
    point = _pick_point(study, box, region)
    shifts = integers()
    for each in region:
        shifts = shifts.union(_shifts_into(study, each, point))
    count = shifts.size()
    if count is None or not 0 < count <= _DAYS_A_WEEK**2:
        return False
    days = {day % _DAYS_A_WEEK for low, high in shifts.intervals for day in range(low or 0, (high or 0) + 1)}
    return any(all((day + first) % _DAYS_A_WEEK in weekend for day in days) for first in range(_DAYS_A_WEEK))


def _pick_point(study: Study, box: Box, region: Region) -> dict[str, Value]:
    """Return an account of the box, with the usual value of every other fact of the region."""
    point: dict[str, Value] = {}
    for key in keys_of([region]):
        fact = study.edition.facts.get(key)
        default = fact.default if fact is not None else False
        point[key] = None if isinstance(default, tuple) else default
    return point | {key: values.witness() for key, values in box.sides.items()}


def _shifts_into(study: Study, box: Box, point: dict[str, Value]) -> IntegerSet:
    """Return after how many days an account is in a box, by its moving facts alone."""
    found = integers((None, None))
    for key, values in box.sides.items():
        fact, value = study.edition.facts.get(key), point[key]
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
