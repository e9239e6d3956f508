"""A score that is asked for, as values of the facts that it is worked out from."""

from engine.conditions.boxes import Box
from engine.conditions.sets import IntegerSet, ValueSet, integers
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.facts import Element
from engine.coordinates.scores import Asked, Score, Scored
from engine.worlds.wishes import Wishes

_MOST_SUMS = 20_000
_COUNTS = integers((0, None), missing=True)


def settle_scores(wishes: Wishes) -> Wishes:
    """Return wishes that ask for such facts as add up to each score that is asked for, if some do."""
    for score, values in wishes.of(Score):
        wishes = _settle(score, values, wishes)
    return wishes


def _settle(score: Score, values: ValueSet, wishes: Wishes) -> Wishes:
    """Choose a class of each fact, the plainest that there are: sum by sum, fact after fact."""
    sums: dict[int, tuple[Box, ...]] = {score.starts_at: ()}
    for part in score.parts:
        options = _options(part, wishes)
        reached: dict[int, tuple[Box, ...]] = {}
        for total, chosen in sums.items():
            for points, box in options.items():
                reached.setdefault(total + points, (*chosen, box))
        if len(reached) > _MOST_SUMS:
            return wishes
        sums = reached
    fitting = [chosen for total, chosen in sums.items() if values.contains(total)]
    if not fitting:
        return wishes
    known: dict[str, Coordinate] = {each.key: each for each in score.asked}
    sides = {key: (known[key], asked) for box in fitting[0] for key, asked in box.sides.items()}
    kept = [(each, asked) for each, asked in wishes.asked if each.key not in sides]
    return Wishes([*kept, *sides.values()])


def _options(part: Scored, wishes: Wishes) -> dict[int, Box]:
    """Return a box of each class in which what is asked for besides can be, by its points, the plainest first."""
    asked = Box(sides={each.key: values for each in part.asked if (values := wishes.find(each)) is not None})
    found: dict[int, Box] = {}
    for each in part.classes:
        met = (box.intersection(asked) for box in each.region)
        fitting = [_counting_up(box) for box in met if box is not None]
        if fitting:
            found[each.points] = min(fitting, key=lambda box: not _is_plain(part.asked, box))
    return dict(sorted(found.items(), key=lambda option: not _is_plain(part.asked, option[1])))


def _counting_up(box: Box) -> Box:
    """Return the part of a box without negative numbers, where there is one: most numbers count something."""
    sides = {}
    for key, values in box.sides.items():
        above = values.intersection(_COUNTS) if isinstance(values, IntegerSet) else values
        sides[key] = values if above.is_empty() else above
    return Box(sides=sides)


def _is_plain(asked: tuple[Asked, ...], box: Box) -> bool:
    """Tell whether an account of which nothing is said is in a box."""
    return all(box.sides[each.key].contains(_usual(each)) for each in asked if each.key in box.sides)


def _usual(each: Asked) -> int | str | bool | None:
    default = each.fact.default
    if isinstance(each, Element):
        return isinstance(default, tuple) and each.item in default
    return None if isinstance(default, tuple) else default
