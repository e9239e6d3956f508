"""A quick guess at a point that no box covers, before it is searched for."""

from collections import Counter
from collections.abc import Iterable, Sequence

from engine.conditions.boxes import Box, Dimensions, Packing, Steps, bits_of


class GuessingPacking(Packing):
    """Packed boxes, and for each fact the class of values that the fewest of them hold.

    Most pairs of rules do meet somewhere, and mostly where every fact is of that class: one look instead of a search.
    """

    def __init__(self, boxes: Sequence[Box], dimensions: Dimensions) -> None:
        """Take every box that will be asked about."""
        super().__init__(boxes, dimensions)
        self._quiet = self._find_quiet({self.pack(box) for box in boxes})

    def _find_quiet(self, packed: Iterable[int]) -> int:
        """Return one bit for each field: the class that the fewest boxes hold."""
        narrow: dict[int, Counter[int]] = {}
        for box in packed:
            cuts = ((self.everything & ~box) + self._ones) & self._spares
            for spare, field in self._fields.items():
                if cuts & spare:
                    narrow.setdefault(spare, Counter())[box & field] += 1
        quiet = 0
        for spare, field in self._fields.items():
            counts = narrow.get(spare, Counter[int]())
            quiet |= min(
                bits_of(self.everything & field),
                key=lambda bit: sum(count for mask, count in counts.items() if mask & bit),
            )
        return quiet

    def find_point(self, space: int, covers: Sequence[int], steps: Steps) -> int | None:
        """Return a box of what of ``space`` no cover holds, or None where the covers hold all of it."""
        steps.spend(len(covers))
        ones, spares = self._ones, self._spares
        guess = space & self._quiet
        for spare in bits_of(spares & ~(guess + ones)):
            guess |= space & self._fields[spare]
        met = [cover for cover in covers if ((guess & cover) + ones) & spares == spares]
        if not met:
            return guess
        found = self.find_uncovered(self._open(guess, space, met), covers, steps)
        return self.find_uncovered(space, covers, steps) if found is None else found

    def _open(self, guess: int, space: int, met: Sequence[int]) -> int:
        """Return the guess widened, within the space, by every fact that one of the boxes met is about."""
        for spare, field in self._fields.items():
            if any(((self.everything & ~cover) + self._ones) & spare for cover in met):
                guess |= space & field
        return guess
