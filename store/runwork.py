"""The work at runs: accounts decided, contacts rationed, items released; each a step that is whole or not done.

A step is one transaction that holds its run: whoever dies in the middle of it leaves the run as it was before, and
another goes on from there.
"""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from decimal import Decimal

import asyncpg
import msgspec

from store.accounts import AccountWithHistory, read_with_history
from store.callhours import read_call_hours
from store.database import Database
from store.due import DueAnswer, TakenQuestions, hold_questions
from store.events import RunFinished
from store.outbox import tell
from store.runs import Run, RunItem, item_of, note_deed, run_of
from store.statements import sql
from store.worklist import Actor

_STEP_SECONDS = 30.0
_SERVICE = Actor(id="service", name=None)
_COLUMNS = (
    *("account_id", "state", "outcome", "ruleset_id", "version", "rule", "title", "level", "action", "channel"),
    *("also", "scheduled_for", "scheduled_on", "episode", "reason", "currency", "amount", "fee", "claim"),
)

Used = dict[tuple[str, str], int]
"""How many contacts are counted so far, by day and channel."""
_USED = msgspec.json.Decoder(list[tuple[str, str, int]])


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an item takes of what people and printers can do on a day; `money` is its claim below 0."""

    account_id: str
    money: Decimal
    scheduled_on: dt.date | None
    channel: str | None
    also: tuple[str, ...]


class Released(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of an item on release: the answer that stands on the worklist, or why there is none."""

    account_id: str
    answer: DueAnswer | None
    note: str | None = None


