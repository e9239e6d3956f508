"""Today: what is due, for whom and how much, what waits for approval; and what people say of it."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.entering import actor_of, read_form, read_text
from api.console.screen import SCREEN_KEY, Screen, go, show, stay_within
from api.console.tables import Column, Sheet, arrange, read_asked, send_csv, turn_pages
from api.problems import ProblemError, refuse_parameter
from api.requests import check_words
from api.routes.worklist import APPROVE, LIST, SNOOZE, filter_of
from api.service import find_service
from api.workmessages import WorklistQuery
from store.worklist import WorkItem

STATES = ("ready", "approval", "scheduled", "taken", "snoozed")
_ITEM = "/work/{decision_id:str}"
_SAID = "An item rests until a day to come, written year-month-day."
_LONGEST_REASON, _LONGEST_NAME = 1000, 256
_MOST_SHOWN = 100
_ROWS_AT_ONCE = 500
WORK = Sheet[WorkItem](
    "work",
    (
        Column("account", "Account", lambda item: item.account_id),
        Column("step", "Step", lambda item: item.title or item.rule),
        Column("action", None, lambda item: item.action),
        Column("channel", "By", lambda item: item.channel),
        Column("when", "When", lambda item: item.scheduled_for),
        Column("collectable", "To be collected", lambda item: item.collectable, is_figure=True),
        Column("currency", None, lambda item: item.currency),
        Column("promised_by", "Promise", lambda item: item.promised_by),
        Column("promised", None, lambda item: item.promised),
        Column("broken_promises", None, lambda item: item.broken_promises),
        Column("state", "State", lambda item: "refused" if item.is_refused else item.state),
        Column("assigned_to", None, lambda item: item.assigned_to),
        Column("decision", None, lambda item: item.decision_id),
    ),
)


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the items shown are of a currency, and what is to be collected on them."""

    currency: str
    count: int
    amount: Decimal


@get("/", opt={SCREEN_KEY: Screen(scope=LIST.scope)})
async def show_today(scope: Scope) -> Response[Any]:
    """Show the worklist, most money first."""
    asked, order = read_asked(scope, WorklistQuery)
    check_words(asked.action, asked.channel, refuse_parameter)
    service = find_service(scope)
    now = service.now()
    wanted = filter_of(asked, asked.state)

    async def read(cursor: str | None) -> tuple[Sequence[WorkItem], str | None]:
        page = await service.store.worklist.list(wanted, now=now, cursor=cursor, limit=_ROWS_AT_ONCE)
        return page.items, page.next_cursor

    if order.csv == WORK.name:
        return send_csv(WORK, turn_pages(read))
    try:
        page = await service.store.worklist.list(
            wanted, now=now, cursor=asked.cursor, limit=min(asked.limit, _MOST_SHOWN)
        )
    except ValueError as error:
        raise refuse_parameter("cursor", f"{error}.") from None
    told = {
        "asked": asked,
        "states": STATES,
        "table": arrange(order, WORK, page.items, is_part=page.next_cursor is not None or asked.cursor is not None),
        "next": None if page.next_cursor is None else order.address(without=("cursor",), cursor=page.next_cursor),
        "sums": _sum(page.items),
        "waits_since": service.due.oldest_at,
        "now": now,
    }
    return show(scope, "today", told)


@post(f"{_ITEM}/approve", opt={SCREEN_KEY: Screen(scope=APPROVE.scope)})
async def approve_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Let an item be done."""
    scope = request.scope
    form = await read_form(scope, request.receive)
    await find_service(scope).store.worklist.approve(decision_id, now=_now(scope), actor=actor_of(scope))
    return _back(form, "The step is approved. It is carried out at its time, if it is still the same by then.")


@post(f"{_ITEM}/refuse", opt={SCREEN_KEY: Screen(scope=APPROVE.scope)})
async def refuse_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Have an item not done, until the account changes or a day has come."""
    scope = request.scope
    form = await read_form(scope, request.receive)
    until = _read_day(form, _now(scope)) if form.get("until") else None
    worklist = find_service(scope).store.worklist
    reason = _read_reason(form)
    await worklist.refuse(decision_id, until=until, reason=reason, now=_now(scope), actor=actor_of(scope))
    ends = "the account changes" if until is None else f"{until:%Y-%m-%d}, or until the account changes"
    return _back(form, f"The step is refused until {ends}: {reason}")


@post(f"{_ITEM}/snooze", opt={SCREEN_KEY: Screen(scope=SNOOZE.scope)})
async def snooze_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Let an item rest until a day."""
    scope = request.scope
    form = await read_form(scope, request.receive)
    worklist = find_service(scope).store.worklist
    until = _read_day(form, _now(scope))
    reason = _read_reason(form)
    await worklist.snooze(decision_id, until=until, reason=reason, now=_now(scope), actor=actor_of(scope))
    return _back(form, f"The step rests until {until:%Y-%m-%d}: {reason}")


@post(f"{_ITEM}/assign", opt={SCREEN_KEY: Screen(scope=SNOOZE.scope)})
async def assign_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Say whose an item is; nobody's where nothing is written."""
    scope = request.scope
    form = await read_form(scope, request.receive)
    worklist = find_service(scope).store.worklist
    to = read_text(form, "to", "A name", _LONGEST_NAME) if form.get("to") else None
    await worklist.assign(decision_id, to=to, now=_now(scope), actor=actor_of(scope))
    return _back(form, "The step is nobody's now." if to is None else f"The step is {to}'s now.")


async def read_work(scope: Scope, account_id: str, tracks: tuple[str, ...]) -> tuple[WorkItem, ...]:
    """Read what is to be done about an account."""
    service = find_service(scope)
    found = [await service.store.worklist.read(account_id, track, now=service.now()) for track in tracks]
    return tuple(item for item in found if item is not None)


def _sum(items: tuple[WorkItem, ...]) -> tuple[Sum, ...]:
    sums: dict[str, Sum] = {}
    for item in items:
        if item.currency is not None:
            before = sums.get(item.currency, Sum(currency=item.currency, count=0, amount=Decimal(0)))
            amount = before.amount + (item.collectable or 0)
            sums[item.currency] = Sum(currency=item.currency, count=before.count + 1, amount=amount)
    return tuple(sums[currency] for currency in sorted(sums))


def _read_day(form: dict[str, str], now: dt.datetime) -> dt.datetime:
    """Read a day, at whose beginning (UTC) an item rests no more."""
    try:
        day = dt.datetime.combine(dt.date.fromisoformat(form.get("until", "")), dt.time(), dt.UTC)
    except ValueError:
        raise ProblemError("invalid-request", _SAID) from None
    if day <= now:
        raise ProblemError("invalid-request", _SAID)
    return day


def _read_reason(form: dict[str, str]) -> str:
    return read_text(form, "reason", "A reason", _LONGEST_REASON)


def _now(scope: Scope) -> dt.datetime:
    return find_service(scope).now()


def _back(form: dict[str, str], said: str) -> Response[bytes]:
    """Go back to the page that the form stood on, where it is said what was done."""
    return go(stay_within(form.get("back")), said=said)
