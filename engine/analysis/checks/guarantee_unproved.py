"""A guarantee that was neither proved nor refuted.

To prove it every account and every history is looked at, which a budget bounds; and an account that seemed to refute it
did not when it was asked. Nothing is claimed either way. Fewer alternatives in the conditions of the guarantee, or in
those of the rules that it is about, bring it back into reach.

**Bad**

```yaml
# with a budget of 1 comparisons
blocks:
  - {id: insolvency, when: {insolvent: true}}
rules:
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
  - {id: call, when: {any: [{vip: true}, {days_overdue: 20..}]}, then: {action: place_call, channel: phone}}
guarantees:
  - {id: trustee-only, never: {action: contact, when: {insolvent: true}}}
```

**Good**

```yaml
blocks:
  - {id: insolvency, when: {insolvent: true}}
rules:
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
guarantees:
  - {id: trustee-only, never: {action: contact, when: {insolvent: true}}}
```
"""

from engine.analysis.finding import Finding, Note
from engine.proofs.guarantees import Judged


def report(ruleset: str, judged: Judged) -> Finding:
    """Return the finding that it is not known whether a guarantee of a ruleset holds."""
    guarantee = judged.guarantee
    return Finding(
        at=guarantee.at,
        subject=f"{ruleset}/{guarantee.id}",
        message=f"Whether the guarantee “{guarantee.id}” holds for “{ruleset}” is not known: it was neither proved "
        "within the budget nor refuted.",
        hint="Write its conditions, or those of the rules it is about, with fewer alternatives.",
        file=guarantee.file,
    )


NOTE = Note(code="guarantee-unproved", severity="warning", title="A guarantee that was neither proved nor refuted")
