"""A ladder with a hole.

The levels go up in even steps but for one that is missing. Nothing breaks: the ladder goes on with the next level
there is. Mostly a rule was deleted, or a number mistyped.

**Bad**

```yaml
rules:
  - {id: reminder, level: 1, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
  - {id: notice, level: 2, when: {days_overdue: 14..}, then: {action: send_dunning_notice, channel: letter}}
  - {id: suspend, level: 4, when: {days_overdue: 30..}, then: {action: suspend_service}}
```

**Good**

```yaml
rules:
  - {id: reminder, level: 1, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
  - {id: notice, level: 2, when: {days_overdue: 14..}, then: {action: send_dunning_notice, channel: letter}}
  - {id: suspend, level: 3, when: {days_overdue: 30..}, then: {action: suspend_service}}
```
"""

from collections.abc import Iterator
from itertools import pairwise

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import wins
from engine.conditions.boxes import Box
from engine.conditions.sets import integers
from engine.coordinates.ladder import LEVEL
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each level that is reached and before which a wider step lies than the ladder's narrowest."""
    levels = sorted({rule.level for rule in prover.rules if rule.level is not None})
    steps = [later - earlier for earlier, later in pairwise(levels)]
    if prover.is_plain or not steps:
        return
    for lower, step in zip(levels, steps, strict=False):
        index = next((i for i in prover.reached if prover.rules[i].level == lower + step), None)
        if step > min(steps) and index is not None:
            rule = next(each for each in prover.rules if each.level == lower + step)
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"After level {lower} comes level {lower + step}; no rule has level {lower + min(steps)}.",
                hint="Number the levels in even steps, or add the rule that is missing.",
                examples=(
                    Example(
                        shows=wins(prover.rules[index].id),
                        questions=list_questions(prover, _list_next(prover, index, lower)),
                    ),
                ),
            )


def _list_next(prover: Prover, index: int, level: int) -> Iterator[Box]:
    """Yield where a rule wins for an account on the level below the hole, or else on any other."""
    at_level = prover.whole.pack((Box(sides={LEVEL.key: integers((level, level))}),))
    for within in ((at_level, prover.is_calm(prover.whole)), (at_level,)):
        wins = prover.whole.list_wins(index, within=within, without=prover.own_history, is_wide=True)
        yield from (place.box for place in wins)
    yield from prover.show_win(index)


CHECK = Check(code="ladder-hole", severity="info", title="A ladder with a hole", find=find)
