"""An account: how it goes as a picture, its facts and invoices, what was done and what comes, what was decided."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.decision import FACTS
from api.console.decisions import DECISIONS
from api.console.prospects import Entry, Prospect, make_course, read_prospect
from api.console.screen import HOME, SCREEN_KEY, Screen, draw, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv
from api.console.today import read_work
from api.histories import join_history, join_outcomes
from api.problems import ProblemError
from api.requests import NoQuery
from api.routes.accounts import GET
from api.routes.decisions import LIST as LIST_DECISIONS
from api.routes.timeline import GET_TIMELINE
from api.routes.worklist import LIST as LIST_WORK
from api.service import Service, find_service
from engine.model.exactjson import FREE_JSON
from engine.model.money import format_amount
from engine.model.outcome import Promise
from pages.coursepicture import describe_course, draw_course
from pages.ladder import Rung
from store.accounts import AccountWithHistory
from store.decisions import DecisionFilter
from store.tokens import Token

_PATH = "/accounts/{account_id:str}"
_KEPT_APART = ("id", "invoices")
_MOST_DECISIONS = 20
_TRACK = "dunning"

INVOICES = Sheet[Entry](
    "invoices",
    (
        Column("invoice", "Invoice", lambda each: each.get("id")),
        Column("due_on", "Due", lambda each: each.get("due_on")),
        Column("open", "Open", lambda each: each.get("open"), is_figure=True),
        Column("disputed", "Disputed", lambda each: each.get("disputed", False)),
    ),
)
HISTORY = Sheet[Entry](
    "history",
    (
        Column("at", "When", lambda each: each.get("at")),
        Column("rule", "Step", lambda each: each.get("rule")),
        Column("channel", "By", lambda each: each.get("channel")),
        Column("result", "Result", lambda each: each.get("result")),
        Column("episode", "Episode", lambda each: each.get("episode")),
    ),
)
OUTCOMES = Sheet[Entry](
    "outcomes",
    (
        Column("at", "When", lambda each: each.get("at")),
        Column("type", "What", lambda each: each.get("type")),
        Column("amount", "Amount", lambda each: each.get("amount"), is_figure=True),
        Column("invoice", "Invoice", lambda each: each.get("invoice")),
        Column("by", "By", lambda each: each.get("by")),
    ),
)
COMING = Sheet[Rung](
    "coming",
    (
        Column("on", "When", lambda each: each.on),
        Column("step", "Step", lambda each: each.title),
        Column("action", None, lambda each: each.action),
        Column("channel", "By", lambda each: each.channel),
        Column("asked_on", "Asked for", lambda each: each.asked_on),
        Column("pay_by", "Pay by", lambda each: each.pay_by),
        Column("claim", "Claimed", lambda each: each.claim),
    ),
)
PROMISES = Sheet[Entry](
    "promises",
    (
        Column("by", "By", lambda each: each["by"]),
        Column("amount", "Promised", lambda each: each["amount"], is_figure=True),
        Column("paid", "Paid", lambda each: each["paid"], is_figure=True),
        Column("state", "State", lambda each: each["state"]),
        Column("at", "Told", lambda each: each["at"]),
        Column("invoice", "Invoice", lambda each: each["invoice"]),
    ),
)
DISPUTES = Sheet[Entry](
    "disputes",
    (
        Column("opened_at", "Opened", lambda each: each["opened_at"]),
        Column("invoice", "Invoice", lambda each: each["invoice"]),
        Column("closed_at", "Closed", lambda each: each["closed_at"]),
    ),
)


@get(_PATH, opt={SCREEN_KEY: Screen(scope=GET.scope, reads_personal=True)})
async def show_account(scope: Scope, account_id: FromPath[str]) -> Response[Any]:
    """Show one account, of what is due and was decided only what one's other rights open."""
    _, order = read_asked(scope, NoQuery)
    token: Token = scope["auth"]
    service = find_service(scope)
    looks_ahead = GET_TIMELINE.scope in token.scopes
    stored = await _read(service, account_id)
    page = await service.store.decisions.list(DecisionFilter(account_id=account_id), limit=_MOST_DECISIONS)
    tracks = tuple(dict.fromkeys(one.track for one in page.decisions))
    known = await read_prospect(service, account_id, _choose_track(tracks))
    document: dict[str, Any] = FREE_JSON.decode(stored.account.document)
    history, outcomes = FREE_JSON.decode(join_history(stored)), join_outcomes(stored)
    whole: dict[Sheet[Any], list[Any]] = {
        FACTS: _list_facts(document, known if looks_ahead else None),
        INVOICES: _entries(document.get("invoices")),
        HISTORY: history[::-1],
        OUTCOMES: FREE_JSON.decode(outcomes)[::-1] if outcomes else [],
        PROMISES: [_show_promise(each, document) for each in reversed(known.promises)],
        DISPUTES: [
            {"opened_at": each.opened.at, "invoice": each.opened.invoice, "closed_at": each.closed_at}
            for each in reversed(known.disputes)
        ],
        COMING: list(known.steps) if looks_ahead else [],
    }
    for sheet, rows in whole.items():
        if order.csv == sheet.name:
            return send_csv(sheet, one_page(rows))
    course = make_course(account_id, document, history, known, looks_ahead=looks_ahead)
    told = {
        "account_id": account_id,
        "document": document,
        "course": None if course.is_empty else describe_course(course),
        "trouble": known.trouble if looks_ahead else None,
        "closed": _name_closed(document, known if looks_ahead else None),
        "tables_of": {sheet.name: arrange(order, sheet, rows) for sheet, rows in whole.items()},
        "looks_ahead": looks_ahead,
        "decisions": arrange(
            order,
            DECISIONS,
            page.decisions,
            is_part=page.next_cursor is not None,
            csv_address=f"{HOME}/decisions?{urlencode({'account': account_id, 'csv': DECISIONS.name})}",
        )
        if LIST_DECISIONS.scope in token.scopes
        else None,
        "work": await read_work(scope, account_id, tracks) if LIST_WORK.scope in token.scopes else (),
    }
    return show(scope, "account", told)


