"""A condition that always holds.

Every account that gives the fact meets it, so it says nothing: its values are all the fact can have, or its
alternatives leave nothing out. Likely something else was meant. The smallest part that always holds is pointed at;
an empty `when` is not reported.

**Bad**

```yaml
rules:
  - id: reminder
    when: {days_overdue: 3.., vip: [true, false]}
    then: {action: send_reminder, channel: email}
```

**Good**

```yaml
rules:
  - id: reminder
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: email}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import meets
from engine.model.condition import Condition, IsNoneOf, IsOneOf
from engine.proofs.examples import Example, list_meeting
from engine.proofs.prover import Prover
from engine.words.notation import write_condition


def find(prover: Prover) -> Iterator[Finding]:
    """Yield the smallest parts of conditions that hold of every account."""
    seen = set()
    for constant in prover.constants:
        if constant.constancy == "always" and constant.at not in seen:
            seen.add(constant.at)
            part = write_condition(constant.condition, prover.edition)
            yield Finding(
                at=constant.at,
                subject=constant.source.subject,
                message=f"{constant.source.name} asks for what {_tell_who(constant.condition)}: “{part}”.",
                hint="Correct the values, or take the condition away.",
                examples=(
                    Example(
                        shows=meets(constant.condition),
                        questions=list_meeting(prover, prover.region_of(constant.condition)),
                    ),
                ),
            )


def _tell_who(condition: Condition) -> str:
    if isinstance(condition, IsOneOf | IsNoneOf):
        return f"every account that gives {condition.fact} has"
    return "every account is"


CHECK = Check(code="always-holds", severity="warning", title="A condition that always holds", find=find)
