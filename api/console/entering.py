"""Who looks at the console, and may they: a cookie that stands for a token, and forms that only our own pages send."""

import re
from urllib.parse import parse_qs, quote

from litestar.types import ASGIApp, Receive, Scope, Send

from api.auth import note_access
from api.console.cookies import find_cookie, write_cookie
from api.console.screen import HOME, SCREEN_KEY, Screen, address_of
from api.operation import Body
from api.operation import Scope as ScopeName
from api.problems import ProblemError
from api.requests import find_header, method_of, read_body
from api.service import find_service
from store.sessions import SESSION_HOURS
from store.tokens import Token
from store.worklist import Actor

COOKIE = "__Host-dunning"
FORM_TYPE = "application/x-www-form-urlencoded"
_FORM = Body(record=str, media_types=(FORM_TYPE,), most_bytes=16 << 10)
_MOST_FIELDS = 50
MOST_CHOICES = 100
"""How many of a list can be chosen at once."""
_LIST = Body(record=str, media_types=_FORM.media_types, most_bytes=128 << 10)
_SECRET = re.compile(r"[\w-]{43}", re.ASCII)
_FOREIGN = "This form was not sent by a page of this console. Open the page again, and send it from there."


class SignedOut(Exception):
    """Nobody is signed in; ``sign_in_path`` is where one does so, and comes back from."""

    def __init__(self, scope: Scope) -> None:
        super().__init__("nobody is signed in")
        onward = f"?next={quote(address_of(scope), safe='')}" if method_of(scope) == "GET" else ""
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
        if screen.scope is not None or not screen.is_open:
            token = scope["auth"] = await _find_signed_in(scope)
            if token is None:
                raise SignedOut(scope)
            require(token, screen.scope)
            if screen.reads_personal:
                await note_access(scope, token)
        await app(scope, receive, send)

    return check


def require(token: Token, right: ScopeName | None) -> None:
    """Refuse what needs a right that a token does not have; None is nobody's in particular."""
    if right is not None and right not in token.scopes:
        raise ProblemError("scope-required", f"This needs a token with the right {right!r}.")


async def _find_signed_in(scope: Scope) -> Token | None:
    """Find whose session the request's cookie is of."""
    secret = read_session(scope)
    return None if secret is None else await find_service(scope).store.sessions.find(secret)


def read_session(scope: Scope) -> str | None:
    """Read the secret of a session out of the request's cookies."""
    return find_cookie(scope, COOKIE, _SECRET)


def write_session(secret: str | None) -> dict[str, str]:
    """Write the cookie of a session; None ends it."""
    return write_cookie(COOKIE, secret, seconds=SESSION_HOURS * 3600)


async def read_form(scope: Scope, receive: Receive) -> dict[str, str]:
    """Read a form: each field once, without the spaces around it."""
    fields = await _read_fields(scope, receive, _FORM, _MOST_FIELDS)
    return {name: values[-1].strip() for name, values in fields.items()}


async def read_texts(scope: Scope, receive: Receive, body: Body) -> dict[str, str]:
    """Read a form of texts: each field once, as it was written, with ends of lines as files have them."""
    fields = await _read_fields(scope, receive, body, _MOST_FIELDS)
    return {name: values[-1].replace("\r\n", "\n") for name, values in fields.items()}


async def read_choice(scope: Scope, receive: Receive, name: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Read a form with a list to choose from: what of it is chosen under a name, each once, and the other fields."""
    fields = await _read_fields(scope, receive, _LIST, MOST_CHOICES + _MOST_FIELDS)
    chosen = tuple(dict.fromkeys(fields.pop(name, ())))
    if len(chosen) > MOST_CHOICES:
        raise ProblemError("invalid-request", f"At most {MOST_CHOICES} can be chosen at once.")
    return chosen, {name: values[-1].strip() for name, values in fields.items()}


def read_text(form: dict[str, str], name: str, what: str, longest: int) -> str:
    """Read a field of a form that must say something; ``what`` begins the sentence that is said where it does not."""
    text = form.get(name, "")
    if not 0 < len(text) <= longest or "\0" in text:
        raise ProblemError("invalid-request", f"{what} is needed, of {longest:,} characters at most.")
    return text


def actor_of(scope: Scope) -> Actor:
    """Return who is signed in."""
    token: Token = scope["auth"]
    return Actor(id=token.id, name=token.name)


async def _read_fields(scope: Scope, receive: Receive, form: Body, most: int) -> dict[str, list[str]]:
    text = (await read_body(scope, receive, form)).decode("utf-8", "replace")
    try:
        return parse_qs(text, max_num_fields=most)
    except ValueError:
        raise ProblemError("invalid-request", f"A form has at most {most} fields.") from None


def _leave_out_empty(query: bytes) -> bytes:
    """Leave out the fields of a form that were left empty: nothing is asked by them."""
    return b"&".join(part for part in query.split(b"&") if part.find(b"=") != len(part) - 1)


def _refuse_foreign(scope: Scope) -> None:
    """Refuse a form of another site: the browser says whose it is, one that does not by the form's origin."""
    site, origin, host = (find_header(scope, name) for name in (b"sec-fetch-site", b"origin", b"host"))
    is_own = bool(host) and origin in {f"https://{host}", f"http://{host}"} if site is None else site == "same-origin"
    if not is_own:
        raise ForeignForm(_FOREIGN)
