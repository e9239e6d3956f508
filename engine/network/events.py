"""How a point is read: the boxes that no fact excludes, and the event's text.

Everything usual is done where a point is read, in place and without a call. So a column is a tuple: the key of the
value; for a word what each word answers; for a truth value what true and false answer; for a number the bounds within
which it needs no further check, the band of "missing", where its bands begin, and for each the boxes and the number of
the band, shifted to its place among all bands. What comes last answers any other value, or refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from engine.conditions.boxes import Dimensions
from engine.conditions.sets import Value
from engine.network.atoms import Conjunction
from engine.network.listing import Listing, Number, Word
from engine.network.values import BandAnswers, BooleanAnswers, IntegerBounds, WordAnswers

WordColumn: TypeAlias = tuple[str, WordAnswers[int] | BooleanAnswers[int]]
TruthColumn: TypeAlias = tuple[str, int, int, Callable[[Value], int]]
NumberColumn: TypeAlias = tuple[
    str, int, int, int | None, Sequence[int], Sequence[int], Sequence[int], Callable[[Value], int]
]
# A number in the event: the text for each band, and by how much the band is shifted, and the mask of its bits.
SentNumber: TypeAlias = tuple[Sequence[str], int, int]


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts of a list; a truth value that can only be one of the two is among the words.

    `sent` are the numbers that an event carries, and `tested` the bits, for each box, of those that its rule tests.
    """

    words: tuple[WordColumn, ...] = ()
    truths: tuple[TruthColumn, ...] = ()
    numbers: tuple[NumberColumn, ...] = ()
    sent: tuple[SentNumber, ...] = ()
    tested: Sequence[int] = ()


class Describer:
    """Says how facts are read.

    What several lists have in common is made once: the less memory a decision touches, the faster it is.
    """

    def __init__(self, dimensions: Dimensions) -> None:
        self._dimensions = dimensions
        self._shared: dict[tuple[int, ...] | int, Any] = {}
        self._texts: dict[tuple[str, int], tuple[str, ...]] = {}

    def describe(self, listing: Listing, names: Mapping[str, str]) -> Columns:
        """Return how the facts of a list are read, whose numbers have these names in the event."""
        words: list[WordColumn] = []
        truths: list[TruthColumn] = []
        numbers: list[NumberColumn] = []
        sent: list[SentNumber] = []
        bits: dict[str, int] = {}
        width = 0
        for key, fact in listing.facts.items():
            dimension = self._dimensions[key]
            if isinstance(fact, Number):
                shift = None
                if fact.name in names:
                    shift, mask = width, (1 << fact.bands.last.bit_length()) - 1
                    sent.append((self._write_bands(names[fact.name], fact.bands.last), shift, mask))
                    bits[fact.name] = mask << shift
                    width += mask.bit_length()
                numbers.append(self._describe_number(key, fact, shift))
            elif isinstance(fact, Word):
                words.append((key, WordAnswers(dimension, fact.named, others=fact.others, missing=fact.missing)))
            else:
                answers = BooleanAnswers(dimension, fact.masks)
                if {True, False} <= answers.known.keys():
                    truths.append((key, answers.known[True], answers.known[False], answers.__getitem__))
                else:
                    words.append((key, answers))
        return Columns(
            words=tuple(words),
            truths=tuple(truths),
            numbers=tuple(numbers),
            sent=tuple(sent),
            tested=self._share(_add_bits(rule, bits) for rule in listing.rules),
        )

    def _describe_number(self, key: str, number: Number, shift: int | None) -> NumberColumn:
        bands = number.bands
        starts = self._share([self._shared.setdefault(start, start) for start in bands.starts])
        shifted = self._share([0 if shift is None else band << shift for band in range(bands.last + 1)])
        bounds = IntegerBounds(bands.dimension)
        find = BandAnswers(bands.dimension, starts, range(bands.last + 1)).__getitem__
        missing = bands.missing if bands.dimension.universe.missing else None
        return key, bounds.low, bounds.high, missing, starts, self._share(number.masks), shifted, find

    def _write_bands(self, name: str, last: int) -> tuple[str, ...]:
        """Return how each band of a number is written in an event."""
        if (name, last) not in self._texts:
            self._texts[name, last] = tuple(f',"{name}":{band}' for band in range(last + 1))
        return self._texts[name, last]

    def _share(self, values: Iterable[int]) -> tuple[int, ...]:
        found = tuple(values)
        shared: tuple[int, ...] = self._shared.setdefault(found, found)
        return shared


def _add_bits(rule: Conjunction, bits: Mapping[str, int]) -> int:
    """Return the bits of all numbers that a rule tests."""
    found = 0
    for atom in rule:
        found |= bits.get(atom.fact, 0)
    return found


def write_flag(name: str | None) -> str:
    """Return how a box is named in an event; one without a flag is not."""
    return "" if name is None else f',"{name}":1'
