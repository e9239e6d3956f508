"""The sandbox: a draft with what is wrong with it, what it decides about an account, and what is different by it.

It is kept by nobody but the browser, and logged only once it is published.
"""

import asyncio
import base64
import datetime as dt

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.response import Response
from litestar.types import Scope

from api.auth import note
from api.console.desk import Base, Begin, Desk, begin, list_in_use, read_account, read_desk, read_in_use
from api.console.entering import require
from api.console.screen import HEADERS, HOME, SCREEN_KEY, Screen, go, show
from api.drafting import Asked, Draft, Drafted, Subject, ask_about
from api.examining import Assignment, Examined
from api.forking import Exhausted
from api.operation import YAML
from api.problems import ProblemError
from api.publishing import publish
from api.recent import Recent
from api.requests import read_query
from api.routes.accounts import GET as READ_ACCOUNT
from api.routes.rulesets import PUBLISH, READ_VERSION
from api.service import Service, find_service
from api.staying import while_there
from api.versions import name_version
from engine.model.diagnostic import Diagnostic
from engine.model.exactjson import FREE_JSON
from pages.decisionchange import PartChange, list_changes
from pages.ladderchange import LadderStep, pair_ladders
from pages.timelinepicture import write_svg
from store.rulesets import Provenance, RulesetVersion
from store.tokens import Token

