"""What of an experiment is counted on a day: whole days of accounts that had their time to pay, until the plan is met.

Once each group has its accounts and the days of the plan have passed, later accounts are not counted any more: whoever
looks every day sees one verdict, and cannot wait for the day on which another one comes by chance.
"""

from collections.abc import Iterable

import msgspec

from engine.recovery.judging import Counted
from engine.recovery.planning import Plan


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of a group that began on a day of the experiment, the first being 0, and what came of them."""

    day: int
    counted: Counted


def count_by_plan(plan: Plan, begun: Iterable[Begun], *, days: int) -> tuple[Counted, ...]:
    """Count the groups of a plan, in its order, as they are so many days after the first began."""
    found = {group.name: Counted(name=group.name, accounts=0, paid=0) for group in plan.groups}
    by_day: dict[int, list[Counted]] = {}
    for each in begun:
        by_day.setdefault(each.day, []).append(each.counted)
    last_planned = plan.days - plan.within_days - 1
    for day in sorted(by_day):
        has_had_its_time = day + plan.within_days < days
        is_whole = all(found[group.name].accounts >= group.accounts for group in plan.groups)
        if not has_had_its_time or (is_whole and day > last_planned):
            break
        for counted in by_day[day]:
            found[counted.name] = found[counted.name].add(counted)
    return tuple(found.values())
