"""What people say of a run: it is proposed, accounts are taken out, held back and approved, and it is released."""

from typing import Literal

from litestar import post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.entering import actor_of, read_choice, read_form, read_text
from api.console.screen import HOME, SCREEN_KEY, Screen, go
from api.problems import ProblemError
from api.routes.runs import APPROVE, CANCEL, EXCLUDE, HOLD, PROPOSE, RELEASE
from api.runanswers import propose
from api.runmessages import MOST_CONTACTS, RunRequest
from api.service import find_service
from engine.model.vocabulary import CHANNELS

_RUN = "/runs/{run_id:str}"
_LONGEST_REASON = 1000
_LONGEST_DIGITS = len(f"{MOST_CONTACTS}")


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
    return await _set_aside(request, run_id, to="excluded", said="taken out of this run for good")


@post(f"{_RUN}/hold", opt={SCREEN_KEY: Screen(scope=HOLD.scope)})
async def hold_items(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Hold accounts back."""
    return await _set_aside(request, run_id, to="held", said="held back until somebody chooses and approves them")


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


async def _set_aside(
    request: Request[object, object, State], run_id: str, *, to: Literal["excluded", "held"], said: str
) -> Response[bytes]:
    """Set the accounts that are chosen aside, for the reason that is given."""
    scope = request.scope
    chosen, form = await read_choice(scope, request.receive, "account")
    _check_chosen(chosen)
    reason = read_text(form, "reason", "A reason", _LONGEST_REASON)
    await find_service(scope).store.runs.set_aside(run_id, chosen, to=to, reason=reason, actor=actor_of(scope))
    return _back(run_id, f"{_count(len(chosen))} {said}: {reason}")


def _check_chosen(chosen: tuple[str, ...]) -> None:
    if not chosen:
        raise ProblemError("invalid-request", "No account is chosen. Tick the accounts that are meant.")


def _read_most(text: str, channel: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < _LONGEST_DIGITS):
        said = f"How many contacts by {channel} a day can hold is a whole number from 0 on, not “{text[:40]}”."
        raise ProblemError("invalid-request", said)
    return int(text)


def _count(count: int) -> str:
    return "1 account is" if count == 1 else f"{count} accounts are"


def _back(run_id: str, said: str) -> Response[bytes]:
    return go(f"{HOME}/runs/{run_id}", said=said)
