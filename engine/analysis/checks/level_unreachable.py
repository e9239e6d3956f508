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
from engine.analysis.showing import lacks
from engine.conditions.boxes import Box
from engine.conditions.sets import integers
from engine.coordinates.ladder import LEVEL
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each level of which no rule is reached because the ladder is cut off below it."""
    if prover.is_plain or prover.ruleset.ladder != "strict":
        return
    reached = {rule.level for index, rule in enumerate(prover.rules) if prover.may_reach(index)}
    levels = sorted({rule.level for rule in prover.rules if rule.level is not None})
    for below, level in pairwise(levels):
        rules = [index for index, rule in enumerate(prover.rules) if rule.level == level]
        if level in reached or below in reached:
            continue
        if any(reason_of(prover, index) != "level" for index in rules):
            continue
        rule = prover.rules[rules[0]]
        yield Finding(
            at=rule.at,
            subject=rule.id,
            message=f"Level {level} is never reached: on a strict ladder it follows level {below}, where no rule wins.",
            hint=f"Mend the rules of level {below}, or choose “ladder: catch_up”.",
            examples=(
                Example(
                    shows=lacks(rule.id),
                    questions=list_questions(prover, _list_below(prover, rules[0], reached)),
                ),
            ),
        )


def _list_below(prover: Prover, index: int, reached: set[int | None]) -> Iterator[Box]:
    """Yield accounts that meet a rule, first such as stand on the highest level that the ladder comes to."""
    highest = max((level for level in reached if level is not None), default=0)
    at_highest = prover.whole.pack((Box(sides={LEVEL.key: integers((highest, highest))}),))
    met = prover.packed_whens[index]
    yield from prover.show_some(prover.space.common(met, at_highest), outside=prover.own_history)
    yield from prover.show_some(met)


CHECK = Check(code="level-unreachable", severity="warning", title="A level that is never reached", find=find)
