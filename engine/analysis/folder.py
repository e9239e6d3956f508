"""The rulesets of a folder side by side: which cover one account on one day."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from engine.conditions.boxes import Box, Region
from engine.conditions.space import Meter, Packed, Space
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.variants import Variant
from engine.model.ruleset import FactsFile, Ruleset
from engine.proofs.prover import Prover


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts of one currency a ruleset covers, and when."""

    prover: Prover

    @property
    def ruleset(self) -> Ruleset:
        """Return whose cover it is."""
        return self.prover.ruleset

    @property
    def region(self) -> Region:
        """Return the accounts covered."""
        return self.prover.plan.coverage

    @property
    def from_on(self) -> dt.date:
        """Return the first day, the first of all where none is written."""
        return self.ruleset.effective.from_on or dt.date.min

    @property
    def until_on(self) -> dt.date:
        """Return the day after the last, the last of all where none is written."""
        return self.ruleset.effective.until_on or dt.date.max

    def is_effective(self, day: dt.date) -> bool:
        """Tell whether the ruleset is effective on a day."""
        return self.from_on <= day < self.until_on


class Folder:
    """The provers of all rulesets that are whole, and the facts.yaml beside them."""

    def __init__(self, provers: list[Prover], facts_files: Sequence[FactsFile] = (), *, budget: int) -> None:
        self.provers = provers
        self.facts_files = facts_files
        self.meter = Meter(budget)

    @cached_property
    def tracks(self) -> list[list[Cover]]:
        """Return the covers of each track and currency, in the order of their files."""
        found: dict[tuple[str, str], list[Cover]] = {}
        for prover in self.provers:
            key = (prover.ruleset.track, prover.edition.currency)
            found.setdefault(key, []).append(Cover(prover=prover))
        return list(found.values())

    def compare(self, covers: list[Cover]) -> "Comparison":
        """Return what covers have in common and apart."""
        return Comparison(covers, meter=self.meter)


class Comparison:
    """Covers packed into one space, by their place in a list."""

    def __init__(self, covers: list[Cover], *, meter: Meter) -> None:
        self.dimensions = _join_dimensions(covers)
        regions = [tuple(_tell_apart(cover, self.dimensions)) for cover in covers]
        self.space = Space((box for region in regions for box in region), self.dimensions, meter=meter)
        self.packed: list[Packed] = [self.space.pack_all(region) for region in regions]


def _join_dimensions(covers: list[Cover]) -> dict[str, Coordinate]:
    found: dict[str, Coordinate] = {}
    for cover in covers:
        for box in cover.region:
            for key in box.sides:
                found[key] = _join(found.get(key), cover.prover.plan.dimensions[key])
    return found


def _join(known: Coordinate | None, own: Coordinate) -> Coordinate:
    if known is None:
        return own
    if known.kind != own.kind:
        return known
    return msgspec.structs.replace(known, universe=known.universe.union(own.universe))


def _tell_apart(cover: Cover, dimensions: Mapping[str, Coordinate]) -> Iterator[Box]:
    """Yield the boxes of a cover that can be compared: facts of other kinds elsewhere and experiments cannot."""
    for box in cover.region:
        own = cover.prover.plan.dimensions
        is_alike = all(own[key].kind == dimensions[key].kind for key in box.sides)
        if is_alike and not any(isinstance(own[key], Variant) for key in box.sides):
            yield box
