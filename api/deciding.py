"""From a question to a logged decision: what every route that decides shares."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec import UNSET

from api.histories import SplitHistory, split_history
from api.messages import Explain
from api.problems import Fault, ProblemError, refuse_parameter
from api.requests import decode_strictly
from api.service import Service
from api.usage import RulesetsInUse
from engine.evaluation.decide import Answered, answer
from engine.evaluation.routing import Route, parse_as_of
from engine.model.account import AccountInvalid
from engine.model.businessdays import FIRST_YEAR, LAST_YEAR
from engine.model.decision import Decision, encode_decision
from engine.model.exactjson import FREE_JSON
from engine.model.language import LANGUAGE_EDITION
from store.decisionrecords import DecisionRecord
from store.identifiers import instant_of, make_id

LARGE_BYTES = 64 << 10


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, whoever sent the account; ``account_text`` and ``logged_history`` are what is logged.

    So is ``outcomes_text``, empty where there are none.
    """

    account: Mapping[str, object]
    history: Sequence[Mapping[str, object]]
    outcomes: Sequence[Mapping[str, object]] = ()
    account_text: bytes
    logged_history: SplitHistory
    outcomes_text: bytes = b""
    known_erasures: int
    as_of: dt.datetime | dt.date | None
    track: str
    ruleset: str | None
    version: int | None
    explain: Explain
    known_at: dt.datetime | None = None

    @property
    def bytes_count(self) -> int:
        """How much is asked about: the account, its whole history and what came of it, as JSON."""
        history = self.logged_history
        return len(self.account_text) + len(history.own) + len(history.related or b"") + len(self.outcomes_text)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A decision made and not yet logged: its one JSON form, and the row for the log."""

    answer: bytes
    record: DecisionRecord


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """An account, what was executed for it and what came of it, each as JSON; no ``outcomes`` are none."""

    account: bytes | msgspec.Raw
    history: bytes | msgspec.Raw
    outcomes: bytes | msgspec.Raw = b""


def read_question(
    sent: Sent,
    *,
    known_erasures: int,
    as_of: dt.datetime | dt.date | None,
    track: str,
    ruleset: str | None,
    version: int | None,
    explain: Explain,
) -> Question:
    """Read an account as sent; ``known_erasures`` as they were before a stored one was read."""
    account = decode_strictly(FREE_JSON, sent.account, below="/account")
    if not isinstance(account, dict):
        raise _refuse("/account", "it must be a JSON object.")
    history = decode_strictly(FREE_JSON, sent.history, below="/history")
    if not isinstance(history, list):
        raise _refuse("/history", "it must be a JSON array.")
    outcomes = decode_strictly(FREE_JSON, sent.outcomes, below="/outcomes") if sent.outcomes else []
    if not isinstance(outcomes, list):
        raise _refuse("/outcomes", "it must be a JSON array.")
    return Question(
        account=account,
        history=history,
        outcomes=outcomes,
        account_text=bytes(sent.account),
        logged_history=split_history(bytes(sent.history), history, account.get("id")),
        outcomes_text=bytes(sent.outcomes) if outcomes else b"",
        known_erasures=known_erasures,
        as_of=as_of,
        track=track,
        ruleset=ruleset,
        version=version,
        explain=explain,
    )


def read_as_of(
    text: str | None, refuse: Callable[[str, str], ProblemError], place: str
) -> dt.datetime | dt.date | None:
    """Read the instant asked about; what is no instant is refused at its place, a parameter or a pointer."""
    if text is None:
        return None
    try:
        return parse_as_of(text)
    except AccountInvalid:
        raise refuse(
            place,
            f"a date, or an instant with its offset such as 2026-11-20T09:00:00+01:00, of the years {FIRST_YEAR} to"
            f" {LAST_YEAR} is needed, not {text!r}.",
        ) from None


async def choose_rulesets(
    service: Service, ruleset: str | None, version: int | None, known_at: dt.datetime | None = None
) -> RulesetsInUse:
    """Return the rulesets that may answer: those in use, now or at an instant, or the one version asked for."""
    if known_at is not None:
        if version is not None:
            raise refuse_parameter("known_at", "a version that is named is the same at any time.")
        if known_at > dt.datetime.now(dt.UTC):
            raise refuse_parameter("known_at", "what will be known then is not known yet.")
        return await service.rulesets.in_use_at(known_at)
    if version is None:
        return service.rulesets.in_use()
    if ruleset is None:
        raise refuse_parameter("version", "a version needs `ruleset` beside it.")
    return await service.rulesets.pin(ruleset, version)


def make_decision(question: Question, rulesets: RulesetsInUse) -> Made:
    """Decide, and write down what a replay needs."""
    made, _ = _make_openly(question, rulesets)
    return made


def _make_openly(question: Question, rulesets: RulesetsInUse) -> tuple[Made, Answered]:
    """Decide, and write down what a replay needs; beside it what that was written from."""
    decision_id = make_id()
    as_of = question.as_of or dt.datetime.now(dt.UTC)  # the one place that reads the clock for a decision
    try:
        route = Route(
            rulesets.rulesets,
            question.account,
            question.history,
            outcomes=question.outcomes,
            as_of=as_of,
            track=question.track,
            ruleset=question.ruleset,
        )
        answered = answer(route, explain=question.explain, decision_id=decision_id)
    except OverflowError:
        message = "A date in the account or its history is further away than calendars reach."
        raise ProblemError("invalid-account", message, problems=(Fault(pointer="", message=message),)) from None
    decision = answered.decision
    rulesets.check_prepared(decision, question.account.get("currency"), ruleset=question.ruleset)
    text = encode_decision(decision)
    written = _write_input(question, as_of, rulesets)
    record = _record(decision_id, decision, text, written, question)
    return Made(answer=text, record=record), answered


async def decide(question: Question, rulesets: RulesetsInUse) -> Made:
    """Decide; about an account of very many invoices beside the event loop, so that small ones do not wait for it."""
    made, _ = await decide_openly(question, rulesets)
    return made


async def decide_openly(question: Question, rulesets: RulesetsInUse) -> tuple[Made, Answered]:
    """Decide as `decide` does, for who asks more of it: what it was written from holds the account as it was read."""
    if question.bytes_count > LARGE_BYTES:
        return await asyncio.to_thread(_make_openly, question, rulesets)
    return _make_openly(question, rulesets)


async def decide_and_log(service: Service, question: Question) -> bytes:
    """Decide; the answer comes only after its row in the log is committed."""
    rulesets = await choose_rulesets(service, question.ruleset, question.version, question.known_at)
    made = await decide(question, rulesets)
    await service.store.decision_log.append(made.record)
    service.metrics.count_decision(made.record.outcome)
    service.after_answer(question, made)
    return made.answer


def _refuse(pointer: str, message: str) -> ProblemError:
    return ProblemError("invalid-account", f"{pointer}: {message}", problems=(Fault(pointer=pointer, message=message),))


def _write_input(question: Question, as_of: dt.datetime | dt.date, rulesets: RulesetsInUse) -> bytes:
    options = {
        "as_of": as_of.isoformat(),
        "track": question.track,
        "ruleset": question.ruleset,
        "explain": question.explain,
        "language_edition": LANGUAGE_EDITION,
    }
    return b"".join(
        (
            b'{"account":',
            question.account_text,
            b',"history":',
            question.logged_history.own,
            b',"outcomes":' + question.outcomes_text if question.outcomes_text else b"",
            b',"options":',
            msgspec.json.encode(options),
            b',"rulesets":',
            rulesets.names,
            b"}",
        )
    )


def _record(
    decision_id: str, decision: Decision, answer: bytes, written_input: bytes, question: Question
) -> DecisionRecord:
    ruleset, action = decision.ruleset, decision.action
    channel: Any = action.channel if action is not None else None
    return DecisionRecord(
        id=decision_id,
        at=instant_of(decision_id),
        account_id=decision.account_id,
        track=decision.track,
        outcome=decision.outcome,
        as_of=decision.as_of,
        answer=answer,
        input=written_input,
        ruleset_id=ruleset.id if ruleset is not None else None,
        version=ruleset.version if ruleset is not None else None,
        digest=ruleset.digest if ruleset is not None else None,
        rule=decision.rule.id if decision.rule is not None else None,
        action=action.type if action is not None else None,
        channel=None if channel is UNSET else cast("str | None", channel),
        related=question.logged_history.related,
        related_accounts=question.logged_history.related_accounts,
        known_erasures=question.known_erasures,
    )
