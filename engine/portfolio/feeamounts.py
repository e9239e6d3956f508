"""What a fee comes to for many accounts, to the last unit: `engine.evaluation.fees` without its words."""

import math
from fractions import Fraction

import numpy as np

from engine.model.money import Fee, Tier
from engine.portfolio.bits import Ints

_LARGEST = 2**61


def work_out_amounts(fee: Fee, basis: Ints) -> Ints | None:
    """Return a fee on each basis, rounded once, half up; None where whole numbers of 64 bits might not hold it.

    What was charged before is not looked at, and a fee for each invoice is none of these.
    """
    tiers = fee.tiers or (Tier(percent=fee.percent or 0),)  # type: ignore[arg-type]  # 0 of what has no basis
    shares = [Fraction(tier.percent or 0) / 100 for tier in tiers]
    tax = (100 + Fraction(fee.vat_percent or 0)) / 100
    unit = math.lcm(*(share.denominator for share in shares))
    fixed = [amount or 0 for amount in (fee.fixed, fee.at_least, fee.at_most, *(tier.fixed for tier in tiers))]
    most = max(int(basis.max(initial=0)), *map(abs, fixed)) * max(unit, *(int(share * unit) for share in shares))
    whole = unit * tax.denominator
    if 2 * most * tax.numerator + whole > _LARGEST or min(fixed) < 0 or min(shares) < 0:
        return None
    exact = _scale(fee, tiers, [int(share * unit) for share in shares], unit, basis)
    if fee.at_least is not None:
        exact = np.maximum(exact, fee.at_least * unit)
    if fee.at_most is not None:
        exact = np.minimum(exact, fee.at_most * unit)
    rounded = (2 * exact * tax.numerator + whole) // (2 * whole)
    return rounded if fee.basis is None else np.where(basis > 0, rounded, 0)


def _scale(fee: Fee, tiers: tuple[Tier, ...], shares: list[int], unit: int, basis: Ints) -> Ints:
    """Return the unrounded fee before its bounds, in parts of a unit."""
    if fee.basis is None:
        return np.full(len(basis), (fee.fixed or 0) * unit, dtype=np.int64)
    exact, total, below = np.zeros(len(basis), dtype=np.int64), np.zeros(len(basis), dtype=np.int64), 0
    for tier, share in zip(tiers, shares, strict=True):
        reached = basis > below
        top = basis if tier.up_to is None else np.minimum(basis, tier.up_to)
        total = np.where(reached, total + (top - below) * share, total)
        exact = np.where(reached, total if tier.fixed is None else tier.fixed * unit, exact)
        below = tier.up_to or 0
    return exact