@get(f"{_PATH}/course.svg", opt={SCREEN_KEY: Screen(scope=GET.scope, reads_personal=True)})
async def draw_account(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """Draw how an account goes: what was done, and for whom it may be asked what comes if nobody pays."""
    token: Token = scope["auth"]
    service = find_service(scope)
    stored = await _read(service, account_id)
    page = await service.store.decisions.list(DecisionFilter(account_id=account_id), limit=_MOST_DECISIONS)
    known = await read_prospect(service, account_id, _choose_track(tuple(one.track for one in page.decisions)))
    document, history = FREE_JSON.decode(stored.account.document), FREE_JSON.decode(join_history(stored))
    looks_ahead = GET_TIMELINE.scope in token.scopes
    return draw(draw_course(make_course(account_id, document, history, known, looks_ahead=looks_ahead)))


async def _read(service: Service, account_id: str) -> AccountWithHistory:
    stored = await service.store.accounts.read_with_history(account_id)
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    return stored


def _choose_track(tracks: tuple[str, ...]) -> str:
    """Choose the track that the account is shown in: the usual one, unless it was only asked about in another."""
    return tracks[0] if tracks and _TRACK not in tracks else _TRACK


def _list_facts(document: Entry, known: Prospect | None) -> list[Entry]:
    """List the facts that are decided on with where each comes from, then those given that nothing asks for."""
    used = [] if known is None or known.explanation is None else [*known.explanation.get("facts", ())]
    names = {each["fact"] for each in used}
    given = {name: value for name, value in document.items() if name not in names and name not in _KEPT_APART}
    return [*used, *({"fact": name, "value": value, "source": "given"} for name, value in given.items())]


def _name_closed(document: Entry, known: Prospect | None) -> dict[str, str | None]:
    """Name the channels that the account has or a rule asks for, each with why it is closed, None where it is not.

    Why is of a decision: None is known to who may not ask for one, and all that the account has are named.
    """
    explained = (None if known is None else known.explanation) or {}
    given = document.get("channels")
    channels: dict[str, str | None] = {f"{each}": None for each in given} if isinstance(given, list) else {}
    return channels | {each["channel"]: each["reason"] for each in explained.get("closed_channels", ())}


def _show_promise(promise: Promise, document: Entry) -> Entry:
    currency = f"{document.get('currency')}"
    return {
        "by": promise.by,
        "amount": format_amount(promise.amount, currency),
        "paid": format_amount(promise.paid, currency),
        "state": promise.state,
        "at": promise.at,
        "invoice": promise.invoice,
    }


def _entries(value: object) -> list[Entry]:
    """Return the records of a list that was stored as it was sent; what is none cannot be shown as one."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
