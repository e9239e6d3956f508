"""Rulesets and their immutable versions."""

import contextlib
import itertools
from collections.abc import Iterable

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import Reply, answer_cached, answer_once, encode
from api.examining import Manuscript
from api.operation import JSON, MEBIBYTE, ONCE, OPT_KEY, YAML, Answer, Body, Operation
from api.problems import ProblemError, refuse_place
from api.publishing import Published, publish
from api.requests import check_media_type, check_year, decode_strictly, read_body, read_query
from api.rulesetmessages import (
    Approval,
    PublishAnswer,
    PublishQuery,
    PublishRequest,
    Rulesets,
    RulesetSummary,
    VersionEvent,
    VersionHead,
    VersionWhole,
)
from api.service import Service, find_service
from api.staying import while_there
from engine.model.diagnostic import Diagnostic
from engine.model.exactjson import make_decoder
from engine.proofs.guarantees import Told
from store import rulesets as stored
from store.errors import StoreError, Unstorable
from store.tokens import Token

_BODY = Body(
    record=PublishRequest,
    media_types=(YAML, JSON),
    aliases=("text/yaml", "application/x-yaml", "text/x-yaml"),
    most_bytes=4 * MEBIBYTE,
)
_REQUEST = make_decoder(PublishRequest)
_DIAGNOSTICS = msgspec.json.Decoder(tuple[Diagnostic, ...])
_VERDICTS = msgspec.json.Decoder(tuple[Told, ...])
_CHANGEABLE = {"If-None-Match": "An ETag: 304 if nothing changed."}

PUBLISH = Operation(
    name="publishRuleset",
    summary="Check a ruleset and publish it as an immutable version; the same content again answers the version it is.",
    method="POST",
    scope="publish",
    query=PublishQuery,
    body=_BODY,
    answers=(
        Answer(about="Published as a new version.", status=201, record=PublishAnswer),
        Answer(about="This content is a version already.", status=200, record=PublishAnswer),
    ),
    headers=ONCE,
    problems=(
        "invalid-ruleset",
        "suite-failed",
        "rulesets-overlap",
        "too-many-requests",
        "unavailable",
        "idempotency-conflict",
        "answer-pending",
    ),
)
LIST = Operation(
    name="listRulesets",
    summary="Every ruleset with the heads of its versions.",
    scope="audit",
    answers=(Answer(about="By id; versions newest first.", record=Rulesets),),
    headers=_CHANGEABLE,
    problems=("unavailable",),
)
READ = Operation(
    name="getRuleset",
    summary="One ruleset with the heads of its versions.",
    scope="audit",
    answers=(Answer(about="The ruleset.", record=RulesetSummary),),
    headers=_CHANGEABLE,
    problems=("unknown-ruleset", "unavailable"),
)
LIST_VERSIONS = Operation(
    name="listVersions",
    summary="The heads of a ruleset's versions.",
    scope="audit",
    answers=(Answer(about="Newest first.", record=RulesetSummary),),
    headers=_CHANGEABLE,
    problems=("unknown-ruleset", "unavailable"),
)
READ_VERSION = Operation(
    name="getVersion",
    summary="One version: its text as written, its canonical form, its provenance, its warnings.",
    scope="audit",
    answers=(Answer(about="The version.", record=VersionWhole),),
    headers=_CHANGEABLE,
    problems=("unknown-ruleset", "unavailable"),
)


@post("/v1/rulesets", status_code=201, opt={OPT_KEY: PUBLISH})
async def publish_ruleset(request: Request[object, object, State]) -> Response[bytes]:
    """Publish a ruleset sent as YAML, or as JSON with what belongs to it."""
    scope = request.scope
    body = await read_body(scope, request.receive, _BODY)
    asked = _read_manuscript(scope, body)
    service = find_service(scope)
    token: Token = scope["auth"]

    async def make() -> Reply:
        return await while_there(request.receive, _publish(service, asked, token))

    return (await answer_once(scope, body, make)).respond()


@get("/v1/rulesets", opt={OPT_KEY: LIST})
async def list_rulesets(scope: Scope) -> Response[bytes]:
    """List all rulesets."""
    heads = await find_service(scope).store.rulesets.list_versions()
    groups = itertools.groupby(heads, key=lambda head: head.ruleset_id)
    return answer_cached(scope, encode(Rulesets(rulesets=tuple(_summary(name, group) for name, group in groups))))


@get("/v1/rulesets/{ruleset_id:str}", opt={OPT_KEY: READ})
async def get_ruleset(scope: Scope, ruleset_id: FromPath[str]) -> Response[bytes]:
    """Read one ruleset."""
    return await _answer_summary(scope, ruleset_id)


@get("/v1/rulesets/{ruleset_id:str}/versions", opt={OPT_KEY: LIST_VERSIONS})
async def list_versions(scope: Scope, ruleset_id: FromPath[str]) -> Response[bytes]:
    """List a ruleset's versions."""
    return await _answer_summary(scope, ruleset_id)


