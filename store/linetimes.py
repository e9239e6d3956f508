"""That the lines of a log follow each other in time: only their order shows when one was really made."""

import datetime as dt

import asyncpg

from store.clock import TOLERANCE, say_length
from store.findings import Findings, Kind
from store.identifiers import instant_of
from store.loglines import ClockLine, EntryLine
from store.rowlines import name_row


class LineTimes:
    """The latest time so far, and what does not follow it.

    Of a log that was begun before this was looked at (`is_older`), what lies before the first line that only later
    programs write is left alone.
    """

    def __init__(self, now: dt.datetime, findings: Findings, *, is_older: bool) -> None:
        self._now = now
        self._findings = findings
        self._latest: dt.datetime | None = None
        self._is_watched = not is_older
        self.notes: list[str] = []

    def take_decision(self, place: int, row: asyncpg.Record) -> None:
        """Take the time of a decision."""
        if self._is_watched and instant_of(str(row["id"])) != row["at"]:
            self._tell("edit", place, row, f"its id was made at {_say(instant_of(str(row['id'])))}")
        self._take(place, row)

    def take_entry(self, place: int, row: asyncpg.Record, entry: EntryLine | None) -> None:
        """Take the time of another line."""
        if isinstance(entry, ClockLine):
            self._begin_anew(place, entry)
        self._is_watched = self._is_watched or isinstance(getattr(entry, "name", None), str)
        self._take(place, row)

    def _take(self, place: int, row: asyncpg.Record) -> None:
        at: dt.datetime = row["at"]
        if self._is_watched and self._latest is not None and at < self._latest - TOLERANCE:
            gap = say_length(self._latest - at)
            self._tell("insertion", place, row, f"a line in front of it is {gap} later, so it was put in afterwards")
        elif self._is_watched and at > self._now + TOLERANCE:
            self._tell("edit", place, row, f"by PostgreSQL's clock that is {say_length(at - self._now)} ahead of now")
        self._latest = at if self._latest is None else max(self._latest, at)

    def _begin_anew(self, place: int, entry: ClockLine) -> None:
        """Let time begin anew, and say so: who had no need of it would hide something."""
        if self._is_watched:
            reached = "" if self._latest is None else f", up to {_say(self._latest)}"
            said = f"line {place} says that times before it were wrong{reached}: {entry.note}"
        else:
            said = f"the times of the {place} lines before line {place} were not held against each other: {entry.note}"
        self.notes.append(f"{said} ({entry.name}, {_say(entry.at)})")
        self._latest = None

    def _tell(self, kind: Kind, place: int, row: asyncpg.Record, why: str) -> None:
        message = f"{name_row(row)} says that it was logged at {_say(row['at'])}, and {why}"
        self._findings.add(kind, place, place, message)


def _say(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
