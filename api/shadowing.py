"""Candidates that decide in the shadow of what is in use: after the answer is given, beside, and never in its way.

What was answered is put into a queue that is short in answers and in bytes; what finds it full is passed over, and
counted. While requests come, two thirds of the time are left to them.
"""

import asyncio
import hashlib
import logging
from collections import deque
from decimal import Decimal

import msgspec
from msgspec import UNSET

from api.deciding import LARGE_BYTES, Made, Question
from api.problems import ProblemError
from api.service import Service
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from engine.evaluation.rulesets import UnknownRuleset
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.decision import Decision, encode_decision
from store.errors import StoreError
from store.shadows import Shadow, ShadowDecision, Step

_log = logging.getLogger("dunning.shadows")
_MOST_WAITING = 1_000
_MOST_WAITING_BYTES = 16 << 20
_BATCH = 50
_BUCKETS = 10_000
_AFTER_TROUBLE_SECONDS = 5.0
_DECISION = msgspec.json.Decoder(Decision)
REFUSED = Step(outcome="refused")


class Shadowing:
    """What waits to be asked again of this process's answers."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._shadows: tuple[Shadow, ...] = ()
        self._waiting: deque[tuple[Shadow, Question, Made]] = deque()
        self._waiting_bytes = 0
        self._is_there = asyncio.Event()
        service.after_answer = self.offer

    def offer(self, question: Question, made: Made) -> None:
        """Take note of an answer that was just given; where there is no shadow this is all there is."""
        for shadow in self._shadows:
            if not _concerns(shadow, question, made):
                continue
            size = question.bytes_count
            is_full = len(self._waiting) >= _MOST_WAITING or self._waiting_bytes + size > _MOST_WAITING_BYTES
            if size > LARGE_BYTES or is_full:
                self._service.metrics.count_shadow("dropped")
            else:
                self._waiting.append((shadow, question, made))
                self._waiting_bytes += size
                self._is_there.set()

    async def take_news(self) -> None:
        """Learn which shadows there are."""
        self._shadows = await self._service.store.shadows.list(self._service.now())

    async def run(self) -> None:
        """Ask for as long as the process runs; whatever goes wrong is said, and the questions concerned are dropped."""
        while True:
            try:
                await self.take_news()
                await self._is_there.wait()
                await self.drain()
            except (StoreError, ProblemError):
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
            except Exception as problem:  # noqa: BLE001  a fault of ours must not end it for good, and is told
                _log.error("Asking a shadow failed; it goes on", exc_info=problem)
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    async def drain(self) -> None:
        """Ask about all that waits; one shadow that fails takes nothing from the others, and is told afterwards."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            self._waiting_bytes -= sum(question.bytes_count for _, question, _ in batch)
            problems: list[Exception] = []
            for shadow in dict.fromkeys(shadow for shadow, _, _ in batch):
                asked = [(question, made) for each, question, made in batch if each == shadow]
                try:
                    await self._ask(shadow, asked)
                except Exception as problem:  # noqa: BLE001  whatever it is, it is raised below
                    problems.append(problem)
            if problems:
                raise problems[0]
        self._is_there.clear()

    async def _ask(self, shadow: Shadow, asked: list[tuple[Question, Made]]) -> None:
        """Ask about some answers, and keep what would have been decided."""
        metrics, clock = self._service.metrics, asyncio.get_running_loop().time
        decided: list[ShadowDecision] = []
        try:
            (compiled,) = (await self._service.rulesets.pin(shadow.ruleset_id, shadow.number)).compiled
            for question, made in asked:
                begun_at = clock()
                if (found := ask_shadow(compiled, question, made)) is not None:
                    decided.append(found)
                await asyncio.sleep(2 * (clock() - begun_at))
            await self._service.store.shadows.record(shadow, decided)
        except Exception:
            metrics.count_shadow("dropped", len(asked))
            raise
        for each in decided:
            metrics.count_shadow("same" if each.is_same else "refused" if each.challenger == REFUSED else "different")


def _concerns(shadow: Shadow, question: Question, made: Made) -> bool:
    """Tell whether a shadow is asked as well: what its ruleset, or nobody, decided by what is in use."""
    record = made.record
    if question.version is not None or question.known_at is not None or record.at >= shadow.until:
        return False
    if record.ruleset_id not in {None, shadow.ruleset_id}:
        return False
    digest = hashlib.sha256(f"shadow:{shadow.ruleset_id}:{record.account_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % _BUCKETS < shadow.percent * _BUCKETS // 100


def ask_shadow(compiled: Compiled, question: Question, made: Made) -> ShadowDecision | None:
    """Return what a version would have decided; None where it is of another track than what nobody decided."""
    champion = _DECISION.decode(made.answer)
    if champion.ruleset is None and compiled.ruleset.track != champion.track:
        return None
    challenger: Decision | None = None
    try:
        decision = next_action(
            (compiled,),
            question.account,
            question.history,
            outcomes=question.outcomes,
            as_of=champion.as_of,
            track=champion.track,
            ruleset=compiled.ruleset.id,
            explain="none",
            is_live=False,
        )
        challenger = _DECISION.decode(encode_decision(decision))
    except (AccountInvalid, RulesetsOverlap, UnknownRuleset, OverflowError):
        pass  # it is told as refused
    claim = champion.claim or (None if challenger is None else challenger.claim)
    return ShadowDecision(
        decision_id=made.record.id,
        champion=_step_of(champion),
        challenger=REFUSED if challenger is None else _step_of(challenger),
        is_same=challenger is not None and _what_is_done(champion) == _what_is_done(challenger),
        currency=None if claim is None else claim.total.currency,
        amount=None if claim is None else Decimal(claim.total.amount),
    )


def _step_of(decision: Decision) -> Step:
    action = decision.action
    return Step(
        outcome=decision.outcome,
        rule=None if decision.rule is None else decision.rule.id,
        action=None if action is None else action.type,
        channel=None if action is None or action.channel is UNSET else action.channel,
    )


def _what_is_done(decision: Decision) -> tuple[object, ...]:
    """Return all of a decision that somebody carries out, or is kept from."""
    rule = None if decision.rule is None else decision.rule.id
    block = None if decision.block is UNSET else decision.block.id
    return decision.outcome, rule, decision.action, decision.along_with, block, decision.claim
