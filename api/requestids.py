"""Each request has an id: the caller's `X-Request-Id` or one of ours, in the answer and in every line of the log."""

import itertools
import os
import re
from contextvars import ContextVar

from litestar.types import Scope

from api.requests import find_header

_PROCESS = os.urandom(8).hex()
_NUMBERS = itertools.count(1)
_USABLE = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered, in whatever is called for it."""

trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""The id of the trace that the request belongs to, where traces are made."""


def take_request_id(scope: Scope) -> bytes:
    """Take up the id of a request, and return it as the header that answers it; one that could spoil a log is not."""
    given = find_header(scope, b"x-request-id")
    taken = given if given is not None and _USABLE.fullmatch(given) else f"{_PROCESS}-{next(_NUMBERS):x}"
    request_id.set(taken)
    return taken.encode()
