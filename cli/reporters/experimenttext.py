"""The plan of an experiment as a table and two sentences."""

from fractions import Fraction

from engine.recovery.planning import Plan
from engine.words.phrases import count_days

_HEADINGS = ("group", "of all", "accounts")


def write_plan(plan: Plan, *, base: Fraction, effect: Fraction, per_day: int, within_days: int) -> str:
    """Write what each group needs, how long that takes, and what for."""
    rows = [_HEADINGS, *((each.name, say_percent(each.share), f"{each.accounts:,}") for each in plan.groups)]
    rows.append(("together", "", f"{plan.accounts:,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    table = (f"{name:<{widths[0]}}  {share:>{widths[1]}}  {count:>{widths[2]}}" for name, share, count in rows)
    waiting = plan.days - within_days
    lines = [
        f"To tell {say_percent(base + effect)} from {say_percent(base)} who pay within {count_days(within_days)}:",
        "",
        *table,
        "",
        f"At {per_day:,} accounts a day that takes {count_days(waiting)}.",
        f"With {count_days(within_days)} more, until the last had time to pay, it is {count_days(plan.days)}:",
        "say nothing of it before.",
    ]
    return "\n".join(lines) + "\n"


def say_percent(share: Fraction) -> str:
    """Write a share as percent."""
    return f"{float(share * 100):g} %"
