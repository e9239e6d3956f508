"""Dunning runs over the stored accounts: what is proposed, what people say of it, and what is released."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

import asyncpg
import msgspec

from store.auditlog import append_line
from store.database import Database, announce
from store.errors import OwnApproval, RunClosed, UnknownRun, WrongItem
from store.identifiers import is_id, make_id
from store.loglines import RunDeed, RunDeedLine
from store.statements import sql
from store.worklist import Actor

TOPIC = "runs"
RunState = Literal["proposing", "rationing", "proposed", "releasing", "released", "cancelled", "failed"]
ItemState = Literal["proposed", "carried_over", "left_out", "excluded", "held", "approved", "released", "changed"]
ItemOutcome = Literal["act", "wait", "blocked", "none", "not_covered", "refused"]
OPEN: tuple[ItemState, ...] = ("proposed", "approved", "held")
"""The states in which people may still say something of an item."""


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run: what was asked for, how far it came, and who did what; `rulesets` are None until it has begun."""

    id: str
    state: RunState
    track: str
    as_of: str
    at_most: dict[str, int]
    rulesets: tuple[tuple[str, int], ...] | None
    accounts_total: int
    accounts_count: int
    digest: bytes | None
    problem: str | None
    proposed_by: str
    proposed_by_name: str | None
    proposed_at: dt.datetime
    approved_by: str | None
    approved_by_name: str | None
    approved_at: dt.datetime | None
    is_all_approved: bool
    released_by: str | None
    released_by_name: str | None
    released_at: dt.datetime | None
    ended_at: dt.datetime | None


class RunItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account in a run: what would be done, or why nothing; `outcome` is `refused` where it cannot be decided on."""

    account_id: str
    state: ItemState
    outcome: ItemOutcome
    ruleset_id: str | None = None
    version: int | None = None
    rule: str | None = None
    title: str | None = None
    level: int | None = None
    action: str | None = None
    channel: str | None = None
    also: tuple[str, ...] = ()
    scheduled_for: str | None = None
    scheduled_on: dt.date | None = None
    episode: str | None = None
    reason: str | None = None
    currency: str | None = None
    amount: Decimal | None = None
    fee: Decimal | None = None
    claim: Decimal | None = None
    note: str | None = None
    noted_by: str | None = None
    decision_id: str | None = None


class ItemFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items; what is None does not matter."""

    state: ItemState | None = None
    outcome: str | None = None
    rule: str | None = None
    action: str | None = None
    channel: str | None = None


class ItemCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many items of a kind there are, and what they claim in their currency."""

    state: ItemState
    outcome: ItemOutcome
    currency: str | None
    count: int
    claim: Decimal | None
    fee: Decimal | None


class DayCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many contacts a run makes by a channel on a day, and how many it leaves to the next run."""

    scheduled_on: dt.date | None
    channel: str
    count: int
    carried_over: int


Place = tuple[Decimal, str]
"""Where an item stands in the order: its claim below 0, then its account."""


