"""Random points of a joint space that some account may have, on and beside every boundary.

Each coordinate is drawn by itself: on or beside a boundary of either ruleset, missing where it may be, or anywhere.
Those of history (executed, since when, level, attempts) are drawn like facts and then made to hang together. Those of
channels follow from channels, a preferred one, limits and contacts. A batch of points shares what no day changes, which
is settled once, as the portfolio run does; what days change is drawn for each. Every other batch is aimed at a box of a
rule, a block or a reported zone. What no account can be is drawn again.
"""

import random
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from engine.comparison.coordinates import SIDES, OneSided, OpenUnder
from engine.comparison.impossible import find_impossible
from engine.comparison.joint import Joint, Point
from engine.conditions.boxes import Box, Region
from engine.conditions.sets import IntegerSet, Value, ValueSet, WordSet
from engine.coordinates.channels import OfChannels
from engine.coordinates.contacts import Contacts
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import DaysPastDeadline, DaysSince, Done, OfTarget, done, met, since_met
from engine.coordinates.facts import Element
from engine.coordinates.repetition import Recent, Rest
from engine.coordinates.timing import TimingReached
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import CHANNELS, PREFERRED
from engine.network.masks import MaskTable

POINTS_A_BATCH = 12
MOST_TRIED = 4
NEVER_LATE = 0.1
COUNTED_ALIKE = 0.8
AIMED = 0.5
ANYWHERE = 3


class State:
    """How an account can be reached: drawn first, so that every dimension of channels agrees with it."""

    def __init__(self, rng: random.Random, joint: Joint) -> None:
        self.channels = frozenset(rng.sample(sorted(CHANNELS), rng.choice((0, 1, 2, 3, 5))))
        self.preferred = rng.choice([None, None, "email", "sms", "phone", "letter", "portal"])
        self.is_silent = rng.random() < 0.05
        most = max((limit.at_most for side in joint.limits.own for limit in side), default=0)
        common = max((limit.at_most for limit in joint.limits.common), default=0)
        used = rng.randint(0, max(most, common) + 1) if rng.random() < 0.6 else 0
        self.contacts = [rng.choice(("email", "phone", "sms")) for _ in range(used)]

    def open_to(self, limits: tuple[ContactLimit, ...]) -> frozenset[str]:
        """The channels open under some limits."""
        if self.is_silent:
            return frozenset()
        return frozenset(each for each in self.channels if not any(self._is_over(each, limit) for limit in limits))

    def _is_over(self, channel: str, limit: ContactLimit) -> bool:
        return limit.channel in {None, channel} and self.count(limit.channel) >= limit.at_most

    def count(self, channel: str | None) -> int:
        """Today's contacts."""
        return sum(channel in {None, each} for each in self.contacts)

    def coordinates(self, joint: Joint) -> Point:
        """What the dimensions of channels and of contact come to."""
        found = {key: self._coordinate(joint.dimensions[key], joint.limits.common) for key in joint.of_channels}
        given: Point = {"preferred_channel": self.preferred, "do_not_contact": self.is_silent}
        for key in joint.origins:
            each = joint.dimensions[key]
            own = each.own if isinstance(each, OneSided) else each
            if isinstance(own, Element) and own.fact.name == "channels":
                given[key] = own.item in self.channels
        return found | {key: value for key, value in given.items() if key in joint.origins}

    def _coordinate(self, each: Coordinate, limits: tuple[ContactLimit, ...]) -> Value:
        if isinstance(each, Contacts):
            return self.count(each.channel)
        assert isinstance(each, OfChannels)
        aside = each.aside if isinstance(each, OpenUnder) else frozenset[str]()
        order = {self.preferred if name == PREFERRED else name for name in each.order} - aside
        is_open = bool(order & self.open_to(limits))
        if isinstance(each, OpenUnder):
            return is_open
        return not self.is_silent and not is_open and bool(order & self.channels)


