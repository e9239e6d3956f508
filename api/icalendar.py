"""Calls as an iCalendar feed (RFC 5545): when, and by which rule; never whom, for many programs read a calendar."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from store.worklist import WorkItem

MEDIA_TYPE = "text/calendar"
_LENGTH = "PT15M"
_MOST_OCTETS = 74
_ESCAPED = re.compile(r"[\\;,]")


def write_calendar(items: Iterable[WorkItem]) -> bytes:
    """Write a feed, an event a call."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//dunning//worklist//EN", "X-WR-CALNAME:Calls"]
    lines += [line for item in items for line in _write_event(item)]
    return b"".join(_fold(line) for line in (*lines, "END:VCALENDAR"))


def _write_event(item: WorkItem) -> Iterator[str]:
    begins_at = item.scheduled_for or item.decided_at
    yield "BEGIN:VEVENT"
    yield f"UID:{item.decision_id}@dunning"
    yield f"DTSTAMP:{_write_instant(item.decided_at)}"
    yield f"DTSTART:{_write_instant(begins_at)}"
    yield f"DURATION:{_LENGTH}"
    yield f"SUMMARY:{_escape(f'Call: {item.title or item.rule}')}"
    yield f"DESCRIPTION:{_escape(f'Decision {item.decision_id}')}"
    yield "END:VEVENT"


def _write_instant(instant: dt.datetime) -> str:
    return f"{instant.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    one_line = " ".join(text.split())
    return _ESCAPED.sub(lambda match: f"\\{match[0]}", one_line)


def _fold(line: str) -> bytes:
    """Break a line that is too long, between characters."""
    parts, part = [], b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > _MOST_OCTETS:
            parts.append(part)
            part = b""
        part += octets
    return b"\r\n ".join([*parts, part]) + b"\r\n"
