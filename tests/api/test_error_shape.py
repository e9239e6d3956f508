"""Every route answers every kind of refusal in the one shape."""

import itertools
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.console.routing import CONSOLE
from api.openapi import find_operations
from api.operation import SCOPES, Operation
from api.problems import PROBLEM_TYPES
from api.routing import ROUTES
from store.store import Store

pytestmark = pytest.mark.anyio

_ID = "019aa000-0000-7000-8000-000000000001"


def fill(path: str) -> str:
    """Give a path template something to name."""
    return path.replace("{number:int}", "1").replace("{decision_id:str}", _ID).replace(":str}", "").replace("{", "")


@pytest.fixture(scope="module")
def operations(app: Litestar) -> list[tuple[str, Operation]]:
    """Every path with its operation."""
    return [(fill(path), operation) for path, operation in find_operations(app.routes)]


def check(answer: httpx.Response, status: int, name: str) -> dict[str, Any]:
    """See that an answer is problem details of this kind, and nothing else."""
    kind = PROBLEM_TYPES[name]
    assert answer.status_code == status == kind.status, f"{answer.request.method} {answer.request.url}: {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == kind.urn
    assert body["title"] == kind.title
    assert body["status"] == status
    assert body["detail"].endswith((".", ".)"))
    assert set(body) <= {"type", "title", "status", "detail", "problems", "diagnostics", "rulesets"}
    return body


async def test_every_route_says_what_it_is(operations: list[tuple[str, Operation]]) -> None:
    """No route but the pages for people is without an operation, and no two operations share a name."""
    assert len(operations) == len([route for route in ROUTES if route is not CONSOLE])
    names = [operation.name for _, operation in operations]
    assert len(set(names)) == len(names)


async def test_nothing_answers_without_a_token(
    anonymous: httpx.AsyncClient, operations: list[tuple[str, Operation]]
) -> None:
    """Without a token, with a wrong one or with another scheme: 401 and a challenge; health and schemas are open."""
    headers: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer dun_wrong"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer \x7f"},
    ]
    for (path, operation), given in itertools.product(operations, headers):
        answer = await anonymous.request(operation.method, path, headers=given)
        if not operation.needs_token:
            is_secret = operation.name == "readCalendar"  # its address is: one that is wrong leads nowhere
            assert answer.status_code == (404 if is_secret else 200), answer.text
        else:
            check(answer, 401, "token-required")
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_without_the_scope_is_refused(
    anonymous: httpx.AsyncClient, store: Store, operations: list[tuple[str, Operation]]
) -> None:
    """A token with every scope but the needed one gets 403 and the name of that scope."""
    for path, operation in operations:
        if operation.scope is not None:
            scopes = frozenset(SCOPES) - {operation.scope}
            secret = (await store.tokens.create("without", scopes)).secret
            answer = await anonymous.request(operation.method, path, headers={"Authorization": f"Bearer {secret}"})
            assert repr(operation.scope) in check(answer, 403, "scope-required")["detail"]


async def test_a_revoked_token_is_refused(anonymous: httpx.AsyncClient, store: Store) -> None:
    """A token works until it is revoked."""
    made = await store.tokens.create("brief", frozenset(SCOPES))
    headers = {"Authorization": f"bearer {made.secret}"}
    assert (await anonymous.get("/v1/rulesets", headers=headers)).status_code == 200
    await store.tokens.revoke(made.token.id)
    check(await anonymous.get("/v1/rulesets", headers=headers), 401, "token-required")


