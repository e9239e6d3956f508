"""A program's masks as tables: for each coordinate and class of its values, the boxes that allow it, as words.

They are the masks of `engine.evaluation.program`, bit for bit, only in another order: what is first in a decision
comes first, so that the lowest bit wins.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.facts import fact_of
from engine.coordinates.stops import stopped
from engine.evaluation.program import Program
from engine.model.money import Worked
from engine.network.masks import Column
from engine.portfolio.bits import WORD, Bits, Ints, Truths, any_of, as_words, lowest

NOBODY = -1


class Table(NamedTuple):
    """One coordinate: a row of words for each class of its values, and the boxes that some value is kept out of."""

    coordinate: Coordinate
    column: Column
    words: Bits
    touched: Bits


class Choices(NamedTuple):
    """What the rules say of each account: the block that ends the search or the rule that wins, else `NOBODY`.

    ``stops`` has a bit for each stopping block that holds, in the order of the program's.
    """

    block: Ints
    rule: Ints
    can_do_otherwise: Truths
    stops: Ints

    def at(self, rows: Ints) -> "Choices":
        """Return those of some rows."""
        return Choices(self.block[rows], self.rule[rows], self.can_do_otherwise[rows], self.stops[rows])


class Segment(NamedTuple):
    """Some boxes that stand in words of their own, in the order in which the first wins, each with what it is for."""

    first: int
    past: int
    owners: Ints

    def winner(self, holding: Bits) -> Ints:
        """Return for whom the first box is that holds, `NOBODY` where none does."""
        place = lowest(holding[:, self.first : self.past])
        return np.where(place < 0, NOBODY, self.owners[place])


class _Layout:
    """Puts boxes into segments; a box may stand in several."""

    def __init__(self) -> None:
        self.places: list[int] = []

    def add(self, owned: Sequence[tuple[int, int]]) -> Segment:
        """Add boxes, each with whom it is for; the segment ends with its last word."""
        first = len(self.places) // WORD
        self.places += [box for box, _ in owned]
        self.places += [-1] * (-len(self.places) % WORD)
        past = len(self.places) // WORD
        owners = [owner for _, owner in owned]
        owners += [NOBODY] * ((past - first) * WORD - len(owned))
        return Segment(first, past, np.array(owners, dtype=np.int64))


class Tables:
    """The tables of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        masks, edition, plan = program.masks, program.edition, program.plan
        self._table = table = masks.table
        count = len(edition.rules)
        layout = _Layout()
        rules = range(count)
        self.blocks = len(program.full_blocks)
        full = [(box, place) for place, i in enumerate(program.full_blocks) for box in self._boxes(3 * count + i)]
        written = [(box, self.blocks + i) for i in rules for box in (*self._boxes(i), *self._boxes(count + i))]
        otherwise = [(box, self.blocks + count) for box in self._boxes(3 * count + len(edition.blocks))]
        self._main = layout.add([*full, *written, *otherwise])
        self._stops = [
            layout.add([(box, i) for box in self._boxes(3 * count + i)]) if plan.blocks[i] else None
            for i in program.stop_blocks
        ]
        levels = sorted((rule.level or 0, i) for i, rule in enumerate(edition.rules) if plan.turns[i])
        turns = [(box, level) for level, i in levels for box in self._boxes(2 * count + i)]
        self._turns = layout.add(turns) if turns else None
        ladder = () if program.is_ladder_written else program.ladder_order
        ranked = [(box, i) for i, again in ladder for box in self._boxes(i + (count if again else 0))]
        self._ladder = layout.add(ranked) if ranked else None
        parts = [(box, 0) for key in plan.parts for box in self._boxes_of_part(key)]
        self._part_boxes = layout.add(parts) if parts else None
        self._places = np.array(layout.places, dtype=np.int64)
        self.width = len(layout.places) // WORD
        self.everything = self.arrange([table.everything])[0]
        self.tables = {
            key: Table(
                plan.dimensions[key],
                column,
                self.arrange(column.masks),
                self.arrange([column.touched])[0],
            )
            for key, column in table.columns.items()
        }
        self.read = {key: each for key, each in self.tables.items() if not each.coordinate.is_worked_out}
        starts = table.starts
        self._parts = [
            (self.arrange([(1 << starts[region + 1]) - (1 << starts[region])])[0], self.tables[key].words)
            for region, key in enumerate(plan.parts, 3 * count + len(edition.blocks) + 1)
            if key in self.tables
        ]
        self._unstopped = [
            self._without(stopped(a).key for a in edition.blocks[i].stops or ()) for i in program.stop_blocks
        ]
        self._up_to = {level: self._only_up_to(level) for level, _ in levels}
        self.written: dict[str, pa.Array] = {}
        self.fees: dict[tuple[str, int], Worked] = {}
        self._together: dict[tuple[str, ...], Bits] = {}
        self._of_rule: dict[int, Bits] = {}
        self._facts_of_box: dict[int, list[str]] = {}
        self.of_contacts, self.of_interest = self.arrange([masks.of_contacts, masks.of_interest])
        self._has_level = np.array([rule.level is not None for rule in edition.rules] or [False], dtype=np.bool_)

    def _boxes(self, region: int) -> range:
        starts = self._table.starts
        return range(starts[region], starts[region + 1])

    def _boxes_of_part(self, key: str) -> range:
        plan, edition = self.program.plan, self.program.edition
        return self._boxes(3 * len(edition.rules) + len(edition.blocks) + 1 + list(plan.parts).index(key))

    def arrange(self, masks: Sequence[int]) -> Bits:
        """Return masks of the program as rows of words in the order of the tables."""
        size = len(self._table.owners)
        if size == 0:
            return np.zeros((len(masks), self.width), dtype=np.uint64)
        narrow = as_words((mask & self._table.everything for mask in masks), -(-size // WORD))
        bits = np.unpackbits(narrow.view(np.uint8), axis=1, bitorder="little")
        ordered = np.where(self._places >= 0, bits[:, self._places], 0).astype(np.uint8)
        return np.ascontiguousarray(np.packbits(ordered, axis=1, bitorder="little")).view(np.uint64)

    def _without(self, keys: Iterable[str]) -> Bits:
        """Return the boxes that ask nothing of some coordinates."""
        barred = 0
        for key in keys:
            if key in self._table.columns:
                barred |= self._table.columns[key].touched
        return self.arrange([self._table.everything & ~barred])[0]

    def _only_up_to(self, level: int) -> Bits:
        """Return the boxes that are not those of rules above a level."""
        count, above = len(self.program.edition.rules), 0
        for i, rule in enumerate(self.program.edition.rules):
            if rule.level is not None and rule.level > level:
                above |= self._table.region_mask(i, i + 1) | self._table.region_mask(count + i, count + i + 1)
        return self.arrange([self._table.everything & ~above])[0]

    def together(self, tables: Sequence[Table]) -> Bits:
        """Return the boxes for each combination of classes of some coordinates, the last counting quickest."""
        keys = tuple(each.coordinate.key for each in tables)
        if keys not in self._together:
            words = tables[0].words
            for each in tables[1:]:
                words = (words[:, None, :] & each.words[None, :, :]).reshape(-1, self.width)
            self._together[keys] = words
        return self._together[keys]

    def up_to_fixed_block(self, settled: Bits) -> Bits:
        """Return for each row the boxes that may matter on some day: none behind a block that no day lifts."""
        main = slice(self._main.first, self._main.past)
        held = settled[:, main] & self._fixed_blocks[main]
        place = lowest(held)
        return self._prefixes[place]

    @cached_property
    def _fixed_blocks(self) -> Bits:
        """Return the boxes of full blocks that ask nothing that moves or is worked out."""
        moving = np.zeros(self.width, dtype=np.uint64)
        for each in self.tables.values():
            if each.coordinate.motion != "fixed" or each.coordinate.is_worked_out:
                moving |= each.touched
        found = np.zeros(self.width, dtype=np.uint64)
        for place in range(len(self._main.owners)):
            if 0 <= self._main.owners[place] < self.blocks:
                found[self._main.first + place // WORD] |= np.uint64(1 << place % WORD)
        return found & ~moving

    @cached_property
    def _prefixes(self) -> Bits:
        """Return by place of a fixed block's box what may matter where it holds; the last is for none."""
        size = (self._main.past - self._main.first) * WORD
        found = np.repeat(self.everything[None, :], size + 1, axis=0)
        for place in range(size):
            bits = self.everything.copy()
            for word in range(self._main.first, self._main.past):
                low = (word - self._main.first) * WORD
                kept = min(max(place + 1 - low, 0), WORD)
                bits[word] &= np.uint64((1 << kept) - 1)
            for segment in (*self._stops, self._turns, self._ladder):
                if segment is not None:
                    bits[segment.first : segment.past] = 0
            found[place] = bits
        return found

    def boxes_of_rule(self, index: int) -> Bits:
        """Return the boxes of a rule that make it win."""
        if index not in self._of_rule:
            count = len(self.program.edition.rules)
            boxes = self._table.region_mask(index, index + 1) | self._table.region_mask(
                count + index, count + index + 1
            )
            found = np.zeros(self.width, dtype=np.uint64)
            main = slice(self._main.first, self._main.past)
            found[main] = self.arrange([boxes])[0][main]
            self._of_rule[index] = found
        return self._of_rule[index]

    def facts_of_box(self, place: int) -> list[str]:
        """Return the facts that a box asks about, the age of the debt first."""
        if place not in self._facts_of_box:
            box = self._table.box(1 << int(self._places[place]))
            asked = (fact_of(each) for each in self.program.plan.under(box.sides))
            names = dict.fromkeys(fact.name for fact in asked if fact is not None)
            self._facts_of_box[place] = sorted(names, key=lambda name: name != DAYS_OVERDUE)
        return self._facts_of_box[place]

    def choose(self, holding: Bits) -> Choices:
        """Return what wins where these boxes hold, as `Masks.choose` does; they are narrowed to what is left."""
        for region, words in self._parts:
            holding &= words[any_of(holding, region).astype(np.int64)]
        stops = np.zeros(len(holding), dtype=np.int64)
        for number, (segment, unstopped) in enumerate(zip(self._stops, self._unstopped, strict=True)):
            if segment is not None:
                held = segment.winner(holding) != NOBODY
                stops |= held.astype(np.int64) << number
                holding[held] &= unstopped
        if self._turns is not None:
            waiting = self._turns.winner(holding)
            for level, up_to in self._up_to.items():
                holding[waiting == level] &= up_to
        return self._conclude(holding, stops)

    def _conclude(self, holding: Bits, stops: Ints) -> Choices:
        count = len(self.program.edition.rules)
        main = self._main.winner(holding)
        is_block = (main >= 0) & (main < self.blocks)
        full = np.array([*self.program.full_blocks, NOBODY], dtype=np.int64)
        block = full[np.where(is_block, main, -1)]
        rule = np.where((main >= self.blocks) & (main < self.blocks + count), main - self.blocks, NOBODY)
        if self._ladder is not None:
            by_rank = (rule >= 0) & self._has_level[rule]
            rule = np.where(by_rank, self._ladder.winner(holding), rule)
        for number, i in enumerate(self.program.stop_blocks):
            stops = np.where(is_block & (block < i), stops & ~(1 << number), stops)
        return Choices(block=block, rule=rule, can_do_otherwise=main == self.blocks + count, stops=stops)