class Batch(NamedTuple):
    """Points that have their settled coordinates in common: facts, counts and channels, but nothing that time moves."""

    state: State
    settled: Point
    points: list[Point]


class PointMaker:
    """Draws points by batches; those that no account has are drawn again."""

    def __init__(self, rng: random.Random, joint: Joint, aims: Iterable[Region] = ()) -> None:
        """Take the regions of which every other batch tries to be in a box, as far as facts and history go."""
        self._rng = rng
        self._joint = joint
        of_state = State(rng, joint).coordinates(joint)
        drawn = {key: self._ends(key) for key in joint.origins if key not in of_state}
        moving = [
            {key for key, each in code.plan.dimensions.items() if each.motion != "fixed"} for code in joint.programs
        ]
        still = {key for key in drawn if not any(own.key in moving[side] for side, own in joint.origins[key].items())}
        self.settled_keys = frozenset(still | of_state.keys())
        self._still = {key: drawn[key] for key in sorted(still)}
        self._moved = {key: drawn[key] for key in sorted(drawn.keys() - still)}
        self._aims = [{}, *(self._narrow(box, drawn) for region in aims for box in region)]
        known = {key: joint.dimensions[key] for key in drawn}
        self._done = [key for key, each in known.items() if isinstance(each, Done)]
        of_target = {key: each for key, each in known.items() if isinstance(each, OfTarget)}
        since = {key: each for key, each in of_target.items() if isinstance(each, DaysSince | DaysPastDeadline | Rest)}
        self._since = [(key, _count_of(each), not isinstance(each, DaysPastDeadline)) for key, each in since.items()]
        self._recent = [(key, done(each.target).key) for key, each in of_target.items() if isinstance(each, Recent)]
        # What an “after” counts is, with a debt, what holds a rule back, and for a table that of its rows together.
        held = {key: each.holding.key for key, each in of_target.items() if each.holding is not None}
        self._alike = {key: other for key, other in held.items() if other in known}
        groups = {target: rows for side in SIDES for target, rows in joint.sharing.groups(side).items()}
        counts = {met(target).key: [self._told(met(row), known) for row in rows] for target, rows in groups.items()}
        days = {
            since_met(target).key: [self._told(since_met(row), known) for row in rows]
            for target, rows in groups.items()
        }
        self._sums = {key: rows for key, rows in counts.items() if {key, *rows} <= known.keys()}
        self._latest = {key: rows for key, rows in days.items() if {key, *rows} <= known.keys()}
        self._plain_timings = [
            (key, each.timing.days_after_due)
            for key, each in known.items()
            if isinstance(each, TimingReached) and each.timing.align is None
        ]
        self._impossible = MaskTable([find_impossible(joint)], joint.dimensions)
        self._worked_out = [
            ([each.key for each in found], MaskTable([each.region for each in found], joint.dimensions))
            for found in (joint.stops, joint.turns)
            if found
        ]

    def draw(self, count: int) -> Iterator[Batch]:
        """So many points."""
        done = 0
        while done < count:
            batch = self._draw_batch(min(POINTS_A_BATCH, count - done))
            yield batch
            done += len(batch.points)

    def _draw_batch(self, count: int) -> Batch:
        state = State(self._rng, self._joint)
        aim = self._rng.choice(self._aims) if self._rng.random() < AIMED else {}
        still, moved = ({key: aim.get(key, each[key]) for key in each} for each in (self._still, self._moved))
        settled = self._pick(still) | state.coordinates(self._joint)
        if self._is_never_late(settled):
            settled |= dict.fromkeys(self._done, 0)
        elif self._rng.random() < COUNTED_ALIKE:
            settled |= {key: settled[other] for key, other in self._alike.items() if {key, other} <= settled.keys()}
            settled |= {key: _add(settled, rows) for key, rows in self._sums.items() if {key, *rows} <= settled.keys()}
        points: list[Point] = []
        for _ in range(MOST_TRIED * count):
            point = self._pick(moved) | settled
            self._agree(point)
            self._work_out(point)
            if not self._impossible.holding(point):
                points.append(point)
                if len(points) == count:
                    break
        return Batch(state, settled, points)

    @staticmethod
    def _told(each: OfTarget, known: Collection[str]) -> str:
        """The key of what is counted of a row, or of what holds it back where that alone is told."""
        return each.key if each.key in known or each.holding is None else each.holding.key

    def _narrow(self, box: Box, drawn: dict[str, list[Value]]) -> dict[str, list[Value]]:
        """The values to draw from that a box allows."""
        known = {
            key: [value for value in drawn[key] if side.contains(value)]
            for key, side in box.sides.items()
            if key in drawn
        }
        return {key: values for key, values in known.items() if values}

    def _is_never_late(self, settled: Point) -> bool:
        """Draw whether nothing is overdue: then nothing was executed either."""
        return settled.get("days_overdue", 0) is None or self._rng.random() < NEVER_LATE

    def _pick(self, values: dict[str, list[Value]]) -> Point:
        drawn = self._rng.random
        return {key: allowed[int(drawn() * len(allowed))] for key, allowed in values.items()}

    def _agree(self, point: Point) -> None:
        """Let history hang together."""
        late = point.get("days_overdue", 0)
        if late is None and "@rested" in point:
            point["@rested"] = None
        for key, count, is_last_day in self._since:
            times = point.get(count)
            if times == 0:
                point[key] = None
            elif times is not None and point[key] is None and is_last_day:
                point[key] = 3
        for key, count in self._recent:
            point[key] = min(_whole(point[key]), _whole(point.get(count, point[key])))
        if late is not None:
            point |= {key: point[other] for key, other in self._alike.items() if key not in self.settled_keys}
        for key, rows in self._latest.items():
            point[key] = min((_whole(point[row]) for row in rows if point[row] is not None), default=None)
        for key, days in self._plain_timings:
            point[key] = isinstance(late, int) and late >= days

    def _work_out(self, point: Point) -> None:
        for keys, table in self._worked_out:
            held = table.matching(point)
            for number, key in enumerate(keys):
                point[key] = bool(held >> number & 1)

    def _ends(self, key: str) -> list[Value]:
        """The values on either side of each boundary that a box of either ruleset has, and some anywhere."""
        universe = self._joint.dimensions[key].universe
        sides = [*self._sides(key)]
        found: set[Value] = {None} if universe.missing else set()
        if isinstance(universe, IntegerSet):
            ends = [interval for side in sides if isinstance(side, IntegerSet) for interval in side.intervals]
            beside = {0, *(low - 1 for low, _ in ends if low is not None), *(low for low, _ in ends if low is not None)}
            beside |= {value for _, high in ends if high is not None for value in (high, high + 1)}
            beside |= {self._rng.randint(-20, 120) for _ in range(ANYWHERE)}
            found |= {value for value in beside if universe.contains(value)}
        elif isinstance(universe, WordSet):
            known: set[Value] = {"elsewhere"} if universe.cofinite else set(universe.words)
            found |= known.union(*(side.words for side in sides if isinstance(side, WordSet)))
        else:
            found |= universe.values
        return sorted(found, key=str)

    def _sides(self, key: str) -> Iterator[ValueSet]:
        """What the boxes of both rulesets say of a dimension."""
        for side, origin in self._joint.origins[key].items():
            plan = self._joint.programs[side].plan
            for region in (plan.coverage, *plan.blocks, *plan.first, *plan.again, *plan.turns):
                yield from (box.sides[origin.key] for box in region if origin.key in box.sides)


def _count_of(each: OfTarget) -> str:
    """The key of the count of the executions that days are since."""
    is_met = isinstance(each, DaysPastDeadline) or each.holding is not None
    return (met if is_met else done)(each.target).key


def _add(point: Point, keys: Iterable[str]) -> int:
    return sum(_whole(point[key]) for key in keys)


def _whole(value: Value) -> int:
    assert isinstance(value, int)
    return value
