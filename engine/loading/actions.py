"""Actions as written, to records (language.md section 6)."""

import datetime as dt

from engine.loading.complaints import list_words
from engine.loading.constants import read_amount, read_integer, read_percent
from engine.loading.moneyterms import ANNOUNCED, check_fee, check_interest
from engine.loading.node import Entry, Mapping, Node, Scalar, Sequence, entries_of, find, items_of, to_data
from engine.loading.scope import Scope
from engine.model.calendar import is_never_open
from engine.model.money import format_amount
from engine.model.ruleset import Action, Schedule
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED, Parameter

MOST_PERCENT = 100
NOTHING = Action(type="none")
# What the service itself reads of an action; all else goes to the executing application as it is.
_OWN_KEYS = frozenset(
    {"action", "channel", "fee", "announce_fee", "interest", "pay_within_days", "schedule", "approval", "along_with"}
)


def read_action(node: Node | None, scope: Scope) -> Action:
    """Return the action; one without a known type is ``none``, complained about by its shape."""
    kind = find(node, "action")
    if not isinstance(node, Mapping) or not isinstance(kind, Scalar) or kind.text not in ACTIONS:
        return NOTHING
    name = kind.text
    _check_channel(node, name, scope)
    _check_discount(node, scope)
    pay_within = ACTIONS[name].parameters.get("pay_within_days")
    channels = _read_channels(find(node, "channel"), name)
    schedule = read_schedule(find(node, "schedule"), scope)
    _check_moment(node, channels, schedule, scope)
    return Action(
        type=name,
        channels=channels,
        fee=_read_fee_name(node, "fee", scope),
        announce_fee=_read_fee_name(node, "announce_fee", scope),
        interest=_read_interest_name(node, scope),
        pay_within_days=_read_bounded(find(node, "pay_within_days"), pay_within, scope) if pay_within else None,
        schedule=schedule,
        approval_required=find(node, "approval") is not None,
        parameters=_read_parameters(node, name, scope),
        along_with=tuple(_read_companion(item, scope) for item in items_of(find(node, "along_with"))),
    )


def _read_companion(node: Node, scope: Scope) -> Action:
    nested = next((entry for entry in entries_of(node) if entry.key.text == "along_with"), None)
    if nested is not None:
        scope.complaints.add(
            "along-with-nested", nested.key, "An action that goes along with another has its own along_with."
        )
    return read_action(node, scope)


def _check_channel(node: Mapping, name: str, scope: Scope) -> None:
    if ACTIONS[name].is_contact and scope.complaints.is_lacking(node, "channel"):
        scope.complaints.add(
            "channel-needed", find(node, "action") or node, f"{name} contacts the debtor, but by no channel."
        )


def _check_discount(node: Mapping, scope: Scope) -> None:
    kind, percent, amount = find(node, "action"), find(node, "percent"), find(node, "amount")
    if isinstance(kind, Scalar) and kind.text == "offer_discount" and percent is not None and amount is not None:
        scope.complaints.add("discount-unclear", amount, "The discount is both a percentage and an amount.")


def _read_channels(node: Node | None, name: str) -> tuple[str, ...]:
    if not ACTIONS[name].is_contact:
        return ()
    words = (item.text for item in items_of(node) if isinstance(item, Scalar))
    return tuple(word for word in words if word in CHANNELS or word == PREFERRED)


def _read_fee_name(node: Mapping, key: str, scope: Scope) -> str | None:
    value, kind = find(node, key), find(node, "action")
    if not isinstance(value, Scalar) or not isinstance(kind, Scalar) or key not in ACTIONS[kind.text].parameters:
        return None
    if value.text != ANNOUNCED:
        return value.text if check_fee(value, scope) else None
    if key == "fee" and kind.text == "charge_fee":
        return ANNOUNCED
    found = f"“{key}: {ANNOUNCED}” stands in {kind.text}; only charge_fee charges what was announced."
    scope.complaints.add("announced-misplaced", value, found)
    return None


def _read_interest_name(node: Mapping, scope: Scope) -> str | None:
    value, kind = find(node, "interest"), find(node, "action")
    if not isinstance(value, Scalar) or not isinstance(kind, Scalar) or "interest" not in ACTIONS[kind.text].parameters:
        return None
    return value.text if check_interest(value, scope) else None


def read_schedule(node: Node | None, scope: Scope) -> Schedule:
    """Return when the action may happen; a payday needs paydays in the calendar."""
    day, time = find(node, "day"), find(node, "time")
    if isinstance(day, Scalar) and day.text == "payday" and not (scope.calendar and scope.calendar.paydays):
        scope.complaints.add("paydays-needed", day, "The action waits for a payday, but the calendar names none.")
    kind = day.text if isinstance(day, Scalar) and day.text in {"any", "business_day", "payday"} else "any"
    return Schedule(day=kind, time=_read_time(time, scope))  # type: ignore[arg-type]  # looked up in the line above


def _check_moment(node: Mapping, channels: tuple[str, ...], schedule: Schedule, scope: Scope) -> None:
    """Complain where a channel's hours are over before the action's time: it could never be carried out."""
    time = find(find(node, "schedule"), "time")
    if time is None or schedule.time is None or scope.calendar is None:
        return
    possible = dict.fromkeys(name for each in channels for name in (CHANNELS if each == PREFERRED else (each,)))
    closed = [name for name in possible if is_never_open(scope.calendar, name, schedule.time)]
    if closed:
        found = f"The hours of {list_words(closed, 'and')} are over at {schedule.time:%H:%M}, on every day."
        scope.complaints.add("never-open", time, found)


def _read_time(node: Node | None, scope: Scope) -> dt.time | None:
    if not isinstance(node, Scalar) or scope.complaints.is_broken(node):
        return None
    return dt.time.fromisoformat(node.text)


def _read_bounded(node: Node | None, parameter: Parameter, scope: Scope) -> int | None:
    least = 0 if parameter.least is None else parameter.least
    if parameter.most is None:
        return read_integer(node, scope.complaints, least=least)
    return read_integer(node, scope.complaints, least=least, most=parameter.most)


def _read_parameters(node: Mapping, name: str, scope: Scope) -> dict[str, object]:
    """Return what only the executing application reads, in written order."""
    known = ACTIONS[name].parameters
    read: dict[str, object] = {}
    for entry in node.entries:
        key = entry.key.text
        if key == "metadata":
            read[key] = to_data(entry.value)
        elif key in known and key not in _OWN_KEYS:
            value = _read_parameter(entry, known[key], scope)
            if value is not None:
                read[key] = value
    return read


def _read_parameter(entry: Entry, parameter: Parameter, scope: Scope) -> object:
    node = entry.value
    if parameter.type == "integer":
        return _read_bounded(node, parameter, scope)
    if parameter.type == "percent":
        percent = read_percent(node, scope.complaints, least=0, most=MOST_PERCENT)
        return percent if percent is None or percent != percent.to_integral_value() else int(percent)
    if parameter.type == "amount":
        amount = read_amount(node, scope)
        currency = scope.currency
        return None if amount is None or currency is None else _written(amount, currency)
    if parameter.type == "words":
        return [item.text for item in items_of(node) if isinstance(item, Scalar)]
    return None if isinstance(node, Mapping | Sequence) else node.text


def _written(amount: int, currency: str) -> dict[str, str]:
    return {"amount": format_amount(amount, currency), "currency": currency}


def name_owners(key: str) -> str:
    """Return in words the actions that have a parameter, or nothing where none has."""
    if key == "channel":
        return "the actions that contact the debtor"
    return list_words([name for name, kind in ACTIONS.items() if key in kind.parameters], "and")
