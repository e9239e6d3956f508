"""What several checks show of an account: each returns what tells it in a sentence, if it is so."""

from collections.abc import Iterable

from engine.conditions import boxes
from engine.evaluation.choosing import Verdict
from engine.evaluation.holding import holds
from engine.evaluation.view import View
from engine.model.account import RulesetsOverlap
from engine.model.condition import Condition
from engine.proofs.examples import Shows
from engine.worlds.asking import Asking

_DAYS_CARRIED_OUT = 400


def wins(rule: str) -> Shows:
    """Show that the rule wins."""
    return lambda asking: f"“{rule}” wins." if asking.verdict is not None and asking.verdict.rule == rule else None


def gives_way(rule: str, before: Iterable[str]) -> Shows:
    """Show that the rule could win, and one of these rules or blocks goes before it."""
    earlier = frozenset(before) - {rule}

    def show(asking: Asking) -> str | None:
        view, verdict = asking.view, asking.verdict
        if view is None or verdict is None or not is_eligible(view, rule):
            return None
        winner, edition = verdict.rule, view.program.edition
        if verdict.choice.block is not None:
            winner = edition.blocks[verdict.choice.block].id
        elif verdict.choice.rule is not None:
            winner = edition.rules[verdict.choice.rule].id
        if winner not in earlier:
            return None
        return f"“{rule}” could win here; “{winner}” {'holds it back' if verdict.choice.block is not None else 'wins'}."

    return show


def lacks(rule: str) -> Shows:
    """Show that the rule's ``when`` holds, and the rule is not eligible."""

    def show(asking: Asking) -> str | None:
        view, verdict = asking.view, asking.verdict
        if view is None or verdict is None or verdict.rule == rule or is_eligible(view, rule):
            return None
        return f"“{rule}” does not win, though its “when” holds; {tell(verdict)}." if holds_when(view, rule) else None

    return show


def meets(condition: Condition, *, fails: Condition | None = None, says: str = "") -> Shows:
    """Show that a condition holds and another, where there is one, does not; ``says`` tells it, where not plainly."""

    def show(asking: Asking) -> str | None:
        view = asking.read
        if view is None or not holds(condition, view):
            return None
        if fails is not None:
            return None if holds(fails, view) else says
        told = "the ruleset does not cover the account" if asking.verdict is None else tell(asking.verdict)
        return f"{says or 'It holds here'}; {told}."

    return show


def never_comes(rules: frozenset[str]) -> Shows:
    """Show that, asked day after day, what wins being carried out, none of these rules ever wins."""

    def show(asking: Asking) -> str | None:
        if asking.view is None:
            return None
        done = dict.fromkeys(str(step.entry["rule"]) for step in asking.carry_out(days=_DAYS_CARRIED_OUT))
        if rules & done.keys():
            return None
        others = f"only {name_all(done)} {'are' if len(done) > 1 else 'is'}" if done else "nothing is"
        return f"Asked every day from then on, {others} carried out."

    return show


def ignores(fact: str) -> Shows:
    """Show that the account gives the fact, and without it the same comes out."""

    def show(asking: Asking) -> str | None:
        account = asking.question.account
        if fact not in account:
            return None
        without = asking.instead(account={name: value for name, value in account.items() if name != fact})
        if asking.decision != without.decision:
            return None
        rule = asking.decision.rule
        return f"{f'“{rule.id}” wins' if rule is not None else 'The same comes out'}, with {fact} and without it."

    return show


def covered_twice(rulesets: Iterable[str]) -> Shows:
    """Show that two rulesets cover the account."""
    both = frozenset(rulesets)

    def show(asking: Asking) -> str | None:
        try:
            _ = asking.covering
        except RulesetsOverlap as overlap:
            if both <= set(overlap.rulesets):
                return f"{name_all(sorted(both))} cover it."
        return None

    return show


def is_eligible(view: View, rule: str) -> bool:
    """Tell whether a rule could win at an account that has been judged, if nothing went before it."""
    index = next(i for i, each in enumerate(view.program.edition.rules) if each.id == rule)
    return boxes.contains((*view.program.plan.first[index], *view.program.plan.again[index]), view.point)


def holds_when(view: View, rule: str) -> bool:
    """Tell whether a rule's ``when`` holds."""
    return holds(view.program.rules[rule].when, view)


def tell(verdict: Verdict) -> str:
    """Return what is decided, as the end of a sentence."""
    if verdict.kind == "blocked":
        return f"“{verdict.block}” blocks"
    return f"“{verdict.rule}” wins" if verdict.rule is not None else "no rule wins"


def name_all(names: Iterable[str]) -> str:
    """Return every name as one phrase."""
    *first, last = [f"“{name}”" for name in names]
    return f"{', '.join(first)} and {last}" if first else last
