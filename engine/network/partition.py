"""A long list of rules as a tree of short ones.

After a match durable_rules walks all rules of a network twice, and each fact of an event costs time. So the facts that
most rules fix to one value choose a short list before anything is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import msgspec

from engine.network.atoms import Atom, Conjunction

Rule: TypeAlias = tuple[int, Conjunction]

# Below this a further choice saves less than it costs.
SHORT_LIST = 2
# A rule that does not fix the fact is in every branch: how many times as many rules all branches may hold together.
MAX_GROWTH = 1.5


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules in order of priority; `otherwise` is the region that holds when none of them does."""

    rules: tuple[Rule, ...]
    otherwise: int | None


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A choice by the value of one fact; `others` is for values that no rule names."""

    fact: str
    branches: dict[int | str, Tree]
    others: Tree


Tree: TypeAlias = Leaf | Split


def partition(
    rules: Sequence[Rule], otherwise: int | None, choosing: AbstractSet[str], growth: float = MAX_GROWTH
) -> Tree:
    """Return the tree whose branches, chosen by facts that are only tested for equality, hold the rules.

    All branches together hold at most `growth` times as many.
    """
    if len(rules) > SHORT_LIST:
        found = _choose(rules, choosing, growth)
        if found is not None:
            fact, constants, grown = found
            left = growth / grown
            ordered = sorted(constants, key=str)

            def follow(constant: int | str | None) -> Tree:
                return partition(*_restrict(rules, otherwise, fact, constant), choosing, left)

            branches = {constant: follow(constant) for constant in ordered}
            return Split(fact=fact, branches=branches, others=follow(None))
    return Leaf(rules=tuple(rules), otherwise=otherwise)


def _choose(
    rules: Sequence[Rule], choosing: AbstractSet[str], growth: float
) -> tuple[str, set[int | str], float] | None:
    """Return the fact that leaves the shortest branches, its constants and by how much the rules grow."""
    fixing: dict[str, Counter[int | str]] = {}
    for _, atoms in rules:
        for atom in atoms:
            if atom.fact in choosing:
                fixing.setdefault(atom.fact, Counter())[atom.constant] += atom.operator == "=="
    best: tuple[float, str, set[int | str], float] | None = None
    for fact, counts in fixing.items():
        loose = len(rules) - counts.total()
        sizes = [count + loose for count in counts.values()]
        grown = max(1.0, (sum(sizes) + loose) / len(rules))
        longest = max(sizes)
        candidate = (sum(size * size for size in sizes) / sum(sizes), fact, set(counts), grown)
        if grown <= growth and longest < len(rules) and (best is None or candidate[:2] < best[:2]):
            best = candidate
    return best[1:] if best else None


def _restrict(
    rules: Sequence[Rule], otherwise: int | None, fact: str, constant: int | str | None
) -> tuple[list[Rule], int | None]:
    """Return the rules that can hold when the fact has the value, which no longer test it, and what holds else."""
    kept: dict[Conjunction, int] = {}
    for index, atoms in rules:
        if any(atom.fact == fact and not _holds(atom, constant) for atom in atoms):
            continue
        rest = tuple(atom for atom in atoms if atom.fact != fact)
        if not rest:
            otherwise = index
            break
        kept.setdefault(rest, index)  # the same tests again can never be first
    return [(index, atoms) for atoms, index in kept.items()], otherwise


def _holds(atom: Atom, constant: int | str | None) -> bool:
    return (atom.constant == constant) is (atom.operator == "==")
