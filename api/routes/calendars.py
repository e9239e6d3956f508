"""A feed of one's calls, by a secret address."""

from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import answer_json
from api.icalendar import MEDIA_TYPE, write_calendar
from api.operation import OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError
from api.requests import decode_strictly, read_body
from api.service import find_service
from api.workmessages import MOST_ITEMS, CalendarAddress, CalendarRequest
from engine.model.exactjson import make_decoder
from store.tokens import Token
from store.worklist import WorkFilter

_BODY = Body(record=CalendarRequest)
_REQUEST = make_decoder(CalendarRequest)
_PATH = "/v1/calendars"
_SUFFIX = ".ics"
_SHOWN = frozenset({"ready", "scheduled", "taken"})

MAKE = Operation(
    name="makeCalendar",
    summary="Make a secret address for the feed of somebody's calls; the one before leads nowhere from then on.",
    method="POST",
    scope="decide",
    body=_BODY,
    answers=(Answer(about="The address, the only time it is shown.", status=201, record=CalendarAddress),),
    problems=("unavailable",),
)
READ = Operation(
    name="readCalendar",
    summary="One's calls, for a calendar. Who knows the address needs no token; nobody is named.",
    scope=None,
    answers=(Answer(about="iCalendar (RFC 5545).", media_type=MEDIA_TYPE),),
    problems=("not-found", "unavailable"),
)


@post(_PATH, status_code=201, opt={OPT_KEY: MAKE})
async def make_calendar(request: Request[object, object, State]) -> Response[bytes]:
    """Make an address."""
    scope = request.scope
    asked: CalendarRequest = decode_strictly(_REQUEST, await read_body(scope, request.receive, _BODY))
    token: Token = scope["auth"]
    secret = await find_service(scope).store.calendars.make(asked.assigned_to, actor=token.id)
    return answer_json(CalendarAddress(path=f"{_PATH}/{secret}{_SUFFIX}"), status=201)


@get(f"{_PATH}/{{address:str}}", opt={OPT_KEY: READ})
async def read_calendar(scope: Scope, address: FromPath[str]) -> Response[bytes]:
    """Write the feed."""
    service = find_service(scope)
    name = await service.store.calendars.find(address.removesuffix(_SUFFIX)) if address.endswith(_SUFFIX) else None
    if name is None:
        raise ProblemError("not-found", "There is no such path; /schema lists them.")
    wanted = WorkFilter(action="place_call", assigned_to=name)
    page = await service.store.worklist.list(wanted, now=service.now(), limit=MOST_ITEMS)
    body = write_calendar(item for item in page.items if item.state in _SHOWN)
    return Response(body, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, no-store"})
