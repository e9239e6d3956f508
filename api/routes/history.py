"""What was executed for an account: recorded here once it was carried out."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from msgspec import UNSET

from api.answers import Reply, answer_once
from api.messages import HistoryEntry
from api.operation import OPT_KEY, Answer, Body, Operation
from api.problems import Place, ProblemError, refuse_place
from api.requests import decode_strictly, make_decoder, read_body
from api.service import Service, find_service
from engine.evaluation.history import check_entry, read_instant
from engine.evaluation.reading import zone_of
from engine.evaluation.timeline import execute
from engine.model.account import AccountInvalid
from engine.model.decision import Decision
from store.history import Recording

_BODY = Body(record=HistoryEntry)
_NAMING = ("rule", "level", "action", "channel", "fee", "reset")
_ENTRY = make_decoder(HistoryEntry)
_UTC = ZoneInfo("UTC")
_DECISION = msgspec.json.Decoder(Decision)

RECORD = Operation(
    name="recordHistory",
    summary="Record that an action was carried out: by its decision_id alone, or in full. Once for a decision.",
    method="POST",
    scope="accounts",
    body=_BODY,
    answers=(
        Answer(about="Recorded.", status=201, record=HistoryEntry),
        Answer(about="This decision was recorded before: the entry as it is.", status=200, record=HistoryEntry),
    ),
    headers={"Idempotency-Key": "Repeats the first answer for 24 hours."},
    problems=(
        "unknown-account",
        "unknown-decision",
        "history-conflict",
        "unavailable",
        "idempotency-conflict",
        "answer-pending",
    ),
)


@post("/v1/accounts/{account_id:str}/history", status_code=201, opt={OPT_KEY: RECORD})
async def record_history(request: Request[object, object, State], account_id: FromPath[str]) -> Response[bytes]:
    """Record an executed action."""
    scope = request.scope
    body = await read_body(scope, request.receive, _BODY)
    given: HistoryEntry = decode_strictly(_ENTRY, body)
    service = find_service(scope)

    async def make() -> Reply:
        recording = await _record(service, account_id, given)
        return Reply(status=201 if recording.is_new else 200, body=recording.entry.entry, account_ids=(account_id,))

    return (await answer_once(scope, body, make)).respond()


async def _record(service: Service, account_id: str, given: HistoryEntry) -> Recording:
    stored = await service.store.accounts.read(account_id)
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    fields: dict[str, Any] = msgspec.to_builtins(given)
    if fields.pop("account", account_id) != account_id:
        raise refuse_place("/account", f"the path names {account_id!r}.")
    entry = fields
    if given.decision_id is not UNSET:
        entry = await _complete(service, account_id, given.decision_id) | fields
    elif not any(fields.get(name) is not None for name in _NAMING):
        raise refuse_place("", "an entry names a decision_id, a rule, an action, a level or a reset.")
    zone = zone_of(msgspec.json.decode(stored.document, type=_Zone).timezone or "UTC") or _UTC
    at = read_instant(entry.get("at"), zone)
    if at is None:
        raise refuse_place("/at", "a date, or an instant with its offset such as 2026-11-20T09:00:00+01:00, is needed.")
    _check_entry(entry, zone)
    decision_id = None if given.decision_id is UNSET else given.decision_id
    recording = await service.store.history.record(
        account_id, msgspec.json.encode(entry), at=at, decision_id=decision_id
    )
    if not recording.is_new:
        _check_same(recording.entry.entry, fields)
    return recording


def _check_entry(entry: dict[str, Any], zone: ZoneInfo) -> None:
    """Refuse what no decision could read: history is append-only, so the account would be stuck with it."""
    try:
        check_entry(entry, zone=zone)
    except AccountInvalid as invalid:
        places = tuple(Place(pointer=p.pointer, message=f"{p.message.rstrip('.')}.") for p in invalid.problems)
        detail = f"{places[0].pointer or 'the body'}: {places[0].message}"
        raise ProblemError("invalid-request", detail, problems=places) from None


async def _complete(service: Service, account_id: str, decision_id: str) -> dict[str, Any]:
    """Return the entry that a logged decision becomes when it is carried out."""
    logged = await service.store.decisions.read(decision_id)
    if logged is None or logged.answer is None:
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} is in the log.")
    if logged.account_id != account_id:
        raise refuse_place("/decision_id", f"that decision is about account {logged.account_id!r}.")
    decision = _DECISION.decode(logged.answer)
    if decision.outcome != "act" or decision.action is None:
        raise refuse_place("/decision_id", f"that decision is to {decision.outcome}: there was nothing to carry out.")
    return {**execute(decision), "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}


def _check_same(stored: bytes, fields: dict[str, Any]) -> None:
    known = msgspec.json.decode(stored)
    changed = sorted(name for name, value in fields.items() if known.get(name) != value)
    if changed:
        raise ProblemError("history-conflict", f"The entry of this decision has another {', '.join(changed)}.")


class _Zone(msgspec.Struct):
    timezone: str | None = None
