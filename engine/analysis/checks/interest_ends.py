"""An interest table that ends soon.

After `known_until` no rate is known, and a decision that carries this interest is blocked until one is entered.
Rates are mostly published for half a year; enter the next in time. Told from 45 days before.

**Bad**

```yaml
# checked on 2026-06-01
interest:
  statutory: {rates: [{from: 2026-01-01, percent: 4}], known_until: 2026-06-30, day_count: act/365}
rules:
  - id: notice
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter, interest: statutory}
```

**Good**

```yaml
# checked on 2026-06-01
interest:
  statutory:
    rates: [{from: 2026-01-01, percent: 4}, {from: 2026-07-01, percent: 4.5}]
    known_until: 2026-12-31
    day_count: act/365
rules:
  - id: notice
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter, interest: statutory}
```
"""

import datetime as dt
from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.evaluation.choosing import INTEREST_UNKNOWN
from engine.model.question import Question
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover
from engine.worlds.asking import Asking

_WARNED_DAYS = 45


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each interest in use that ends before long, or has ended; nothing where no day is given."""
    if prover.on is None:
        return
    used = {action.interest for rule in prover.rules for action in (rule.action, *rule.action.along_with)}
    for name, interest in prover.edition.interest.items():
        until = interest.known_until
        if name not in used or until is None or until > prover.on + dt.timedelta(days=_WARNED_DAYS):
            continue
        ends = f"ends on {until}" if until >= prover.on else f"ended on {until}"
        after = until + dt.timedelta(days=1)
        yield Finding(
            at=prover.places.find_near("interest", name, "known_until"),
            subject=name,
            message=f"The interest “{name}” {ends}; from {after} decisions that carry it are blocked.",
            hint="Enter the rate that is published next, and move “known_until”.",
            examples=(
                Example(
                    shows=_show_blocked,
                    questions=_show(prover, name, after),
                ),
            ),
        )


def _show(prover: Prover, name: str, day: dt.date) -> Iterator[Question]:
    for index in prover.reached:
        if prover.rules[index].action.interest == name:
            yield from list_questions(prover, prover.show_win(index), as_of=day, has_invoices=True)


def _show_blocked(asking: Asking) -> str | None:
    """Show that the decision is blocked for want of an interest."""
    verdict = asking.verdict
    is_so = verdict is not None and verdict.block == INTEREST_UNKNOWN
    return f"The decision is blocked: {verdict.reason}" if verdict is not None and is_so else None


CHECK = Check(code="interest-ends", severity="warning", title="An interest table that ends soon", find=find)
