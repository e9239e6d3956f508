"""When an action may happen and until when payment is in time (language.md 5 "timing", 6.4 and 6.5)."""

import datetime as dt
from zoneinfo import ZoneInfo

from engine.evaluation.besthour import BestHours
from engine.model.businessdays import (
    MIDNIGHT,
    ONE_DAY,
    SEARCH_DAYS,
    first_moment_of,
    is_business_day,
    is_contact_day,
    is_payday,
    moment_at,
    move,
    weekend_of,
)
from engine.model.calendar import Calendar, Hours, hours_of
from engine.model.ruleset import Schedule

_MINUTES_A_DAY = 24 * 60


def first_moment(
    calendar: Calendar | None,
    zone: ZoneInfo,
    as_of: dt.datetime,
    schedule: Schedule,
    *,
    channel: str | None = None,
    is_contact: bool = False,
    is_retry: bool = False,
    best: BestHours | None = None,
) -> dt.datetime:
    """Return the first moment at or after ``as_of``, in the zone, at which an action is allowed.

    A call that waits for the ``best`` hours keeps to the window of the day, whatever time has gone by of it.

    Raises ValueError where there is none, which whoever reads a ruleset has ruled out beforehand: a weekend of seven
    days, a ``time`` at which the channel's hours are over (``is_never_open``), a payday schedule without paydays.
    """
    local = as_of.astimezone(zone)
    hours = hours_of(calendar, channel) if is_contact and calendar is not None else None
    not_before = schedule.time if isinstance(schedule.time, dt.time) else MIDNIGHT
    day = local.date()
    for _ in range(SEARCH_DAYS):
        if _is_allowed_day(calendar, day, schedule, is_contact=is_contact, is_retry=is_retry):
            window = None if best is None else best.hours_on(day)
            moment = _first_moment_of_day(day, local, not_before, window or hours)
            if moment is not None:
                return moment
        day += ONE_DAY
    raise ValueError("The calendar, the contact hours and the schedule leave no moment at which the action is allowed.")


def _first_moment_of_day(
    day: dt.date, local: dt.datetime, not_before: dt.time, hours: Hours | None
) -> dt.datetime | None:
    """Return the first allowed moment of a day at or after ``local``, which carries the zone."""
    zone = local.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("A local moment carries its zone.")
    # A day begins before every moment of it.
    is_begun = not_before == MIDNIGHT and local.date() == day
    begin = local if is_begun else max(local, moment_at(day, not_before, zone), key=_utc)
    if begin.date() != day:
        return None
    if hours is None:
        return begin
    opens, closes = (_moment_of(day, minutes, zone) for minutes in (hours.start, hours.end))
    begin = max(begin, opens, key=_utc)
    return begin if begin.date() == day and _utc(begin) < _utc(closes) else None


def _moment_of(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    """Return a time of contact hours, in minutes of a day, as a moment."""
    if minutes == _MINUTES_A_DAY:
        return first_moment_of(day + ONE_DAY, zone)
    return moment_at(day, dt.time(*divmod(minutes, 60)), zone)


def _utc(moment: dt.datetime) -> dt.datetime:
    """Return the moment in UTC: of two in one zone Python would compare the walls."""
    return moment.astimezone(dt.UTC)


def _is_allowed_day(
    calendar: Calendar | None, day: dt.date, schedule: Schedule, *, is_contact: bool, is_retry: bool
) -> bool:
    if is_contact and calendar is not None and not is_contact_day(calendar, day):
        return False
    if schedule.day == "business_day":
        return is_business_day(calendar, day, is_retry=is_retry)
    return schedule.day == "any" or is_payday(calendar, day, is_retry=is_retry)


def delivered_on(calendar: Calendar | None, sent_on: dt.date, channel: str | None) -> dt.date:
    """Return the day on which what is sent over a channel counts as received."""
    delivery = calendar.delivery.get(channel) if calendar is not None and channel is not None else None
    if calendar is None or delivery is None:
        return sent_on

    def is_counted(day: dt.date) -> bool:
        return day not in calendar.holidays and day.weekday() not in delivery.not_counting

    day = sent_on
    for _ in range(delivery.days):
        day = move(day + ONE_DAY, ONE_DAY, is_counted)
    return day


def pay_by(calendar: Calendar | None, sent_on: dt.date, channel: str | None, pay_within_days: int) -> dt.date:
    """Return the last day on which payment is in time, for a demand sent over a channel on a local day."""
    day = delivered_on(calendar, sent_on, channel) + dt.timedelta(days=pay_within_days)
    if calendar is None:
        return day
    closed = weekend_of(calendar) if calendar.deadline_weekend is None else calendar.deadline_weekend
    return move(day, ONE_DAY, lambda later: later.weekday() not in closed and later not in calendar.holidays)
