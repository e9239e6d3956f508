"""A rule that can never win.

Rules are asked in written order, or by the ladder, and the first that is eligible wins. This rule is never it:
whatever the account and whatever was carried out before, a block holds or one of the rules named goes before it. It
looks as if it did something, and does nothing.

The rules are named that cover it together; without any one of them it could win. Where the message says “by this
ruleset's own decisions”, only a history written by hand could bring the rule about.

**Bad**

```yaml
stateless: true
rules:
  - id: large
    when: {open_balance: {at_least: 1000}}
    then: {action: assign_task, assign_to: collections}
  - id: small
    when: {open_balance: {less_than: 1000}}
    then: {action: raise_event, name: small}
  - id: medium # everything from 1000 is “large”, everything below it is “small”
    when: {open_balance: {at_least: 500, less_than: 5000}}
    then: {action: notify_team, assign_to: collections}
```

**Good**

```yaml
stateless: true
rules:
  - id: medium
    when: {open_balance: {at_least: 500, less_than: 5000}}
    then: {action: notify_team, assign_to: collections}
  - id: large
    when: {open_balance: {at_least: 1000}}
    then: {action: assign_task, assign_to: collections}
  - id: small
    when: {open_balance: {less_than: 1000}}
    then: {action: raise_event, name: small}
otherwise: {action: raise_event, name: unknown}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.reasons import find_passed, reason_of
from engine.analysis.showing import gives_way, holds_when, lacks
from engine.conditions.boxes import Box
from engine.conditions.sets import integers
from engine.conditions.space import Packed
from engine.coordinates.executions import done, since_executed
from engine.model.question import Question
from engine.model.ruleset import Rule
from engine.proofs.examples import Example, Shows, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import join, name_rules
from engine.worlds.asking import Asking

_LATER = 60  # days; longer than any usual term
_BY_ITSELF = " by this ruleset's own decisions"


def find(prover: Prover) -> Iterator[Finding]:
    """Yield the rules that never win and that no other check explains."""
    for index, rule in enumerate(prover.rules):
        if prover.may_reach(index) or reason_of(prover, index) is not None:
            continue
        without = prover.own_history if prover.whole.find_win(index) is not None else ()
        always = (*prover.whole.impossible, *without)
        if not prover.packed_whens[index]:
            yield _tell_not_covered(prover, index, rule)
        elif prover.space.is_covered(prover.whole.eligible[index], always):
            yield _tell_clash(prover, index, rule, always, by_itself=_BY_ITSELF if without else "")
        else:
            yield _tell_rivals(prover, index, rule, without=without)


def _tell_not_covered(prover: Prover, index: int, rule: Rule) -> Finding:
    boxes = prover.space.pack_all(prover.whens[index])
    return Finding(
        at=rule.at,
        subject=rule.id,
        message=f"The rule “{rule.id}” never wins: no account of “applies_to” meets its “when”.",
        hint="Correct one of the two, or delete the rule.",
        examples=(
            Example(shows=_show_not_covered(rule.id), questions=list_questions(prover, prover.show_some(boxes))),
        ),
    )


def _show_not_covered(rule: str) -> Shows:
    """Show that the rule's ``when`` holds, and the ruleset does not cover the account."""

    def show(asking: Asking) -> str | None:
        view = asking.read
        if view is None or asking.is_covered or not holds_when(view, rule):
            return None
        return f"The “when” of “{rule}” holds, and the ruleset does not cover the account."

    return show


def _tell_clash(prover: Prover, index: int, rule: Rule, always: Packed, *, by_itself: str) -> Finding:
    if (followed := find_passed(prover, index)) is not None:
        return _tell_passed(prover, index, rule, followed)
    names = _name_clash(prover, index, always)
    told = "nothing can meet all that it asks together"
    if names:
        told = f"{join(names)} never {'hold together' if len(names) > 1 else 'holds'}"
    return Finding(
        at=rule.at,
        subject=rule.id,
        message=f"The rule “{rule.id}” never wins{by_itself}: {told}.",
        hint=f"Correct {join(names, 'or')}, or delete the rule." if names else "Correct what it asks, or delete it.",
        examples=(Example(shows=lacks(rule.id), questions=_show_meeting(prover, index)),),
    )


