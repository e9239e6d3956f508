"""Runs: what is proposed for every account, what is in and what is out and why; and what people say of it."""

from collections import Counter
from decimal import Decimal
from typing import get_args

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.entering import actor_of, read_choice, read_form, read_text
from api.console.screen import HOME, SCREEN_KEY, Screen, draw, go, show
from api.problems import ProblemError, refuse_parameter
from api.requests import check_words, read_query
from api.routes.runs import APPROVE, CANCEL, EXCLUDE, HOLD, LIST, PROPOSE, READ, RELEASE
from api.runanswers import propose, read_cursor, tell_head, tell_item, tell_run, write_cursor
from api.runmessages import MOST_CONTACTS, ItemsQuery, Run, RunRequest, RunsQuery
from api.service import find_service
from engine.model.vocabulary import CHANNELS
from pages.barpicture import Bar, draw_bars
from pages.colours import FEE, MESSAGE
from store.identifiers import is_id
from store.runs import OPEN, ItemFilter, ItemState

_RUN = "/runs/{run_id:str}"
_STATES: tuple[ItemState, ...] = get_args(ItemState)
_AT_WORK = frozenset({"proposing", "rationing", "releasing"})
_LOOK_AGAIN = {"Refresh": "2"}
_MOST_SHOWN = 100
_LONGEST_REASON = 1000
_LONGEST_DIGITS = len(f"{MOST_CONTACTS}")


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """How many items are in a state, and what they claim, by currency."""

    state: ItemState
    count: int
    claims: tuple[tuple[Decimal, str], ...]


@get("/runs", opt={SCREEN_KEY: Screen(scope=LIST.scope)})
async def show_runs(scope: Scope) -> Response[bytes]:
    """List the runs, newest first, and ask for another."""
    asked = read_query(scope, RunsQuery)
    if asked.cursor is not None and not is_id(asked.cursor):
        raise refuse_parameter("cursor", f"{asked.cursor!r} is no cursor of this list.")
    limit = min(asked.limit, _MOST_SHOWN)
    found = await find_service(scope).store.runs.list(before=asked.cursor, limit=limit + 1)
    page = found[:limit]
    told = {
        "runs": [tell_head(run) for run in page],
        "next_cursor": page[-1].id if len(found) > limit else None,
        "channels": CHANNELS,
        "today": find_service(scope).now().date(),
    }
    return show(scope, "runs", told)


