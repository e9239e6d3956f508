"""What the attacker is taught: how lines of JSON are sent."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def send_lines(_context: object, value: Any) -> bytes:
    """Send bytes as they are; what was made wrong on purpose as text."""
    return value if isinstance(value, bytes) else str(value).encode()
