"""Recovery figures as parts of a page: pictures, each with a table that says the same."""

from collections.abc import Iterator, Sequence

from api.recoverymessages import CurrencyFigures, RecoveryFigures, RecoveryReport, RecoveryRow
from api.recoverywords import NOTHING, say_days, say_money, say_percent
from pages.barpicture import Bar, draw_bars
from pages.cohortpicture import Change, Curve, Point, draw_cohorts
from pages.colours import CALL, FEE, MESSAGE, SERVICE, WORK
from pages.page import Block, Picture, Section, Table, Text
from pages.stackpicture import Part, Stack, draw_stacks

_AGES = {"not due": 0.25, "1-30": 0.4, "31-60": 0.6, "61-90": 0.8, "91+": 1.0}
_PROMISES = {"kept": CALL, "partly_kept": FEE, "broken": SERVICE, "open": MESSAGE, "withdrawn": WORK}


def list_facts(report: RecoveryReport) -> tuple[tuple[str, str], ...]:
    """Return what the figures are of, and what their columns mean."""
    unreadable = f", {report.unreadable:,} more unreadable" if report.unreadable else ""
    return (
        ("as of", f"the end of {report.as_of}"),
        ("cases opened", f"{report.from_on or 'from the beginning'} to {report.to_on}"),
        ("accounts", f"{report.accounts:,}{unreadable}"),
        ("after", f"paid within {report.within_days} days of an executed action, the last one before it"),
        ("with", "all money of cases with an action before they closed"),
        ("because of", report.because_of),
    )


def list_sections(found: CurrencyFigures, report: RecoveryReport) -> Iterator[Section]:
    """Yield the parts of one currency."""
    named = f" ({found.currency})"
    title = "What came in" if report.by is None else f"What came in, by {report.by.replace('_', ' ')}"
    yield Section(heading=title + named, blocks=tuple(_write_split(found, report)))
    if found.hold_outs:
        about = (
            "Accounts that an experiment holds out get no voluntary action; by themselves these rates show no cause."
        )
        held = _table("hold-outs", "experiment", found.hold_outs, found.total)
        yield Section(heading="Held out" + named, blocks=(Text(words=about), held))
    yield Section(heading="Cohorts" + named, blocks=tuple(_write_cohorts(found, report)))
    yield Section(heading="What is owed" + named, blocks=tuple(_write_owed(found)))
    yield Section(heading="Where it rolled" + named, blocks=tuple(_write_rolls(found)))
    yield Section(heading="Promises and calls" + named, blocks=tuple(_write_promises(found.total)))


def _write_split(found: CurrencyFigures, report: RecoveryReport) -> Iterator[Block]:
    by = report.by
    if by is not None and by != "month" and found.rows:
        about = f"The share of the opened money that came in so far, by {by.replace('_', ' ')}."
        bars = [
            Bar(label=row.key, length=round((row.figures.rate or 0) * 10), words=say_percent(row.figures.rate))
            for row in found.rows
        ]
        yield Text(words=f"{about} A case may stand in several lines, and they are not alike: no line shows a cause.")
        yield Picture(name="split", svg=draw_bars(bars, about=about), about=about)
    rows = (RecoveryRow(key="all", figures=found.total), *found.rows)
    yield _table("cases", (by or "which").replace("_", " "), rows, found.total)


def _table(name: str, by: str, rows: Sequence[RecoveryRow], total: RecoveryFigures) -> Table:
    shares = tuple(f"{at.days} days" for at in total.at)
    headings = (by, "cases", "opened", "recovered", *shares, "median days", "after", "with", "contacts", "complaints")
    return Table(
        name=name,
        headings=headings,
        rows=tuple((row.key, *_cells(row.figures)) for row in rows),
        right=frozenset(range(1, len(headings))),
    )


def _cells(found: RecoveryFigures) -> Iterator[str]:
    yield from (f"{found.cases:,}", say_money(found.opened), say_money(found.recovered))
    for at in found.at:
        yield say_percent(at.rate) + ("" if at.is_mature else "\nnot mature")
    yield NOTHING if found.median_days is None else f"{found.median_days}"
    yield from (say_money(found.after), say_money(found.with_action), f"{found.contacts:,}", f"{found.complaints:,}")


