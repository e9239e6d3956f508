"""Interest on overdue invoices by published rates (language.md 7.3 and 7.4)."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction

import msgspec

from engine.model.money import (
    Debt,
    Interest,
    InterestUnknown,
    Rate,
    Worked,
    format_amount,
    format_exact,
    round_half_up,
    round_share,
)

_ONE_DAY = dt.timedelta(days=1)
_LAST_COUNTED_DAY = 30  # of a month, in 30E/360


def work_out_interest(
    interest: Interest, currency: str, debts: Iterable[Debt], on: dt.date
) -> Worked | InterestUnknown:
    """Work out the interest on each overdue invoice up to a day, that day included, rounded by invoice and added."""
    overdue = [debt for debt in debts if debt.due_on < on]
    if not overdue:
        return Worked(amount=0, basis=0, formula="no invoice is overdue")
    unknown = _find_unknown(interest, min(debt.due_on for debt in overdue) + _ONE_DAY, on)
    if unknown is not None:
        return unknown
    return add_up([_work_out_debt(interest, currency, debt, on) for debt in overdue], currency)


def _find_unknown(interest: Interest, first_on: dt.date, last_on: dt.date) -> InterestUnknown | None:
    known_from = interest.rates[0].from_on
    if first_on < known_from:
        reason = f"Interest runs from {first_on}, but no rate of {interest.name} is known before {known_from}."
        return InterestUnknown(reason=reason)
    if interest.known_until is not None and last_on > interest.known_until:
        reason = f"Interest runs to {last_on}, but no rate of {interest.name} is known after {interest.known_until}."
        return InterestUnknown(reason=reason)
    return None


class Reckoning(msgspec.Struct, frozen=True, kw_only=True):
    """What a sum that was never lowered and does not compound bears: a factor, and the terms that it is the sum of."""

    factor: Fraction
    terms: tuple[str, ...]


def reckon(interest: Interest, due_on: dt.date, on: dt.date) -> Reckoning:
    """Return what interest makes of each unit that was due on a day, up to another."""
    first_on = due_on + _ONE_DAY
    rates = [_rate_on(interest.rates, first_on)] if interest.fixed_at_default else interest.rates
    spans = list(_spans(rates, first_on, on, ()))
    shares = (_share(interest, span) * Fraction(span[2].percent) / 100 for span in spans)
    return Reckoning(factor=sum(shares, Fraction(0)), terms=tuple(_term_in_words(interest, span) for span in spans))


def bear(reckoning: Reckoning, currency: str, debt: Debt) -> Worked:
    """Work out what such a sum bears, rounded once."""
    amount = round_share(debt.amount, reckoning.factor)
    owed = format_amount(debt.amount, currency)
    terms = " + ".join([f"{owed} x {term}" for term in reckoning.terms])
    formula = f"{debt.invoice}: {terms} = {format_amount(amount, currency)}"
    return Worked(amount=amount, basis=debt.amount, formula=formula)


def add_up(parts: Sequence[Worked], currency: str) -> Worked:
    """Add what each overdue invoice bears."""
    amount = sum(part.amount for part in parts)
    sentences = [part.formula for part in parts]
    if len(parts) > 1:
        sentences.append(f"together {format_amount(amount, currency)}")
    return Worked(amount=amount, basis=sum(part.basis or 0 for part in parts), formula=" | ".join(sentences))


def _work_out_debt(interest: Interest, currency: str, debt: Debt, on: dt.date) -> Worked:
    if not debt.payments and interest.compounding == "none":
        return bear(reckon(interest, debt.due_on, on), currency, debt)
    first_on = debt.due_on + _ONE_DAY
    rates = [_rate_on(interest.rates, first_on)] if interest.fixed_at_default else interest.rates
    lowered = _lower_from(debt, first_on, on)
    owed = Fraction(debt.amount + sum(lowered.values()))
    bearing = Fraction(0)
    steps = []
    for year_from, year_to in _years(interest, first_on, on):
        grown, terms = Fraction(0), []
        for span in _spans(rates, year_from, year_to, lowered):
            owed -= lowered.get(span[0], 0)
            grown += owed * _share(interest, span) * Fraction(span[2].percent) / 100
            terms.append(f"{format_exact(owed, currency)} x {_term_in_words(interest, span)}")
        steps.append(" + ".join(terms))
        owed, bearing = owed + grown, bearing + grown
    amount = round_half_up(bearing)
    reckoning = "; added to the sum at the end of the year, then ".join(steps)
    return Worked(
        amount=amount, basis=debt.amount, formula=f"{debt.invoice}: {reckoning} = {format_amount(amount, currency)}"
    )


def _lower_from(debt: Debt, first_on: dt.date, last_on: dt.date) -> dict[dt.date, int]:
    """Return by how much the payments of some days, first and last included, lower the sum, by the day from which on.

    One before them lowers it on all of them; a later one has not lowered it yet, nor what is open.
    """
    lowered: dict[dt.date, int] = {}
    for payment in debt.payments:
        if first_on <= payment.on <= last_on:
            day = payment.on + _ONE_DAY
            lowered[day] = lowered.get(day, 0) + payment.amount
    return lowered


def _rate_on(rates: Sequence[Rate], day: dt.date) -> Rate:
    return max((rate for rate in rates if rate.from_on <= day), key=lambda rate: rate.from_on)


def _years(interest: Interest, first_on: dt.date, last_on: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """Cut the days from first to last, both included, into full years and a rest, if interest compounds."""
    year_from = first_on
    if interest.compounding == "yearly":
        count = 1
        while (anniversary := _years_after(first_on, count)) <= last_on:
            yield year_from, anniversary - _ONE_DAY
            year_from, count = anniversary, count + 1
    yield year_from, last_on


def _years_after(day: dt.date, count: int) -> dt.date:
    """Return the same day so many years later, 28 February where the year has no 29th."""
    year = day.year + count
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


Span = tuple[dt.date, dt.date, Rate]
"""First and last day, both included, with the rate that holds on all of them."""


def _spans(rates: Sequence[Rate], first_on: dt.date, last_on: dt.date, lowered: Collection[dt.date]) -> Iterator[Span]:
    """Split days, first and last included, where the percentage changes or the sum is lowered."""
    start, current = first_on, _rate_on(rates, first_on)
    for day in sorted({rate.from_on for rate in rates}.union(lowered)):
        if start < day <= last_on:
            rate = _rate_on(rates, day)
            if rate.percent != current.percent or day in lowered:
                yield start, day - _ONE_DAY, current
                start, current = day, rate
    yield start, last_on, current


def _days(interest: Interest, span: Span) -> int:
    first_on, last_on, _ = span
    if interest.day_count == "act/365":
        return (last_on - first_on).days + 1
    return _count_30e(last_on) - _count_30e(first_on - _ONE_DAY)


def _count_30e(day: dt.date) -> int:
    """Number a day in a calendar of months of thirty days, the 31st being the 30th."""
    return 360 * day.year + 30 * day.month + min(day.day, _LAST_COUNTED_DAY)


def _share(interest: Interest, span: Span) -> Fraction:
    """Return the part of a year that a span is."""
    return Fraction(_days(interest, span), 365 if interest.day_count == "act/365" else 360)


def _term_in_words(interest: Interest, span: Span) -> str:
    year = 365 if interest.day_count == "act/365" else 360
    return f"{span[2].percent:f} % x {_days(interest, span)}/{year}"
