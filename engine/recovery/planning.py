"""How many accounts an experiment needs, and for how long, before anything may be said of it."""

import math
from fractions import Fraction

import msgspec

from engine.model.ruleset import HOLD_OUT, Experiment

# Quantiles of the standard normal distribution: two-sided 5 %, and a power of 80 %.
MISLED = Fraction("1.959963984540054")
FOUND = Fraction("0.841621233572914")


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A variant, or who is held out: its part of all accounts, and how many accounts it needs."""

    name: str
    share: Fraction
    accounts: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The groups, the one that others are compared with first, and how many days pass before anything is said.

    ``base`` is the share of the first group that is thought to pay in those days, ``effect`` the least difference.
    """

    experiment: str
    base: Fraction
    effect: Fraction
    within_days: int
    groups: tuple[Group, ...]
    accounts: int
    days: int


class PlanImpossible(ValueError):
    """No number of accounts answers the question; the message says why."""


def plan(
    experiment: Experiment, *, base: Fraction, effect: Fraction, accounts_a_day: int, within_days: int = 14
) -> Plan:
    """Plan for a share of ``base`` paid in the first group and a least difference of ``effect`` in any other.

    The usual size for two proportions, unpooled and without correction for continuity (Chow, Shao and Wang, Sample
    Size Calculations in Clinical Research, 4.2), where the groups have the shares of the experiment.
    """
    first, *others = _list_shares(experiment)
    other = base + effect
    if not (0 < base < 1 and 0 < other < 1):
        raise PlanImpossible("The share that pays lies between 0 and 100 %, now and with the effect.")
    if effect == 0:
        raise PlanImpossible("No number of accounts shows a difference of 0; name the least that would matter.")
    if not others:
        raise PlanImpossible(f"{experiment.id} has one group only; give it a second variant or a hold_out.")
    spread = base * (1 - base), other * (1 - other)
    scale = (MISLED + FOUND) ** 2 / effect**2
    total = max(scale * (spread[0] / first[1] + spread[1] / share) for _, share in others)
    groups = tuple(Group(name=name, share=share, accounts=math.ceil(total * share)) for name, share in (first, *others))
    accounts = sum(group.accounts for group in groups)
    return Plan(
        experiment=experiment.id,
        base=base,
        effect=effect,
        within_days=within_days,
        groups=groups,
        accounts=accounts,
        days=math.ceil(Fraction(accounts, accounts_a_day)) + within_days,
    )


def _list_shares(experiment: Experiment) -> list[tuple[str, Fraction]]:
    """Return the groups that can have accounts, the one compared with first, each with its part of all accounts."""
    held_out = Fraction(experiment.hold_out or 0, 100)
    variants = [(name, (1 - held_out) * Fraction(percent, 100)) for name, percent in experiment.variants if percent]
    return [(HOLD_OUT, held_out), *variants] if held_out else variants
