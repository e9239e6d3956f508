"""What each route says of itself, beside its handler: the scope it needs, and what OpenAPI shows of it."""

from typing import Any, Literal

import msgspec

Scope = Literal["decide", "accounts", "approve", "publish", "audit", "events", "admin"]
SCOPES: tuple[Scope, ...] = ("decide", "accounts", "approve", "publish", "audit", "events", "admin")
Role = Literal["author", "approver", "collector", "auditor", "operator"]
ROLES: dict[Role, tuple[Scope, ...]] = {
    "author": ("publish", "audit"),
    "approver": ("decide", "approve", "publish", "audit"),
    "collector": ("decide", "accounts"),
    "auditor": ("audit",),
    "operator": ("audit", "events", "admin"),
}
"""What people in a company do, each with the scopes that it takes and no more.

An approver lets versions through as well as steps, which is of the scope publish; four eyes keep one from approving
what one published."""

JSON = "application/json"
NDJSON = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"
YAML = "application/yaml"
MEBIBYTE = 1 << 20


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A request body: its media types with their other names, its record, and the most bytes taken.

    Only bodies of JSON are of the record; NDJSON is one in each line, and YAML is text.
    """

    record: Any
    media_types: tuple[str, ...] = (JSON,)
    aliases: tuple[str, ...] = ()
    most_bytes: int | None = MEBIBYTE


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A success: its status, its record (``None`` for an empty body) and what it means."""

    about: str
    status: int = 200
    record: Any = None
    media_type: str = JSON


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path; ``scope`` is ``None`` where no token is needed, or any with ``takes_any_token``.

    ``reads_personal``: who asks, when and what is put into the access log before anything is read.
    """

    name: str
    summary: str
    scope: Scope | None
    answers: tuple[Answer, ...]
    method: str = "GET"
    body: Body | None = None
    query: type[msgspec.Struct] | None = None
    headers: dict[str, str] = {}
    problems: tuple[str, ...] = ()
    reads_personal: bool = False
    takes_any_token: bool = False

    @property
    def needs_token(self) -> bool:
        """Whether nobody is answered without a token."""
        return self.scope is not None or self.takes_any_token


ONCE = {"Idempotency-Key": "Repeats the first answer for 24 hours."}
"""The header of what is done at most once, however often it is asked for (answer_once)."""
NOT_ONCE = ("unavailable", "idempotency-conflict", "answer-pending")
"""What such a request may be refused with beside its own problems."""
OPT_KEY = "operation"
"""Where a handler keeps its Operation: Litestar's ``opt``."""
CONSOLE_KEY = "console"
"""What the console's handlers have in the place of an Operation: they are pages, and no part of the API."""
