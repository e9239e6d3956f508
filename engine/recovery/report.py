"""A report: figures of all cases that opened in a period, split by something, and the portfolio, each by currency."""

import calendar
import datetime as dt
from collections.abc import Iterable

import msgspec

from engine.model.businessdays import ONE_DAY
from engine.recovery.cases import cases_in
from engine.recovery.debtor import Debtor
from engine.recovery.figures import WITHIN_DAYS, Figures, Tally
from engine.recovery.grouping import By, keys_of, name_month
from engine.recovery.holdouts import sides_of
from engine.recovery.ledger import Ledger
from engine.recovery.portfolio import Portfolio, PortfolioTally

FROM_EVER = dt.date.min


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is about: cases that opened from a local day to another, both included, as of the end of a day.

    ``to_on`` is the day of the figures where it is left out, and ``from_on`` is as long ago as there are cases; the
    portfolio's period then begins with the month of the day.
    """

    as_of: dt.date
    by: By | None = None
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    within_days: int = WITHIN_DAYS

    @property
    def last_on(self) -> dt.date:
        """The last opening day that is asked about."""
        return min(self.to_on or self.as_of, self.as_of)

    @property
    def since(self) -> dt.date:
        """The first day of the portfolio's period."""
        return min(self.from_on or self.as_of.replace(day=1), self.as_of)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one line."""

    key: str
    figures: Figures


class InCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """A report in one currency; a case may stand in several rows, and then they add up to more than the total.

    ``months`` are the cohorts of opening, and ``hold_outs`` the accounts that experiments hold out and all others,
    whatever the rows are split by.
    """

    currency: str
    total: Figures
    rows: tuple[Row, ...]
    months: tuple[Row, ...]
    hold_outs: tuple[Row, ...]
    portfolio: Portfolio


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report; currencies are never added up."""

    asked: Asked
    accounts: int
    currencies: tuple[InCurrency, ...]


class _Currency:
    """The figures of one currency on their way."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._total = self._tally(asked.last_on)
        self._rows: dict[str, Tally] = {}
        self._months: dict[str, Tally] = {}
        self._hold_outs: dict[str, Tally] = {}
        self._portfolio = PortfolioTally(asked.as_of, asked.since)

    def add(self, debtor: Debtor) -> None:
        asked = self._asked
        now = Ledger(debtor, asked.as_of)
        self._portfolio.add(Ledger(debtor, asked.since - ONE_DAY), now)
        for case in cases_in(now):
            if not (asked.from_on or FROM_EVER) <= case.opened_on <= asked.last_on:
                continue
            self._total.add(case)
            month = name_month(case.opened_on)
            if month not in self._months:
                self._months[month] = self._tally(_last_of_month(case.opened_on))
            self._months[month].add(case)
            for side in sides_of(case, debtor.hold_outs):
                if side not in self._hold_outs:
                    self._hold_outs[side] = self._tally(asked.last_on)
                self._hold_outs[side].add(case)
            if asked.by not in {None, "month"}:
                for key in keys_of(case, asked.by):
                    if key not in self._rows:
                        self._rows[key] = self._tally(asked.last_on)
                    self._rows[key].add(case, asked.by, key)

    def finish(self, currency: str) -> InCurrency:
        months = _finish(self._months)
        return InCurrency(
            currency=currency,
            total=self._total.finish(),
            rows=months if self._asked.by == "month" else _finish(self._rows),
            months=months,
            hold_outs=_finish(self._hold_outs),
            portfolio=self._portfolio.finish(),
        )

    def _tally(self, last_on: dt.date) -> Tally:
        asked = self._asked
        return Tally(asked.as_of, min(last_on, asked.to_on or last_on), within_days=asked.within_days)


class Reporter:
    """Makes a report out of accounts as they come."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._accounts = 0
        self._currencies: dict[str, _Currency] = {}

    def add(self, debtors: Iterable[Debtor]) -> None:
        """Take in an account in each of its currencies."""
        self._accounts += 1
        for debtor in debtors:
            if debtor.currency not in self._currencies:
                self._currencies[debtor.currency] = _Currency(self._asked)
            self._currencies[debtor.currency].add(debtor)

    def finish(self) -> Report:
        """Return the report."""
        return Report(
            asked=self._asked,
            accounts=self._accounts,
            currencies=tuple(each.finish(name) for name, each in sorted(self._currencies.items())),
        )


def make_report(debtors: Iterable[Debtor], asked: Asked) -> Report:
    """Return the report about some accounts."""
    reporter = Reporter(asked)
    for debtor in debtors:
        reporter.add((debtor,))
    return reporter.finish()


def _finish(tallies: dict[str, Tally]) -> tuple[Row, ...]:
    return tuple(Row(key=key, figures=tally.finish()) for key, tally in sorted(tallies.items()))


def _last_of_month(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
