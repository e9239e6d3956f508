"""Ruleset versions: immutable, numbered for each ruleset, known by a digest, on two time axes."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import asyncpg
import msgspec

from engine.model.language import EARLIEST_EDITION
from store.auditlog import append_line
from store.database import Database, announce
from store.errors import OwnApproval, UnknownVersion, UseChanged
from store.events import RulesetInUse, RulesetPublished
from store.loglines import SettingLine
from store.outbox import tell
from store.statements import sql
from store.versionlines import line_of_event, line_of_version

TOPIC = "rulesets"
EventKind = Literal["retire", "activate", "approve"]
Approval = Literal["waits", "approves"]
LastChange = tuple[int, int]
"""How many versions there are, and the number of the last event: what is in use depends on nothing else."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a text came from and who brought it."""

    publisher: str
    publisher_name: str | None = None
    repository: str | None = None
    commit: str | None = None
    author: str | None = None
    committer: str | None = None
    committed_at: dt.datetime | None = None


class RulesetDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checked ruleset that is to be published; `holidays` and `diagnostics` are JSON."""

    ruleset_id: str
    digest: str
    text: str
    canonical: str
    facts_text: str | None = None
    scorecard_text: str | None = None
    guarantees_text: str | None = None
    verdicts: str | None = None
    suite_text: str | None = None
    holidays: str = "[]"
    diagnostics: str = "[]"
    effective_from: dt.date | None = None
    effective_until: dt.date | None = None
    language_edition: int = EARLIEST_EDITION


class VersionHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version without its texts, for lists; `waiting` is what one who asked for it waits to be approved."""

    ruleset_id: str
    number: int
    digest: str
    effective_from: dt.date | None
    effective_until: dt.date | None
    provenance: Provenance
    published_at: dt.datetime
    is_active: bool
    language_edition: int
    approval_required: bool
    approved_by: str | None
    approved_at: dt.datetime | None
    approval_note: str | None
    waiting: Literal["retire", "activate"] | None
    waiting_by: str | None


class RulesetVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published version, whole: the draft as it was, its number, and who published it when."""

    number: int
    draft: RulesetDraft
    provenance: Provenance
    published_at: dt.datetime
    approval_required: bool


class Publication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to publishing: the version, and whether it was stored just now or known by its digest before."""

    version: RulesetVersion
    is_new: bool


class RulesetEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happened to a version after it was published."""

    ruleset_id: str
    number: int
    kind: EventKind
    actor: str
    note: str | None
    digest: str | None
    at: dt.datetime
    name: str | None
    approval: Approval | None


class Rulesets:
    """The published versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_change(self) -> LastChange:
        """Read what tells whether what is in use changed."""
        row = await self._database.fetchrow(sql("rulesets.last_change"))
        return (0, 0) if row is None else (row["versions_count"], row["last_event"])

    async def publish(
        self,
        draft: RulesetDraft,
        provenance: Provenance,
        *,
        unchanged_since: LastChange | None = None,
    ) -> Publication:
        """Store a version under the next number, or answer the one that has this digest already.

        Where four eyes are on it is in use only once it was approved. Raises UseChanged where `last_change` is another
        by now.
        """
        async with self._database.transaction() as connection:
            await connection.execute(sql("rulesets.order_publishing"))
            known = await connection.fetchrow(sql("rulesets.find_by_digest"), draft.ruleset_id, draft.digest)
            if known is not None:
                return Publication(version=_version_of(known), is_new=False)
            await _check_unchanged(connection, unchanged_since)
            four_eyes = await connection.fetchval(sql("rulesets.needs_four_eyes"))
            columns = (*_columns_of(draft, provenance), four_eyes)
            row = await connection.fetchrow(sql("rulesets.publish"), *columns)
            await append_line(connection, line_of_version(row))
            await announce(connection, TOPIC)
            told = {"ruleset": row["ruleset_id"], "version": row["number"], "digest": row["digest"]}
            await tell(connection, RulesetPublished(**told))
            if not four_eyes:
                await tell(connection, RulesetInUse(**told))
            return Publication(version=_version_of(row), is_new=True)

    async def read_version(self, ruleset_id: str, number: int) -> RulesetVersion | None:
        """Read one version, retired or not."""
        row = await self._database.fetchrow(sql("rulesets.read_version"), ruleset_id, number)
        return None if row is None else _version_of(row)

    async def read_by_digest(self, ruleset_id: str, digest: str) -> RulesetVersion | None:
        """Read the version of a ruleset that has this digest."""
        row = await self._database.fetchrow(sql("rulesets.find_by_digest"), ruleset_id, digest)
        return None if row is None else _version_of(row)

    async def list_versions(self, ruleset_id: str | None = None) -> tuple[VersionHead, ...]:
        """List the versions of a ruleset, or of all: by ruleset, newest first."""
        return tuple(_head_of(row) for row in await self._database.fetch(sql("rulesets.list_versions"), ruleset_id))

    async def has_rule(self, rule: str, rulesets: Sequence[str] | None = None) -> bool:
        """Tell whether a published version of these rulesets, or of any, has a rule of this id."""
        return bool(await self._database.fetchval(sql("rulesets.has_rule"), rule, rulesets))

    async def active_at(self, known_at: dt.datetime | None = None) -> tuple[RulesetVersion, ...]:
        """Read the versions that were in use at an instant (None: now), by ruleset and number.

        Several of one ruleset may be in use, for different effective periods; on a day that several cover, the highest
        number wins. A version that a higher one covers on all its days is left out.
        """
        return tuple(_version_of(row) for row in await self._database.fetch(sql("rulesets.active_at"), known_at))

    async def record_event(
        self,
        ruleset_id: str,
        number: int,
        kind: EventKind,
        *,
        actor: str,
        name: str | None = None,
        note: str | None = None,
        unchanged_since: LastChange | None = None,
    ) -> RulesetEvent:
        """Retire, activate or approve a version; raises UnknownVersion, OwnApproval of one's own, and UseChanged.

        A version that is approved already stays so: the first approval of its content counts, and is answered. Where
        four eyes are on, the first who retires or activates a version waits for another who does the same.
        """
        async with self._database.transaction() as connection:
            await connection.execute(sql("rulesets.order_publishing"))
            version = await connection.fetchrow(sql("rulesets.read_version"), ruleset_id, number)
            if version is None:
                raise UnknownVersion(f"ruleset {ruleset_id!r} has no version {number}")
            if kind == "approve":
                if await connection.fetchval(sql("tokens.is_one_person"), version["publisher"], actor):
                    raise OwnApproval(f"version {number} of {ruleset_id!r} was published by who would approve it")
                known = await connection.fetchrow(sql("rulesets.find_approval"), ruleset_id, number)
                if known is not None:
                    return _event_of(known)
            await _check_unchanged(connection, unchanged_since)
            approval = None if kind == "approve" else await _find_approval(connection, ruleset_id, number, kind, actor)
            was_in_use = await connection.fetchval(sql("rulesets.is_active"), ruleset_id, number)
            arguments = (ruleset_id, number, kind, actor, note, name, approval)
            row = await connection.fetchrow(sql("rulesets.add_event"), *arguments)
            await append_line(connection, line_of_event(row))
            await announce(connection, TOPIC)
            if not was_in_use and await connection.fetchval(sql("rulesets.is_active"), ruleset_id, number):
                await tell(connection, RulesetInUse(ruleset=ruleset_id, version=number, digest=version["digest"]))
            return _event_of(row)

    async def needs_four_eyes(self) -> bool:
        """Tell whether four eyes are on."""
        return bool(await self._database.fetchval(sql("rulesets.needs_four_eyes")))

    async def switch_four_eyes(self, *, is_on: bool, actor: str, name: str | None = None) -> bool:
        """Switch four eyes on or off for all who use this database, and log it; answers whether that was a change."""
        async with self._database.transaction() as connection:
            await connection.execute(sql("rulesets.order_publishing"))
            if await connection.fetchval(sql("rulesets.needs_four_eyes")) == is_on:
                return False
            now = await connection.fetchval("SELECT clock_timestamp()")
            line = SettingLine(at=now, subject="four_eyes", value=is_on, actor=actor, name=name)
            await append_line(connection, line)
            return True

    async def list_events(self, ruleset_id: str, number: int) -> tuple[RulesetEvent, ...]:
        """List what happened to a version since it was published, oldest first."""
        rows = await self._database.fetch(sql("rulesets.list_events"), ruleset_id, number)
        return tuple(_event_of(row) for row in rows)


