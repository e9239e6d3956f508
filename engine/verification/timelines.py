"""The timelines of a suite as written, to the days they ask on and what must come out (language.md 9.2)."""

import datetime as dt

from engine.evaluation.routing import parse_as_of
from engine.loading.complaints import suggest
from engine.loading.grammar.kinds import label
from engine.loading.grammar.suite import WrittenTest
from engine.loading.node import Entry, Node, Scalar, describe, entries_of
from engine.loading.spot import Spot
from engine.model.account import AccountInvalid
from engine.verification.paths import Names
from engine.verification.suite import ExpectedDay, Timeline

_DATE_LENGTH = len("2026-03-06")


def read_instant(node: Node, spot: Spot) -> dt.datetime | dt.date | None:
    """Return an instant or a day; anything else is complained about."""
    text = label().read(node, spot)
    if text is None:
        return None
    try:
        return parse_as_of(str(text))
    except AccountInvalid:
        found = f"“{text}” is neither a date nor an instant with its offset."
        spot.complain("malformed-date", node, found, "Write 2026-03-06, or 2026-03-06T09:00:00+01:00.")
        return None


class TimelineReader:
    """Reads the timelines of one suite."""

    def __init__(self, names: Names, spot: Spot) -> None:
        self._names = names
        self._spot = spot

    def read(self, test: WrittenTest) -> Timeline | None:
        """Return the timeline of a test, if it has one."""
        node = test.timeline
        if node is None:
            return None
        days = tuple(day for entry in entries_of(node) if (day := self._read_day(entry)) is not None)
        asked_on = self._read_asked_on(test.asked_on)
        written = [*(day.on for day in days), *(asked_on or ())]
        first, until = self._read_first(test.as_of), self._read_date(test.until)
        if not written and entries_of(node):
            return None
        if not written and (first is None or until is None):
            found = "The timeline names no day, so “as_of” and “until” must say from when to when it asks."
            self._spot.complain("test-unclear", node, found, "Add “as_of: 2026-03-01” and “until: 2026-03-31”.")
            return None
        first = first if first is not None else min(written)
        until = until if until is not None else max([first, *written])
        timeline = Timeline(first=first, until=until, asked_on=asked_on, days=days)
        self._check_days(timeline, test.until or node)
        return timeline

    def _check_days(self, timeline: Timeline, place: Node) -> None:
        """Complain of days that can never come out."""
        first, until = timeline.first, timeline.until
        if until < first:
            found = f"The timeline ends on {until}, before it begins on {first}."
            self._spot.complain("dates-reversed", place, found)
            return
        for day in timeline.days:
            if not first <= day.on <= until or (timeline.asked_on is not None and day.on not in timeline.asked_on):
                found = f"{day.on} is no day on which this timeline asks."
                self._spot.complain(
                    "test-unclear", day.at, found, "Correct the day, or “as_of”, “until” and “asked_on”."
                )

    def _read_day(self, entry: Entry) -> ExpectedDay | None:
        on = self._read_date(entry.key)
        rule = label().read(entry.value, self._spot.under(entry.key))
        if not isinstance(rule, str):
            return None
        if rule not in self._names.rules:
            found = f"“{rule}” is no rule of {self._names.ruleset}."
            self._spot.complain("unknown-rule", entry.value, found, suggest(rule, self._names.rules))
        return None if on is None else ExpectedDay(on=on, rule=rule, at=entry.key.at)

    def _read_asked_on(self, items: tuple[Node, ...] | None) -> tuple[dt.date, ...] | None:
        if items is None:
            return None
        days = (self._read_date(item) for item in items)
        return tuple(day for day in days if day is not None)

    def _read_first(self, node: Node | None) -> dt.date | None:
        if node is None:
            return None
        instant = read_instant(node, self._spot)
        return instant.date() if isinstance(instant, dt.datetime) else instant

    def _read_date(self, node: Node | None) -> dt.date | None:
        if node is None:
            return None
        text = node.text if isinstance(node, Scalar) else ""
        try:
            if len(text) == _DATE_LENGTH:
                return dt.date.fromisoformat(text)
        except ValueError:
            pass
        self._spot.complain(
            "malformed-date", node, f"A date such as 2026-03-06 was expected, and {describe(node)} found."
        )
        return None
