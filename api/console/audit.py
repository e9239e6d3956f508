"""The log: signed as it is now, proved from its first line to its last, and the evidence of a period to take away."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response, Stream
from litestar.types import Scope
from msgspec import Meta

from api.auditmessages import MOST
from api.console.entering import read_form
from api.console.screen import HEADERS, HOME, SCREEN_KEY, Screen, go, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv
from api.problems import ProblemError
from api.proving import find_signer, sign_head, write_hashes
from api.requests import NoQuery, read_query
from api.routes.audit import CHECKPOINT
from api.routes.exports import EXPORT
from api.service import Service, find_service
from api.verifying import PackFailed, Packing
from store.auditlog import KeptCheckpoint
from store.checkpoints import Checkpoint, CheckpointInvalid
from store.errors import AlreadyVerifying
from store.findings import Finding
from store.tokens import Token
from store.verifications import StoredVerification

_PATH = "/audit"
_MOST_CHECKPOINTS = 200
_PART = 1 << 20

CHECKPOINTS = Sheet[KeptCheckpoint](
    "checkpoints",
    (
        Column("lines", "Lines", lambda each: each.size, is_figure=True),
        Column("at", "Signed", lambda each: each.at),
        Column("log", "Log", lambda each: each.origin),
        Column("checkpoint", None, lambda each: each.note),
    ),
)
VERIFICATIONS = Sheet[StoredVerification](
    "verifications",
    (
        Column("began_at", "Begun", lambda each: each.began_at),
        Column("by", "By", lambda each: each.name),
        Column("lines", "Lines", lambda each: each.result.size if each.result else each.checked, is_figure=True),
        Column("found", "What it found", lambda each: each.result.findings_count if each.result else each.state),
        Column("ended_at", "Ended", lambda each: each.ended_at),
    ),
)
FINDINGS = Sheet[Finding](
    "findings",
    (
        Column("first", "From line", lambda each: each.first, is_figure=True),
        Column("last", "To line", lambda each: each.last, is_figure=True),
        Column("kind", "What", lambda each: each.kind),
        Column("message", "How it shows", lambda each: each.message),
    ),
)


class OfCheckpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which checkpoint."""

    lines: Annotated[int, Meta(ge=0, le=MOST)]
    log: str


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which days (UTC, the last one included), and how many decisions are shown in full."""

    since: dt.date | None = None
    to: dt.date | None = None
    sample: Annotated[int, Meta(ge=0, le=1000)] = 25


@get(_PATH, opt={SCREEN_KEY: Screen(scope=CHECKPOINT.scope)})
async def show_audit(scope: Scope) -> Response[Any]:
    """Show how long the log is, what was signed of it, and what proving it found."""
    _, order = read_asked(scope, NoQuery)
    service = find_service(scope)
    store = service.store
    checkpoints = await store.log.list_last_checkpoints(_MOST_CHECKPOINTS)
    verifications = await store.verifications.list()
    if order.csv == CHECKPOINTS.name:
        return send_csv(CHECKPOINTS, one_page(checkpoints))
    if order.csv == VERIFICATIONS.name:
        return send_csv(VERIFICATIONS, one_page(verifications))
    head = await store.log.read_head()
    told = {
        "head": head,
        "root": write_hashes([head.root])[0],
        "key": None if service.signer is None else f"{service.signer.verifier}",
        "running": next((each for each in verifications if each.state == "running"), None),
        "last": next((each for each in verifications if each.result is not None), None),
        "last_signed": next(iter(checkpoints), None),
        "checkpoints": arrange(order, CHECKPOINTS, checkpoints, is_part=len(checkpoints) == _MOST_CHECKPOINTS),
        "verifications": arrange(order, VERIFICATIONS, verifications),
        "month": service.now().date().replace(day=1),
        "today": service.now().date(),
    }
    return show(scope, "audit", told)


@post(f"{_PATH}/checkpoints", opt={SCREEN_KEY: Screen(scope=CHECKPOINT.scope)})
async def sign_log(scope: Scope) -> Response[bytes]:
    """Sign the log as it is, and go on to what was signed."""
    service = find_service(scope)
    head, _ = await sign_head(service)
    said = f"The log of {head.size:,} lines is signed. Take its checkpoint away, and keep it elsewhere."
    return go(f"{HOME}{_PATH}#checkpoints-{head.size}", said=said)


@get(f"{_PATH}/checkpoint.txt", opt={SCREEN_KEY: Screen(scope=CHECKPOINT.scope)})
async def send_checkpoint(scope: Scope) -> Response[bytes]:
    """Answer a checkpoint as a file, to be kept where nobody of this service can change it."""
    asked = read_query(scope, OfCheckpoint)
    kept = await find_service(scope).store.log.read_checkpoint(asked.lines, asked.log)
    if kept is None:
        raise ProblemError("not-found", f"No checkpoint for {asked.lines:,} lines was signed by this name.")
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="checkpoint-{kept.size}.txt"'}
    return Response(kept.note.encode(), media_type="text/plain", headers=headers)


@post(f"{_PATH}/verifications", opt={SCREEN_KEY: Screen(scope=CHECKPOINT.scope)})
async def verify(request: Request[object, object, State]) -> Response[bytes]:
    """Begin to prove the whole log, and go on to how far that is; where it is proved already, to that."""
    scope = request.scope
    note = (await read_form(scope, request.receive)).get("checkpoint")
    service = find_service(scope)
    token: Token = scope["auth"]
    witness = None if not note else _read_witness(service, note)
    try:
        begun = await service.verifier.begin(service.store, service.signer, token, witness)
    except AlreadyVerifying:
        return go(f"{HOME}{_PATH}")
    return go(f"{HOME}{_PATH}/verifications/{begun}")


@get(f"{_PATH}/verifications/{{verification_id:str}}", opt={SCREEN_KEY: Screen(scope=CHECKPOINT.scope)})
async def show_verification(scope: Scope, verification_id: FromPath[str]) -> Response[Any]:
    """Show what proving the log found, or how far it is."""
    _, order = read_asked(scope, NoQuery)
    found = await find_service(scope).store.verifications.read(verification_id)
    if found is None:
        raise ProblemError("not-found", f"No verification {verification_id!r} was begun here.")
    findings = found.result.findings if found.result else ()
    if order.csv == FINDINGS.name:
        return send_csv(FINDINGS, one_page(findings))
    told = {
        "found": found,
        "root": "" if found.result is None else write_hashes([found.result.root])[0],
        "findings": arrange(order, FINDINGS, findings),
    }
    return show(scope, "verification", told)


@get(f"{_PATH}/evidence.zip", opt={SCREEN_KEY: Screen(scope=EXPORT.scope, reads_personal=True)})
async def send_evidence(scope: Scope) -> Response[Any]:
    """Answer the evidence of a period as one archive, packed while one waits."""
    asked = read_query(scope, Period)
    service = find_service(scope)
    packing = Packing(
        since=_begin_day(asked.since),
        until=_begin_day(asked.to and asked.to + dt.timedelta(days=1)),
        sample_count=asked.sample,
        file="",
    )
    try:
        archive = await service.verifier.pack(service.store, find_signer(service), packing)
    except PackFailed as problem:
        raise ProblemError("unavailable", f"{str(problem).capitalize()}.", headers={"Retry-After": "10"}) from None
    days = f"{asked.since or 'from-the-first'}-to-{asked.to or 'the-last'}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="evidence-{days}.zip"'}
    return Stream(_read_parts(archive), media_type="application/zip", headers=headers)


def _read_witness(service: Service, note: str) -> Checkpoint:
    """Read a checkpoint as it was pasted, and check that the log's key signed it."""
    text = "\n".join(line.rstrip() for line in note.splitlines()) + "\n"
    try:
        return find_signer(service).verifier.open(text)
    except CheckpointInvalid as problem:
        raise ProblemError("invalid-request", f"This is no checkpoint of this log: {problem}.") from None


def _begin_day(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time(), dt.UTC)


async def _read_parts(file: BinaryIO) -> AsyncIterator[bytes]:
    """Yield a file, some at a time; then it is gone."""
    with file:
        while part := await asyncio.to_thread(file.read, _PART):
            yield part
