"""A timeline as a table for a terminal."""

from pages.ladder import Ladder, Rung

_HEADINGS = ("date", "day", "level", "what", "action", "channel", "pay by", "fee", "claim")
_RIGHT = frozenset({"day", "level", "claim"})


def write_table(ladder: Ladder) -> str:
    """Return the ladder as a table; every column as wide as its widest cell."""
    rows = [_cells(rung) for rung in ladder.rungs]
    widths = [max(len(row[i]) for row in (_HEADINGS, *rows)) for i in range(len(_HEADINGS))]
    shown = [i for i in range(len(_HEADINGS)) if any(row[i] for row in rows)]
    lines = [f"{ladder.account}: {ladder.title}, if nobody pays"]
    for row in (_HEADINGS, *rows) if rows else ():
        cells = (row[i].rjust(widths[i]) if _HEADINGS[i] in _RIGHT else row[i].ljust(widths[i]) for i in shown)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def _cells(rung: Rung) -> tuple[str, ...]:
    others = "".join(f" + {other}" for other in rung.with_others)
    return (
        f"{rung.on:%a} {rung.on}",
        "" if rung.day is None else str(rung.day),
        "" if rung.level is None else str(rung.level),
        rung.title,
        f"{rung.action.replace('_', ' ')}{others}",
        rung.channel,
        str(rung.pay_by or ""),
        rung.money,
        rung.claim,
    )
