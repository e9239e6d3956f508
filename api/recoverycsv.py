"""Recovery figures as CSV, for who reckons on: numbers without signs, what is unknown is empty."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from api.csvcells import guard
from api.recoverymessages import RecoveryFigures, RecoveryReport

_SPLITS = {"cases": ("all", "by"), "hold-outs": ("hold_out",), "months": ("month",)}
_PROMISES = ("open", "kept", "partly_kept", "broken", "withdrawn", "kept_rate", "kept_money_rate")
Line = tuple[object, ...]


def write(report: RecoveryReport) -> str:
    """Return the lines of all cases with their head: the total, each row, who is held out, and each month."""
    return _write(_list_cases(report, ("all", "by", "hold_out", *(() if report.by == "month" else ("month",)))))


def write_table(report: RecoveryReport, name: str) -> str | None:
    """Return the lines of one table of a report's page, by its name, of all currencies; None where it has none."""
    if name in _SPLITS:
        return _write(_list_cases(report, _SPLITS[name]))
    listing = _LISTINGS.get(name)
    return None if listing is None else _write(listing(report))


def _write(lines: Iterable[Line]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows(["" if cell is None else guard(f"{cell}") for cell in line] for line in lines)
    return written.getvalue()


def _list_cases(report: RecoveryReport, splits: tuple[str, ...]) -> Iterator[Line]:
    head: tuple[str, ...] = ()
    for found in report.currencies:
        rows = {"by": found.rows, "hold_out": found.hold_outs, "month": found.months}
        lines = [("all", "all", found.total)] if "all" in splits else []
        for split in filter(rows.__contains__, splits):
            name = (report.by or "") if split == "by" else split
            lines += [(name, row.key, row.figures) for row in rows[split]]
        for split, key, figures in lines:
            cells = tuple(_cells(figures))
            if not head:
                head = ("currency", "split", "key", *(name for name, _ in cells))
                yield head
            yield (found.currency, split, key, *(value for _, value in cells))
    if not head:
        yield ("currency", "split", "key")


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
    for name in _PROMISES:
        yield f"promises_{name}", getattr(found.promises, name)
    for name in ("reach_rate", "after", "with_action", "paid", "written_off", "written_off_money", "handed_over"):
        yield name, getattr(found, name)


def _list_versions(report: RecoveryReport) -> Iterator[Line]:
    yield ("ruleset", "version", "in_use_since")
    yield from ((use.ruleset, use.version, use.at.isoformat()) for use in report.versions)


def _list_ages(report: RecoveryReport) -> Iterator[Line]:
    yield ("currency", "days_overdue", "invoices", "amount", "disputed")
    for found in report.currencies:
        for age in found.portfolio.ages:
            yield (found.currency, age.bucket, age.invoices, age.amount, age.disputed)


def _list_owed(report: RecoveryReport) -> Iterator[Line]:
    yield (
        *("currency", "since", "receivables", "current", "disputed", "days_sales_outstanding", "is_more"),
        *("best_possible_days", "effectiveness", "days_beyond_terms", "unbilled_invoices"),
    )
    for found in report.currencies:
        owed = found.portfolio
        days, best = owed.days_sales_outstanding, owed.best_possible_days
        yield (
            *(found.currency, owed.since, owed.receivables, owed.current, owed.disputed),
            *((None, None) if days is None else (days.days, str(days.is_more).lower())),
            *(None if best is None else best.days, owed.effectiveness, owed.days_beyond_terms, owed.unbilled_invoices),
        )


def _list_rolls(report: RecoveryReport) -> Iterator[Line]:
    yield ("currency", "since", "from", "amount", "into", "percent")
    for found in report.currencies:
        for roll in found.portfolio.rolls:
            for where, percent in roll.into.items():
                yield (found.currency, found.portfolio.since, roll.bucket, roll.amount, where, percent)


def _list_promises(report: RecoveryReport) -> Iterator[Line]:
    yield ("currency", *_PROMISES, "reached", "not_reached", "reach_rate", "complaints")
    for found in report.currencies:
        total = found.total
        promises = (getattr(total.promises, name) for name in _PROMISES)
        yield (found.currency, *promises, total.reached, total.not_reached, total.reach_rate, total.complaints)


_LISTINGS: dict[str, Callable[[RecoveryReport], Iterator[Line]]] = {
    "versions": _list_versions,
    "ages": _list_ages,
    "owed": _list_owed,
    "rolls": _list_rolls,
    "promises": _list_promises,
}
