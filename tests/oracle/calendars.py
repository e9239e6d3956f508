"""Business days, contact hours, paydays and deadlines (language.md 6.4 and 6.5)."""

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

import holidays
import msgspec

from tests.oracle.besthour import window_on
from tests.oracle.clock import last_of_month, to_moment

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SATURDAY_AND_SUNDAY = frozenset({5, 6})
ONE_DAY = dt.timedelta(days=1)
SEARCHED_DAYS = 1500


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How long a channel takes to arrive."""

    days: int
    not_counting: frozenset[int]


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Contact hours, the end exclusive; an end of None is midnight."""

    start: dt.time
    end: dt.time | None


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """A `calendar:`; days of the week are 0 for Monday."""

    country: str | None = None
    subdivision: str | None = None
    categories: tuple[str, ...] | None = None
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY
    deadline_weekend: frozenset[int] = SATURDAY_AND_SUNDAY
    delivery: Mapping[str, Delivery] = {}
    hours: Mapping[str, Hours] = {}
    bank: str | None = None
    paydays: tuple[str, ...] = ()
    moves_before: bool = False

    def is_holiday(self, on: dt.date) -> bool:
        """Whether it is a holiday of the country, in its subdivision and categories."""
        if self.country is None:
            return False
        return on in country_days(self.country, self.subdivision, self.categories, on.year)

    def is_workday(self, on: dt.date) -> bool:
        """Whether it is neither weekend nor holiday."""
        return on.weekday() not in self.weekend and not self.is_holiday(on)


@functools.cache
def country_days(
    country: str, subdivision: str | None, categories: tuple[str, ...] | None, year: int
) -> frozenset[dt.date]:
    """The holidays of a year, from the `holidays` package."""
    found = holidays.country_holidays(country, subdiv=subdivision, categories=categories, years=year)
    return frozenset(on for on in found if on.year == year)


@functools.cache
def bank_days(market: str, year: int) -> frozenset[dt.date]:
    """The bank holidays of a year, from the `holidays` package."""
    return frozenset(on for on in holidays.financial_holidays(market, years=year) if on.year == year)


def to_time(text: str) -> dt.time:
    """A written time of day."""
    hour, minute = text.split(":")
    return dt.time(int(hour), int(minute))


def read_calendar(node: dict[str, Any]) -> Calendar:
    """Read a `calendar:` in which every scalar is a string."""
    weekend = _days(node["weekend"]) if "weekend" in node else SATURDAY_AND_SUNDAY
    categories = node.get("categories")
    return Calendar(
        country=node.get("country"),
        subdivision=node.get("subdivision"),
        categories=tuple(categories) if categories is not None else None,
        weekend=weekend,
        deadline_weekend=_days(node["deadline_weekend"]) if "deadline_weekend" in node else weekend,
        delivery={
            channel: Delivery(days=int(item["days"]), not_counting=_days(item.get("not_counting", [])))
            for channel, item in node.get("delivery", {}).items()
        },
        hours={channel: _hours(text) for channel, text in node.get("hours", {}).items()},
        bank=node.get("bank"),
        paydays=tuple(node.get("paydays", [])),
        moves_before=node.get("payday_moves") == "before",
    )


def _days(names: list[str]) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(name) for name in names)


def _hours(text: str) -> Hours:
    start, end = text.split("-")
    return Hours(start=to_time(start), end=None if end == "24:00" else to_time(end))


def is_business_day(calendar: Calendar | None, on: dt.date, *, retry: bool) -> bool:
    """Whether it is a business day: of the bank for a retry, else neither weekend nor holiday."""
    if calendar is None:
        return on.weekday() not in SATURDAY_AND_SUNDAY
    if retry and calendar.bank is not None:
        return on.weekday() not in SATURDAY_AND_SUNDAY and on not in bank_days(calendar.bank, on.year)
    return calendar.is_workday(on)


