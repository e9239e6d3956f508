"""Which variant of an experiment an account is in (language.md 8)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Self

from engine.conditions.sets import ValueSet, words
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.standing import Standing
from engine.model.ruleset import HOLD_OUT, Experiment
from engine.words.values import say_set


class Variant(Coordinate, frozen=True, kw_only=True):
    """The account's variant."""

    experiment: Experiment

    @property
    def motion(self) -> Motion:
        """Return that the end of the experiment changes it, if it has one."""
        return "fixed" if self.experiment.until is None else "stepped"

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

    def led_into(self, values: ValueSet) -> ValueSet | None:
        """Return the variants from which passing days lead into some: in the end all are in the first."""
        ends_there = self.motion == "stepped" and values.contains(self.experiment.variants[0][0])
        return None if ends_there else values

    @property
    def possible(self) -> ValueSet:
        """Return the variants that have accounts; the first has all from the last day on."""
        first, held_out = self.experiment.variants[0][0], (HOLD_OUT,) if self.experiment.hold_out else ()
        drawn = (n for n, percent in self.experiment.variants if percent or (n == first and self.experiment.until))
        return words(*drawn, *held_out)

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return which."""
        return f"{self.experiment.id} variant {say_set(values)}"


def variant(experiment: Experiment) -> Variant:
    """Return an experiment's variant."""
    return Variant(
        key=f"@variant:{experiment.id}",
        kind="word",
        universe=words(*experiment.names),
        experiment=experiment,
    )
