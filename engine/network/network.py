"""The regions of an ordered list as durable_rules networks behind a sieve.

A few facts choose a list of boxes; the sieve leaves those boxes of it that no fact excludes; if there are any, one
event asks the session that has the first of them. So whatever the number of rules, durable_rules is asked once, about
a few, and the sieve is checked: the winner must be the first box that it left. Whether a box holds hangs only on the
bands of the numbers that it tests, so what was confirmed for these is remembered, and not asked again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from engine.conditions.boxes import Box, Dimensions, Point, Region
from engine.conditions.sets import BooleanSet
from engine.network.events import Columns, Describer, write_flag
from engine.network.listing import Listing, list_boxes
from engine.network.packing import BLOCK_RULES, MAX_NUMBERS, Packer, Place
from engine.network.partition import Leaf, Rule, Split, Tree, partition
from engine.network.session import Session, WrongWinner
from engine.network.values import BandAnswers, BooleanAnswers, WordAnswers

_Match: TypeAlias = Callable[[str], int | None]
# Confirmations remembered by one network, some 5 MB; then it begins anew.
MOST_CONFIRMED = 30_000
# A block of a list: the question; what added to a box's place is its rule's number there; the block's boxes as bits;
# what names each box of the list.
_Block: TypeAlias = tuple[_Match, int, int, Sequence[str]]


class _Node:
    """A choice by the value of the fact `key`; where that is None, a list of boxes.

    One class for both, its parts read without a call, because every decision walks here. Where no box of the list
    holds, the answer is that of the node `after` or, without one, `otherwise`.
    """

    __slots__ = (
        "after",
        "blocks",
        "boxes",
        "branches",
        "first",
        "key",
        "numbers",
        "otherwise",
        "regions",
        "sent",
        "tested",
        "truths",
        "words",
    )

    def __init__(self, columns: Columns) -> None:
        self.key: str | None = None
        self.branches: WordAnswers[_Node] | BooleanAnswers[_Node] | BandAnswers[_Node] | Mapping[object, _Node] = {}
        self.words, self.truths, self.numbers = columns.words, columns.truths, columns.numbers
        self.sent, self.tested = columns.sent, columns.tested
        self.first = 0  # the network's number of the list's first box
        self.boxes = 0
        self.blocks: tuple[_Block, ...] = ()
        self.regions: Sequence[int] = ()
        self.after: _Node | None = None
        self.otherwise: int | None = None


class Network:
    """Answers which of the regions is the first that contains a point."""

    def __init__(self, regions: Sequence[Region], dimensions: Dimensions) -> None:
        compiler = _Compiler(dimensions)
        self._root = compiler.compile(regions)
        self._sessions = compiler.sessions
        self._confirmed: set[tuple[int, int]] = set()

    @property
    def session_count(self) -> int:
        """Count the sessions of durable_rules."""
        return len(self._sessions)

    @property
    def confirmed_count(self) -> int:
        """Count what is remembered of durable_rules' answers."""
        return len(self._confirmed)

    @property
    def resets(self) -> int:
        """Count how often a session had to be made anew; 0 is expected."""
        return sum(session.resets for session in self._sessions)

    def first(self, point: Point) -> int | None:
        """Return the index of the first region that contains the point; a fact that is not given is missing.

        Raises UnfitValue for a value that its fact cannot have, if a rule still possible tests that fact, and
        EngineFault if durable_rules fails twice or answers another region than the sieve.
        """
        get = point.get
        node: _Node | None = self._root
        otherwise = None
        while node is not None:
            while (key := node.key) is not None:
                node = node.branches[get(key)]
            possible = node.boxes
            for key, answers in node.words:
                possible &= answers[get(key)]
            for key, yes, no, answer in node.truths:
                value = get(key)
                possible &= yes if value is True else no if value is False else answer(value)
            bands = 0
            for key, low, high, missing, starts, masks, shifted, find in node.numbers:
                value = get(key)
                if type(value) is int and low <= value <= high:
                    band = bisect_right(starts, value)
                else:
                    band = missing if value is None and missing is not None else find(value)
                possible &= masks[band]
                bands |= shifted[band]
            if possible:
                box = (possible & -possible).bit_length() - 1
                asked = (node.first + box, bands & node.tested[box])
                if asked not in self._confirmed:
                    self._confirm(node, box, possible, bands)
                    self._remember(asked)
                return node.regions[box]
            otherwise = node.otherwise
            node = node.after
        return otherwise

    def _confirm(self, node: _Node, box: int, possible: int, bands: int) -> None:
        """Ask durable_rules which of the possible boxes wins: it must be the first."""
        match, base, boxes, flags = node.blocks[box // BLOCK_RULES]
        named = _name(possible & boxes, flags) if flags else ""
        numbers = "".join([texts[bands >> shift & mask] for texts, shift, mask in node.sent])
        number = match(f'{{"id":"e"{named}{numbers}}}')
        if number != base + box:
            raise WrongWinner(number, base + box, self.resets)

    def _remember(self, asked: tuple[int, int]) -> None:
        if len(self._confirmed) >= MOST_CONFIRMED:
            self._confirmed.clear()
        self._confirmed.add(asked)

    def close(self) -> None:
        """Free the sessions; waits for evaluations under way, and later ones raise NetworkClosed."""
        self._confirmed.clear()
        for session in self._sessions:
            session.close()


def _name(boxes: int, flags: Sequence[str]) -> str:
    """Return the text that names the boxes."""
    named = ""
    while boxes:
        lowest = boxes & -boxes
        named += flags[lowest.bit_length() - 1]
        boxes ^= lowest
    return named


class _Compiler:
    """Makes the sessions for a partition of boxes."""

    def __init__(self, dimensions: Dimensions) -> None:
        self.sessions: list[Session] = []
        self._dimensions = dimensions
        self._packer = Packer()
        self._drafts: dict[Leaf, list[tuple[Listing, list[Place]]]] = {}
        self._nodes: dict[Leaf, _Node] = {}
        self._describer = Describer(dimensions)
        self._box_count = 0

    def compile(self, regions: Sequence[Region]) -> _Node:
        tree = partition(*_number_boxes(regions), self._dimensions)
        self._draft(tree)
        self.sessions = self._packer.make_sessions()
        return self._follow(tree)

    def _draft(self, tree: Tree) -> None:
        """Give the rules of every list their places."""
        if isinstance(tree, Split):
            for branch in (*tree.branches.values(), tree.others):
                self._draft(branch)
        elif tree not in self._drafts:
            listings = [list_boxes(rules, self._dimensions) for rules in _divide(tree.rules, self._dimensions)]
            self._drafts[tree] = [(listing, self._packer.place(listing.rules)) for listing in listings]

    def _follow(self, tree: Tree) -> _Node:
        if isinstance(tree, Split):
            return self._choose(tree)
        node = self._nodes.get(tree)
        if node is None:
            for listing, places in reversed(self._drafts[tree]):
                node, after = self._finish(listing, places), node
                node.after, node.otherwise = after, tree.otherwise
            node = self._nodes[tree] = node or _Node(Columns())
            node.otherwise = tree.otherwise
        return node

    def _finish(self, listing: Listing, places: Sequence[Place]) -> _Node:
        names = {name: given for place in places for name, given in place.names.items()}
        flags = [write_flag(None if flag is None else names[flag]) for flag in listing.flags]
        node = _Node(self._describer.describe(listing, names))
        node.regions = listing.regions
        node.first = self._box_count
        self._box_count += len(listing.rules)
        node.boxes = (1 << len(listing.rules)) - 1
        full = (1 << BLOCK_RULES) - 1
        node.blocks = tuple(
            (self.sessions[place.session].match, place.first - begin, full << begin, flags if any(flags) else ())
            for begin, place in zip(range(0, len(listing.rules), BLOCK_RULES), places, strict=True)
        )
        return node

    def _choose(self, split: Split) -> _Node:
        dimension = self._dimensions[split.key]
        branches = {constant: self._follow(branch) for constant, branch in split.branches.items()}
        others = self._follow(split.others)
        missing = branches.get(None, others)
        node = _Node(Columns())
        node.key = split.key
        if split.bands is not None:
            node.branches = BandAnswers(dimension, split.bands.starts, list(branches.values()))
        elif isinstance(dimension.universe, BooleanSet):
            node.branches = BooleanAnswers(dimension, (branches[False], branches[True], missing))
        else:
            named = {word: branch for word, branch in branches.items() if isinstance(word, str)}
            node.branches = WordAnswers(dimension, named, others=others, missing=missing)
        return node


def _number_boxes(regions: Sequence[Region]) -> tuple[list[Rule], int | None]:
    """Return the regions' boxes in order up to the first that holds everything, and the region of that one."""
    found: dict[Box, int] = {}
    for index, region in enumerate(regions):
        for box in region:
            if not box.sides:
                return [(owner, kept) for kept, owner in found.items()], index
            found.setdefault(box, index)  # the same box again can never be first
    return [(owner, kept) for kept, owner in found.items()], None


def _divide(rules: Sequence[Rule], dimensions: Dimensions) -> Iterator[list[Rule]]:
    """Divide a list where it has more numbers than an event has room for."""
    part: list[Rule] = []
    numbers: set[str] = set()
    for rule in rules:
        tested = {key for key in rule[1].sides if dimensions[key].kind == "integer"}
        if part and len(numbers | tested) > MAX_NUMBERS:
            yield part
            part, numbers = [], set()
        part.append(rule)
        numbers |= tested
    if part:
        yield part
