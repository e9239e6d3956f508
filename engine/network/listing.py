"""A list of boxes as the sieve reads it, and as durable_rules does: one rule a box.

The sieve tells for each value of a fact which boxes allow it, as bits, so that reading a point leaves the boxes that no
fact excludes. durable_rules is asked about these: the event names them by their flags and carries the numbers, and a
rule is its flag and tests of the numbers. A box of numbers only needs no flag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Dimensions
from engine.conditions.sets import Dimension, ValueSet, WordSet
from engine.network.atoms import Atom, Conjunction
from engine.network.bands import Bands
from engine.network.names import generate_names
from engine.network.partition import Rule

# What each box of a list says of one fact.
Column: TypeAlias = Sequence[ValueSet | None]


class Number(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number of the point: its bands, the boxes that allow each, and its name in the rules that test it."""

    bands: Bands
    masks: Sequence[int]
    name: str


class Word(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word of the point: the boxes that allow each word that is named, any other word, and "missing"."""

    named: Mapping[str, int]
    others: int
    missing: int


class Truth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A truth value of the point: the boxes that allow false, true and "missing"."""

    masks: tuple[int, int, int]


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some boxes in order of priority: their regions, their rules, and the flag that a rule begins with, or None."""

    regions: Sequence[int]
    rules: Sequence[Conjunction]
    flags: Sequence[str | None]
    facts: Mapping[str, Number | Word | Truth]


def list_boxes(boxes: Sequence[Rule], dimensions: Dimensions) -> Listing:
    """Write some boxes as rules."""
    names = generate_names()
    facts: dict[str, Number | Word | Truth] = {}
    tests: list[list[Atom]] = [[] for _ in boxes]
    is_flagged = [False] * len(boxes)
    for key in sorted({key for _, box in boxes for key in box.sides}):
        column: list[ValueSet | None] = [box.sides.get(key) for _, box in boxes]
        number = None
        if dimensions[key].kind == "integer":
            facts[key] = number = _sift_numbers(column, dimensions[key], next(names))
        else:
            facts[key] = _sift_words(column) if dimensions[key].kind == "word" else _sift_truths(column)
        for place, values in enumerate(column):
            if values is not None:
                sent = () if number is None else number.bands.express(number.name, values)
                tests[place].extend(sent)
                is_flagged[place] |= not sent
    flags = [next(names) if flagged else None for flagged in is_flagged]
    return Listing(
        regions=[index for index, _ in boxes],
        rules=[(*_raise(flag), *_order(atoms)) for flag, atoms in zip(flags, tests, strict=True)],
        flags=flags,
        facts=facts,
    )


def _raise(flag: str | None) -> Iterator[Atom]:
    if flag is not None:
        yield Atom("==", flag, 1)


def _order(atoms: Sequence[Atom]) -> list[Atom]:
    """Put equalities first: durable_rules tests what follows only where they hold."""
    return sorted(atoms, key=lambda atom: (atom.operator != "==", atom))


def _sift_numbers(column: Column, dimension: Dimension, name: str) -> Number:
    bands = Bands(dimension, [values for values in column if values is not None])
    masks = [0] * (bands.last + 1)
    for place, values in enumerate(column):
        for first, last in [(0, bands.last)] if values is None else bands.runs(values):
            for band in range(first, last + 1):
                masks[band] |= 1 << place
    return Number(bands=bands, masks=masks, name=name)


def _sift_truths(column: Column) -> Truth:
    no, yes, missing = (
        sum(1 << place for place, values in enumerate(column) if values is None or values.contains(value))
        for value in (False, True, None)
    )
    return Truth(masks=(no, yes, missing))


def _sift_words(column: Column) -> Word:
    others = missing = 0
    named: dict[str, int] = {}
    barred: dict[str, int] = {}
    for place, values in enumerate(column):
        bit = 1 << place
        if not isinstance(values, WordSet):
            others |= bit
            missing |= bit
            continue
        changed = barred if values.cofinite else named
        for word in values.words:
            changed[word] = changed.get(word, 0) | bit
        others |= bit if values.cofinite else 0
        missing |= bit if values.missing else 0
    words = {word: named.get(word, 0) | others & ~barred.get(word, 0) for word in named.keys() | barred.keys()}
    return Word(named=words, others=others, missing=missing)
