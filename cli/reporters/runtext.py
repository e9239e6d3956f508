"""What a run decided, as tables for a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cli.bulk.running import Ran
from cli.bulk.tally import Line, Tally
from cli.bulk.writing import write_amount

_MOST_LINES = 30
_HEADINGS = {
    "outcome": "Outcome",
    "rule": "Rule",
    "block": "Block",
    "action": "Action",
    "channel": "Channel",
    "segment": "Segment",
    "day": "Scheduled on, channel",
}


def write_summary(ran: Ran, *, out: str, refused: str) -> str:
    """Return what was decided, how often and for how much, and where the answer is."""
    tally = ran.tally
    parts = [_say_whole(ran, out=out, refused=refused)]
    for dimension, heading in _HEADINGS.items():
        lines = tally.lines.get(dimension, {})
        if lines:
            parts.append(_write_table(heading, lines))
    if tally.contacts:
        parts.append("Contacts\n" + "".join(f"  {name}  {count:,}\n" for name, count in sorted(tally.contacts.items())))
    return "\n".join(parts)


def name_line(name: str) -> str:
    """Return the words of a row's name."""
    return ", ".join(part or "–" for part in name.split("\t"))


def write_amounts(amounts: Mapping[str, Decimal]) -> str:
    """Return amounts of several currencies in a row."""
    written = (f"{Decimal(write_amount(amount, code)):,} {code}" for code, amount in sorted(amounts.items()))
    return " + ".join(written) or "–"


def say_singly(tally: Tally) -> str:
    """Say how many accounts were decided one by one, and why."""
    decided = ", ".join(f"{count:,} because {why}" for why, count in sorted(tally.singly.items()))
    return f"Decided one by one: {decided}." if decided else "None had to be decided one by one."


def _say_whole(ran: Ran, *, out: str, refused: str) -> str:
    tally = ran.tally
    decided = tally.rows_count - tally.refused_count
    said = f"{decided:,} accounts decided as of {ran.plan.as_of}: {out}\n"
    if tally.refused_count:
        said += f"{tally.refused_count:,} could not be decided on; {refused} says why.\n"
    for name, count in ran.lost.items():
        if count:
            said += f"{count:,} rows of --{name} belong to no account that was read.\n"
    if ran.units_kept:
        said += f"{ran.units_kept:,} of {len(ran.plan.units):,} units had been done before.\n"
    return f"{said}{say_singly(tally)}\n"


def _write_table(heading: str, lines: Mapping[str, Line]) -> str:
    ordered = sorted(lines.items(), key=lambda item: (-item[1].count, item[0]))
    rows = [
        (name_line(name), f"{line.count:,}", write_amounts(line.claimed), write_amounts(line.fees))
        for name, line in ordered[:_MOST_LINES]
    ]
    more = len(ordered) - _MOST_LINES
    table = "".join(_align([(heading, "accounts", "claimed", "fees"), *rows]))
    return table + (f"  and {more:,} more\n" if more > 0 else "")


def _align(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip() + "\n"
