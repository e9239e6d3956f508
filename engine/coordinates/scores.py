"""A score as a coordinate: the sum of the points that a scorecard gives for the classes of facts."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple, Self, TypeAlias

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, Box, Region
from engine.conditions.sets import IntegerSet, Value, ValueSet, integers
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.facts import Element, FactCoordinate, Given
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.model.scorecard import Scorecard

Asked: TypeAlias = Given | FactCoordinate | Element
_MOST_SUMS = 20_000
_MOST_GAPS = 50
_MOST_TOGETHER = 300


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """Where a fact is worth so many points; the classes of a fact share no value, and leave none out."""

    points: int
    region: Region


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that counts: as one coordinate or, if it is a set, as one for each item that is asked for."""

    fact: str
    asked: tuple[Asked, ...]
    classes: tuple[Class, ...]

    def class_of(self, point: dict[str, Value]) -> Class:
        """Return the class of a point."""
        return next(each for each in self.classes if boxes.contains(each.region, point))


class Earned(NamedTuple):
    """The points that an account has for a fact, and of which class."""

    scored: Scored
    of: Class


class Score(FactCoordinate, frozen=True, kw_only=True):
    """What every account has: a sum that begins with some points; ``sums`` are those that classes add up to."""

    base: int
    parts: tuple[Scored, ...]
    sums: IntegerSet

    @property
    def motion(self) -> Motion:
        """Return what passing days do to it: with a fact that they change it goes from class to class."""
        return "fixed" if all(each.motion == "fixed" for each in self.asked) else "stepped"

    @property
    def possible(self) -> ValueSet:
        """Return the sums that there are."""
        return self.sums

    @property
    def asked(self) -> Iterator[Asked]:
        """Yield the coordinates that it is worked out from."""
        return (each for part in self.parts for each in part.asked)

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads some scores."""
        read = [(each.key, each.base, _readers(each)) for each in coordinates]

        def read_all(snapshot: Snapshot) -> dict[str, Value]:
            return {
                key: base + sum(part.class_of(reader(snapshot)).points for part, reader in readers)
                for key, base, readers in read
            }

        return read_all

    def earned(self, snapshot: Snapshot) -> list[Earned]:
        """Return the points for each fact, in written order."""
        return [Earned(part, part.class_of(reader(snapshot))) for part, reader in _readers(self)]

    def days_of_change(self, standing: Standing) -> Iterable[dt.date]:
        """Return the days on which a fact that it is worked out from may pass into another class."""
        found: set[dt.date] = set()
        for each in self.asked:
            if each.motion == "stepped":
                found.update(each.days_of_change(standing))
            elif each.motion == "counted":
                found.update(self._passes(each, standing))
        return found

    def _passes(self, counted: Asked, standing: Standing) -> Iterator[dt.date]:
        drift, value = counted.drift(standing), counted.read(Snapshot(standing, standing.day))
        if not drift or not isinstance(value, int):
            return
        for start in _starts(counted.key, self.parts):
            days = start - value if drift > 0 else value - start + 1
            if days > 0:
                try:
                    yield standing.day + dt.timedelta(days=days)
                except OverflowError:
                    continue

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield where the facts that are asked about besides leave no such sum."""
        yield Box(sides={self.key: self.universe.difference(self.sums)})
        told = [part for part in self.parts if beside.tells_apart(part.asked)]
        groups = [told] if _count_choices(told) <= _MOST_TOGETHER else [[part] for part in told]
        for group in groups if told else ():
            others = sums_of([part for part in self.parts if part not in group], self.base)
            for choice in product(*(part.classes for part in group)):
                points = sum(each.points for each in choice)
                outside = self.sums.difference(_shift(others, points))
                if not outside.is_empty():
                    for chosen in product(*(each.region for each in choice)):
                        sides = {key: values for box in chosen for key, values in box.sides.items()}
                        yield Box(sides={**sides, self.key: outside})

    def say(self, values: ValueSet, currency: str) -> str:
        """Return what it is."""
        return super().say(self._plain(values), currency)

    def write(self, values: ValueSet, currency: str) -> str:
        """Return what it is in the language's notation."""
        return super().write(self._plain(values), currency)

    def _plain(self, values: ValueSet) -> ValueSet:
        """Return the same sums in as few spans as there are: no sum lies in what is left out between two of them."""
        spans = integers((None, None)).difference(self.sums.difference(values)).intervals
        inside = (self.sums.intersection(integers(span)).intervals for span in spans)
        ends = ((low, each[0][0], each[-1][1], high) for (low, high), each in zip(spans, inside, strict=True) if each)
        return integers(*((None if a is None else b, None if d is None else c) for a, b, c, d in ends))


