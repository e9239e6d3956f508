"""Business days, paydays and first moments of days, by a ruleset's calendar (language.md 5 "timing" and 6.4)."""

import calendar as months
import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.model.calendar import LAST_BUSINESS_DAY, WEEKDAYS, WEEKEND, Calendar
from engine.model.ruleset import Timing

FIRST_YEAR, LAST_YEAR = 1900, 2199
MIDNIGHT = dt.time()
_DAYS_A_WEEK = 7
_NO_HOLIDAYS: frozenset[dt.date] = frozenset()
ONE_DAY = dt.timedelta(days=1)
SEARCH_DAYS = 800
"""Far beyond any run of days without contact, business or pay: paydays come each month or week."""


@lru_cache(maxsize=4096)
def first_moment_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the first moment of a local day, which is not midnight where the clocks skip that."""
    return moment_at(day, MIDNIGHT, zone)


def moment_at(day: dt.date, time: dt.time, zone: ZoneInfo, fold: int = 0) -> dt.datetime:
    """Return a local time as a moment: one that does not exist moves forward by the gap."""
    wall = dt.datetime.combine(day, time, zone).replace(fold=fold)
    return wall.astimezone(dt.UTC).astimezone(zone)


def weekend_of(calendar: Calendar) -> frozenset[int]:
    """Return the weekend of a calendar; left out it is Saturday and Sunday."""
    return WEEKEND if calendar.weekend is None else calendar.weekend


def is_contact_day(calendar: Calendar, day: dt.date) -> bool:
    """Say whether a contact action may happen on a day."""
    return day not in calendar.holidays and day.weekday() not in weekend_of(calendar)


def is_business_day(calendar: Calendar | None, day: dt.date, *, is_retry: bool = False) -> bool:
    """Say whether a day is a business day; for a payment retry the bank's calendar decides where one is given."""
    weekend, holidays = _closed(calendar, is_retry=is_retry)
    return day.weekday() not in weekend and day not in holidays


def _closed(calendar: Calendar | None, *, is_retry: bool) -> tuple[frozenset[int], frozenset[dt.date]]:
    """Return the weekdays and the days that are no business days."""
    if calendar is None:
        return WEEKEND, _NO_HOLIDAYS
    if is_retry and calendar.bank is not None:
        return WEEKEND, calendar.bank_holidays
    return weekend_of(calendar), calendar.holidays


def is_payday(calendar: Calendar | None, day: dt.date, *, is_retry: bool = False) -> bool:
    """Say whether a payday, once moved to a business day, falls on a day."""
    if calendar is None or not is_business_day(calendar, day, is_retry=is_retry):
        return False
    from_where = -ONE_DAY if calendar.payday_moves == "after" else ONE_DAY
    written = day
    while not _is_written_payday(calendar, written, is_retry=is_retry):
        written += from_where
        if is_business_day(calendar, written, is_retry=is_retry):
            return False
    return True


def _is_written_payday(calendar: Calendar, day: dt.date, *, is_retry: bool) -> bool:
    month_length = months.monthrange(day.year, day.month)[1]
    for payday in calendar.paydays:
        if isinstance(payday, int):
            if day.day == min(payday, month_length):
                return True
        elif payday == LAST_BUSINESS_DAY:
            if day == _last_business_day(calendar, day.replace(day=month_length), is_retry=is_retry):
                return True
        elif payday == WEEKDAYS[day.weekday()]:
            return True
    return False


def _last_business_day(calendar: Calendar, month_end: dt.date, *, is_retry: bool) -> dt.date:
    return move(month_end, -ONE_DAY, lambda day: is_business_day(calendar, day, is_retry=is_retry))


def move(day: dt.date, step: dt.timedelta, fits: Callable[[dt.date], bool]) -> dt.date:
    """Move a day by steps until it fits; a day that fits stays."""
    for _ in range(SEARCH_DAYS):
        if fits(day):
            return day
        day += step
    raise ValueError("The calendar has no day that fits: its weekend is the whole week.")


def timing_day(calendar: Calendar | None, due_on: dt.date, timing: Timing, *, is_retry: bool = False) -> dt.date:
    """Return the first day on which a rule's ``timing`` holds for a debt due on a day."""
    day = due_on + dt.timedelta(days=timing.days_after_due)
    if timing.align == "end_of_month":
        return day.replace(day=months.monthrange(day.year, day.month)[1])
    if timing.align == "business_day":
        return move(day, ONE_DAY, lambda later: is_business_day(calendar, later, is_retry=is_retry))
    return day


def business_days_after(calendar: Calendar | None, day: dt.date, count: int, *, is_retry: bool = False) -> dt.date:
    """Return the so-manieth business day after a day."""
    weekend, holidays = _closed(calendar, is_retry=is_retry)
    a_week = _DAYS_A_WEEK - len(weekend)
    while 0 < a_week < count:  # over whole weeks at once, as many as cannot be too many
        weeks = (count - 1) // a_week
        later = day + dt.timedelta(days=_DAYS_A_WEEK * weeks)
        free = sum(day < holiday <= later and holiday.weekday() not in weekend for holiday in holidays)
        day, count = later, count - weeks * a_week + free
    for _ in range(count):
        day = move(day + ONE_DAY, ONE_DAY, lambda each: is_business_day(calendar, each, is_retry=is_retry))
    return day


def months_after(day: dt.date, count: int) -> dt.date:
    """Return the same day so many months later, in a shorter month its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return dt.date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def next_of_months(first: dt.date, last: dt.date, every: int) -> dt.date:
    """Return the first of the days ``every``, twice ``every``, … months after a first day that lies after the last."""
    passed = (last.year - first.year) * 12 + last.month - first.month
    begun = max(1, passed // every) * every
    day = months_after(first, begun)
    return day if day > last else months_after(first, begun + every)


def is_reckoned(day: dt.date) -> bool:
    """Tell whether a day lies in the years 1900 to 2199: far from where a calendar ends, whatever is added to it."""
    return FIRST_YEAR <= day.year <= LAST_YEAR
