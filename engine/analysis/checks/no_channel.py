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

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import lacks_channel
from engine.analysis.showing import lacks
from engine.model.question import Question
from engine.model.ruleset import Action, Rule
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED
from engine.proofs.examples import Example, Shows, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import join
from engine.worlds.asking import Asking


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each rule of which an action is never possible for want of a channel."""
    for index, rule in enumerate(prover.rules):
        if lacks_channel(prover, index):
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"The rule “{rule.id}” never wins: {_explain(prover, rule)}.",
                hint="Name a channel that accounts can have.",
                examples=(
                    Example(
                        shows=lacks(rule.id),
                        questions=_show_closed(prover, index),
                    ),
                ),
            )
        else:
            yield from _find_beside(prover, index, rule)


def _explain(prover: Prover, rule: Rule) -> str:
    if prover.beside.usable(rule.action.channels):
        return f"where its “when” holds, {join(rule.action.channels, 'or')} is never open"
    return f"no account can be reached by {join(rule.action.channels, 'or')}{_explain_closed(prover, rule.action)}"


def _explain_closed(prover: Prover, action: Action) -> str:
    """Return what closes the channels of an action to everybody, in brackets, where one thing does."""
    closed = {limit.channel for limit in prover.ruleset.contact_limits if limit.at_most == 0}
    known = prover.edition.facts["channels"].values or ()
    if closed and ({None} & closed or closed.issuperset(action.channels)):
        return " (a contact limit is 0)"
    if known and not set(action.channels) & {*known, PREFERRED}:
        return f" (“channels” is declared with {join(known)} only)"
    return ""


def _find_beside(prover: Prover, index: int, rule: Rule) -> Iterator[Finding]:
    for action in rule.action.along_with:
        if ACTIONS[action.type].is_contact and not prover.beside.usable(action.channels):
            nobody = f"{join(action.channels, 'or')} is open to nobody{_explain_closed(prover, action)}"
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=f"The {action.type} along with “{rule.id}” is always left out: {nobody}.",
                hint="Name a channel that accounts can have.",
                examples=(
                    Example(
                        shows=_show_left_out(rule.id, action.type),
                        questions=_show_win(prover, index),
                    ),
                ),
            )


def _show_closed(prover: Prover, index: int) -> Iterator[Question]:
    """Yield accounts that meet ``when``, first such as have the channels that are closed."""
    known = prover.edition.facts["channels"].values or tuple(CHANNELS)
    channels = [name for name in prover.rules[index].action.channels if name in known]
    boxes = list(prover.show_some(prover.packed_whens[index]))
    for question in list_questions(prover, boxes) if channels else ():
        yield msgspec.structs.replace(question, account={**question.account, "channels": channels})
    yield from list_questions(prover, boxes)


def _show_win(prover: Prover, index: int) -> Iterator[Question]:
    if index in prover.reached:
        yield from list_questions(prover, prover.show_win(index))


def _show_left_out(rule: str, action: str) -> Shows:
    """Show that the rule wins, and an action along with it is left out."""

    def show(asking: Asking) -> str | None:
        is_so = asking.verdict is not None and asking.verdict.rule == rule
        if not is_so or any(other.type == action for other in asking.decision.along_with):
            return None
        return f"“{rule}” wins, and {action} is left out."

    return show


CHECK = Check(code="no-channel", severity="warning", title="Channels that no account can have", find=find)
