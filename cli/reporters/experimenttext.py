"""An experiment in words: what it needs before it starts, and what it showed."""

from collections.abc import Sequence

from engine.recovery.judging import Counted, Judgement
from engine.recovery.planning import Plan
from engine.words.phrases import count_days
from pages.experimentwords import say_judgement, say_percent


def write_plan(plan: Plan, *, per_day: int) -> str:
    """Write what each group needs, how long that takes, and what for."""
    rows = [(each.name, say_percent(each.share), f"{each.accounts:,}") for each in plan.groups]
    within = count_days(plan.within_days)
    lines = [
        f"To tell {say_percent(plan.base + plan.effect)} from {say_percent(plan.base)} who pay within {within}:",
        "",
        *_align([("group", "of all", "accounts"), *rows, ("together", "", f"{plan.accounts:,}")]),
        "",
        f"At {per_day:,} accounts a day that takes {count_days(plan.days - plan.within_days)}.",
        f"With {within} more, until the last had time to pay, it is {count_days(plan.days)}:",
        "say nothing of it before.",
    ]
    return "\n".join(lines) + "\n"


def write_judgement(plan: Plan, judgement: Judgement, *, days: int) -> str:
    """Write what was counted, and the difference where one may be told."""
    groups = judgement.groups
    columns = [
        ("group", *(each.name for each in groups)),
        ("accounts", *(f"{each.accounts:,}" for each in groups)),
        ("needed", *(f"{each.accounts:,}" for each in plan.groups)),
        ("paid", *(f"{each.paid:,}" for each in groups)),
    ]
    if all(each.complained is not None for each in groups):
        columns.append(("complained", *(f"{each.complained:,}" for each in groups)))
    if all(each.contacts is not None for each in groups):
        columns.append(("contacts each", *(_say_each(each) for each in groups)))
    table = _align(list(zip(*columns, strict=True)))
    return "\n".join([*table, "", *say_judgement(plan, judgement, days)]) + "\n"


def _say_each(group: Counted) -> str:
    return f"{(group.contacts or 0) / group.accounts:.2f}" if group.accounts else "-"


def _align(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lay names to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
