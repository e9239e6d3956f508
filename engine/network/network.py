"""The regions of an ordered list as durable_rules networks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Box, Dimensions, Point, Region
from engine.conditions.sets import BooleanSet
from engine.network.atoms import Conjunction
from engine.network.events import BandColumn, Columns, TruthColumn, WordColumn, describe_columns
from engine.network.expansion import Expansion
from engine.network.packing import SHARED_RULES, Packer, Place
from engine.network.partition import Leaf, Rule, Split, Tree, partition
from engine.network.session import Session
from engine.network.values import BooleanAnswers, WordAnswers
from engine.network.width import MAX_FACTS, Numbered, cut

# A session's question, and the regions of a list's rules by their numbers there.
_Asked: TypeAlias = tuple[Callable[[str], int | None], Mapping[int, int]]
# How an event is written, and whom to ask about it in turn.
_Step: TypeAlias = tuple[tuple[WordColumn, ...], tuple[TruthColumn, ...], tuple[BandColumn, ...], tuple[_Asked, ...]]
_Branches: TypeAlias = "WordAnswers[_Node] | BooleanAnswers[_Node]"


class _Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of a list that read one event, before there are sessions: each part's place and the regions of its rules."""

    columns: Columns
    parts: Sequence[tuple[Place, Sequence[int]]]


class _Node:
    """A choice by the value of the fact `key`; where that is None, what to ask in turn and what holds otherwise."""

    __slots__ = ("branches", "key", "otherwise", "steps")

    def __init__(self, *, key: str | None = None, branches: _Branches | None = None) -> None:
        self.key = key
        self.branches = branches
        self.steps: tuple[_Step, ...] = ()
        self.otherwise: int | None = None


class Network:
    """Answers which of the regions is the first that contains a point."""

    def __init__(self, regions: Sequence[Region], dimensions: Dimensions) -> None:
        compiler = _Compiler(dimensions)
        self._root = compiler.compile(regions)
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
        get = point.get
        node = self._root
        while (key := node.key) is not None:
            node = node.branches[get(key)]
        for words, truths, bands, asked in node.steps:
            event = ""
            for key, texts in words:
                event += texts[get(key)]
            for key, yes, no, write in truths:
                value = get(key)
                event += yes if value is True else no if value is False else write(value)
            for key, low, high, starts, codes, write in bands:
                value = get(key)
                if type(value) is int and low <= value <= high:
                    event += codes[bisect_right(starts, value)]
                else:
                    event += write(value)
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

    def __init__(self, dimensions: Dimensions) -> None:
        self.sessions: list[Session] = []
        self._dimensions = dimensions
        self._packer = Packer()
        self._drafts: dict[Leaf, list[_Draft]] = {}
        self._nodes: dict[Leaf, _Node] = {}

    def compile(self, regions: Sequence[Region]) -> _Node:
        tree = partition(*_list_boxes(regions), self._dimensions)
        self._draft(tree)
        self.sessions = self._packer.make_sessions()
        return self._follow(tree)

    def _draft(self, tree: Tree) -> None:
        if isinstance(tree, Split):
            for branch in (*tree.branches.values(), tree.others):
                self._draft(branch)
        elif tree not in self._drafts:
            self._drafts[tree] = self._draft_leaf(tree)

    def _draft_leaf(self, leaf: Leaf) -> list[_Draft]:
        """Give a list of rules its place: a short one beside others, each part of a long one alone."""
        expansion = Expansion(leaf.rules, self._dimensions)
        parts = cut(expansion.rules)
        if len(parts) == 1 and len(parts[0]) <= SHARED_RULES:
            place = self._packer.place(_tests(parts[0]))
            facts = {place.names[name]: fact for name, fact in expansion.facts.items()}
            return [_Draft(columns=describe_columns(facts), parts=[(place, _owners(parts[0]))])]
        drafts = []
        for used, group in _group(parts):
            columns = describe_columns({name: fact for name, fact in expansion.facts.items() if name in used})
            placed = [(self._packer.place_alone(_tests(part)), _owners(part)) for part in group]
            drafts.append(_Draft(columns=columns, parts=placed))
        return drafts

    def _follow(self, tree: Tree) -> _Node:
        if isinstance(tree, Split):
            return self._choose(tree)
        node = self._nodes.get(tree)
        if node is None:
            node = self._nodes[tree] = _Node()
            node.steps = tuple(map(self._finish, self._drafts[tree]))
            node.otherwise = tree.otherwise
        return node

    def _finish(self, draft: _Draft) -> _Step:
        asked = tuple(
            (self.sessions[place.session].match, dict(enumerate(regions, start=place.first)))
            for place, regions in draft.parts
        )
        columns = draft.columns
        return columns.words, columns.truths, columns.bands, asked

    def _choose(self, split: Split) -> _Node:
        dimension = self._dimensions[split.key]
        others = self._follow(split.others)
        branches = {constant: self._follow(branch) for constant, branch in split.branches.items()}
        missing = branches.get(None, others)
        if isinstance(dimension.universe, BooleanSet):
            answers = [branches.get(truth, others) for truth in (False, True)]
            return _Node(key=split.key, branches=BooleanAnswers(dimension, [*answers, missing]))
        named = {word: branch for word, branch in branches.items() if isinstance(word, str)}
        return _Node(key=split.key, branches=WordAnswers(dimension, named, others=others, missing=missing))


def _tests(part: Sequence[Numbered]) -> list[Conjunction]:
    return [tests for _, tests in part]


def _owners(part: Sequence[Numbered]) -> list[int]:
    return [region for region, _ in part]


def _group(parts: Sequence[list[Numbered]]) -> Iterator[tuple[set[str], list[list[Numbered]]]]:
    """Put parts together as long as one event has room for their facts."""
    used: set[str] = set()
    group: list[list[Numbered]] = []
    for part in parts:
        facts = {test.fact for _, tests in part for test in tests}
        if group and len(used | facts) > MAX_FACTS:
            yield used, group
            used, group = set(), []
        used |= facts
        group.append(part)
    if group:
        yield used, group


def _list_boxes(regions: Sequence[Region]) -> tuple[list[Rule], int | None]:
    """Return the regions' boxes in order up to the first that holds everything, and the region of that one."""
    found: dict[Box, int] = {}
    for index, region in enumerate(regions):
        for box in region:
            if not box.sides:
                return [(owner, kept) for kept, owner in found.items()], index
            found.setdefault(box, index)  # the same box again can never be first
    return [(owner, kept) for kept, owner in found.items()], None
