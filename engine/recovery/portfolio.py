"""All that is owed in one currency on a day: its ages, how it rolled on since an earlier day, how many days it stands.

Receivables are what is open after each account's own credits, disputed and held invoices included (figures.md F1 to
F8).
"""

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal, get_args

import msgspec

from engine.model.businessdays import ONE_DAY
from engine.recovery.countback import Billed, Outstanding, count_back, measure_effectiveness
from engine.recovery.figures import share
from engine.recovery.grouping import name_month
from engine.recovery.ledger import Ledger

Bucket = Literal["not due", "1-30", "31-60", "61-90", "91+"]
BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
Fate = Literal["paid", "written_off"]
FATES: tuple[Fate, ...] = get_args(Fate)
_ENDS = (0, 30, 60, 90)


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed of one age: invoices and minor units, ``disputed`` of which are disputed or held."""

    bucket: Bucket
    invoices: int
    amount: int
    disputed: int


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money of one age went: what is still open by its age of now, the rest as paid or written off."""

    bucket: Bucket
    amount: int
    into: Mapping[str, int]

    def rate(self, where: str) -> Fraction | None:
        """Return the share that went to a bucket or a fate."""
        return share(self.into.get(where, 0), self.amount)


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """All that is owed on a day; money in minor units, rates exact, None where they are of nothing.

    ``rolls`` and ``effectiveness`` are since the end of the day before ``since``. The billing is that of invoices of
    which amount and issue date are known; ``unbilled`` counts the others. ``days_beyond_terms`` is weighted by amount.
    """

    day: dt.date
    since: dt.date
    receivables: int
    current: int
    disputed: int
    ages: tuple[Age, ...]
    rolls: tuple[Roll, ...]
    billed: tuple[Billed, ...]
    unbilled: int
    outstanding: Outstanding | None
    best_outstanding: Outstanding | None
    effectiveness: Fraction | None
    days_beyond_terms: Fraction | None


class PortfolioTally:
    """A portfolio on its way, account by account; the same one as it was known on both days."""

    def __init__(self, day: dt.date, since: dt.date) -> None:
        self._day = day
        self._since = since
        self._ages: Counter[tuple[Bucket, str]] = Counter()
        self._rolls: Counter[tuple[Bucket, str]] = Counter()
        self._months: Counter[str] = Counter()
        self._first_month: str | None = None
        self._billed_since = self._opening = self._unbilled = 0
        self._paid = self._paid_days = 0

    def add(self, then: Ledger, now: Ledger) -> None:
        """Take in an account as it was before the period and as it is at its end."""
        for line, amount in now.list_open(self._day):
            bucket = bucket_of(line.due_on, self._day)
            self._ages[bucket, "invoices"] += 1
            self._ages[bucket, "amount"] += amount
            self._ages[bucket, "disputed"] += amount if now.is_disputed(line, self._day) else 0
        self._add_rolls(then, now)
        self._add_billing(now)
        for part in now.parts:
            if part.line is not None and self._since <= part.day <= self._day:
                self._paid += part.amount
                self._paid_days += part.amount * (part.day - part.line.due_on).days

    def _add_rolls(self, then: Ledger, now: Ledger) -> None:
        before = self._since - ONE_DAY
        left = {line.id: amount for line, amount in now.list_open(self._day)}
        for line, amount in then.list_open(before):
            self._opening += amount
            bucket = bucket_of(line.due_on, before)
            line_now = now.lines[line.id]
            still = min(amount, left.get(line.id, 0))
            written = min(amount - still, max(0, line_now.written_off - line.written_off))
            self._rolls[bucket, "amount"] += amount
            self._rolls[bucket, bucket_of(line_now.due_on, self._day)] += still
            self._rolls[bucket, "written_off"] += written
            self._rolls[bucket, "paid"] += amount - still - written

    def _add_billing(self, now: Ledger) -> None:
        newest = {each.id: each for statement in now.debtor.statements for each in statement.invoices}
        for invoice in newest.values():
            amount = invoice.amount if invoice.amount is not None or invoice.open >= 0 else invoice.open
            if amount is None or invoice.issued_on is None:
                self._unbilled += 1
            elif invoice.issued_on <= self._day:
                month = name_month(invoice.issued_on)
                self._months[month] += amount
                self._first_month = min(month, self._first_month or month)
                self._billed_since += amount if invoice.issued_on >= self._since else 0

    def finish(self) -> Portfolio:
        """Return the portfolio."""
        ages = tuple(
            Age(
                bucket=bucket,
                invoices=self._ages[bucket, "invoices"],
                amount=self._ages[bucket, "amount"],
                disputed=self._ages[bucket, "disputed"],
            )
            for bucket in BUCKETS
        )
        receivables, current = sum(each.amount for each in ages), ages[0].amount
        billed = tuple(self._list_months())
        return Portfolio(
            day=self._day,
            since=self._since,
            receivables=receivables,
            current=current,
            disputed=sum(each.disputed for each in ages),
            ages=ages,
            rolls=tuple(self._rolls_of(bucket) for bucket in BUCKETS),
            billed=billed,
            unbilled=self._unbilled,
            outstanding=count_back(receivables, billed) if billed else None,
            best_outstanding=count_back(current, billed) if billed else None,
            effectiveness=measure_effectiveness(
                opening=self._opening, billed=self._billed_since, closing=receivables, closing_current=current
            )
            if billed
            else None,
            days_beyond_terms=share(self._paid_days, self._paid),
        )

    def _rolls_of(self, bucket: Bucket) -> Roll:
        into: dict[str, int] = {where: self._rolls[bucket, where] for where in (*BUCKETS, *FATES)}
        return Roll(bucket=bucket, amount=self._rolls[bucket, "amount"], into=into)

    def _list_months(self) -> Iterator[Billed]:
        """Yield the months from the running one back to the first in which anything was billed."""
        day = self._day
        while self._first_month is not None and name_month(day) >= self._first_month:
            last = day.day if day == self._day else calendar.monthrange(day.year, day.month)[1]
            yield Billed(month=name_month(day), amount=self._months[name_month(day)], days=last)
            day = day.replace(day=1) - ONE_DAY


def bucket_of(due_on: dt.date, day: dt.date) -> Bucket:
    """Return the age of what is due on a day; on that day itself it is not due yet."""
    overdue = (day - due_on).days
    return BUCKETS[sum(overdue > end for end in _ENDS)]
