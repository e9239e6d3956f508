"""Which token it is that asks."""

import datetime as dt

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api import operation
from api.answers import answer_json
from api.operation import OPT_KEY, Answer, Operation
from store.tokens import Token


class TokenAbout(msgspec.Struct, frozen=True, kw_only=True):
    """A token; `person` is whose it is, where it is a person's."""

    id: str
    name: str
    person: str | None
    scopes: list[operation.Scope]
    expires_at: dt.datetime | None


WHOAMI = Operation(
    name="getToken",
    summary="Which token asks: its name, its scopes, until when it can be used.",
    scope=None,
    takes_any_token=True,
    answers=(Answer(about="The token.", record=TokenAbout),),
    problems=("unavailable",),
)


@get("/v1/whoami", opt={OPT_KEY: WHOAMI})
async def get_token(scope: Scope) -> Response[bytes]:
    """Say which token it is."""
    token: Token = scope["auth"]
    about = TokenAbout(
        id=token.id,
        name=token.name,
        person=token.person,
        scopes=sorted(token.scopes),
        expires_at=token.expires_at,
    )
    return answer_json(about, headers={"Cache-Control": "no-store"})
