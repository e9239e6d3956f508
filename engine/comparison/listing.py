"""One side's decisions as a list of which the first that holds a point decides: blocks, rules, otherwise."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TypeAlias

import msgspec

from engine.comparison.behaviour import Behaviour, do_block, do_otherwise, do_rule
from engine.comparison.joint import Joint
from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, Region, region_of
from engine.conditions.sets import YES
from engine.coordinates.stops import stopped
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS

Listed: TypeAlias = tuple[Region, Behaviour]
Ranked: TypeAlias = list[tuple[int, bool]]


class Lister:
    """Lists what one side of a joint space decides for the accounts that it covers and can read."""

    def __init__(self, joint: Joint, side: int) -> None:
        self._joint = joint
        self._side = side
        self._code = joint.programs[side]
        self._plan = self._code.plan
        self._first = [joint.lift(side, region) for region in self._plan.first]
        self._again = [joint.lift(side, region) for region in self._plan.again]

    def list(self) -> tuple[Listed, ...]:
        """Return the list; its last item holds everywhere."""
        blocks = [
            (self._joint.lift(self._side, self._plan.blocks[i]), do_block(self._code.edition.blocks[i]))
            for i in self._code.full_blocks
        ]
        return (*blocks, *self._rules(), *self._otherwise())

    def _rules(self) -> Iterator[Listed]:
        if self._code.is_ladder_written:
            for i in range(len(self._code.edition.rules)):
                yield from self._win(i, (*self._first[i], *self._again[i]))
            return
        group: list[int] = []
        for i, rule in enumerate(self._code.edition.rules):
            if rule.level is not None:
                group.append(i)
                continue
            yield from self._climb(group, i)
            group = []
            yield from self._win(i, self._first[i])
        yield from self._climb(group, len(self._code.edition.rules))

    def _climb(self, group: Sequence[int], before: int) -> Iterator[Listed]:
        """List the ladder for where a rule of the group is the first eligible one (language.md 5.8)."""
        if not group:
            return
        ranked: Ranked = [(i, again) for i, again in self._code.ladder_order if i in group or i > before]
        for rank, (i, again) in enumerate(ranked):
            region = self._region(i, is_again=again)
            if i not in group:
                later = [self._region(j, is_again=other) for j, other in ranked[rank + 1 :] if j in group]
                together = tuple(box for part in later for box in part)
                region = boxes.intersection(region, together, self._joint.dimensions)
            yield from self._win(i, region)

    def _region(self, index: int, *, is_again: bool) -> Region:
        return (self._again if is_again else self._first)[index]

    def _win(self, index: int, region: Region) -> Iterator[Listed]:
        rule = self._code.edition.rules[index]
        if region:
            for part, action in self._cut_along(region, rule.action):
                yield part, do_rule(rule, action)

    def _cut_along(self, region: Region, action: Action) -> Iterator[tuple[Region, Action]]:
        """Yield what is left of an action where blocks stop some of those along with it, the most stopped first."""
        along = {other.type for other in action.along_with if self._stop_key(other.type) is not None}
        for count in range(len(along), 0, -1):
            for by_block in combinations(sorted(along), count):
                sides = {key: YES for each in by_block if (key := self._stop_key(each)) is not None}
                part = boxes.intersection(region, region_of(sides, self._joint.dimensions), self._joint.dimensions)
                left = tuple(other for other in action.along_with if other.type not in by_block)
                yield part, msgspec.structs.replace(action, along_with=left)
        yield region, action

    def _stop_key(self, action: str) -> str | None:
        return self._joint.key_of(self._side, stopped(action))

    def _otherwise(self) -> Iterator[Listed]:
        action = self._code.edition.otherwise
        nothing = do_otherwise(Action(type="none"))
        key = self._stop_key(action.type)
        if key is not None:
            yield region_of({key: YES}, self._joint.dimensions), nothing
        if ACTIONS[action.type].is_contact:
            reached = self._joint.reach(self._side, action.channels)
            yield boxes.complement(reached, self._joint.dimensions), nothing
        for part, left in self._cut_along(EVERYTHING, action):
            yield part, do_otherwise(left)
