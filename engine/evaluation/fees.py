"""Fees worked out from an account's amounts, and what an earlier charge already covers (language.md 7.1 and 7.2)."""

import calendar
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

from engine.model.money import Charge, Fee, Tier, Worked, format_amount, format_exact, round_half_up

NOTHING_CHARGED: Mapping[str, int] = {}
_MONTHS_COVERED = 6


def work_out_fee(
    fee: Fee,
    currency: str,
    *,
    basis: int | None = None,
    invoices: Mapping[str, int] | None = None,
    charged: Mapping[str, int] = NOTHING_CHARGED,
) -> Worked:
    """Work out a fee, rounded once, with the reckoning in words.

    ``basis`` is the value of the fee's basis. A fee for each invoice takes ``invoices`` instead: by id, what each
    overdue invoice contributes to the basis (any number for a fixed fee); every invoice's fee is an amount of its own
    and so rounded by itself, then they are added. ``charged`` is what this episode charged, by the name of the fee.
    """
    if fee.each_invoice:
        worked = _add_up(fee, currency, {} if invoices is None else invoices)
    else:
        worked = _work_out_once(fee, currency, basis)
    return _absorb(worked, {name: charged[name] for name in fee.absorbs if charged.get(name, 0) > 0}, currency)


def _add_up(fee: Fee, currency: str, invoices: Mapping[str, int]) -> Worked:
    parts = {name: _work_out_once(fee, currency, basis) for name, basis in invoices.items()}
    amount = sum(part.amount for part in parts.values())
    sentences = [f"{name}: {part.formula}" for name, part in parts.items()]
    if len(parts) != 1:
        sentences.append(f"together {format_amount(amount, currency)}")
    basis = sum(invoices.values()) if fee.basis is not None else None
    return Worked(amount=amount, basis=basis, formula=" | ".join(sentences))


def _work_out_once(fee: Fee, currency: str, basis: int | None) -> Worked:
    if fee.basis is None:
        basis = None
    elif basis is None:
        raise ValueError(f"The fee {fee.name} is reckoned on {fee.basis}, which was not given.")
    elif basis <= 0:
        return Worked(amount=0, basis=basis, formula=f"nothing on {format_amount(basis, currency)}")
    exact, words = _scale(fee, currency, basis)
    exact, words = _bound(fee, currency, exact, words)
    if fee.vat_percent is not None:
        exact = exact * (100 + Fraction(fee.vat_percent)) / 100
        words += f"; with {_percent_in_words(fee.vat_percent)} VAT {format_exact(exact, currency)}"
    amount = round_half_up(exact)
    if amount != exact:
        words += f"; rounded {format_amount(amount, currency)}"
    return Worked(amount=amount, basis=basis, formula=words)


def _scale(fee: Fee, currency: str, basis: int | None) -> tuple[Fraction, str]:
    """Return the unrounded fee before its bounds."""
    if basis is None:
        if fee.fixed is None:
            raise ValueError(f"The fee {fee.name} has neither a fixed amount nor a basis.")
        return Fraction(fee.fixed), f"fixed {format_amount(fee.fixed, currency)}"
    slices = _slices(fee.tiers or (Tier(percent=fee.percent),), basis)
    reached = slices[-1][0]
    if reached.fixed is not None:
        return Fraction(reached.fixed), _fixed_in_words(fee, reached, currency)
    exact = sum((part * Fraction(tier.percent or 0) / 100 for tier, part in slices), Fraction(0))
    terms = (f"{_percent_in_words(tier.percent or 0)} of {format_amount(part, currency)}" for tier, part in slices)
    return exact, f"{' + '.join(terms)} = {format_exact(exact, currency)}"


