"""The regions of an ordered list as durable_rules networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from engine.conditions.boxes import Point, Region
from engine.conditions.sets import BooleanSet, Dimension
from engine.network.atoms import MISSING_BOOLEAN, MISSING_WORD, decode_word
from engine.network.events import Columns, EventWriter, describe_columns
from engine.network.expansion import Expansion
from engine.network.partition import Leaf, Rule, Split, Tree, partition
from engine.network.session import Session
from engine.network.values import BooleanAnswers, WordAnswers
from engine.network.width import cut


class _Leaf:
    """Sessions to ask in order, those that read the same event together, and what holds when none matches."""

    def __init__(self, otherwise: int | None) -> None:
        self.groups: list[tuple[Callable[[Point], str], list[_Asked]]] = []
        self.otherwise = otherwise


class _Choice:
    """What follows for each value of one fact."""

    def __init__(self, key: str, branches: WordAnswers[_Compiled] | BooleanAnswers[_Compiled]) -> None:
        self.key = key
        self.branches = branches


# A session's question and the regions of its rules.
_Asked: TypeAlias = tuple[Callable[[str], int | None], list[int]]
_Compiled: TypeAlias = _Leaf | _Choice


class Network:
    """Answers which of the regions is the first that contains a point."""

    def __init__(self, regions: Sequence[Region], dimensions: Mapping[str, Dimension]) -> None:
        compiler = _Compiler(Expansion(regions, dimensions), dimensions)
        self._root = compiler.compile()
        self._sessions = compiler.sessions

    @property
    def resets(self) -> int:
        """Count how often a session had to be made anew; 0 is expected."""
        return sum(session.resets for session in self._sessions)

    def first(self, point: Point) -> int | None:
        """Return the index of the first region that contains the point; a fact that is not given is missing.

        Raises UnfitValue for a value that its fact cannot have, if a rule still possible tests that fact, and
        EngineFault if durable_rules fails twice.
        """
        node = self._root
        while isinstance(node, _Choice):
            node = node.branches[point.get(node.key)]
        for write, asked in node.groups:
            event = write(point)
            for match, regions in asked:
                number = match(event)
                if number is not None:
                    return regions[number]
        return node.otherwise

    def close(self) -> None:
        """Free the sessions; waits for evaluations under way, and later ones raise NetworkClosed."""
        for session in self._sessions:
            session.close()


class _Compiler:
    """Makes the sessions for a partition of rules."""

    def __init__(self, expansion: Expansion, dimensions: Mapping[str, Dimension]) -> None:
        self.sessions: list[Session] = []
        self._expansion = expansion
        self._columns: Columns = describe_columns(expansion, dimensions)
        self._dimensions = {name: dimensions[key] for key, name in expansion.names.items()}
        self._writers: dict[tuple[str, ...], EventWriter] = {}
        self._leaves: dict[Leaf, _Leaf] = {}

    def compile(self) -> _Compiled:
        choosing = self._dimensions.keys() - self._columns.integers.keys()
        return self._follow(partition(self._expansion.rules, self._expansion.otherwise, choosing))

    def _follow(self, tree: Tree) -> _Compiled:
        if isinstance(tree, Split):
            return self._choose(tree)
        if tree not in self._leaves:
            self._leaves[tree] = self._make_leaf(tree)
        return self._leaves[tree]

    def _choose(self, split: Split) -> _Choice:
        dimension = self._dimensions[split.fact]
        others = self._follow(split.others)
        branches = {constant: self._follow(branch) for constant, branch in split.branches.items()}
        if isinstance(dimension.universe, BooleanSet):
            answers = [branches.get(sign, others) for sign in (0, 1, MISSING_BOOLEAN)]
            return _Choice(dimension.key, BooleanAnswers(dimension, answers))
        missing = branches.get(MISSING_WORD, others)
        words = {decode_word(str(constant)): branch for constant, branch in branches.items()}
        named = {word: branch for word, branch in words.items() if word is not None}
        return _Choice(dimension.key, WordAnswers(dimension, named, others=others, missing=missing))

    def _make_leaf(self, leaf: Leaf) -> _Leaf:
        made = _Leaf(leaf.otherwise)
        for rules in cut(leaf.rules):
            write = self._find_writer(rules).write
            session = Session([atoms for _, atoms in rules])
            self.sessions.append(session)
            if not made.groups or made.groups[-1][0] != write:
                made.groups.append((write, []))
            made.groups[-1][1].append((session.match, [index for index, _ in rules]))
        return made

    def _find_writer(self, rules: Sequence[Rule]) -> EventWriter:
        names = tuple(sorted({atom.fact for _, atoms in rules for atom in atoms}))
        if names not in self._writers:
            self._writers[names] = EventWriter(names, self._columns)
        return self._writers[names]
