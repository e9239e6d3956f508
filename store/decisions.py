"""The decision log, read back."""

import datetime as dt
from collections.abc import AsyncIterator

import msgspec

from store.database import Database
from store.decisionrecords import LoggedDecision, decision_of
from store.identifiers import first_id_at, is_id
from store.statements import sql

_PAGE = 500
_COUNT_SECONDS = 120.0


class DecisionsCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a rule of a version decided something."""

    ruleset_id: str | None
    version: int | None
    rule: str | None
    outcome: str
    action: str | None
    decisions_count: int


class DecisionFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions to list; what is None does not matter. `since` is inclusive, `until` exclusive.

    `variant` is an experiment with a variant of it, `tone-test:friendly`; erased decisions have none.
    """

    account_id: str | None = None
    ruleset_id: str | None = None
    version: int | None = None
    rule: str | None = None
    outcome: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    action: str | None = None
    channel: str | None = None
    variant: str | None = None


class DecisionPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some decisions, newest first, and the cursor that asks for those before them."""

    decisions: tuple[LoggedDecision, ...]
    next_cursor: str | None


class Decisions:
    """The logged decisions, read back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, decision_id: str) -> LoggedDecision | None:
        """Read a logged decision; None also for what is no id."""
        if not is_id(decision_id):
            return None
        row = await self._database.fetchrow(sql("decisions.read"), decision_id)
        return None if row is None else decision_of(row)

    async def list(self, wanted: DecisionFilter, *, cursor: str | None = None, limit: int = 100) -> DecisionPage:
        """List a page of logged decisions, newest first; raises ValueError for a cursor that is none."""
        if cursor is not None and not is_id(cursor):
            raise ValueError(f"{cursor!r} is no cursor of this list")
        rows = await self._database.fetch(sql("decisions.list"), *_arguments_of(wanted), cursor, limit + 1)
        decisions = tuple(decision_of(row) for row in rows[:limit])
        return DecisionPage(decisions=decisions, next_cursor=decisions[-1].id if len(rows) > limit else None)

    async def stream(self, wanted: DecisionFilter) -> AsyncIterator[tuple[LoggedDecision, ...]]:
        """Read all decisions of a kind, oldest first, some at a time."""
        arguments, last = _arguments_of(wanted), None
        while rows := await self._database.fetch(sql("decisions.page"), *arguments, last, _PAGE):
            yield tuple(decision_of(row) for row in rows)
            last = str(rows[-1]["id"])

    async def count(self, wanted: DecisionFilter) -> int:
        """Count the decisions of a kind."""
        async with self._database.connection(_COUNT_SECONDS) as connection:
            count: int = await connection.fetchval(sql("decisions.count"), *_arguments_of(wanted))
            return count

    async def summarise(
        self, *, since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> tuple[DecisionsCount, ...]:
        """Count what was decided in a period, by version, rule, outcome and action."""
        arguments = (since and first_id_at(since), until and first_id_at(until))
        async with self._database.connection(_COUNT_SECONDS) as connection:
            rows = await connection.fetch(sql("decisions.summarise"), *arguments)
        return tuple(DecisionsCount(**dict(row.items())) for row in rows)

    async def sample(
        self, count: int, *, since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> tuple[str, ...]:
        """Choose decisions of a period by their hash, as many kinds as there is room for: nobody can pick them."""
        arguments = (since and first_id_at(since), until and first_id_at(until), count)
        async with self._database.connection(_COUNT_SECONDS) as connection:
            return tuple(row["id"] for row in await connection.fetch(sql("decisions.sample"), *arguments))


def _arguments_of(wanted: DecisionFilter) -> tuple[object, ...]:
    return (
        wanted.account_id,
        wanted.ruleset_id,
        wanted.version,
        wanted.rule,
        wanted.outcome,
        wanted.since and first_id_at(wanted.since),
        wanted.until and first_id_at(wanted.until),
        wanted.action,
        wanted.channel,
        wanted.variant,
    )
