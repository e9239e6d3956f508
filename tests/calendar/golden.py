"""The golden days and moments, read into records."""

import datetime as dt
import functools
import pathlib
from typing import Any

import yaml

from engine.loading.holidaydates import store_dates
from engine.model.calendar import WEEKDAYS, Calendar, Hours

EXAMPLES: dict[str, Any] = yaml.load(
    pathlib.Path(__file__).with_name("golden.yaml").read_text("utf-8"),
    Loader=yaml.BaseLoader,  # noqa: S506 -- every scalar stays the word that is written
)


def read_weekdays(names: list[str]) -> frozenset[int]:
    """Read names of weekdays."""
    return frozenset(WEEKDAYS.index(name) for name in names)


def read_hours(span: str) -> Hours:
    """Read a span such as 07:00-20:00."""
    start, end = ([int(part) for part in time.split(":")] for time in span.split("-"))
    return Hours(start=start[0] * 60 + start[1], end=end[0] * 60 + end[1])


@functools.cache
def read_calendar(name: str) -> Calendar:
    """Read a calendar of the golden file, with its dates."""
    written = EXAMPLES["calendars"][name]
    calendar = Calendar(
        country=written.get("country"),
        categories=tuple(written.get("categories", ["public"])),
        weekend=read_weekdays(written["weekend"]) if "weekend" in written else None,
        hours={channel: read_hours(span) for channel, span in written.get("hours", {}).items()},
        bank=written.get("bank"),
        paydays=read_paydays(written.get("paydays", [])),
    )
    return store_dates(calendar)


def read_paydays(written: list[str]) -> tuple[int | str, ...]:
    """Read paydays: numbers of days, or words."""
    return tuple(int(payday) if payday.isdigit() else payday for payday in written)


def read_dates(written: list[str]) -> list[dt.date]:
    """Read days."""
    return [dt.date.fromisoformat(day) for day in written]
