"""Which variant of an experiment an account is in (language.md 8)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Self

from engine.conditions.sets import words
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.standing import Standing
from engine.model.ruleset import Experiment


class Variant(Coordinate, frozen=True, kw_only=True):
    """The account's variant."""

    experiment: Experiment

    @property
    def motion(self) -> Motion:
        """Return that the end of the experiment changes it."""
        return "stepped"

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"variant of {self.experiment.id}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the variants."""
        names = tuple((each.key, each.experiment.id) for each in coordinates)
        return lambda snapshot: {key: snapshot.variants[name] for key, name in names}

    def days_of_change(self, _standing: Standing) -> Iterable[dt.date]:
        """Return the day from which the first variant holds for all."""
        return () if self.experiment.until is None else (self.experiment.until,)


def variant(experiment: Experiment) -> Variant:
    """Return an experiment's variant."""
    return Variant(
        key=f"@variant:{experiment.id}",
        kind="word",
        universe=words(*(name for name, _ in experiment.variants)),
        experiment=experiment,
    )
