"""What happens to a stored account if nobody pays."""

import asyncio
import datetime as dt

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import answer_cached, encode
from api.deciding import choose_rulesets
from api.messages import NextActionQuery, Timeline, TimelineQuery, TimelineStep
from api.operation import OPT_KEY, Answer, Operation
from api.problems import refuse_parameter
from api.requests import read_query
from api.routes.next_action import read_stored_question
from api.service import Service, find_service
from engine.evaluation.routing import Route
from engine.evaluation.timeline import TimelineStep as Step
from engine.evaluation.timeline import run_timeline

_MOST_DAYS = 3700

GET_TIMELINE = Operation(
    name="getTimeline",
    summary="What happens if nobody pays: each action with the day on which it happens, to the end of the ladder.",
    scope="decide",
    query=TimelineQuery,
    answers=(Answer(about="The days on which something is done. Nothing of it is logged.", record=Timeline),),
    problems=("unknown-account", "invalid-account", "rulesets-overlap", "unknown-ruleset", "unavailable"),
)


@get("/v1/accounts/{account_id:str}/timeline", opt={OPT_KEY: GET_TIMELINE})
async def get_timeline(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """Run an account down its ladder."""
    asked = read_query(scope, TimelineQuery)
    read = await read_timeline(find_service(scope), account_id, asked)
    shown = tuple(TimelineStep(on=step.on, happens_on=step.happens_on, decision=step.decision) for step in read.steps)
    return answer_cached(scope, encode(Timeline(account_id=account_id, track=asked.track, steps=shown)))


class ReadTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a stored account, and the titles of the rulesets that were asked, by id."""

    steps: tuple[Step, ...]
    titles: dict[str, str]


async def read_timeline(service: Service, account_id: str, asked: TimelineQuery) -> ReadTimeline:
    """Ask about a stored account day after day; raises what asking about it once does."""
    stored = NextActionQuery(track=asked.track, ruleset=asked.ruleset, version=asked.version)
    question = await read_stored_question(service, account_id, stored)
    in_use = await choose_rulesets(service, asked.ruleset, asked.version)
    in_use.check_track(asked.track)
    rulesets = in_use.rulesets
    first = asked.as_of
    if first is None:
        now = service.now()
        local = Route(rulesets, question.account, (), as_of=now, track=asked.track, ruleset=asked.ruleset)
        first = local.local_as_of.date()
    _check_days(first, asked.until)
    steps = await asyncio.to_thread(
        run_timeline,
        rulesets,
        question.account,
        question.history,
        outcomes=question.outcomes,
        first=first,
        until=asked.until,
        track=asked.track,
        ruleset=asked.ruleset,
        executed=asked.executed,
    )
    return ReadTimeline(steps=steps, titles={each.ruleset.id: each.ruleset.title for each in rulesets.compiled})


def _check_days(first: dt.date, until: dt.date | None) -> None:
    if until is not None and not dt.timedelta() <= until - first <= dt.timedelta(days=_MOST_DAYS):
        raise refuse_parameter("until", f"a day from as_of to {_MOST_DAYS} days after it is needed.")
