"""Runs: what is proposed for every account, what is in and what is out and why."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, get_args

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, draw, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv, turn_pages
from api.problems import refuse_parameter
from api.requests import check_words
from api.routes.runs import LIST, READ
from api.runanswers import read_cursor, tell_head, tell_item, tell_run, write_cursor
from api.runmessages import ItemsQuery, Run, RunDay, RunHead, RunItem, RunsQuery, RunTotal
from api.service import find_service
from engine.model.decision import Money
from engine.model.vocabulary import CHANNELS
from pages.barpicture import Bar, draw_bars
from pages.colours import FEE, MESSAGE
from store.identifiers import is_id
from store.runs import OPEN, ItemFilter, ItemOutcome, ItemState, Place

_RUN = "/runs/{run_id:str}"
_STATES: tuple[ItemState, ...] = get_args(ItemState)
_AT_WORK = frozenset({"proposing", "rationing", "releasing"})
_LOOK_AGAIN = {"Refresh": "2"}
_MOST_SHOWN = 100
_ROWS_AT_ONCE = 1000


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else Decimal(money.amount)


RUNS = Sheet[RunHead](
    "runs",
    (
        Column("proposed_at", "Proposed", lambda run: run.proposed_at),
        Column("as_of", "For", lambda run: run.as_of),
        Column("state", "State", lambda run: run.state),
        Column("accounts", "Accounts", lambda run: run.accounts_done, is_figure=True),
        Column("proposed_by", "Proposed by", lambda run: run.proposed_by),
        Column("approved_by", "Approved by", lambda run: run.approved_by),
        Column("released_at", "Released", lambda run: run.released_at),
        Column("released_by", None, lambda run: run.released_by),
        Column("digest", None, lambda run: run.digest),
        Column("run", None, lambda run: run.id),
    ),
)
DAYS = Sheet[RunDay](
    "contacts",
    (
        Column("day", "Day", lambda each: each.day),
        Column("channel", "Channel", lambda each: each.channel),
        Column("contacts", "Contacts", lambda each: each.count, is_figure=True),
        Column("carried_over", "Carried over", lambda each: each.carried_over, is_figure=True),
    ),
)
TOTALS = Sheet[RunTotal](
    "totals",
    (
        Column("state", "State", lambda each: each.state),
        Column("outcome", "Answer", lambda each: each.outcome),
        Column("accounts", "Accounts", lambda each: each.count, is_figure=True),
        Column("claimed", "Claimed", lambda each: _amount(each.claim), is_figure=True),
        Column("fees", "Fees in it", lambda each: _amount(each.fee), is_figure=True),
        Column("currency", None, lambda each: each.claim and each.claim.currency),
    ),
)
ITEM_SHEET = Sheet[RunItem](
    "accounts",
    (
        Column("account", "Account", lambda item: item.account_id),
        Column("state", "State", lambda item: item.state),
        Column("step", "Step", lambda item: item.title or item.rule or item.outcome),
        Column("outcome", None, lambda item: item.outcome),
        Column("ruleset", None, lambda item: item.ruleset),
        Column("version", None, lambda item: item.version),
        Column("rule", None, lambda item: item.rule),
        Column("level", None, lambda item: item.level),
        Column("action", None, lambda item: item.action),
        Column("channel", "By", lambda item: item.channel),
        Column("also", None, lambda item: item.also),
        Column("scheduled_for", "When", lambda item: item.scheduled_for),
        Column("claimed", "Claimed", lambda item: _amount(item.claim), is_figure=True),
        Column("fee", None, lambda item: _amount(item.fee)),
        Column("currency", None, lambda item: item.claim and item.claim.currency),
        Column("reason", "Why", lambda item: item.reason),
        Column("note", None, lambda item: item.note),
        Column("noted_by", None, lambda item: item.noted_by),
        Column("decision", None, lambda item: item.decision_id),
    ),
)


class ShownItems(ItemsQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items, and whether those of the page are chosen already."""

    chosen: Literal["all"] | None = None


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """How many items are in a state, and what they claim, by currency."""

    state: ItemState
    count: int
    claims: tuple[tuple[Decimal, str], ...]


