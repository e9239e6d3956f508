"""Events: what other systems were told, and how it was delivered to each of them."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.entering import read_form
from api.console.screen import HOME, SCREEN_KEY, Screen, go, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv, turn_pages
from api.routes.events import LIST
from api.routes.webhooks import AGAIN, DELIVERIES, RESUME
from api.service import find_service
from store.deliveries import Delivery
from store.outbox import ToldEvent
from store.tokens import Token
from store.webhooks import Webhook

_ROWS_AT_ONCE = 1000
_ROWS = 100
_WEBHOOK = "/audit/webhooks/{webhook_id:str}"
STATES = ("waiting", "delivered", "given_up")

EVENTS = Sheet[ToldEvent](
    "events",
    (
        Column("at", "When", lambda each: each.at),
        Column("type", "What", lambda each: each.type),
        Column("subject", "To what", lambda each: each.subject),
        Column("place", "Place", lambda each: each.sequence, is_figure=True),
        Column("event", None, lambda each: each.id),
        Column("data", None, lambda each: each.data.decode()),
    ),
)
WEBHOOKS = Sheet[Webhook](
    "webhooks",
    (
        Column("url", "Endpoint", lambda each: each.url),
        Column("types", "What it is told", lambda each: each.types or "everything"),
        Column("created_at", "Since", lambda each: each.created_at),
        Column("failing_since", "Fails since", lambda each: each.failing_since),
        Column("ended_at", "Off since", lambda each: each.ended_at),
        Column("ended_why", None, lambda each: each.ended_why),
    ),
)
SENT = Sheet[Delivery](
    "deliveries",
    (
        Column("at", "Happened", lambda each: each.at),
        Column("type", "What", lambda each: each.type),
        Column("subject", "To what", lambda each: each.subject),
        Column("state", "State", lambda each: each.state),
        Column("attempts", "Tried", lambda each: each.attempts, is_figure=True),
        Column("last_at", "Last tried", lambda each: each.last_at),
        Column("last_status", None, lambda each: each.last_status),
        Column("last_error", None, lambda each: each.last_error),
        Column("event", None, lambda each: each.id),
    ),
)


class Page(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those before a place."""

    cursor: int | None = None


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which deliveries."""

    state: Literal["waiting", "delivered", "given_up"] | None = None
    cursor: int | None = None


@get("/audit/events", opt={SCREEN_KEY: Screen(scope=LIST.scope)})
async def show_events(scope: Scope) -> Response[Any]:
    """List who is told, and what was told last."""
    asked, order = read_asked(scope, Page)
    store = find_service(scope).store

    async def read(cursor: int | None) -> tuple[Sequence[ToldEvent], int | None]:
        events = await store.outbox.list_last(before=cursor, limit=_ROWS_AT_ONCE)
        return events, events[-1].sequence if len(events) == _ROWS_AT_ONCE else None

    if order.csv == EVENTS.name:
        return send_csv(EVENTS, turn_pages(read))
    webhooks = await store.webhooks.list()
    if order.csv == WEBHOOKS.name:
        return send_csv(WEBHOOKS, one_page(webhooks))
    events = await store.outbox.list_last(before=asked.cursor, limit=_ROWS + 1)
    more = len(events) > _ROWS
    told = {
        "webhooks": arrange(order, WEBHOOKS, webhooks),
        "events": arrange(order, EVENTS, events[:_ROWS], is_part=more or asked.cursor is not None),
        "next": order.address(without=("cursor",), cursor=f"{events[_ROWS - 1].sequence}") if more else None,
    }
    return show(scope, "events", told)


@get(_WEBHOOK, opt={SCREEN_KEY: Screen(scope=DELIVERIES.scope)})
async def show_webhook(scope: Scope, webhook_id: FromPath[str]) -> Response[Any]:
    """Show how events were delivered to an endpoint, newest first."""
    asked, order = read_asked(scope, Filter)
    store = find_service(scope).store
    webhook = await store.webhooks.read(webhook_id)

    async def read(cursor: int | None) -> tuple[Sequence[Delivery], int | None]:
        sent = await store.deliveries.list(webhook_id, state=asked.state, before=cursor, limit=_ROWS_AT_ONCE)
        return sent, sent[-1].sequence if len(sent) == _ROWS_AT_ONCE else None

    if order.csv == SENT.name:
        return send_csv(SENT, turn_pages(read))
    sent = await store.deliveries.list(webhook_id, state=asked.state, before=asked.cursor, limit=_ROWS + 1)
    more = len(sent) > _ROWS
    told = {
        "webhook": webhook,
        "asked": asked,
        "states": STATES,
        "table": arrange(order, SENT, sent[:_ROWS], is_part=more or asked.cursor is not None),
        "next": order.address(without=("cursor",), cursor=f"{sent[_ROWS - 1].sequence}") if more else None,
    }
    return show(scope, "webhook", told)


@post(f"{_WEBHOOK}/again", opt={SCREEN_KEY: Screen(scope=AGAIN.scope)})
async def send_again(request: Request[object, object, State], webhook_id: FromPath[str]) -> Response[bytes]:
    """Let an event be sent again."""
    scope = request.scope
    form = await read_form(scope, request.receive)
    service = find_service(scope)
    count = await service.store.deliveries.send_again(webhook_id, service.now(), events=(form.get("event", ""),))
    said = "The event is sent again." if count else "Nothing is sent: the endpoint is not told events like this one."
    return go(f"{HOME}/audit/webhooks/{webhook_id}", said=said)


@post(f"{_WEBHOOK}/resume", opt={SCREEN_KEY: Screen(scope=RESUME.scope)})
async def resume(scope: Scope, webhook_id: FromPath[str]) -> Response[bytes]:
    """Send to an endpoint again that was given up."""
    token: Token = scope["auth"]
    await find_service(scope).store.webhooks.resume(webhook_id, actor=token.id, name=token.name)
    return go(f"{HOME}/audit/webhooks/{webhook_id}")
