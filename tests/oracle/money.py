"""Fees and interest (language.md 7), in minor units and exact fractions."""

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from tests.oracle.clock import add_months, days_between, to_date
from tests.oracle.invoices import Payment
from tests.oracle.values import amount_in

ONE_DAY = dt.timedelta(days=1)


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """One tier of a fee."""

    up_to: int | None
    percent: Fraction | None
    fixed: int | None


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    """A fee of that name, in one currency."""

    name: str
    fixed: int | None
    basis: str | None
    percent: Fraction | None
    tiers: tuple[Tier, ...]
    at_least: int | None
    at_most: int | None
    vat_percent: Fraction
    each_invoice: bool
    absorbs: frozenset[str]
    once_per: str | None


class Interest(msgspec.Struct, frozen=True, kw_only=True):
    """An interest of that name."""

    rates: tuple[tuple[dt.date, Fraction], ...]
    known_until: dt.date | None
    thirty_360: bool
    fixed_at_default: bool
    yearly: bool


class RateUnknown(Exception):
    """A day that needs a rate lies before the first or after `known_until` (7.4)."""


def read_fee(name: str, node: dict[str, Any], currency: str) -> Fee:
    """Read one of `fees:` for a currency."""

    def amount(owner: dict[str, Any], key: str) -> int | None:
        return amount_in(owner[key], currency) if key in owner else None

    def percent(owner: dict[str, Any]) -> Fraction | None:
        return Fraction(owner["percent"]) if "percent" in owner else None

    return Fee(
        name=name,
        fixed=amount(node, "fixed"),
        basis=node.get("basis"),
        percent=percent(node),
        tiers=tuple(
            Tier(up_to=amount(tier, "up_to"), percent=percent(tier), fixed=amount(tier, "fixed"))
            for tier in node.get("tiers", [])
        ),
        at_least=amount(node, "at_least"),
        at_most=amount(node, "at_most"),
        vat_percent=Fraction(node.get("vat_percent", "0")),
        each_invoice=node.get("each") == "invoice",
        absorbs=frozenset(node.get("absorbs", [])),
        once_per=node.get("once_per"),
    )


def read_interest(node: dict[str, Any]) -> Interest:
    """Read one of `interest:`."""
    return Interest(
        rates=tuple(sorted((to_date(rate["from"]), Fraction(rate["percent"])) for rate in node["rates"])),
        known_until=to_date(node["known_until"]) if "known_until" in node else None,
        thirty_360=node.get("day_count") == "30/360",
        fixed_at_default=node.get("fixed_at_default") == "true",
        yearly=node.get("compounding") == "yearly",
    )


def round_half_up(amount: Fraction) -> int:
    """The nearest minor unit, a half upwards."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def fee_on(fee: Fee, basis: int | None) -> int:
    """The fee on one basis (None for a fixed one), rounded once (7.1)."""
    if fee.basis is not None and (basis is None or basis <= 0):
        return 0
    amount = _before_bounds(fee, basis or 0)
    if fee.at_least is not None:
        amount = max(amount, Fraction(fee.at_least))
    if fee.at_most is not None:
        amount = min(amount, Fraction(fee.at_most))
    return round_half_up(amount * (1 + fee.vat_percent / 100))


def _before_bounds(fee: Fee, basis: int) -> Fraction:
    if fee.fixed is not None:
        return Fraction(fee.fixed)
    if fee.percent is not None:
        return basis * fee.percent / 100
    amount, below = Fraction(0), 0
    for tier in fee.tiers:
        inside = tier.up_to is None or basis <= tier.up_to
        if inside and tier.fixed is not None:
            return Fraction(tier.fixed)
        top = basis if tier.up_to is None or inside else tier.up_to
        amount += (top - below) * (tier.percent or Fraction(0)) / 100
        below = top
        if inside:
            break
    return amount


def covers_until(charged_on: dt.date) -> dt.date:
    """The last day that a charge covers under `once_per: six_months` (7.2)."""
    return add_months(charged_on, 6) - ONE_DAY


def check_rates(interest: Interest, due_on: dt.date, today: dt.date) -> None:
    """Raise RateUnknown unless every rate from the day after `due_on` to today is known."""
    first = due_on + ONE_DAY
    if first > today:
        return
    if first < interest.rates[0][0] or (interest.known_until is not None and today > interest.known_until):
        raise RateUnknown


def interest_on(
    interest: Interest, open_amount: int, due_on: dt.date, today: dt.date, payments: Sequence[Payment] = ()
) -> int:
    """Interest of one overdue invoice to today, both days included, rounded once (7.3)."""
    check_rates(interest, due_on, today)
    first = due_on + ONE_DAY
    years = set(_anniversaries(first, today)) if interest.yearly else set()
    changes = set() if interest.fixed_at_default else {on for on, _ in interest.rates}
    made = [payment for payment in payments if payment.on <= today]
    lowered = {payment.on + ONE_DAY for payment in made}
    cuts = [first, *sorted(on for on in years | changes | lowered if first < on <= today), today + ONE_DAY]
    count = _days_30e_360 if interest.thirty_360 else days_between
    year = 360 if interest.thirty_360 else 365
    added, running = Fraction(0), Fraction(0)
    for start, following in itertools.pairwise(cuts):
        if start in years:
            added, running = added + running, Fraction(0)
        rate = _rate_on(interest, first if interest.fixed_at_default else start)
        unpaid = open_amount + sum(payment.amount for payment in made if payment.on >= start)
        running += (unpaid + added) * rate / 100 * _span(count, start, following) / year
    return round_half_up(added + running)


def _span(count: Callable[[dt.date, dt.date], int], start: dt.date, following: dt.date) -> int:
    # The days start .. following - 1, both included, are those after the eve of start.
    return count(start - ONE_DAY, following - ONE_DAY)


def _rate_on(interest: Interest, on: dt.date) -> Fraction:
    return [percent for begun, percent in interest.rates if begun <= on][-1]


def _anniversaries(first: dt.date, today: dt.date) -> list[dt.date]:
    return [add_months(first, 12 * years) for years in range(1, today.year - first.year + 1)]


def _days_30e_360(first: dt.date, last: dt.date) -> int:
    def ordinal(on: dt.date) -> int:
        return 360 * on.year + 30 * on.month + min(on.day, 30)

    return ordinal(last) - ordinal(first)
