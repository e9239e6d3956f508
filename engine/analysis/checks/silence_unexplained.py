"""A silence without a reason.

A finding may be silenced in place, on its line or right above it, by a comment that names its code and says why.
Without a reason nobody later knows whether it still holds.

**Bad**

```yaml
rules:
  - {id: reminder, level: 1, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
  - {id: notice, level: 2, when: {days_overdue: 14..}, then: {action: send_dunning_notice, channel: letter}}
  # dunning: ignore ladder-hole
  - {id: suspend, level: 4, when: {days_overdue: 30..}, then: {action: suspend_service}}
```

**Good**

```yaml
rules:
  - {id: reminder, level: 1, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
  - {id: notice, level: 2, when: {days_overdue: 14..}, then: {action: send_dunning_notice, channel: letter}}
  # dunning: ignore ladder-hole level 3 was the call that ended in March
  - {id: suspend, level: 4, when: {days_overdue: 30..}, then: {action: suspend_service}}
```
"""

from engine.analysis.finding import Finding, Note
from engine.analysis.silences import Silence


def report(silence: Silence) -> Finding:
    """Return the finding that a comment gives no reason."""
    code = silence.code or "CODE"
    return Finding(
        at=silence.at,
        subject=silence.code,
        message="This comment silences a finding and does not say why.",
        hint=f"Write “# dunning: ignore {code} and the reason”.",
    )


NOTE = Note(code="silence-unexplained", severity="warning", title="A silence without a reason")
