"""Webhooks: where events are sent, how that went, and sending them again."""

import datetime as dt

from litestar import delete, get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import Reply, answer_json, answer_once, encode
from api.endpoints import refuse_endpoint
from api.operation import ONCE, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError, refuse_place
from api.requests import decode_strictly, read_body, read_query
from api.service import find_service
from api.webhookmessages import (
    Deliveries,
    DeliveriesQuery,
    NewWebhook,
    SendAgainAnswer,
    SendAgainRequest,
    Webhook,
    WebhookRequest,
    Webhooks,
    show_delivery,
    show_new_webhook,
    show_webhook,
)
from engine.model.exactjson import make_decoder
from store.events import EVENTS
from store.tokens import Token
from store.webhooks import WebhookDraft

_CREATE_BODY = Body(record=WebhookRequest)
_CREATE_REQUEST = make_decoder(WebhookRequest)
_AGAIN_BODY = Body(record=SendAgainRequest)
_AGAIN_REQUEST = make_decoder(SendAgainRequest)
_TYPES = tuple(event.type for event in EVENTS)
_LAST_PLACE = (1 << 63) - 1
_ONCE_PROBLEMS = ("idempotency-conflict", "answer-pending")

CREATE = Operation(
    name="createWebhook",
    summary="Have events sent to an endpoint from now on, signed as Standard Webhooks are.",
    method="POST",
    scope="events",
    body=_CREATE_BODY,
    answers=(Answer(about="Made; a shared secret is shown this once.", status=201, record=NewWebhook),),
    headers=ONCE,
    problems=("unavailable", *_ONCE_PROBLEMS),
)
LIST = Operation(
    name="listWebhooks",
    summary="Every webhook, oldest first.",
    scope="events",
    answers=(Answer(about="Without their secrets.", record=Webhooks),),
    problems=("unavailable",),
)
READ = Operation(
    name="getWebhook",
    summary="A webhook, and whether its endpoint fails.",
    scope="events",
    answers=(Answer(about="Without its secret.", record=Webhook),),
    problems=("unknown-webhook", "unavailable"),
)
DELETE = Operation(
    name="deleteWebhook",
    summary="Forget a webhook and its deliveries.",
    method="DELETE",
    scope="events",
    answers=(Answer(about="Nothing is sent to it any more.", status=204),),
    problems=("unknown-webhook", "unavailable"),
)
ROTATE = Operation(
    name="rotateWebhookSecret",
    summary="Sign with a new key; for 24 hours the one before signs as well.",
    method="POST",
    scope="events",
    answers=(Answer(about="A shared secret is shown this once.", record=NewWebhook),),
    headers=ONCE,
    problems=("unknown-webhook", "unavailable", *_ONCE_PROBLEMS),
)
RESUME = Operation(
    name="resumeWebhook",
    summary="Send again to an endpoint that was gone, or failed for five days; what waits is sent at once.",
    method="POST",
    scope="events",
    answers=(Answer(about="The webhook as it is now.", record=Webhook),),
    problems=("unknown-webhook", "unavailable"),
)
DELIVERIES = Operation(
    name="listDeliveries",
    summary="How events were delivered to a webhook, newest first.",
    scope="events",
    query=DeliveriesQuery,
    answers=(Answer(about="A page; `next_cursor` asks for the one after it.", record=Deliveries),),
    problems=("unknown-webhook", "unavailable"),
)
AGAIN = Operation(
    name="sendAgain",
    summary="Send events again, by id or in a range; those too that happened before the webhook was made.",
    method="POST",
    scope="events",
    body=_AGAIN_BODY,
    answers=(Answer(about="They will be sent, with their ids.", record=SendAgainAnswer),),
    problems=("unknown-webhook", "unavailable"),
)


