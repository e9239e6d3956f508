"""What actions mean: their record, the names in them, and what does not fit together (language.md section 6)."""

import datetime as dt
from decimal import Decimal

from engine.loading.complaints import list_words
from engine.loading.moneyterms import name_fee
from engine.loading.node import Mapping, Node, Scalar, entries_of, find, items_of, to_data
from engine.loading.spot import Spot
from engine.model.calendar import hours_of, is_never_open
from engine.model.calls import list_windows
from engine.model.ruleset import BEST, Action, BestTime, Schedule
from engine.model.vocabulary import ACTIONS, ANNOUNCED_BEFORE, CALL, CHANNELS, PREFERRED

NOTHING = Action(type="none")
# What the service itself reads of an action; all else goes to the executing application as it is.
_OWN = frozenset(Action.__struct_fields__)


def make_action(kind: str, /, *, action: Node, approval: str | None = None, **values: object) -> Action:
    """Return the action; what only the executing application reads stands in its parameters, in written order."""
    del action
    own = {name: value for name, value in values.items() if name in _OWN}
    parameters = {name: _plain(value) for name, value in values.items() if name not in _OWN}
    is_required = approval is not None
    return Action(type=kind, approval_required=is_required, parameters=parameters, **own)  # type: ignore[arg-type]  # the rows say what they are


def _plain(value: object) -> object:
    """Return a parameter as JSON has it: a list, and an integer where a percentage is whole."""
    if isinstance(value, Mapping):
        return to_data(value)
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def name_action_fee(action: str, node: Scalar, spot: Spot) -> str | None:
    """Return the name of a fee of the file; charge_fee may also charge the one that was announced."""
    if node.text != ANNOUNCED_BEFORE:
        return name_fee(node, spot)
    if action == "charge_fee":
        return ANNOUNCED_BEFORE
    found = f"“{spot.name}: {ANNOUNCED_BEFORE}” stands in {action}; only charge_fee charges what was announced."
    spot.complain("announced-misplaced", node, found)
    return None


def read_time(node: Scalar, spot: Spot) -> dt.time | BestTime:
    """Return a time of day, or that it is the best one."""
    del spot
    return BestTime() if node.text == BEST else dt.time.fromisoformat(node.text)


def check_schedule(node: Mapping, schedule: Schedule, spot: Spot) -> None:
    """Complain of a payday where the calendar names none."""
    day, calendar = find(node, "day"), spot.scope.calendar
    if day is not None and schedule.day == "payday" and not (calendar and calendar.paydays):
        spot.complain("paydays-needed", day, "The action waits for a payday, but the calendar names none.")


def check_action(node: Mapping, action: Action, spot: Spot) -> None:
    """Complain of a missing channel, a discount of two kinds, a time when all is closed, and nested actions."""
    if ACTIONS[action.type].is_contact and spot.scope.complaints.is_lacking(node, "channel"):
        found = f"{action.type} contacts the debtor, but by no channel."
        spot.complain("channel-needed", find(node, "action") or node, found)
    amount = find(node, "amount")
    if action.type == "offer_discount" and amount is not None and find(node, "percent") is not None:
        spot.complain("discount-unclear", amount, "The discount is both a percentage and an amount.")
    _check_time(node, action, spot)
    for item in items_of(find(node, "along_with")):
        for entry in entries_of(item):
            if entry.key.text == "along_with":
                found = "An action that goes along with another has its own along_with."
                spot.complain("along-with-nested", entry.key, found)


def _check_time(node: Mapping, action: Action, spot: Spot) -> None:
    """Complain where a channel's hours are over before the action's time: it could never be carried out."""
    written, time, calendar = find(find(node, "schedule"), "time"), action.schedule.time, spot.scope.calendar
    if isinstance(time, BestTime) and written is not None and action.type != CALL:
        found = f"“time: {BEST}” stands in {action.type}; only calls are answered or not."
        spot.complain("best-hour-misplaced", written, found)
        return
    if written is None or time is None or calendar is None:
        return
    possible = dict.fromkeys(name for each in action.channels for name in (CHANNELS if each == PREFERRED else (each,)))
    if isinstance(time, BestTime):
        narrow = [name for name in possible if not list_windows(hours_of(calendar, name))]
        if narrow:
            found = f"The hours of {list_words(narrow, 'and')} hold no whole window such as 10:00-12:00 to choose from."
            spot.complain("best-hour-narrow", written, found)
        return
    closed = [name for name in possible if is_never_open(calendar, name, time)]
    if closed:
        found = f"The hours of {list_words(closed, 'and')} are over at {time:%H:%M}, on every day."
        spot.complain("never-open", written, found)


def name_owners(parameter: str) -> str:
    """Return in words the actions that have a parameter, or nothing where none has."""
    if parameter == "channel":
        return "the actions that contact the debtor"
    return list_words([name for name, kind in ACTIONS.items() if parameter in kind.parameters], "and")
