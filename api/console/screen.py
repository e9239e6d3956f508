"""What a screen is: who may see it, and how it is written. A page is a document that loads nothing from elsewhere."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import quote, unquote

import jinja2
import msgspec
from litestar import Response
from litestar.types import Scope

from api.console import words
from api.console.cookies import find_cookie, write_cookie
from api.operation import Scope as ScopeName
from store.tokens import Token

SCREEN_KEY = "screen"
"""Where a handler keeps its Screen: Litestar's ``opt``."""
HOME = "/console"
STATIC = "/static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
HTML = "text/html"  # Litestar says that a text is UTF-8


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """A file that pages load, at a path of the console that changes with what is in it; as it is, and compressed."""

    path: str
    media_type: str
    content: bytes
    zipped: bytes


def _read_asset(name: str, media_type: str) -> Asset:
    content = (files("api.console") / "static" / name).read_bytes()
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:16]
    path = f"{STATIC}/{stem}-{digest}.{ending}"
    return Asset(path=path, media_type=media_type, content=content, zipped=gzip.compress(content, mtime=0))


ASSETS = {
    name: _read_asset(name, media_type)
    for name, media_type in (
        ("console.css", "text/css"),
        ("console.js", "text/javascript"),
        ("sandbox.css", "text/css"),
        ("editor.js", "text/javascript"),
        ("sandbox.js", "text/javascript"),
    )
}
"""What pages load, by the name of its file in static/."""


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Who may see a screen or do what it does: who is signed in with a token of this scope.

    With None it is anybody; where it is not ``is_open``, anybody who is signed in.

    ``reads_personal``: who looks, when and at what is put into the access log first, as over the API.
    """

    scope: ScopeName | None
    is_open: bool = True
    reads_personal: bool = False


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("api.console"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= words.FILTERS
_TEMPLATES.globals |= {"home": HOME, "loaded": {name: HOME + asset.path for name, asset in ASSETS.items()}}


TABS: tuple[tuple[str, str, ScopeName], ...] = (
    ("", "Today", "decide"),
    ("/runs", "Runs", "decide"),
    ("/accounts", "Accounts", "accounts"),
    ("/decisions", "Decisions", "audit"),
    ("/rulesets", "Rulesets", "audit"),
    ("/sandbox", "Sandbox", "audit"),
    ("/figures", "Figures", "audit"),
    ("/audit", "Audit", "audit"),
    ("/audit/accesses", "Audit", "admin"),
    ("/audit/events", "Audit", "events"),
)
"""The screens that one may begin with, each with the right that it asks for; the first of a name is shown."""


def list_tabs(token: Token) -> tuple[tuple[str, str], ...]:
    """List the screens that a token may begin with: paths and names."""
    shown: dict[str, str] = {}
    for path, name, right in TABS:
        if right in token.scopes:
            shown.setdefault(name, path)
    return tuple((path, name) for name, path in shown.items())


_SAID = "__Host-said"
_LONGEST_SAID = 2000
_SAID_FORM = re.compile(rf"[\w.~%-]{{1,{_LONGEST_SAID}}}", re.ASCII)
_SAID_SECONDS = 60


def show(
    scope: Scope,
    name: str,
    told: Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """Answer a page: a template with what it is told, who looks at it, and where a form on it leads back to.

    What was said of the deed before it (`go`) stands on it, once.
    """
    token: Token | None = scope.get("auth")
    said = find_cookie(scope, _SAID, _SAID_FORM)
    tabs = () if token is None else list_tabs(token)
    page = _TEMPLATES.get_template(f"{name}.html").render(
        told, token=token, tabs=tabs, here=scope["path"], back=address_of(scope), said=said and unquote(said)
    )
    heard = {} if said is None else write_cookie(_SAID, None, seconds=0)
    return Response(page.encode(), status_code=status, media_type=HTML, headers=HEADERS | heard | dict(headers or {}))


def address_of(scope: Scope) -> str:
    """Return the path and query that were asked for, as they were written."""
    query = scope["query_string"].decode("latin-1")
    return scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")


def is_of_console(path: str) -> bool:
    """Tell whether a path is of the console."""
    return path == HOME or path.startswith(f"{HOME}/")


def stay_within(address: str | None) -> str:
    """Return where one goes on: a page of the console, whatever the address says."""
    if address is None or not is_of_console(address.partition("?")[0]):
        return HOME
    return quote(address, safe="/?&=%:@-._~!$'()*+,;")


def go(path: str, headers: Mapping[str, str] | None = None, *, said: str | None = None) -> Response[bytes]:
    """Answer that one goes on at another page, by GET; there it stands what was done."""
    told = {} if said is None else write_cookie(_SAID, quote(_shorten(said), safe=""), seconds=_SAID_SECONDS)
    headers = HEADERS | {"Location": path} | told | dict(headers or {})
    return Response(b"", status_code=303, media_type=HTML, headers=headers)


def _shorten(said: str) -> str:
    """Keep what is said to what a cookie holds and is read back, however it is written there."""
    return said if len(quote(said, safe="")) <= _LONGEST_SAID else f"{said[: _LONGEST_SAID // 12 - 1]}…"


def draw(svg: str) -> Response[bytes]:
    """Answer a picture, which the page names by its address: the policy lets no style stand in the page itself."""
    own = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
    return Response(svg.encode(), media_type="image/svg+xml", headers=HEADERS | own)
