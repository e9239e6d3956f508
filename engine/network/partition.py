"""A long list of boxes as a tree of short ones.

Each rule takes some 25 KB in durable_rules, most of it cold when it is needed. So facts that boxes fix to few values
choose a short list first; and short lists of few facts are much alike, so that many of them can be the same rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Box, Dimensions
from engine.conditions.sets import BooleanSet, Dimension, ValueSet, WordSet
from engine.network.bands import Bands

# The number of the region, and one of its boxes.
Rule: TypeAlias = tuple[int, Box]
# A value of the choosing fact, None being "missing"; of a number, its band.
Constant: TypeAlias = int | str | bool | None

# A box that does not fix the fact is in every branch: how many times as many boxes all branches may hold together,
MAX_GROWTH = 1.5
# or else how many boxes they may hold at most.
FEW_BOXES = 24


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Boxes in order of priority; `otherwise` is the region that holds when none of them does."""

    rules: tuple[Rule, ...]
    otherwise: int | None


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A choice by the value of one fact; `others` is for words that no box names.

    Of a number the band chooses: `bands` are these, and the branches have their numbers.
    """

    key: str
    branches: Mapping[Constant, Tree]
    others: Tree
    bands: Bands | None


Tree: TypeAlias = Leaf | Split


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A fact to choose by, how many boxes it leaves for each value and for words that no box names, and the bands."""

    key: str
    sizes: Mapping[Constant, int]
    others: int
    bands: Bands | None = None

    @property
    def total(self) -> int:
        return sum(self.sizes.values()) + self.others

    def helps(self, count: int) -> bool:
        """Tell whether the choice leaves less to do; a single box's number is better tested than chosen by."""
        if self.bands is not None:
            return count > 1 and max(self.sizes.values()) < count
        return count == 1 or max(self.others, *self.sizes.values()) < count

    @property
    def expected(self) -> float:
        """Return how long the list is in which a box finds itself, on average."""
        return (sum(size * size for size in self.sizes.values()) + self.others**2) / max(1, self.total)


def partition(
    rules: Sequence[Rule],
    otherwise: int | None,
    dimensions: Dimensions,
    growth: float = MAX_GROWTH,
    few: float = FEW_BOXES,
) -> Tree:
    """Return the tree whose branches hold the boxes, all together at most `growth` times as many, or `few`."""
    most = max(growth * len(rules), few)
    fitting = [choice for choice in _choices(rules, dimensions) if choice.total <= most and choice.helps(len(rules))]
    if not fitting:
        return Leaf(rules=tuple(rules), otherwise=otherwise)
    best = min(fitting, key=lambda choice: (choice.bands is not None, choice.expected, choice.key))
    grown = max(1.0, best.total / len(rules))

    def follow(constant: Constant | _Others) -> Tree:
        return partition(*_restrict(rules, otherwise, best, constant), dimensions, growth / grown, few / grown)

    branches = {constant: follow(constant) for constant in best.sizes}
    return Split(key=best.key, branches=branches, others=follow(_OTHERS), bands=best.bands)


class _Others:
    """Stands for any word that no box names."""


_OTHERS = _Others()


def _choices(rules: Sequence[Rule], dimensions: Dimensions) -> Iterator[_Choice]:
    sides: dict[str, list[ValueSet]] = {}
    for _, box in rules:
        for key, values in box.sides.items():
            sides.setdefault(key, []).append(values)
    for key, tested in sides.items():
        weigh = _weigh_bands if dimensions[key].kind == "integer" else _weigh_words
        yield weigh(dimensions[key], tested, len(rules) - len(tested))


def _weigh_words(dimension: Dimension, tested: Sequence[ValueSet], loose: int) -> _Choice:
    """Return what a choice by the fact leaves of the boxes that test it, beside those that do not."""
    others = loose + sum(isinstance(values, WordSet) and values.cofinite for values in tested)
    sizes: Counter[Constant] = Counter()
    for values in tested:
        if isinstance(values, BooleanSet):
            sizes.update(values.values)
        elif isinstance(values, WordSet) and values.cofinite:
            sizes.subtract(values.words)
        elif isinstance(values, WordSet):
            sizes.update(values.words)
    if dimension.kind == "boolean":
        lists: dict[Constant, int] = {truth: loose + sizes[truth] for truth in (False, True)}
    else:
        lists = {word: others + sizes[word] for word in sorted(sizes, key=str)}
    if dimension.universe.missing:
        lists[None] = loose + sum(values.missing for values in tested)
    return _Choice(key=dimension.key, sizes=lists, others=others if dimension.kind == "word" else 0)


def _weigh_bands(dimension: Dimension, tested: Sequence[ValueSet], loose: int) -> _Choice:
    bands = Bands(dimension, tested)
    changes = [loose] + [0] * (bands.last + 1)
    for values in tested:
        for first, last in bands.runs(values):
            changes[first] += 1
            changes[last + 1] -= 1
    sizes: dict[Constant, int] = dict(enumerate(accumulate(changes[:-1])))
    return _Choice(key=dimension.key, sizes=sizes, others=0, bands=bands)


def _restrict(
    rules: Sequence[Rule], otherwise: int | None, choice: _Choice, constant: Constant | _Others
) -> tuple[list[Rule], int | None]:
    """Return the boxes that can hold when the fact has the value, which no longer test it, and what holds else."""
    kept: dict[Box, int] = {}
    for index, box in rules:
        values = box.sides.get(choice.key)
        if values is not None and not _allows(values, constant, choice.bands):
            continue
        rest = Box(sides={other: tested for other, tested in box.sides.items() if other != choice.key})
        if not rest.sides:
            otherwise = index
            break
        kept.setdefault(rest, index)  # the same tests again can never be first
    return [(index, box) for box, index in kept.items()], otherwise


def _allows(values: ValueSet, constant: Constant | _Others, bands: Bands | None) -> bool:
    if isinstance(constant, _Others):
        return isinstance(values, WordSet) and values.cofinite
    if bands is not None and isinstance(constant, int):
        return any(first <= constant <= last for first, last in bands.runs(values))
    return values.contains(constant)
