"""The best hour to call (figures.md H1 and H2)."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

SHRINKING = 12
TENTH = 1_000


def window_on(
    account: dict[str, Any], on: dt.date, opens: dt.time, closes: dt.time | None
) -> tuple[dt.time, dt.time | None] | None:
    """The window to call in on a local day, from and to (None: midnight); None where any hour is as good."""
    lawful = [start for start in range(0, 24, 2) if _is_within(start, opens, closes)]
    if not lawful:
        return None
    digest = hashlib.sha256(f"best-hour:{account['id']}:{on.isoformat()}".encode()).digest()
    number = int.from_bytes(digest[:8], "big") % 10_000
    if number < TENTH:
        return _span(lawful[number % len(lawful)])
    rates = [(rate, -start) for start in lawful if (rate := _rate(account.get("call_hours", []), start)) is not None]
    return _span(-max(rates)[1]) if rates else None


def _is_within(start: int, opens: dt.time, closes: dt.time | None) -> bool:
    begins, (_, ends) = dt.time(start), _span(start)
    return begins >= opens and (closes is None or (ends is not None and ends <= closes))


def _span(start: int) -> tuple[dt.time, dt.time | None]:
    return dt.time(start), None if start == 22 else dt.time(start + 2)


def _rate(lines: Sequence[dict[str, Any]], start: int) -> Fraction | None:
    """What is expected of a window; None where nobody was ever called in it."""
    found = {line["of"]: line for line in lines if line["window"] == f"{start:02d}-{start + 2:02d}" and line["calls"]}
    answered, calls = (found["account"][name] if "account" in found else 0 for name in ("answered", "calls"))
    others = found.get("segment") or found.get("all") or found.get("account")
    if others is None:
        return None
    return (answered + SHRINKING * Fraction(others["answered"], others["calls"])) / (calls + SHRINKING)
