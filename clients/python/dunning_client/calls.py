"""A call as it is sent, and what its answer means: nothing here waits, sends or knows whether it is asynchronous."""

import datetime as dt
import random
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from dunning_client.problems import read_problem

T = TypeVar("T")

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
_PASSING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_ANSWER_PENDING = "urn:dunning:problem:answer-pending"
_LONGEST_PAUSE_SECONDS = 60.0


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request; `media_types` are those that its body may be of, and `is_once`: it takes an Idempotency-Key."""

    method: str
    path: str
    query: Mapping[str, Any] = {}
    headers: Mapping[str, str | None] = {}
    body: Any = None
    media_types: tuple[str, ...] = ()
    is_once: bool = False


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it goes out, the same at each attempt."""

    method: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    content: bytes | None
    is_repeatable: bool


def fill(template: str, **parts: object) -> str:
    """Write a path; what is put into it is percent-encoded."""
    return template.format(**{name: quote(str(part), safe="") for name, part in parts.items()})


def write(call: Call) -> Sent:
    """Write a call out; one that takes an Idempotency-Key and was given none gets one, so that it may be repeated."""
    headers = {name: value for name, value in call.headers.items() if value is not None}
    if call.is_once:
        headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
    content = None
    if call.body is not None:
        is_text = isinstance(call.body, str | bytes)
        fitting = [kind for kind in call.media_types if kind.endswith("json") != is_text or len(call.media_types) == 1]
        headers["Content-Type"] = (fitting or call.media_types)[0]
        content = _write_body(call.body)
    return Sent(
        method=call.method,
        url=call.path,
        params={name: _write_value(value) for name, value in call.query.items() if value is not None},
        headers=headers,
        content=content,
        is_repeatable=call.is_once or call.method in _REPEATABLE,
    )


def find_pause(sent: Sent, outcome: httpx.Response | httpx.TransportError, attempt: int) -> float | None:
    """Say for how many seconds to wait before the next attempt; None where the outcome stands."""
    backoff = random.uniform(0.5, 1) * min(2.0**attempt, _LONGEST_PAUSE_SECONDS)  # noqa: S311  it spreads attempts
    if isinstance(outcome, httpx.TransportError):
        return backoff if sent.is_repeatable or isinstance(outcome, httpx.ConnectError) else None
    is_pending = outcome.status_code == HTTPStatus.CONFLICT and read_problem(outcome).type == _ANSWER_PENDING
    if outcome.status_code not in _PASSING and not is_pending:
        return None
    if outcome.status_code == HTTPStatus.SERVICE_UNAVAILABLE and not sent.is_repeatable:
        return None  # it may have been carried out
    asked = outcome.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_PAUSE_SECONDS) if asked.isdecimal() else backoff


def check(response: httpx.Response) -> httpx.Response:
    """Return an answer that is a success; raises the Problem that it tells otherwise."""
    if response.is_success:
        return response
    raise read_problem(response)


def read(response: httpx.Response, record: Any) -> Any:  # noqa: ANN401  whatever the call answers
    """Read an answer as its record: JSON, a text, bytes, or nothing."""
    if record is None:
        return None
    if record is bytes:
        return response.content
    if record is str:
        return response.text
    return msgspec.json.decode(response.content, type=record)


def _write_body(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else msgspec.json.encode(body)


def _write_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
