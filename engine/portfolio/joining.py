"""Columns made in parts, put into the order of all rows: a value that recurs is written once, and moved once."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.portfolio.bits import Ints, Truths


class Coded(NamedTuple):
    """Values that recur: each different one, and the place of every row's among them, below 0 for null."""

    values: pa.Array
    places: Ints


Part: TypeAlias = Coded | pa.Array


class Piece(NamedTuple):
    """The columns of some rows, and where the rows come to stand; of the rows only some may be kept, None for all."""

    columns: dict[str, Part]
    targets: Ints
    kept: Truths | None = None


class Joiner:
    """Puts pieces together, column by column; columns that say one thing of the same rows are moved alike."""

    def __init__(self, pieces: Sequence[Piece], count: int) -> None:
        self._pieces, self._count = pieces, count
        self._known: dict[tuple[tuple[int, int], ...], pa.Array] = {}

    def join(self, name: str, type_: pa.DataType) -> pa.Array:
        """Return a column of all rows; where no piece says anything it is null."""
        parts = [piece.columns[name] for piece in self._pieces]
        values = [part.values if isinstance(part, Coded) else part for part in parts]
        if all(each.null_count == len(each) for each in values):
            return pa.nulls(self._count, type_)
        whole = values[0] if len(values) == 1 else pa.concat_arrays(values)
        return pc.take(whole, self._places(parts), boundscheck=False)

    def _places(self, parts: Sequence[Part]) -> pa.Array:
        """Return where each row's value stands among those of all parts."""
        key = tuple((id(p.places), len(p.values)) if isinstance(p, Coded) else (0, len(p)) for p in parts)
        if key not in self._known:
            self._known[key] = self._find_places(parts)
        return self._known[key]

    def _find_places(self, parts: Sequence[Part]) -> pa.Array:
        places = np.full(self._count, -1, dtype=np.int32)
        offset = 0
        for part, (_, targets, kept) in zip(parts, self._pieces, strict=True):
            own = part.places if isinstance(part, Coded) else np.arange(len(part))
            own = own if kept is None else own[kept]
            places[targets] = np.where(own < 0, -1, own + offset)
            offset += len(part.values) if isinstance(part, Coded) else len(part)
        lacks = places < 0
        return pa.array(places, mask=lacks if lacks.any() else None)
