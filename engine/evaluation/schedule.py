"""When an action may happen and until when payment is in time (language.md 5 "timing", 6.4 and 6.5)."""

import calendar as months
import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from engine.model.calendar import LAST_BUSINESS_DAY, WEEKDAYS, WEEKEND, Calendar, Hours, hours_of
from engine.model.ruleset import Schedule, Timing

MIDNIGHT = dt.time()
_ONE_DAY = dt.timedelta(days=1)
_SEARCH_DAYS = 800
"""Far beyond any run of days without contact, business or pay: paydays come each month or week."""


def first_moment(
    calendar: Calendar | None,
    zone: ZoneInfo,
    as_of: dt.datetime,
    schedule: Schedule,
    *,
    channel: str | None = None,
    is_contact: bool = False,
    is_retry: bool = False,
) -> dt.datetime:
    """Return the first moment at or after ``as_of``, in the zone, at which an action is allowed.

    Raises ValueError where there is none, which whoever reads a ruleset has ruled out beforehand: a weekend of seven
    days, a ``time`` at which the channel's hours are over (``is_never_open``), a payday schedule without paydays.
    """
    local = as_of.astimezone(zone)
    hours = hours_of(calendar, channel) if is_contact and calendar is not None else None
    day = local.date()
    for _ in range(_SEARCH_DAYS):
        if _is_allowed_day(calendar, day, schedule, is_contact=is_contact, is_retry=is_retry):
            moment = _first_moment_of_day(day, local, schedule.time or MIDNIGHT, hours)
            if moment is not None:
                return moment
        day += _ONE_DAY
    raise ValueError("The calendar, the contact hours and the schedule leave no moment at which the action is allowed.")


def first_moment_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the first moment of a local day, which is not midnight where the clocks skip that."""
    return _moment_at(day, MIDNIGHT, zone)


def _moment_at(day: dt.date, time: dt.time, zone: ZoneInfo, fold: int = 0) -> dt.datetime:
    """Return a local time as a moment: one that does not exist moves forward by the gap."""
    wall = dt.datetime.combine(day, time, zone).replace(fold=fold)
    return wall.astimezone(dt.UTC).astimezone(zone)


def _first_moment_of_day(
    day: dt.date, local: dt.datetime, not_before: dt.time, hours: Hours | None
) -> dt.datetime | None:
    """Return the first allowed moment of a day at or after ``local``, which carries the zone."""
    zone = local.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("A local moment carries its zone.")
    begin = max(local, _moment_at(day, not_before, zone), key=_utc)
    if begin.date() != day:
        return None
    if hours is None or _is_within(hours, begin):
        return begin
    opens = dt.time(*divmod(hours.start, 60))
    # Where the clocks go back, the hours may open a second time.
    openings = (_moment_at(day, opens, zone, fold) for fold in (0, 1))
    fitting = (each for each in openings if _utc(each) >= _utc(begin) and each.date() == day)
    return next((each for each in fitting if _is_within(hours, each)), None)


def _utc(moment: dt.datetime) -> dt.datetime:
    """Return the moment in UTC: of two in one zone Python would compare the walls."""
    return moment.astimezone(dt.UTC)


def _is_within(hours: Hours, moment: dt.datetime) -> bool:
    return hours.start <= moment.hour * 60 + moment.minute < hours.end


def _is_allowed_day(
    calendar: Calendar | None, day: dt.date, schedule: Schedule, *, is_contact: bool, is_retry: bool
) -> bool:
    if is_contact and calendar is not None and not is_contact_day(calendar, day):
        return False
    if schedule.day == "business_day":
        return is_business_day(calendar, day, is_retry=is_retry)
    return schedule.day == "any" or is_payday(calendar, day, is_retry=is_retry)


def weekend_of(calendar: Calendar) -> frozenset[int]:
    """Return the weekend of a calendar; left out it is Saturday and Sunday."""
    return WEEKEND if calendar.weekend is None else calendar.weekend


def is_contact_day(calendar: Calendar, day: dt.date) -> bool:
    """Say whether a contact action may happen on a day."""
    return day not in calendar.holidays and day.weekday() not in weekend_of(calendar)


def is_business_day(calendar: Calendar | None, day: dt.date, *, is_retry: bool = False) -> bool:
    """Say whether a day is a business day; for a payment retry the bank's calendar decides where one is given."""
    if calendar is None:
        return day.weekday() not in WEEKEND
    if is_retry and calendar.bank is not None:
        return day.weekday() not in WEEKEND and day not in calendar.bank_holidays
    return day.weekday() not in weekend_of(calendar) and day not in calendar.holidays


def is_payday(calendar: Calendar | None, day: dt.date, *, is_retry: bool = False) -> bool:
    """Say whether a payday, once moved to a business day, falls on a day."""
    if calendar is None or not is_business_day(calendar, day, is_retry=is_retry):
        return False
    from_where = -_ONE_DAY if calendar.payday_moves == "after" else _ONE_DAY
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
    return _move(month_end, -_ONE_DAY, lambda day: is_business_day(calendar, day, is_retry=is_retry))


def _move(day: dt.date, step: dt.timedelta, fits: Callable[[dt.date], bool]) -> dt.date:
    """Move a day by steps until it fits; a day that fits stays."""
    for _ in range(_SEARCH_DAYS):
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
        return _move(day, _ONE_DAY, lambda later: is_business_day(calendar, later, is_retry=is_retry))
    return day


def delivered_on(calendar: Calendar | None, sent_on: dt.date, channel: str | None) -> dt.date:
    """Return the day on which what is sent over a channel counts as received."""
    delivery = calendar.delivery.get(channel) if calendar is not None and channel is not None else None
    if calendar is None or delivery is None:
        return sent_on

    def is_counted(day: dt.date) -> bool:
        return day not in calendar.holidays and day.weekday() not in delivery.not_counting

    day = sent_on
    for _ in range(delivery.days):
        day = _move(day + _ONE_DAY, _ONE_DAY, is_counted)
    return day


def pay_by(calendar: Calendar | None, sent_on: dt.date, channel: str | None, pay_within_days: int) -> dt.date:
    """Return the last day on which payment is in time, for a demand sent over a channel on a local day."""
    day = delivered_on(calendar, sent_on, channel) + dt.timedelta(days=pay_within_days)
    if calendar is None:
        return day
    closed = weekend_of(calendar) if calendar.deadline_weekend is None else calendar.deadline_weekend
    return _move(day, _ONE_DAY, lambda later: later.weekday() not in closed and later not in calendar.holidays)
