"""Asking again about stored accounts when their time has come: a chore of every server process, beside answering.

One process's share is a batch at a time, so that whoever writes to an account waits for a moment only; and while
requests come, batches are small and half of the time is left to them, a thousandth of a second at a time.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TypeVar

import msgspec

from api.callhours import tell_call_hours
from api.deciding import Made, Question, decide_openly
from api.dueanswers import add_noticed, refuse, summarise
from api.errors import find_problem
from api.messages import NextActionQuery
from api.noticing import notice
from api.problems import ProblemError
from api.routes.next_action import ask_about_stored
from api.service import Service
from engine.evaluation.decide import Answered
from store.accounts import AccountWithHistory
from store.due import DueAnswer, DueQuestion, TakenQuestions
from store.errors import StoreError, Unstorable
from store.noticed import NOTHING_NOTICED, Noticed

_log = logging.getLogger("dunning.due")
_BATCH = 500
_BATCH_BESIDE = 20  # while requests come: what is written at once holds none of them up
_PAGE = 2_000  # accounts that a change of what is in use marks at once
_PAGE_BESIDE = 200
_BATCH_SECONDS = 1.0
_SLICE_SECONDS = 0.004
_SLICE_BESIDE_SECONDS = 0.001
_BESIDE_SECONDS = 0.2  # so long after a request the next one is awaited
_IDLE_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 2.0

Seen = tuple[Noticed, dt.datetime | None]
_NOTHING: Seen = NOTHING_NOTICED, None
T = TypeVar("T")


async def ask_when_due(service: Service) -> None:
    """Ask what is due for as long as the process runs; whatever goes wrong is said, and tried again.

    Where there is more than one turn manages, a second one goes on while the first waits for PostgreSQL.
    """
    if not service.settings.due:
        return
    is_more = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_keep_asking(service, is_more))
        group.create_task(_help_asking(service, is_more))


async def _keep_asking(service: Service, is_more: asyncio.Event) -> None:
    """Take turn after turn, and call for help while there is more and nobody asks anything else."""
    pace = Pace(service)
    while True:
        wait_seconds = await _try_turn(service, pace)
        if wait_seconds or pace.is_beside:
            is_more.clear()
        else:
            is_more.set()
        await asyncio.sleep(wait_seconds)


async def _help_asking(service: Service, is_more: asyncio.Event) -> None:
    """Take turns while help is called for."""
    pace = Pace(service)
    while True:
        await is_more.wait()
        wait_seconds = await _try_turn(service, pace)
        if wait_seconds:
            is_more.clear()
        await asyncio.sleep(wait_seconds)


async def _try_turn(service: Service, pace: "Pace") -> float:
    """Take a turn; answers after how many seconds to take the next."""
    try:
        is_more = await take_turn(service, pace)
    except (StoreError, ProblemError) as problem:
        service.due.trouble = f"{problem}"
        return _AFTER_TROUBLE_SECONDS
    except Exception as problem:  # noqa: BLE001  a fault of ours must not end it for good, and is told
        _log.error("Asking what is due failed; it goes on", exc_info=problem)
        service.due.trouble = f"a fault of the service, {type(problem).__name__}; its log says more"
        return _AFTER_TROUBLE_SECONDS
    service.due.trouble = None
    return 0 if is_more else _IDLE_SECONDS


async def take_turn(service: Service, pace: "Pace | None" = None) -> bool:
    """Ask one batch of what is due, and mark one page of accounts; answers whether there may be more."""
    pace = pace or Pace(service)
    store, now = service.store, service.now()
    store.clock.check()
    is_marking = False
    if pace.looks_for_marks():
        is_marking = await store.due.work_off_mark(most=_PAGE_BESIDE if pace.is_beside else _PAGE)
        pace.note_marks(is_there=is_marking)
    try:
        async with store.due.take(now, most=pace.begin()) as taken:
            # Else this process has yet to hear of a version, or to make it ready: it would answer by the one before.
            is_asking = bool(taken.questions) and service.rulesets.is_current(taken.last_change)
            trouble: StoreError | None = None
            if is_asking:
                answers, trouble = await _ask_all(service, taken, now, pace)
                for part in pace.split(answers):
                    await taken.answer(part)
        if trouble is not None:  # only now: what was answered is committed
            raise trouble
    except StoreError:
        pace.start_small()
        raise
    if pace.looks_back() or not is_asking:
        service.due.oldest_at = await store.due.find_oldest(now)
    return is_marking or is_asking


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question with its decision that is yet to be logged, what it was written from, and what else was noticed."""

    due: DueQuestion
    question: Question
    made: Made
    answered: Answered
    seen: Seen


async def _ask_all(
    service: Service, taken: TakenQuestions, now: dt.datetime, pace: "Pace"
) -> tuple[list[DueAnswer], StoreError | None]:
    """Decide and log, until something cannot be logged now: that is the trouble, and the rest stays due.

    What there is no time for stays due too, but for one: else the same would be read for ever.
    """
    asking = _Asking(service, taken, now)
    asked: list[_Asked] = []
    answers: list[DueAnswer] = []
    for each, account in zip(taken.questions, await asking.read_accounts(), strict=True):
        if pace.is_over and (asked or answers):
            pace.shorten(len(taken.questions))
            break
        if account is None:
            continue  # erased just now, and its question with it
        found = await asking.ask(each, account)
        if isinstance(found, _Asked):
            asked.append(found)
        else:
            answers.append(found)
        await pace.rest()
    else:
        pace.lengthen()
    try:
        for part in pace.split(asked):
            async for one in _log_all(service, part, answers):
                answers.append(asking.summarise(one))
                await pace.rest()
    except StoreError as trouble:  # what is logged is answered all the same: else it would be decided and logged again
        return answers, trouble
    return answers, None


