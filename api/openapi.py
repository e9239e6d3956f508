"""The OpenAPI 3.1 document, written from what each route says of itself; ASGI routes are in it like the others."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute

from api import messages
from api.accountmessages import Account, HistoryEntry, StatedOutcome
from api.openapiwebhooks import write_webhooks
from api.operation import NDJSON, OPT_KEY, SCOPES, Answer, Operation
from api.problems import MEDIA_TYPE, PROBLEM_TYPES, ProblemDetails
from api.schemas import REFERENCE, Schema, find_used, leave_out_null, write_schemas
from api.tags import TAGS, find_tag
from engine.model.decision import Decision
from store.events import EVENTS

VERSION = "1"


def _describe_header(about: str, schema: Schema) -> Schema:
    return {"description": about, "schema": schema}


_PARAMETER = re.compile(r"\{(?P<name>[a-z_]+):(?:str|int)\}")
_ALWAYS = ("bad-request", "internal-error")
_NEEDING_TOKEN = ("token-required", "scope-required")
_HAVING_BODY = ("invalid-json", "too-large", "unsupported-media-type", "invalid-request")
_ASKED = (messages.NextActionRequest, messages.StoredAccountRequest)
_REFERRED_TO = (Decision, ProblemDetails, Account, HistoryEntry, StatedOutcome, *_ASKED, *EVENTS)
_NO_CONTENT = 204
_TEXT: Schema = {"type": "string"}
_BYTES: Schema = {"type": "string", "format": "binary"}
_SECONDS: Schema = {"type": "integer", "minimum": 1}
_IN_PATHS: dict[str, tuple[str, Schema]] = {
    "account_id": (
        "The account's id; percent-encoded where it holds more than letters, digits, `-`, `.`, `_` and `~`.",
        {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[^/\\x00-\\x1f\\x7f]*$"},
    ),
    "ruleset_id": ("The ruleset's id.", {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,63}$"}),
    "decision_id": ("The `decision_id` of an answer.", {"type": "string", "format": "uuid"}),
    "run_id": ("The `id` of a run.", {"type": "string", "format": "uuid"}),
    "webhook_id": ("The `id` of a webhook.", {"type": "string", "format": "uuid"}),
    "address": ("The secret end of a feed's address.", {"type": "string", "pattern": r"^[\w-]+\.ics$"}),
    "number": (
        "The number of a version.",
        {"type": "integer", "minimum": 1, "maximum": messages.HIGHEST_VERSION},
    ),
}
_HEADERS: dict[str, Schema] = {
    "Idempotency-Key": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_TAGS: Schema = {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'}
_REQUEST_ID: Schema = {"$ref": "#/components/headers/RequestId"}
_RETRY_AFTER = {"Retry-After": _describe_header("After how many seconds to ask again.", _SECONDS)}
_CHALLENGE = {"WWW-Authenticate": _describe_header("What token is needed (RFC 6750).", _TEXT)}
_ON_STATUS: dict[int, Schema] = {
    401: _CHALLENGE,
    403: _CHALLENGE,
    412: {"ETag": _describe_header("The ETag of what is stored, if it is.", _TEXT)},
    415: {"Accept": _describe_header("The media types that are taken.", _TEXT)},
    429: _RETRY_AFTER,
    503: _RETRY_AFTER,
}


def write_openapi(routes: Iterable[BaseRoute]) -> Schema:
    """Write the document of these routes."""
    operations = sorted(find_operations(routes), key=lambda found: (found[0], found[1].method))
    by_record, components = write_schemas(_find_records(operation for _, operation in operations))
    paths: Schema = {}
    for path, operation in operations:
        shown = _PARAMETER.sub(r"{\g<name>}", path)
        paths.setdefault(shown, {})[operation.method.lower()] = _write_operation(path, operation, by_record, components)
    webhooks = write_webhooks()
    used = find_used([paths, webhooks], components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dunning",
            "version": VERSION,
            "summary": "What is the next dunning action for this account?",
            "description": "Every error is problem details (RFC 9457); docs/applications/problems.md lists the types.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": tag.name, "description": tag.about} for tag in TAGS],
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": {name: schema for name, schema in sorted(components.items()) if name in used},
            "headers": {"RequestId": _describe_header("Names the request in the service's log; send your own.", _TEXT)},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A token of `dunning token create`, with scopes of {', '.join(SCOPES)}.",
                }
            },
        },
    }


def find_operations(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, Operation]]:
    """Find each path with what is said of it."""
    for route in routes:
        if isinstance(route, ASGIRoute):
            handlers = [route.route_handler]
        elif isinstance(route, HTTPRoute):
            handlers = list(route.route_handlers)  # type: ignore[arg-type]  # a list of either kind
        else:
            handlers = []
        for handler in handlers:
            operation: Operation | None = handler.opt.get(OPT_KEY)
            if operation is not None:
                yield route.path, operation


def _find_records(operations: Iterable[Operation]) -> list[Any]:
    """Find every record that is spoken of, each once."""
    found: dict[str, Any] = {repr(record): record for record in _REFERRED_TO}
    for operation in operations:
        for record in (operation.query, *(answer.record for answer in operation.answers)):
            if record is not None:
                found[repr(record)] = record
        if operation.body is not None:
            found[repr(operation.body.record)] = operation.body.record
    return list(found.values())


def _write_operation(path: str, operation: Operation, schemas: Schema, components: Schema) -> Schema:
    needs = "Needs a token, of any scope." if operation.needs_token else "Needs no token."
    if operation.scope is not None:
        needs = f"Needs a token with the scope `{operation.scope}`."
    written: Schema = {
        "operationId": operation.name,
        "tags": [find_tag(path).name],
        "summary": operation.summary,
        "description": needs,
        "security": [{"token": []}] if operation.needs_token else [],
    }
    parameters = [*_path_parameters(path), *_query_parameters(operation, components), *_header_parameters(operation)]
    if parameters:
        written["parameters"] = parameters
    if operation.body is not None:
        written["requestBody"] = _write_body(operation, schemas)
    responses: Schema = {}
    for answer in operation.answers:
        responses[str(answer.status)] = _add(
            responses.get(str(answer.status)), _write_answer(answer, operation, schemas)
        )
    if "If-None-Match" in operation.headers and operation.method == "GET":
        responses["304"] = {"description": "Nothing changed.", "headers": _headers_of(operation)}
    written["responses"] = responses = _problem_responses(path, operation) | responses
    for answered in responses.values():
        answered["headers"] = {"X-Request-Id": _REQUEST_ID, **answered.get("headers", {})}
    return written


def _path_parameters(path: str) -> Iterator[Schema]:
    for found in _PARAMETER.finditer(path):
        about, schema = _IN_PATHS[found["name"]]
        yield {"name": found["name"], "in": "path", "required": True, "description": about, "schema": schema}


def _query_parameters(operation: Operation, components: Schema) -> Iterator[Schema]:
    if operation.query is None:
        return
    component = components[operation.query.__name__]
    for name, schema in component["properties"].items():
        shown = leave_out_null(schema)
        about = shown.pop("description", "")
        required = name in component.get("required", ())
        yield {"name": name, "in": "query", "required": required, "description": about, "schema": shown}


def _header_parameters(operation: Operation) -> Iterator[Schema]:
    for name, about in operation.headers.items():
        schema = _HEADERS.get(name, _TEXT if operation.method == "GET" else _TAGS)
        yield {"name": name, "in": "header", "required": False, "description": about, "schema": schema}


def _write_body(operation: Operation, schemas: Schema) -> Schema:
    body = operation.body
    assert body is not None  # noqa: S101  the caller looked
    most = "Of any size." if body.most_bytes is None else f"At most {body.most_bytes:,} bytes."
    also = f" Also taken: {', '.join(body.aliases)}." if body.aliases else ""
    schema = schemas[repr(body.record)]
    return {
        "required": True,
        "description": f"{most}{also}",
        "content": {kind: _write_content(kind, schema) for kind in body.media_types},
    }


def _write_content(kind: str, schema: Schema | None) -> Schema:
    """Write what a media type holds; a record is said of what is not JSON, but clients handle that as bytes."""
    if kind == NDJSON:
        return {"schema": _BYTES, "x-item-schema": schema or {"type": "object"}}
    if kind.endswith("json"):
        return {"schema": schema or {"type": "object"}}
    return {"schema": _TEXT if kind.startswith("text/") else _BYTES}


def _write_answer(answer: Answer, operation: Operation, schemas: Schema) -> Schema:
    written: Schema = {"description": answer.about}
    headers = _headers_of(operation)
    if headers:
        written["headers"] = headers
    if answer.status != _NO_CONTENT:
        schema = None if answer.record is None else schemas[repr(answer.record)]
        written["content"] = {answer.media_type: _write_content(answer.media_type, schema)}
    return written


def _headers_of(operation: Operation) -> Schema:
    """Describe the headers of an operation's success."""
    headers: Schema = {}
    if operation.method != "DELETE" and {"If-Match", "If-None-Match"} & operation.headers.keys():
        headers["ETag"] = _describe_header("Names this state, for If-Match and If-None-Match.", _TEXT)
    if "Idempotency-Key" in operation.headers:
        about = "Whether this answers an earlier request of the same key."
        headers["Idempotency-Replayed"] = _describe_header(about, {"type": "string", "enum": ["true"]})
    return headers


