"""A list of boxes as durable_rules reads it: one rule a box, testing numbers, and its flag where it tests more.

What a box says of words and truth values is looked up before anything is sent: for each value of a fact the boxes that
allow it, as bits. A box that is still possible is named in the event by its flag, and its rule begins with that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from engine.conditions.boxes import Dimensions
from engine.conditions.sets import IntegerSet, ValueSet, WordSet
from engine.network.atoms import Atom, Conjunction
from engine.network.bands import Bands
from engine.network.names import generate_names
from engine.network.partition import Rule
from engine.network.values import BandAnswers, BooleanAnswers, WordAnswers

Masks: TypeAlias = WordAnswers[int] | BooleanAnswers[int] | BandAnswers[int]


class Listing:
    """Some boxes in priority order.

    `rules` has a conjunction for each box; `flags` the flag that it begins with, None where a box tests numbers only.
    `numbers` tells for each other name in the event whose value it has, and in what bands. `masks` are what is looked
    up: bit i for box i.
    """

    def __init__(self, rules: Sequence[Rule], dimensions: Dimensions) -> None:
        self._dimensions = dimensions
        self._sides = [box.sides for _, box in rules]
        self._names = generate_names()
        self.regions = [index for index, _ in rules]
        self.numbers: dict[str, tuple[str, Bands]] = {}
        looked_up: dict[str, list[ValueSet | None]] = {}
        tests: list[list[Atom]] = [[] for _ in rules]
        for key in sorted({key for sides in self._sides for key in sides}):
            rest = self._test(key, tests)
            if any(values is not None for values in rest):
                looked_up[key] = rest
        self.masks = {key: _find_masks(values, dimensions, key) for key, values in looked_up.items()}
        is_flagged = [any(rest[place] is not None for rest in looked_up.values()) for place in range(len(rules))]
        self.flags = [next(self._names) if flagged else None for flagged in is_flagged]
        self.rules: list[Conjunction] = [
            (*([Atom("==", flag, 1)] if flag is not None else []), *atoms)
            for flag, atoms in zip(self.flags, tests, strict=True)
        ]
