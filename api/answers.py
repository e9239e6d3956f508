"""Answering: JSON with a strong ETag, and the first answer again for a repeated Idempotency-Key."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from litestar import Response
from litestar.types import Scope, Send

from api.operation import JSON
from api.problems import MEDIA_TYPE, Fault, ProblemError
from api.requests import find_header, method_of
from api.service import find_service
from engine.model.decision import Money
from engine.model.money import exponent
from store.errors import StoreError
from store.idempotency import KeptAnswer
from store.tokens import Token

_LONGEST_KEY = 255
_SERVER_ERROR = 500
_NOT_MODIFIED = 304


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered, before it is sent; ``account_ids`` are those whose erasure must take a kept answer with it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = {}
    account_ids: tuple[str, ...] = ()

    def respond(self, media_type: str = JSON) -> Response[bytes]:
        """Make the response of a typed route."""
        return Response(self.body, status_code=self.status, media_type=media_type, headers=self.headers)


async def send_problem(send: Send, problem: ProblemError) -> None:
    """Send a refusal from outside of the routes."""
    await send_reply(send, Reply(status=problem.status, body=problem.body, headers=problem.headers), MEDIA_TYPE)


async def send_reply(send: Send, reply: Reply, media_type: str = JSON) -> None:
    """Send a reply from an ASGI route."""
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(reply.body)).encode())]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})


def answer_json(record: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """Answer a record."""
    return Reply(status=status, body=encode(record), headers=dict(headers or {})).respond()


def answer_cached(scope: Scope, body: bytes, *, etag: str | None = None) -> Response[bytes]:
    """Answer a GET with its ETag, or that nothing changed since the client last read it."""
    tag = f'"{etag or hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = find_header(scope, b"if-none-match")
    if known is not None and (known == "*" or tag in [one.strip().removeprefix("W/") for one in known.split(",")]):
        return Response(b"", status_code=_NOT_MODIFIED, headers=headers)
    return Reply(body=body, headers=headers).respond()


async def answer_once(scope: Scope, request: bytes, make: Callable[[], Awaitable[Reply]]) -> Reply:
    """Make a reply; with an Idempotency-Key at most once for the token, path and request, and then the same again."""
    key = find_header(scope, b"idempotency-key")
    if key is None:
        return await make()
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        message = f"An Idempotency-Key has 1 to {_LONGEST_KEY} printable characters."
        raise ProblemError("invalid-request", message, problems=(Fault(header="Idempotency-Key", message=message),))
    store = find_service(scope).store
    idempotency, known_erasures = store.idempotency, store.erasures.known
    token: Token = scope["auth"]
    asked = f"{method_of(scope)} {scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode()
    kept = await idempotency.claim(token.id, key, hashlib.sha256(asked + request).digest())
    if kept is not None:
        return Reply(status=kept.status, body=kept.body, headers={"Idempotency-Replayed": "true"})
    try:
        reply = await make()
    except BaseException:
        await _let_go(idempotency.abandon(token.id, key))
        raise
    answer = KeptAnswer(status=reply.status, body=reply.body)
    accounts = reply.account_ids
    await _let_go(idempotency.keep(token.id, key, answer, account_ids=accounts, known_erasures=known_erasures))
    return reply


async def _let_go(write: Awaitable[Any]) -> None:
    """Finish with a key; where that fails the key is held for its minute and the reply stands."""
    try:
        await write
    except StoreError:
        return


encode = msgspec.json.Encoder().encode


def money_of(amount: Decimal | None, currency: str | None) -> Money | None:
    """Write a stored amount with its currency and the digits that it has; None where either is missing."""
    if amount is None or currency is None:
        return None
    return Money(amount=f"{amount:.{exponent(currency)}f}", currency=currency)
