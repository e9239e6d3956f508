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
from engine.analysis.showing import never_comes
from engine.conditions.boxes import Box, Region
from engine.conditions.sets import integers
from engine.conditions.space import Packed, Space
from engine.coordinates.ladder import LEVEL
from engine.coordinates.plausible import implausible
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each level but the last that accounts of a higher one never meet."""
    if prover.is_plain or prover.ruleset.ladder != "strict":
        return
    levels = sorted({rule.level for rule in prover.rules if rule.level is not None})
    stuck = _Stuck(prover, levels)
    for below, level in zip([0, *levels], levels[:-1], strict=False):
        is_reached = any(prover.rules[index].level == level for index in prover.reached)
        found = stuck.find(level) if is_reached else None
        if found is not None:
            box, kind = found
            rule = next(each for each in prover.rules if each.level == level)
            above = frozenset(each.id for each in prover.rules if (each.level or 0) >= level)
            at_level = Box(sides={**box.sides, LEVEL.key: integers((below, below))})
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=(
                    f"Accounts that a higher level is for never meet level {level}, and the strict ladder ends there"
                    f" for them: those with “{prover.describe(kind)}”."
                ),
                hint=f"Widen level {level}, add a rule of that level for them, or choose “ladder: catch_up”.",
                examples=(Example(shows=never_comes(above), questions=list_questions(prover, [at_level])),),
            )


class _Stuck:
    """The rules of each level in one space: where they hold, and where waiting brings them."""

    def __init__(self, prover: Prover, levels: list[int]) -> None:
        rules = list(zip(prover.rules, prover.whens, strict=True))
        by_level = {
            level: tuple(b for rule, region in rules if rule.level == level for b in region) for level in levels
        }
        met = {level: prover.led_into(region) for level, region in by_level.items()}
        unreal = implausible(prover.beside, ignore_below=prover.edition.ignore_below)
        elsewhere: Region = (*prover.blocking, *unreal)
        every = [box for regions in (by_level, met) for region in regions.values() for box in region]
        self._space = Space((*every, *elsewhere, *prover.plan.coverage), prover.dimensions, meter=prover.meter)
        covered = self._space.pack_all(prover.plan.coverage)
        self._elsewhere = self._space.pack_all(elsewhere)
        self._met = {level: self._space.pack_all(region) for level, region in met.items()}
        self._whens: dict[int, Packed] = {
            level: self._space.common(self._space.pack_all(region), covered) for level, region in by_level.items()
        }

    def find(self, level: int) -> tuple[Box, Box] | None:
        """Return accounts of a higher level that never meet the level by waiting, and what kind they are."""
        higher = tuple(box for other, packed in self._whens.items() if other > level for box in packed)
        space, met = self._space, self._met[level]
        found = space.first_rest(higher, (*met, *self._elsewhere))
        return None if found is None else (space.unpack(found), space.unpack(space.widen(found, space.everything, met)))


CHECK = Check(code="ladder-stuck", severity="warning", title="A step that some accounts can never take", find=find)
