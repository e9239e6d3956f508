"""Accounts as points of a joint space."""

from engine.comparison.contacts import coordinate
from engine.comparison.joint import Joint, Point
from engine.comparison.naming import NEW, OLD
from engine.conditions import boxes
from engine.conditions.sets import Value
from engine.evaluation.view import View


def point_of(joint: Joint, moments: tuple[View, View]) -> Point:
    """Return the coordinates of an account that both sides have read."""
    point: Point = {}
    for name, origin in joint.origins.items():
        side = NEW if NEW in origin else OLD
        point[name] = _coordinate(joint, moments[side], side, origin[side])
    for key in joint.of_channels:
        point[key] = coordinate(moments[NEW], key, joint.limits.common)
    return complete(joint, point)


def _coordinate(joint: Joint, moment: View, side: int, key: str) -> Value:
    if key in joint.names.unlike_defaults and _is_defaulted(joint, moment, side, key):
        return None
    return joint.own(side, key).read(moment.snapshot)


def _is_defaulted(joint: Joint, moment: View, side: int, key: str) -> bool:
    fact, situation = joint.names.fact(side, key), moment.standing
    is_of_invoices = fact is not None and fact.source == "invoices" and situation.open is not None
    is_drawn = is_of_invoices or (fact is not None and fact.source == "history")
    return situation.account.given.get(key) is None and not is_drawn


def complete(joint: Joint, point: Point) -> Point:
    """Return a point with the flags worked out from it."""
    for flag in joint.flags:
        point[flag.key] = boxes.contains(flag.region, point)
    return point
