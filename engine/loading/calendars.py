"""What calendars mean, and the holiday dates they name (language.md 6.4 and 6.5)."""

import datetime as dt
import re

import msgspec

from engine.loading.holidaydates import find_country, store_dates
from engine.loading.node import Mapping, Node, Scalar, find, items_of
from engine.loading.spot import Spot
from engine.model.calendar import ALL_WEEK, WEEKDAYS, Calendar, Delivery, Hours


class StoredDates(msgspec.Struct, frozen=True, kw_only=True):
    """The holiday dates stored with a published version, so that it decides the same for ever."""

    holidays: frozenset[dt.date]
    bank_holidays: frozenset[dt.date]
    stored_until: dt.date


def number_weekday(node: Scalar, spot: Spot) -> int:
    """Return the number of a weekday."""
    del spot
    return WEEKDAYS.index(node.text)


def read_hours(node: Scalar, spot: Spot) -> Hours | None:
    """Return the hours of a day, and complain of those that go over midnight."""
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in node.text.split("-"))
    if start < end:
        return Hours(start=start, end=end)
    found = f"The hours {node.text} end before they begin, or go over midnight."
    earlier, later = sorted(node.text.split("-"))
    spot.complain("hours-reversed", node, found, f'Write "{earlier}-{later}", within one day.')
    return None


def check_delivery(node: Mapping, delivery: Delivery, spot: Spot) -> None:
    """Complain where no weekday counts."""
    skipped = find(node, "not_counting")
    if skipped is not None and delivery.not_counting == ALL_WEEK:
        spot.complain("no-day-left", skipped, "The delivery counts none of the seven days, so nothing ever arrives.")


def check_calendar(node: Mapping, calendar: Calendar, spot: Spot) -> None:
    """Complain where no day is left for contact or for a deadline."""
    for key, days in (("weekend", calendar.weekend), ("deadline_weekend", calendar.deadline_weekend)):
        written = find(node, key)
        if written is not None and days == ALL_WEEK:
            spot.complain("no-day-left", written, f"The {key} holds all seven days, so no day is left.")


def put_dates(calendar: Calendar, stored: StoredDates | None, node: Node, spot: Spot) -> Calendar:
    """Return the calendar with its dates: the stored ones, or those the holidays package knows today.

    It is asked for those of the country and of the bank apart, so that each complaint finds its key.
    """
    if stored is not None:
        return msgspec.structs.replace(calendar, **msgspec.structs.asdict(stored))
    country = _find_dates(msgspec.structs.replace(calendar, bank=None), node, spot)
    bank = _find_dates(msgspec.structs.replace(calendar, country=None, subdivision=None), node, spot)
    if find(node, "country") is None and (subdivision := find(node, "subdivision")) is not None:
        spot.complain("unknown-calendar", subdivision, "A subdivision stands here without its country.")
    return msgspec.structs.replace(country, bank=calendar.bank, bank_holidays=bank.bank_holidays)


def _find_dates(calendar: Calendar, node: Node, spot: Spot) -> Calendar:
    try:
        return store_dates(calendar)
    except ValueError as error:
        message = str(error)
    culprit = _culprit(node, message)
    found, hint = _sentence_and_hint(message)
    if isinstance(culprit, Scalar) and culprit is find(node, "country"):
        hint = _hint_at_country(culprit.text)
    spot.complain("unknown-calendar", culprit, found, hint)
    return calendar


def _culprit(node: Node, message: str) -> Node:
    """Return the value that the message of holidaydates is about."""
    if "bank calendar" in message:
        return find(node, "bank") or node
    if "no subdivision" in message:
        return find(node, "subdivision") or node
    if "of category" in message:
        categories = items_of(find(node, "categories"))
        quoted = (item for item in categories if isinstance(item, Scalar) and f"category {item.text!r}" in message)
        return next(quoted, node)
    return find(node, "country") or node


def _sentence_and_hint(message: str) -> tuple[str, str | None]:
    sentence, _, instead = re.sub(r"'([^']*)'", r"“\1”", message).partition("; ")
    hint = (instead[0].upper() + instead[1:]) if instead else None
    return sentence.rstrip(".") + ".", hint


def _hint_at_country(text: str) -> str:
    """Say the two letters of a country by its name, or which code is meant."""
    code = find_country(text)
    return f"Write {code}." if code else "Write the two letters of the country (ISO 3166-1), such as NL."
