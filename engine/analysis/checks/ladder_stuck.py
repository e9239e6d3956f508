"""A step of a strict ladder that some accounts can never take.

On a strict ladder no level is left out. These accounts never meet a rule of this level, however long they wait, and
so never come to the higher ones that they do meet: for them the ladder ends here.

**Bad**

```yaml
ladder: strict
rules:
  - id: reminder
    level: 1
    when: {days_overdue: 3..13} # an account first seen on day 14 never starts
    then: {action: send_reminder, channel: email}
  - id: notice
    level: 2
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter}
```

**Good**

```yaml
ladder: strict
rules:
  - id: reminder
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: email}
  - id: notice
    level: 2
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.passing import reach_by_waiting
from engine.analysis.relations import implausible
from engine.analysis.space import Space
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.analysis.wording import describe
from engine.conditions.boxes import Box


def find(study: Study) -> Iterator[Finding]:
    """Yield each level but the last that accounts of a higher one never meet."""
    if study.is_plain or study.ruleset.ladder != "strict":
        return
    levels = sorted({rule.level for rule in study.rules if rule.level is not None})
    for level in levels[:-1]:
        is_reached = any(study.rules[index].level == level for index in study.reached)
        stuck = _find_stuck(study, level) if is_reached else None
        if stuck is not None:
            box, kind = stuck
            rule = next(each for each in study.rules if each.level == level)
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=(
                    f"Accounts of a higher level never meet level {level}, and the strict ladder ends there"
                    f" for them: those with “{describe(kind, study.edition)}”."
                ),
                hint=f"Widen level {level}, add a rule of that level for them, or choose “ladder: catch_up”.",
                witness=write_witness(study, box),
            )


def _find_stuck(study: Study, level: int) -> tuple[Box, Box] | None:
    """Return accounts of a higher level that never meet the level by waiting, and what kind they are."""
    rules = list(zip(study.rules, study.whens, strict=True))
    met = reach_by_waiting(tuple(b for rule, region in rules if rule.level == level for b in region), study.edition)
    higher = tuple(box for rule, region in rules if (rule.level or 0) > level for box in region)
    elsewhere = (*study.blocking, *implausible(study.dimensions, study.relations.cuts))
    space = Space((*met, *higher, *elsewhere, *study.plan.coverage), study.dimensions, budget=study.budget)
    start = space.common(space.pack_all(higher), space.pack_all(study.plan.coverage))
    packed = space.pack_all(met)
    found = space.first_rest(start, (*packed, *space.pack_all(elsewhere)))
    return None if found is None else (space.unpack(found), space.unpack(space.widen(found, space.everything, packed)))


CHECK = Check(code="ladder-stuck", severity="warning", title="A step that some accounts can never take", find=find)
