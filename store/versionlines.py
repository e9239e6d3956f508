"""What the log says of ruleset versions, and whether the stored versions are still that."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from engine.model.language import EARLIEST_EDITION
from store.findings import Findings
from store.loglines import PublishLine, VersionEventLine, hash_text
from store.statements import sql

_PAGE = 20
_TEXTS = {
    "text": "text",
    "facts": "facts_text",
    "suite": "suite_text",
    "canonical": "canonical",
    "holidays": "holidays",
    "diagnostics": "diagnostics",
}
# Texts of which a version without scorecards or guarantees has none, and says nothing.
_LATER_TEXTS = {"scorecard": "scorecard_text", "guarantees": "guarantees_text", "verdicts": "verdicts"}
_SAME = (
    "digest",
    "effective_from",
    "effective_until",
    "approval_required",
    "publisher",
    "repository",
    "commit",
    "author",
    "committer",
    "committed_at",
)

Logged = Sequence[tuple[int, PublishLine | VersionEventLine]]
Key = tuple[str, int]


def line_of_version(row: asyncpg.Record) -> PublishLine:
    """Write the line of a version's row."""
    parts: dict[str, Any] = {name: row[name] for name in _SAME}
    parts |= {name: None if row[column] is None else hash_text(row[column]) for name, column in _TEXTS.items()}
    written = ((name, row[column]) for name, column in _LATER_TEXTS.items())
    parts |= {name: hash_text(text) for name, text in written if text is not None}
    if row["publisher_name"] is not None:
        parts["publisher_name"] = row["publisher_name"]
    if row["language_edition"] != EARLIEST_EDITION:
        parts["language_edition"] = row["language_edition"]
    return PublishLine(at=row["published_at"], ruleset=row["ruleset_id"], version=row["number"], **parts)


def line_of_event(row: asyncpg.Record) -> VersionEventLine:
    """Write the line of an event's row."""
    same = {name: row[name] for name in ("kind", "at", "digest", "actor", "note")}
    same |= {name: row[name] for name in ("name", "approval") if row[name] is not None}
    return VersionEventLine(ruleset=row["ruleset_id"], version=row["number"], **same)


class StoredVersions:
    """The versions and events that were stored when the log began to be read: each must be in it."""

    def __init__(self, versions: frozenset[Key], events: frozenset[int]) -> None:
        self._versions = versions
        self._events = events

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> "StoredVersions":
        """Note what is stored now."""
        keys = await connection.fetch(sql("rulesets.list_keys"))
        events = await connection.fetch(sql("rulesets.list_all_events"))
        return cls(frozenset(map(tuple, keys)), frozenset(row["id"] for row in events))

    async def compare(self, connection: asyncpg.Connection, logged: Logged, findings: Findings) -> None:
        """Compare the versions and their events with what the log says of them."""
        lines = {(line.ruleset, line.version): (place, line) for place, line in logged if isinstance(line, PublishLine)}
        last: Key = ("", 0)
        while rows := await connection.fetch(sql("rulesets.page_versions"), *last, _PAGE):
            for row in rows:
                key = last = (row["ruleset_id"], row["number"])
                if key in lines or key in self._versions:
                    _compare_version(row, lines.pop(key, None), findings)
        for (ruleset, number), (place, _) in lines.items():
            findings.add("deletion", place, place, f"version {number} of {ruleset} is no longer stored")
        events = {line: place for place, line in logged if isinstance(line, VersionEventLine)}
        for row in await connection.fetch(sql("rulesets.list_all_events")):
            if events.pop(line_of_event(row), None) is None and row["id"] in self._events:
                name = f"{row['kind']} of version {row['number']} of {row['ruleset_id']}"
                findings.add("insertion", None, None, f"{name} by {row['actor']} at {row['at']} is not in the log")
        for line, place in events.items():
            name = f"{line.kind} of version {line.version} of {line.ruleset}"
            findings.add("deletion", place, place, f"{name} by {line.actor} is no longer stored as it was")


def _compare_version(row: asyncpg.Record, logged: tuple[int, PublishLine] | None, findings: Findings) -> None:
    name = f"version {row['number']} of {row['ruleset_id']}"
    if logged is None:
        findings.add("insertion", None, None, f"{name} is not in the log")
        return
    place, line = logged
    stored = line_of_version(row)
    changed = [field for field in PublishLine.__struct_fields__ if getattr(stored, field) != getattr(line, field)]
    if changed:
        findings.add("edit", place, place, f"{name}: {', '.join(changed)} is not what was published")
