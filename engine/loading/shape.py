"""The shape of a file: what its JSON Schema does not allow, one clear sentence each, at its place."""

import functools
from collections.abc import Iterator
from typing import Any

import jsonschema
import jsonschema.validators
from jsonschema.exceptions import ValidationError

from engine.loading import schematerms
from engine.loading.actions import name_owners
from engine.loading.complaints import Complaints, find_meant
from engine.loading.node import Mapping, Node, Scalar, Sequence, describe, find, to_data
from engine.loading.schemafile import SCHEMAS
from engine.loading.shapehints import hint_at_name, hint_at_shape, hint_at_value, show_example
from engine.model.vocabulary import ACTIONS

# The meaning stage, which knows the facts, judges conditions alone: no second complaint about them from here.
_CONDITION_KEYS = frozenset({"when", "applies_to"})
_CODES_BY_PATTERN = {
    schematerms.DATE: "malformed-date",
    schematerms.TIME: "malformed-time",
    schematerms.HOURS: "malformed-hours",
    schematerms.NUMBER: "wrong-type",
    schematerms.WHOLE: "wrong-type",
}
_CODES = {
    "type": "wrong-type",
    "enum": "unknown-word",
    "const": "unknown-word",
    "minimum": "number-out-of-range",
    "maximum": "number-out-of-range",
    "minLength": "empty-text",
    "maxLength": "text-too-long",
    "maxItems": "list-too-long",
    "minItems": "empty-list",
    "minProperties": "empty-list",
    "uniqueItems": "repeated-item",
    "anyOf": "wrong-type",
}
_FIRST = ("additionalProperties", "required", "const", "enum", "pattern")
_FOUND = {
    "empty-text": "is an empty text.",
    "empty-list": "is empty.",
    "list-too-long": "holds too many items.",
}


def check_shape(node: Node, schema: str, complaints: Complaints) -> None:
    """Complain of everything that the JSON Schema does not allow, and mark those nodes as broken."""
    left_out = _CONDITION_KEYS if schema == "ruleset" else frozenset()
    data = _leave_out_other_conditions(node, to_data(node, leave_out=left_out))
    errors = [simple for error in _validator(schema).iter_errors(data) for simple in _simplify(error)]
    broken: list[Node] = []
    for error in sorted(errors, key=_order):
        broken += _complain(error, node, complaints, {id(each) for each in broken})
    for each in broken:
        complaints.mark_broken(each)


def _order(error: ValidationError) -> int:
    """Unknown keys come before missing ones, which they may stand for; a word's list before its type."""
    if error.validator not in _FIRST or (error.validator == "enum" and isinstance(error.instance, list | dict)):
        return len(_FIRST) + (error.validator == "enum")
    return _FIRST.index(str(error.validator))


@functools.cache
def _validator(schema: str) -> Any:  # noqa: ANN401  # an extended validator has no type of its own
    """Compile a schema once; uniqueness is checked by our own function, for jsonschema's compares all with all."""
    extend: Any = jsonschema.validators.extend
    extended = extend(jsonschema.Draft202012Validator, {"uniqueItems": _find_repeated})
    return extended(SCHEMAS[schema]())


def _find_repeated(_validator: object, _wanted: object, instance: object, _schema: object) -> Iterator[ValidationError]:
    seen: set[tuple[type, str]] = set()
    for place, item in enumerate(instance if isinstance(instance, list) else ()):
        if not isinstance(item, dict | list) and (type(item), str(item)) in seen:
            yield ValidationError("repeated", path=(place,))
        seen.add((type(item), str(item)))


def _leave_out_other_conditions(node: Node, data: object) -> object:
    if not isinstance(data, dict):
        return data
    conditions = find(node, "conditions")
    if isinstance(conditions, Mapping):
        data = {**data, "conditions": {entry.key.text: {} for entry in conditions.entries}}
    limits = data.get("attempt_limits")
    if isinstance(limits, list):
        data = {**data, "attempt_limits": [_leave_out_decline(limit) for limit in limits]}
    return data


def _leave_out_decline(limit: object) -> object:
    return {**limit, "decline": {}} if isinstance(limit, dict) and "decline" in limit else limit


