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
from collections.abc import Iterator, Sequence

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import name_all
from engine.evaluation.choosing import INTEREST_UNKNOWN
from engine.model.question import Question
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover
from engine.worlds.asking import Asking

_WARNED_DAYS = 45


def find(prover: Prover) -> Iterator[Finding]:
    """Yield the interests in use that end before long, or have ended, those of one day together; none without a day."""
    if prover.on is None:
        return
    used = {action.interest for rule in prover.rules for action in (rule.action, *rule.action.along_with)}
    by_end: dict[dt.date, list[str]] = {}
    for name, interest in prover.edition.interest.items():
        until = interest.known_until
        if name in used and until is not None and until <= prover.on + dt.timedelta(days=_WARNED_DAYS):
            by_end.setdefault(until, []).append(name)
    for until, names in by_end.items():
        yield _tell(prover, prover.on, until, names)


def _tell(prover: Prover, today: dt.date, until: dt.date, names: Sequence[str]) -> Finding:
    is_one = len(names) == 1
    after = until + dt.timedelta(days=1)
    it = "it" if is_one else "one of them"
    ended = f"end{'s' if is_one else ''}" if until >= today else "ended"
    subject = f"The interest{'' if is_one else 's'} {name_all(names)}"
    return Finding(
        at=prover.places.find_near("interest", names[0], "known_until"),
        subject=names[0],
        message=f"{subject} {ended} on {until}; from {after} decisions that carry {it} are blocked.",
        hint=f"Enter {'the rate that is' if is_one else 'the rates that are'} published next, and move “known_until”.",
        examples=(Example(shows=_show_blocked, questions=_show(prover, names, after)),),
    )


def _show(prover: Prover, names: Sequence[str], day: dt.date) -> Iterator[Question]:
    for index in prover.reached:
        if prover.rules[index].action.interest in names:
            yield from list_questions(prover, prover.show_win(index), as_of=day, has_invoices=True)


def _show_blocked(asking: Asking) -> str | None:
    """Show that the decision is blocked for want of an interest."""
    verdict = asking.verdict
    is_so = verdict is not None and verdict.block == INTEREST_UNKNOWN
    return f"The decision is blocked: {verdict.reason}" if verdict is not None and is_so else None


CHECK = Check(code="interest-ends", severity="warning", title="An interest table that ends soon", find=find)
