"""A rule that is written twice.

Two rules ask for the same accounts and do the same. Where rulesets have a history the action is then carried out
twice; elsewhere the second is reported as a rule that never wins.

**Bad**

```yaml
rules:
  - id: reminder
    when: {days_overdue: {at_least: 3}}
    then: {action: send_reminder, channel: email}
  - id: friendly-reminder
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: email}
```

**Good**

```yaml
rules:
  - id: reminder
    when: {days_overdue: 3..}
    repeat: {every_days: 7, at_most: 2}
    then: {action: send_reminder, channel: email}
```
"""

from collections.abc import Iterator

import msgspec

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import wins
from engine.model.condition import ALWAYS
from engine.model.diagnostic import Position
from engine.model.ruleset import Rule
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover

_NOWHERE = Position(1, 1)


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each reached rule of which an earlier one is a copy."""
    alike: dict[bytes, list[int]] = {}
    for index, rule in enumerate(prover.rules):
        same = alike.setdefault(_identify(rule), [])
        if index in prover.reached:
            for earlier in same:
                if _are_equal(prover, earlier, index):
                    first = prover.rules[earlier]
                    yield Finding(
                        at=rule.at,
                        subject=rule.id,
                        message=f"The rule “{rule.id}” says the same as “{first.id}” on line {first.at.line}.",
                        hint=f"Delete one; if the action is to be carried out twice, give “{first.id}” a “repeat”.",
                        examples=(
                            Example(
                                shows=wins(rule.id),
                                questions=list_questions(prover, prover.show_win(index)),
                            ),
                        ),
                    )
                    break
        same.append(index)


def _identify(rule: Rule) -> bytes:
    """Return all of a rule but its name, its ``when`` and its places."""
    after = tuple(msgspec.structs.replace(each, at=_NOWHERE) for each in rule.after)
    bare = msgspec.structs.replace(rule, id="", title=None, when=ALWAYS, after=after, basis=(), at=_NOWHERE)
    return msgspec.json.encode(bare)


def _are_equal(prover: Prover, one: int, other: int) -> bool:
    left, right = prover.conditions[one], prover.conditions[other]
    space = prover.of_conditions.space
    return space.is_covered(left, right) and space.is_covered(right, left)


CHECK = Check(code="duplicate-rule", severity="warning", title="A rule that is written twice", find=find)
