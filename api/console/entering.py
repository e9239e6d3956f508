"""Who looks at the console, and may they: a cookie that stands for a token, and forms that only our own pages send."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote, urlsplit

from litestar.types import ASGIApp, Receive, Scope, Send

from api.auth import note_access
from api.console.screen import HOME, SCREEN_KEY, Screen
from api.operation import Body
from api.problems import ProblemError
from api.requests import find_header, method_of, read_body
from api.service import find_service
from store.sessions import SESSION_HOURS
from store.tokens import Token

COOKIE = "__Host-dunning"
_FORM = Body(record=str, media_types=("application/x-www-form-urlencoded",), most_bytes=16 << 10)
_FOREIGN = "This form was not sent by a page of this console. Open the page again, and send it from there."


class SignedOut(Exception):
    """Nobody is signed in; ``sign_in_path`` is where one does so, and comes back from."""

    def __init__(self, scope: Scope) -> None:
        super().__init__("nobody is signed in")
        query = scope["query_string"].decode("latin-1")
        asked = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        onward = f"?next={quote(asked, safe='')}" if method_of(scope) == "GET" else ""
        self.sign_in_path = f"{HOME}/sign-in{onward}"


class ForeignForm(Exception):
    """A form that no page of ours sent; the message says what to do."""


def enter(app: ASGIApp) -> ASGIApp:
    """Let a request through to its screen when who is signed in may see it; raises SignedOut."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        screen: Screen = scope["route_handler"].opt[SCREEN_KEY]
        scope["query_string"] = _leave_out_empty(scope["query_string"])
        if method_of(scope) == "POST":
            _refuse_foreign(scope)
        token = await find_signed_in(scope)
        if screen.scope is not None and token is None:
            raise SignedOut(scope)
        if screen.scope is not None and token is not None and screen.scope not in token.scopes:
            raise ProblemError("scope-required", f"This needs a token with the right {screen.scope!r}.")
        if token is not None:
            scope["auth"] = token
            if screen.reads_personal:
                await note_access(scope, token)
        await app(scope, receive, send)

    return check


async def find_signed_in(scope: Scope) -> Token | None:
    """Find whose session the request's cookie is of."""
    secret = read_session(scope)
    return None if secret is None else await find_service(scope).store.sessions.find(secret)


def read_session(scope: Scope) -> str | None:
    """Read the secret of a session out of the request's cookie."""
    try:
        found = SimpleCookie(find_header(scope, b"cookie") or "").get(COOKIE)
    except CookieError:
        return None
    return None if found is None or not found.value else found.value


def write_session(secret: str | None) -> dict[str, str]:
    """Write the cookie of a session; None ends it. It never goes to another host, nor along with another's links."""
    age = 0 if secret is None else SESSION_HOURS * 3600
    return {"Set-Cookie": f"{COOKIE}={secret or ''}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict"}


async def read_form(scope: Scope, receive: Receive) -> dict[str, str]:
    """Read a form: each field once, without the spaces around it."""
    text = (await read_body(scope, receive, _FORM)).decode("utf-8", "replace")
    return {name: values[-1].strip() for name, values in parse_qs(text, max_num_fields=50).items()}


def _leave_out_empty(query: bytes) -> bytes:
    """Leave out the fields of a form that were left empty: nothing is asked by them."""
    return b"&".join(part for part in query.split(b"&") if not part.endswith(b"=") and part)


def _refuse_foreign(scope: Scope) -> None:
    origin, host = find_header(scope, b"origin"), find_header(scope, b"host")
    is_own = urlsplit(origin).netloc == host if origin else find_header(scope, b"sec-fetch-site") == "same-origin"
    if not is_own:
        raise ForeignForm(_FOREIGN)
