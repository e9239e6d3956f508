"""Fees and interest in plain words, worked through on examples."""

import decimal
from collections.abc import Iterator

from engine.evaluation.fees import work_out_fee
from engine.model.money import Fee, Interest, Tier, exponent, format_amount
from engine.model.ruleset import Ruleset
from pages.page import Block, Table, Text
from pages.words import plain

_EXAMPLES = (20, 100, 400, 1_000, 5_000, 25_000)
_INVOICE = "the invoice"


def fee_blocks(ruleset: Ruleset) -> Iterator[Block]:
    """Yield each fee's terms in each currency, and what it comes to."""
    for currency, edition in ruleset.editions.items():
        for fee in edition.fees.values():
            terms = "; ".join(_say_fee(fee, currency))
            yield Text(words=f"{plain(fee.name)} ({currency}): {terms}.")
            rows = tuple(_work_through(fee, currency))
            if rows:
                basis = plain(fee.basis or "")
                yield Table(headings=(basis, "fee", "how it is reckoned"), rows=rows, right=frozenset({0, 1}))


def _say_fee(fee: Fee, currency: str) -> Iterator[str]:
    if fee.fixed is not None:
        yield f"{say_amount(fee.fixed, currency)}, fixed"
    if fee.percent is not None:
        yield f"{fee.percent} % of the {plain(fee.basis or '')}"
    if fee.tiers:
        parts = ", ".join(_say_tier(tier, currency) for tier in fee.tiers)
        yield f"on the {plain(fee.basis or '')}: {parts}"
    if fee.at_least is not None:
        yield f"at least {say_amount(fee.at_least, currency)}"
    if fee.at_most is not None:
        yield f"at most {say_amount(fee.at_most, currency)}"
    if fee.vat_percent is not None:
        yield f"plus {fee.vat_percent} % VAT"
    if fee.each_invoice:
        yield "for each overdue invoice"
    if fee.absorbs:
        yield f"less what was charged as {', '.join(plain(name) for name in fee.absorbs)}"
    if fee.once_per is not None:
        yield f"once per {plain(fee.once_per)}"


def _say_tier(tier: Tier, currency: str) -> str:
    what = f"{tier.percent} %" if tier.percent is not None else say_amount(tier.fixed or 0, currency)
    return f"{what} up to {say_amount(tier.up_to, currency)}" if tier.up_to is not None else f"{what} on the rest"


def say_amount(minor: int, currency: str) -> str:
    """Return an amount with its currency."""
    return f"{format_amount(minor, currency)} {currency}"


def _work_through(fee: Fee, currency: str) -> Iterator[tuple[str, str, str]]:
    """Work a fee out for a few amounts; a fixed one needs no example."""
    if fee.basis is None:
        return
    unit = 10 ** exponent(currency)
    bounds = [tier.up_to for tier in fee.tiers if tier.up_to is not None]
    for basis in sorted({example * unit for example in _EXAMPLES} | set(bounds[:2])):
        each = {_INVOICE: basis} if fee.each_invoice else None
        worked = work_out_fee(fee, currency, basis=None if each else basis, invoices=each)
        yield say_amount(basis, currency), say_amount(worked.amount, currency), worked.formula


def interest_blocks(ruleset: Ruleset) -> Iterator[Block]:
    """Yield each interest's terms and its rates."""
    edition = next(iter(ruleset.editions.values()))
    for interest in edition.interest.values():
        yield Text(words=f"{plain(interest.name)}: {'; '.join(_say_interest(interest))}.")
        rows = tuple((str(rate.from_on), f"{_plain_number(rate.percent)} % a year") for rate in interest.rates)
        yield Table(headings=("from", "rate"), rows=rows, right=frozenset({1}))


def _say_interest(interest: Interest) -> Iterator[str]:
    yield "on the open amount of each overdue invoice, from the day after the due date to the day of the decision"
    yield f"days counted {interest.day_count}"
    yield "the rate of the first day stays" if interest.fixed_at_default else "split where the rate changes"
    if interest.compounding == "yearly":
        yield "added to the sum after each full year"
    if interest.known_until is not None:
        yield f"rates are known until {interest.known_until}; after that nothing is decided that needs them"


def _plain_number(number: decimal.Decimal) -> str:
    return format(number, "f")
