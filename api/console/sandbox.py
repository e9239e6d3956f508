"""The sandbox: a draft with what is wrong with it, what it decides about an account, and what is different by it.

It is kept by nobody but the browser, and logged only once it is published.
"""

import asyncio
import base64
import datetime as dt
import re

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.response import Response
from litestar.types import Scope

from api.auth import note_access
from api.console.entering import FORM_TYPE, read_texts, require
from api.console.screen import HEADERS, HOME, SCREEN_KEY, Screen, go, show
from api.drafting import Asked, Draft, Drafted, Subject, ask_about
from api.examining import Assignment, Examined, Manuscript
from api.forking import Exhausted
from api.histories import write_document
from api.operation import MEBIBYTE, Body
from api.problems import ProblemError, refuse_parameter
from api.publishing import publish
from api.replaying import FactsErased, remember
from api.requests import check_year, read_query
from api.routes.accounts import GET as READ_ACCOUNT
from api.routes.decisions import READ as READ_DECISION
from api.routes.rulesets import PUBLISH, READ_VERSION, read_version
from api.service import Service, find_service
from api.staying import while_there
from api.versions import name_version
from engine.model.diagnostic import Diagnostic
from engine.model.exactjson import FREE_JSON
from pages.decisionchange import PartChange, list_changes
from pages.ladderchange import LadderStep, pair_ladders
from pages.timelinepicture import write_svg
from store.rulesets import Provenance, RulesetVersion, VersionHead
from store.tokens import Token

_FORM = Body(record=str, media_types=(FORM_TYPE,), most_bytes=4 * MEBIBYTE)
_BLANK = """\
ruleset: my-first
title: My first ruleset
currency: EUR
timezone: Europe/Amsterdam
rules:
  - id: reminder
    title: Friendly reminder
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: [preferred, email]}
"""
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_EXHAUSTED = "It could not be examined within the time and memory that a draft may use. Split the ruleset."
_OUTDATED = (
    "was published since this draft was begun. Begin again from it, and carry your change over; the file keeps it."
)