@get("/runs", opt={SCREEN_KEY: Screen(scope=LIST.scope)})
async def show_runs(scope: Scope) -> Response[Any]:
    """List the runs, newest first, and ask for another."""
    asked, order = read_asked(scope, RunsQuery)
    if asked.cursor is not None and not is_id(asked.cursor):
        raise refuse_parameter("cursor", f"{asked.cursor!r} is no cursor of this list.")
    service = find_service(scope)

    async def read(before: str | None, limit: int = _ROWS_AT_ONCE) -> tuple[Sequence[RunHead], str | None]:
        found = await service.store.runs.list(before=before, limit=limit + 1)
        page = found[:limit]
        return [tell_head(run) for run in page], page[-1].id if len(found) > limit else None

    if order.csv == RUNS.name:
        return send_csv(RUNS, turn_pages(read))
    rows, cursor = await read(asked.cursor, min(asked.limit, _MOST_SHOWN))
    told = {
        "table": arrange(order, RUNS, rows, is_part=cursor is not None or asked.cursor is not None),
        "next": None if cursor is None else order.address(without=("cursor",), cursor=cursor),
        "channels": CHANNELS,
        "today": service.now().date(),
    }
    return show(scope, "runs", told)


@get(_RUN, opt={SCREEN_KEY: Screen(scope=READ.scope)})
async def show_run(scope: Scope, run_id: FromPath[str]) -> Response[Any]:
    """Show what a run would do, for whom, and why nothing for the others."""
    asked, order = read_asked(scope, ShownItems)
    check_words(asked.action, asked.channel, refuse_parameter)
    service = find_service(scope)
    stored = await service.store.runs.read(run_id)
    wanted = ItemFilter(**{name: getattr(asked, name) for name in ItemFilter.__struct_fields__})

    async def read(after: str | None, limit: int = _ROWS_AT_ONCE) -> tuple[Sequence[RunItem], str | None]:
        place: Place | None = None if after is None else read_cursor(after)
        found = await service.store.runs.list_items(stored.id, wanted, after=place, limit=limit + 1)
        page = found[:limit]
        return [tell_item(item) for item in page], write_cursor(page[-1]) if len(found) > limit else None

    if order.csv == ITEM_SHEET.name:
        return send_csv(ITEM_SHEET, turn_pages(read))
    run = await tell_run(service, stored)
    totals = sorted(run.totals, key=lambda total: _STATES.index(total.state))
    if order.csv == DAYS.name:
        return send_csv(DAYS, one_page(run.days))
    if order.csv == TOTALS.name:
        return send_csv(TOTALS, one_page(totals))
    items, cursor = await read(asked.cursor, min(asked.limit, _MOST_SHOWN))
    told = {
        "run": run,
        "asked": asked,
        "sums": _sum(run),
        "days": arrange(order, DAYS, run.days),
        "totals": arrange(order, TOTALS, totals),
        "states": [state for state in _STATES if any(total.state == state for total in totals)],
        "table": arrange(order, ITEM_SHEET, items, is_part=cursor is not None or asked.cursor is not None),
        "next": None if cursor is None else order.address(without=("cursor", "chosen"), cursor=cursor),
        "open": OPEN,
        "all": order.address(without=("chosen",), chosen="all"),
        "none": order.address(without=("chosen",)),
        "outcomes": get_args(ItemOutcome),
        "channels": CHANNELS,
    }
    return show(scope, "run", told, headers=_LOOK_AGAIN if run.state in _AT_WORK else None)


@get(f"{_RUN}/days.svg", opt={SCREEN_KEY: Screen(scope=READ.scope)})
async def draw_days(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """Draw how many contacts a run makes by each channel on each day."""
    service = find_service(scope)
    run = await tell_run(service, await service.store.runs.read(run_id))
    bars = [_bar_of(each, run.at_most.get(each.channel)) for each in run.days]
    return draw(draw_bars(bars, about="How many contacts the run makes by each channel on each day."))


def _bar_of(day: RunDay, most: int | None) -> Bar:
    of = "" if most is None else f" of {most:,}"
    over = f", {day.carried_over:,} carried over" if day.carried_over else ""
    return Bar(
        label=f"{day.day or 'no day'} · {day.channel.replace('_', ' ')}",
        length=day.count,
        words=f"{day.count:,}{of}{over}",
        family=FEE if day.carried_over else MESSAGE,
    )


def _sum(run: Run) -> tuple[Sum, ...]:
    """Add up the items of each state; money never across currencies."""
    counts: Counter[ItemState] = Counter()
    claims: dict[tuple[ItemState, str], Decimal] = {}
    for total in run.totals:
        counts[total.state] += total.count
        if total.claim is not None:
            key = total.state, total.claim.currency
            claims[key] = claims.get(key, Decimal(0)) + Decimal(total.claim.amount)
    return tuple(
        Sum(
            state=state,
            count=counts[state],
            claims=tuple((claim, currency) for (of, currency), claim in sorted(claims.items()) if of == state),
        )
        for state in _STATES
        if counts[state]
    )
