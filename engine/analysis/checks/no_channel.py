"""A rule whose channels no account can have.

A contact action needs an open channel. None of this rule's channels can be open: `facts.yaml` or the ruleset
narrows the accounts' `channels` to others, a contact limit of 0 closes them, or the rule's own condition does.

**Bad**

```yaml
facts:
  channels: {type: set, values: [email, letter]}
rules:
  - id: reminder
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: [sms, phone]}
```

**Good**

```yaml
facts:
  channels: {type: set, values: [email, letter]}
rules:
  - id: reminder
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: [email, letter]}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import lacks_channel
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.analysis.wording import join
from engine.model.ruleset import Rule
from engine.model.vocabulary import ACTIONS


def find(study: Study) -> Iterator[Finding]:
    """Yield each rule of which an action is never possible for want of a channel."""
    for index, rule in enumerate(study.rules):
        if lacks_channel(study, index):
            box = study.show_some(study.packed_whens[index])
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"The rule “{rule.id}” never wins: {_explain(study, rule)}.",
                hint="Name a channel that accounts can have.",
                witness=None if box is None else write_witness(study, box),
            )
        else:
            yield from _find_beside(study, rule)


def _explain(study: Study, rule: Rule) -> str:
    if study.relations.usable_channels(rule.action.channels):
        return f"where its “when” holds, {join(rule.action.channels, 'or')} is never open"
    return f"no account can be reached by {join(rule.action.channels, 'or')}"


def _find_beside(study: Study, rule: Rule) -> Iterator[Finding]:
    for action in rule.action.along_with:
        if ACTIONS[action.type].is_contact and not study.relations.usable_channels(action.channels):
            channels = join(action.channels, "or")
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"The {action.type} along with “{rule.id}” is always left out: {channels} is open to nobody.",
                hint="Name a channel that accounts can have.",
            )


CHECK = Check(code="no-channel", severity="warning", title="Channels that no account can have", find=find)
