"""Who goes before whom: the rules of an edition over one space of accounts and histories."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from operator import or_

import msgspec

from engine.conditions.boxes import Box, Region
from engine.conditions.guessing import Guesser
from engine.conditions.sets import ValueSet
from engine.conditions.space import Packed, PackedBox, Space
from engine.evaluation.program import Program
from engine.model.ruleset import Rule

_MOST_GUESSED_FIELDS = 200


class _Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """The boxes, as bits, of all rules above a rule, of those without level, and of those that the ladder prefers."""

    every: list[int]
    leading: list[int]
    ladder: list[int]


class Precedence:
    """Where each rule may win, and what goes before it; ``fixed`` are sides that are the same everywhere here."""

    def __init__(
        self,
        program: Program,
        space: Space,
        *,
        impossible: Sequence[Box],
        fixed: Mapping[str, ValueSet],
    ) -> None:
        self.space = space
        self._program = program
        self._edition = program.edition
        self._rules: tuple[Rule, ...] = program.edition.rules
        self._plan = program.plan
        self._impossible_boxes = impossible
        self._fixed = fixed
        self._is_plain = not program.ruleset.has_ladder

    def pack(self, region: Region) -> Packed:
        """Return what of a region lies here, packed."""
        return self.space.pack_all(fix(region, self._fixed))

    @cached_property
    def impossible(self) -> Packed:
        """Return where no account is, whatever its history."""
        return self.pack(tuple(self._impossible_boxes))

    @cached_property
    def covered(self) -> Packed:
        """Return where the ruleset covers an account."""
        return self.pack(self._plan.coverage)

    @cached_property
    def blocked(self) -> Packed:
        """Return where a block ends the search."""
        blocks = zip(self._edition.blocks, self._plan.blocks, strict=True)
        return tuple(box for block, region in blocks if block.stops is None for box in self.pack(region))

    @cached_property
    def first(self) -> tuple[Packed, ...]:
        """Return where each rule may win for the first time, or without level, among accounts that are covered."""
        return tuple(self.space.common(self.pack(region), self.covered) for region in self._plan.first)

    @cached_property
    def again(self) -> tuple[Packed, ...]:
        """Return where each levelled rule may be repeated on the account's own level."""
        return tuple(self.space.common(self.pack(region), self.covered) for region in self._plan.again)

    @cached_property
    def eligible(self) -> tuple[Packed, ...]:
        """Return where each rule may win if nothing goes before it."""
        return tuple((*first, *again) for first, again in zip(self.first, self.again, strict=True))

    @cached_property
    def always(self) -> Packed:
        """Return where no rule wins, whatever its place."""
        return (*self.impossible, *self.blocked)

    @cached_property
    def _outside(self) -> tuple[int, Packed]:
        return self.space.split(self.always)

    @cached_property
    def _ranks(self) -> dict[tuple[int, bool], int]:
        return {each: rank for rank, each in enumerate(self._program.ladder_order)}

    def is_nowhere(self, boxes: Packed, without: Packed = ()) -> bool:
        """Tell whether no account that no block holds back is in some boxes and outside of others."""
        return self.space.is_covered(boxes, (*without, *self.always))

    def show(self, boxes: Packed, *, outside: Packed = ()) -> Iterator[Box]:
        """Yield for each of some boxes one with few sides of accounts that can be, outside of other boxes."""
        covers = (*self.impossible, *outside)
        for whole in boxes:
            found = self.space.first_rest((whole,), covers)
            if found is not None:
                yield self.space.unpack(self.space.widen(found, whole, covers))

    def before(self, rule: int, *, again: bool) -> list[tuple[str, Packed]]:
        """Return by id the rules that go before a rule, each with where it does so."""
        order = list_before(self._program, rule, again=again)
        return [(self._rules[i].id, (self.again if repeated else self.first)[i]) for i, repeated in order]

    def _better(self, rule: int, *, again: bool) -> list[tuple[str, Packed]]:
        """Return the levelled rules that the ladder prefers to a levelled rule."""
        better = self._program.ladder_order[: self._ranks[rule, again]]
        return [(self._rules[i].id, (self.again if repeated else self.first)[i]) for i, repeated in better]

    def _leading(self, rule: int) -> list[tuple[str, Packed]]:
        """Return the rules without level above a rule."""
        return [(self._rules[i].id, self.eligible[i]) for i in range(rule) if self._rules[i].level is None]

    def _chances(self, rule: int, *, again: bool) -> Iterator[tuple[Packed, list[int]]]:
        """Yield regions, each with the boxes outside which the rule wins there; together they are all of its wins.

        The ladder chooses if the first eligible rule has a level: each levelled rule from this one up may be the first.
        """
        boxes = (self.again if again else self.first)[rule]
        if not boxes:
            return
        yield boxes, [box for _, packed in self.before(rule, again=again) for box in packed]
        if self._is_plain or self._rules[rule].level is None:
            return
        better = [box for _, packed in self._better(rule, again=again) for box in packed]
        last_leading = max((i for i in range(rule) if self._rules[i].level is None), default=0)
        for opener in range(last_leading):
            if self._rules[opener].level is not None:
                opening = self.space.common(boxes, self.eligible[opener])
                yield opening, [*better, *(box for _, packed in self._leading(opener) for box in packed)]

    @cached_property
    def _guesser(self) -> "tuple[Guesser, _Ahead] | None":
        """Return the boxes of all rules as bits, and those that go before each rule; None where there are too many."""
        if len(self.space.fields) > _MOST_GUESSED_FIELDS:
            return None
        _, always = self._outside
        boxes = list(always)
        numbers: dict[tuple[int, bool], int] = {}
        for again, regions in ((False, self.first), (True, self.again)):
            for rule, packed in enumerate(regions):
                numbers[rule, again] = (1 << len(boxes) + len(packed)) - (1 << len(boxes))
                boxes += packed
        own = [numbers[rule, False] | numbers[rule, True] for rule in range(len(self._rules))]
        leading = [mine if rule.level is None else 0 for rule, mine in zip(self._rules, own, strict=True)]
        counted = (1 << len(always)) - 1
        ahead = _Ahead(
            every=[*accumulate(own, or_, initial=counted)],
            leading=[*accumulate(leading, or_, initial=counted)],
            ladder=[*accumulate((numbers[each] for each in self._program.ladder_order), or_, initial=counted)],
        )
        return Guesser(self.space, boxes), ahead

    def _guess(self, rule: int, within: Sequence[Packed], *, again: bool) -> Iterator[PackedBox]:
        """Yield a box in which a rule wins, if one is seen at once."""
        boxes = (self.again if again else self.first)[rule]
        if self._guesser is None or not boxes:
            return
        guesser, ahead = self._guesser
        if self._is_plain or self._rules[rule].level is None:
            against = ahead.every[rule]
        else:
            against = ahead.leading[rule] | ahead.ladder[self._ranks[rule, again]]
        outside, _ = self._outside
        boxes = self.space.common(boxes, (outside,))
        for each in within:
            boxes = self.space.common(boxes, each)
        found = (guesser.guess(box, against) for box in boxes)
        yield from (PackedBox(space=self.space, packed=box) for box in found if box is not None)

    def find_win(
        self, rule: int, *, within: Sequence[Packed] = (), without: Packed = (), is_wide: bool = False
    ) -> PackedBox | None:
        """Return a box in which a rule wins, within each of some regions and outside some boxes; None if there is none.

        A wide one has as few sides as can be.
        """
        return next(self.list_wins(rule, within=within, without=without, is_wide=is_wide), None)

    def list_wins(
        self, rule: int, *, within: Sequence[Packed] = (), without: Packed = (), is_wide: bool = False
    ) -> Iterator[PackedBox]:
        """Yield boxes in which a rule wins, one for each way in which it can be eligible."""
        outside, always = self._outside
        for again in (False, True):
            if not without and not is_wide:
                yield from self._guess(rule, within, again=again)
            for region, rivals in self._chances(rule, again=again):
                boxes = self.space.common(region, (outside,))
                for each in within:
                    boxes = self.space.common(boxes, each)
                covers = (*always, *without, *rivals)
                for whole in boxes:
                    found = self.space.first_rest((whole,), covers)
                    if found is not None:
                        shown = self.space.widen(found, whole, covers) if is_wide else found
                        yield PackedBox(space=self.space, packed=shown)


def list_before(program: Program, rule: int, *, again: bool) -> list[tuple[int, bool]]:
    """Return what goes before a rule, or before its repetition: (rule, whether a repetition).

    A rule without level above a levelled one goes before it, but where a levelled rule stands above both.
    """
    rules = program.edition.rules
    if not program.ruleset.has_ladder or rules[rule].level is None:
        return [(i, repeated) for i in range(rule) for repeated in (False, True)]
    better = program.ladder_order[: program.ladder_order.index((rule, again))]
    return [*better, *((i, False) for i in range(rule) if rules[i].level is None)]


def fix(region: Region, fixed: Mapping[str, ValueSet]) -> Region:
    """Return what of a region lies where some sides are fixed, without these sides."""
    if not fixed:
        return region
    return tuple(kept for box in region if (kept := _fix(box, fixed)) is not None)


def _fix(box: Box, fixed: Mapping[str, ValueSet]) -> Box | None:
    shared = box.sides.keys() & fixed.keys()
    if any(box.sides[key].intersection(fixed[key]).is_empty() for key in shared):
        return None
    return Box(sides={key: values for key, values in box.sides.items() if key not in shared}) if shared else box
