"""Fees of many accounts at once: the amounts of the single path, to the last unit."""

import random
from decimal import Decimal

import numpy as np
import pytest

from engine.evaluation.fees import work_out_fee
from engine.model.money import Fee, Tier
from engine.portfolio.feeamounts import work_out_amounts

BASES = [*range(-2, 40), 99, 100, 101, 2_499, 2_500, 2_501, 9_999, 10_000, 10_001, 123_457, 10**9 + 7]


def random_fee(rng: random.Random) -> Fee:
    """A fee by tiers, some of them fixed, or by a share, with or without bounds and tax."""
    ends = sorted(rng.sample((100, 2_500, 10_000, 200_000), rng.randint(0, 3)))
    tiers = tuple(random_tier(rng, end) for end in (*ends, None))
    return Fee(
        name="f",
        basis="overdue_balance",
        percent=None if ends else Decimal(rng.choice(("15", "0.5", "1.255", "0"))),
        tiers=tiers if ends else (),
        at_least=rng.choice((None, 0, 40)),
        at_most=rng.choice((None, 45, 6_775)),
        vat_percent=rng.choice((None, Decimal(21), Decimal("8.1"))),
    )


def random_tier(rng: random.Random, up_to: int | None) -> Tier:
    """One step, a share or fixed."""
    if rng.random() < 0.3:
        return Tier(up_to=up_to, fixed=rng.choice((0, 250, 4_000)))
    return Tier(up_to=up_to, percent=Decimal(rng.choice(("15", "10", "0.5", "1.255"))))


@pytest.mark.parametrize("seed", range(200))
def test_amounts_are_those_of_the_single_path(seed: int) -> None:
    """Every basis around the ends of tiers gives the same amount, half units rounded up."""
    fee = random_fee(random.Random(seed))
    amounts = work_out_amounts(fee, np.array(BASES, dtype=np.int64))
    assert amounts is not None
    assert amounts.tolist() == [work_out_fee(fee, "EUR", basis=basis).amount for basis in BASES]


def test_what_64_bits_might_not_hold_is_left_to_the_single_path() -> None:
    """A basis of the largest amount with a share of many places is not reckoned in whole numbers."""
    fee = Fee(name="f", basis="overdue_balance", percent=Decimal("1.2345678"), vat_percent=Decimal("19.5"))
    assert work_out_amounts(fee, np.array([2**53], dtype=np.int64)) is None


def test_a_fixed_fee_asks_no_basis() -> None:
    """It is the same for everybody."""
    fee = Fee(name="f", fixed=4_000, vat_percent=Decimal(21))
    amounts = work_out_amounts(fee, np.array([0, 5], dtype=np.int64))
    assert amounts is not None
    assert amounts.tolist() == [4_840, 4_840]
