"""A rule that never wins on a first ask, only after others were carried out.

Nothing in the rule says that it waits for another, yet an earlier rule always goes before it while nothing has been
carried out in the episode. Once the earlier ones are done and step aside, it has its turn. On a ladder that is the
order of the levels and is not reported; here it comes from the order of the rules. Say it with `after` if it is
meant.

**Bad**

```yaml
rules:
  - id: hold
    when: {days_overdue: 3..}
    then: {action: block_changes}
  - id: tell-account-manager # comes too late: on the first ask the hold wins
    when: {days_overdue: 3.., vip: true}
    then: {action: notify_team, assign_to: account-managers}
```

**Good**

```yaml
rules:
  - id: tell-account-manager
    when: {days_overdue: 3.., vip: true}
    then: {action: notify_team, assign_to: account-managers}
  - id: hold
    when: {days_overdue: 3..}
    then: {action: block_changes}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.analysis.wording import name_rules


def find(study: Study) -> Iterator[Finding]:
    """Yield the rules that are eligible on a first ask and never win there, but by the order of a ladder."""
    for index in study.reached:
        rule = study.rules[index]
        asked = study.space.common(study.eligible[index], study.first_ask)
        box = study.space.first_rest(asked, (*study.impossible, *study.blocked))
        if box is None or study.find_win(index, within=(study.first_ask,)) is not None:
            continue
        always = (*study.impossible, *study.blocked)
        names = study.space.name_covers(asked, study.before(index, again=False), always)
        levels = {other.id: other.level for other in study.rules}
        if (
            not study.is_plain
            and rule.level is not None
            and all((levels[name] or rule.level) != rule.level for name in names)
        ):
            continue
        yield Finding(
            at=rule.at,
            subject=rule.id,
            message=(
                f"The rule “{rule.id}” never wins on a first ask: {name_rules(names)} always"
                f" go{'' if len(names) > 1 else 'es'} before it, until carried out."
            ),
            hint="If that is meant, say so with “after”; else move the rule up.",
            witness=write_witness(study, study.space.unpack(box)),
        )


CHECK = Check(code="only-after-others", severity="info", title="A rule that never wins on a first ask", find=find)