@get(_RUN, opt={SCREEN_KEY: Screen(scope=READ.scope)})
async def show_run(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """Show what a run would do, for whom, and why nothing for the others."""
    asked = read_query(scope, ItemsQuery)
    check_words(asked.action, asked.channel, refuse_parameter)
    service = find_service(scope)
    stored = await service.store.runs.read(run_id)
    after = None if asked.cursor is None else read_cursor(asked.cursor)
    limit = min(asked.limit, _MOST_SHOWN)
    wanted = ItemFilter(**{name: getattr(asked, name) for name in ItemFilter.__struct_fields__})
    found = await service.store.runs.list_items(stored.id, wanted, after=after, limit=limit + 1)
    page = found[:limit]
    run = await tell_run(service, stored)
    told = {
        "run": run,
        "asked": asked,
        "sums": _sum(run),
        "totals": sorted(run.totals, key=lambda total: _STATES.index(total.state)),
        "states": [state for state in _STATES if any(total.state == state for total in run.totals)],
        "items": [tell_item(item) for item in page],
        "next_cursor": write_cursor(page[-1]) if len(found) > limit else None,
        "open": OPEN,
        "is_at_work": run.state in _AT_WORK,
    }
    return show(scope, "run", told, headers=_LOOK_AGAIN if run.state in _AT_WORK else None)


@get(f"{_RUN}/days.svg", opt={SCREEN_KEY: Screen(scope=READ.scope)})
async def draw_days(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """Draw how many contacts a run makes by each channel on each day."""
    service = find_service(scope)
    run = await tell_run(service, await service.store.runs.read(run_id))
    bars = []
    for each in run.days:
        most = run.at_most.get(each.channel)
        of = "" if most is None else f" of {most:,}"
        over = f", {each.carried_over:,} carried over" if each.carried_over else ""
        bars.append(
            Bar(
                label=f"{each.day or 'no day'} · {each.channel.replace('_', ' ')}",
                length=each.count,
                words=f"{each.count:,}{of}{over}",
                family=FEE if each.carried_over else MESSAGE,
            )
        )
    return draw(draw_bars(bars, about="How many contacts the run makes by each channel on each day."))


@post("/runs", opt={SCREEN_KEY: Screen(scope=PROPOSE.scope)})
async def propose_run(request: Request[object, object, State]) -> Response[bytes]:
    """Ask for a proposal."""
    scope = request.scope
    form = await read_form(scope, request.receive)
    at_most = {channel: _read_most(form[channel], channel) for channel in CHANNELS if form.get(channel)}
    asked = RunRequest(as_of=form.get("as_of"), at_most=at_most)
    run = await propose(find_service(scope), asked, actor_of(scope))
    said = "A run is proposed. It changes nothing until somebody approves and releases it."
    return go(f"{HOME}/runs/{run.id}", said=said)


@post(f"{_RUN}/exclude", opt={SCREEN_KEY: Screen(scope=EXCLUDE.scope)})
async def exclude_items(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Take accounts out of a run."""
    scope = request.scope
    chosen, reason = await _read_set_aside(request)
    runs = find_service(scope).store.runs
    await runs.set_aside(run_id, chosen, to="excluded", reason=reason, actor=actor_of(scope))
    return _back(run_id, f"{_count(len(chosen))} taken out of this run for good: {reason}")


@post(f"{_RUN}/hold", opt={SCREEN_KEY: Screen(scope=HOLD.scope)})
async def hold_items(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Hold accounts back."""
    scope = request.scope
    chosen, reason = await _read_set_aside(request)
    runs = find_service(scope).store.runs
    await runs.set_aside(run_id, chosen, to="held", reason=reason, actor=actor_of(scope))
    return _back(run_id, f"{_count(len(chosen))} held back until somebody chooses and approves them: {reason}")


@post(f"{_RUN}/approve", opt={SCREEN_KEY: Screen(scope=APPROVE.scope)})
async def approve_items(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Approve the accounts that are chosen."""
    scope = request.scope
    chosen, _ = await read_choice(scope, request.receive, "account")
    _check_chosen(chosen)
    await find_service(scope).store.runs.approve(run_id, chosen, actor=actor_of(scope))
    return _back(run_id, f"{_count(len(chosen))} approved. Nothing is done before the run is released.")


@post(f"{_RUN}/approve-all", opt={SCREEN_KEY: Screen(scope=APPROVE.scope)})
async def approve_run(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """Approve all that is proposed."""
    await find_service(scope).store.runs.approve(run_id, None, actor=actor_of(scope))
    said = "All that is proposed is approved, but not what is held back. Nothing is done before the run is released."
    return _back(run_id, said)


@post(f"{_RUN}/release", opt={SCREEN_KEY: Screen(scope=RELEASE.scope)})
async def release_run(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """Have what is approved put on the worklist."""
    await find_service(scope).store.runs.release(run_id, actor=actor_of(scope))
    return _back(run_id, "The run is released: what is approved, and is still the same, goes to the worklist now.")


@post(f"{_RUN}/cancel", opt={SCREEN_KEY: Screen(scope=CANCEL.scope)})
async def cancel_run(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """Give a run up."""
    await find_service(scope).store.runs.cancel(run_id, actor=actor_of(scope))
    return _back(run_id, "The run is given up. Nothing of it is done.")


async def _read_set_aside(request: Request[object, object, State]) -> tuple[tuple[str, ...], str]:
    """Read which accounts are meant, and why."""
    chosen, form = await read_choice(request.scope, request.receive, "account")
    _check_chosen(chosen)
    return chosen, read_text(form, "reason", "A reason", _LONGEST_REASON)


def _check_chosen(chosen: tuple[str, ...]) -> None:
    if not chosen:
        raise ProblemError("invalid-request", "No account is chosen. Go back, and tick the accounts that are meant.")


def _read_most(text: str, channel: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < _LONGEST_DIGITS):
        said = f"How many contacts by {channel} a day can hold is a whole number from 0 on, not “{text[:40]}”."
        raise ProblemError("invalid-request", said)
    return int(text)


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


def _count(count: int) -> str:
    return "1 account is" if count == 1 else f"{count} accounts are"


def _back(run_id: str, said: str) -> Response[bytes]:
    return go(f"{HOME}/runs/{run_id}", said=said)