class Runs:
    """The runs, and what people do with them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def propose(self, *, track: str, as_of: str, at_most: Mapping[str, int], actor: Actor) -> Run:
        """Ask for a run; whoever works off runs hears of it."""
        most = msgspec.json.encode(dict(sorted(at_most.items()))).decode()
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(sql("runs.propose"), make_id(), track, as_of, most, actor.id, actor.name)
            await announce(connection, TOPIC)
            return run_of(row)

    async def count_at_work(self) -> int:
        """Count the runs that are at work or wait for it."""
        return int(await self._database.fetchval(sql("runs.count_at_work")))

    async def read(self, run_id: str) -> Run:
        """Read a run; raises UnknownRun."""
        row = await self._database.fetchrow(sql("runs.read"), run_id) if is_id(run_id) else None
        if row is None:
            raise _unknown(run_id)
        return run_of(row)

    async def list(self, *, before: str | None, limit: int) -> tuple[Run, ...]:
        """List runs, the newest first, from behind one on."""
        return tuple(run_of(row) for row in await self._database.fetch(sql("runs.list"), before, limit))

    async def count_items(self, run_id: str) -> tuple[ItemCount, ...]:
        """Count the items of each kind."""
        return tuple(ItemCount(**row) for row in await self._database.fetch(sql("runs.count_items"), run_id))

    async def count_days(self, run_id: str) -> tuple[DayCount, ...]:
        """Count the contacts of each day and channel."""
        return tuple(DayCount(**row) for row in await self._database.fetch(sql("runs.count_days"), run_id))

    async def list_items(
        self, run_id: str, wanted: ItemFilter, *, after: Place | None, limit: int
    ) -> tuple[RunItem, ...]:
        """List items, most money first, then by account, from behind a place on."""
        words = (wanted.state, wanted.outcome, wanted.rule, wanted.action, wanted.channel)
        rows = await self._database.fetch(sql("runs.list_items"), run_id, *words, *(after or (None, None)), limit)
        return tuple(item_of(row, state=row["state_now"]) for row in rows)

    async def set_aside(
        self, run_id: str, account_ids: Sequence[str], *, to: Literal["excluded", "held"], reason: str, actor: Actor
    ) -> Run:
        """Take items out of a run for good, or until they are approved by name.

        Raises UnknownRun, RunClosed and, where one of them is not open, WrongItem; then none is.
        """
        async with self._database.transaction() as connection:
            run = await _hold(connection, run_id, "proposed")
            await _check_items(connection, run, account_ids)
            await connection.execute(sql("runs.set_items"), run_id, account_ids, to, reason, actor.name or actor.id)
            kind: RunDeed = "run_excluded" if to == "excluded" else "run_held"
            await note_deed(connection, kind, run, actor, accounts=account_ids)
        return run

    async def approve(self, run_id: str, account_ids: Sequence[str] | None, *, actor: Actor) -> None:
        """Let items be released: all that are proposed, or some by name, held ones too.

        Raises UnknownRun, RunClosed, WrongItem, and OwnApproval where four eyes are on and only two look.
        """
        async with self._database.transaction() as connection:
            run = await _hold(connection, run_id, "proposed")
            await _refuse_proposer(connection, run, actor)
            if account_ids is None:
                await connection.execute(sql("runs.approve_all"), run_id, actor.id, actor.name)
            else:
                await _check_items(connection, run, account_ids)
                by = actor.name or actor.id
                await connection.execute(sql("runs.set_items"), run_id, account_ids, "approved", None, by)
            await note_deed(connection, "run_approved", run, actor, accounts=account_ids)

    async def release(self, run_id: str, *, actor: Actor) -> None:
        """Freeze a run and have what is approved put on the worklist; raises UnknownRun and RunClosed."""
        async with self._database.transaction() as connection:
            run = await _hold(connection, run_id, "proposed")
            count = await connection.fetchval(sql("runs.count_approved"), run_id)
            if not count:
                raise RunClosed(f"nothing of run {run_id} is approved, and so nothing can be released")
            await connection.execute(sql("runs.begin_release"), run_id, actor.id, actor.name)
            await announce(connection, TOPIC)
            await note_deed(connection, "run_released", run, actor, count=count)

    async def cancel(self, run_id: str, *, actor: Actor) -> None:
        """Give a run up before it is released; raises UnknownRun and RunClosed."""
        async with self._database.transaction() as connection:
            run = await _hold(connection, run_id, "proposing", "rationing", "proposed")
            await connection.execute(sql("runs.end"), run_id, "cancelled", None)
            await note_deed(connection, "run_cancelled", run, actor)


async def note_deed(
    connection: asyncpg.Connection,
    kind: RunDeed,
    run: Run,
    actor: Actor,
    *,
    accounts: Sequence[str] | None = None,
    count: int | None = None,
) -> None:
    """Log what was done with a run, at the end of this transaction."""
    line = RunDeedLine(
        kind=kind,
        at=await connection.fetchval("SELECT clock_timestamp()"),
        subject=run.id,
        track=run.track,
        as_of=run.as_of,
        digest=None if run.digest is None else run.digest.hex(),
        accounts=None if accounts is None else tuple(accounts),
        count=count if accounts is None else len(accounts),
        actor=actor.id,
        name=actor.name,
    )
    await append_line(connection, line)


async def _hold(connection: asyncpg.Connection, run_id: str, *states: RunState) -> Run:
    row = await connection.fetchrow(sql("runs.hold"), run_id) if is_id(run_id) else None
    if row is None:
        raise _unknown(run_id)
    run = run_of(row)
    if run.state not in states:
        raise RunClosed(f"run {run_id} is {run.state}, and this is done only while it is {' or '.join(states)}")
    return run


async def _check_items(connection: asyncpg.Connection, run: Run, account_ids: Sequence[str]) -> None:
    """Refuse what is not, or no more, to be spoken of: nothing of a request is carried out then."""
    rows = await connection.fetch(sql("runs.read_states"), run.id, account_ids)
    states = {row["account_id"]: row["state"] for row in rows}
    for place, name in enumerate(account_ids):
        state = states.get(name)
        if state not in OPEN:
            said = "is not in this run" if state is None else f"is {state.replace('_', ' ')} in this run"
            raise WrongItem(f"account {name!r} {said}", place=place)


async def _refuse_proposer(connection: asyncpg.Connection, run: Run, actor: Actor) -> None:
    if not await connection.fetchval(sql("rulesets.needs_four_eyes")):
        return
    if await connection.fetchval(sql("tokens.is_one_person"), run.proposed_by, actor.id):
        raise OwnApproval(f"run {run.id} was proposed by who would approve it")


def _unknown(run_id: str) -> UnknownRun:
    return UnknownRun(f"there is no run {run_id!r}")


def run_of(row: asyncpg.Record) -> Run:
    """Read a run from its row."""
    fields = {name: row[name] for name in Run.__struct_fields__}
    rulesets = fields["rulesets"]
    read = {
        "id": str(fields["id"]),
        "at_most": msgspec.json.decode(fields["at_most"], type=dict[str, int]),
        "rulesets": rulesets and msgspec.json.decode(rulesets, type=tuple[tuple[str, int], ...]),
    }
    return Run(**(fields | read))


def item_of(row: asyncpg.Record, *, state: ItemState) -> RunItem:
    """Read an item from its row."""
    fields = {name: row[name] for name in RunItem.__struct_fields__}
    decision_id = fields["decision_id"]
    read = {"state": state, "also": tuple(fields["also"]), "decision_id": decision_id and str(decision_id)}
    return RunItem(**(fields | read))
