"""A long list of boxes as a tree of short ones.

Each rule takes some 25 KB in durable_rules, most of it cold when it is needed. So facts that boxes fix to few values
choose a short list first; and short lists of few facts are much alike, so that many of them can be the same rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Box, Dimensions
from engine.conditions.sets import BooleanSet, Dimension, ValueSet, WordSet

# The number of the region, and one of its boxes.
Rule: TypeAlias = tuple[int, Box]
# A value of the choosing fact, None being "missing".
Constant: TypeAlias = str | bool | None

# A box that does not fix the fact is in every branch: how many times as many boxes all branches may hold together,
MAX_GROWTH = 1.5
# or else how many boxes they may hold at most.
FEW_BOXES = 24


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Boxes in order of priority; `otherwise` is the region that holds when none of them does."""

    rules: tuple[Rule, ...]
    otherwise: int | None


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A choice by the value of one fact, a word or a truth value; `others` is for words that no box names."""

    key: str
    branches: Mapping[Constant, Tree]
    others: Tree


Tree: TypeAlias = Leaf | Split


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A fact to choose by, and how many boxes it leaves for each value and for words that no box names."""

    key: str
    sizes: Mapping[Constant, int]
    others: int

    @property
    def total(self) -> int:
        return sum(self.sizes.values()) + self.others

    def helps(self, count: int) -> bool:
        """Tell whether the choice leaves less to do."""
        return max(self.others, *self.sizes.values()) < count

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
    best = min(fitting, key=lambda choice: (choice.expected, choice.key))
    grown = max(1.0, best.total / len(rules))

    def follow(constant: Constant | _Others) -> Tree:
        return partition(*_restrict(rules, otherwise, best, constant), dimensions, growth / grown, few / grown)

    branches = {constant: follow(constant) for constant in best.sizes}
    return Split(key=best.key, branches=branches, others=follow(_OTHERS))


class _Others:
    """Stands for any word that no box names."""


_OTHERS = _Others()


def _choices(rules: Sequence[Rule], dimensions: Dimensions) -> Iterator[_Choice]:
    sides: dict[str, list[ValueSet]] = {}
    for _, box in rules:
        for key, values in box.sides.items():
            sides.setdefault(key, []).append(values)
    for key, tested in sides.items():
        if dimensions[key].kind != "integer":
            yield _weigh(dimensions[key], tested, len(rules) - len(tested))


def _weigh(dimension: Dimension, tested: Sequence[ValueSet], loose: int) -> _Choice:
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


def _restrict(
    rules: Sequence[Rule], otherwise: int | None, choice: _Choice, constant: Constant | _Others
) -> tuple[list[Rule], int | None]:
    """Return the boxes that can hold when the fact has the value, which no longer test it, and what holds else."""
    kept: dict[Box, int] = {}
    for index, box in rules:
        values = box.sides.get(choice.key)
        if values is not None and not _allows(values, constant):
            continue
        rest = Box(sides={other: tested for other, tested in box.sides.items() if other != choice.key})
        if not rest.sides:
            otherwise = index
            break
        kept.setdefault(rest, index)  # the same tests again can never be first
    return [(index, box) for box, index in kept.items()], otherwise


def _allows(values: ValueSet, constant: Constant | _Others) -> bool:
    if isinstance(constant, _Others):
        return isinstance(values, WordSet) and values.cofinite
    return values.contains(constant)
