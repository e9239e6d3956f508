"""Recovery figures as CSV: a line for the total, for each row, and for each month."""

import csv
import io
from collections.abc import Iterator

from api.recovering import Made
from api.recoverymessages import RecoveryFigures

_ALWAYS = ("currency", "split", "key")


def write(made: Made) -> str:
    """Return the lines with their head; what is unknown is empty."""
    report = made.tell()
    rows: list[tuple[str, str, str, RecoveryFigures]] = []
    for found in report.currencies:
        rows.append((found.currency, "all", "all", found.total))
        rows += [(found.currency, report.by or "", row.key, row.figures) for row in found.rows]
        rows += [(found.currency, "hold_out", row.key, row.figures) for row in found.hold_outs]
        if report.by != "month":
            rows += [(found.currency, "month", row.key, row.figures) for row in found.months]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    names = [name for name, _ in _cells(rows[0][3])] if rows else []
    writer.writerow((*_ALWAYS, *names))
    for currency, split, key, figures in rows:
        writer.writerow((currency, split, key, *("" if value is None else value for _, value in _cells(figures))))
    return written.getvalue()


def _cells(found: RecoveryFigures) -> Iterator[tuple[str, object]]:
    for name in ("cases", "opened", "recovered", "rate"):
        yield name, getattr(found, name)
    for at in found.at:
        yield f"recovered_{at.days}", at.recovered
        yield f"rate_{at.days}", at.rate
        yield f"paid_rate_{at.days}", at.paid_rate
        yield f"is_mature_{at.days}", str(at.is_mature).lower()
    for name in ("median_days", "contacts", "contacts_a_case", "fees", "fees_a_case", "complaints"):
        yield name, getattr(found, name)
    for name in ("open", "kept", "partly_kept", "broken", "withdrawn", "kept_rate", "kept_money_rate"):
        yield f"promises_{name}", getattr(found.promises, name)
    for name in ("reach_rate", "after", "with_action", "paid", "written_off", "written_off_money", "handed_over"):
        yield name, getattr(found, name)
