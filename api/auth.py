"""Who asks, and may they: bearer tokens and scopes, in a plain ASGI function (a guard costs ten times as much)."""

from litestar.types import ASGIApp, Receive, Scope, Send

from api.operation import CONSOLE_KEY, OPT_KEY, Operation
from api.paths import has_odd_number
from api.problems import ProblemError
from api.requests import method_of, refuse_query
from api.service import find_service
from store.tokens import Token

_BEARER = b"bearer "
_LONGEST_WHAT = 4096


def authorise(app: ASGIApp) -> ASGIApp:
    """Let a request through to its route when its token has the scope that the route's operation names."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        opt = scope["route_handler"].opt
        if CONSOLE_KEY in opt:  # its pages know by a cookie who looks at them (api/console/entering.py)
            await app(scope, receive, send)
            return
        operation: Operation | None = opt.get(OPT_KEY)
        if has_odd_number(scope):
            raise ProblemError("not-found", "There is no such path; /schema lists them.")
        if operation is None or operation.needs_token:
            token = await identify(scope)
            if operation is not None and operation.scope is not None and operation.scope not in token.scopes:
                raise ProblemError(
                    "scope-required",
                    f"This path needs a token with the scope {operation.scope!r}; {token.name!r} has"
                    f" {', '.join(sorted(token.scopes)) or 'none'}.",
                    headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{operation.scope}"'},
                )
            scope["auth"] = token
            if operation is not None and operation.query is None:
                refuse_query(scope)
            if operation is not None and operation.reads_personal:
                await note_access(scope, token)
        await app(scope, receive, send)

    return check


async def note_access(scope: Scope, token: Token) -> None:
    """Put into the access log who is about to read what."""
    query = scope["query_string"].decode("latin-1")
    what = f"{method_of(scope)} {scope['raw_path'].decode('latin-1')}{'?' if query else ''}{query}"
    if len(what) > _LONGEST_WHAT:  # what the log cannot hold whole could hide who was read about
        detail = f"The address is longer than the {_LONGEST_WHAT:,} characters that the log of accesses holds."
        raise ProblemError("invalid-request", f"{detail} Shorten its query.")
    await note(scope, token, what)


async def note(scope: Scope, token: Token, what: str) -> None:
    """Put into the access log what somebody is about to read that the address does not name."""
    await find_service(scope).store.accesses.record(actor=token.id, name=token.name, what=what[:_LONGEST_WHAT])


async def identify(scope: Scope) -> Token:
    """Return the token that the request carries, or refuse it."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            if value[: len(_BEARER)].lower() != _BEARER:
                raise _refuse("The header Authorization must be `Bearer <token>`.", "invalid_request")
            token = await find_service(scope).store.tokens.verify(value[len(_BEARER) :].strip().decode("latin-1"))
            if token is None:
                raise _refuse("The token is unknown, expired or revoked.", "invalid_token")
            return token
    raise _refuse("This path needs the header `Authorization: Bearer <token>`.", None)


def _refuse(detail: str, error: str | None) -> ProblemError:
    challenge = 'Bearer realm="dunning"' + (f', error="{error}"' if error else "")
    return ProblemError("token-required", detail, headers={"WWW-Authenticate": challenge})
