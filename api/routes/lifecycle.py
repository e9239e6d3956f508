"""What happens to a ruleset version after it was published: approved by other eyes, retired, activated again."""

from typing import Literal

from litestar import post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response

from api.answers import Reply, answer_once, encode
from api.auditmessages import VersionEventRequest
from api.operation import ONCE, OPT_KEY, Answer, Body, Operation
from api.problems import refuse_place
from api.requests import decode_strictly, read_body
from api.routes.rulesets import read_version, show_head
from api.rulesetmessages import VersionHead
from api.service import Service, find_service
from api.versionevents import record_event
from engine.model.exactjson import make_decoder
from store.tokens import Token

_BODY = Body(record=VersionEventRequest)
_REQUEST = make_decoder(VersionEventRequest)
_PATH = "/v1/rulesets/{ruleset_id:str}/versions/{number:int}"


def _describe(name: str, summary: str, *problems: str) -> Operation:
    return Operation(
        name=name,
        summary=summary,
        method="POST",
        scope="publish",
        body=_BODY,
        answers=(Answer(about="The version as it is now.", record=VersionHead),),
        headers=ONCE,
        problems=(
            *problems,
            "rulesets-overlap",
            "unknown-ruleset",
            "unavailable",
            "idempotency-conflict",
            "answer-pending",
        ),
    )


APPROVE = _describe(
    "approveVersion",
    "Four eyes: let a version be used; by another token than the one that published it.",
    "own-approval",
)
RETIRE = _describe(
    "retireVersion",
    "Take a version out of use; what it decided stays. With four eyes, once another asks too.",
    "own-approval",
)
ACTIVATE = _describe(
    "activateVersion", "Put a retired version into use again. With four eyes, once another asks too.", "own-approval"
)


@post(f"{_PATH}/approve", status_code=200, opt={OPT_KEY: APPROVE})
async def approve_version(
    request: Request[object, object, State], ruleset_id: FromPath[str], number: FromPath[int]
) -> Response[bytes]:
    """Approve a version."""
    return await _record(request, ruleset_id, number, "approve")


@post(f"{_PATH}/retire", status_code=200, opt={OPT_KEY: RETIRE})
async def retire_version(
    request: Request[object, object, State], ruleset_id: FromPath[str], number: FromPath[int]
) -> Response[bytes]:
    """Retire a version."""
    return await _record(request, ruleset_id, number, "retire")


@post(f"{_PATH}/activate", status_code=200, opt={OPT_KEY: ACTIVATE})
async def activate_version(
    request: Request[object, object, State], ruleset_id: FromPath[str], number: FromPath[int]
) -> Response[bytes]:
    """Activate a version again."""
    return await _record(request, ruleset_id, number, "activate")


async def _record(
    request: Request[object, object, State],
    ruleset_id: str,
    number: int,
    kind: Literal["approve", "retire", "activate"],
) -> Response[bytes]:
    scope = request.scope
    body = await read_body(scope, request.receive, _BODY)
    asked: VersionEventRequest = decode_strictly(_REQUEST, body)
    service = find_service(scope)
    token: Token = scope["auth"]

    async def make() -> Reply:
        await _check(service, ruleset_id, number, asked)
        await record_event(
            service.store.rulesets,
            ruleset_id,
            number,
            kind,
            actor=token.id,
            name=token.name,
            note=asked.note,
            may_overlap=asked.allow_overlap,
        )
        await service.rulesets.refresh(
            ruleset_id
        )  # this process answers accordingly from here on; the others hear of it
        heads = await service.store.rulesets.list_versions(ruleset_id)
        return Reply(body=encode(show_head(next(head for head in heads if head.number == number))))

    return (await answer_once(scope, body, make)).respond()


async def _check(service: Service, ruleset_id: str, number: int, asked: VersionEventRequest) -> None:
    version = await read_version(service, ruleset_id, number)
    if asked.digest is not None and asked.digest != version.draft.digest:
        raise refuse_place("/digest", f"version {number} has the digest {version.draft.digest}.")
