"""A guarantee that no action of the ruleset matches.

It holds, since nothing that the ruleset ever does is of its kind, whatever the account. In `guarantees.yaml` that is
usual: not every ruleset does all that the company forbids. In a ruleset the guarantee may name the wrong action, rule,
channel, tone or fee.

**Bad**

```yaml
rules:
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
guarantees:
  - {id: no-calls, never: {action: place_call, when: {vulnerable: true}}}
```

**Good**

```yaml
blocks:
  - {id: vulnerable, when: {vulnerable: true}}
rules:
  - {id: call, when: {days_overdue: 3..}, then: {action: place_call, channel: phone}}
guarantees:
  - {id: no-calls, never: {action: place_call, when: {vulnerable: true}}}
```
"""

from engine.analysis.finding import Finding, Note
from engine.proofs.guarantees import Judged


def report(ruleset: str, judged: Judged) -> Finding:
    """Return the finding that no action of a ruleset is of the kind that a guarantee forbids."""
    guarantee = judged.guarantee
    return Finding(
        at=guarantee.at,
        subject=f"{ruleset}/{guarantee.id}",
        message=f"The guarantee “{guarantee.id}” is idle: no action of “{ruleset}” is of the kind that it forbids.",
        hint="Nothing is wrong with that, unless another action, rule, channel, tone or fee was meant.",
        file=guarantee.file,
    )


NOTE = Note(code="guarantee-idle", severity="info", title="A guarantee that no action of the ruleset matches")
