"""What is the same in two rulesets: for each coordinate of one side the one that stands for it in both.

What cannot mean the same (a fact of another type, a timing by another calendar) stands for one side alone.
"""

from collections.abc import Mapping

import msgspec

from engine.comparison.coordinates import NEW, OLD, SIDES, one_sided
from engine.coordinates.attempts import Attempts
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import OfTarget
from engine.coordinates.facts import Element, FactCoordinate
from engine.coordinates.ladder import LEVEL
from engine.coordinates.repetition import Rest
from engine.coordinates.scores import Score
from engine.coordinates.timing import TimingReached
from engine.coordinates.variants import Variant
from engine.evaluation.program import Program
from engine.model.vocabulary import Fact

LEVEL_FACT = "dunning_level"
LAST_RULE = "last_rule"


class Sharing:
    """The coordinates that two editions share; ``renamed`` are rules by their old id, with the new one."""

    def __init__(self, old: Program, new: Program, renamed: Mapping[str, str]) -> None:
        self._programs = (old, new)
        self._renamed: tuple[Mapping[str, str], Mapping[str, str]] = (renamed, {})
        self.unlike_facts = _find_unlike_facts(old, new)
        self.unlike_defaults = _find_unlike_defaults(old, new)
        self._are_calendars_alike = old.ruleset.calendar == new.ruleset.calendar
        self._rows = tuple(self._rows_of(side) for side in SIDES)
        self._experiments = tuple({e.id: e for e in each.ruleset.experiments} for each in self._programs)

    def coordinate(self, side: int, own: Coordinate) -> Coordinate:
        """Return what stands for one side's coordinate."""
        match own:
            case FactCoordinate() | Element():
                return self._of_fact(side, own)
            case OfTarget():
                return self._of_target(side, own)
            case TimingReached():
                return self._of_timing(side, own)
            case Attempts():
                return msgspec.structs.replace(own, key=f"@attempts:{own.per_days}")
            case Variant():
                old, new = (experiments.get(own.experiment.id) for experiments in self._experiments)
                return own if old == new else one_sided(own, side)
            case _:
                return own

    def _of_fact(self, side: int, own: FactCoordinate | Element) -> Coordinate:
        if own.fact.name == LEVEL_FACT:
            return LEVEL
        return one_sided(own, side) if own.fact.name in self.unlike_facts else own

    def _of_target(self, side: int, own: OfTarget) -> Coordinate:
        """Return the executions of one rule or level; those of a table are the same where it has the same rows."""
        rows = self._rows[side].get(own.target)
        if rows is not None:
            alike = next((target for target, others in self._rows[NEW].items() if others == rows), None)
            is_shared = alike is not None and rows in self._rows[OLD].values()
            return own.of(alike) if alike is not None and is_shared else one_sided(own, side)
        shared = own.of(self.joint_rule(side, own.target))
        is_by_calendar = isinstance(own, Rest) and own.unit == "business day"
        return one_sided(shared, side) if is_by_calendar and not self._are_calendars_alike else shared

    def _rows_of(self, side: int) -> dict[str, frozenset[str]]:
        """Return by target the rows of each table that is waited for."""
        groups = self._programs[side].terms.groups
        return {
            target: frozenset(self.joint_rule(side, row) for row, targets in groups.items() if target in targets)
            for target in dict.fromkeys(target for targets in groups.values() for target in targets)
        }

    def groups(self, side: int) -> dict[str, tuple[str, ...]]:
        """Return the rows of the tables that one side's coordinates count, by the target that they have here."""
        own, new = self._rows[side], self._rows[NEW]
        shared = {target: rows for target, rows in new.items() if rows in self._rows[OLD].values()}
        known = {**own, **shared}.items()
        return {target: tuple(sorted(rows)) for target, rows in known if own.get(target, rows) == rows}

    def _of_timing(self, side: int, own: TimingReached) -> Coordinate:
        """Return one coordinate for all rules of the same timing."""
        timing, is_business = own.timing, own.timing.align == "business_day"
        use = "retry" if is_business and own.is_retry else ""
        shared = msgspec.structs.replace(
            own, key=f"@timing:{timing.days_after_due}:{timing.align or ''}{use}", is_retry=bool(use)
        )
        return one_sided(shared, side) if is_business and not self._are_calendars_alike else shared

    def joint_rule(self, side: int, rule: str) -> str:
        """Return a rule's id as both sides have it here: the new one."""
        return self._renamed[side].get(rule, rule)

    def own_rule(self, side: int, rule: str) -> str:
        """Return a rule's id as one side has it."""
        return next((old for old, new in self._renamed[side].items() if new == rule), rule)

    def fact(self, side: int, own: Coordinate) -> Fact | None:
        """Return the fact, as one side declares it, that a coordinate is or is an element of."""
        if not isinstance(own, FactCoordinate | Element):
            return None
        return self._programs[side].edition.facts.get(own.fact.name)


def _find_unlike_facts(old: Program, new: Program) -> frozenset[str]:
    """Return the facts whose values cannot be compared: the same number or word may mean another thing."""
    both = old.edition.facts.keys() & new.edition.facts.keys()

    def terms(fact: Fact) -> tuple[object, ...]:
        return fact.type, fact.places, fact.moves, fact.source, fact.default if fact.type == "set" else None

    unlike = {name for name in both if terms(old.edition.facts[name]) != terms(new.edition.facts[name])}
    scores = [(name, old.plan.scores[name], new.plan.scores[name]) for name in both - unlike if name in old.plan.scores]
    return frozenset(unlike | {name for name, was, becomes in scores if not _add_up_alike(was, becomes, old, new)})


def _add_up_alike(was: Score, becomes: Score, old: Program, new: Program) -> bool:
    """Tell whether two scores are the same sum for every account."""

    def terms(score: Score) -> tuple[object, ...]:
        return score.base, {each.fact: each.classes for each in score.parts}

    facts = [(old.edition.facts[each.fact], new.edition.facts.get(each.fact)) for each in was.parts]
    are_read_alike = all(
        new_fact is not None
        and (fact.type, fact.places, fact.moves, fact.source, fact.default)
        == (new_fact.type, new_fact.places, new_fact.moves, new_fact.source, new_fact.default)
        for fact, new_fact in facts
    )
    return terms(was) == terms(becomes) and are_read_alike


def _find_unlike_defaults(old: Program, new: Program) -> frozenset[str]:
    """Return the facts that are one thing to the old ruleset and another to the new one where they are not given."""
    both = old.edition.facts.keys() & new.edition.facts.keys() - _find_unlike_facts(old, new)
    return frozenset(name for name in both if old.edition.facts[name].default != new.edition.facts[name].default)
