"""A rule that wins only when a fact is missing.

As soon as every fact is given, an earlier rule goes before it; only an account that lacks one gets this far. A test
on a missing fact is false, so the earlier rules let such accounts through, and what looks like a rule of its own is
really about accounts with holes in their data. Write `{is: missing}` if that is meant.

**Bad**

```yaml
stateless: true
facts: {score: {type: integer, optional: true}}
rules:
  - {id: low, when: {score: {less_than: 50}}, then: {action: raise_event, name: low}}
  - {id: high, when: {score: {at_least: 50}}, then: {action: raise_event, name: high}}
  - {id: other, then: {action: raise_event, name: other}}
```

**Good**

```yaml
stateless: true
facts: {score: {type: integer, optional: true}}
rules:
  - {id: low, when: {score: {less_than: 50}}, then: {action: raise_event, name: low}}
  - {id: high, when: {score: {at_least: 50}}, then: {action: raise_event, name: high}}
  - {id: unknown, when: {score: {is: missing}}, then: {action: raise_event, name: unknown}}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import wins
from engine.conditions.boxes import Box
from engine.conditions.sets import ValueSet, is_only_missing
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import join


def find(prover: Prover) -> Iterator[Finding]:
    """Yield the rules that are reached, could be with every fact given, and win only without one."""
    for index, place in prover.reached.items():
        if index in prover.won_with_all_given or not any(side.contains(None) for _, side in _facts(prover, place.box)):
            continue
        given = prover.is_given(prover.whole)
        if not prover.space.common(prover.whole.eligible[index], given):
            continue
        if prover.whole.find_win(index, within=(given,), without=prover.own_history) is not None:
            continue
        rule = prover.rules[index]
        missing = [key for key, side in _facts(prover, place.box) if is_only_missing(side)]
        yield Finding(
            at=rule.at,
            subject=rule.id,
            message=f"The rule “{rule.id}” wins only where a fact is missing, such as {join(missing)}.",
            hint=f"Write “{missing[0]}: {{is: missing}}” if that is meant; else move the rule up.",
            examples=(
                Example(
                    shows=wins(rule.id),
                    questions=list_questions(prover, prover.show_win(index)),
                ),
            ),
        )


def _facts(prover: Prover, box: Box) -> list[tuple[str, ValueSet]]:
    return [(key, side) for key, side in box.sides.items() if key in prover.edition.facts]


CHECK = Check(
    code="only-when-missing", severity="warning", title="A rule that wins only when a fact is missing", find=find
)