@get("/v1/rulesets/{ruleset_id:str}/versions/{number:int}", opt={OPT_KEY: READ_VERSION})
async def get_version(scope: Scope, ruleset_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    """Read one version."""
    service = find_service(scope)
    heads = await _list_heads(service, ruleset_id)
    head = next((one for one in heads if one.number == number), None)
    version = await service.store.rulesets.read_version(ruleset_id, number) if head is not None else None
    if head is None or version is None:
        raise ProblemError("unknown-ruleset", f"Ruleset {ruleset_id!r} has no version {number}.")
    draft = version.draft
    events = await service.store.rulesets.list_events(ruleset_id, number)
    whole = VersionWhole(
        **msgspec.structs.asdict(show_head(head)),
        events=tuple(show_event(event) for event in events),
        text=draft.text,
        facts=draft.facts_text,
        scorecard=draft.scorecard_text,
        guarantees=draft.guarantees_text,
        verdicts=_VERDICTS.decode(draft.verdicts or "[]"),
        suite=draft.suite_text,
        canonical=msgspec.Raw(draft.canonical.encode()),
        holidays=msgspec.Raw(draft.holidays.encode()),
        diagnostics=_DIAGNOSTICS.decode(draft.diagnostics),
    )
    return answer_cached(scope, encode(whole))


def _read_manuscript(scope: Scope, body: bytes) -> PublishRequest:
    query = read_query(scope, PublishQuery)
    if check_media_type(scope, _BODY) == JSON:
        asked: PublishRequest = decode_strictly(_REQUEST, body)
        if asked.committed_at is not None:
            check_year(asked.committed_at, refuse_place, "/committed_at")
        return asked
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ProblemError("invalid-ruleset", f"The text is not UTF-8: byte {error.start}.") from None
    told = msgspec.structs.asdict(query) | {"allow_overlap": query.allow_overlap == "true"}
    return PublishRequest(text=text, **told)


async def _publish(service: Service, asked: PublishRequest, token: Token) -> Reply:
    manuscript = Manuscript(
        text=asked.text,
        facts=asked.facts,
        scorecard=asked.scorecard,
        guarantees=asked.guarantees,
        suite=asked.suite,
        file=asked.file or "ruleset.yaml",
    )
    provenance = stored.Provenance(
        publisher=token.id,
        publisher_name=token.name,
        repository=asked.repository,
        commit=asked.commit,
        author=asked.author,
        committer=asked.committer,
        committed_at=asked.committed_at,
    )
    published = await publish(
        service.store.rulesets,
        manuscript,
        provenance,
        service.examiner.examine,
        may_overlap=asked.allow_overlap,
    )
    with contextlib.suppress(StoreError):  # published it is; without this look the news come a moment later
        await service.rulesets.refresh(published.publication.version.draft.ruleset_id)
    return Reply(status=201 if published.publication.is_new else 200, body=encode(await _answer(service, published)))


async def _answer(service: Service, published: Published) -> PublishAnswer:
    version = published.publication.version
    heads = await service.store.rulesets.list_versions(version.draft.ruleset_id)
    head = next(one for one in heads if one.number == version.number)
    return PublishAnswer(
        **msgspec.structs.asdict(show_head(head)),
        is_new=published.publication.is_new,
        diagnostics=published.diagnostics,
    )


async def _answer_summary(scope: Scope, ruleset_id: str) -> Response[bytes]:
    heads = await _list_heads(find_service(scope), ruleset_id)
    if not heads:
        raise ProblemError("unknown-ruleset", f"No ruleset {ruleset_id!r} is published.")
    return answer_cached(scope, encode(_summary(ruleset_id, heads)))


async def read_version(service: Service, ruleset_id: str, number: int) -> stored.RulesetVersion:
    """Read a version that a path or a query names, or say that there is none."""
    try:
        version = await service.store.rulesets.read_version(ruleset_id, number)
    except Unstorable:
        version = None
    if version is None:
        raise ProblemError("unknown-ruleset", f"Ruleset {ruleset_id!r} has no version {number}.")
    return version


async def _list_heads(service: Service, ruleset_id: str) -> tuple[stored.VersionHead, ...]:
    """List a ruleset's versions; a name that cannot be stored is nobody's."""
    try:
        return await service.store.rulesets.list_versions(ruleset_id)
    except Unstorable:
        return ()


def _summary(name: str, heads: Iterable[stored.VersionHead]) -> RulesetSummary:
    return RulesetSummary(ruleset=name, versions=tuple(show_head(head) for head in heads))


def show_event(event: stored.RulesetEvent) -> VersionEvent:
    """Show what happened to a version."""
    return VersionEvent(kind=event.kind, at=event.at, actor=event.actor, note=event.note, digest=event.digest)


def show_head(head: stored.VersionHead) -> VersionHead:
    """Show a version without its texts."""
    provenance = head.provenance
    waits = head.approval_required and head.approved_by is None
    approval: Approval = "pending" if waits else "approved" if head.approved_by is not None else "not_required"
    return VersionHead(
        ruleset=head.ruleset_id,
        version=head.number,
        digest=head.digest,
        is_active=head.is_active,
        effective_from=head.effective_from,
        effective_until=head.effective_until,
        repository=provenance.repository,
        commit=provenance.commit,
        author=provenance.author,
        committer=provenance.committer,
        committed_at=provenance.committed_at,
        publisher=provenance.publisher,
        published_at=head.published_at,
        language_edition=head.language_edition,
        approval=approval,
        approved_by=head.approved_by,
        approved_at=head.approved_at,
        approval_note=head.approval_note,
        waiting=head.waiting,
        waiting_by=head.waiting_by,
    )
