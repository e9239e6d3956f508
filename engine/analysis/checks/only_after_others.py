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

from collections.abc import Iterator, Sequence

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import gives_way, wins
from engine.conditions.boxes import Box
from engine.model.ruleset import Rule
from engine.proofs.examples import Example, Shows, list_questions
from engine.proofs.prover import Prover
from engine.words.phrases import name_rules
from engine.worlds.asking import Asking


def find(prover: Prover) -> Iterator[Finding]:
    """Yield the rules that are eligible on a first ask and never win there, but by the order of a ladder."""
    fresh = prover.fresh
    for index, place in prover.reached.items():
        if place.space is fresh.space:
            continue  # it wins on a first ask
        rule = prover.rules[index]
        found = fresh.space.first_rest(fresh.eligible[index], fresh.always)
        if found is None or fresh.find_win(index) is not None:
            continue
        names = fresh.space.name_covers(fresh.eligible[index], fresh.before(index, again=False), fresh.always)
        if _is_ladder(prover, rule, names):
            continue
        box, before = fresh.space.unpack(found), name_rules(names)
        yield Finding(
            at=rule.at,
            subject=rule.id,
            message=(
                f"The rule “{rule.id}” never wins on a first ask: {before} always"
                f" go{'' if len(names) > 1 else 'es'} before it, until carried out."
            ),
            hint=f"If that is meant, say so with “after: {{rule: {names[-1]}}}”; else move it above {before}.",
            examples=(
                Example(
                    shows=_show_after(rule.id),
                    questions=list_questions(prover, _list_later_wins(prover, index, names)),
                ),
                Example(
                    shows=gives_way(rule.id, names),
                    questions=list_questions(prover, [box]),
                ),
            ),
        )


def _is_ladder(prover: Prover, rule: Rule, names: Sequence[str]) -> bool:
    """Tell whether only rules of other levels go before a rule: that is what a ladder is for."""
    if prover.is_plain or rule.level is None:
        return False
    return all((prover.rules[prover.indices[name]].level or rule.level) != rule.level for name in names)


def _list_later_wins(prover: Prover, index: int, names: Sequence[str]) -> Iterator[Box]:
    """Yield where a rule wins once others were carried out, first where these were and could have won themselves."""
    whole = prover.whole
    done = whole.pack(tuple(prover.executed_boxes(names)))
    whens = [prover.packed_whens[prover.indices[name]] for name in names]
    for within in (*((done, calm, met) for met in whens for calm in (prover.is_calm(whole),)), (done,), ()):
        wins = whole.list_wins(index, within=within, without=prover.own_history, is_wide=True)
        yield from (place.box for place in wins)


def _show_after(rule: str) -> Shows:
    """Show that with the history the rule wins, and without it another does."""

    def show(asking: Asking) -> str | None:
        without = asking.instead(history=()).verdict
        if wins(rule)(asking) is None or without is None or without.rule in {None, rule}:
            return None
        return f"“{rule}” wins; without the history “{without.rule}” does."

    return show


CHECK = Check(code="only-after-others", severity="info", title="A rule that never wins on a first ask", find=find)
