"""The rows of calendars (language.md 6.4 and 6.5)."""

from engine.loading.calendars import check_calendar, check_delivery, number_weekday, read_hours
from engine.loading.complaints import suggest
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import ByHand, Value, number, one_of, text, word
from engine.loading.grammar.lists import ListOf
from engine.loading.grammar.table import Fields, Table, key
from engine.loading.node import Node, Scalar
from engine.loading.slips import hint_at_hours
from engine.loading.spot import Spot
from engine.model.calendar import DEFAULT_HOURS, LAST_BUSINESS_DAY, WEEKDAYS, Calendar, Delivery
from engine.model.vocabulary import CHANNELS

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
_CALENDAR_NAME = text(16)
_HOURS = word(terms.HOURS, 'Write hours such as "08:00-20:00".', read_hours, "malformed-hours", hint_at_hours)
_WEEKDAYS = ListOf(
    one_of(WEEKDAYS, meaning=number_weekday), "Write a list of weekdays: [saturday, sunday].", least=0, gather=frozenset
)
DELIVERY = Table(
    make=Delivery,
    keys=(
        key("days", number(0, 365), "Days until it arrives.", 2, needed=True),
        key("not_counting", _WEEKDAYS, "Weekdays that do not count; holidays never do.", ["sunday", "monday"]),
    ),
    check=check_delivery,
)


_DAY_WORDS = (LAST_BUSINESS_DAY, *WEEKDAYS)
_WRITE_DAY = "A day number from 1 to 31, last_business_day or the name of a weekday can stand here."
_DAY_NUMBER = Value(number(1, 31).form | {"errorMessage": _WRITE_DAY})


def _read_payday(node: Node, spot: Spot) -> object:
    if not isinstance(node, Scalar):
        spot.refuse("wrong-type", node, None, _WRITE_DAY)
        return None
    if node.text in _DAY_WORDS:
        return node.text
    if _DAY_NUMBER.take(node.text) == node.text:
        return _DAY_NUMBER.read(node, spot)
    meant = suggest(node.text, _DAY_WORDS)
    spot.refuse("unknown-word", node, None if meant is None else f"{meant} {_WRITE_DAY}", _WRITE_DAY)
    return None


_ANY_DAY = [_DAY_NUMBER.schema(), one_of(_DAY_WORDS).schema()]
_PAYDAY = ByHand({"anyOf": _ANY_DAY, "errorMessage": _WRITE_DAY}, _read_payday)
_CONTACT_HOURS: Table[Fields] = Table(
    make=dict,
    keys=(
        key(DEFAULT_HOURS, _HOURS, "Every channel not listed.", "08:00-20:00"),
        *(key(name, _HOURS, about) for name, about in CHANNELS.items()),
    ),
)
CALENDAR = Table(
    make=Calendar,
    keys=(
        key("country", _CALENDAR_NAME, "The country of the `holidays` package.", "NL"),
        key("subdivision", _CALENDAR_NAME, "A state or province of it.", "BY"),
        key("categories", ListOf(text(64)), "The categories of holidays; public if left out.", ["public", "optional"]),
        key("weekend", _WEEKDAYS, "No contact on these days, nor on holidays.", ["sunday"]),
        key("deadline_weekend", _WEEKDAYS, "A deadline does not end on these days.", ["saturday", "sunday"]),
        key("delivery", Table(make=dict, keys=tuple(key(name, DELIVERY, about) for name, about in CHANNELS.items())),
            "How long a channel takes to arrive.", {"letter": {"days": 2}}),
        key("hours", _CONTACT_HOURS, "Contact hours by channel, local time.", {"default": "08:00-20:00"}),
        key("bank", _CALENDAR_NAME, "The bank calendar of retry_payment.", "XECB"),
        key("paydays", ListOf(_PAYDAY, "Write a list: [25], [last_business_day] or [friday]."),
            "Days on which wages are paid.", [25]),
        key("payday_moves", one_of(("after", "before")), "Where a payday that is no business day moves to.", "before"),
    ),
    check=check_calendar,
)
