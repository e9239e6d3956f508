"""Many boxes as bits, to guess quickly at a point that none of them holds."""

from collections.abc import Sequence

from engine.analysis.space import Space

_ROUNDS = 4


class Crowd:
    """For each class of values of each fact, the boxes that allow it: bit i stands for box i."""

    def __init__(self, space: Space, boxes: Sequence[int]) -> None:
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
    rows: dict[int, int] = {}
    while whole:
        bit = whole & -whole
        whole ^= bit
        rows[bit] = 0
        for part, numbers in alike.items():
            if part & bit:
                rows[bit] |= numbers
    return rows
