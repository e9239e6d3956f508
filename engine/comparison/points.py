"""Accounts as points of a joint space, and such points as either side reads them."""

from collections.abc import Mapping

from engine.comparison.contacts import coordinate
from engine.comparison.joint import OF_CHANNELS, Joint, Point
from engine.comparison.naming import LAST_RULE, NEW, OLD
from engine.conditions import boxes, plan
from engine.conditions.boxes import Region
from engine.conditions.sets import Value, booleans
from engine.evaluation.moment import Moment


def point_of(joint: Joint, moments: tuple[Moment, Moment]) -> Point:
    """Return the coordinates of an account that both sides have read."""
    point: Point = {}
    for name, origin in joint.origins.items():
        side = NEW if NEW in origin else OLD
        point[name] = _coordinate(joint, moments[side], side, origin[side])
    for key in joint.of_channels:
        point[key] = coordinate(moments[NEW], key, joint.limits.common)
    return complete(joint, point)


def _coordinate(joint: Joint, moment: Moment, side: int, key: str) -> Value:
    if key in joint.names.unlike_defaults and _is_defaulted(joint, moment, side, key):
        return None
    return moment.coordinates([key])[key]


def _is_defaulted(joint: Joint, moment: Moment, side: int, key: str) -> bool:
    fact, situation = joint.names.fact(side, key), moment.situation
    is_of_invoices = fact is not None and fact.source == "invoices" and situation.open is not None
    is_drawn = is_of_invoices or (fact is not None and fact.source == "history")
    return situation.account.given.get(key) is None and not is_drawn


def complete(joint: Joint, point: Point) -> Point:
    """Return a point with the flags worked out from it."""
    for flag in joint.flags:
        point[flag.key] = boxes.contains(flag.region, point)
    return point


class SideReader:
    """Reads joint points as one side does."""

    def __init__(self, joint: Joint, side: int) -> None:
        self._joint = joint
        self._side = side
        self._names: dict[str, str] = {}
        self._regions: dict[str, Region] = {}
        for key in joint.codes[side].plan.dimensions:
            if key.startswith(OF_CHANNELS):
                self._regions[key] = joint.lift_channels(side, key, booleans(*(True,)))
            elif key != plan.TURN and not key.startswith("@stopped:"):
                self._names[key] = joint.names.key(side, key)

    def read(self, point: Mapping[str, Value]) -> Point:
        """Return the side's own point; what it works out by itself is as if nothing stopped or waited."""
        found: Point = {key: point[name] for key, name in self._names.items()}
        for key, region in self._regions.items():
            found[key] = boxes.contains(region, point)
        for key in self._joint.codes[self._side].plan.dimensions.keys() - found.keys():
            found[key] = plan.NO_TURN if key == plan.TURN else False
        for key in self._joint.names.unlike_defaults & found.keys():
            fact = self._joint.names.fact(self._side, key)
            if found[key] is None and fact is not None and not isinstance(fact.default, tuple):
                found[key] = fact.default
        if isinstance(rule := found.get(LAST_RULE), str):
            found[LAST_RULE] = self._joint.names.own_rule(self._side, rule)
        return found
