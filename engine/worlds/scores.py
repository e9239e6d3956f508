"""A score that is asked for, as values of the facts that it is worked out from."""

from collections.abc import Mapping
from operator import add

from engine.conditions.boxes import Box
from engine.conditions.sets import IntegerSet, ValueSet, integers
from engine.coordinates.facts import Element
from engine.coordinates.scores import Asked, Score, earned_together
from engine.worlds.wishes import Wishes

_MOST_SUMS = 20_000
_COUNTS = integers((0, None), missing=True)


def settle_scores(wishes: Wishes) -> Wishes:
    """Return wishes that ask for such facts as add up to every score that is asked for, if some do.

    They are the plainest that there are: sum by sum, fact after fact.
    """
    asked = wishes.of(Score)
    if not asked:
        return wishes
    scores = [score for score, _ in asked]
    sums: dict[tuple[int, ...], tuple[Box, ...]] = {tuple(score.base for score in scores): ()}
    known: dict[str, Asked] = {each.key: each for score in scores for each in score.asked}
    for worths in earned_together(scores):
        options = _options(worths, known, wishes)
        reached: dict[tuple[int, ...], tuple[Box, ...]] = {}
        for totals, chosen in sums.items():
            for points, box in options.items():
                reached.setdefault(tuple(map(add, totals, points)), (*chosen, box))
        if len(reached) > _MOST_SUMS:
            return wishes
        sums = reached
    wanted = [values for _, values in asked]
    fitting = (chosen for totals, chosen in sums.items() if all(map(_contains, wanted, totals)))
    sides = {key: (known[key], values) for box in next(fitting, ()) for key, values in box.sides.items()}
    kept = [(each, values) for each, values in wishes.asked if each.key not in sides]
    return Wishes([*kept, *sides.values()]) if sides else wishes


def _contains(values: ValueSet, total: int) -> bool:
    return values.contains(total)


def _options(
    worths: list[tuple[tuple[int, ...], Box]], known: Mapping[str, Asked], wishes: Wishes
) -> dict[tuple[int, ...], Box]:
    """Return for all that a fact can be worth a box in which what is asked for besides can be, the plainest first."""
    found: dict[tuple[int, ...], list[Box]] = {}
    for points, box in worths:
        asked = ((key, wishes.find(known[key])) for key in box.sides)
        met = box.intersection(Box(sides={key: values for key, values in asked if values is not None}))
        found.setdefault(points, []).extend([] if met is None else [_counting_up(met)])
    options = {
        points: min(fitting, key=lambda box: not _is_plain(box, known)) for points, fitting in found.items() if fitting
    }
    return dict(sorted(options.items(), key=lambda option: not _is_plain(option[1], known)))


def _counting_up(box: Box) -> Box:
    """Return the part of a box without negative numbers, where there is one: most numbers count something."""
    sides = {}
    for key, values in box.sides.items():
        above = values.intersection(_COUNTS) if isinstance(values, IntegerSet) else values
        sides[key] = values if above.is_empty() else above
    return Box(sides=sides)


def _is_plain(box: Box, known: Mapping[str, Asked]) -> bool:
    """Tell whether an account of which nothing is said is in a box."""
    return all(values.contains(_usual(known[key])) for key, values in box.sides.items())


def _usual(each: Asked) -> int | str | bool | None:
    default = each.fact.default
    if isinstance(each, Element):
        return isinstance(default, tuple) and each.item in default
    return None if isinstance(default, tuple) else default
