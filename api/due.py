"""Asking again about stored accounts when their time has come: a chore of every server process, beside answering.

One process's share is a batch at a time, so that whoever writes to an account waits for a moment only; and while
requests come, batches are small and half of the time is left to them, a thousandth of a second at a time.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence

from api.callhours import tell_call_hours
from api.deciding import Made, Question, decide
from api.dueanswers import add_noticed, refuse, summarise
from api.errors import find_problem
from api.messages import NextActionQuery
from api.noticing import notice
from api.problems import ProblemError
from api.routes.next_action import ask_about_stored
from api.service import Service
from store.due import DueAnswer, DueQuestion, TakenQuestions
from store.errors import StoreError, Unstorable
from store.noticed import NOTHING_NOTICED, Noticed

_log = logging.getLogger("dunning.due")
_BATCH = 500
_BATCH_BESIDE = 100  # while requests come: what is written of a batch at once holds none of them up
_PAGE = 2_000  # accounts that a change of what is in use marks at once
_BATCH_SECONDS = 1.0
_SLICE_SECONDS = 0.001
_BESIDE_SECONDS = 0.2  # so long after a request the next one is awaited
_IDLE_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 2.0
_NOTHING = NOTHING_NOTICED, None


async def ask_when_due(service: Service) -> None:
    """Ask what is due for as long as the process runs; whatever goes wrong is said, and tried again."""
    pace = Pace(service)
    while service.settings.due:
        try:
            is_more = await take_turn(service, pace)
        except (StoreError, ProblemError) as problem:
            service.due.trouble = f"{problem}"
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
        except Exception as problem:  # noqa: BLE001  a fault of ours must not end it for good, and is told
            _log.error("Asking what is due failed; it goes on", exc_info=problem)
            service.due.trouble = f"a fault of the service, {type(problem).__name__}; its log says more"
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
        else:
            service.due.trouble = None
            await asyncio.sleep(0 if is_more else _IDLE_SECONDS)


async def take_turn(service: Service, pace: "Pace | None" = None) -> bool:
    """Ask one batch of what is due, and mark one page of accounts; answers whether there may be more."""
    pace = pace or Pace(service)
    store, now = service.store, service.now()
    store.clock.check()
    is_marking = await store.due.work_off_mark(most=_PAGE)
    try:
        async with store.due.take(now, most=pace.begin()) as taken:
            # Else this process has yet to hear of a version, or to make it ready: it would answer by the one before.
            is_asking = bool(taken.questions) and service.rulesets.is_current(taken.last_change)
            if is_asking:
                await taken.answer(await _ask_all(service, taken, now, pace))
    except StoreError:
        pace.start_small()
        raise
    service.due.oldest_at = await store.due.find_oldest(now)
    return is_marking or is_asking


async def _ask_all(service: Service, taken: TakenQuestions, now: dt.datetime, pace: "Pace") -> list[DueAnswer]:
    """Decide and log; what there is no time for stays due, but for one: else the same would be read for ever."""
    questions = taken.questions
    rulesets, known_erasures = service.rulesets.in_use(), service.store.erasures.known
    read = [service.store.accounts.read_with_history(each.account_id) for each in questions]
    made: list[tuple[DueQuestion, Question, Made]] = []
    answers: list[DueAnswer] = []
    noticed: dict[tuple[str, str], tuple[Noticed, dt.datetime | None]] = {}
    accounts = await tell_call_hours(taken.read_call_hours, rulesets, await asyncio.gather(*read))
    for each, stored in zip(questions, accounts, strict=True):
        if pace.is_over and (made or answers):
            pace.shorten(len(questions))
            break
        if stored is None:
            continue  # erased just now, and its question with it
        one = None
        try:
            asked = NextActionQuery(track=each.track)
            question = ask_about_stored(stored, asked, known_erasures=known_erasures, as_of=now)
            try:
                one = await decide(question, rulesets)
            finally:  # of an account that cannot be decided on too
                if each.is_first_track:
                    covering = None if one is None else one.record.ruleset_id
                    known = taken.cases.get(each.account_id, ())
                    seen = notice(service, question, known, now, covering=covering)
                    noticed[each.account_id, each.track] = seen
            made.append((each, question, one))
        except Exception as error:  # noqa: BLE001  one account must not hold up the others
            answers.append(refuse(each, find_problem(error), now))
        await pace.rest()
    else:
        pace.lengthen()
    for each, question, one in await _log_all(service, made, answers):
        answers.append(summarise(each, question, one, rulesets))
        service.metrics.count_decision(one.record.outcome)
        service.after_answer(question, one)
        await pace.rest()
    return [add_noticed(each, *noticed.get((each.account_id, each.track), _NOTHING)) for each in answers]


async def _log_all(
    service: Service, made: Sequence[tuple[DueQuestion, Question, Made]], answers: list[DueAnswer]
) -> list[tuple[DueQuestion, Question, Made]]:
    """Log decisions as one transaction; where one of them cannot be stored, half by half until it stands alone."""
    try:
        await service.store.decision_log.append_many([one.record for _, _, one in made])
    except Unstorable as problem:
        if len(made) == 1:
            answers.append(refuse(made[0][0], find_problem(problem), None))
            return []
        middle = len(made) // 2
        return [each for half in (made[:middle], made[middle:]) for each in await _log_all(service, half, answers)]
    return list(made)


class Pace:
    """How fast it goes: at full speed while nobody asks anything else, and to half of a core otherwise."""

    def __init__(self, service: Service) -> None:
        self._metrics = service.metrics
        self._clock = asyncio.get_running_loop().time
        self._requests_count = service.metrics.requests_count
        self._beside_until = float("-inf")
        self._begun_at = self._slice_at = self._clock()
        self._most = _BATCH

    def begin(self) -> int:
        """Begin a batch; answers of how many."""
        self._begun_at = self._slice_at = self._clock()
        return min(self._most, _BATCH_BESIDE) if self._is_beside() else self._most

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

    async def rest(self) -> None:
        """Let others have their turn, where this one has lasted for a slice."""
        spent = self._clock() - self._slice_at
        if spent < _SLICE_SECONDS:
            return
        await asyncio.sleep(spent if self._is_beside() else 0)
        self._slice_at = self._clock()

    def _is_beside(self) -> bool:
        """Tell whether requests come."""
        now, count = self._clock(), self._metrics.requests_count
        if count != self._requests_count:
            self._requests_count, self._beside_until = count, now + _BESIDE_SECONDS
        return now < self._beside_until
