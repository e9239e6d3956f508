"""All that is owed in one currency on a day: its ages, how it rolled on since an earlier day, how many days it stands.

Receivables are what is open after each account's own credits, disputed and held invoices included (figures.md F1 to
F8).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal, get_args

import msgspec
import numpy as np

from engine.model.businessdays import ONE_DAY
from engine.recovery.columns import INVOICE, NO_LINE, PAYMENT, Array, Numbers, add_up, add_up_by, to_day, to_number
from engine.recovery.countback import Billed, Outstanding, count_back, measure_effectiveness
from engine.recovery.figures import share
from engine.recovery.grouping import name_month

Bucket = Literal["not due", "1-30", "31-60", "61-90", "91+"]
BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
Fate = Literal["paid", "written_off"]
FATES: tuple[Fate, ...] = get_args(Fate)
_ENDS = (0, 30, 60, 90)
_LINE_BITS = 20  # no document has so many invoices


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


def make_portfolio(now: bytes, then: bytes, payments: bytes, day: dt.date, since: dt.date) -> Portfolio:
    """Return the portfolio of invoices as they were known at the end of a day and before its period, and payments."""
    invoices, before = np.frombuffer(now, INVOICE), np.frombuffer(then, INVOICE)
    ages = _list_ages(invoices, day)
    receivables, current = sum(each.amount for each in ages), ages[0].amount
    issued = invoices[invoices["is_billed"] & (invoices["issued_on"] <= to_number(day))]
    billed = tuple(_list_months(issued, day))
    return Portfolio(
        day=day,
        since=since,
        receivables=receivables,
        current=current,
        disputed=sum(each.disputed for each in ages),
        ages=ages,
        rolls=_list_rolls(invoices, before[before["open"] > 0], day, since - ONE_DAY),
        billed=billed,
        unbilled=int((~invoices["is_billed"]).sum()),
        outstanding=count_back(receivables, billed) if billed else None,
        best_outstanding=count_back(current, billed) if billed else None,
        effectiveness=measure_effectiveness(
            opening=add_up(before["open"]),
            billed=add_up(issued["billed"][issued["issued_on"] >= to_number(since)]),
            closing=receivables,
            closing_current=current,
        )
        if billed
        else None,
        days_beyond_terms=_weigh(np.frombuffer(payments, PAYMENT), day, since),
    )


def _list_ages(invoices: Array, day: dt.date) -> tuple[Age, ...]:
    owed = invoices[invoices["open"] > 0]
    places = _ages_of(owed["due_on"], day)
    disputed = np.where(owed["is_disputed"], owed["open"], 0)
    counts = np.bincount(places, minlength=len(BUCKETS)).tolist()
    sums = (add_up_by(places, each, len(BUCKETS)) for each in (owed["open"], disputed))
    return tuple(
        Age(bucket=bucket, invoices=count, amount=amount, disputed=disputed)
        for bucket, count, amount, disputed in zip(BUCKETS, counts, *sums, strict=True)
    )


def _list_rolls(now: Array, then: Array, day: dt.date, before: dt.date) -> tuple[Roll, ...]:
    """Follow each invoice: what was known of it before is known still."""
    lines = now[now["line"] != NO_LINE]
    lines = lines[np.argsort(_name_lines(lines))]
    rolled = lines[np.searchsorted(_name_lines(lines), _name_lines(then))]
    still = np.minimum(then["open"], rolled["open"])
    written = np.minimum(then["open"] - still, np.maximum(0, rolled["written_off"] - then["written_off"]))
    paid = then["open"] - still - written
    begun, ended = _ages_of(then["due_on"], before), _ages_of(rolled["due_on"], day)
    amounts = add_up_by(begun, then["open"], len(BUCKETS))
    stayed = add_up_by(begun * len(BUCKETS) + ended, still, len(BUCKETS) ** 2)
    fates = {name: add_up_by(begun, sums, len(BUCKETS)) for name, sums in zip(FATES, (paid, written), strict=True)}
    return tuple(
        Roll(
            bucket=bucket,
            amount=amounts[place],
            into={
                **dict(zip(BUCKETS, stayed[place * len(BUCKETS) :], strict=False)),
                **{name: sums[place] for name, sums in fates.items()},
            },
        )
        for place, bucket in enumerate(BUCKETS)
    )


def _name_lines(lines: Array) -> Numbers:
    named: Numbers = (lines["account"] << _LINE_BITS) + lines["line"]
    return named


def _list_months(issued: Array, day: dt.date) -> Iterator[Billed]:
    """Yield the months from the running one back to the first in which anything was billed."""
    if not len(issued):
        return
    months, places = np.unique(issued["issued_on"].astype("datetime64[D]").astype("datetime64[M]"), return_inverse=True)
    billed = dict(zip(months.astype(str).tolist(), add_up_by(places, issued["billed"], len(months)), strict=True))
    first = name_month(to_day(int(issued["issued_on"].min())))
    last = day.day
    while name_month(day) >= first:
        yield Billed(month=name_month(day), amount=billed.get(name_month(day), 0), days=last)
        day = day.replace(day=1) - ONE_DAY
        last = day.day


def _weigh(payments: Array, day: dt.date, since: dt.date) -> Fraction | None:
    """Return the days beyond terms of what was paid in a period, weighted by amount."""
    paid = payments[(payments["day"] >= to_number(since)) & (payments["day"] <= to_number(day))]
    late = paid["late"].astype(np.int64)
    high, low = add_up(late * (paid["amount"] >> 32)), add_up(late * (paid["amount"] & 0xFFFFFFFF))
    return share((high << 32) + low, add_up(paid["amount"]))


def bucket_of(due_on: dt.date, day: dt.date) -> Bucket:
    """Return the age of what is due on a day; on that day itself it is not due yet."""
    return BUCKETS[int(_ages_of(np.array([to_number(due_on)]), day)[0])]


def _ages_of(due_on: Array, day: dt.date) -> Numbers:
    found: Numbers = np.searchsorted(np.array(_ENDS), to_number(day) - due_on.astype(np.int64))
    return found
