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
from engine.analysis.reasons import reason_of
from engine.analysis.space import Packed
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.analysis.wording import join, name_rules


def find(study: Study) -> Iterator[Finding]:
    """Yield the rules that never win and that no other check explains."""
    for index, rule in enumerate(study.rules):
        if index in study.reached or reason_of(study, index) is not None:
            continue
        is_ever = study.find_win(index) is not None
        yield Finding(
            at=rule.at,
            subject=rule.id,
            message=_explain(study, index, without=study.own_history if is_ever else ()),
            hint="Move the rule above what covers it, narrow that, or delete the rule.",
            witness=_show(study, index),
        )


def _explain(study: Study, index: int, *, without: Packed) -> str:
    rule = study.rules[index]
    by_itself = " by this ruleset's own decisions" if without else ""
    if not study.packed_whens[index]:
        return f"The rule “{rule.id}” never wins: no account of “applies_to” meets its “when”."
    always = (*study.impossible, *without)
    if study.space.is_covered(study.eligible[index], always):
        return f"The rule “{rule.id}” never wins{by_itself}: nothing can meet all that it asks together."
    rivals = [*_blocks(study), *_rivals(study, index)]
    names = study.space.name_covers(study.eligible[index], rivals, always)
    blocks = [name.removeprefix("block ") for name in names if name.startswith("block ")]
    rules = [name for name in names if not name.startswith("block ")]
    parts = [*([name_rules(blocks, "block")] if blocks else []), *([name_rules(rules)] if rules else [])]
    together = " together" if len(names) > 1 else ""
    return (
        f"The rule “{rule.id}” never wins{by_itself}: {join(parts)} cover{'' if len(names) > 1 else 's'} it{together}."
    )


def _blocks(study: Study) -> list[tuple[str, Packed]]:
    pairs = zip(study.edition.blocks, study.plan.blocks, strict=True)
    return [(f"block {block.id}", study.space.pack_all(region)) for block, region in pairs if block.stops is None]


def _rivals(study: Study, index: int) -> list[tuple[str, Packed]]:
    """Return what goes before a rule, each rule once."""
    found: dict[str, Packed] = {}
    for again in (False, True):
        if again and not study.again[index]:
            continue
        for name, packed in study.before(index, again=again):
            found[name] = (*found.get(name, ()), *packed)
    return list(found.items())


def _show(study: Study, index: int) -> dict[str, object] | None:
    """Return an account that meets all the rule asks, or its ``when`` if there is none."""
    box = study.show_some(study.eligible[index]) or study.show_some(study.packed_whens[index])
    return None if box is None else write_witness(study, box)


CHECK = Check(code="never-wins", severity="warning", title="A rule that can never win", find=find)