def made_of(coordinates: Iterable[Coordinate]) -> Iterator[Coordinate]:
    """Yield coordinates, and those that the scores among them are worked out from."""
    for each in coordinates:
        yield each
        if isinstance(each, Score):
            yield from each.asked


def earned_together(scores: Sequence[Score]) -> Iterator[list[tuple[tuple[int, ...], Box]]]:
    """Yield for each fact that counts in some of the scores what it can be worth in all of them, and where."""
    parts = [{part.fact: part for part in score.parts} for score in scores]
    for fact in dict.fromkeys(name for each in parts for name in each):
        found: list[tuple[tuple[int, ...], Box]] = [((), Box(sides={}))]
        for each in parts:
            classes = each[fact].classes if fact in each else (Class(points=0, region=EVERYTHING),)
            found = [
                ((*points, worth.points), both)
                for points, box in found
                for worth in classes
                for other in worth.region
                if (both := box.intersection(other)) is not None
            ]
        yield found


def score_of(card: Scorecard, plain: FactCoordinate, parts: tuple[Scored, ...]) -> Score:
    """Return what a scorecard adds up to; ``plain`` is the fact that it yields."""
    return Score(
        key=plain.key,
        kind="integer",
        universe=integers((None, None)),
        fact=plain.fact,
        base=card.base,
        parts=parts,
        sums=sums_of(parts, card.base),
    )


def sums_of(parts: Iterable[Scored], begin: int) -> IntegerSet:
    """Return every sum that some classes add up to; of too many, all from the least to the most."""
    points = [{each.points for each in part.classes} for part in parts]
    every = integers((begin + sum(map(min, points)), begin + sum(map(max, points))))
    sums = {begin}
    for of_fact in points:
        sums = {total + each for total in sums for each in of_fact}
        if len(sums) > _MOST_SUMS:
            return every
    found = integers(*((total, total) for total in sums))
    return found if len(found.intervals) <= _MOST_GAPS else every


def _shift(sums: IntegerSet, points: int) -> IntegerSet:
    """Return sums with so many points more; all are bounded."""
    return integers(
        *((low + points, high + points) for low, high in sums.intervals if low is not None and high is not None)
    )


def _readers(score: Score) -> list[tuple[Scored, Reader]]:
    """Return what reads each fact."""
    return [(part, _reader(part)) for part in score.parts]


def _reader(scored: Scored) -> Reader:
    kinds: dict[type[Coordinate], list[Coordinate]] = {}
    for each in scored.asked:
        kinds.setdefault(type(each), []).append(each)
    by_kind = [kind.reader(of_kind) for kind, of_kind in kinds.items()]
    return lambda snapshot: {key: value for read in by_kind for key, value in read(snapshot).items()}


def _starts(key: str, parts: Iterable[Scored]) -> set[int]:
    """Return the numbers at which some class begins, or has just ended."""
    sides = (box.sides.get(key) for part in parts for each in part.classes for box in each.region)
    found: set[int] = set()
    for side in sides:
        if isinstance(side, IntegerSet):
            found.update(low for low, _ in side.intervals if low is not None)
            found.update(high + 1 for _, high in side.intervals if high is not None)
    return found


def _count_choices(parts: Iterable[Scored]) -> int:
    """Return in how many ways a class of each can be chosen."""
    return math.prod(len(part.classes) for part in parts)
