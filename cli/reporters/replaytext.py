"""What came of deciding again, for a reader."""

import decimal
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET

from api.replaying import Difference, Replay
from cli.changes import NOTHING, Cell
from engine.model.language import say_edition

_HEAD = ("was", "becomes", "decisions", "claimed before", "claimed after")
_NUMBERS_FROM = 2
_LONGEST_VALUE = 200


def write_difference(replay: Replay) -> str:
    """Write where a decision made again differs from the logged one."""
    if replay.problem is not None:
        return f"{replay.decision_id}: no decision comes out: {replay.problem}\n"
    places = "".join(f"  {_write_place(each)}\n" for each in replay.differences)
    return f"{replay.decision_id} differs:\n{places}"


def write_matrix(cells: Sequence[Cell]) -> str:
    """Write what was decided and what would be, changes first, as a table."""
    rows = [
        (
            cell.was,
            cell.becomes if cell.is_change else "the same",
            f"{cell.decisions_count:,}",
            _write_amounts(cell.claimed_before),
            _write_amounts(cell.claimed_after),
        )
        for cell in cells
    ]
    widths = [max(len(row[column]) for row in (_HEAD, *rows)) for column in range(len(_HEAD))]
    return "".join(f"{_pad(row, widths)}\n" for row in (_HEAD, *rows))


def write_summary(
    *,
    equal_count: int,
    different_count: int,
    erased_count: int,
    earlier_counts: Mapping[int, int],
    per_second: float,
    changed_count: int | None,
) -> str:
    """Write how many were equal, or would do something else, and how fast it was, in one line."""
    earlier_count = sum(earlier_counts.values())
    done = equal_count + different_count + earlier_count
    parts = [f"{done:,} decisions made again, {per_second:,.0f} a second"]
    if not done:
        parts = ["no decision was made again, so nothing is shown"]
    elif changed_count is not None:
        parts.append(f"{changed_count:,} would do something else")
    else:
        parts.append(_say_equal(equal_count, different_count, earlier_count))
    parts += [f"{count:,} made under {say_edition(edition)}" for edition, count in sorted(earlier_counts.items())]
    if erased_count:
        parts.append(f"{erased_count:,} could not be made again: their facts were erased")
    return f"{'; '.join(parts)}."


def _say_equal(equal_count: int, different_count: int, earlier_count: int) -> str:
    if different_count:
        return f"{different_count:,} differ"
    return f"{equal_count:,} equal, byte for byte" if earlier_count else "all equal, byte for byte"


def _write_place(difference: Difference) -> str:
    logged, replayed = (_write(value) for value in (difference.logged, difference.replayed))
    return f"{difference.pointer or '/'}: logged {logged}, now {replayed}"


def _write(value: object) -> str:
    text = "nothing" if value is UNSET else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _write_amounts(amounts: Mapping[str, decimal.Decimal]) -> str:
    return " + ".join(f"{amount:,} {currency}" for currency, amount in amounts.items()) or NOTHING


def _pad(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if column >= _NUMBERS_FROM else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
