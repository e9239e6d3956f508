"""A condition that can never hold.

No account can meet it: its tests contradict each other, or ask for a value that the fact cannot have. A rule with
such a condition never wins, a block never blocks; inside `any` the entry does nothing. The smallest part that can
never hold is pointed at.

**Bad**

```yaml
rules:
  - id: reminder
    when: {days_overdue: {at_least: 14, at_most: 10}}
    then: {action: send_reminder, channel: email}
```

**Good**

```yaml
rules:
  - id: reminder
    when: {days_overdue: {at_least: 10, at_most: 14}}
    then: {action: send_reminder, channel: email}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import meets
from engine.conditions.boxes import EVERYTHING, Region, clip, intersection
from engine.model.condition import AllOf, Condition, parts_of
from engine.proofs.constancy import Constant
from engine.proofs.examples import Example, list_meeting
from engine.proofs.prover import Prover
from engine.words.notation import write_condition
from engine.words.phrases import join


def find(prover: Prover) -> Iterator[Finding]:
    """Yield the smallest parts of conditions that hold of no account."""
    seen = set()
    for constant in prover.constants:
        if constant.constancy == "never" and constant.at not in seen:
            seen.add(constant.at)
            part = write_condition(constant.condition, prover.edition)
            met, unmet = _divide(prover, constant)
            claim = meets(AllOf(conditions=tuple(met)), fails=unmet, says=_tell(prover, met, unmet))
            yield Finding(
                at=constant.at,
                subject=constant.source.subject,
                message=f"{constant.source.name} asks for what no account can be: “{part}”.",
                hint="Correct the values, or take the condition away.",
                examples=(Example(shows=claim, questions=list_meeting(prover, _meet(prover, met))),),
            )


def _divide(prover: Prover, constant: Constant) -> tuple[list[Condition], Condition]:
    """Return the first parts of a condition that an account can meet together, and the one that they rule out."""
    met: list[Condition] = []
    parts = parts_of(constant.condition) if isinstance(constant.condition, AllOf) else ()
    for part in parts:
        if not _meet(prover, [*met, part]):
            return met, part
        met.append(part)
    return [], constant.condition


def _meet(prover: Prover, parts: list[Condition]) -> Region:
    """Return where all parts hold."""
    found = EVERYTHING
    for part in parts:
        region = clip(prover.region_of(part), prover.every_dimension)
        found = intersection(found, region, prover.every_dimension)
    return found


def _tell(prover: Prover, met: list[Condition], unmet: Condition) -> str:
    """Return what an account shows that meets the one and not the other."""
    first = join(f"“{write_condition(part, prover.edition)}”" for part in met)
    last = f"“{write_condition(unmet, prover.edition)}”"
    return (
        f"{first} hold{'s' if len(met) == 1 else ''} here, and so {last} does not." if met else f"{last} does not hold."
    )


CHECK = Check(code="never-holds", severity="warning", title="A condition that can never hold", find=find)
