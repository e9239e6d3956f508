"""Instants and ages as they are written on a command line."""

import datetime as dt
import re

import rich_click as click

from engine.model.businessdays import FIRST_YEAR, LAST_YEAR, is_reckoned

_AGE = re.compile(r"(?P<count>[1-9][0-9]{0,4})(?P<unit>[dmy])")
_MONTHS = 12
_LAST_DAYS = 3


def read_instant(text: str) -> dt.datetime:
    """Read an instant with its offset, or a date: its first moment in UTC."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date (2026-11-20) and no instant (2026-11-20T09:00:00Z).") from None
    if instant.tzinfo is not None:
        return instant
    if ":" in text:
        raise click.BadParameter(f"{text!r} lacks its offset, such as Z or +01:00.")
    return instant.replace(tzinfo=dt.UTC)


def read_day(text: str) -> dt.date:
    """Read a date of the years that are reckoned with."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date such as 2026-11-20.") from None
    if not is_reckoned(day):
        raise click.BadParameter(f"{text} lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def read_age(text: str) -> str:
    """Check an age in days, months or years: 90d, 18m, 7y."""
    if not _AGE.fullmatch(text):
        raise click.BadParameter(f"{text!r} is no age such as 90d, 18m or 7y.")
    return text


def go_back(now: dt.datetime, age: str) -> dt.datetime:
    """Return the instant that lies so long before; where a month is too short, its last day."""
    found = _AGE.fullmatch(age)
    if found is None:
        raise ValueError(age)
    count = int(found["count"])
    if found["unit"] == "d":
        return now - dt.timedelta(days=count)
    months = now.year * _MONTHS + now.month - 1 - count * (_MONTHS if found["unit"] == "y" else 1)
    year, month = divmod(months, _MONTHS)
    if year < 1:
        raise click.BadParameter(f"{age} ago there was no calendar.")
    for day in range(now.day, now.day - _LAST_DAYS - 1, -1):
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError(age)