async def _find_approval(
    connection: asyncpg.Connection, ruleset_id: str, number: int, kind: EventKind, actor: str
) -> Approval | None:
    """Find out whether who retires or activates a version waits for another, or approves what another waits for."""
    if not await connection.fetchval(sql("rulesets.needs_four_eyes")):
        return None
    last = await connection.fetchrow(sql("rulesets.find_last_switch"), ruleset_id, number)
    if last is None or (last["kind"], last["approval"]) != (kind, "waits"):
        return "waits"
    if await connection.fetchval(sql("tokens.is_one_person"), last["actor"], actor):
        raise OwnApproval(f"to {kind} version {number} of {ruleset_id!r} was asked by who would approve it")
    return "approves"


async def _check_unchanged(connection: asyncpg.Connection, since: LastChange | None) -> None:
    """Refuse to build on what is not so any more; nobody else publishes meanwhile."""
    if since is not None and since != tuple(await connection.fetchrow(sql("rulesets.last_change"))):
        raise UseChanged("what is in use changed while this was examined; ask again")


def _columns_of(draft: RulesetDraft, provenance: Provenance) -> tuple[object, ...]:
    return (
        draft.ruleset_id,
        draft.digest,
        draft.text,
        draft.facts_text,
        draft.scorecard_text,
        draft.guarantees_text,
        draft.verdicts,
        draft.suite_text,
        draft.canonical,
        draft.holidays,
        draft.diagnostics,
        draft.effective_from,
        draft.effective_until,
        draft.language_edition,
        provenance.repository,
        provenance.commit,
        provenance.author,
        provenance.committer,
        provenance.committed_at,
        provenance.publisher,
        provenance.publisher_name,
    )


def _provenance_of(row: asyncpg.Record) -> Provenance:
    return Provenance(**{name: row[name] for name in Provenance.__struct_fields__})


def _version_of(row: asyncpg.Record) -> RulesetVersion:
    return RulesetVersion(
        number=row["number"],
        draft=RulesetDraft(**{name: row[name] for name in RulesetDraft.__struct_fields__}),
        provenance=_provenance_of(row),
        published_at=row["published_at"],
        approval_required=row["approval_required"],
    )


def _head_of(row: asyncpg.Record) -> VersionHead:
    own = {name: row[name] for name in VersionHead.__struct_fields__ if name != "provenance"}
    return VersionHead(provenance=_provenance_of(row), **own)


def _event_of(row: asyncpg.Record) -> RulesetEvent:
    return RulesetEvent(**{name: row[name] for name in RulesetEvent.__struct_fields__})
