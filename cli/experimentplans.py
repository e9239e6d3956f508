"""The file that says what an experiment needs, written before it starts and asked when it is judged."""

from fractions import Fraction
from pathlib import Path

import msgspec
import rich_click as click

from cli.reporters.machine import write_json
from engine.recovery.judging import Counted, Difference, Judgement
from engine.recovery.planning import Group, Plan


class _Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    percent: float
    accounts: int


class _Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares are percents, all of them with few decimals."""

    experiment: str
    base: float
    effect: float
    within_days: int
    groups: tuple[_Group, ...]
    accounts: int
    days: int


def write_plan(plan: Plan) -> str:
    """Write a plan as JSON."""
    groups = tuple(_Group(name=each.name, percent=_percent(each.share), accounts=each.accounts) for each in plan.groups)
    return write_json(
        _Plan(
            experiment=plan.experiment,
            base=_percent(plan.base),
            effect=_percent(plan.effect),
            within_days=plan.within_days,
            groups=groups,
            accounts=plan.accounts,
            days=plan.days,
        )
    )


def read_plan(path: Path) -> Plan:
    """Read what `dunning experiment plan --format json` wrote."""
    try:
        written = msgspec.json.decode(path.read_bytes(), type=_Plan)
    except msgspec.DecodeError as error:
        message = f"{path} is no plan of an experiment ({error}); `dunning experiment plan --format json` writes one."
        raise click.UsageError(message) from None
    groups = (Group(name=each.name, share=_share(each.percent), accounts=each.accounts) for each in written.groups)
    return Plan(
        experiment=written.experiment,
        base=_share(written.base),
        effect=_share(written.effect),
        within_days=written.within_days,
        groups=tuple(groups),
        accounts=written.accounts,
        days=written.days,
    )


def write_judgement(judgement: Judgement) -> str:
    """Write what was counted and what it shows; shares as percents, differences in points."""
    first, *others = judgement.groups
    told = [_tell(difference) for difference in judgement.differences] or [{"verdict": judgement.withheld}] * len(
        others
    )
    groups = [_count(first), *(_count(each) | more for each, more in zip(others, told, strict=True))]
    for group, difference in zip(groups[1:], judgement.complaints, strict=False):
        group["complaints"] = _tell(difference)
    return write_json({"groups": groups})


def _count(group: Counted) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(group).items() if value is not None}


def _tell(difference: Difference) -> dict[str, object]:
    interval = [round(difference.low * 100, 2), round(difference.high * 100, 2)]
    return {"verdict": difference.verdict, "points": round(float(difference.value * 100), 2), "interval": interval}


def _percent(share: Fraction) -> float:
    return float(share * 100)


def _share(percent: float) -> Fraction:
    return Fraction(str(percent)) / 100
