"""When to ask again about each account, and what the last answer was: questions, never a plan of steps."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter

import asyncpg
import msgspec

from store.accounts import AccountWithHistory, read_with_history
from store.callhours import read_call_hours
from store.database import Database
from store.events import ApprovalRequested, DecisionDue, Event
from store.noticed import NOTHING_NOTICED, Noticed, NoticedCase, keep, read_cases
from store.outbox import tell
from store.rulesets import LastChange
from store.statements import sql

_TAKING_SECONDS = 30.0
_MARKING_SECONDS = 30.0


class DueQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question whose time has come: about which account, in which track, since when; and what was answered last."""

    account_id: str
    track: str
    ask_at: dt.datetime
    is_first_track: bool
    decided_at: dt.datetime | None
    outcome: str | None
    ruleset_id: str | None
    version: int | None
    rule: str | None
    action: str | None
    channel: str | None
    episode: str | None
    currency: str | None
    claim: Decimal | None
    principal: Decimal | None


class DueAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of an answer, and when to ask again (None: when something changes).

    Where `problem` says why there is no decision, only it and `ask_at` are kept; the answer before stands beside them.
    `principal` is the claim without its interest. `noticed` is what else is to be told of the account, which is looked
    at in the first of its tracks.
    """

    account_id: str
    track: str
    ask_at: dt.datetime | None
    decision_id: str | None = None
    decided_at: dt.datetime | None = None
    outcome: str | None = None
    ruleset_id: str | None = None
    version: int | None = None
    rule: str | None = None
    title: str | None = None
    level: int | None = None
    action: str | None = None
    channel: str | None = None
    scheduled_for: dt.datetime | None = None
    review_on: dt.date | None = None
    approval: str | None = None
    reason: str | None = None
    episode: str | None = None
    currency: str | None = None
    claim: Decimal | None = None
    principal: Decimal | None = None
    collectable: Decimal | None = None
    problem: str | None = None
    promised: Decimal | None = None
    promised_by: dt.date | None = None
    broken_promises: int | None = None
    contacted_at: dt.datetime | None = None
    noticed: Noticed = NOTHING_NOTICED


_KEPT = tuple(name for name in DueAnswer.__struct_fields__ if name != "noticed")
_read_row = attrgetter(*(name for name in _KEPT if name != "problem"))
_read_problem = attrgetter("account_id", "track", "ask_at", "problem")
_read_key = attrgetter("account_id", "track")
_STEP = ("ruleset_id", "rule", "action", "episode")
_WORK = (*_STEP, "outcome", "version", "channel", "currency", "principal")
# The same step twice: who took it has it.
_step_of = attrgetter(*_STEP)
# The same to be done twice: it was told. Interest that runs makes no other of it.
_work_of = attrgetter(*_WORK)
# The same twice, to the cent: who approved the first approved the second.
_all_of = attrgetter(*_WORK, "claim")


class TakenQuestions:
    """Questions that nobody else asks until the answers are written, or this process is gone.

    `last_change` is what was in use when they were held already: what changes later marks them after the answers.
    `cases` are those of the accounts that were noticed before; only who holds a question writes them.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        questions: Sequence[DueQuestion],
        last_change: LastChange,
        cases: Mapping[str, Sequence[NoticedCase]],
    ) -> None:
        self._connection = connection
        self.questions = questions
        self.last_change = last_change
        self.cases = cases

    async def read_call_hours(self, segments: Iterable[str | None]) -> Mapping[str | None, bytes]:
        """Read how calls to some segments were answered: who waits to write here may hold every other connection."""
        return await read_call_hours(self._connection, segments)

    async def read_accounts(self) -> Mapping[str, AccountWithHistory]:
        """Read the accounts that are asked about, by their ids; one that is erased just now is not among them."""
        return await read_with_history(self._connection, list({each.account_id for each in self.questions}))

    async def answer(self, answers: Sequence[DueAnswer]) -> None:
        """Write the answers; a question without one stays due."""
        problems = [each for each in answers if each.problem is not None]
        if problems:
            await self._connection.execute(sql("due.keep_problems"), *_columns_of(problems, _read_problem))
        await keep(self._connection, [(each.account_id, each.noticed) for each in answers])
        await self._write([each for each in answers if each.problem is None])

    async def _write(self, answers: Sequence[DueAnswer]) -> None:
        """Write answers that are decisions, and tell what is new of them."""
        if not answers:
            return
        before = {_read_key(each): each for each in self.questions}
        pairs = [(before[_read_key(each)], each) for each in answers]
        is_same, is_step = ([read(one) == read(other) for one, other in pairs] for read in (_all_of, _step_of))
        columns = (*_columns_of(answers, _read_row), is_same, is_step)
        rows = await self._connection.fetch(sql("due.answer"), *columns)
        refused = {(row["account_id"], row["track"]) for row in rows if row["is_refused"]}
        new = [pair for pair in pairs if (pair[1].account_id, pair[1].track) not in refused]
        await tell(self._connection, *(event for pair in new for event in _events_of(*pair)))


