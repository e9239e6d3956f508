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

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import last_day
from engine.analysis.relations import DAYS
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.analysis.wording import name_rules
from engine.conditions import plan
from engine.conditions.sets import integers
from engine.model.ruleset import After


def find(study: Study) -> Iterator[Finding]:
    """Yield each reached rule that waits for rules whose days all end."""
    for index in study.reached:
        rule = study.rules[index]
        for after in rule.after:
            last = _last_chance(study, after)
            if last is None:
                continue
            names = [each.id for each in study.executions.executors(plan.target_of(after))]
            late = next(iter(study.plan.coverage), None)
            sides = {**({} if late is None else late.sides), DAYS: integers((last + 1, None))}
            yield Finding(
                at=after.at,
                subject=rule.id,
                message=(
                    f"The rule “{rule.id}” is out of reach for good once {DAYS} is past {last}"
                    f" and {name_rules(names)} {'were' if len(names) > 1 else 'was'} not carried out."
                ),
                hint="Let the days of what it waits for run on, or give late accounts another way.",
                witness=write_witness(study, study.box_within(sides)),
            )


def _last_chance(study: Study, after: After) -> int | None:
    """Return the day after which none of the rules waited for can be carried out, or None if there is none."""
    rules = study.executions.executors(plan.target_of(after))
    ends = [last_day(study.whens[study.rules.index(rule)]) for rule in rules]
    bounded = [end for end in ends if end is not None]
    return max(bounded) if bounded and len(bounded) == len(ends) else None


CHECK = Check(code="follow-up-lost", severity="info", title="A follow-up that becomes unreachable for good", find=find)