def _write_cohorts(found: CurrencyFigures, report: RecoveryReport) -> Iterator[Block]:
    if not found.months:
        yield Text(words="No case opened in this time.")
        return
    months = [row.key for row in found.months]
    curves = [
        Curve(
            name=f"{at.days} days",
            points=tuple(_point(row, place) for row in found.months),
        )
        for place, at in enumerate(found.total.at)
    ]
    changes = [Change(name=f"{use.ruleset} {use.version}", on=use.at.date()) for use in report.versions]
    about = "The share of the opened money that came in within so many days, by the month in which its cases opened."
    yield Text(
        words=f"{about} Hollow points are not mature: they may still grow. Upright lines: a version came into use."
    )
    yield Picture(name="cohorts", svg=draw_cohorts(months, curves, changes, about=about), about=about)
    rows = [
        RecoveryRow(key=row.key.replace("-", "\N{NON-BREAKING HYPHEN}"), figures=row.figures) for row in found.months
    ]
    yield _table("months", "month", rows, found.total)
    used = tuple((use.ruleset, f"{use.version}", f"{use.at.date()}") for use in report.versions)
    if used:
        headings = ("ruleset", "version", "in use since")
        yield Table(name="versions", headings=headings, rows=used, right=frozenset({1, 2}))


def _point(row: RecoveryRow, place: int) -> Point | None:
    at = row.figures.at[place]
    return None if at.rate is None else Point(percent=at.rate, is_final=at.is_mature)


def _write_owed(found: CurrencyFigures) -> Iterator[Block]:
    owed = found.portfolio
    about = "What is open after credits, by how many days it is overdue."
    bars = [
        Bar(label=age.bucket, length=int(age.amount.replace(".", "")), words=say_money(age.amount), family=MESSAGE)
        for age in owed.ages
    ]
    yield Text(words=f"{about} Disputed and held invoices are included.")
    yield Picture(name="ages", svg=draw_bars(bars, about=about), about=about)
    ages = tuple((age.bucket, f"{age.invoices:,}", say_money(age.amount), say_money(age.disputed)) for age in owed.ages)
    headings = ("days overdue", "invoices", "open", "disputed or held")
    yield Table(name="ages", headings=headings, rows=ages, right=frozenset({1, 2, 3}))
    rows = (
        ("receivables", say_money(owed.receivables)),
        ("not due", say_money(owed.current)),
        ("disputed or held", say_money(owed.disputed)),
        ("days sales outstanding (countback)", say_days(owed.days_sales_outstanding)),
        ("best possible", say_days(owed.best_possible_days)),
        (f"collection effectiveness since {owed.since}", say_percent(owed.effectiveness)),
        (
            f"days beyond terms since {owed.since}",
            NOTHING if owed.days_beyond_terms is None else f"{owed.days_beyond_terms}",
        ),
    )
    yield Table(name="owed", headings=("figure", "value"), rows=rows, right=frozenset({1}))


def _write_rolls(found: CurrencyFigures) -> Iterator[Block]:
    owed = found.portfolio
    about = f"Where the money of each age of the day before {owed.since} is now."
    stacks = [
        Stack(label=roll.bucket, parts=tuple(_part(where, share) for where, share in roll.into.items() if share))
        for roll in owed.rolls
    ]
    yield Text(words=f"{about} What is new since, and what grew, is left out.")
    if not any(stack.parts for stack in stacks):
        yield Text(words="As far as was known by the end of that day, nothing was owed.")
        return
    yield Picture(name="rolls", svg=draw_stacks(stacks, about=about), about=about)
    into = tuple(owed.rolls[0].into)
    rows = tuple(
        (roll.bucket, say_money(roll.amount), *(say_percent(roll.into[where]) for where in into)) for roll in owed.rolls
    )
    headings = ("from", "amount", *(where.replace("_", " ") for where in into))
    yield Table(name="rolls", headings=headings, rows=rows, right=frozenset(range(1, len(headings))))


def _part(where: str, share: float) -> Part:
    if where == "paid":
        return Part(name="paid", percent=share, family=CALL)
    if where == "written_off":
        return Part(name="written off", percent=share, family=WORK)
    return Part(name=where, percent=share, family=SERVICE, strength=_AGES[where])


def _write_promises(total: RecoveryFigures) -> Iterator[Block]:
    about = "Promises by how they stand."
    counts = {name: getattr(total.promises, name) for name in _PROMISES}
    bars = [
        Bar(label=name.replace("_", " "), length=count, words=f"{count:,}", family=_PROMISES[name])
        for name, count in counts.items()
    ]
    yield Text(words=about)
    yield Picture(name="promises", svg=draw_bars(bars, about=about), about=about)
    rows = (
        *((f"promises {name.replace('_', ' ')}", f"{count:,}") for name, count in counts.items()),
        ("promises kept, of those told", say_percent(total.promises.kept_rate)),
        ("their money that was paid", say_percent(total.promises.kept_money_rate)),
        ("calls answered", say_percent(total.reach_rate)),
        ("complaints", f"{total.complaints:,}"),
    )
    yield Table(name="promises", headings=("figure", "value"), rows=rows, right=frozenset({1}))
