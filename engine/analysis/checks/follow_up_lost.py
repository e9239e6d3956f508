"""A follow-up that becomes unreachable for good.

The rule waits for another whose own days end. An account on which that one was not carried out in time (imported
late, no channel open, asked only now and then) can never get the follow-up, nor anything that waits for it, as long
as the same debt is open.

**Bad**

```yaml
rules:
  - id: notice
    when: {days_overdue: 14..20}
    then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}
  - id: hand-over # never for an account first seen on day 21
    after: {rule: notice, days: 1, from: pay_by}
    then: {action: hand_over, to: agency}
```

**Good**

```yaml
rules:
  - id: notice
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}
  - id: hand-over
    after: {rule: notice, days: 1, from: pay_by}
    then: {action: hand_over, to: agency}
```
"""

from collections.abc import Iterator, Sequence

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import last_day
from engine.analysis.showing import never_comes
from engine.conditions.boxes import Box
from engine.conditions.sets import integers
from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.executed import target_of
from engine.model.ruleset import After
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import name_rules


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each reached rule that waits for rules whose days all end."""
    for index in prover.reached:
        rule = prover.rules[index]
        for after in rule.after:
            last = _last_chance(prover, after)
            if last is None:
                continue
            names = [each.id for each in prover.executions.executors(target_of(after))]
            awaited = f"no row of “{after.table}” was" if after.table is not None else _say_undone(names)
            yield Finding(
                at=after.at,
                subject=rule.id,
                message=(
                    f"The rule “{rule.id}” is out of reach for good once {DAYS_OVERDUE} is past {last}"
                    f" and {awaited} carried out."
                ),
                hint=f"Leave the days of {name_rules(names)} open at the end, or give late accounts another way.",
                examples=(
                    Example(
                        shows=never_comes(frozenset({rule.id})),
                        questions=list_questions(prover, _list_late(prover, index, last)),
                    ),
                ),
            )


def _say_undone(names: Sequence[str]) -> str:
    return f"{name_rules(names)} {'were' if len(names) > 1 else 'was'} not"


def _last_chance(prover: Prover, after: After) -> int | None:
    """Return the day after which none of the rules waited for can be carried out, or None if there is none."""
    rules = prover.executions.executors(target_of(after))
    ends = [last_day(prover.whens[prover.indices[rule.id]]) for rule in rules]
    bounded = [end for end in ends if end is not None]
    return max(bounded) if bounded and len(bounded) == len(ends) else None


def _list_late(prover: Prover, index: int, last: int) -> Iterator[Box]:
    """Yield accounts first seen on the day after, which meet the rule's ``when`` then where that can be."""
    late = integers((last + 1, last + 1))
    for box in (*prover.whens[index], *prover.plan.coverage):
        if DAYS_OVERDUE not in box.sides or not box.sides[DAYS_OVERDUE].intersection(late).is_empty():
            yield prover.box_within({**box.sides, DAYS_OVERDUE: late})


CHECK = Check(code="follow-up-lost", severity="info", title="A follow-up that becomes unreachable for good", find=find)
