"""A silence that silences nothing.

The finding it names is not there, any more or on this line; or its code is misspelt. Left standing, it would hide
the finding when it comes back.

**Bad**

```yaml
rules:
  # dunning: ignore never-wins the rule is being moved
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
```

**Good**

```yaml
rules:
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
```
"""

import difflib
from collections.abc import Iterable

from engine.analysis.finding import Finding, Note
from engine.analysis.silences import Silence


def report(silence: Silence, known: Iterable[str]) -> Finding:
    """Return the finding that a comment silences nothing; ``known`` are all codes."""
    codes = list(known)
    if silence.code in codes:
        message, hint = f"There is no finding {silence.code} on line {silence.line}.", "Delete the comment."
    else:
        message = f"There is no check “{silence.code}”."
        near = difflib.get_close_matches(silence.code, codes, n=1)
        hint = f"Did you mean “{near[0]}”?" if near else f"The checks are {', '.join(codes)}."
    return Finding(at=silence.at, subject=silence.code, message=message, hint=hint)


NOTE = Note(code="silence-unused", severity="warning", title="A silence that silences nothing")
