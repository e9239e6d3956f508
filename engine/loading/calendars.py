"""The calendar of a ruleset as written, with its holiday dates (language.md 6.4 and 6.5)."""

import datetime as dt
import re

import msgspec

from engine.loading import schematerms
from engine.loading.complaints import Complaints
from engine.loading.constants import digits_of, read_integer
from engine.loading.holidaydates import find_country, store_dates
from engine.loading.node import Node, Scalar, describe, entries_of, find, items_of
from engine.model.calendar import ALL_WEEK, DEFAULT_HOURS, WEEKDAYS, Calendar, Delivery, Hours
from engine.model.vocabulary import CHANNELS

_HOURS = re.compile(schematerms.HOURS)
_LAST_DAY_NUMBER = 31
_LONGEST_DELIVERY = 365


class StoredDates(msgspec.Struct, frozen=True, kw_only=True):
    """The holiday dates stored with a published version, so that it decides the same for ever."""

    holidays: frozenset[dt.date]
    bank_holidays: frozenset[dt.date]
    stored_until: dt.date


def read_calendar(node: Node | None, complaints: Complaints, stored: StoredDates | None) -> Calendar | None:
    """Return the calendar with its dates: the stored ones, or those the holidays package knows today."""
    if node is None:
        return None
    calendar = _read_terms(node, complaints)
    if stored is not None:
        return msgspec.structs.replace(
            calendar,
            holidays=stored.holidays,
            bank_holidays=stored.bank_holidays,
            stored_until=stored.stored_until,
        )
    return _with_dates(calendar, node, complaints)


def _read_terms(node: Node, complaints: Complaints) -> Calendar:
    categories = tuple(item.text for item in items_of(find(node, "categories")) if isinstance(item, Scalar))
    delivery = (
        (entry.key.text, _read_delivery(entry.value, complaints)) for entry in entries_of(find(node, "delivery"))
    )
    hours = ((entry.key.text, _read_hours(entry.value, complaints)) for entry in entries_of(find(node, "hours")))
    moves = _text_of(find(node, "payday_moves")) or "after"
    return Calendar(
        country=_text_of(find(node, "country")),
        subdivision=_text_of(find(node, "subdivision")),
        categories=categories or ("public",),
        weekend=_read_weekend(node, "weekend", complaints),
        deadline_weekend=_read_weekend(node, "deadline_weekend", complaints),
        delivery={channel: each for channel, each in delivery if channel in CHANNELS and each is not None},
        hours={channel: each for channel, each in hours if channel in {*CHANNELS, DEFAULT_HOURS} and each is not None},
        bank=_text_of(find(node, "bank")),
        paydays=_read_paydays(find(node, "paydays"), complaints),
        payday_moves=moves,  # type: ignore[arg-type]  # the schema's enum
    )


def _text_of(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _read_weekdays(node: Node | None) -> frozenset[int]:
    words = (item.text for item in items_of(node) if isinstance(item, Scalar))
    return frozenset(WEEKDAYS.index(word) for word in words if word in WEEKDAYS)


def _read_weekend(calendar: Node, key: str, complaints: Complaints) -> frozenset[int] | None:
    node = find(calendar, key)
    if node is None:
        return None
    days = _read_weekdays(node)
    if days == ALL_WEEK:
        complaints.add("no-day-left", node, f"The {key} holds all seven days, so no day is left.")
    return days


def _read_delivery(node: Node, complaints: Complaints) -> Delivery | None:
    skipped = find(node, "not_counting")
    days = read_integer(find(node, "days"), complaints, least=0, most=_LONGEST_DELIVERY)
    if skipped is not None and _read_weekdays(skipped) == ALL_WEEK:
        complaints.add("no-day-left", skipped, "The delivery counts none of the seven days, so nothing ever arrives.")
    return None if days is None else Delivery(days=days, not_counting=_read_weekdays(skipped))


def _read_hours(node: Node, complaints: Complaints) -> Hours | None:
    if not isinstance(node, Scalar) or not _HOURS.fullmatch(node.text):
        complaints.add("malformed-hours", node, f"Hours such as 08:00-20:00 were expected, and {describe(node)} found.")
        return None
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in node.text.split("-"))
    if start >= end:
        found = f"The hours {node.text} end before they begin, or go over midnight."
        earlier, later = sorted(node.text.split("-"))
        complaints.add("hours-reversed", node, found, f'Write "{earlier}-{later}", within one day.')
        return None
    return Hours(start=start, end=end)


def _read_paydays(node: Node | None, complaints: Complaints) -> tuple[int | str, ...]:
    paydays: list[int | str] = []
    for item in items_of(node):
        if digits_of(item) is not None:
            number = read_integer(item, complaints, least=1, most=_LAST_DAY_NUMBER)
            if number is not None:
                paydays.append(number)
        elif isinstance(item, Scalar):
            paydays.append(item.text)
    return tuple(paydays)


def _with_dates(calendar: Calendar, node: Node, complaints: Complaints) -> Calendar:
    """Ask for the dates of the country and of the bank apart, so that each complaint finds its key."""
    country = _dated(msgspec.structs.replace(calendar, bank=None), node, complaints)
    bank = _dated(msgspec.structs.replace(calendar, country=None, subdivision=None), node, complaints)
    if find(node, "country") is None and (subdivision := find(node, "subdivision")) is not None:
        complaints.add("unknown-calendar", subdivision, "A subdivision stands here without its country.")
    return msgspec.structs.replace(
        calendar,
        holidays=country.holidays,
        bank_holidays=bank.bank_holidays,
        stored_until=country.stored_until,
    )


def _dated(calendar: Calendar, node: Node, complaints: Complaints) -> Calendar:
    try:
        return store_dates(calendar)
    except ValueError as error:
        message = str(error)
    culprit = _culprit(node, message)
    found, hint = _sentence_and_hint(message)
    if isinstance(culprit, Scalar) and culprit is find(node, "country"):
        hint = _hint_at_country(culprit.text)
    complaints.add("unknown-calendar", culprit, found, hint)
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
