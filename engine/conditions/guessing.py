"""Quick guesses at a point that no box holds, before it is searched for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.conditions.boxes import Box, Dimensions, Packing, Steps, bits_of
from engine.conditions.space import Space

_ROUNDS = 4


class Guesser:
    """For each class of values of each fact, the boxes that allow it: bit i stands for box i."""

    def __init__(self, space: Space, boxes: Sequence[int]) -> None:
        self._meter = space.meter
        self._every = (1 << len(boxes)) - 1
        self._fields: list[tuple[int, dict[int, int]]] = []
        for field in space.fields:
            rows = _write_rows(space.everything & field, [box & field for box in boxes])
            if any(row != self._every for row in rows.values()):
                self._fields.append((field, rows))

    def guess(self, box: int, against: int) -> int | None:
        """Return a box within the given one that none of some boxes holds, or None if no luck was had.

        One fact after the other is given the class that the fewest of those left allow, until none is left.
        """
        chosen = [self._pick(box, number, against) for number in range(len(self._fields))]
        for _ in range(_ROUNDS):
            for number in range(len(self._fields)):
                left = against
                for other, bit in enumerate(chosen):
                    if other != number:
                        left &= self._fields[other][1][bit]
                chosen[number] = self._pick(box, number, left)
                if not left & self._fields[number][1][chosen[number]]:
                    return self._narrow(box, chosen)
        return None

    def _pick(self, box: int, number: int, left: int) -> int:
        field, rows = self._fields[number]
        self._meter.spend(len(rows))
        allowed = [bit for bit in rows if bit & box & field]
        return min(allowed, key=lambda bit: (rows[bit] & left).bit_count())

    def _narrow(self, box: int, chosen: Sequence[int]) -> int:
        for (field, _), bit in zip(self._fields, chosen, strict=True):
            box = box & ~field | bit
        return box


def _write_rows(whole: int, parts: Sequence[int]) -> dict[int, int]:
    """Return for each class of a field the boxes that allow it."""
    alike: dict[int, int] = {}
    for number, part in enumerate(parts):
        alike[part] = alike.get(part, 0) | 1 << number
    edges: dict[int, int] = {}
    for part, numbers in alike.items():
        for edge in bits_of(part ^ part << 1):  # where a run of classes begins, and behind where it ends
            edges[edge] = edges.get(edge, 0) ^ numbers
    rows, row = {}, 0
    for bit in _list_between(whole):
        row ^= edges.get(bit, 0)
        if bit & whole:
            rows[bit] = row
    return rows


def _find_rarest(whole: int, counts: Mapping[int, int]) -> int:
    """Return the class of a field that the fewest hold; of parts it is said how many hold them."""
    edges: Counter[int] = Counter()
    for part, count in counts.items():
        edges.update(dict.fromkeys(bits_of(part & ~(part << 1)), count))
        edges.subtract(dict.fromkeys(bits_of(part << 1 & ~part), count))
    holders, held = {}, 0
    for bit in _list_between(whole):
        held += edges[bit]
        if bit & whole:
            holders[bit] = held
    return min(holders, key=holders.__getitem__)


def _list_between(whole: int) -> Iterator[int]:
    """Yield every bit from the first class of a field to its last."""
    return bits_of((1 << whole.bit_length()) - (whole & -whole))


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
            quiet |= _find_rarest(self.everything & field, narrow.get(spare, {}))
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
