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

import msgspec

from engine.analysis.claims import Example, Lacks, WinsWithout
from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import lacks_channel
from engine.analysis.study import Study
from engine.analysis.witness import write_witnesses
from engine.model.diagnostic import Witness
from engine.model.ruleset import Action, Rule
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED
from engine.words.phrases import join


def find(study: Study) -> Iterator[Finding]:
    """Yield each rule of which an action is never possible for want of a channel."""
    for index, rule in enumerate(study.rules):
        if lacks_channel(study, index):
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"The rule “{rule.id}” never wins: {_explain(study, rule)}.",
                hint="Name a channel that accounts can have.",
                examples=(
                    Example(
                        claim=Lacks(rule=rule.id),
                        tries=_show_closed(study, index),
                    ),
                ),
            )
        else:
            yield from _find_beside(study, index, rule)


def _explain(study: Study, rule: Rule) -> str:
    if study.beside.usable(rule.action.channels):
        return f"where its “when” holds, {join(rule.action.channels, 'or')} is never open"
    return f"no account can be reached by {join(rule.action.channels, 'or')}{_explain_closed(study, rule.action)}"


def _explain_closed(study: Study, action: Action) -> str:
    """Return what closes the channels of an action to everybody, in brackets, where one thing does."""
    closed = {limit.channel for limit in study.ruleset.contact_limits if limit.at_most == 0}
    known = study.edition.facts["channels"].values or ()
    if closed and ({None} & closed or closed.issuperset(action.channels)):
        return " (a contact limit is 0)"
    if known and not set(action.channels) & {*known, PREFERRED}:
        return f" (“channels” is declared with {join(known)} only)"
    return ""


def _find_beside(study: Study, index: int, rule: Rule) -> Iterator[Finding]:
    for action in rule.action.along_with:
        if ACTIONS[action.type].is_contact and not study.beside.usable(action.channels):
            nobody = f"{join(action.channels, 'or')} is open to nobody{_explain_closed(study, action)}"
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"The {action.type} along with “{rule.id}” is always left out: {nobody}.",
                hint="Name a channel that accounts can have.",
                examples=(
                    Example(
                        claim=WinsWithout(rule=rule.id, action=action.type),
                        tries=_show_win(study, index),
                    ),
                ),
            )


def _show_closed(study: Study, index: int) -> Iterator[Witness]:
    """Yield accounts that meet ``when``, first such as have the channels that are closed."""
    known = study.edition.facts["channels"].values or tuple(CHANNELS)
    channels = [name for name in study.rules[index].action.channels if name in known]
    boxes = list(study.show_some(study.packed_whens[index]))
    for witness in write_witnesses(study, boxes) if channels else ():
        yield msgspec.structs.replace(witness, account={**witness.account, "channels": channels})
    yield from write_witnesses(study, boxes)


def _show_win(study: Study, index: int) -> Iterator[Witness]:
    if index in study.reached:
        yield from write_witnesses(study, study.show_win(index))


CHECK = Check(code="no-channel", severity="warning", title="Channels that no account can have", find=find)