class _Asking:
    """A batch of questions, asked at one instant by what is in use."""

    def __init__(self, service: Service, taken: TakenQuestions, now: dt.datetime) -> None:
        self._service = service
        self._taken = taken
        self._now = now
        self._rulesets = service.rulesets.in_use()
        self._known_erasures = service.store.erasures.known

    async def read_accounts(self) -> list[AccountWithHistory | None]:
        """Read the account of each question."""
        stored = await self._taken.read_accounts()
        found = [stored.get(each.account_id) for each in self._taken.questions]
        return await tell_call_hours(self._taken.read_call_hours, self._rulesets, found)

    async def ask(self, each: DueQuestion, account: AccountWithHistory) -> "_Asked | DueAnswer":
        """Decide on an account and notice what else there is of it; one that cannot be decided on is answered so."""
        answered: Answered | None = None
        seen = _NOTHING
        try:
            question = ask_about_stored(
                account,
                NextActionQuery(track=each.track),
                known_erasures=self._known_erasures,
                as_of=self._now,
            )
            try:
                made, answered = await decide_openly(question, self._rulesets)
            finally:  # of an account that cannot be decided on too
                if each.is_first_track:
                    known = self._taken.cases.get(each.account_id, ())
                    seen = notice(self._service, question, known, self._now, answered=answered)
            return _Asked(due=each, question=question, made=made, answered=answered, seen=seen)
        except Exception as error:  # noqa: BLE001  one account must not hold up the others
            return add_noticed(refuse(each, find_problem(error), self._now), *seen)

    def summarise(self, one: _Asked) -> DueAnswer:
        """Tell of a decision that is logged, and keep what is to be kept of it."""
        self._service.metrics.count_decision(one.made.record.outcome)
        self._service.after_answer(one.question, one.made)
        answer = summarise(one.due, one.question, one.made.record, one.answered, self._rulesets)
        return add_noticed(answer, *one.seen)


async def _log_all(service: Service, asked: Sequence[_Asked], answers: list[DueAnswer]) -> AsyncIterator[_Asked]:
    """Log decisions as one transaction, and yield each that is logged.

    Where one of them cannot be stored, half by half until it stands alone.
    """
    try:
        await service.store.decision_log.append_many([each.made.record for each in asked])
    except Unstorable as problem:
        if len(asked) == 1:
            answers.append(add_noticed(refuse(asked[0].due, find_problem(problem), None), *asked[0].seen))
            return
        middle = len(asked) // 2
        for half in (asked[:middle], asked[middle:]):
            async for each in _log_all(service, half, answers):
                yield each
        return
    for each in asked:
        yield each


class Pace:
    """How fast one goes: at full speed while nobody asks anything else, and else to half of a core."""

    def __init__(self, service: Service) -> None:
        self._metrics = service.metrics
        self._clock = asyncio.get_running_loop().time
        self._requests_count = service.metrics.requests_count
        self._beside_until = float("-inf")
        self._begun_at = self._slice_at = self._clock()
        self._most = _BATCH
        self._marks_at = self._back_at = float("-inf")

    def looks_for_marks(self) -> bool:
        """Tell whether to look for what came into use: each look is a way to PostgreSQL and back, as all of a turn."""
        return self._clock() >= self._marks_at

    def note_marks(self, *, is_there: bool) -> None:
        """Look again at once where there was something, and else after a while."""
        self._marks_at = float("-inf") if is_there else self._clock() + _IDLE_SECONDS

    def looks_back(self) -> bool:
        """Tell whether to find out again for how long the oldest question has waited."""
        now = self._clock()
        is_time = now >= self._back_at
        if is_time:
            self._back_at = now + _IDLE_SECONDS
        return is_time

    def begin(self) -> int:
        """Begin a batch; answers of how many."""
        self._begun_at = self._slice_at = self._clock()
        return min(self._most, _BATCH_BESIDE) if self.is_beside else self._most

    def shorten(self, taken: int) -> None:
        """Take fewer from now on than were taken, for which there was no time: large ones take theirs to be read."""
        self._most = max(taken // 4, 1)

    def lengthen(self) -> None:
        """Take more again, where there was time for all."""
        self._most = min(self._most * 2, _BATCH)

    def start_small(self) -> None:
        """Take one only, where what was taken could not be read or written at all."""
        self._most = 1

    @property
    def is_over(self) -> bool:
        """Whether whoever writes to one of the accounts has waited long enough."""
        return self._clock() - self._begun_at > _BATCH_SECONDS

    @property
    def is_beside(self) -> bool:
        """Whether requests come."""
        now, count = self._clock(), self._metrics.requests_count
        if count != self._requests_count:
            self._requests_count, self._beside_until = count, now + _BESIDE_SECONDS
        return now < self._beside_until

    async def rest(self) -> None:
        """Let others have their turn, where this one has lasted for a slice."""
        spent = self._clock() - self._slice_at
        if spent < _SLICE_BESIDE_SECONDS:
            return
        if self.is_beside:
            await asyncio.sleep(spent)
        elif spent < _SLICE_SECONDS:
            return
        else:
            await asyncio.sleep(0)
        self._slice_at = self._clock()

    def split(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        """Yield what is written at once: few while requests come, which wait for it, and else all."""
        done = 0
        while done < len(items):
            most = _BATCH_BESIDE if self.is_beside else len(items)
            yield items[done : done + most]
            done += most
