"""A report: figures of all cases that opened in a period, split by something, and the portfolio, each by currency."""

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from engine.model.businessdays import ONE_DAY
from engine.recovery.columns import LABEL, Array, Columns, Shelf, to_number, words_by_code
from engine.recovery.debtor import Debtor
from engine.recovery.figures import WITHIN_DAYS, Cases, Cohort, Figures
from engine.recovery.grouping import OF_ACTIONS, SIDE, By, name_month
from engine.recovery.knowing import Words, known_on, owed_on
from engine.recovery.portfolio import Portfolio, make_portfolio

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

    @property
    def before(self) -> dt.date:
        """The day before that period."""
        return self.since - ONE_DAY

    def cohort(self, last_on: dt.date) -> Cohort:
        """Return what figures of cases that opened up to a day are of."""
        return Cohort(day=self.as_of, last_on=last_on, within_days=self.within_days)


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
    """What is known of one currency on the day of the figures, on its way; and of what was owed before the period."""

    def __init__(self) -> None:
        self.now = Shelf()
        self.before = Shelf()

    def finish(self, currency: str, asked: Asked, words: Mapping[str, Iterable[str]]) -> InCurrency:
        """Return the figures; ``words`` are those that its cases are grouped by."""
        now = self.now.finish()
        found = Cases(now)
        opened_on = found.cases["opened_on"]
        picked = (opened_on <= to_number(asked.last_on)) & (opened_on >= to_number(asked.from_on or FROM_EVER))
        months = tuple(_list_months(found, picked, asked))
        return InCurrency(
            currency=currency,
            total=found.figure(np.flatnonzero(picked), asked.cohort(asked.last_on)),
            rows=months if asked.by == "month" else tuple(_list_rows(found, picked, asked, words, asked.by)),
            months=months,
            hold_outs=tuple(_list_rows(found, picked, asked, words, SIDE)),
            portfolio=make_portfolio(
                now.invoices, self.before.finish().invoices, now.payments, asked.as_of, asked.since
            ),
        )


def _list_months(found: Cases, picked: Array, asked: Asked) -> Iterator[Row]:
    places = np.flatnonzero(picked)
    months = found.cases["opened_on"][places].astype("datetime64[D]").astype("datetime64[M]")
    for month in np.unique(months):
        first: dt.date = month.astype("datetime64[D]").item()
        last_on = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        cohort = asked.cohort(min(last_on, asked.to_on or last_on))
        yield Row(key=name_month(first), figures=found.figure(places[months == month], cohort))


def _list_rows(
    found: Cases, picked: Array, asked: Asked, words: Mapping[str, Iterable[str]], by: str | None
) -> Iterator[Row]:
    names = {} if by is None else words_by_code(words, by)
    if not names:  # then no labels need have been read
        return
    places = found.find_by_code(np.array(list(names), LABEL), picked)
    for key, code in sorted((names[code], code) for code in places):
        own = found.find_moves(code) if by in OF_ACTIONS else None
        yield Row(key=key, figures=found.figure(places[code], asked.cohort(asked.last_on), own))


class Reporter:
    """Makes a report out of accounts as they come, and out of what is known of others already."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._accounts = 0
        self._words = Words()
        self._currencies: dict[str, _Currency] = {}

    def add(self, debtors: Sequence[Debtor]) -> None:
        """Take in an account in each of its currencies."""
        self._accounts += 1
        for debtor in debtors:
            self._find(debtor.currency)
        number = -self._accounts  # of those that are known already the numbers are above
        for (currency, _), columns in known_on(number, debtors, self._asked.as_of, self._words):
            self._find(currency).now.add(columns)
        for currency, columns in owed_on(number, debtors, self._asked.before):
            self._find(currency).before.add(columns)

    def add_known(self, currency: str, now: Columns, before: Columns) -> None:
        """Take in what is known of other accounts in a currency, on the day of the figures and before the period."""
        self._find(currency).now.add(now)
        self._find(currency).before.add(before)

    def add_accounts(self, count: int, currencies: Iterable[str], words: Mapping[str, Sequence[str]]) -> None:
        """Count accounts that are known already, in which currencies, and by which words their cases are grouped."""
        self._accounts += count
        for currency in currencies:
            self._find(currency)
        self._words.add(words)

    @property
    def is_split(self) -> bool:
        """Whether cases are split by words; else their labels are not needed."""
        return self._asked.by not in {None, "month"} or SIDE in self._words.found

    def finish(self) -> Report:
        """Return the report."""
        return Report(
            asked=self._asked,
            accounts=self._accounts,
            currencies=tuple(
                each.finish(name, self._asked, self._words.found) for name, each in sorted(self._currencies.items())
            ),
        )

    def _find(self, currency: str) -> _Currency:
        if currency not in self._currencies:
            self._currencies[currency] = _Currency()
        return self._currencies[currency]


def make_report(debtors: Iterable[Debtor], asked: Asked) -> Report:
    """Return the report about some accounts."""
    reporter = Reporter(asked)
    for debtor in debtors:
        reporter.add((debtor,))
    return reporter.finish()