def business_day_after(calendar: Calendar | None, on: dt.date, count: int, *, retry: bool) -> dt.date:
    """The so-many-th business day after a day."""
    while count:
        on += ONE_DAY
        count -= is_business_day(calendar, on, retry=retry)
    return on


def is_payday(calendar: Calendar, on: dt.date, *, retry: bool) -> bool:
    """Whether a payday, moved off days that are no business days, falls on that day."""
    nearby = (on + dt.timedelta(days=shift) for shift in range(-20, 21))
    return any(
        _moved(calendar, near, retry=retry) == on
        for near in nearby
        if any(_falls_on(calendar, payday, near, retry=retry) for payday in calendar.paydays)
    )


def _falls_on(calendar: Calendar, payday: str, on: dt.date, *, retry: bool) -> bool:
    last = last_of_month(on)
    if payday in WEEKDAYS:
        return on.weekday() == WEEKDAYS.index(payday)
    if payday == "last_business_day":
        while not is_business_day(calendar, last, retry=retry):
            last -= ONE_DAY
        return on == last
    return on.day == min(int(payday), last.day)


def _moved(calendar: Calendar, on: dt.date, *, retry: bool) -> dt.date:
    while not is_business_day(calendar, on, retry=retry):
        on += -ONE_DAY if calendar.moves_before else ONE_DAY
    return on


def first_moment(
    calendar: Calendar | None,
    as_of: dt.datetime,
    zone: dt.tzinfo,
    *,
    channel: str | None,
    day: str,
    time: dt.time | None,
    retry: bool,
    best_for: dict[str, Any] | None = None,
) -> dt.datetime | None:
    """The first allowed moment at or after `as_of` (6.4); `channel` is that of a contact action.

    An account that is called at its best hour is given.
    """
    as_of = as_of.astimezone(dt.UTC)
    today = as_of.astimezone(zone).date()
    contact = calendar is not None and channel is not None
    hours = calendar.hours.get(channel or "", calendar.hours.get("default")) if calendar and contact else None
    earliest = max(hours.start if hours else dt.time(), time or dt.time())
    for on in (today + dt.timedelta(days=shift) for shift in range(SEARCHED_DAYS)):
        if calendar and contact and not calendar.is_workday(on):
            continue
        if day == "business_day" and not is_business_day(calendar, on, retry=retry):
            continue
        if day == "payday" and not (calendar and is_payday(calendar, on, retry=retry)):
            continue
        opens, until = earliest, hours.end if hours else None
        if best_for is not None:
            opens, until = window_on(best_for, on, opens, until) or (opens, until)
        closes = to_moment(on, until, zone) if until else to_moment(on + ONE_DAY, dt.time(), zone)
        moment = max(as_of, to_moment(on, opens, zone))
        if moment < closes:
            return moment.astimezone(zone)
    return None


def pay_by(calendar: Calendar | None, sent_on: dt.date, channel: str | None, within_days: int) -> dt.date:
    """The last day on which payment is in time (6.5)."""
    if calendar is None:
        return sent_on + dt.timedelta(days=within_days)
    on = sent_on
    delivery = calendar.delivery.get(channel or "")
    for _ in range(delivery.days if delivery else 0):
        on += ONE_DAY
        while calendar.is_holiday(on) or (delivery and on.weekday() in delivery.not_counting):
            on += ONE_DAY
    on += dt.timedelta(days=within_days)
    while on.weekday() in calendar.deadline_weekend or calendar.is_holiday(on):
        on += ONE_DAY
    return on


def timing_day(
    calendar: Calendar | None, due_on: dt.date, days_after_due: int, align: str | None, *, retry: bool
) -> dt.date:
    """The first day on which a rule's `timing` holds."""
    on = due_on + dt.timedelta(days=days_after_due)
    if align == "end_of_month":
        return last_of_month(on)
    while align == "business_day" and not is_business_day(calendar, on, retry=retry):
        on += ONE_DAY
    return on
