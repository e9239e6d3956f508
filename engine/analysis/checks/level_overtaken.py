"""A step that waits and is overtaken for good.

On `catch_up` the lowest level that can win comes next. A level that still waits for its `after` cannot win yet; if a
higher one can by then, that one comes, the account's level is above the waiting one, and the waiting one never comes as
long as the same debt is open: a warning that nothing follows, announced costs that are never charged. It happens to
accounts that climb late, such as those first seen long after the due date. Let the higher step wait for the lower one,
or give it no level if it excludes nothing (a call, a task). A step that ends the debt, such as `write_off`, takes
nothing away and is not reported.

**Bad**

```yaml
rules:
  - id: notice
    level: 1
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}
  - id: suspend # never for an account first seen on day 40: the call comes on day 41
    level: 2
    after: {rule: notice, days: 1, from: pay_by}
    then: {action: suspend_service}
  - id: call
    level: 3
    when: {days_overdue: 40..}
    then: {action: assign_task, assign_to: collections}
```

**Good**

```yaml
rules:
  - id: notice
    level: 1
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}
  - id: suspend
    level: 2
    after: {rule: notice, days: 1, from: pay_by}
    then: {action: suspend_service}
  - id: call
    when: {days_overdue: 40..}
    after: {rule: notice}
    then: {action: assign_task, assign_to: collections}
```
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import wins
from engine.conditions.boxes import Box
from engine.conditions.sets import ValueSet
from engine.conditions.space import Packed
from engine.coordinates.ladder import RESTED, TURN
from engine.model.ruleset import After, Rule
from engine.proofs.examples import Example, Shows, list_questions
from engine.proofs.prover import Prover
from engine.worlds.asking import Asking

_ENDS_THE_DEBT = frozenset({"write_off", "mark_uncollectible"})
_MOST_WAITED = 60
_DAYS_CARRIED_OUT = 400
_MOST_TOLD = 6


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each higher level that can come while a lower rule waits, at the lowest rule that it overtakes."""
    if prover.is_plain or prover.ruleset.ladder != "catch_up":
        return
    reached = [prover.rules[index] for index in prover.reached]
    levelled = sorted((rule for rule in reached if rule.level is not None), key=lambda rule: rule.level or 0)
    told: set[int | None] = set()
    for lower in levelled:
        waiting = _waiting(prover, lower) if lower.after else ()
        for higher in levelled if waiting else ():
            if (higher.level or 0) <= (lower.level or 0) or higher.level in told:
                continue
            if higher.action.type not in _ENDS_THE_DEBT and _overtakes(prover, higher, waiting):
                told.add(higher.level)
                yield _tell(prover, lower, higher, waiting)


def _waiting(prover: Prover, rule: Rule) -> Packed:
    """Return where a rule waits for nothing but some days of one ``after``."""
    region = prover.plan.first[prover.indices[rule.id]]
    early = ((box, after) for box in region for after in rule.after if after.days > _first_day(after))
    boxes = (Box(sides={**_at_rest(box), **prover.early_sides(after)}) for box, after in early)
    return prover.space.common(prover.space.pack_all(boxes), prover.whole.covered)


def _first_day(after: After) -> int:
    """Return the least number of days that there can be: none since an execution, any before a deadline."""
    return 0 if after.counted_from == "executed" else -_MOST_WAITED


def _at_rest(box: Box) -> Mapping[str, ValueSet]:
    """Return the sides of a box but for those that only delay a step of the ladder."""
    return {key: values for key, values in box.sides.items() if key not in {RESTED.key, TURN.key}}


def _overtakes(prover: Prover, higher: Rule, waiting: Packed) -> bool:
    prover.meter.begin()
    found = prover.whole.find_win(prover.indices[higher.id], within=(waiting,), without=prover.own_history)
    return found is not None


def _tell(prover: Prover, lower: Rule, higher: Rule, waiting: Packed) -> Finding:
    boxes = _list_overtaking(prover, prover.indices[higher.id], waiting)
    return Finding(
        at=lower.after[0].at,
        subject=lower.id,
        message=(
            f"While the rule “{lower.id}” waits, “{higher.id}” of level {higher.level} can overtake it; then"
            f" “{lower.id}” never comes for this debt."
        ),
        hint=(
            f"Let “{higher.id}” wait for “{lower.id}” with an “after”, or leave out its level if it excludes nothing."
        ),
        examples=(Example(shows=_show_loss(lower.id, higher.id), questions=list_questions(prover, boxes)),),
        must_be_shown=True,
    )


def _list_overtaking(prover: Prover, higher: int, waiting: Packed) -> Iterator[Box]:
    """Yield where a higher rule wins while another waits, first where nothing without a level comes between."""
    whole = prover.whole
    calm = prover.is_calm(whole)
    others = (when for rule, when in zip(prover.rules, prover.packed_whens, strict=True) if rule.level is None)
    between = tuple(box for when in others for box in when)
    for within, without in (((waiting, calm), between), ((waiting, calm), ()), ((waiting,), ())):
        wins_there = whole.list_wins(higher, within=within, without=(*prover.own_history, *without), is_wide=True)
        yield from (place.box for place in wins_there)


def _show_loss(lower: str, higher: str) -> Shows:
    """Show that the higher rule wins; that the lower one would have come; and that it never does now."""

    def show(asking: Asking) -> str | None:
        if wins(higher)(asking) is None:
            return None
        asked = asking.question
        account = {"facts_on": asked.day.isoformat(), **asked.account}
        later = (asked.day + dt.timedelta(days=days) for days in range(1, _MOST_WAITED + 1))
        came = (day for day in later if wins(lower)(asking.instead(account=account, as_of=day)) is not None)
        turn = next(came, None)
        if turn is None:
            return None
        steps = asking.carry_out(days=_DAYS_CARRIED_OUT)
        done = [(step.on, str(step.entry["rule"])) for step in steps]
        if lower in {rule for _, rule in done}:
            return None
        told = ", ".join(f"“{rule}” on {on}" for on, rule in done[:_MOST_TOLD])
        return f"“{lower}” would have its turn on {turn}; asked every day, what comes is {told}, and never “{lower}”."

    return show


CHECK = Check(code="level-overtaken", severity="warning", title="A step that is overtaken for good", find=find)
