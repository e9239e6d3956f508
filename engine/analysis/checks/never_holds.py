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

from engine.analysis.constancy import find_constants
from engine.analysis.finding import Check, Finding
from engine.analysis.study import Study
from engine.analysis.wording import tell_part


def find(study: Study) -> Iterator[Finding]:
    """Yield the smallest parts of conditions that hold of no account."""
    seen = set()
    for constant in find_constants(study):
        if constant.constancy == "never" and constant.at not in seen:
            seen.add(constant.at)
            part = tell_part(constant.condition, study.edition)
            yield Finding(
                at=constant.at,
                subject=constant.source.subject,
                message=f"{constant.source.name} asks for what no account can be: “{part}”.",
                hint="Correct the values, or take the condition away.",
            )


CHECK = Check(code="never-holds", severity="warning", title="A condition that can never hold", find=find)