class Begin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one begins from: a version (left out: one in use), a stored account, or a decision with its account."""

    ruleset: str | None = None
    version: int | None = None
    account: str | None = None
    decision: str | None = None
    day: dt.date | None = None


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The version that a draft was begun from; ``digest`` is what nobody may have replaced when it is published."""

    ruleset: str
    number: int
    digest: str
    facts: str | None = None
    guarantees: str | None = None
    suite: str | None = None


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What lies on the desk: the draft, what it was begun from, and the account, as JSON, with the day."""

    text: str
    base: Base | None
    account: str
    day: dt.date | None
    account_id: str = ""

    @property
    def manuscript(self) -> Manuscript:
        """The draft with what belongs to it."""
        base = self.base
        if base is None:
            return Manuscript(text=self.text)
        file = f"{base.ruleset}.yaml"
        return Manuscript(text=self.text, facts=base.facts, guarantees=base.guarantees, suite=base.suite, file=file)


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
    desk = await _begin(scope, asked)
    service = find_service(scope)
    return await _show(scope, desk, await _ask(service, desk, is_thorough=False))


@post("/sandbox", opt={SCREEN_KEY: Screen(scope=READ_VERSION.scope)}, status_code=200)
async def ask_sandbox(request: Request[object, object, State]) -> Response[bytes]:
    """Say what is wrong with a draft, and what it decides; in passing, while somebody types, without the analysis."""
    scope = request.scope
    form = await read_texts(scope, request.receive, _FORM)
    desk = await _read_desk(scope, form)
    asking = _ask(find_service(scope), desk, is_thorough="passing" not in form)
    return await _show(scope, desk, await while_there(request.receive, asking))


@post("/sandbox/account", opt={SCREEN_KEY: Screen(scope=READ_ACCOUNT.scope)}, status_code=200)
async def take_account(request: Request[object, object, State]) -> Response[bytes]:
    """Put a stored account on the desk, with what was executed and what came of it."""
    scope = request.scope
    form = await read_texts(scope, request.receive, _FORM)
    desk = await _read_desk(scope, form)
    token: Token = scope["auth"]
    require(token, READ_VERSION.scope)
    service = find_service(scope)
    what = f"POST {scope['path']} {desk.account_id}"
    await service.store.accesses.record(actor=token.id, name=token.name, what=what)
    desk = msgspec.structs.replace(desk, account=await _read_account(service, desk.account_id))
    return await _show(scope, desk, await _ask(service, desk, is_thorough=False))


@post("/sandbox/file", opt={SCREEN_KEY: Screen(scope=READ_VERSION.scope)}, status_code=200)
async def download_draft(request: Request[object, object, State]) -> Response[bytes]:
    """Answer the draft as a file, to be handed on: it never stands in an address."""
    form = await read_texts(request.scope, request.receive, _FORM)
    name = (await _read_desk(request.scope, form)).manuscript.file
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(form.get("text", "").encode(), media_type="application/yaml", headers=headers)


@post("/sandbox/publish", opt={SCREEN_KEY: Screen(scope=PUBLISH.scope)})
async def publish_draft(request: Request[object, object, State]) -> Response[bytes]:
    """Publish the draft as the next version, if what it was begun from is the newest yet."""
    scope = request.scope
    form = await read_texts(scope, request.receive, _FORM)
    desk = await _read_desk(scope, form)
    service = find_service(scope)
    token: Token = scope["auth"]
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
        raise ProblemError("revision-mismatch", f"Version {newest.number} of {ruleset_id} {_OUTDATED}")


async def _begin(scope: Scope, asked: Begin) -> Desk:
    """Lay out a desk to begin with."""
    service, token = find_service(scope), scope["auth"]
    account, day, ruleset, number = "", asked.day, asked.ruleset, asked.version
    if asked.account is not None or asked.decision is not None:
        require(token, READ_ACCOUNT.scope if asked.account is not None else READ_DECISION.scope)
        await note_access(scope, token)
    if asked.account is not None:
        account = await _read_account(service, asked.account)
    elif asked.decision is not None:
        logged = await service.store.decisions.read(asked.decision)
        if logged is None:
            raise ProblemError("unknown-decision", f"No decision {asked.decision!r} is in the log.")
        try:
            remembered = remember(logged)
        except FactsErased as problem:
            raise ProblemError("facts-erased", f"{problem}.") from None
        beside = {"history": remembered.history, "outcomes": remembered.outcomes}
        document = {**remembered.account, **{name: each for name, each in beside.items() if each}}
        account = _write(msgspec.json.encode(document))
        day = day or dt.datetime.fromisoformat(FREE_JSON.decode(remembered.answer)["as_of"]).date()
        if ruleset is None:
            ruleset, number = logged.ruleset_id, logged.version
    version = await _find_version(service, ruleset, number)
    base = None if version is None else _base_of(version)
    text = _BLANK if version is None else version.draft.text
    return Desk(text=text, base=base, account=account, day=day, account_id=asked.account or "")


async def _find_version(service: Service, ruleset: str | None, number: int | None) -> RulesetVersion | None:
    """Find the version that one begins from: the one named, or the newest in use."""
    if number is not None:
        if ruleset is None:
            raise refuse_parameter("version", "a version needs `ruleset` beside it.")
        return await read_version(service, ruleset, number)
    head = next((each for each in await _list_in_use(service) if ruleset in {None, each.ruleset_id}), None)
    if head is None:
        if ruleset is not None:
            raise ProblemError("unknown-ruleset", f"No version of {ruleset!r} is in use.")
        return None
    return await read_version(service, head.ruleset_id, head.number)


async def _read_in_use(service: Service, base: Base | None) -> RulesetVersion | None:
    """Read the newest version in use of what a draft was begun from."""
    if base is None:
        return None
    head = next((each for each in await _list_in_use(service) if each.ruleset_id == base.ruleset), None)
    return None if head is None else await service.store.rulesets.read_version(head.ruleset_id, head.number)


async def _list_in_use(service: Service) -> tuple[VersionHead, ...]:
    """List the newest version in use of each ruleset."""
    heads = await service.store.rulesets.list_versions()
    return tuple({each.ruleset_id: each for each in reversed(heads) if each.is_active}.values())[::-1]


async def _read_desk(scope: Scope, form: dict[str, str]) -> Desk:
    """Read what a form brings back."""
    service, ruleset, version = find_service(scope), form.get("ruleset", ""), form.get("version", "")
    base = None
    if ruleset:
        if _NUMBER.fullmatch(version) is None:
            raise refuse_parameter("version", "the number of a version is needed.")
        base = _base_of(await read_version(service, ruleset, int(version)))
    return Desk(
        text=form.get("text", ""),
        base=base,
        account=form.get("account", ""),
        day=_read_day(form.get("day", "")),
        account_id=form.get("account_id", "").strip(),
    )


def _read_day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise refuse_parameter("day", f"a day is written year-month-day, not {text!r}.") from None
    check_year(day, refuse_parameter, "day")
    return day


async def _read_account(service: Service, account_id: str) -> str:
    stored = await service.store.accounts.read_with_history(account_id)
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    return _write(write_document(stored))


def _base_of(version: RulesetVersion) -> Base:
    draft = version.draft
    return Base(
        ruleset=draft.ruleset_id,
        number=version.number,
        digest=draft.digest,
        facts=draft.facts_text,
        guarantees=draft.guarantees_text,
        suite=draft.suite_text,
    )


async def _ask(service: Service, desk: Desk, *, is_thorough: bool) -> Shown:
    """Ask the draft, and then what is in use, about the account."""
    today = service.now().date()
    day = desk.day or today
    subject = Subject(document=desk.account, day=day) if desk.account.strip() else None
    in_use = await _read_in_use(service, desk.base) if is_thorough else None
    draft = Draft(manuscript=desk.manuscript, subject=subject, today=today, is_thorough=is_thorough, in_use=in_use)
    try:
        answer = await service.drafts.ask(msgspec.json.encode(draft))
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
        "in_use": await _list_in_use(service),
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


def _write(document: bytes) -> str:
    return msgspec.json.format(document).decode()