class Step:
    """A run that is held for one step."""

    def __init__(self, connection: asyncpg.Connection, row: asyncpg.Record) -> None:
        self._connection = connection
        self._row = row
        self.run: Run = run_of(row)

    async def begin(self, rulesets: Sequence[tuple[str, int]], digest: bytes) -> None:
        """Keep which versions decide the run, and what its digest begins with."""
        names = msgspec.json.encode(rulesets).decode()
        await self._connection.execute(sql("runs.begin"), self.run.id, names, digest)
        self.run = msgspec.structs.replace(self.run, rulesets=tuple(rulesets), digest=digest)

    async def page_accounts(self, most: int) -> Sequence[AccountWithHistory]:
        """Read the next accounts, by id."""
        rows = await self._connection.fetch(sql("portfolios.page_ids"), self._row["after_id"], most)
        ids = [row["id"] for row in rows]
        found = await read_with_history(self._connection, ids)
        return [found[each] for each in ids if each in found]

    async def read_call_hours(self, segments: Iterable[str | None]) -> Mapping[str | None, bytes]:
        """Read how calls to some segments were answered: who waits to write here may hold every other connection."""
        return await read_call_hours(self._connection, segments)

    async def add(self, items: Sequence[RunItem], digest: bytes) -> None:
        """Keep what was decided of the accounts of a page."""
        columns = [[_write(item, name) for item in items] for name in _COLUMNS]
        await self._connection.execute(sql("runs.add_items"), self.run.id, *columns)
        await self._connection.execute(sql("runs.advance"), self.run.id, items[-1].account_id, len(items), digest)

    async def begin_rationing(self) -> None:
        """Go over to the contacts that are too many."""
        await self._connection.execute(sql("runs.begin_rationing"), self.run.id)

    async def page_contacts(self, most: int) -> tuple[Sequence[Contact], Used]:
        """Read the next items in their order, and what was counted before them."""
        place = (self._row["after_money"], self._row["after_id"])
        rows = await self._connection.fetch(sql("runs.page_contacts"), self.run.id, *place, most)
        contacts = [Contact(**{**row, "also": tuple(row["also"])}) for row in rows]
        return contacts, {(day, channel): count for day, channel, count in _USED.decode(self._row["used"])}

    async def carry_over(self, account_ids: Sequence[str], last: Contact, used: Used) -> None:
        """Leave items to the next run, and keep what is counted up to one."""
        counted = [(*key, count) for key, count in sorted(used.items())]
        arguments = (last.money, last.account_id, msgspec.json.encode(counted).decode())
        await self._connection.execute(sql("runs.carry_over"), self.run.id, account_ids)
        await self._connection.execute(sql("runs.advance_rationing"), self.run.id, *arguments)

    async def end_proposal(self) -> None:
        """Let the proposal stand, and log it as who asked for it."""
        run = run_of(await self._connection.fetchrow(sql("runs.end_proposal"), self.run.id))
        proposer = Actor(id=run.proposed_by, name=run.proposed_by_name)
        await note_deed(self._connection, "run_proposed", run, proposer, count=run.accounts_count)

    async def page_approved(self, most: int) -> Sequence[RunItem]:
        """Read the next items that are to be released, by account."""
        rows = await self._connection.fetch(sql("runs.page_approved"), self.run.id, self._row["after_id"], most)
        return [item_of(row, state="approved") for row in rows]

    async def read_accounts(self, account_ids: Sequence[str]) -> Mapping[str, AccountWithHistory]:
        """Read accounts as they are now."""
        return await read_with_history(self._connection, list(account_ids))

    async def hold_questions(self, account_ids: Sequence[str]) -> TakenQuestions:
        """Hold the questions about accounts: who writes to one waits until this step has answered it."""
        await self._connection.execute(sql("runs.add_questions"), account_ids, self.run.track)
        rows = await self._connection.fetch(sql("runs.take_questions"), account_ids, self.run.track)
        return await hold_questions(self._connection, rows)

    async def release(self, taken: TakenQuestions, released: Sequence[Released], *, last: str) -> None:
        """Put answers on the worklist as released by this run, and keep why others are not; `last` ends the page."""
        answers = [each.answer for each in released if each.answer is not None]
        await taken.answer(answers)
        names = [answer.account_id for answer in answers]
        rows = await self._connection.fetch(sql("runs.mark_released"), self.run.id, names, self.run.track)
        decisions = [[row["account_id"] for row in rows], [str(row["decision_id"]) for row in rows]]
        await self._connection.execute(sql("runs.release_items"), self.run.id, *decisions)
        changed = [each for each in released if each.answer is None]
        notes = [[each.account_id for each in changed], [each.note for each in changed]]
        await self._connection.execute(sql("runs.change_items"), self.run.id, *notes)
        await self._connection.execute(sql("runs.advance_release"), self.run.id, last)

    async def end_release(self) -> None:
        """Say that all that was approved is on the worklist, or known not to be; log and tell it."""
        await self._connection.execute(sql("runs.end"), self.run.id, "released", None)
        count = await self._connection.fetchval(sql("runs.count_released"), self.run.id)
        await tell(self._connection, RunFinished(run=self.run.id))
        await note_deed(self._connection, "run_finished", self.run, _SERVICE, count=count)

    async def fail(self, problem: str) -> None:
        """Give the run up; what it has released stays."""
        await self._connection.execute(sql("runs.end"), self.run.id, "failed", problem)
        await note_deed(self._connection, "run_failed", self.run, _SERVICE)


@contextlib.asynccontextmanager
async def take_step(database: Database) -> AsyncIterator[Step | None]:
    """Hold the oldest run at which nobody works, for one step; None where there is none."""
    async with database.transaction(_STEP_SECONDS) as connection:
        row = await connection.fetchrow(sql("runs.take"))
        yield None if row is None else Step(connection, row)


async def give_up(database: Database, run_id: str, problem: str) -> None:
    """Let a run fail whose step could not be carried out."""
    async with database.transaction(_STEP_SECONDS) as connection:
        row = await connection.fetchrow(sql("runs.hold"), run_id)
        if row is not None and row["ended_at"] is None:
            await Step(connection, row).fail(problem)


def _write(item: RunItem, name: str) -> object:
    value = getattr(item, name)
    return msgspec.json.encode(value).decode() if name == "also" else value
