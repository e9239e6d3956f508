"""Where time alone can take an account: the numbers at which some box begins or has just ended."""

from collections.abc import Iterable, Iterator

from engine.conditions import plan
from engine.conditions.plan import Plan
from engine.conditions.sets import IntegerSet, ValueSet
from engine.model.ruleset import Edition

# A cut, and the boxes that have it as bits. A timing is reached on one day, which is no cut of its own: it has 0.
_Cut = tuple[int, int]


class Movements:
    """The cuts of every dimension that a later day can change, and which boxes have them.

    Boxes are numbered as in the bitmap tables: those of the blocks, and those of the rules.
    """

    def __init__(self, compiled: Plan, edition: Edition) -> None:
        rules = [box for region in (*compiled.first, *compiled.again, *compiled.turns) for box in region]
        blocks = [box for region in compiled.blocks for box in region]
        self._blocks_at = len(rules)
        self._coverage_at = len(rules) + len(blocks)
        found: dict[str, dict[int, int]] = {}
        for number, box in enumerate([*rules, *blocks, *compiled.coverage]):
            for key, side in box.sides.items():
                if _can_move(key, edition):
                    at = found.setdefault(key, {})
                    for cut in cuts_of(side):
                        at[cut] = at.get(cut, 0) | 1 << number
        self._cuts: list[tuple[str, list[_Cut]]] = [(key, sorted(at.items())) for key, at in found.items()]

    def within(self, blocks: int, rules: int) -> Iterator[tuple[str, list[int]]]:
        """Yield the dimensions of what is left of the boxes, each with its cuts; the coverage is always left."""
        left = rules | blocks << self._blocks_at | -1 << self._coverage_at
        for key, cuts in self._cuts:
            found = [cut for cut, having in cuts if having & left]
            if found:
                yield key, found


def cuts_of(side: ValueSet) -> Iterable[int]:
    """Return the numbers at which a side begins, or has just ended."""
    if not isinstance(side, IntegerSet):
        return (0,)
    begins = [low for low, _ in side.intervals if low is not None]
    return [*begins, *(high + 1 for _, high in side.intervals if high is not None)]


def _can_move(key: str, edition: Edition) -> bool:
    fact = edition.facts.get(key)
    if fact is not None:
        return bool(fact.moves) or fact.source != "given"
    return key.startswith(("@timing", "@ago", "@pay_by", plan.RESTED))
