"""An `after` that can never be met.

The rule waits for something that this ruleset never does: the rule it names never wins, is not executed so often,
sets no deadline to count from, or is carried out so late that the rule's own days have passed. Only a history
written by hand could bring it about.

**Bad**

```yaml
rules:
  - id: reminder
    when: {days_overdue: 10..20}
    then: {action: send_reminder, channel: email}
  - id: second-reminder # the first comes on day 10 at the earliest, so this one on day 24
    when: {days_overdue: 15..21}
    after: {rule: reminder, days: 14}
    then: {action: send_reminder, channel: [letter, email]}
```

**Good**

```yaml
rules:
  - id: reminder
    when: {days_overdue: 10..20}
    then: {action: send_reminder, channel: email}
  - id: second-reminder
    when: {days_overdue: 15..}
    after: {rule: reminder, days: 14}
    then: {action: send_reminder, channel: [letter, email]}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import explain_after, reason_of
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.conditions import plan


def find(study: Study) -> Iterator[Finding]:
    """Yield each ``after`` that keeps its rule from ever winning."""
    for index, rule in enumerate(study.rules):
        if index in study.reached or reason_of(study, index) != "after":
            continue
        for after in rule.after:
            why = explain_after(study, index, after)
            if why is not None:
                target = f"“{after.rule}”" if after.rule is not None else plan.target_of(after)
                box = study.show_some(study.packed_whens[index])
                yield Finding(
                    at=after.at,
                    subject=rule.id,
                    message=f"The rule “{rule.id}” waits for {target}, which {why}.",
                    hint="Correct the rule that is waited for, or this “after”.",
                    witness=None if box is None else write_witness(study, box),
                )


CHECK = Check(code="after-never-met", severity="warning", title="An after that can never be met", find=find)
