"""An experiment by its plan: how large its groups are, and what may be told of them."""

from decimal import Decimal
from fractions import Fraction

import msgspec

from api.experimenting import CountedExperiment, names_of
from engine.model.ruleset import HOLD_OUT, Experiment
from engine.recovery.counting import count_by_plan
from engine.recovery.judging import Counted, Difference, Judgement, judge
from engine.recovery.planning import Plan
from engine.recovery.shares import to_percent, to_tenths
from pages.barpicture import Bar, draw_bars
from pages.experimentwords import say_judgement
from pages.intervalpicture import Interval, draw_intervals


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment by its plan, as it is so many days after it began; without a plan there is no judgement."""

    counted: CountedExperiment
    days: int
    plan: Plan | None
    judgement: Judgement | None

    @property
    def is_told(self) -> bool:
        """Whether anything may be said of who pays."""
        return self.judgement is not None and self.judgement.withheld is None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group: its part of all accounts, how many began, and by a plan how many are counted and needed.

    ``paid`` and the shares are there once they may be told.
    """

    name: str
    share: Decimal | None
    began: int
    counted: int | None = None
    needed: int | None = None
    paid: int | None = None
    rate: Decimal | None = None
    difference: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    complained: int | None = None
    contacts: Decimal | None = None


def judge_by(plan: Plan | None, counted: CountedExperiment, *, days: int) -> Judged:
    """Judge an experiment by a plan, as it is so many days after it began."""
    judgement = None if plan is None else judge(plan, count_by_plan(plan, counted.begun, days=days), days=days)
    return Judged(counted=counted, days=days, plan=plan, judgement=judgement)


def say(judged: Judged) -> list[str]:
    """Say what was shown, or why nothing is said."""
    if judged.plan is None or judged.judgement is None:
        return ["Too early: there is no plan to judge it by."]
    return say_judgement(judged.plan, judged.judgement, judged.days)


def list_groups(judged: Judged) -> tuple[Group, ...]:
    """Return the groups, the one that others are compared with first; paid only once it may be told."""
    began: dict[str, int] = {}
    for each in judged.counted.begun:
        began[each.counted.name] = began.get(each.counted.name, 0) + each.counted.accounts
    experiment = judged.counted.experiment
    if judged.plan is None or judged.judgement is None:
        return tuple(
            Group(name=name, share=to_percent(_share_of(experiment, name)), began=began.get(name, 0))
            for name in names_of(experiment)
        )
    planned = zip(judged.plan.groups, judged.judgement.groups, strict=True)
    groups = [
        Group(
            name=group.name,
            share=to_percent(group.share),
            began=began.get(group.name, 0),
            counted=counted.accounts,
            needed=group.accounts,
            paid=counted.paid if judged.is_told else None,
            rate=to_percent(counted.rate) if judged.is_told else None,
            complained=counted.complained,
            contacts=_each(counted),
        )
        for group, counted in planned
    ]
    if not judged.is_told:
        return tuple(groups)
    told = zip(groups[1:], judged.judgement.differences, strict=True)
    return (groups[0], *(_compare(group, difference) for group, difference in told))


def draw_sizes(judged: Judged) -> str:
    """Draw how many accounts each group has, of how many it needs where a plan says so."""
    about = "How many accounts each group has, and needs."
    bars = [
        Bar(
            label=group.name,
            length=group.began if group.counted is None else group.counted,
            words=f"{group.began:,}" if group.needed is None else f"{group.counted:,} of {group.needed:,}",
        )
        for group in list_groups(judged)
    ]
    return draw_bars(bars, about=about)


def draw_differences(judged: Judged) -> str:
    """Draw by how many points more or fewer pay in each group than in the first, with the 95 % interval."""
    about = "By how many points more or fewer pay than in the first group, with the 95 % interval."
    intervals = [
        Interval(name=group.name, value=float(group.difference), low=float(group.low), high=float(group.high))
        for group in list_groups(judged)
        if group.difference is not None and group.low is not None and group.high is not None
    ]
    return draw_intervals(intervals, about=about)


def _compare(group: Group, difference: Difference) -> Group:
    return msgspec.structs.replace(
        group,
        difference=to_tenths(difference.value * 100),
        low=to_tenths(Fraction(difference.low) * 100),
        high=to_tenths(Fraction(difference.high) * 100),
    )


def _each(counted: Counted) -> Decimal | None:
    if counted.contacts is None or not counted.accounts:
        return None
    return to_tenths(Fraction(counted.contacts, counted.accounts))


def _share_of(experiment: Experiment, name: str) -> Fraction:
    held_out = Fraction(experiment.hold_out or 0, 100)
    return held_out if name == HOLD_OUT else (1 - held_out) * Fraction(dict(experiment.variants)[name], 100)
