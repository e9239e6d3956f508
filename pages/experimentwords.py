"""What an experiment showed, in words."""

from fractions import Fraction

from engine.recovery.judging import Difference, Judgement
from engine.recovery.planning import Plan


def say_judgement(plan: Plan, judgement: Judgement, days: int) -> list[str]:
    """Say what was shown after so many days, a sentence a line; or why nothing is said."""
    if judgement.withheld == "sample-ratio-mismatch":
        return [
            f"The groups are not as large as they were drawn: by chance that happens {_say_chance(judgement.chance)}.",
            "Find out who is missing; until then no difference means anything.",
        ]
    if judgement.withheld == "too-early":
        return [
            f"Too early: day {days} of {plan.days}, and each group needs its accounts. No difference is told before."
        ]
    first, *others = judgement.groups
    told = zip(others, judgement.differences, strict=True)
    lines = [f"{other.name} against {first.name}: {_say_difference(each, 'pay')}" for other, each in told]
    if judgement.complaints:
        told = zip(others, judgement.complaints, strict=True)
        lines += [f"Complaints of {other.name}: {_say_difference(each, 'complain')}" for other, each in told]
    return lines


def _say_difference(difference: Difference, do: str) -> str:
    ends = f"between {difference.low * 100:+.1f} and {difference.high * 100:+.1f} points with 95 % confidence"
    if difference.verdict == "not-shown":
        return f"no difference is shown; it lies {ends}."
    points = abs(float(difference.value)) * 100
    return f"{points:.1f} points {difference.verdict} {do} ({ends})."


def _say_chance(chance: float) -> str:
    return f"once in {round(1 / chance):,} times" if chance > 1e-9 else "practically never"  # noqa: PLR2004


def say_percent(share: Fraction) -> str:
    """Write a share as percent."""
    return f"{float(share * 100):g} %"
