"""Recovery figures as tables for a terminal."""

from collections.abc import Iterator, Sequence

from api.recovering import Made
from api.recoverymessages import CurrencyFigures, PortfolioFigures, RecoveryFigures, RecoveryReport
from api.recoverywords import say_days, say_percent

_NOT_YET = "*"


def write(made: Made) -> str:
    """Return the figures of each currency, what is owed, and what the signs mean."""
    report = made.tell()
    return "\n".join(_lines(report)) + "\n"


def _lines(report: RecoveryReport) -> Iterator[str]:
    since = "the beginning" if report.from_on is None else str(report.from_on)
    yield f"As of the end of {report.as_of}: {report.accounts:,} accounts, cases opened from {since} to {report.to_on}."
    for found in report.currencies:
        yield ""
        yield from _write_currency(found, report)
    yield ""
    if not report.currencies:
        yield "There is nothing to count."
        return
    yield f"{_NOT_YET} not mature: some cases had fewer days by then. Such a share may still grow; do not compare it."
    yield f"after: paid within {report.within_days} days of an action. with: all money of cases with an action."
    yield f"because of: {report.because_of}"


def _write_currency(found: CurrencyFigures, report: RecoveryReport) -> Iterator[str]:
    split = found.months if report.by is None else found.rows
    rows = [("all", found.total), *((row.key, row.figures) for row in split)]
    by = (report.by or "month").replace("_", " ")
    yield found.currency
    yield from lay_out([(by, *heads_of(found.total)), *(_cells(key, figures) for key, figures in rows)])
    yield ""
    heads = (
        by,
        "promises kept",
        "of money",
        "partly kept",
        "broken",
        "open",
        "calls answered",
        "written off",
        "handed over",
    )
    yield from lay_out([heads, *(_more_cells(key, figures) for key, figures in rows)])
    yield ""
    if found.hold_outs:
        yield from lay_out(
            [("experiment", *heads_of(found.total)), *(_cells(row.key, row.figures) for row in found.hold_outs)]
        )
        yield ""
    yield from _write_portfolio(found.portfolio)


def heads_of(total: RecoveryFigures) -> tuple[str, ...]:
    """Return what the columns behind the first are called."""
    days = (f"{at.days} d" for at in total.at)
    return "cases", "opened", "recovered", *days, "median", "after", "with", "contacts", "fees", "complaints"


def _cells(key: str, found: RecoveryFigures) -> tuple[str, ...]:
    shares = (f"{say_percent(at.rate)}{'' if at.is_mature else _NOT_YET}" for at in found.at)
    return (
        key,
        f"{found.cases:,}",
        found.opened,
        found.recovered,
        *shares,
        "–" if found.median_days is None else f"{found.median_days} d",
        found.after,
        found.with_action,
        f"{found.contacts:,}",
        found.fees,
        f"{found.complaints:,}",
    )


def _more_cells(key: str, found: RecoveryFigures) -> tuple[str, ...]:
    promises = found.promises
    told = promises.kept + promises.partly_kept + promises.broken
    return (
        key,
        f"{promises.kept:,} of {told:,}",
        say_percent(promises.kept_money_rate),
        f"{promises.partly_kept:,}",
        f"{promises.broken:,}",
        f"{promises.open:,}",
        f"{found.reached:,} of {found.reached + found.not_reached:,}",
        f"{found.written_off:,}",
        f"{found.handed_over:,}",
    )


def _write_portfolio(found: PortfolioFigures) -> Iterator[str]:
    into = tuple(found.rolls[0].into) if found.rolls else ()
    heads = ("owed", "invoices", "amount", "disputed", f"before {found.since}", *(f"→ {each}" for each in into))
    rows = [
        (
            age.bucket,
            f"{age.invoices:,}",
            age.amount,
            age.disputed,
            roll.amount,
            *(say_percent(roll.into[each]) for each in into),
        )
        for age, roll in zip(found.ages, found.rolls, strict=True)
    ]
    yield from lay_out([heads, *rows])
    yield ""
    yield f"Receivables {found.receivables}, of which not due {found.current}, disputed {found.disputed}."
    yield (
        f"Days sales outstanding {say_days(found.days_sales_outstanding)},"
        f" best possible {say_days(found.best_possible_days)};"
        f" collection effectiveness since {found.since} {say_percent(found.effectiveness)};"
        f" days beyond terms {'–' if found.days_beyond_terms is None else found.days_beyond_terms}."
    )
    if found.unbilled_invoices:
        yield f"{found.unbilled_invoices:,} invoices name no amount or no day of issue, and are in no billing."


def lay_out(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows in columns, the first to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()
