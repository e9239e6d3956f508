"""Local days and moments of an account (language.md 5.2, 6.4)."""

import datetime as dt
import functools
import zoneinfo


@functools.cache
def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name."""
    return zoneinfo.ZoneInfo(name)


def to_date(value: str | dt.date) -> dt.date:
    """A date written as in JSON."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def to_moment(on: dt.date, at: dt.time, zone: dt.tzinfo) -> dt.datetime:
    """The instant (in UTC) of a local time: past a gap by the gap, the first of two (6.4)."""
    return dt.datetime.combine(on, at, tzinfo=zone).replace(fold=0).astimezone(dt.UTC)


def to_instant(value: str | dt.date | dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The instant (in UTC) of an `at` or `as_of`; a bare date is the first moment of that day (5.2)."""
    if isinstance(value, str):
        value = dt.date.fromisoformat(value) if len(value) == len("2026-01-01") else dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            message = "an instant needs an offset"
            raise ValueError(message)
        return value.astimezone(dt.UTC)
    return to_moment(value, dt.time(), zone)


def last_of_month(on: dt.date) -> dt.date:
    """The last day of that month."""
    following = dt.date(on.year + on.month // 12, on.month % 12 + 1, 1)
    return following - dt.timedelta(days=1)


def add_months(on: dt.date, months: int) -> dt.date:
    """The same day so many months later, or that month's last day."""
    index = on.year * 12 + on.month - 1 + months
    last = last_of_month(dt.date(index // 12, index % 12 + 1, 1))
    return last.replace(day=min(on.day, last.day))


def days_between(first: dt.date, last: dt.date) -> int:
    """Calendar days from the first to the last."""
    return last.toordinal() - first.toordinal()
