"""The records of the API as JSON Schemas that generators of clients accept.

msgspec describes its types well, but leaves gaps: no format for an instant, `false` where a list ends, two records of
one name by their modules. tests/api/test_openapi.py holds the document to all of it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"
_ANCHORS = {r"\A": "^", r"\Z": "$"}  # Python's for ECMAScript's, whose "$" is never before a line's end


def write_schemas(records: Iterable[Any]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Write the schema of each record, by its repr, and the components that they refer to, by name."""
    wanted = list(records)
    schemas, components = msgspec.json.schema_components(wanted, schema_hook=_describe_any, ref_template=REFERENCE)
    for schema in (*schemas, *components.values()):
        _mend(schema)
    for record in _find_records(inspect.multi_type_info(wanted)):
        _name_instants(record, components)
    return dict(zip(map(repr, wanted), schemas, strict=True)), components


def leave_out_null(schema: Schema) -> Schema:
    """Write a schema without null, which a query cannot spell."""
    choices: list[Schema] = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(choices) == 1:
        return {**choices[0], **rest}
    return rest | ({"anyOf": choices} if choices else {})


def find_used(root: object, components: dict[str, Schema]) -> set[str]:
    """Find the components that a part of the document refers to, directly or through others."""
    used: set[str] = set()
    waiting = [*_references(root)]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += _references(components[name])
    return used


def _mend(part: object) -> None:
    """Mend what msgspec writes, in place."""
    for node in _walk(part):
        _mend_value(node)
        for name, schema in node.get("properties", {}).items():
            if schema == {}:
                node["properties"][name] = _describe_any(object)
            elif name == "decision_id":
                schema["format"] = "uuid"


def _mend_value(node: Schema) -> None:
    if node.get("format") == "decimal":  # a number is read exactly, too
        node["type"] = ["string", "number"]
    if "enum" in node and all(isinstance(word, str) for word in node["enum"]):
        node.setdefault("type", "string")
    if "prefixItems" in node:
        kinds = node.pop("prefixItems")
        node["items"] = {"anyOf": [kind for index, kind in enumerate(kinds) if kind not in kinds[:index]]}
    if node.get("default", "") is None:  # that a key may be left out is said already
        del node["default"]
    if "pattern" in node:
        for python, ecmascript in _ANCHORS.items():
            node["pattern"] = node["pattern"].replace(python, ecmascript)


def _find_records(kinds: Iterable[inspect.Type]) -> Iterator[inspect.StructType]:
    """Find every record that these types are made of, each once."""
    seen: set[type] = set()
    waiting = [*kinds]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, inspect.StructType):
            if kind.cls in seen:
                continue
            seen.add(kind.cls)
            yield kind
            waiting += [field.type for field in kind.fields]
        else:
            waiting += _parts_of(kind)


def _parts_of(kind: inspect.Type) -> Iterator[inspect.Type]:
    """Return the types that a type is made of."""
    if isinstance(kind, inspect.Metadata):
        yield kind.type
    elif isinstance(kind, inspect.UnionType):
        yield from kind.types
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType):
        yield kind.item_type
    elif isinstance(kind, inspect.TupleType):
        yield from kind.item_types
    elif isinstance(kind, inspect.DictType):
        yield kind.value_type


def _name_instants(record: inspect.StructType, components: dict[str, Schema]) -> None:
    """Say of each instant of a record that it is one: what is answered has its offset always."""
    properties = components[record.cls.__name__]["properties"]
    for field in record.fields:
        if any(isinstance(kind, inspect.DateTimeType) for kind in _flatten(field.type)):
            schema = properties[field.encode_name]
            for choice in schema.get("anyOf", [schema]):
                if choice.get("type") == "string":
                    choice["format"] = "date-time"


def _flatten(kind: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.Metadata | inspect.UnionType):
        for part in _parts_of(kind):
            yield from _flatten(part)
    else:
        yield kind


def _references(part: object) -> Iterator[str]:
    beginning = REFERENCE.format(name="")
    for node in _walk(part):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(beginning):
            yield reference.removeprefix(beginning)


def _walk(part: object) -> Iterator[Schema]:
    """Walk through every object of a document, the outer before the inner."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from _walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from _walk(value)


def _describe_any(_kind: type) -> Schema:
    return {"description": "Any JSON value."}