def _slices(tiers: Iterable[Tier], basis: int) -> list[tuple[Tier, int]]:
    """Cut a positive basis into what lies in each tier; the last is the first whose ``up_to`` is not below it."""
    slices: list[tuple[Tier, int]] = []
    below = 0
    for tier in tiers:
        top = basis if tier.up_to is None else min(basis, tier.up_to)
        slices.append((tier, top - below))
        below = top
        if top == basis:
            break
    return slices


def _fixed_in_words(fee: Fee, reached: Tier, currency: str) -> str:
    amount = format_amount(reached.fixed or 0, currency)
    if reached.up_to is not None:
        return f"{amount} up to {format_amount(reached.up_to, currency)}"
    lower = [tier.up_to for tier in fee.tiers if tier.up_to is not None]
    return f"{amount} above {format_amount(lower[-1], currency)}" if lower else f"fixed {amount}"


def _bound(fee: Fee, currency: str, exact: Fraction, words: str) -> tuple[Fraction, str]:
    if fee.at_least is not None and exact < fee.at_least:
        exact, words = Fraction(fee.at_least), f"{words}; at least {format_amount(fee.at_least, currency)}"
    if fee.at_most is not None and exact > fee.at_most:
        exact, words = Fraction(fee.at_most), f"{words}; at most {format_amount(fee.at_most, currency)}"
    return exact, words


def _absorb(worked: Worked, absorbed: Mapping[str, int], currency: str) -> Worked:
    if not absorbed:
        return worked
    amount = max(0, worked.amount - sum(absorbed.values()))
    taken_off = " and ".join(f"{name} {format_amount(charged, currency)}" for name, charged in absorbed.items())
    words = f"{worked.formula}; less {taken_off} already charged = {format_amount(amount, currency)}"
    return Worked(amount=amount, basis=worked.basis, formula=words)


def _percent_in_words(percent: object) -> str:
    return f"{percent:f} %"


def sum_charges(charges: Iterable[Charge]) -> dict[str, int]:
    """Add up by the name of the fee what was charged in the episode."""
    sums: dict[str, int] = {}
    for charge in charges:
        if charge.is_of_episode:
            sums[charge.name] = sums.get(charge.name, 0) + charge.amount
    return sums


def is_covered(fee: Fee, charges: Iterable[Charge], *, overdue: Collection[str], on: dt.date) -> bool:
    """Say whether a fee's ``once_per`` makes it nothing on this day, for it was charged already.

    ``charges`` are all that the history still counts, of every episode; ``overdue`` the ids of the invoices that are
    overdue now, without dunning costs. A charge of nothing covers nothing, so a fee that was covered once does not
    cover itself for ever.
    """
    same = [charge for charge in charges if charge.name == fee.name and charge.amount > 0]
    match fee.once_per:
        case "episode":
            return any(charge.is_of_episode for charge in same)
        case "invoice":
            return bool(overdue) and covered_invoices(fee, same, overdue=overdue) >= set(overdue)
        case "six_months":
            return any(charge.charged_on <= on <= last_day_covered(charge.charged_on) for charge in same)
        case _:
            return False


def covered_invoices(fee: Fee, charges: Iterable[Charge], *, overdue: Collection[str]) -> frozenset[str]:
    """Return those of the overdue invoices for which the fee was charged already, whatever its ``once_per``."""
    covered: set[str] = set()
    for charge in charges:
        if charge.name != fee.name or charge.amount <= 0:
            continue
        if charge.invoices is not None:
            covered.update(charge.invoices)
        elif charge.is_of_episode:
            covered.update(overdue)
    return frozenset(covered.intersection(overdue))


def last_day_covered(charged_on: dt.date) -> dt.date:
    """Return the last of the six months that a charge covers: 30 November for 1 June, 27 February for 31 August."""
    years, month = divmod(charged_on.month - 1 + _MONTHS_COVERED, 12)
    year, month = charged_on.year + years, month + 1
    same_day = min(charged_on.day, calendar.monthrange(year, month)[1])
    return dt.date(year, month, same_day) - dt.timedelta(days=1)
