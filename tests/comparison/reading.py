"""Points of a joint space as either side reads and decides them."""

from collections.abc import Set as AbstractSet

from engine.comparison.joint import Joint, Point
from engine.comparison.sharing import LAST_RULE
from engine.conditions import boxes
from engine.conditions.boxes import Region
from engine.conditions.sets import booleans
from engine.coordinates.channels import OfChannels
from engine.coordinates.ladder import NO_TURN, Turn
from engine.evaluation.program import Choice


class SideReader:
    """Reads joint points as one side does; what it works out by itself is as if nothing stopped or waited."""

    def __init__(self, joint: Joint, side: int, settled: AbstractSet[str]) -> None:
        """Read with the keys ``settled`` being the same for all points of a batch."""
        self._joint = joint
        self._side = side
        self.code = joint.programs[side]
        self._settled: dict[str, str] = {}
        self._moved: dict[str, str] = {}
        self._regions: dict[str, Region] = {}
        self._worked_out: Point = {}
        for key, own in self.code.plan.dimensions.items():
            if isinstance(own, OfChannels):
                self._regions[key] = joint.lift_channels(side, own, booleans(*(True,)))
            elif own.is_worked_out:
                self._worked_out[key] = NO_TURN if isinstance(own, Turn) else False
            else:
                name = joint.sharing.coordinate(side, own).key
                (self._settled if name in settled else self._moved)[key] = name
        unlike = joint.sharing.unlike_defaults & {*self._settled, *self._moved}
        defaults = ((name, self.code.edition.facts[name].default) for name in sorted(unlike))
        self._defaults = {name: default for name, default in defaults if not isinstance(default, tuple)}
        self._base: Point = {}

    def settle(self, point: Point) -> None:
        """Read what a batch has in common: a point of it, or its settled coordinates."""
        self._base = self._worked_out | {key: point[name] for key, name in self._settled.items()}
        self._base |= {key: boxes.contains(region, point) for key, region in self._regions.items()}
        self._name(self._base)

    def read(self, point: Point) -> Point:
        """Return the side's own point, for a point of the batch that was settled."""
        found = self._base | {key: point[name] for key, name in self._moved.items()}
        if not self._moved.keys().isdisjoint({LAST_RULE, *self._defaults}):
            self._name(found)
        return found

    def choose(self, point: Point) -> Choice:
        """Return what wins at a point of the batch, one that the side does not refuse."""
        return self.code.choose(self.read(point), is_live=False)

    def _name(self, point: Point) -> None:
        for key, default in self._defaults.items():
            if key in point and point[key] is None:
                point[key] = default
        if isinstance(rule := point.get(LAST_RULE), str):
            point[LAST_RULE] = self._joint.sharing.own_rule(self._side, rule)
