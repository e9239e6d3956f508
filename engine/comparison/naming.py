"""One name for what is the same in two rulesets: the keys of a joint space.

A key means the same in both; what cannot mean the same (a fact of another type, timing by another calendar) has a key
for each side.
"""

from collections.abc import Mapping

from engine.coordinates import keys
from engine.evaluation.program import Program
from engine.model.ruleset import Timing
from engine.model.vocabulary import Fact

OLD, NEW = 0, 1
SIDES = (OLD, NEW)
SUFFIXES = (" (old)", " (new)")
LEVEL_FACT = "dunning_level"
LAST_RULE = "last_rule"
PREFERRED_FACT = "preferred_channel"
_OF_TARGETS = frozenset({"@done", "@ago", "@pay_by"})


def own_part(key: str) -> tuple[str, int | None]:
    """Return a joint key without its mark, and the side it belongs to alone, if it does."""
    for side, suffix in enumerate(SUFFIXES):
        if key.endswith(suffix):
            return key.removesuffix(suffix), side
    return key, None


class Names:
    """The joint keys of two editions; ``renamed`` are rules by their old id, with the new one."""

    def __init__(self, old: Program, new: Program, renamed: Mapping[str, str]) -> None:
        self._codes = (old, new)
        self._renamed: tuple[Mapping[str, str], Mapping[str, str]] = (renamed, {})
        self.unlike_facts = _find_unlike_facts(old, new)
        self.unlike_defaults = _find_unlike_defaults(old, new)
        self._are_calendars_alike = old.ruleset.calendar == new.ruleset.calendar
        self._experiments = tuple({e.id: e for e in code.ruleset.experiments} for code in self._codes)

    def key(self, side: int, key: str) -> str:
        """Return the joint key of one side's dimension."""
        kind, _, argument = key.partition(":")
        if not key.startswith("@"):
            joint = keys.LEVEL if key == LEVEL_FACT else key
            return joint + SUFFIXES[side] if kind in self.unlike_facts else joint
        if kind in _OF_TARGETS:
            return f"{kind}:{self.joint_rule(side, argument)}"
        return self._name_other(side, key, kind, argument)

    def _name_other(self, side: int, key: str, kind: str, argument: str) -> str:
        if kind == "@timing":
            return self._name_timing(side, argument)
        if kind == "@attempts":
            return f"{kind}:{self._codes[side].edition.attempt_limits[int(argument)].per_days}"
        if kind == "@variant" and self._experiments[OLD].get(argument) != self._experiments[NEW].get(argument):
            return key + SUFFIXES[side]
        return key

    def _name_timing(self, side: int, rule_id: str) -> str:
        rule = self._codes[side].rules[rule_id]
        timing = rule.timing or Timing(days_after_due=0)
        if timing.align != "business_day":
            return f"@timing:{timing.days_after_due}:{timing.align or ''}"
        use = "retry" if rule.action.type == "retry_payment" else ""
        joint = f"@timing:{timing.days_after_due}:{timing.align}{use}"
        return joint if self._are_calendars_alike else joint + SUFFIXES[side]

    def joint_rule(self, side: int, rule: str) -> str:
        """Return a rule's id as both sides have it here: the new one."""
        return self._renamed[side].get(rule, rule)

    def own_rule(self, side: int, rule: str) -> str:
        """Return a rule's id as one side has it."""
        return next((old for old, new in self._renamed[side].items() if new == rule), rule)

    def fact(self, side: int, key: str) -> Fact | None:
        """Return the fact that a dimension of one side is, or is an element of."""
        return None if key.startswith("@") else self._codes[side].edition.facts.get(key.partition(":")[0])


def _find_unlike_facts(old: Program, new: Program) -> frozenset[str]:
    """Return the facts whose values cannot be compared: the same number or word may mean another thing."""
    both = old.edition.facts.keys() & new.edition.facts.keys()

    def terms(fact: Fact) -> tuple[object, ...]:
        return fact.type, fact.places, fact.moves, fact.source, fact.default if fact.type == "set" else None

    return frozenset(name for name in both if terms(old.edition.facts[name]) != terms(new.edition.facts[name]))


def _find_unlike_defaults(old: Program, new: Program) -> frozenset[str]:
    """Return the facts that are one thing to the old ruleset and another to the new one where they are not given."""
    both = old.edition.facts.keys() & new.edition.facts.keys() - _find_unlike_facts(old, new)
    return frozenset(name for name in both if old.edition.facts[name].default != new.edition.facts[name].default)