def _tell_passed(prover: Prover, index: int, rule: Rule, followed: Rule) -> Finding:
    """Tell of a step whose level lies below that of the step it follows, or is the same."""
    same = " too" if followed.level == rule.level else ""
    return Finding(
        at=rule.at,
        subject=rule.id,
        message=(
            f"The rule “{rule.id}” has level {rule.level}, and the rule “{followed.id}” that it follows has level "
            f"{followed.level}{same}; on this ladder a level once passed does not come back."
        ),
        hint=f"Give it a level above {followed.level}.",
        examples=(Example(shows=lacks(rule.id), questions=_show_passed(prover, index, followed)),),
    )


def _show_passed(prover: Prover, index: int, followed: Rule) -> Iterator[Question]:
    """Yield accounts that meet a rule's ``when`` some time after what it follows was carried out."""
    more = {each.key: each for each in (done(followed.id), since_executed(followed.id))}
    history = {done(followed.id).key: integers((1, 1)), since_executed(followed.id).key: integers((_LATER, _LATER))}
    yield from list_questions(prover, (Box(sides={**box.sides, **history}) for box in prover.whens[index]), more=more)
    yield from _show_meeting(prover, index)


def _show_meeting(prover: Prover, index: int) -> Iterator[Question]:
    """Yield accounts that meet a rule's ``when``, first such as the ruleset's own decisions lead to."""
    for outside in (prover.own_history, ()):
        yield from list_questions(prover, prover.show_some(prover.packed_whens[index], outside=outside))


def _name_clash(prover: Prover, index: int, always: Packed) -> list[str]:
    """Return the parts of a rule that no account can meet together; none could be left out of them."""
    parts = prover.parts_of_rule(index)

    def is_clash(names: list[str]) -> bool:
        met: Packed = prover.whole.covered
        for name in names:
            met = prover.space.common(met, parts[name])
        return prover.space.is_covered(met, always)

    kept = list(parts)
    if not is_clash(kept):
        return []
    for name in [*parts]:
        fewer = [each for each in kept if each != name]
        if is_clash(fewer):
            kept = fewer
    return kept


def _tell_rivals(prover: Prover, index: int, rule: Rule, *, without: Packed) -> Finding:
    always = (*prover.whole.impossible, *without)
    rivals = [*_blocks(prover), *_rivals(prover, index)]
    names = prover.space.name_covers(prover.whole.eligible[index], rivals, always)
    blocks = [name.removeprefix("block ") for name in names if name.startswith("block ")]
    rules = [name for name in names if not name.startswith("block ")]
    told = join([*([name_rules(blocks, "block")] if blocks else []), *([name_rules(rules)] if rules else [])])
    verb, together = ("cover", " together") if len(names) > 1 else ("covers", "")
    before = {name.removeprefix("block ") for name, _ in rivals}
    return Finding(
        at=rule.at,
        subject=rule.id,
        message=f"The rule “{rule.id}” never wins{_BY_ITSELF if without else ''}: {told} {verb} it{together}.",
        hint=_advise(prover, rule, rules, told),
        examples=(
            Example(
                shows=gives_way(rule.id, before),
                questions=list_questions(
                    prover, prover.show_some(prover.whole.eligible[index], outside=(*prover.own_history,))
                ),
            ),
            Example(
                shows=gives_way(rule.id, before),
                questions=list_questions(prover, prover.show_some(prover.whole.eligible[index])),
            ),
        ),
    )


def _advise(prover: Prover, rule: Rule, covering: list[str], told: str) -> str:
    """Return what to do: to move the rule helps where the order is what decides."""
    levels = {prover.rules[prover.indices[name]].level for name in covering}
    is_ordered = prover.is_plain or rule.level is None or levels == {rule.level}
    if not covering or not is_ordered:
        return f"Narrow {told}, or delete the rule."
    return f"Move it above {name_rules(covering)}, narrow {'that' if len(covering) == 1 else 'those'}, or delete it."


def _blocks(prover: Prover) -> list[tuple[str, Packed]]:
    pairs = zip(prover.edition.blocks, prover.plan.blocks, strict=True)
    return [(f"block {block.id}", prover.space.pack_all(region)) for block, region in pairs if block.stops is None]


def _rivals(prover: Prover, index: int) -> list[tuple[str, Packed]]:
    """Return what goes before a rule, each rule once."""
    found: dict[str, Packed] = {}
    for again in (False, True):
        if again and not prover.whole.again[index]:
            continue
        for name, packed in prover.whole.before(index, again=again):
            found[name] = (*found.get(name, ()), *packed)
    return list(found.items())


CHECK = Check(code="never-wins", severity="warning", title="A rule that can never win", find=find)