def _simplify(error: ValidationError) -> Iterator[ValidationError]:
    """Replace an ``anyOf`` by the complaints of the one branch that the value was meant for, if that is clear."""
    if error.validator != "anyOf":
        yield error
        return
    branches: dict[object, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(each.relative_schema_path[0], []).append(each)
    meant = [errors for errors in branches.values() if not any(_is_about_type(each, error) for each in errors)]
    if not meant:
        yield error
        return
    for each in min(meant, key=len):
        yield from _simplify(each)


def _is_about_type(error: ValidationError, parent: ValidationError) -> bool:
    return error.validator == "type" and len(error.absolute_path) == len(parent.absolute_path)


def _complain(error: ValidationError, root: Node, complaints: Complaints, told: set[int]) -> list[Node]:
    """Complain of one error, and return the nodes whose meaning is not to be read."""
    node = _walk(root, error)
    if error.validator == "additionalProperties":
        _complain_of_keys(error, node, complaints)
        return []
    if error.validator == "required":
        _complain_of_missing_key(error, node, complaints)
        return []
    if (key := _key_of(error, node)) is not None:
        _complain_of_name(error, key, complaints)
        return [key]
    if id(node) in told:
        return []
    code = _code_of(error)
    found, hint = _sentence(error, node, code)
    complaints.add(code, node, found, hint)
    return [node] if code != "repeated-item" else []


def _walk(root: Node, error: ValidationError) -> Node:
    node = root
    for step in error.absolute_path:
        following = node.items[step] if isinstance(node, Sequence) and isinstance(step, int) else find(node, str(step))
        if following is None:
            return node
        node = following
    return node


def _code_of(error: ValidationError) -> str:
    if error.validator == "pattern":
        return _CODES_BY_PATTERN.get(str(error.validator_value), "malformed-word")
    return _CODES.get(str(error.validator), "wrong-type")


def _sentence(error: ValidationError, node: Node, code: str) -> tuple[str, str | None]:
    """Return what was found, and a hint where a better one than the code's is known."""
    schema: Any = error.schema
    wanted = schema.get("errorMessage") if isinstance(schema, dict) else None
    place = _place_of(error)
    if code == "repeated-item":
        return f"{place} names {describe(node)} a second time.", None
    if code in _FOUND:
        return f"{place} {_FOUND[code]}", None
    if not error.absolute_path:
        return f"The file holds {describe(node)} and no keys.", wanted
    found = f"{place} cannot {'hold' if _is_item(error) else 'be'} {describe(node)}."
    hint = hint_at_value(node.text, code, schema) if isinstance(node, Scalar) else None
    return found, hint or hint_at_shape(node, schema) or wanted


def _is_item(error: ValidationError) -> bool:
    return bool(error.absolute_path) and isinstance(error.absolute_path[-1], int)


def _place_of(error: ValidationError) -> str:
    """Return the key that the value stands at, in quotation marks."""
    key = _last_key(error)
    return f"“{key}”" if key else "The file"


def _last_key(error: ValidationError) -> str:
    keys = [step for step in error.absolute_path if isinstance(step, str)]
    return keys[-1] if keys else ""


def _complain_of_keys(error: ValidationError, node: Node, complaints: Complaints) -> None:
    schema: Any = error.schema
    known = list(schema["properties"])
    above: Node | None = None
    for entry in node.entries if isinstance(node, Mapping) else ():
        is_stray = isinstance(above, Scalar) and above.kind == "refused" and not above.text
        above = entry.value
        if entry.key.text in known or is_stray:  # what stands below a key without value belongs to it, indented
            continue
        if len(known) == 1 and find(node, known[0]) is None:  # all of it belongs below the one key, which is missing
            continue
        _complain_of_key(error, entry.key, node, complaints)


def _complain_of_key(error: ValidationError, key: Scalar, node: Node, complaints: Complaints) -> None:
    schema: Any = error.schema
    known = list(schema["properties"])
    action = find(node, "action")
    owners = name_owners(key.text)
    if isinstance(action, Scalar) and action.text in ACTIONS and owners:
        found = f"{action.text} has no “{key.text}”; it belongs to {owners}."
        complaints.add("unknown-parameter", key, found)
        return
    place = f"“{_last_key(error)}”" if _last_key(error) else "such a file"
    meant = find_meant(key.text, [name for name in known if find(node, name) is None])
    if meant is not None:
        complaints.mark_meant(node, meant)
    hint = f"Did you mean “{meant}”?" if meant is not None else f"The keys here are {', '.join(known)}."
    complaints.add("unknown-key", key, f"“{key.text}” is not a key of {place}.", hint)


def _complain_of_missing_key(error: ValidationError, node: Node, complaints: Complaints) -> None:
    schema: Any = error.schema
    for key in schema["required"]:
        if complaints.is_lacking(node, key) and error.message.startswith(repr(key)):
            about = schema["properties"].get(key, {}) if "properties" in schema else {}
            hint = f"Add “{key}”: {about['description']}{show_example(key, about)}" if "description" in about else None
            complaints.add("missing-key", node, f"“{key}” is missing here.", hint)


def _key_of(error: ValidationError, node: Node) -> Scalar | None:
    """Return the key that an error of ``propertyNames`` is about."""
    if "propertyNames" not in error.absolute_schema_path or not isinstance(node, Mapping):
        return None
    return next((entry.key for entry in node.entries if entry.key.text == error.instance), None)


def _complain_of_name(error: ValidationError, key: Scalar, complaints: Complaints) -> None:
    schema: Any = error.schema
    code = _code_of(error)
    hint = hint_at_name(key.text, schema) or schema.get("errorMessage")
    complaints.add(code, key, f"“{key.text}” cannot be a name here.", hint)
