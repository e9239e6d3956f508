"""Accounts as points of a joint space."""

from engine.comparison.coordinates import NEW, OLD
from engine.comparison.joint import Joint, Point
from engine.conditions import boxes
from engine.conditions.sets import Value
from engine.coordinates.coordinate import Coordinate
from engine.evaluation.view import View


def point_of(joint: Joint, views: tuple[View, View]) -> Point:
    """Return the coordinates of an account that both sides have read."""
    point: Point = {}
    for key, origin in joint.origins.items():
        side = NEW if NEW in origin else OLD
        point[key] = _read(joint, views[side], side, origin[side])
    for key in joint.of_channels:
        point[key] = joint.dimensions[key].read(views[NEW].snapshot)
    return complete(joint, point)


def _read(joint: Joint, view: View, side: int, own: Coordinate) -> Value:
    fact = joint.sharing.fact(side, own)
    if fact is not None and fact.name in joint.sharing.unlike_defaults:
        standing = view.standing
        is_drawn = fact.source == "history" or (fact.source == "invoices" and standing.open is not None)
        if standing.account.given.get(fact.name) is None and not is_drawn:
            return None
    return own.read(view.snapshot)


def complete(joint: Joint, point: Point) -> Point:
    """Return a point with what is worked out from it."""
    for each in joint.worked_out:
        point[each.key] = boxes.contains(each.region, point)
    return point
