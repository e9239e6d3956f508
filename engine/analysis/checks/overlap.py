"""Two rules that overlap and do different things.

Some accounts meet both, neither rule is the narrower one, and which wins is decided by nothing but the order they
are written in. Often that is an exception that nobody thought of. A rule that stands before a wider one and lies
wholly within it is not reported: that is how exceptions are written. On a ladder only rules of one level are
compared, and outside it only stateless rulesets, for elsewhere the second rule has its turn once the first is
carried out.

**Bad**

```yaml
stateless: true
rules:
  - {id: vip, when: {vip: true, days_overdue: ..30}, then: {action: none}}
  - {id: late, when: {days_overdue: 10..}, then: {action: suspend_service}}
  - {id: rest, then: {action: none}}
```

**Good**

```yaml
stateless: true
rules:
  - {id: vip, when: {vip: true, days_overdue: ..30}, then: {action: none}}
  - {id: late-vip, when: {vip: true, days_overdue: 31..}, then: {action: suspend_service}}
  - {id: late, when: {vip: false, days_overdue: 10..}, then: {action: suspend_service}}
  - {id: rest, then: {action: none}}
```
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import gives_way, meets
from engine.conditions.boxes import Box
from engine.model.condition import AllOf
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import name_rules

_MOST_NAMED = 3


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each rule that earlier ones with other actions overlap in part."""
    if not prover.ruleset.stateless and (prover.is_plain or all(rule.level is None for rule in prover.rules)):
        return
    for index in sorted(prover.reached):
        rule = prover.rules[index]
        found = [*islice(_list_overlapping(prover, index), _MOST_NAMED + 1)]
        if found:
            names = [prover.rules[other].id for other in found[:_MOST_NAMED]]
            more = " and others" if len(found) > len(names) else ""
            together = AllOf(conditions=(prover.rules[found[0]].when, rule.when))
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=(
                    f"The rule “{rule.id}” overlaps {name_rules(names)}{more} and does something else; where both hold,"
                    " only the order they are written in decides."
                ),
                hint="If the order is meant, leave it; else narrow one of them.",
                examples=(
                    Example(
                        shows=gives_way(rule.id, names),
                        questions=list_questions(prover, _list_won(prover, found[:_MOST_NAMED], index)),
                    ),
                    Example(
                        shows=meets(together, says="Both hold here"),
                        questions=list_questions(prover, _list_met(prover, found[:1], index)),
                    ),
                ),
            )


def _list_overlapping(prover: Prover, index: int) -> Iterator[int]:
    asked, whens = prover.of_conditions, prover.conditions
    prover.meter.begin()
    prover.meter.spend(index)
    for other in range(index):
        both = asked.space.common(whens[other], whens[index]) if _are_rivals(prover, other, index) else ()
        if both and not _is_exception(prover, other, index) and not asked.is_nowhere(both):
            yield other


def _are_rivals(prover: Prover, earlier: int, later: int) -> bool:
    one, other = prover.rules[earlier], prover.rules[later]
    if one.action == other.action:
        return False
    return prover.ruleset.stateless or (one.level is not None and one.level == other.level)


def _is_exception(prover: Prover, one: int, other: int) -> bool:
    """Tell whether one of two rules lies within the other."""
    asked, left, right = prover.of_conditions, prover.conditions[one], prover.conditions[other]
    return asked.is_nowhere(left, right) or asked.is_nowhere(right, left)


def _list_won(prover: Prover, others: Sequence[int], index: int) -> Iterator[Box]:
    """Yield accounts for which a rule could win and an earlier one does."""
    asked = prover.of_conditions
    for other in others:
        both = asked.space.common(asked.eligible[other], asked.eligible[index])
        before = [box for _, packed in asked.before(other, again=False) for box in packed]
        yield from prover.show_conditions(both, outside=(*asked.blocked, *before))


def _list_met(prover: Prover, others: Sequence[int], index: int) -> Iterator[Box]:
    """Yield accounts that meet a rule and an earlier one."""
    asked = prover.of_conditions
    for other in others:
        both = asked.space.common(prover.conditions[other], prover.conditions[index])
        yield from prover.show_conditions(both, outside=asked.blocked)


CHECK = Check(code="overlap", severity="info", title="Rules that overlap and do different things", find=find)
