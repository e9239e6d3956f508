"""What was executed: append-only, once for a decision, gone only with its account."""

import datetime as dt
import os
from collections.abc import Iterable

import asyncpg
import msgspec

from store.auditlog import append_line
from store.database import Database
from store.errors import AlreadyExecuted, UnknownAccount
from store.events import ActionExecuted
from store.loglines import SERVICE, ExecutedLine, commit_to_entry
from store.outbox import tell
from store.statements import sql


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An executed entry: JSON as given, with the account it was recorded for."""

    account_id: str
    decision_id: str | None
    at: dt.datetime
    recorded_at: dt.datetime
    entry: bytes


class DecidedStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a decision is about to be recorded for, and when it was made."""

    ruleset: str
    rule: str
    episode: str | None
    decided_at: dt.datetime

    def is_executed_by(self, entry: "_Step") -> bool:
        """Tell whether an entry executed this step; what it leaves out is taken to be the same."""
        return (
            entry.rule == self.rule
            and entry.ruleset in {None, self.ruleset}
            and entry.episode in {None, self.episode}
            and entry.result != "failed"
        )

    def find_execution(self, entries: Iterable["HistoryEntry"], decision_id: str) -> "HistoryEntry | None":
        """Find the entry that executed this step since it was decided, for this decision or for another."""
        for entry in entries:
            if entry.decision_id == decision_id or entry.recorded_at > self.decided_at:
                executed = _read_step(entry.entry.decode())
                if self.is_executed_by(executed):
                    return entry
        return None


class _Step(msgspec.Struct, frozen=True):
    """What an entry says of the step that it executed."""

    rule: str | None = None
    ruleset: str | None = None
    episode: str | None = None
    result: str | None = None
    action: str | None = None
    channel: str | None = None

    @property
    def is_execution(self) -> bool:
        """Whether something was carried out: no failure, no level set by hand, no reset."""
        return self.result != "failed" and (self.rule is not None or self.action is not None)


_SALT_BYTES = 16
_STEP = msgspec.json.Decoder(_Step)


class Recording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to recording: the stored entry, and whether it was stored just now or by an earlier call."""

    entry: HistoryEntry
    is_new: bool


class History:
    """The executed entries of stored accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self,
        account_id: str,
        entry: bytes,
        *,
        at: dt.datetime,
        decision_id: str | None = None,
        step: DecidedStep | None = None,
        actor: str = SERVICE,
        name: str | None = None,
    ) -> Recording:
        """Record an entry, and log that it was; for a decision that has one already that one is answered.

        Raises UnknownAccount, and AlreadyExecuted where `step`, of the decision named, was executed since it was made.
        """
        async with self._database.transaction() as connection:
            if step is not None:
                await self._refuse_second(connection, account_id, decision_id, step)
            salt = os.urandom(_SALT_BYTES)
            arguments = (account_id, decision_id, at, entry.decode(), salt)
            try:
                row = await connection.fetchrow(sql("history.record"), *arguments)
            except asyncpg.ForeignKeyViolationError:  # erased while this waited
                raise UnknownAccount(f"no account {account_id!r} is stored") from None
            if row is not None:
                made = _read_step(row["entry"])
                if made.is_execution:
                    executed = ActionExecuted(
                        account_id=account_id, decision_id=decision_id, rule=made.rule, action=made.action
                    )
                    await tell(connection, executed)
                # The log's end is taken last, and held no longer than it must be.
                await append_line(connection, line_of_entry(row, salt, actor=actor, name=name))
                return Recording(entry=_entry_of(row), is_new=True)
            known = await connection.fetchrow(sql("history.find_by_decision"), decision_id)
            if known is None:
                raise UnknownAccount(f"no account {account_id!r} is stored")
            return Recording(entry=_entry_of(known), is_new=False)

    async def _refuse_second(
        self, connection: asyncpg.Connection, account_id: str, decision_id: str | None, step: DecidedStep
    ) -> None:
        """Refuse a step that another entry executed since it was decided; one recorder of an account at a time."""
        await connection.execute(sql("history.hold_account"), account_id)
        if await connection.fetchrow(sql("history.find_by_decision"), decision_id) is not None:
            return
        for row in await connection.fetch(sql("history.list_since"), account_id, step.decided_at):
            if step.is_executed_by(_STEP.decode(row["entry"])):
                raise AlreadyExecuted(step.rule, at=row["at"], decision_id=row["decision_id"])

    async def list_for_account(self, account_id: str) -> tuple[HistoryEntry, ...]:
        """List what was executed for an account and its party's other accounts, oldest first."""
        return tuple(_entry_of(row) for row in await self._database.fetch(sql("history.list_for_account"), account_id))


def _read_step(entry: str) -> _Step:
    try:
        return _STEP.decode(entry)
    except msgspec.DecodeError:
        return _Step()


def line_of_entry(row: asyncpg.Record, salt: bytes, *, actor: str, name: str | None) -> ExecutedLine:
    """Write the line of an entry just recorded."""
    step = _read_step(row["entry"])
    return ExecutedLine(
        at=row["recorded_at"],
        subject=row["decision_id"],
        row=row["id"],
        account_id=row["account_id"],
        executed_at=row["at"],
        action=step.action,
        channel=step.channel,
        result=step.result,
        commitment=commit_to_entry(salt, row["entry"].encode()).hex(),
        actor=actor,
        name=name,
    )


def _entry_of(row: asyncpg.Record) -> HistoryEntry:
    return HistoryEntry(
        account_id=row["account_id"],
        decision_id=row["decision_id"],
        at=row["at"],
        recorded_at=row["recorded_at"],
        entry=row["entry"].encode(),
    )
