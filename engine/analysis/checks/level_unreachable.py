"""A level that the ladder never reaches.

On a strict ladder a level is reached only from the one below it. If no rule of the level below ever wins, the
ladder ends there for every account, and all that stands higher is never done.

**Bad**

```yaml
ladder: strict
rules:
  - id: reminder
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: email}
  - id: call
    level: 2
    when: {days_overdue: 10.., do_not_contact: true} # nobody may be called there
    then: {action: place_call, channel: phone}
  - id: suspend
    level: 3
    when: {days_overdue: 30..}
    then: {action: suspend_service}
```

**Good**

```yaml
ladder: strict
rules:
  - id: reminder
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: email}
  - id: call
    level: 2
    when: {days_overdue: 10..}
    then: {action: place_call, channel: phone}
  - id: suspend
    level: 3
    when: {days_overdue: 30..}
    then: {action: suspend_service}
```
"""

from collections.abc import Iterator
from itertools import pairwise

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import reason_of
from engine.analysis.study import Study
from engine.analysis.witness import write_witness


def find(study: Study) -> Iterator[Finding]:
    """Yield each level of which no rule is reached because the ladder is cut off below it."""
    reached = {study.rules[index].level for index in study.reached}
    levels = sorted({rule.level for rule in study.rules if rule.level is not None})
    for below, level in pairwise(levels):
        rules = [index for index, rule in enumerate(study.rules) if rule.level == level]
        if level in reached or any(reason_of(study, index) not in {"level", None} for index in rules):
            continue
        if below in reached:
            continue
        box = study.show_some(study.packed_whens[rules[0]])
        yield Finding(
            at=study.rules[rules[0]].at,
            subject=study.rules[rules[0]].id,
            message=f"Level {level} is never reached: on a strict ladder it follows level {below}, where no rule wins.",
            hint=f"Mend the rules of level {below}, or choose “ladder: catch_up”.",
            witness=None if box is None else write_witness(study, box),
        )


CHECK = Check(code="level-unreachable", severity="warning", title="A level that is never reached", find=find)
