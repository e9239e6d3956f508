"""Versions that decide in the shadow of what is in use, and what they would have decided: apart from the log."""

import contextlib
import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec

from store.auditlog import append_line
from store.database import Database, announce
from store.errors import StoreError
from store.loglines import SERVICE, ShadowLine
from store.statements import sql

TOPIC = "shadows"
_BATCH = 2000


class Shadow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version is asked as well, about how many percent of accounts, until when."""

    ruleset_id: str
    number: int
    percent: int
    until: dt.datetime
    begun_at: dt.datetime


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided, in a few words; the outcome `refused` where the version could not decide at all."""

    outcome: str
    rule: str | None = None
    action: str | None = None
    channel: str | None = None


class ShadowDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was decided, by its id, and what would have been; `is_same` where the same is to be done."""

    decision_id: str
    champion: Step
    challenger: Step
    is_same: bool
    currency: str | None
    amount: Decimal | None


class Cell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many accounts went from one decision to another, of how many something else is to be done, and the money."""

    champion: Step
    challenger: Step
    accounts: int
    different: int
    currency: str | None
    amount: Decimal | None


class Different(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account of which something else would have been done."""

    account_id: str
    decision_id: str
    at: dt.datetime
    champion: Step
    challenger: Step
    currency: str | None
    amount: Decimal | None


class Shadows:
    """The shadows, one a ruleset."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, ruleset_id: str, number: int, *, percent: int, until: dt.datetime, actor: str = SERVICE, name: str | None
    ) -> Shadow:
        """Begin a shadow in the place of the one before, whose decisions are forgotten; it is a line of the log."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(sql("shadows.begin"), ruleset_id, number, percent, until, actor)
            await announce(connection, TOPIC)
            line = ShadowLine(
                at=row["begun_at"],
                ruleset=ruleset_id,
                version=number,
                percent=percent,
                until=until,
                actor=actor,
                name=name,
            )
            await append_line(connection, line)
        await self._forget(ruleset_id)
        return Shadow(**row)

    async def end(self, ruleset_id: str, *, actor: str = SERVICE, name: str | None) -> bool:
        """End a ruleset's shadow and forget what it would have decided, as a line of the log; tell whether it was."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(sql("shadows.end"), ruleset_id)
            if row is None:
                return False
            await announce(connection, TOPIC)
            line = ShadowLine(
                kind="shadow_ended",
                at=row["ended_at"],
                ruleset=ruleset_id,
                version=row["number"],
                percent=row["percent"],
                until=row["until"],
                actor=actor,
                name=name,
            )
            await append_line(connection, line)
        await self._forget(ruleset_id)
        return True

    async def _forget(self, ruleset_id: str) -> None:
        """Forget what shadows that are gone would have decided, some at a time, while nobody waits for the log's end.

        What cannot be forgotten now is shown no more, and goes with the next one or by its age.
        """
        with contextlib.suppress(StoreError):
            while await self._database.fetchval(sql("shadows.forget"), ruleset_id, _BATCH) == _BATCH:
                pass

    async def read(self, ruleset_id: str) -> Shadow | None:
        """Read the last shadow of a ruleset, over or not."""
        row = await self._database.fetchrow(sql("shadows.read"), ruleset_id)
        return None if row is None else Shadow(**row)

    async def list(self, now: dt.datetime) -> tuple[Shadow, ...]:
        """List the shadows that are not over."""
        return tuple(Shadow(**row) for row in await self._database.fetch(sql("shadows.list"), now))

    async def list_all(self) -> tuple[Shadow, ...]:
        """List the last shadow of each ruleset, over or not."""
        return tuple(Shadow(**row) for row in await self._database.fetch(sql("shadows.list_all")))

    async def record(self, shadow: Shadow, decisions: Iterable[ShadowDecision]) -> None:
        """Keep what a shadow would have decided; of accounts erased since, and of a shadow replaced since, nothing."""
        async with self._database.transaction() as connection:
            if not await connection.fetchval(sql("shadows.hold"), shadow.ruleset_id, shadow.begun_at):
                return
            for each in sorted(decisions, key=lambda one: one.decision_id):
                await connection.execute(
                    sql("shadows.record"),
                    shadow.ruleset_id,
                    each.decision_id,
                    _write(each.champion),
                    _write(each.challenger),
                    each.is_same,
                    each.currency,
                    each.amount,
                    shadow.begun_at,
                )

    async def summarise(self, ruleset_id: str) -> tuple[Cell, ...]:
        """Count the accounts of a ruleset's shadow by what was decided and what would have been."""
        rows = await self._database.fetch(sql("shadows.summarise"), ruleset_id)
        return tuple(Cell(**_read(row)) for row in rows)

    async def list_different(self, ruleset_id: str, *, most: int) -> tuple[Different, ...]:
        """List the first accounts of which something else would have been done."""
        rows = await self._database.fetch(sql("shadows.list_different"), ruleset_id, most)
        return tuple(Different(**_read(row)) for row in rows)


def _write(step: Step) -> str:
    return msgspec.json.encode(step).decode()


def _read(row: asyncpg.Record) -> dict[str, Any]:
    steps = {name: msgspec.json.decode(row[name], type=Step) for name in ("champion", "challenger")}
    return {**row, **steps}
