"""The OpenAPI 3.1 document, written from what each route says of itself; ASGI routes are in it like the others."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute

from api import messages
from api.operation import JSON, OPT_KEY, SCOPES, Answer, Operation
from api.problems import MEDIA_TYPE, PROBLEM_TYPES, ProblemDetails
from engine.model.decision import Decision

VERSION = "1"
_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(?P<name>[a-z_]+):(?P<type>str|int)\}")
_ALWAYS = ("internal-error",)
_NEEDING_TOKEN = ("token-required", "scope-required")
_HAVING_BODY = ("invalid-json", "too-large", "unsupported-media-type", "invalid-request")
_REFERRED_TO = (Decision, ProblemDetails, messages.Account, messages.HistoryEntry, messages.NextActionRequest)


def write_openapi(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Write the document of these routes."""
    operations = sorted(find_operations(routes), key=lambda found: (found[0], found[1].method))
    records = _records(operation for _, operation in operations)
    schemas, components = msgspec.json.schema_components(records, schema_hook=_describe_any, ref_template=_REFERENCE)
    _let_amounts_be_numbers(components)
    by_record = dict(zip(map(repr, records), schemas, strict=True))
    paths: dict[str, Any] = {}
    for path, operation in operations:
        shown = _PARAMETER.sub(r"{\g<name>}", path)
        paths.setdefault(shown, {})[operation.method.lower()] = _write_operation(path, operation, by_record, components)
    used = _find_used(paths, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dunning",
            "version": VERSION,
            "summary": "What is the next dunning action for this account?",
            "description": "Every error is problem details (RFC 9457); docs/applications/problems.md lists the types.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in sorted(components.items()) if name in used},
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


def _records(operations: Iterable[Operation]) -> list[Any]:
    found: dict[str, Any] = {repr(record): record for record in _REFERRED_TO}
    for operation in operations:
        for record in (operation.query, *(a.record for a in operation.answers)):
            if record is not None:
                found[repr(record)] = record
        if operation.body is not None:
            found[repr(operation.body.record)] = operation.body.record
    return list(found.values())


def _write_operation(
    path: str, operation: Operation, schemas: dict[str, Any], components: dict[str, Any]
) -> dict[str, Any]:
    written: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    if operation.scope is not None:
        written["description"] = f"Needs a token with the scope `{operation.scope}`."
        written["security"] = [{"token": []}]
    parameters = [*_path_parameters(path), *_query_parameters(operation, components), *_header_parameters(operation)]
    if parameters:
        written["parameters"] = parameters
    if operation.body is not None:
        written["requestBody"] = {"required": True, "content": _body_content(operation, schemas)}
    responses: dict[str, Any] = {}
    for answer in operation.answers:
        responses[str(answer.status)] = _add(responses.get(str(answer.status)), _write_answer(answer, schemas))
    if any(name == "If-None-Match" for name in operation.headers) and operation.method == "GET":
        responses["304"] = {"description": "Nothing changed."}
    written["responses"] = responses | {k: v for k, v in _problem_responses(operation).items() if k not in responses}
    return written


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for found in _PARAMETER.finditer(path):
        kind = {"type": "string"} if found["type"] == "str" else {"type": "integer", "minimum": 1}
        yield {"name": found["name"], "in": "path", "required": True, "schema": kind}


def _query_parameters(operation: Operation, components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    component = components[operation.query.__name__]
    for name, schema in component["properties"].items():
        shown = dict(schema)
        about = shown.pop("description", None)
        parameter = {"name": name, "in": "query", "required": name in component.get("required", ()), "schema": shown}
        yield parameter | ({"description": about} if about else {})


def _header_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name, about in operation.headers.items():
        yield {"name": name, "in": "header", "required": False, "description": about, "schema": {"type": "string"}}


def _body_content(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    assert operation.body is not None  # noqa: S101  the caller looked
    schema = schemas[repr(operation.body.record)]
    return {kind: {"schema": schema if "json" in kind else {"type": "string"}} for kind in operation.body.media_types}


def _write_answer(answer: Answer, schemas: dict[str, Any]) -> dict[str, Any]:
    if answer.record is None and answer.media_type == JSON and answer.status == 204:  # noqa: PLR2004  no content
        return {"description": answer.about}
    if answer.record is None:
        kind = {"type": "object"} if "json" in answer.media_type else {"type": "string"}
        return {"description": answer.about, "content": {answer.media_type: {"schema": kind}}}
    return {"description": answer.about, "content": {answer.media_type: {"schema": schemas[repr(answer.record)]}}}


def _add(one: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    """Write two answers of one status as one: of another media type, or of another record."""
    if one is None:
        return other
    content = dict(one["content"])
    for kind, written in other["content"].items():
        known = content.get(kind)
        content[kind] = {"schema": {"anyOf": [known["schema"], written["schema"]]}} if known else written
    return {"description": f"{one['description']} Or: {other['description']}", "content": content}


def _problem_responses(operation: Operation) -> dict[str, Any]:
    names = [*operation.problems, *_ALWAYS]
    names += _NEEDING_TOKEN if operation.scope is not None else ()
    names += _HAVING_BODY if operation.body is not None else ()
    names += ("invalid-request",) if operation.query is not None else ()
    by_status: dict[int, list[str]] = {}
    for name in dict.fromkeys(names):
        by_status.setdefault(PROBLEM_TYPES[name].status, []).append(name)
    return {str(status): _write_problem(kinds) for status, kinds in sorted(by_status.items())}


def _write_problem(names: list[str]) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=ProblemDetails.__name__)}
    return {
        "description": " · ".join(f"`{name}`: {PROBLEM_TYPES[name].title}" for name in names),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _find_used(paths: dict[str, Any], components: dict[str, Any]) -> set[str]:
    """Find the schemas that the paths refer to, directly or through others."""
    used: set[str] = set()
    waiting = [*_references(paths)]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += _references(components[name])
    return used


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _let_amounts_be_numbers(part: object) -> None:
    """Say that an amount may be sent as a number too: msgspec reads both exactly and describes the text only."""
    if isinstance(part, dict):
        if part.get("format") == "decimal":
            part["type"] = ["string", "number"]
        for value in part.values():
            _let_amounts_be_numbers(value)
    elif isinstance(part, list):
        for value in part:
            _let_amounts_be_numbers(value)


def _describe_any(_kind: type) -> dict[str, Any]:
    return {"description": "Any JSON value."}
