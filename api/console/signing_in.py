"""Signing in with a token, and out again."""

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.response import Response
from litestar.types import Scope

from api.console.entering import read_form, read_session, write_session
from api.console.screen import HOME, SCREEN_KEY, TABS, Screen, go, show, stay_within
from api.requests import read_query
from api.service import find_service

_UNKNOWN = "This token is unknown, has expired or was revoked."
_OPEN = {SCREEN_KEY: Screen(scope=None)}


class Onward(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one goes on once signed in."""

    next: str | None = None


@get("/sign-in", opt=_OPEN)
async def show_sign_in(scope: Scope) -> Response[bytes]:
    """Ask for a token."""
    return show(scope, "sign_in", {"onward": stay_within(read_query(scope, Onward).next), "problem": None})


@post("/sign-in", opt=_OPEN)
async def sign_in(request: Request[object, object, State]) -> Response[bytes]:
    """Begin a session of the token that is given."""
    scope = request.scope
    form = await read_form(scope, request.receive)
    onward = stay_within(form.get("next"))
    store = find_service(scope).store
    token = await store.tokens.verify(form.get("token", ""))
    if token is None:
        return show(scope, "sign_in", {"onward": onward, "problem": _UNKNOWN}, status=403)
    if (before := read_session(scope)) is not None:
        await store.sessions.close(before)
    await store.accesses.record(actor=token.id, name=token.name, what="sign in to the console")
    allowed = (HOME + path for path, _, right in TABS if right in token.scopes)
    home = next(allowed, HOME) if onward == HOME else onward
    return go(home, write_session(await store.sessions.open(token)))


@post("/sign-out", opt=_OPEN)
async def sign_out(scope: Scope) -> Response[bytes]:
    """End the session."""
    secret = read_session(scope)
    if secret is not None:
        await find_service(scope).store.sessions.close(secret)
    return go(f"{HOME}/sign-in", write_session(None))
