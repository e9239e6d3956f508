"""Which variant of an experiment an account is in (language.md 8)."""

import datetime as dt
from collections.abc import Iterable, Sequence

from engine.conditions.sets import Value, words
from engine.coordinates.coordinate import Coordinate, Motion
from engine.coordinates.snapshot import Snapshot
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
    def read_all(cls, coordinates: "Sequence[Coordinate]", snapshot: Snapshot) -> dict[str, Value]:
        """Return the variants, by key."""
        variants = snapshot.variants
        return {each.key: variants[each.experiment.id] for each in coordinates if isinstance(each, Variant)}

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