@post("/v1/webhooks", status_code=201, opt={OPT_KEY: CREATE})
async def create_webhook(request: Request[object, object, State]) -> Response[bytes]:
    """Make a webhook."""
    scope = request.scope
    body = await read_body(scope, request.receive, _CREATE_BODY)
    given: WebhookRequest = decode_strictly(_CREATE_REQUEST, body)
    token: Token = scope["auth"]
    if given.allow_private and "admin" not in token.scopes:
        raise ProblemError("scope-required", "`allow_private` needs a token with the scope 'admin' as well.")
    refusal = refuse_endpoint(given.url, allow_private=given.allow_private)
    if refusal is not None:
        raise refuse_place("/url", refusal)
    for place, wanted in enumerate(given.types or ()):
        if wanted not in _TYPES:
            raise refuse_place(f"/types/{place}", f"{wanted!r} is no type of event; they are {', '.join(_TYPES)}.")
    draft = WebhookDraft(
        url=given.url,
        types=given.types,
        in_order=given.in_order,
        allow_private=given.allow_private,
        scheme=given.signature,
    )

    async def make() -> Reply:
        made = await find_service(scope).store.webhooks.create(draft, actor=token.id, name=token.name)
        return Reply(status=201, body=encode(show_new_webhook(made)))

    return (await answer_once(scope, body, make)).respond()


@get("/v1/webhooks", opt={OPT_KEY: LIST})
async def list_webhooks(scope: Scope) -> Response[bytes]:
    """List every webhook."""
    webhooks = await find_service(scope).store.webhooks.list()
    return answer_json(Webhooks(webhooks=tuple(map(show_webhook, webhooks))))


@get("/v1/webhooks/{webhook_id:str}", opt={OPT_KEY: READ})
async def get_webhook(scope: Scope, webhook_id: FromPath[str]) -> Response[bytes]:
    """Read one webhook."""
    return answer_json(show_webhook(await find_service(scope).store.webhooks.read(webhook_id)))


@delete("/v1/webhooks/{webhook_id:str}", opt={OPT_KEY: DELETE})
async def delete_webhook(scope: Scope, webhook_id: FromPath[str]) -> None:
    """Delete a webhook."""
    token: Token = scope["auth"]
    await find_service(scope).store.webhooks.delete(webhook_id, actor=token.id, name=token.name)


@post("/v1/webhooks/{webhook_id:str}/rotate", status_code=200, opt={OPT_KEY: ROTATE})
async def rotate_secret(scope: Scope, webhook_id: FromPath[str]) -> Response[bytes]:
    """Make a new key."""
    token: Token = scope["auth"]

    async def make() -> Reply:
        now = dt.datetime.now(dt.UTC)
        webhooks = find_service(scope).store.webhooks
        rotated = await webhooks.rotate(webhook_id, now, actor=token.id, name=token.name)
        return Reply(body=encode(show_new_webhook(rotated)))

    return (await answer_once(scope, b"", make)).respond()


@post("/v1/webhooks/{webhook_id:str}/resume", status_code=200, opt={OPT_KEY: RESUME})
async def resume_webhook(scope: Scope, webhook_id: FromPath[str]) -> Response[bytes]:
    """Send to it again."""
    token: Token = scope["auth"]
    webhooks = find_service(scope).store.webhooks
    return answer_json(show_webhook(await webhooks.resume(webhook_id, actor=token.id, name=token.name)))


@get("/v1/webhooks/{webhook_id:str}/deliveries", opt={OPT_KEY: DELIVERIES})
async def list_deliveries(scope: Scope, webhook_id: FromPath[str]) -> Response[bytes]:
    """List how events were delivered."""
    asked = read_query(scope, DeliveriesQuery)
    before = None if asked.cursor is None else int(asked.cursor)
    deliveries = find_service(scope).store.deliveries
    found = await deliveries.list(webhook_id, state=asked.state, before=before, limit=asked.limit + 1)
    shown = tuple(map(show_delivery, found[: asked.limit]))
    cursor = str(found[asked.limit - 1].sequence) if len(found) > asked.limit else None
    return answer_json(Deliveries(deliveries=shown, next_cursor=cursor))


@post("/v1/webhooks/{webhook_id:str}/send-again", status_code=200, opt={OPT_KEY: AGAIN})
async def send_again(request: Request[object, object, State], webhook_id: FromPath[str]) -> Response[bytes]:
    """Send events again."""
    scope = request.scope
    body = await read_body(scope, request.receive, _AGAIN_BODY)
    given: SendAgainRequest = decode_strictly(_AGAIN_REQUEST, body)
    if given.events is None and given.after is None:
        raise refuse_place("", "name `events`, or say with `after` behind which they are sent.")
    count = await find_service(scope).store.deliveries.send_again(
        webhook_id,
        dt.datetime.now(dt.UTC),
        events=given.events or (),
        after=None if given.after is None else int(given.after),
        until=_LAST_PLACE if given.until is None else int(given.until),
    )
    return answer_json(SendAgainAnswer(count=count))
