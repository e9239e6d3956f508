"""A named condition that is never used.

Nothing refers to it: no rule, no block, no other condition in use. Often a rule was meant to.

**Bad**

```yaml
conditions:
  high_value: {customer_value: {at_least: 5000}}
rules:
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
```

**Good**

```yaml
conditions:
  high_value: {customer_value: {at_least: 5000}}
rules:
  - {id: call, when: {days_overdue: 3.., high_value: true}, then: {action: place_call, channel: phone}}
  - {id: reminder, when: {days_overdue: 3.., high_value: false}, then: {action: send_reminder, channel: email}}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import meets
from engine.coordinates.guards import conditions_of
from engine.proofs.examples import Example, list_meeting
from engine.proofs.prover import Prover
from engine.proofs.sources import list_sources, named_in


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each named condition to which no condition in use refers."""
    conditions = prover.edition.conditions
    sources = [source for source in list_sources(prover.edition, prover.places) if source.name_of is None]
    used: set[str] = set()
    written = [*(source.condition for source in sources), *conditions_of(prover.edition.guarantees)]
    waiting = {name for condition in written for name in named_in(condition)}
    while waiting:
        used |= waiting
        waiting = {name for each in waiting for name in named_in(conditions[each])} - used
    for name, condition in conditions.items():
        if name not in used:
            yield Finding(
                at=prover.places.find_near("conditions", name),
                subject=name,
                message=f"The condition “{name}” is never used.",
                hint="Use it in a rule or block, or delete it.",
                examples=(
                    Example(shows=meets(condition), questions=list_meeting(prover, prover.region_of(condition))),
                ),
            )


CHECK = Check(code="unused-condition", severity="warning", title="A named condition that is never used", find=find)