async def test_invalid_json_is_refused(client: httpx.AsyncClient, operations: list[tuple[str, Operation]]) -> None:
    """Text that is not JSON, numbers out of reach and endless nesting: 400, whatever the route."""
    bodies = [
        b"",
        b"{",
        b"\xff",
        b'{"id":"\\ud800"}',
        b"[" * 100_000,
        b'{"id":"a","currency":"EUR","account":{"a":1e999999999},"at":1e99}',
        b'{"account":NaN}',
        b'{"id":"a","currency":"EUR","account":{"a":1e999999999,',
        b'{"id":"a","currency":"EUR","a":1e999999999,"b":"\xff"}',
        b'{"id":"a","currency":"EUR","a":1e999999999,"b":' + b"[" * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900 + b"x",
    ]
    for (path, operation), body in itertools.product(operations, bodies):
        if operation.body is None or "application/json" not in operation.body.media_types:
            continue
        answer = await client.request(
            operation.method, path, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in {400, 422}, answer.text
        check(answer, answer.status_code, "invalid-json" if answer.status_code == 400 else "invalid-request")


async def test_another_media_type_is_refused(
    client: httpx.AsyncClient, operations: list[tuple[str, Operation]]
) -> None:
    """A body of another type, or packed, is a 415 that names what is taken."""
    for path, operation in operations:
        if operation.body is not None:
            headers = {"Content-Type": "application/xml"}
            answer = await client.request(operation.method, path, content=b"<a/>", headers=headers)
            check(answer, 415, "unsupported-media-type")
            headers = {"Content-Type": operation.body.media_types[0], "Content-Encoding": "gzip"}
            check(
                await client.request(operation.method, path, content=b"x", headers=headers),
                415,
                "unsupported-media-type",
            )


async def test_a_body_too_large_is_refused(client: httpx.AsyncClient, operations: list[tuple[str, Operation]]) -> None:
    """One byte too many is a 413, declared in the head or not."""

    async def stream(size: int) -> Any:
        for _ in range(size // 65_536):
            yield b" " * 65_536
        yield b" " * (size % 65_536)

    for path, operation in operations:
        if operation.body is not None and operation.body.most_bytes is not None:
            headers = {"Content-Type": operation.body.media_types[0]}
            size = operation.body.most_bytes + 1
            declared = await client.request(operation.method, path, content=b" " * size, headers=headers)
            check(declared, 413, "too-large")
            streamed = await client.request(operation.method, path, content=stream(size), headers=headers)
            check(streamed, 413, "too-large")


async def test_an_unknown_parameter_is_refused(
    client: httpx.AsyncClient, operations: list[tuple[str, Operation]]
) -> None:
    """A parameter that the path does not know, or one given twice, is a 422 that names it."""
    await client.put("/v1/accounts/account_id", json={"id": "account_id", "currency": "EUR"})
    for path, operation in operations:
        if operation.query is not None and operation.body is None:
            body = check(await client.get(path, params={"colour": "red"}), 422, "invalid-request")
            assert body["problems"][0]["parameter"] == "colour"
            name = operation.query.__struct_fields__[0]
            body = check(await client.get(path, params=[(name, "1"), (name, "2")]), 422, "invalid-request")
            assert body["problems"][0]["parameter"] == name


async def test_an_unknown_path_or_method_is_refused(
    client: httpx.AsyncClient, operations: list[tuple[str, Operation]]
) -> None:
    """A path that is none is a 404; a method a path does not know is a 405 with Allow."""
    for path in ("/", "/v2", "/v1/account", "/v1/accounts/a/b", "/v1/rulesets/x/versions/one", "/docs"):
        check(await client.get(path), 404, "not-found")
    for path, _ in operations:
        for method in ("TRACE", "PROPFIND"):
            answer = await client.request(method, path)
            check(answer, 405, "method-not-allowed")
            assert answer.headers["allow"]


async def test_what_is_not_there_is_named(client: httpx.AsyncClient) -> None:
    """An unknown account, ruleset, version or decision is a 404 of its own kind."""
    for path, name in {
        "/v1/accounts/nobody": "unknown-account",
        "/v1/accounts/nobody/next-action": "unknown-account",
        "/v1/accounts/nobody/timeline": "unknown-account",
        "/v1/accounts/%00": "unknown-account",
        "/v1/rulesets/none": "unknown-ruleset",
        "/v1/rulesets/none/versions": "unknown-ruleset",
        "/v1/rulesets/none/versions/1": "unknown-ruleset",
        "/v1/rulesets/none/versions/99999999999999": "unknown-ruleset",
        "/v1/decisions/none": "unknown-decision",
        f"/v1/decisions/{_ID}": "unknown-decision",
    }.items():
        check(await client.get(path), 404, name)


async def test_an_unusable_key_is_refused(client: httpx.AsyncClient) -> None:
    """An Idempotency-Key has 1 to 255 printable characters."""
    for key in ("", "x" * 256):
        answer = await client.post("/v1/next-action", json={"account": {}}, headers={"Idempotency-Key": key})
        assert check(answer, 422, "invalid-request")["problems"][0]["header"] == "Idempotency-Key"
