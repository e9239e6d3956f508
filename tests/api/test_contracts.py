"""What we lean on in Litestar, uvicorn and msgspec beyond what they promise: the releases are pinned to it.

A test that fails after an upgrade names the place of ours to look at.
"""

from collections import defaultdict
from typing import Any

import httpx
import pytest
from litestar import Litestar, asgi, get
from litestar.response import Response
from litestar.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.answers import Reply, send_reply
from api.asgiparameters import mend_asgi_parameters
from api.messages import NextActionQuery
from api.operation import OPT_KEY
from api.protocol import GuardedProtocol
from api.wording import list_numbers, list_words

pytestmark = pytest.mark.anyio


@asgi("/things/{thing:str}", copy_scope=False, opt={OPT_KEY: "asgi"})
async def tell_thing(scope: Scope, receive: Receive, send: Send) -> None:
    """Say what the scope holds, as an ASGI route of ours reads it."""
    del receive
    said = f"{scope['path_params'].get('thing')} {scope['path_template']} {scope['route_handler'].opt[OPT_KEY]}"
    await send_reply(send, Reply(body=said.encode()))


@get("/numbers/{number:int}", opt={OPT_KEY: "typed"})
async def tell_number(scope: Scope) -> Response[str]:
    """Say what the scope holds, as a typed route of ours reads it."""
    number: Any = scope["path_params"]["number"]
    return Response(f"{number!r} {scope['path_template']} {scope['path']}")


def make_app() -> Litestar:
    """Make a small application of both kinds of route."""
    return Litestar([tell_thing, tell_number], openapi_config=None, logging_config=None)


async def ask(app: Litestar, path: str) -> str:
    """Ask an application without a socket."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx's looser types
    async with httpx.AsyncClient(transport=transport, base_url="http://dunning.test") as client:
        return (await client.get(path)).text


async def test_asgi_routes_have_no_parameters_unless_mended() -> None:
    """api/asgiparameters.py mends this fault; where Litestar has mended it itself, the file goes."""
    faulty, mended = make_app(), make_app()
    mend_asgi_parameters(mended.asgi_router.root_route_map_node)
    assert await ask(faulty, "/things/a") != await ask(mended, "/things/a")
    assert await ask(mended, "/things/a") == "a /things/{thing} asgi"
    node = mended.asgi_router.root_route_map_node.children["things"]
    assert isinstance(node.children[next(iter(node.children))].path_parameters, defaultdict)


async def test_the_scope_names_its_route() -> None:
    """api/auth.py reads the handler's `opt`; api/measuring.py and api/paths.py read the template and the numbers."""
    assert await ask(make_app(), "/numbers/7") == "7 /numbers/{number} /numbers/7"


async def test_paths_are_made_one_by_the_router() -> None:
    """api/paths.py refuses these before they get here; a router that no longer takes them makes it smaller."""
    for odd in ("/numbers//7", "/numbers/7/", "/numbers/07", "/numbers/+7"):
        assert (await ask(make_app(), odd)).startswith("7 ")


async def test_the_outermost_handler_can_be_wrapped() -> None:
    """api/app.py puts its measuring around everything, refusals of the router included."""
    app = make_app()
    inner, seen = app.asgi_handler, []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])
        await inner(scope, receive, send)

    app.asgi_handler = note
    await ask(app, "/nowhere")
    assert seen == ["/nowhere"]


def test_the_protocol_overrides_what_is_there() -> None:
    """api/protocol.py would guard nothing, in silence, where uvicorn called its methods otherwise."""
    own = [name for name, value in vars(GuardedProtocol).items() if callable(value) and not name.startswith("_")]
    assert own
    assert [name for name in own if not callable(getattr(HttpToolsProtocol, name, None))] == []


def test_types_can_be_looked_into() -> None:
    """api/wording.py and api/schemas.py read msgspec's description of types."""
    assert list_words(NextActionQuery, "explain") == ("full", "none", "reason", "rules")
    assert list_numbers(NextActionQuery) == ("version",)
