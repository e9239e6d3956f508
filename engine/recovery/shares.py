"""How shares and days are printed: a decimal, a half away from zero; inside everything is exact."""

from decimal import Decimal
from fractions import Fraction

from engine.model.money import round_half_up


def to_percent(part: Fraction | None) -> Decimal | None:
    """Return a share as percent with one decimal."""
    return None if part is None else to_tenths(part * 100)


def to_tenths(exact: Fraction) -> Decimal:
    """Return a number with one decimal."""
    return Decimal(round_half_up(exact * 10)).scaleb(-1)
