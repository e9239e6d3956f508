"""Experiments that are looked at every day: chance is not taken for an effect, and an effect is found."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from engine.model.ruleset import Experiment
from engine.recovery.counting import Begun, count_by_plan
from engine.recovery.judging import Counted, Judgement, judge
from engine.recovery.planning import Plan, plan

EXPERIMENTS = 10_000
BASE, EFFECT = Fraction(40, 100), Fraction(5, 100)
A_DAY = 200
HALVES = Experiment(id="halves", variants=(("a", 50), ("b", 50)))
HELD_OUT = Experiment(id="held-out", variants=(("a", 100),), hold_out=20)


def planned(experiment: Experiment) -> Plan:
    """Plan for 5 points more than 40 %."""
    return plan(experiment, base=BASE, effect=EFFECT, accounts_a_day=A_DAY)


def live(of: Plan, effect: Fraction, chance: np.random.Generator) -> list[Begun]:
    """Let an experiment run for half as long again as it needs; every account is drawn into a group."""
    days = of.days - of.within_days + 15
    shares = [float(group.share) for group in of.groups]
    accounts = chance.multinomial(A_DAY, shares, size=days)
    rates = [float(BASE), *[float(BASE + effect)] * (len(shares) - 1)]
    paid = chance.binomial(accounts, rates)
    return [
        Begun(day=day, counted=Counted(name=group.name, accounts=int(accounts[day, place]), paid=int(paid[day, place])))
        for day in range(days)
        for place, group in enumerate(of.groups)
    ]


def look(of: Plan, begun: Sequence[Begun], days: int) -> Judgement:
    """Look at it on a day."""
    return judge(of, count_by_plan(of, begun, days=days), days=days)


def say(judgement: Judgement) -> str:
    """Say the verdict, or why there is none."""
    return judgement.withheld or judgement.differences[0].verdict


def simulate(experiment: Experiment, effect: Fraction, seed: int) -> Counter[str]:
    """Count the verdicts of many experiments, each looked at for the last time."""
    of, chance = planned(experiment), np.random.default_rng(seed)
    return Counter(say(look(of, live(of, effect, chance), of.days + 15)) for _ in range(EXPERIMENTS))


@pytest.mark.parametrize("experiment", [HALVES, HELD_OUT], ids=lambda each: each.id)
def test_where_there_is_nothing_a_winner_is_rare(experiment: Experiment) -> None:
    """Groups that are treated alike differ in one experiment of twenty at most, as said beforehand."""
    found = simulate(experiment, Fraction(0), seed=10)
    told = found["more"] + found["fewer"]
    by_chance = 3 * (0.05 * 0.95 * EXPERIMENTS) ** 0.5  # of so many draws the share itself is not known more exactly
    print(f"A/A, {experiment.id}: {told} false winners in {EXPERIMENTS:,}; {dict(found)}")  # noqa: T201  the figure is what it is about
    assert told <= EXPERIMENTS * 0.05 + by_chance
    assert found["more"] <= EXPERIMENTS * 0.05  # that the other variant wins
    assert found["too-early"] == 0
    assert found["sample-ratio-mismatch"] <= EXPERIMENTS * Fraction(3, 1000)


@pytest.mark.parametrize("experiment", [HALVES, HELD_OUT], ids=lambda each: each.id)
def test_the_planned_effect_is_found(experiment: Experiment) -> None:
    """An effect of the planned size is found four times in five."""
    found = simulate(experiment, EFFECT, seed=11)
    print(f"A/B, {experiment.id}: {found['more']} found in {EXPERIMENTS:,}; {dict(found)}")  # noqa: T201  as above
    assert found["more"] >= EXPERIMENTS * Fraction(80, 100)


@pytest.mark.parametrize("effect", [Fraction(0), EFFECT], ids=["nothing", "planned"])
def test_looking_every_day_sees_one_verdict(effect: Fraction) -> None:
    """Whoever looks every day sees none, but a mismatch, until the plan is met, and from then on always the same."""
    of, chance = planned(HALVES), np.random.default_rng(12)
    for _ in range(40):
        begun = live(of, effect, chance)
        seen = [say(look(of, begun, days)) for days in range(of.days + 16)]
        verdicts = [each for each in seen if each not in {"too-early", "sample-ratio-mismatch"}]
        assert len(set(verdicts)) <= 1
        assert not {*seen[: of.days]} - {"too-early", "sample-ratio-mismatch"}
        assert seen[-1] != "too-early"
