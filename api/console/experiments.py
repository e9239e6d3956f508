"""Experiments: how many accounts each group has and needs, and what was shown, once their plan is met."""

import re
from fractions import Fraction
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope
from msgspec import Meta

from api.console.figurekeeper import find_keepers
from api.console.judging import Group, Judged, draw_differences, draw_sizes, judge_by, list_groups, say
from api.console.screen import SCREEN_KEY, Screen, draw, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv
from api.experimenting import AskedExperiments, CountedExperiment, CountedExperiments
from api.problems import ProblemError, refuse_parameter
from api.routes.recovery import RECOVERY
from api.service import find_service
from engine.recovery.counting import Begun
from engine.recovery.planning import Plan, PlanImpossible, plan

_SCREEN = Screen(scope=RECOVERY.scope, reads_personal=RECOVERY.reads_personal)
_LOOK_AGAIN = {"Refresh": "2"}
_PLAN = ("base", "effect", "per_day")
_PERCENT = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,3})?", re.ASCII)


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which experiment, and the plan that it is judged by: percents as they are written."""

    ruleset: str | None = None
    experiment: str | None = None
    base: str | None = None
    effect: str | None = None
    per_day: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None
    within_days: Annotated[int, Meta(ge=1, le=365)] = 14


GROUPS = Sheet[Group](
    "groups",
    (
        Column("group", "Group", lambda group: group.name),
        Column("share", "Of all, %", lambda group: group.share, is_figure=True),
        Column("began", "Began", lambda group: group.began, is_figure=True),
        Column("counted", "Counted", lambda group: group.counted, is_figure=True),
        Column("needed", "Needed", lambda group: group.needed, is_figure=True),
        Column("paid", "Paid", lambda group: group.paid, is_figure=True),
        Column("rate", "Paid, %", lambda group: group.rate, is_figure=True),
        Column("difference", "Points more", lambda group: group.difference, is_figure=True),
        Column("low", "From", lambda group: group.low, is_figure=True),
        Column("high", "To", lambda group: group.high, is_figure=True),
        Column("complained", "Complained", lambda group: group.complained, is_figure=True),
        Column("contacts", "Contacts each", lambda group: group.contacts, is_figure=True),
    ),
)
DAILY = Sheet[Begun](
    "daily",
    (
        Column("day", None, lambda each: each.day),
        Column("group", None, lambda each: each.counted.name),
        Column("accounts", None, lambda each: each.counted.accounts),
        Column("paid", None, lambda each: each.counted.paid),
        Column("complained", None, lambda each: each.counted.complained),
        Column("contacts", None, lambda each: each.counted.contacts),
    ),
)
"""What `dunning experiment judge --daily` reads."""


@get("/figures/experiments", opt={SCREEN_KEY: _SCREEN})
async def show_experiments(scope: Scope) -> Response[Any]:
    """Show an experiment, the first there is where none is asked for."""
    asked, order = read_asked(scope, Query)
    kept = await find_keepers(scope).experiments.find(_question(scope, asked))
    if kept is None:
        return show(scope, "experiments", {"found": None, "asked": asked}, headers=_LOOK_AGAIN)
    found, _ = kept
    judged = _judge(scope, found, asked)
    if judged is None:
        return show(scope, "experiments", {"found": found, "asked": asked, "judged": None})
    groups = list_groups(judged)
    if order.csv == GROUPS.name:
        return send_csv(GROUPS, one_page(groups))
    if order.csv == DAILY.name:
        return send_csv(DAILY, one_page(judged.counted.begun))
    own = {"ruleset": judged.counted.ruleset, "experiment": judged.counted.experiment.id}
    told = {
        "found": found,
        "asked": asked,
        "judged": judged,
        "verdict": say(judged),
        "table": arrange(order, GROUPS, groups),
        "daily": order.address(without=tuple(own), csv=DAILY.name, **own),
        "query": order.address(without=tuple(own), **own),
    }
    return show(scope, "experiments", told)


@get("/figures/experiments/sizes.svg", opt={SCREEN_KEY: _SCREEN})
async def draw_experiment_sizes(scope: Scope) -> Response[bytes]:
    """Draw how large the groups are."""
    return draw(draw_sizes(await _read_judged(scope)))


@get("/figures/experiments/differences.svg", opt={SCREEN_KEY: _SCREEN})
async def draw_experiment_differences(scope: Scope) -> Response[bytes]:
    """Draw how far the groups are apart, once it may be told."""
    judged = await _read_judged(scope)
    if not judged.is_told:
        raise ProblemError("not-found", "No difference of this experiment may be told yet.")
    return draw(draw_differences(judged))


def _question(scope: Scope, asked: Query) -> AskedExperiments:
    return AskedExperiments(as_of=find_service(scope).now().date(), within_days=asked.within_days)


async def _read_judged(scope: Scope) -> Judged:
    """Read the experiment that a page shows."""
    asked, _ = read_asked(scope, Query)
    found, _ = await find_keepers(scope).experiments.read(_question(scope, asked))
    judged = _judge(scope, found, asked)
    if judged is None:
        raise ProblemError("not-found", "No ruleset has an experiment.")
    return judged


def _judge(scope: Scope, found: CountedExperiments, asked: Query) -> Judged | None:
    """Judge the experiment that is asked for, else the first; None where there is none."""
    counted = _choose(found, asked)
    if counted is None:
        return None
    days = (find_service(scope).now().date() - counted.began_on).days
    return judge_by(_read_plan(counted, asked), counted, days=max(days, 0))


def _choose(found: CountedExperiments, asked: Query) -> CountedExperiment | None:
    if asked.experiment is None and asked.ruleset is None:
        return next(iter(found.experiments), None)
    for each in found.experiments:
        if each.ruleset == asked.ruleset and asked.experiment in {None, each.experiment.id}:
            return each
    raise refuse_parameter("experiment", f"ruleset {asked.ruleset!r} has no experiment {asked.experiment!r}.")


def _read_plan(counted: CountedExperiment, asked: Query) -> Plan | None:
    """Read the plan, of which all or nothing is given."""
    lacking = [name for name in _PLAN if getattr(asked, name) is None]
    if len(lacking) == len(_PLAN):
        return None
    if asked.base is None or asked.effect is None or asked.per_day is None:
        raise refuse_parameter(lacking[0], "a plan has a base, a least effect and accounts a day; fill in all of them.")
    base, effect = _read_percent("base", asked.base), _read_percent("effect", asked.effect)
    try:
        return plan(
            counted.experiment, base=base, effect=effect, accounts_a_day=asked.per_day, within_days=asked.within_days
        )
    except PlanImpossible as impossible:
        raise ProblemError("invalid-request", f"{impossible}") from None


def _read_percent(name: str, text: str) -> Fraction:
    if _PERCENT.fullmatch(text) is None:
        raise refuse_parameter(name, f"a number of percent such as 40 or 2.5 is needed, not {text!r}.")
    return Fraction(text) / 100
