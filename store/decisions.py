"""The decision log: what is written, and how it is read back."""

import datetime as dt
from collections.abc import AsyncIterator

import asyncpg
import msgspec

from store.database import Database
from store.identifiers import first_id_at, is_id
from store.loglines import put_in_place
from store.rowlines import line_of
from store.statements import sql

_PAGE = 500
_COUNT_SECONDS = 120.0


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision to be logged; its instant is the one in its id (identifiers.make_id).

    `answer` is the decision as answered and `input` all that a replay needs, both JSON. They hold personal facts and
    can be erased; everything else stays for good. `related` are the entries of other accounts of the same party that
    belong into the input: they go when one of those accounts is erased. `known_erasures` is what the log said of
    erasures (AuditLog.known_erasures) when the facts were read. Ruleset, version and digest are None where none
    covered the account.
    """

    id: str
    account_id: str
    track: str
    outcome: str
    as_of: dt.datetime
    answer: bytes
    input: bytes
    ruleset_id: str | None = None
    version: int | None = None
    digest: str | None = None
    rule: str | None = None
    action: str | None = None
    channel: str | None = None
    related: bytes | None = None
    related_accounts: tuple[str, ...] = ()
    known_erasures: int = 0


class LoggedDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision read back, with its place in the log; what was erased is None."""

    id: str
    at: dt.datetime
    account_id: str
    track: str
    ruleset_id: str | None
    version: int | None
    digest: str | None
    rule: str | None
    outcome: str
    action: str | None
    channel: str | None
    as_of: dt.datetime
    answer: bytes | None
    input: bytes | None
    related: bytes | None
    related_accounts: tuple[str, ...]
    leaf_index: int


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision with what proves it: its whole line as hashed, and the salts that tie its facts to the line."""

    decision: LoggedDecision
    line: bytes
    leaf_hash: bytes
    salt: bytes | None
    related_salt: bytes | None


class DecisionsCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a rule of a version decided something."""

    ruleset_id: str | None
    version: int | None
    rule: str | None
    outcome: str
    action: str | None
    decisions_count: int


class DecisionFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions to list; what is None does not matter. `since` is inclusive, `until` exclusive."""

    account_id: str | None = None
    ruleset_id: str | None = None
    version: int | None = None
    rule: str | None = None
    outcome: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


class DecisionPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some decisions, newest first, and the cursor that asks for those before them."""

    decisions: tuple[LoggedDecision, ...]
    next_cursor: str | None


async def read_decision(database: Database, decision_id: str) -> LoggedDecision | None:
    """Read a logged decision; None also for what is no id."""
    if not is_id(decision_id):
        return None
    row = await database.fetchrow(sql("decisions.read"), decision_id)
    return None if row is None else decision_of(row)


async def read_evidence(database: Database, decision_id: str) -> Evidence | None:
    """Read a decision with what proves it; None also for what is no id."""
    if not is_id(decision_id):
        return None
    row = await database.fetchrow(sql("decisions.read_evidence"), decision_id)
    return None if row is None else _evidence_of(row)


async def list_decisions(
    database: Database, wanted: DecisionFilter, *, cursor: str | None = None, limit: int = 100
) -> DecisionPage:
    """List a page of logged decisions, newest first; raises ValueError for a cursor that is none."""
    if cursor is not None and not is_id(cursor):
        raise ValueError(f"{cursor!r} is no cursor of this list")
    rows = await database.fetch(sql("decisions.list"), *_arguments_of(wanted), cursor, limit + 1)
    decisions = tuple(decision_of(row) for row in rows[:limit])
    return DecisionPage(decisions=decisions, next_cursor=decisions[-1].id if len(rows) > limit else None)


async def stream_decisions(database: Database, wanted: DecisionFilter) -> AsyncIterator[tuple[LoggedDecision, ...]]:
    """Read all decisions of a kind, oldest first, some at a time."""
    async for rows in _stream(database, sql("decisions.page"), wanted):
        yield tuple(decision_of(row) for row in rows)


async def stream_evidence(database: Database, wanted: DecisionFilter) -> AsyncIterator[tuple[Evidence, ...]]:
    """Read all decisions of a kind with what proves them, oldest first, some at a time."""
    async for rows in _stream(database, sql("decisions.page_evidence"), wanted):
        yield tuple(_evidence_of(row) for row in rows)


async def count_decisions(database: Database, wanted: DecisionFilter) -> int:
    """Count the decisions of a kind."""
    async with database.connection(_COUNT_SECONDS) as connection:
        count: int = await connection.fetchval(sql("decisions.count"), *_arguments_of(wanted))
        return count


async def summarise_decisions(
    database: Database, *, since: dt.datetime | None, until: dt.datetime | None
) -> tuple[DecisionsCount, ...]:
    """Count what was decided in a period, by version, rule, outcome and action."""
    arguments = (since and first_id_at(since), until and first_id_at(until))
    async with database.connection(_COUNT_SECONDS) as connection:
        rows = await connection.fetch(sql("decisions.summarise"), *arguments)
    return tuple(DecisionsCount(**dict(row.items())) for row in rows)


async def sample_decisions(
    database: Database, count: int, *, since: dt.datetime | None, until: dt.datetime | None
) -> tuple[str, ...]:
    """Choose decisions of a period by their hash, as many kinds of them as there is room for: nobody can pick them."""
    arguments = (since and first_id_at(since), until and first_id_at(until), count)
    async with database.connection(_COUNT_SECONDS) as connection:
        return tuple(row["id"] for row in await connection.fetch(sql("decisions.sample"), *arguments))


async def _stream(database: Database, statement: str, wanted: DecisionFilter) -> AsyncIterator[list[asyncpg.Record]]:
    arguments, last = _arguments_of(wanted), None
    while rows := await database.fetch(statement, *arguments, last, _PAGE):
        yield rows
        last = rows[-1]["id"]


def _arguments_of(wanted: DecisionFilter) -> tuple[object, ...]:
    return (
        wanted.account_id,
        wanted.ruleset_id,
        wanted.version,
        wanted.rule,
        wanted.outcome,
        wanted.since and first_id_at(wanted.since),
        wanted.until and first_id_at(wanted.until),
    )


def _evidence_of(row: asyncpg.Record) -> Evidence:
    own = {name: row[name] for name in ("leaf_hash", "salt", "related_salt")}
    return Evidence(decision=decision_of(row), line=put_in_place(row["leaf_index"], line_of(row)), **own)


def decision_of(row: asyncpg.Record) -> LoggedDecision:
    """Read a row as a decision."""
    fields = {name: row[name] for name in LoggedDecision.__struct_fields__}
    fields |= {name: row[name] and row[name].encode() for name in ("answer", "input", "related")}
    return LoggedDecision(**(fields | {"related_accounts": tuple(row["related_accounts"] or ())}))
