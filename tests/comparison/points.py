"""Random points of a joint space that some account may have, on and beside every boundary."""

import random
from typing import Any

from engine.comparison.contacts import read_contacts_key
from engine.comparison.joint import Joint, Point
from engine.comparison.points import complete
from engine.comparison.possible import find_impossible
from engine.conditions.sets import IntegerSet, Value, WordSet
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import CHANNELS, PREFERRED
from engine.network.bitmap import BitmapTable


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

    def coordinate(self, key: str, limits: tuple[ContactLimit, ...]) -> Value:
        """What a dimension of channels comes to."""
        if key.startswith("@contacts:"):
            return self.count(read_contacts_key(key)[0])
        names = key.partition(":")[2].split("|")
        aside = {name[1:] for name in names if name.startswith("-")}
        order = {self.preferred if name == PREFERRED else name for name in names} - aside
        is_open = bool(order & self.open_to(limits))
        if key.startswith("@reach:"):
            return is_open
        return not self.is_silent and not is_open and bool(order & self.channels)


class PointMaker:
    """Draws points; those that no account has are drawn again."""

    def __init__(self, rng: random.Random, joint: Joint) -> None:
        self._rng = rng
        self._joint = joint
        self._impossible = BitmapTable([(box,) for box in find_impossible(joint)], joint.dimensions)
        self._values = {key: self._ends(key) for key in joint.dimensions}

    def make(self) -> tuple[Point, State]:
        """A point, and the account's channels behind it."""
        while True:
            state = State(self._rng, self._joint)
            point = complete(self._joint, self._draw(state))
            if not self._impossible.matching(point):
                return point, state

    def _draw(self, state: State) -> Point:
        point: Point = {}
        for key in self._joint.origins:
            point[key] = self._rng.choice(self._values[key])
            if key.startswith("channels:"):
                point[key] = key.partition(":")[2] in state.channels
        point |= {key: state.coordinate(key, self._joint.limits.common) for key in self._joint.of_channels}
        given: dict[str, Any] = {"preferred_channel": state.preferred, "do_not_contact": state.is_silent}
        point |= {key: value for key, value in given.items() if key in point}
        self._agree(point)
        return point

    def _agree(self, point: Point) -> None:
        """Let history hang together."""
        is_open = "days_overdue" not in point or point["days_overdue"] is not None
        for key in point:
            kind, _, target = key.partition(":")
            if kind == "@done" and not is_open:
                point[key] = 0
            if kind in {"@ago", "@pay_by"} and not point.get(f"@done:{target}", 1):
                point[key] = None
            if kind == "@ago" and point.get(f"@done:{target}", 1) and point[key] is None:
                point[key] = 3
            if key == "@rested" and not is_open:
                point[key] = None
            if kind == "@timing" and not key.partition(":")[2].partition(":")[2]:
                late = point.get("days_overdue")
                point[key] = isinstance(late, int) and late >= int(target.partition(":")[0])

    def _ends(self, key: str) -> list[Value]:
        """The values on either side of each boundary that a box has."""
        universe = self._joint.dimensions[key].universe
        cuts = [cut for side, origin in self._joint.origins.get(key, {}).items() for cut in self._cuts(side, origin)]
        found: set[Value] = {None} if universe.missing else set()
        if isinstance(universe, IntegerSet):
            found |= {value for cut in cuts for value in (cut - 1, cut) if universe.contains(value)}
            found |= {0} if universe.contains(0) else set()
        elif isinstance(universe, WordSet):
            found |= self._words(key) | ({"elsewhere"} if universe.cofinite else set())
        else:
            found |= universe.values
        return sorted(found, key=str)

    def _cuts(self, side: int, origin: str) -> tuple[int, ...]:
        return self._joint.codes[side].cuts.get(origin, ())

    def _words(self, key: str) -> set[Value]:
        universe = self._joint.dimensions[key].universe
        assert isinstance(universe, WordSet)
        found: set[Value] = set() if universe.cofinite else set(universe.words)
        for side, origin in self._joint.origins.get(key, {}).items():
            for region in self._joint.codes[side].regions:
                sides = (box.sides[origin] for box in region if origin in box.sides)
                found |= {word for values in sides if isinstance(values, WordSet) for word in values.words}
        return found
