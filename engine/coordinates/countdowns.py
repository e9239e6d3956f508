"""Which rules have a window of their own in the place of the episode (language.md 5.4b): decided once a ruleset."""

from collections.abc import Iterable

from engine.conditions import boxes
from engine.conditions.boxes import Box, BudgetExceeded, Region
from engine.conditions.sets import NO, IntegerSet
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.plan import Planner
from engine.coordinates.scores import Score
from engine.coordinates.surroundings import narrow
from engine.coordinates.windows import NO_WINDOWS, Countdown, Window, Windows
from engine.model.condition import facts_of
from engine.model.ruleset import Edition, Rule
from engine.model.vocabulary import Fact

# How many pairs of boxes are met, for all rules together, to write parts of conditions out; a bound that stands in such
# a part is not seen beyond them.
_MOST_STEPS = 100_000


def find_windows(edition: Edition, planner: Planner) -> Windows:
    """Return the windows of the rules that have one; where nothing else hangs on history, ``sent_before`` does."""
    falling = {rule.id: facts for rule in edition.rules if (facts := _list_falling(rule, edition))}
    if not falling:
        return NO_WINDOWS
    writer = _Writer(planner)
    found = ((rule.id, writer.window(rule, falling[rule.id])) for rule in edition.rules if rule.id in falling)
    return {rule: window for rule, window in found if window}


def _list_falling(rule: Rule, edition: Edition) -> list[Fact]:
    """Return the facts that count down in the ``when`` of a rule that may have a window."""
    if rule.level is not None:
        return []
    asked = [edition.facts[name] for name in dict.fromkeys(facts_of(rule.when, edition.conditions))]
    return [] if any(fact.source == "invoices" for fact in asked) else [fact for fact in asked if fact.moves < 0]


class _Writer:
    """Writes regions out, so that their boxes ask of facts alone and not of parts of conditions."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        # Of accounts that are decided a needed fact is never missing; what points add up to is no bound of a rule.
        narrowed = narrow(planner.dimensions)
        scores = {key: each for key, each in planner.dimensions.items() if isinstance(each, Score)}
        self._dimensions = {**narrowed, **scores}
        self._known: dict[tuple[str, bool], Region] = {}
        self._left = _MOST_STEPS

    def window(self, rule: Rule, falling: Iterable[Fact]) -> Window:
        region = boxes.clip(self._planner.region(rule.when), self._dimensions)
        try:
            region = boxes.clip(self._write_out(region), self._dimensions)
        except BudgetExceeded:
            region = tuple(self._plain(box) for box in region)
        highest = ((fact, _highest(region, self._dimensions[fact.name])) for fact in falling)
        return tuple(Countdown(fact=fact, highest=value) for fact, value in highest if value is not None)

    def _write_out(self, region: Region) -> Region:
        """Return a region without parts.

        Raises BudgetExceeded.
        """
        found: list[Box] = []
        for box in region:
            whole = [self._plain(box)]
            for key in box.sides.keys() & self._planner.parts.keys():
                part = self._part(key, holds=box.sides[key] != NO)
                self._left -= len(whole) * len(part)
                if self._left < 0:
                    raise BudgetExceeded(_MOST_STEPS)
                whole = [met for one in whole for other in part if (met := one.intersection(other)) is not None]
            found += whole
        return tuple(found)

    def _part(self, key: str, *, holds: bool) -> Region:
        if (key, holds) not in self._known:
            part = self._write_out(self._planner.parts[key])
            if not holds:
                part = boxes.complement(part, self._dimensions, budget=max(self._left, 1))
                self._left -= len(part)
            self._known[key, holds] = part
        return self._known[key, holds]

    def _plain(self, box: Box) -> Box:
        parts = self._planner.parts
        return Box(sides={key: values for key, values in box.sides.items() if key not in parts})


def _highest(region: Region, coordinate: Coordinate) -> int | None:
    """Return the highest value of all boxes together; None where one has none, or may lack the fact."""
    sides = [box.sides.get(coordinate.key, coordinate.universe) for box in region]
    highs = [side.intervals[-1][1] if side.intervals else None for side in sides if isinstance(side, IntegerSet)]
    bounded = [high for high in highs if high is not None]
    return max(bounded) if bounded and len(bounded) == len(sides) and not any(s.missing for s in sides) else None
