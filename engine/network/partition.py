"""A long list of boxes as a tree of short ones.

After a match durable_rules walks all rules of a network twice, and each fact of an event costs time. So the facts that
most boxes fix to few values choose a short list before anything is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Box, Dimensions
from engine.conditions.sets import BooleanSet, ValueSet, WordSet

# The number of the region, and one of its boxes.
Rule: TypeAlias = tuple[int, Box]
# A value of the choosing fact, None being "missing".
Constant: TypeAlias = str | bool | None

# Below this a further choice saves less than it costs.
SHORT_LIST = 2
# A box that does not fix the fact is in every branch: how many times as many boxes all branches may hold together.
MAX_GROWTH = 1.5


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Boxes in order of priority; `otherwise` is the region that holds when none of them does."""

    rules: tuple[Rule, ...]
    otherwise: int | None


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A choice by the value of one fact; `others` is for words that no box names."""

    key: str
    branches: dict[Constant, Tree]
    others: Tree


Tree: TypeAlias = Leaf | Split


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A fact to choose by, the values its boxes tell apart, and what that does to the lists."""

    key: str
    constants: tuple[Constant, ...]
    longest: int
    growth: float
    expected: float


def partition(
    rules: Sequence[Rule], otherwise: int | None, dimensions: Dimensions, growth: float = MAX_GROWTH
) -> Tree:
    """Return the tree whose branches, chosen by facts that are words or truth values, hold the boxes.

    All branches together hold at most `growth` times as many.
    """
    choices = _choices(rules, dimensions) if len(rules) > SHORT_LIST else []
    fitting = [choice for choice in choices if choice.growth <= growth and choice.longest < len(rules)]
    if not fitting:
        return Leaf(rules=tuple(rules), otherwise=otherwise)
    best = min(fitting, key=lambda choice: (choice.expected, choice.key))
    left = growth / best.growth
    branches: dict[Constant, Tree] = {
        constant: partition(*_restrict(rules, otherwise, best.key, constant), dimensions, left)
        for constant in best.constants
    }
    others = partition(*_restrict(rules, otherwise, best.key, _OTHERS), dimensions, left)
    return Split(key=best.key, branches=branches, others=others)


class _Others:
    """Stands for any word that no box names."""


_OTHERS = _Others()


def _choices(rules: Sequence[Rule], dimensions: Dimensions) -> list[_Choice]:
    sides: dict[str, list[ValueSet]] = {}
    for _, box in rules:
        for key, values in box.sides.items():
            if not dimensions[key].kind == "integer":
                sides.setdefault(key, []).append(values)
    return [_weigh(key, tested, len(rules), dimensions) for key, tested in sides.items()]


def _weigh(key: str, tested: Sequence[ValueSet], count: int, dimensions: Dimensions) -> _Choice:
    """Return what a choice by the fact makes of so many boxes, some of which test it."""
    loose = count - len(tested)
    others = loose + sum(isinstance(values, WordSet) and values.cofinite for values in tested)
    sizes: Counter[Constant] = Counter()
    for values in tested:
        if isinstance(values, BooleanSet):
            sizes.update(values.values)
        elif isinstance(values, WordSet) and values.cofinite:
            sizes.subtract(values.words)
        elif isinstance(values, WordSet):
            sizes.update(values.words)
    is_word = dimensions[key].kind == "word"
    lists = {constant: (others if is_word else loose) + change for constant, change in sizes.items()}
    if dimensions[key].universe.missing:
        lists[None] = loose + sum(values.missing for values in tested)
    # Words that are not named find the same list as a missing one, or one that only they need.
    rest = others if is_word and lists.get(None) != others else 0
    total = max(1, sum(lists.values()) + rest)
    expected = sum(size * size for size in lists.values()) / total
    return _Choice(
        key=key,
        constants=tuple(sorted(lists, key=str)),
        longest=max(lists.values()),
        growth=max(1.0, total / count),
        expected=expected,
    )


def _restrict(
    rules: Sequence[Rule], otherwise: int | None, key: str, constant: Constant | _Others
) -> tuple[list[Rule], int | None]:
    """Return the boxes that can hold when the fact has the value, which no longer test it, and what holds else."""
    kept: dict[Box, int] = {}
    for index, box in rules:
        values = box.sides.get(key)
        if values is not None and not _allows(values, constant):
            continue
        rest = Box(sides={other: tested for other, tested in box.sides.items() if other != key})
        if not rest.sides:
            otherwise = index
            break
        kept.setdefault(rest, index)  # the same tests again can never be first
    return [(index, box) for box, index in kept.items()], otherwise


def _allows(values: ValueSet, constant: Constant | _Others) -> bool:
    if isinstance(constant, _Others):
        return isinstance(values, WordSet) and values.cofinite
    return values.contains(constant)
