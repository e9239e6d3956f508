"""The regions of an ordered list as durable_rules networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class _Part:
    """Consecutive rules in one session; `winners` are their regions."""

    def __init__(self, rules: Sequence[Rule], writer: EventWriter) -> None:
        self.writer = writer
        self.winners = [index for index, _ in rules]
        self.session = Session([atoms for _, atoms in rules])


class _Chain:
    """The parts of a list that was too wide for one session, in order."""

    def __init__(self, parts: Sequence[_Part], otherwise: int | None) -> None:
        self._parts = parts
        self._otherwise = otherwise

    def first(self, point: Point) -> int | None:
        writer, event = None, ""
        for part in self._parts:
            if part.writer is not writer:
                writer = part.writer
                event = writer.write(point)
            number = part.session.match(event)
            if number is not None:
                return part.winners[number]
        return self._otherwise


class _Choice:
    """What follows for each value of one fact."""

    def __init__(self, key: str, branches: WordAnswers[_Compiled] | BooleanAnswers[_Compiled]) -> None:
        self.key = key
        self.branches = branches


_Compiled: TypeAlias = _Chain | _Choice


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
        return node.first(point)

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

    def compile(self) -> _Compiled:
        choosing = self._dimensions.keys() - self._columns.integers.keys()
        return self._follow(partition(self._expansion.rules, self._expansion.otherwise, choosing))

    def _follow(self, tree: Tree) -> _Compiled:
        return self._choose(tree) if isinstance(tree, Split) else self._chain(tree)

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

    def _chain(self, leaf: Leaf) -> _Chain:
        parts = [_Part(rules, self._find_writer(rules)) for rules in cut(leaf.rules)]
        self.sessions.extend(part.session for part in parts)
        return _Chain(parts, leaf.otherwise)

    def _find_writer(self, rules: Sequence[Rule]) -> EventWriter:
        names = tuple(sorted({atom.fact for _, atoms in rules for atom in atoms}))
        if names not in self._writers:
            self._writers[names] = EventWriter(names, self._columns)
        return self._writers[names]
