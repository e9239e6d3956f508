"""The records of a ruleset's calendar, with the holiday dates stored beside a version."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The names a ruleset writes; a weekday's place here is its number everywhere else (``date.weekday()``)."""

LAST_BUSINESS_DAY = "last_business_day"
DEFAULT_HOURS = "default"

WEEKEND = frozenset({5, 6})
"""Saturday and Sunday: the weekend of a calendar that names none, and of every bank."""

ALL_WEEK = frozenset(range(7))
"""A weekend (or ``not_counting``) of all seven days leaves no day to find: whoever reads a calendar refuses it."""

NO_DATES: frozenset[dt.date] = frozenset()


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a channel takes to arrive: so many days, holidays and the weekdays in ``not_counting`` skipped."""

    days: int
    not_counting: frozenset[int] = frozenset()


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contact hours in minutes after local midnight: ``start`` is inside, ``end`` (at most 1440, 24:00) is not."""

    start: int
    end: int


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When actions may happen and deadlines end; a weekend that was left out is None.

    ``holidays`` and ``bank_holidays`` are the dates stored with a ruleset version, complete up to ``stored_until``.
    """

    country: str | None = None
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)
    weekend: frozenset[int] | None = None
    deadline_weekend: frozenset[int] | None = None
    delivery: Mapping[str, Delivery] = {}
    hours: Mapping[str, Hours] = {}
    bank: str | None = None
    paydays: tuple[int | str, ...] = ()
    payday_moves: Literal["after", "before"] = "after"
    holidays: frozenset[dt.date] = NO_DATES
    bank_holidays: frozenset[dt.date] = NO_DATES
    stored_until: dt.date | None = None


def hours_of(calendar: Calendar, channel: str | None) -> Hours | None:
    """Return the contact hours of a channel, or None where it is free all day."""
    hours = calendar.hours.get(channel) if channel is not None else None
    return hours or calendar.hours.get(DEFAULT_HOURS)


def is_never_open(calendar: Calendar, channel: str | None, not_before: dt.time) -> bool:
    """Say whether no moment of any day is both within a channel's hours and at or after ``not_before``."""
    hours = hours_of(calendar, channel)
    return hours is not None and hours.end <= not_before.hour * 60 + not_before.minute
