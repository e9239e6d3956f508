"""What the attacker is taught: how lines of JSON are sent, and whose words no answer holds."""

from typing import Any

import schemathesis

# Of msgspec, asyncpg, PostgreSQL and Python: what leaks when a library's message is handed on.
THEIR_WORDS = (
    "Expected `",
    "RFC3339",
    "Invalid enum",
    "Object missing",
    "Object contains",
    "query argument",
    "asyncpg",
    "psycopg",
    "SQLSTATE",
    "violates",
    "Traceback",
    "codec can't",
    "object at 0x",
    "NoneType",
)


@schemathesis.serializer("application/x-ndjson")
def send_lines(_context: object, value: Any) -> bytes:
    """Send bytes as they are; what was made wrong on purpose as text."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.check
def answers_speak_our_words(_context: object, response: Any, _case: object) -> None:
    """No refusal hands on what a library said."""
    if response.status_code >= 400:
        found = [words for words in THEIR_WORDS if words in response.text]
        assert found == [], f"{found} in {response.text}"