_KEY = "console_subjects"
"""Where the accounts are kept that versions begin with: reading a long suite for its first takes a second."""
_MOST_KEPT = 64
_LARGEST_COMPARED = 64 << 10
"""What is in use stands ready in the server alone, which asks it without the bounds that a draft has."""
_EXHAUSTED = "It could not be examined within the time and memory that a draft may use. Split the ruleset."
_WAY_ON = "Save it as a file, begin again from the newest, and carry the change over."


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a desk: of the draft, of what is in use, and how they differ."""

    diagnostics: tuple[Diagnostic, ...] = ()
    drafted: Drafted | None = None
    in_use: Asked | None = None
    trouble: str | None = None
    is_thorough: bool = False


@get("/sandbox", opt={SCREEN_KEY: Screen(scope=READ_VERSION.scope)})
async def show_sandbox(scope: Scope) -> Response[bytes]:
    """Begin from what is in use, from a version, an account or a decision."""
    asked = read_query(scope, Begin)
    desk = await begin(scope, asked)
    service = find_service(scope)
    if desk.base is None or desk.account:
        return await _show(scope, desk, await _ask(service, desk, is_thorough=False))
    kept: Recent[tuple[str, dt.date], Subject] = scope["litestar_app"].state.setdefault(_KEY, Recent(_MOST_KEPT))
    key = desk.base.digest, service.now().date()
    subject = kept.find(key)
    if subject is not None:
        desk = msgspec.structs.replace(desk, account=subject.document, day=subject.day)
    shown = await _ask(service, desk, is_thorough=False)
    if subject is None and shown.drafted is not None and shown.drafted.subject is not None:
        kept.keep(key, shown.drafted.subject)
    return await _show(scope, desk, shown)


@post("/sandbox", opt={SCREEN_KEY: Screen(scope=READ_VERSION.scope)}, status_code=200)
async def ask_sandbox(request: Request[object, object, State]) -> Response[bytes]:
    """Say what is wrong with a draft, and what it decides; in passing, while somebody types, without the analysis."""
    scope = request.scope
    desk, is_in_passing = await read_desk(scope, request.receive)
    asking = _ask(find_service(scope), desk, is_thorough=not is_in_passing)
    return await _show(scope, desk, await while_there(request.receive, asking))


@post("/sandbox/account", opt={SCREEN_KEY: Screen(scope=READ_ACCOUNT.scope)}, status_code=200)
async def take_account(request: Request[object, object, State]) -> Response[bytes]:
    """Put a stored account on the desk, with what was executed and what came of it."""
    scope = request.scope
    desk, _ = await read_desk(scope, request.receive)
    token: Token = scope["auth"]
    require(token, READ_VERSION.scope)
    service = find_service(scope)
    await note(scope, token, f"POST {scope['path']} {desk.account_id}")
    desk = msgspec.structs.replace(desk, account=await read_account(service, desk.account_id))
    return await _show(scope, desk, await _ask(service, desk, is_thorough=False))


@post("/sandbox/file", opt={SCREEN_KEY: Screen(scope=READ_VERSION.scope)}, status_code=200)
async def download_draft(request: Request[object, object, State]) -> Response[bytes]:
    """Answer the draft as a file, to be handed on: it never stands in an address."""
    desk, _ = await read_desk(request.scope, request.receive)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{desk.manuscript.file}"'}
    return Response(desk.text.encode(), media_type=YAML, headers=headers)


@post("/sandbox/publish", opt={SCREEN_KEY: Screen(scope=PUBLISH.scope)})
async def publish_draft(request: Request[object, object, State]) -> Response[bytes]:
    """Publish the draft as the next version, if what it was begun from is the newest yet.

    It is examined with what lies beside that version, and the page tells what was found: so one may read versions.
    """
    scope = request.scope
    token: Token = scope["auth"]
    require(token, READ_VERSION.scope)
    desk, _ = await read_desk(scope, request.receive)
    service = find_service(scope)
    rulesets = service.store.rulesets

    async def examine(assignment: Assignment) -> Examined:
        examined = await service.examiner.examine(assignment)
        draft = examined.draft
        if draft is not None and (draft.ruleset_id, draft.digest) not in assignment.known:
            await _refuse_outdated(service, draft.ruleset_id, desk.base)
        return examined

    provenance = Provenance(publisher=token.id, publisher_name=token.name)
    try:
        published = await while_there(request.receive, publish(rulesets, desk.manuscript, provenance, examine))
    except ProblemError as problem:
        diagnostics = problem.details.diagnostics or ()
        shown = Shown(diagnostics=diagnostics, trouble=problem.details.detail, is_thorough=True)
        return await _show(scope, desk, shown, status=problem.status)
    version = published.publication.version
    name = name_version(version.draft.ruleset_id, version.number)
    await service.rulesets.refresh(version.draft.ruleset_id)
    return go(
        f"{HOME}/rulesets/{version.draft.ruleset_id}/versions/{version.number}",
        said=f"This is {name} already." if not published.publication.is_new else _say_published(version, name),
    )


def _say_published(version: RulesetVersion, name: str) -> str:
    waits = ", and comes into use once somebody else has approved it" if version.approval_required else ""
    return f"{name} is published{waits}."


async def _refuse_outdated(service: Service, ruleset_id: str, base: Base | None) -> None:
    """Refuse a draft that would replace a version whose author it does not know of."""
    newest = next(iter(await service.store.rulesets.list_versions(ruleset_id)), None)
    is_known = base is not None and newest is not None and (base.ruleset, base.digest) == (ruleset_id, newest.digest)
    if newest is not None and not is_known:
        begun = "no version" if base is None else name_version(base.ruleset, base.number)
        detail = f"The newest version of {ruleset_id} is {newest.number}, and this draft was begun from {begun}."
        raise ProblemError("revision-mismatch", f"{detail} {_WAY_ON}")


async def _ask(service: Service, desk: Desk, *, is_thorough: bool) -> Shown:
    """Ask the draft, and then what is in use, about the account."""
    today = service.now().date()
    day = desk.day or today
    subject = Subject(document=desk.account, day=day) if desk.account.strip() else None
    in_use = await read_in_use(service, desk.base) if is_thorough else None
    draft = Draft(manuscript=desk.manuscript, subject=subject, today=today, is_thorough=is_thorough, in_use=in_use)
    try:
        answer = await service.drafts.ask(msgspec.json.encode(draft), is_long=is_thorough)
    except Exhausted:
        return Shown(trouble=_EXHAUSTED, is_thorough=is_thorough)
    drafted = msgspec.json.decode(answer, type=Drafted)
    return Shown(
        diagnostics=drafted.diagnostics,
        drafted=drafted,
        in_use=await _ask_in_use(service, drafted),
        is_thorough=is_thorough,
    )


async def _ask_in_use(service: Service, drafted: Drafted) -> Asked | None:
    """Ask the ruleset of a draft as it is in use; None where it is not, or the draft cannot be read."""
    ruleset, subject, track = drafted.ruleset, drafted.subject, drafted.track
    if ruleset is None or subject is None or track is None:
        return None
    if len(subject.document) > _LARGEST_COMPARED:
        return Asked(
            trouble=f"What is in use is not asked about an account of more than {_LARGEST_COMPARED:,} characters."
        )
    try:
        in_use = service.rulesets.in_use()
        in_use.check_track(track)
    except ProblemError as problem:
        return Asked(trouble=problem.details.detail)
    titles = {one.ruleset.id: one.ruleset.title for one in in_use.compiled if one.ruleset.id == ruleset}
    if not titles:
        return None
    return await asyncio.to_thread(ask_about, in_use.rulesets, subject, track=track, ruleset=ruleset, titles=titles)


async def _show(scope: Scope, desk: Desk, shown: Shown, *, status: int = 200) -> Response[bytes]:
    service = find_service(scope)
    token: Token = scope["auth"]
    asked = None if shown.drafted is None else shown.drafted.asked
    subject = None if shown.drafted is None else shown.drafted.subject
    ladder = None if asked is None else asked.ladder
    told = {
        "desk": desk,
        "account": desk.account if desk.account.strip() or subject is None else subject.document,
        "day": (subject.day if subject is not None else desk.day) or service.now().date(),
        "shown": shown,
        "asked": asked,
        "decision": _read_decision(asked),
        "changes": _compare(shown.in_use, asked),
        "steps": _pair(shown.in_use, asked),
        "picture": None if ladder is None or not ladder.rungs else _write_picture(write_svg(ladder)),
        "in_use": await list_in_use(service),
        "may_publish": PUBLISH.scope in token.scopes,
        "may_take": READ_ACCOUNT.scope in token.scopes,
    }
    return show(scope, "sandbox", told, status=status)


def _read_decision(asked: Asked | None) -> dict[str, object] | None:
    if asked is None or asked.decision is None:
        return None
    decision: dict[str, object] = FREE_JSON.decode(asked.decision)
    return decision


def _compare(in_use: Asked | None, asked: Asked | None) -> tuple[PartChange, ...] | None:
    """Return what differs; None where one of the two says nothing."""
    was, becomes = _read_decision(in_use), _read_decision(asked)
    return None if was is None or becomes is None else list_changes(was, becomes)


def _pair(in_use: Asked | None, asked: Asked | None) -> tuple[LadderStep, ...]:
    was, becomes = (None if each is None else each.ladder for each in (in_use, asked))
    return pair_ladders(was, becomes)


def _write_picture(svg: str) -> str:
    """Write a picture as the address of itself: of a draft nothing is kept that an address could name."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
