"""The regions of an ordered list, and which of them is the first that contains a point: durable_rules says.

An index goes before it, of words and truth values only: some of these choose a list of boxes, and masks of the others
say which of the list are left. One event names these and carries the numbers that their rules test; whether the numbers
hold, all together, and which rule is first, is for durable_rules to say, every time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import TypeAlias

from engine.conditions.boxes import Box, Dimensions, Point, Region
from engine.conditions.sets import BooleanSet
from engine.network.events import Block, Numbers
from engine.network.masks import Columns, list_columns, reading_of
from engine.network.partition import Leaf, Rule, Split, Tree, partition
from engine.network.pool import MOST_RULES, Pool
from engine.network.session import WrongWinner
from engine.network.values import BooleanAnswers, WordAnswers

# An event has room for 252 facts; the others are flags.
MOST_NUMBERS = 180
_NOTHING = '{"id":"e"}'


class _Node:
    """A choice by the value of the fact `key`; where that is None, a list of boxes.

    One class for both, its parts read without a call, because every decision walks here. Of a list: what says which of
    its boxes are left, its blocks (the number of its first box, the boxes as bits, the block), and the region of each.
    """

    __slots__ = ("blocks", "branches", "everything", "key", "otherwise", "regions", "sieve")

    def __init__(self) -> None:
        self.key: str | None = None
        self.branches: WordAnswers[_Node] | BooleanAnswers[_Node] | Mapping[object, _Node] = {}
        self.sieve: Columns | None = None
        self.everything = 0
        self.blocks: Sequence[_Part] = ()
        self.regions: Sequence[int] = ()
        self.otherwise: int | None = None


_Part: TypeAlias = tuple[int, int, Block]


class Network:
    """Answers which of the regions is the first that contains a point."""

    def __init__(
        self, regions: Sequence[Region], dimensions: Dimensions, pool: Pool | None = None, *, decides: bool = True
    ) -> None:
        """Put the regions into sessions of one's own; those of a pool are filled by `grow`, or by who asks before.

        One that ``decides`` asks durable_rules every time, even where words and truth values leave no rule.
        """
        self._decides = decides
        self._dimensions = dimensions
        self._pool = pool or Pool()
        self._lists: dict[Leaf, _Node] = {}
        self._root = self._follow(partition(*_number_boxes(regions), dimensions))
        if pool is None:
            self.grow()
            self._pool.open()

    def grow(self) -> None:
        """Place all blocks that nobody has asked about yet."""
        for node in self._lists.values():
            for _, _, block in node.blocks:
                with self._pool.lock:
                    block.place()

    @property
    def resets(self) -> int:
        """Count how often a session had to be made anew; 0 is expected."""
        return sum(session.resets for session in self._pool.sessions)

    def first(self, point: Point) -> int | None:
        """Return the index of the first region that contains the point; a fact that is not given is missing.

        Raises UnfitValue for a value that its fact cannot have, if a rule still possible tests that fact, and
        EngineFault if durable_rules fails twice or answers a rule that it was not asked about.
        """
        get = reading_of(point)
        node = self._root
        while (key := node.key) is not None:
            node = node.branches[get(key)]
        sieve = node.sieve
        possible = node.everything if sieve is None else sieve.holding(point, node.everything)
        written, numbers = None, ""
        # Not "with": that takes twice as long, and this is on the way of every decision.
        self._pool.lock.acquire()
        try:
            for begin, boxes, block in node.blocks:
                asked = possible >> begin & boxes
                while asked:
                    event, columns, later = block[asked]
                    if columns is not written:
                        written, numbers = columns, ""
                        for key, starts, texts, missing, others in columns:
                            value = get(key)
                            if type(value) is int:
                                numbers += texts[bisect_right(starts, value)] or others[value]
                            else:
                                numbers += (missing if value is None else "") or others[value]
                        numbers += "}"
                    found = block.match(event + numbers)
                    if found is not None:
                        box = found - block.first
                        if box < 0 or not asked >> box & 1:
                            raise WrongWinner(found, self.resets)
                        return node.regions[begin + box]
                    asked = later
            if written is None and self._decides:
                self._ask_nothing()
        finally:
            self._pool.lock.release()
        return node.otherwise

    def close(self) -> None:
        """Free the sessions; waits for evaluations under way, and later ones raise NetworkClosed."""
        self._pool.close()

    def _ask_nothing(self) -> None:
        """Ask durable_rules though words and truth values leave no rule, so that nothing is decided without it."""
        found = self._pool.sessions[0].match(_NOTHING)
        if found is not None:
            raise WrongWinner(found, self.resets)

    def _follow(self, tree: Tree) -> _Node:
        if isinstance(tree, Split):
            return self._choose(tree)
        if tree not in self._lists:
            self._lists[tree] = self._list(tree)
        return self._lists[tree]

    def _choose(self, split: Split) -> _Node:
        dimension = self._dimensions[split.key]
        branches = {constant: self._follow(branch) for constant, branch in split.branches.items()}
        others = self._follow(split.others)
        missing = branches.get(None, others)
        node = _Node()
        node.key = split.key
        if isinstance(dimension.universe, BooleanSet):
            node.branches = BooleanAnswers(dimension, (branches[False], branches[True], missing))
        else:
            named = {word: branch for word, branch in branches.items() if isinstance(word, str)}
            node.branches = WordAnswers(dimension, named, others=others, missing=missing)
        return node

    def _list(self, leaf: Leaf) -> _Node:
        boxes = [box for _, box in leaf.rules]
        sieved, sent = self._sort_keys(boxes)
        node = _Node()
        node.otherwise = leaf.otherwise
        node.regions = [index for index, _ in leaf.rules]
        node.everything = (1 << len(boxes)) - 1
        if sieved:
            node.sieve = Columns(list_columns(boxes, self._dimensions, sieved).values())
        shared = cache(partial(Numbers, sent, boxes, self._dimensions)) if len(sent) <= MOST_NUMBERS else None
        blocks: list[_Part] = []
        begin = 0
        while begin < len(boxes):
            part = _cut(boxes[begin:], sent)
            numbers = shared or partial(Numbers, _keys_of(part) & sent, part, self._dimensions)
            blocks.append((begin, (1 << len(part)) - 1, Block(part, numbers, self._pool, is_named=bool(sieved))))
            begin += len(part)
        node.blocks = blocks
        return node

    def _sort_keys(self, boxes: Sequence[Box]) -> tuple[set[str], set[str]]:
        """Return the facts that the masks test, and those that durable_rules does.

        Of a box with more numbers than an event has room for, the masks test the rest.
        """
        keys = _keys_of(boxes)
        numbers = {key for key in keys if self._dimensions[key].kind == "integer"}
        surplus = {key for box in boxes for key in sorted(box.sides.keys() & numbers)[MOST_NUMBERS:]}
        return keys - numbers | surplus, numbers - surplus


def _keys_of(boxes: Iterable[Box]) -> set[str]:
    return {key for box in boxes for key in box.sides}


def _cut(boxes: Sequence[Box], sent: set[str]) -> Sequence[Box]:
    """Return as many of the first boxes as fit into a session, and their numbers into an event."""
    keys: set[str] = set()
    for number, box in enumerate(boxes[:MOST_RULES]):
        keys |= box.sides.keys() & sent
        if len(keys) > MOST_NUMBERS:
            return boxes[:number]
    return boxes[:MOST_RULES]


def _number_boxes(regions: Sequence[Region]) -> tuple[list[Rule], int | None]:
    """Return the regions' boxes in order up to the first that holds everything, and the region of that one."""
    found: dict[Box, int] = {}
    for index, region in enumerate(regions):
        for box in region:
            if not box.sides:
                return [(owner, kept) for kept, owner in found.items()], index
            found.setdefault(box, index)  # the same box again can never be first
    return [(owner, kept) for kept, owner in found.items()], None
