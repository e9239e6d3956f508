"""A fact that is declared and never used.

No condition, fee or reason of the ruleset reads it. Accounts may still carry it; nothing comes of it.

**Bad**

```yaml
facts:
  contract_end: {type: days, optional: true}
rules:
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
```

**Good**

```yaml
facts:
  contract_end: {type: days, optional: true}
rules:
  - {id: reminder, when: {days_overdue: 3.., contract_end: 30..}, then: {action: send_reminder, channel: email}}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import ignores
from engine.proofs.examples import Example, list_with_fact
from engine.proofs.prover import Prover
from engine.proofs.sources import facts_used


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each fact under ``facts`` that nothing in the file reads."""
    used = facts_used(prover.edition)
    for name, place in prover.places.below("facts").items():
        if name not in used:
            yield Finding(
                at=place,
                subject=name,
                message=f"The fact “{name}” is declared here and never used.",
                hint="Use it, or take the declaration away.",
                examples=(Example(shows=ignores(name), questions=list_with_fact(prover, name)),),
            )


CHECK = Check(code="unused-fact", severity="info", title="A fact that is never used", find=find)
