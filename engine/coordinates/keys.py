"""The names of coordinates, for rooms that still read boxes by name."""

from collections.abc import Iterable

from engine.coordinates.channels import limited, reach
from engine.coordinates.executed import level_target, target_of
from engine.coordinates.executions import ANNOUNCED as _ANNOUNCED
from engine.coordinates.executions import done, past_deadline, since_executed
from engine.coordinates.ladder import LEVEL as _LEVEL
from engine.coordinates.ladder import NO_TURN
from engine.coordinates.ladder import RESTED as _RESTED
from engine.coordinates.ladder import TURN as _TURN
from engine.coordinates.stops import stopped

__all__ = ["NO_TURN", "level_target", "target_of"]

LEVEL, RESTED, TURN, ANNOUNCED = _LEVEL.key, _RESTED.key, _TURN.key, _ANNOUNCED.key


def element_key(fact: str, item: str) -> str:
    """Name the coordinate "the set contains the item"."""
    return f"{fact}:{item}"


def done_key(target: str) -> str:
    """Name the count of executions."""
    return done(target).key


def ago_key(target: str) -> str:
    """Name the days since the last execution."""
    return since_executed(target).key


def overdue_key(target: str) -> str:
    """Name the days since the ``pay_by`` of the last execution."""
    return past_deadline(target).key


def timing_key(rule: str) -> str:
    """Name "the rule's timing is reached"."""
    return f"@timing:{rule}"


def stopped_key(action: str) -> str:
    """Name "a block stops this action type"."""
    return stopped(action).key


def reach_key(channels: Iterable[str]) -> str:
    """Name "one of these channels is open now"."""
    return reach(channels).key


def limited_key(channels: Iterable[str]) -> str:
    """Name "only a contact limit closes these channels"."""
    return limited(channels).key


def variant_key(experiment: str) -> str:
    """Name the experiment's variant."""
    return f"@variant:{experiment}"
