"""What is said of a dunning run, over the API and by the console; and how one is asked for."""

import base64
from decimal import Decimal
from typing import Any

import msgspec

from api.answers import money_of
from api.deciding import read_as_of
from api.problems import ProblemError, refuse_parameter, refuse_place
from api.runmessages import Run, RunDay, RunHead, RunItem, RunRequest, RunTotal, RunVersion
from api.service import Service
from engine.model.vocabulary import CHANNELS
from store import runs as stored
from store.runs import Place
from store.worklist import Actor

_MOST_AT_WORK = 16
_PLACE = msgspec.json.Decoder(Place)


async def propose(service: Service, asked: RunRequest, actor: Actor) -> stored.Run:
    """Ask for a run; raises ProblemError where it cannot be meant, or where enough are being worked out."""
    as_of = read_as_of(asked.as_of, refuse_place, "/as_of") or service.now()
    for channel in asked.at_most:
        if channel not in CHANNELS:
            known = ", ".join(sorted(CHANNELS))
            raise refuse_place("/at_most", f"{channel!r} is no channel; there are {known}.")
    if await service.store.runs.count_at_work() >= _MOST_AT_WORK:
        raise ProblemError(
            "too-many-requests", "Enough runs are being worked out already.", headers={"Retry-After": "10"}
        )
    return await service.store.runs.propose(
        track=asked.track, as_of=as_of.isoformat(), at_most=asked.at_most, actor=actor
    )


async def tell_run(service: Service, run: stored.Run) -> Run:
    """Return a run with what is in it."""
    runs = service.store.runs
    totals = tuple(
        RunTotal(
            state=each.state,
            outcome=each.outcome,
            count=each.count,
            claim=money_of(each.claim, each.currency),
            fee=money_of(each.fee, each.currency),
        )
        for each in await runs.count_items(run.id)
    )
    days = tuple(
        RunDay(day=each.scheduled_on, channel=each.channel, count=each.count, carried_over=each.carried_over)
        for each in await runs.count_days(run.id)
    )
    return Run(**_head_of(run), totals=totals, days=days)


def tell_head(run: stored.Run) -> RunHead:
    """Return a run without what is in it."""
    return RunHead(**_head_of(run))


def _head_of(run: stored.Run) -> dict[str, Any]:
    versions = None if run.rulesets is None else tuple(RunVersion(ruleset=name, version=n) for name, n in run.rulesets)
    return {
        "id": run.id,
        "state": run.state,
        "track": run.track,
        "as_of": run.as_of,
        "at_most": run.at_most,
        "rulesets": versions,
        "accounts_total": run.accounts_total,
        "accounts_done": run.accounts_count,
        "digest": None if run.digest is None or run.state == "proposing" else run.digest.hex(),
        "problem": run.problem,
        "proposed_by": run.proposed_by_name or run.proposed_by,
        "proposed_at": run.proposed_at,
        "approved_by": run.approved_by_name or run.approved_by,
        "approved_at": run.approved_at,
        "released_by": run.released_by_name or run.released_by,
        "released_at": run.released_at,
        "ended_at": run.ended_at,
    }


def tell_item(item: stored.RunItem) -> RunItem:
    """Return an item as it is answered."""
    return RunItem(
        account_id=item.account_id,
        state=item.state,
        outcome=item.outcome,
        ruleset=item.ruleset_id,
        version=item.version,
        rule=item.rule,
        title=item.title,
        level=item.level,
        action=item.action,
        channel=item.channel,
        also=item.also,
        scheduled_for=item.scheduled_for,
        episode=item.episode,
        reason=item.reason,
        claim=money_of(item.claim, item.currency),
        fee=money_of(item.fee, item.currency),
        note=item.note,
        noted_by=item.noted_by,
        decision_id=item.decision_id,
    )


def write_cursor(item: stored.RunItem) -> str:
    """Return where a page of items ended."""
    place = (-(item.claim or Decimal(0)), item.account_id)
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def read_cursor(cursor: str) -> Place:
    """Read where a page of items ended; raises ProblemError."""
    try:
        place: Place = _PLACE.decode(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, msgspec.MsgspecError):
        raise refuse_parameter("cursor", f"{cursor!r} is no cursor of this list.") from None
    return place
