"""How much of durable_rules' fixed tables a list of rules can fill at worst, and where to cut it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.network.atoms import Atom, Conjunction

# An event may keep 64 matched tests pending; beyond, matches are lost without a sign. One is the warm-up rule's.
MAX_WIDTH = 63
# The table of tests that follow one test has 512 places, and the last ends it; the warm-up rule takes one.
MAX_CHILDREN = 510
# durable_rules holds 4,096 rules; the time to build grows faster than their number.
MAX_RULES = 2_000
# An event has room for 252 facts.
MAX_FACTS = 200


class _Node:
    """A test in the tree that durable_rules shares between rules beginning with the same tests.

    A fact equals one constant only, so of the equalities on one fact the widest alone counts; all other tests may
    hold together.
    """

    def __init__(self) -> None:
        self.children: dict[Atom, _Node] = {}
        self._widest: dict[str, int] = {}
        self._exclusive = 0
        self._together = 0

    def width(self) -> int:
        return max(1, self._exclusive + self._together)

    def count(self, atom: Atom, before: int, after: int) -> None:
        """Take note that the subtree under a child has grown."""
        if atom.operator == "==":
            known = self._widest.get(atom.fact, 0)
            if after > known:
                self._widest[atom.fact] = after
                self._exclusive += after - known
        else:
            self._together += after - before


class WidthTree:
    """The tests of some rules, merged as durable_rules merges them."""

    def __init__(self) -> None:
        self._root = _Node()
        self._facts: set[str] = set()
        self._rules = 0

    def add(self, conjunction: Conjunction) -> bool:
        """Add a rule's tests; answer whether all of them together are still inside the limits."""
        node = self._root
        path: list[tuple[_Node, Atom, _Node, int]] = []
        fits = True
        for atom in conjunction:
            child = node.children.get(atom)
            before = 0
            if child is None:
                child = node.children[atom] = _Node()
                fits = fits and len(node.children) <= MAX_CHILDREN
            else:
                before = child.width()
            path.append((node, atom, child, before))
            node = child
        for parent, atom, child, before in reversed(path):
            parent.count(atom, before, child.width())
        self._facts.update(atom.fact for atom in conjunction)
        self._rules += 1
        fits = fits and self._rules <= MAX_RULES and len(self._facts) <= MAX_FACTS
        return fits and self._root.width() <= MAX_WIDTH


def cut(conjunctions: Iterable[tuple[int, Conjunction]]) -> list[list[tuple[int, Conjunction]]]:
    """Cut an ordered list of numbered rules into the longest consecutive parts that are inside the limits."""
    parts: list[list[tuple[int, Conjunction]]] = []
    tree = WidthTree()
    part: list[tuple[int, Conjunction]] = []
    for numbered in conjunctions:
        if not tree.add(numbered[1]):
            parts.append(part)
            part = []
            tree = WidthTree()
            tree.add(numbered[1])
        part.append(numbered)
    if part:
        parts.append(part)
    return parts