def _add(one: Schema | None, other: Schema) -> Schema:
    """Write two answers of one status as one: of another media type, or of another record."""
    if one is None:
        return other
    content = dict(one["content"])
    for kind, written in other["content"].items():
        known = content.get(kind)
        content[kind] = {"schema": {"anyOf": [known["schema"], written["schema"]]}} if known else written
    return {**one, "description": f"{one['description']} Or: {other['description']}", "content": content}


def _problem_responses(path: str, operation: Operation) -> Schema:
    names = [*operation.problems, *_ALWAYS]
    names += _NEEDING_TOKEN if operation.scope is not None else ()
    names += _NEEDING_TOKEN[:1] if operation.takes_any_token else ()
    names += _HAVING_BODY if operation.body is not None else ()
    names += ("invalid-request",) if operation.query is not None or operation.headers else ()
    names += ("not-found",) if _PARAMETER.search(path) else ()
    by_status: dict[int, list[str]] = {}
    for name in dict.fromkeys(names):
        by_status.setdefault(PROBLEM_TYPES[name].status, []).append(name)
    return {str(status): _write_problem(status, kinds) for status, kinds in sorted(by_status.items())}


def _write_problem(status: int, names: list[str]) -> Schema:
    schema = {"$ref": REFERENCE.format(name=ProblemDetails.__name__)}
    written: Schema = {"description": " · ".join(f"`{name}`: {PROBLEM_TYPES[name].title}" for name in names)}
    if status in _ON_STATUS:
        written["headers"] = _ON_STATUS[status]
    return written | {"content": {MEDIA_TYPE: {"schema": schema}}}
