"""The body of the recovery figures. Money is in the currency that it stands under, shares are percent."""

import datetime as dt
from fractions import Fraction
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.model.money import format_amount
from engine.recovery.countback import Outstanding
from engine.recovery.figures import Figures, share
from engine.recovery.grouping import By
from engine.recovery.portfolio import BUCKETS, FATES, Portfolio
from engine.recovery.report import InCurrency, Report, Row
from engine.recovery.shares import to_percent, to_tenths
from store.recovery import VersionUse

NO_CAUSE = (
    "Unknown: only an experiment that holds accounts out shows what dunning is the cause of (`dunning experiment`)."
)

ONLY_JUDGED = (
    "Only the experiments that hold accounts out can say, by their plans: `dunning experiment count`, then `judge`."
)

Percent = Annotated[float | None, Meta(description="In percent, with one decimal; null of nothing.")]
Amount = Annotated[str, Meta(description="In the currency that it stands under.", examples=["1249.50"])]


class RecoveryQuery(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_on": "from", "to_on": "to"}
):
    """Of which cases, as of which day, and by what they are split."""

    by: Annotated[By, Meta(description="What the rows are; left out, there are none but the months.")] | None = None
    from_on: Annotated[dt.date, Meta(description="The first opening day.")] | None = None
    to_on: Annotated[dt.date, Meta(description="The last opening day, itself included.")] | None = None
    as_of: (
        Annotated[dt.date, Meta(description="The day whose end the figures are as of, in each account's zone.")] | None
    ) = None
    within_days: Annotated[int, Meta(ge=0, le=365, description="Days in which money is *after* an action.")] = 14


class RecoveredAt(msgspec.Struct, frozen=True, kw_only=True):
    """What came in up to so many days after the opening day, that day included; what is not mature may still grow."""

    days: int
    recovered: Amount
    rate: Percent
    paid: int
    paid_rate: Percent
    is_mature: bool


class PromiseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Promises by how they stand; rates are of those that are kept, partly kept or broken."""

    open: int
    kept: int
    partly_kept: int
    broken: int
    withdrawn: int
    kept_rate: Percent
    kept_money_rate: Percent


class RecoveryFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of cases: money net of what went back, *after* and *with* an action, which is not because of it."""

    cases: int
    opened: Amount
    recovered: Amount
    rate: Percent
    paid: int
    written_off: int
    written_off_money: Amount
    handed_over: int
    at: tuple[RecoveredAt, ...]
    median_days: int | None
    contacts: int
    contacts_a_case: float | None
    fees: Amount
    fees_a_case: Amount | None
    complaints: int
    promises: PromiseFigures
    reached: int
    not_reached: int
    reach_rate: Percent
    after: Amount
    with_action: Amount
    because_of: None


class RecoveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one line; a case may stand in several."""

    key: str
    figures: RecoveryFigures


class AgeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed of one age."""

    bucket: str
    invoices: int
    amount: Amount
    disputed: Amount


class RollFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money of one age went since the period began, in percent."""

    bucket: str
    amount: Amount
    into: dict[str, Percent]


class DaysOutstanding(msgspec.Struct, frozen=True, kw_only=True):
    """Days of billing; more than that where the billing that is known does not cover what is owed."""

    days: float
    is_more: bool


class PortfolioFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All that is owed; `rolls` and `effectiveness` are since the end of the day before `since`."""

    since: dt.date
    receivables: Amount
    current: Amount
    disputed: Amount
    ages: tuple[AgeFigures, ...]
    rolls: tuple[RollFigures, ...]
    days_sales_outstanding: DaysOutstanding | None
    best_possible_days: DaysOutstanding | None
    effectiveness: Percent
    days_beyond_terms: float | None
    unbilled_invoices: int


class CurrencyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one currency; currencies are never added up."""

    currency: str
    total: RecoveryFigures
    rows: tuple[RecoveryRow, ...]
    months: tuple[RecoveryRow, ...]
    hold_outs: tuple[RecoveryRow, ...]
    portfolio: PortfolioFigures


class InUse(msgspec.Struct, frozen=True, kw_only=True):
    """Since when a version of a ruleset is in use."""

    ruleset: str
    version: int
    at: dt.datetime


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """An account that no figure counts, and why."""

    account_id: str
    message: str


class RecoveryReport(msgspec.Struct, frozen=True, kw_only=True, rename={"from_on": "from", "to_on": "to"}):
    """The figures as of the end of a day; the same question about a past day has the same answer for ever."""

    as_of: dt.date
    by: By | None
    from_on: dt.date | None
    to_on: dt.date
    within_days: int
    accounts: int
    unreadable: int
    unreadable_first: tuple[Unreadable, ...]
    because_of: str
    currencies: tuple[CurrencyFigures, ...]
    versions: tuple[InUse, ...]


def tell_report(
    report: Report, uses: tuple[VersionUse, ...] = (), unreadable: int = 0, first: tuple[Unreadable, ...] = ()
) -> RecoveryReport:
    """Return a report as it is answered."""
    asked = report.asked
    return RecoveryReport(
        as_of=asked.as_of,
        by=asked.by,
        from_on=asked.from_on,
        to_on=asked.last_on,
        within_days=asked.within_days,
        accounts=report.accounts,
        unreadable=unreadable,
        unreadable_first=first,
        because_of=ONLY_JUDGED if any(each.hold_outs for each in report.currencies) else NO_CAUSE,
        currencies=tuple(map(_tell_currency, report.currencies)),
        versions=tuple(InUse(ruleset=use.ruleset_id, version=use.version, at=use.at) for use in uses),
    )


def _tell_currency(found: InCurrency) -> CurrencyFigures:
    currency = found.currency
    return CurrencyFigures(
        currency=currency,
        total=tell_figures(found.total, currency),
        rows=tuple(_tell_row(row, currency) for row in found.rows),
        months=tuple(_tell_row(row, currency) for row in found.months),
        hold_outs=tuple(_tell_row(row, currency) for row in found.hold_outs),
        portfolio=_tell_portfolio(found.portfolio, currency),
    )


def _tell_row(row: Row, currency: str) -> RecoveryRow:
    return RecoveryRow(key=row.key, figures=tell_figures(row.figures, currency))


def tell_figures(found: Figures, currency: str) -> RecoveryFigures:
    """Return figures as they are answered."""
    promises = found.promises
    return RecoveryFigures(
        cases=found.cases,
        opened=format_amount(found.opened, currency),
        recovered=format_amount(found.recovered, currency),
        rate=_percent(share(found.recovered, found.opened)),
        paid=found.paid,
        written_off=found.given_up,
        written_off_money=format_amount(found.written_off, currency),
        handed_over=found.handed_over,
        at=tuple(
            RecoveredAt(
                days=at.days,
                recovered=format_amount(at.recovered, currency),
                rate=_percent(share(at.recovered, found.opened)),
                paid=at.paid,
                paid_rate=_percent(share(at.paid, found.cases)),
                is_mature=at.is_mature,
            )
            for at in found.at
        ),
        median_days=found.median_days,
        contacts=found.contacts,
        contacts_a_case=_tenths(share(found.contacts, found.cases)),
        fees=format_amount(found.fees, currency),
        fees_a_case=None if found.fees_a_case is None else format_amount(found.fees_a_case, currency),
        complaints=found.complaints,
        promises=PromiseFigures(
            open=promises.open,
            kept=promises.kept,
            partly_kept=promises.partly_kept,
            broken=promises.broken,
            withdrawn=promises.withdrawn,
            kept_rate=_percent(promises.kept_rate),
            kept_money_rate=_percent(promises.served_rate),
        ),
        reached=found.reached,
        not_reached=found.not_reached,
        reach_rate=_percent(found.reach_rate),
        after=format_amount(found.after, currency),
        with_action=format_amount(found.with_action, currency),
        because_of=None,
    )


def _tell_portfolio(found: Portfolio, currency: str) -> PortfolioFigures:
    return PortfolioFigures(
        since=found.since,
        receivables=format_amount(found.receivables, currency),
        current=format_amount(found.current, currency),
        disputed=format_amount(found.disputed, currency),
        ages=tuple(
            AgeFigures(
                bucket=age.bucket,
                invoices=age.invoices,
                amount=format_amount(age.amount, currency),
                disputed=format_amount(age.disputed, currency),
            )
            for age in found.ages
        ),
        rolls=tuple(
            RollFigures(
                bucket=roll.bucket,
                amount=format_amount(roll.amount, currency),
                into={where: _percent(roll.rate(where)) for where in (*BUCKETS, *FATES)},
            )
            for roll in found.rolls
        ),
        days_sales_outstanding=_tell_days(found.outstanding),
        best_possible_days=_tell_days(found.best_outstanding),
        effectiveness=_percent(found.effectiveness),
        days_beyond_terms=_tenths(found.days_beyond_terms),
        unbilled_invoices=found.unbilled,
    )


def _tell_days(found: Outstanding | None) -> DaysOutstanding | None:
    return None if found is None else DaysOutstanding(days=float(to_tenths(found.days)), is_more=found.is_more)


def _percent(part: Fraction | None) -> float | None:
    percent = to_percent(part)
    return None if percent is None else float(percent)


def _tenths(exact: Fraction | None) -> float | None:
    return None if exact is None else float(to_tenths(exact))
