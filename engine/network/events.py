"""How a point is read: the boxes that no fact excludes, and the event's text.

Everything usual is done where a point is read, in place and without a call. So a column is a tuple: the key of the
value; for a word what each word answers; for a truth value what true and false answer; for a number the bounds within
which it needs no further check, the band of "missing", where its bands begin, and for each the boxes and the text. What
comes last answers any other value, or refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import msgspec

from engine.conditions.boxes import Dimensions
from engine.conditions.sets import Value
from engine.network.listing import Listing, Number, Word
from engine.network.values import BandAnswers, BooleanAnswers, IntegerBounds, WordAnswers

Shared = TypeVar("Shared", int, str)

WordColumn: TypeAlias = tuple[str, WordAnswers[int] | BooleanAnswers[int]]
TruthColumn: TypeAlias = tuple[str, int, int, Callable[[Value], int]]
NumberColumn: TypeAlias = tuple[
    str, int, int, int | None, Sequence[int], Sequence[int], Sequence[str], Callable[[Value], int]
]


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts of a list; a truth value that can only be one of the two is among the words."""

    words: tuple[WordColumn, ...] = ()
    truths: tuple[TruthColumn, ...] = ()
    numbers: tuple[NumberColumn, ...] = ()


class Describer:
    """Says how facts are read.

    What several lists have in common is made once: the less memory a decision touches, the faster it is.
    """

    def __init__(self, dimensions: Dimensions) -> None:
        self._dimensions = dimensions
        self._shared: dict[tuple[int | str, ...] | int, Any] = {}

    def describe(self, listing: Listing, names: Mapping[str, str]) -> Columns:
        """Return how the facts of a list are read, whose numbers have these names in the event."""
        words: list[WordColumn] = []
        truths: list[TruthColumn] = []
        numbers: list[NumberColumn] = []
        for key, fact in listing.facts.items():
            dimension = self._dimensions[key]
            if isinstance(fact, Number):
                numbers.append(self._describe_number(key, fact, names.get(fact.name)))
            elif isinstance(fact, Word):
                words.append((key, WordAnswers(dimension, fact.named, others=fact.others, missing=fact.missing)))
            else:
                answers = BooleanAnswers(dimension, fact.masks)
                if {True, False} <= answers.known.keys():
                    truths.append((key, answers.known[True], answers.known[False], answers.__getitem__))
                else:
                    words.append((key, answers))
        return Columns(words=tuple(words), truths=tuple(truths), numbers=tuple(numbers))

    def _describe_number(self, key: str, number: Number, name: str | None) -> NumberColumn:
        bands = number.bands
        starts = self._share([self._shared.setdefault(start, start) for start in bands.starts])
        texts = self._share(["" if name is None else f',"{name}":{band}' for band in range(bands.last + 1)])
        bounds = IntegerBounds(bands.dimension)
        find = BandAnswers(bands.dimension, starts, range(bands.last + 1)).__getitem__
        missing = bands.missing if bands.dimension.universe.missing else None
        return key, bounds.low, bounds.high, missing, starts, self._share(number.masks), texts, find

    def _share(self, values: Iterable[Shared]) -> tuple[Shared, ...]:
        found = tuple(values)
        shared: tuple[Shared, ...] = self._shared.setdefault(found, found)
        return shared


def write_flag(name: str | None) -> str:
    """Return how a box is named in an event; one without a flag is not."""
    return "" if name is None else f',"{name}":1'
