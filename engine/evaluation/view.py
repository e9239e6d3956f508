"""An account on a day as a program sees it: the point that its boxes are asked about."""

import datetime as dt
from collections.abc import Iterable

from engine.conditions.sets import Value
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.facts import value_of
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.evaluation.program import Program
from engine.model.vocabulary import Value as FactValue


class View:
    """A snapshot of an account's standing, read by one program."""

    def __init__(self, program: Program, standing: Standing, day: dt.date) -> None:
        self.program = program
        self.standing = standing
        self.day = day
        self.snapshot = Snapshot(standing, day)
        self._point: dict[str, Value] | None = None

    @property
    def point(self) -> dict[str, Value]:
        """Return the value of every coordinate of the program."""
        if self._point is None:
            self._point = self.program.read(self.snapshot)
        return self._point

    def read(self, coordinates: Iterable[Coordinate]) -> dict[str, Value]:
        """Return the values of some coordinates, whether the program has them or not."""
        return {each.key: each.read(self.snapshot) for each in coordinates}

    def fact(self, name: str) -> FactValue | None:
        """Return a fact's typed value, None for missing."""
        return value_of(self.program.edition.facts[name], self.snapshot)

    def on(self, day: dt.date) -> "View":
        """Return the same account on this or a later day."""
        return View(self.program, self.standing.on(day), day)
