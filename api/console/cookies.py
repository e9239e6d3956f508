"""The cookies of the console: sent to this host alone, never to a script, and never along with another site's links."""

import re

from litestar.types import Scope

from api.requests import find_header


def find_cookie(scope: Scope, name: str, form: "re.Pattern[str]") -> str | None:
    """Find the cookie of a name that has its form; those of others may look as they like."""
    for part in (find_header(scope, b"cookie") or "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and form.fullmatch(value) is not None:
            return value
    return None


def write_cookie(name: str, value: str | None, *, seconds: int) -> dict[str, str]:
    """Write the header that keeps a cookie for so long; None ends it."""
    age = 0 if value is None else seconds
    return {"Set-Cookie": f"{name}={value or ''}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict"}
