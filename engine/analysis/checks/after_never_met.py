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
from engine.analysis.reasons import explain_after, last_day, reason_of
from engine.analysis.showing import lacks
from engine.conditions.boxes import Box
from engine.conditions.sets import integers
from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.executed import target_of
from engine.coordinates.executions import met, since_met
from engine.coordinates.facts import fact_coordinate
from engine.model.question import Question
from engine.model.ruleset import After
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover

_DAYS_LATER = 30


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each ``after`` that keeps its rule from ever winning."""
    for index, rule in enumerate(prover.rules):
        if prover.may_reach(index) or reason_of(prover, index) != "after":
            continue
        for after in rule.after:
            why = explain_after(prover, index, after)
            if why is not None and not why.is_consequence:
                yield Finding(
                    at=after.at,
                    subject=rule.id,
                    message=f"The rule “{rule.id}” waits for {_say_awaited(after)}, which {why.sentence}.",
                    hint=why.hint,
                    examples=(Example(shows=lacks(rule.id), questions=_show(prover, index, after)),),
                )


def _say_awaited(after: After) -> str:
    if after.table is not None:
        return f"a row of “{after.table}”"
    return f"“{after.rule}”" if after.rule is not None else target_of(after)


def _show(prover: Prover, index: int, after: After) -> Iterator[Question]:
    """Yield accounts that meet ``when``, late, and with what is waited for carried out as early as can be."""
    rules = prover.executions.executors(target_of(after))
    asked = [fact_coordinate(prover.edition.facts[DAYS_OVERDUE])]
    more = {each.key: each for rule in rules for each in (*asked, met(rule.id), since_met(rule.id))}
    yield from list_questions(prover, _list_late(prover, index, after), more=more)
    yield from list_questions(prover, prover.show_some(prover.packed_whens[index]))


def _list_late(prover: Prover, index: int, after: After) -> Iterator[Box]:
    last = last_day(prover.whens[index])
    for rule in prover.executions.executors(target_of(after)):
        begin = prover.executions.earliest_day(rule) or 0
        day = begin + after.days + _DAYS_LATER if last is None else last
        if prover.indices[rule.id] in prover.reached and begin <= day:
            times = min(after.times, prover.executions.most_times(rule) or after.times)
            history = {
                met(rule.id).key: integers((times, times)),
                since_met(rule.id).key: integers((day - begin,) * 2),
            }
            for box in prover.whens[index]:
                days = box.sides.get(DAYS_OVERDUE, integers((None, None))).intersection(integers((day, day)))
                if not days.is_empty():
                    yield Box(sides={**box.sides, DAYS_OVERDUE: days, **history})


CHECK = Check(code="after-never-met", severity="warning", title="An after that can never be met", find=find)