class Due:
    """The questions about stored accounts. Whoever writes to an account asks again by a trigger of the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def take(self, now: dt.datetime, *, most: int) -> AsyncIterator[TakenQuestions]:
        """Hold the oldest questions whose time has come; writers of their accounts wait until they are answered."""
        async with self._database.transaction(_TAKING_SECONDS) as connection:
            yield await hold_questions(connection, await connection.fetch(sql("due.take"), now, most))

    async def read(self, account_id: str, track: str) -> DueAnswer | None:
        """Read when an account will be asked about, and the last answer."""
        row = await self._database.fetchrow(sql("due.read"), account_id, track)
        return None if row is None else _answer_of(row)

    async def work_off_mark(self, *, most: int) -> bool:
        """Ask again about some of the accounts that a change of what is in use means; answers whether there was any."""
        async with self._database.transaction(_MARKING_SECONDS) as connection:
            mark = await connection.fetchrow(sql("due.take_mark"))
            if mark is None:
                return False
            narrowing = (mark["track"], mark["ruleset_id"], mark["currencies"], mark["countries"], mark["segments"])
            last = await connection.fetchval(sql("due.work_mark"), mark["after_id"], most, *narrowing)
            if last is None:
                await connection.execute(sql("due.end_mark"), mark["id"])
            else:
                await connection.execute(sql("due.advance_mark"), mark["id"], last)
            return True

    async def find_oldest(self, now: dt.datetime) -> dt.datetime | None:
        """Find since when the oldest question waits."""
        oldest: dt.datetime | None = await self._database.fetchval(sql("due.find_oldest"), now)
        return oldest


async def hold_questions(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> TakenQuestions:
    """Put questions together whose rows this transaction holds."""
    # Asked only now, behind the locks: a version that comes into use from here on marks them after us.
    change = await connection.fetchrow(sql("rulesets.last_change"))
    questions = [DueQuestion(**row) for row in rows]
    cases = await read_cases(connection, [each.account_id for each in questions if each.is_first_track])
    return TakenQuestions(connection, questions, tuple(change), cases)


def _columns_of(answers: Iterable[DueAnswer], read: Callable[[DueAnswer], tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*map(read, answers), strict=True)]


def _events_of(question: DueQuestion, answer: DueAnswer) -> Iterator[Event]:
    """Write what is told of an answer that is to be carried out: that it is new, and that it waits for an approval."""
    if answer.outcome != "act" or None in {answer.decision_id, answer.ruleset_id, answer.version, answer.action}:
        return
    said = {name: getattr(answer, name) for name in ("account_id", "decision_id", "track", "version", "rule", "action")}
    if _work_of(question) != _work_of(answer):
        yield DecisionDue(ruleset=answer.ruleset_id or "", **said)
    if answer.approval == "required" and _all_of(question) != _all_of(answer):
        yield ApprovalRequested(ruleset=answer.ruleset_id or "", **said)


def _answer_of(row: asyncpg.Record) -> DueAnswer:
    fields = {name: row[name] for name in _KEPT}
    return DueAnswer(**(fields | {"decision_id": fields["decision_id"] and str(fields["decision_id"])}))
