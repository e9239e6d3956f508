"""What happened, in order, for other systems to read."""

from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.answers import answer_json
from api.eventmessages import Events, EventsQuery, write_event, write_sequence
from api.operation import OPT_KEY, Answer, Operation
from api.problems import refuse_parameter
from api.requests import read_query
from api.service import find_service

_LAST_PLACE = (1 << 63) - 1

LIST = Operation(
    name="listEvents",
    summary="What happened, in order; none is left out that commits late, and asked again later it goes on.",
    scope="events",
    query=EventsQuery,
    answers=(Answer(about="Events as CloudEvents 1.0; none where nothing happened since.", record=Events),),
    problems=("events-forgotten", "unavailable"),
)


@get("/v1/events", opt={OPT_KEY: LIST})
async def list_events(scope: Scope) -> Response[bytes]:
    """List the events behind a place."""
    asked = read_query(scope, EventsQuery)
    after = int(asked.after or 0)
    if after > _LAST_PLACE:
        raise refuse_parameter("after", "no event has such a place.")
    told = await find_service(scope).store.outbox.list(after=after, limit=asked.limit)
    last = told[-1].sequence if told else after
    answer = Events(events=tuple(write_event(event) for event in told), next_after=write_sequence(last))
    return answer_json(answer, headers={"Cache-Control": "no-store"})
