"""clients/python: every operation has its method, and what it does beside asking."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from dunning_client import AsyncClient, Client, Problem, WebhookInvalid, verify_webhook
from scripts.pythonclient import Operation, list_operations
from tests.contract.conftest import OPENAPI

pytestmark = pytest.mark.anyio
DOCUMENT: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8"))
OPERATIONS = [
    (method.upper(), path, written)
    for path, methods in DOCUMENT["paths"].items()
    for method, written in methods.items()
]
BODY = b'{"events": [], "next_after": "0000000000000000001"}'


class Wire:
    """What a client is answered, in turn, and what it sent and how long it waited in between."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.answers = [*answers]
        self.sent: list[httpx.Request] = []
        self.pauses: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def client(self, **how: Any) -> Client:
        """Make a client on this wire."""
        transport = httpx.MockTransport(self.handle)
        return Client("http://dunning.test", "secret", transport=transport, sleep=self.pauses.append, **how)


def answer(status: int = 200, body: bytes = BODY, **headers: str) -> httpx.Response:
    """Make an answer."""
    return httpx.Response(
        status, content=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def refuse(status: int, name: str, **headers: str) -> httpx.Response:
    """Make a refusal."""
    return answer(status, json.dumps({"type": f"urn:dunning:problem:{name}", "detail": "No."}).encode(), **headers)


def snake(name: str) -> str:
    """Write an operation's id as a method's name."""
    return re.sub(r"([A-Z])", r"_\1", name).lower()


@pytest.mark.parametrize(
    ("method", "path", "written"), OPERATIONS, ids=lambda part: part if isinstance(part, str) else ""
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_operation_has_its_method(kind: type, method: str, path: str, written: dict[str, Any]) -> None:
    """Each operation of the document can be asked with all that it takes, at once and asynchronously."""
    found = inspect.signature(getattr(kind, snake(written["operationId"])))
    taken = {name.rstrip("_") for name in found.parameters} - {"self", "body"}
    described = {each["name"].lower().replace("-", "_") for each in written.get("parameters", ())}
    assert taken == described - ({"if_none_match"} if method == "GET" else set()), path
    assert ("body" in found.parameters) is ("requestBody" in written)


@pytest.mark.parametrize("operation", list_operations(), ids=lambda operation: operation.name)
def test_every_operation_is_asked_at_its_path(operation: Operation) -> None:
    """What is given arrives: in the path percent-encoded, in the query, in the headers, in the body."""
    wire = Wire(answer(500))
    client = wire.client()
    signature = inspect.signature(getattr(client, operation.name))
    given = {name: f"<{name}>" for name in signature.parameters}
    with pytest.raises(Problem):
        getattr(client, operation.name)(**given)
    (sent,) = wire.sent
    pattern = re.sub(r"\\{(\w+)\\}", r"%3C\1%3E", re.escape(operation.path))
    assert (sent.method, sent.url.raw_path.partition(b"?")[0].decode()) == (operation.method, pattern.replace("\\", ""))
    assert dict(sent.url.params) == {each.name: f"<{each.argument}>" for each in operation.list_of("query")}
    for each in operation.list_of("header"):
        assert sent.headers[each.name] == f"<{each.argument}>"
    assert sent.headers["Authorization"] == "Bearer secret"
    assert sent.content == (b"<body>" if operation.body is not None else b"")


def test_what_passes_is_asked_again_with_the_same_key() -> None:
    """503, 429, an answer that is pending and a lost connection are repeated, under one key made by the client."""
    wire = Wire(
        refuse(503, "unavailable", Retry_After="2"),
        httpx.ReadError("lost"),
        refuse(429, "too-many-requests", Retry_After="7"),
        refuse(409, "answer-pending", Retry_After="1"),
        answer(201, b"{}"),
    )
    wire.client().record_history("A-1", {"rule": "reminder"})
    assert len({sent.headers["Idempotency-Key"] for sent in wire.sent}) == 1
    assert [wire.pauses[0], *wire.pauses[2:]] == [2, 7, 1]
    assert 0 < wire.pauses[1] <= 4


@pytest.mark.parametrize(
    ("ask", "outcome", "error"),
    [
        (lambda client: client.patch_account("A", {}), httpx.ReadError("lost"), httpx.ReadError),
        (lambda client: client.patch_account("A", {}), refuse(503, "unavailable"), Problem),
        (lambda client: client.list_events(), refuse(422, "invalid-request"), Problem),
        (lambda client: client.record_history("A", {}), refuse(409, "already-executed"), Problem),
        (lambda client: client.list_events(), refuse(500, "internal-error"), Problem),
    ],
)
def test_what_may_have_happened_or_will_not_pass_is_not_asked_again(
    ask: Callable[[Client], object], outcome: httpx.Response | httpx.TransportError, error: type[Exception]
) -> None:
    """A change without a key is sent once, and a refusal that would come again is told at once."""
    wire = Wire(outcome)
    with pytest.raises(error):
        ask(wire.client())
    assert len(wire.sent) == 1


def test_patience_ends() -> None:
    """After so many attempts the last outcome is told."""
    wire = Wire(*[refuse(503, "unavailable", Retry_After="1") for _ in range(3)])
    with pytest.raises(Problem) as told:
        wire.client(attempts=3).list_events()
    assert (told.value.status, told.value.type, len(wire.sent)) == (503, "urn:dunning:problem:unavailable", 3)


def test_a_refusal_by_somebody_else_is_a_problem_too() -> None:
    """What a proxy answers is no problem details, and is told all the same."""
    wire = Wire(answer(404, b"<html>", X_Request_Id="r-1"))
    with pytest.raises(Problem, match=r"404: dunning\.test answered no problem details") as told:
        wire.client().get_health()
    assert (told.value.type, told.value.request_id, told.value.problems) == ("about:blank", "r-1", [])


def _pages() -> Iterator[httpx.Response]:
    for numbers in ([1, 2], [3], []):
        runs = [
            {"id": f"e{n}", "type": "run.finished", "subject": f"runs/{n}", "time": "2026-11-20T09:00:00Z"}
            for n in numbers
        ]
        events = [run | {"sequence": f"{n:019}", "data": {"run": str(n)}} for n, run in zip(numbers, runs, strict=True)]
        last = f"{numbers[-1] if numbers else 3:019}"
        yield answer(200, json.dumps({"events": events, "next_after": last}).encode())


async def test_pages_are_turned() -> None:
    """An iterator asks for the next page where the last ended, until there is none."""
    wire = Wire(*_pages())
    assert [event.id for event in wire.client().iterate_events(limit=2)] == ["e1", "e2", "e3"]
    asked = [sent.url.params.get("after") for sent in wire.sent]
    assert asked == [None, f"{2:019}", f"{3:019}"]
    again = Wire(*_pages())
    async with AsyncClient("http://d.test", "s", transport=httpx.MockTransport(again.handle)) as client:
        assert [event.id async for event in client.iterate_events(limit=2)] == ["e1", "e2", "e3"]


def test_a_webhook_that_is_not_ours_is_refused() -> None:
    """Too old, changed, of another key, without its headers: refused; a key that is none is the caller's fault."""
    body = b"{}"
    headers = {"webhook-id": "e", "webhook-timestamp": "1000", "webhook-signature": "v1,AAAA v1a,AAAA"}
    keys = ("whsec_" + "A" * 44, "whpk_" + "A" * 43 + "=")
    for given, now in (
        (headers, 1000.0),
        (headers, 2000.0),
        ({}, 1000.0),
        (headers | {"webhook-timestamp": "x"}, 1000.0),
    ):
        with pytest.raises(WebhookInvalid):
            verify_webhook(body, given, *keys, now=now)
    with pytest.raises(ValueError, match="a key begins with whsec_ or whpk_"):
        verify_webhook(body, headers, "secret", now=1000)
