"""What applications and editors read about the service itself: vocabulary, JSON Schema, OpenAPI."""

import functools

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.answers import answer_cached, encode
from api.operation import OPT_KEY, Answer, Operation
from api.referencemessages import ActionAbout, FactAbout, Vocabulary
from engine.model.vocabulary import ACTIONS, CHANNELS, STANDARD_FACTS
from schemas import read_schema

OPENAPI_KEY = "openapi"
_HEADERS = {"If-None-Match": "An ETag: 304 if nothing changed."}

VOCABULARY = Operation(
    name="getVocabulary",
    summary="The standard facts, actions and channels.",
    scope=None,
    answers=(Answer(about="The vocabulary.", record=Vocabulary),),
    headers=_HEADERS,
)
RULESET_SCHEMA = Operation(
    name="getRulesetSchema",
    summary="The JSON Schema of rulesets, for editors.",
    scope=None,
    answers=(Answer(about="A JSON Schema (Draft 2020-12).", media_type="application/schema+json"),),
    headers=_HEADERS,
)
OPENAPI = Operation(
    name="getOpenapi",
    summary="This description of the API.",
    scope=None,
    answers=(Answer(about="OpenAPI 3.1."),),
    headers=_HEADERS,
)


@get("/v1/vocabulary", opt={OPT_KEY: VOCABULARY})
async def get_vocabulary(scope: Scope) -> Response[bytes]:
    """Read the vocabulary."""
    return answer_cached(scope, write_vocabulary())


@get("/schema/ruleset.json", opt={OPT_KEY: RULESET_SCHEMA})
async def get_ruleset_schema(scope: Scope) -> Response[bytes]:
    """Read the JSON Schema of rulesets."""
    response = answer_cached(scope, read_schema("ruleset.schema.json"))
    response.media_type = "application/schema+json"
    return response


@get("/schema", opt={OPT_KEY: OPENAPI})
async def get_openapi(scope: Scope) -> Response[bytes]:
    """Read the OpenAPI document."""
    return answer_cached(scope, scope["litestar_app"].state[OPENAPI_KEY])


@functools.cache
def write_vocabulary() -> bytes:
    """Write the vocabulary as JSON."""
    facts = (msgspec.structs.asdict(fact) for fact in STANDARD_FACTS.values())
    actions = (msgspec.structs.asdict(action) for action in ACTIONS.values())
    return encode(
        Vocabulary(
            facts=tuple(FactAbout(**fact) for fact in facts),
            actions=tuple(ActionAbout(**action) for action in actions),
            channels=CHANNELS,
        )
    )
