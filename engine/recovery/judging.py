"""What an experiment showed: whether its groups are as large as they were drawn, and how much more or fewer pay."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from engine.recovery.planning import MISLED, Plan

MISMATCH_BELOW = 0.001
"""How unlikely sizes of groups must be by chance alone until they are told as a mismatch."""

Verdict = Literal["sample-ratio-mismatch", "too-early", "more", "fewer", "not-shown"]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts of a group there were, and how many of them paid in full in time.

    ``complained`` are those of which a complaint came, ``contacts`` all contacts with them; None where nobody counted.
    """

    name: str
    accounts: int
    paid: int
    complained: int | None = None
    contacts: int | None = None

    @property
    def rate(self) -> Fraction:
        """The share that paid."""
        return Fraction(self.paid, self.accounts)

    def add(self, other: "Counted") -> "Counted":
        """Return both together."""
        return Counted(
            name=self.name,
            accounts=self.accounts + other.accounts,
            paid=self.paid + other.paid,
            complained=_add(self.complained, other.complained),
            contacts=_add(self.contacts, other.contacts),
        )


def _add(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The share that paid in a group less that in the first, with the ends of its 95 % interval."""

    value: Fraction
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """Which side of nothing the whole interval is on, if on one."""
        return "more" if self.low > 0 else "fewer" if self.high < 0 else "not-shown"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The groups in the plan's order; ``differences`` are of each but the first, empty while none may be told.

    ``complaints`` are the same of the accounts that complained, empty where they were not counted: a guardrail, which
    may say that what pays more is not worth it, and decides nothing.

    ``chance`` is how likely sizes as far from the plan's shares are where nothing is wrong.
    """

    groups: tuple[Counted, ...]
    chance: float
    withheld: Verdict | None
    differences: tuple[Difference, ...] = ()
    complaints: tuple[Difference, ...] = ()


def judge(plan: Plan, groups: Sequence[Counted], *, days: int) -> Judgement:
    """Judge what was counted after so many days; ``groups`` are those of the plan, in its order.

    Sizes come first, since groups that are not as they were drawn are not alike either; then whether it is too early.
    """
    sizes = [group.accounts for group in groups]
    chance = find_chance(sizes, [group.share for group in plan.groups])
    small = any(size < group.accounts for size, group in zip(sizes, plan.groups, strict=True))
    withheld: Verdict | None = None
    if chance < MISMATCH_BELOW:
        withheld = "sample-ratio-mismatch"
    elif small or days < plan.days:
        withheld = "too-early"
    first, *others = groups
    differences = () if withheld else tuple(compare(first, other) for other in others)
    complaints: tuple[Difference, ...] = ()
    if not withheld and all(group.complained is not None for group in groups):
        complaints = tuple(compare(_complaining(first), _complaining(other)) for other in others)
    return Judgement(
        groups=tuple(groups), chance=chance, withheld=withheld, differences=differences, complaints=complaints
    )


def _complaining(group: Counted) -> Counted:
    """Return a group as though complaints were what is looked for."""
    return Counted(name=group.name, accounts=group.accounts, paid=group.complained or 0)


def compare(first: Counted, other: Counted) -> Difference:
    """Compare two shares by the hybrid score interval (Newcombe, Statistics in Medicine 17 (1998), method 10)."""
    (low, high), (other_low, other_high) = _score_interval(first), _score_interval(other)
    base, rate = float(first.rate), float(other.rate)
    value = other.rate - first.rate
    return Difference(
        value=value,
        low=float(value) - math.hypot(rate - other_low, high - base),
        high=float(value) + math.hypot(other_high - rate, base - low),
    )


def _score_interval(group: Counted) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927)."""
    z, size, rate = float(MISLED), group.accounts, float(group.rate)
    middle = 2 * group.paid + z * z
    reach = z * math.sqrt(z * z + 4 * group.paid * (1 - rate))
    return (middle - reach) / (2 * (size + z * z)), (middle + reach) / (2 * (size + z * z))


def find_chance(sizes: Sequence[int], shares: Sequence[Fraction]) -> float:
    """Return how likely sizes at least as far from the shares are by chance: Pearson's chi-square; 1 of nobody."""
    total = sum(sizes)
    expected = [total * share for share in shares]
    if total == 0:
        return 1.0
    distance = sum((size - want) ** 2 / want for size, want in zip(sizes, expected, strict=True))
    return _tail(float(distance), len(sizes) - 1)


def _tail(distance: float, freedom: int) -> float:
    """Return the upper tail of the chi-square distribution, by its closed form for whole degrees of freedom."""
    half = distance / 2
    if freedom % 2:
        term, found, step = math.sqrt(half / math.pi) * 2, math.erfc(math.sqrt(half)), 1.5
        terms = freedom // 2
        scale = math.exp(-half)
        for _ in range(terms):
            found += scale * term
            term *= half / step
            step += 1
        return found
    term, sum_ = 1.0, 0.0
    for number in range(freedom // 2):
        sum_ += term
        term *= half / (number + 1)
    return math.exp(-half) * sum_
