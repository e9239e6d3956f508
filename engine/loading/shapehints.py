"""How a value of the wrong shape is written right: hints from the JSON Schema and from what was written."""

import re
from typing import Any

from engine.loading.complaints import find_meant
from engine.loading.node import Mapping, Node, Scalar, Sequence
from engine.loading.schematerms import WHOLE, in_yaml
from engine.loading.slips import (
    clean_number,
    hint_at_date,
    hint_at_hidden,
    hint_at_hours,
    hint_at_list,
    hint_at_number,
    hint_at_time,
    read_truth,
    translate,
)

Schema = dict[str, Any]
_READERS = {"malformed-date": hint_at_date, "malformed-time": hint_at_time, "malformed-hours": hint_at_hours}


def hint_at_value(text: str, code: str, schema: object) -> str | None:
    """Say how a single value is written that stands in the manner of another program or country."""
    if not isinstance(schema, dict):
        return None
    if code in _READERS and (hint := _READERS[code](text)):
        return hint
    if code == "unknown-word":
        return _hint_at_word(text, [str(each) for each in schema.get("enum", ())])
    if code == "wrong-type" and (hint := _hint_at_type(text, schema)):
        return hint
    return hint_at_hidden(text) or (hint_at_name(text, schema) if code == "malformed-word" else None)


def _hint_at_type(text: str, schema: Schema) -> str | None:
    if schema.get("type") == "boolean" and (truth := read_truth(text)):
        return f"Write {truth}, without quotes."
    if _takes_number(schema) and (hint := hint_at_number(text)):
        return _within(clean_number(text), schema, hint)
    return f'If it is a text, put it in quotes: "{text}".' if schema.get("type") == "string" else None


def hint_at_name(text: str, schema: object) -> str | None:
    """Say a name like the one written that has the form that is wanted."""
    pattern = schema.get("pattern", "") if isinstance(schema, dict) else ""
    words = re.findall(r"[A-Za-z0-9_.-]+", text)
    for name in ("-".join(words), "-".join(words).lower(), "_".join(words), text.upper(), *translate(text.lower())):
        if name and re.search(pattern, name):
            return f"Write {name}."
    return None


def _hint_at_word(text: str, words: list[str]) -> str | None:
    if hint := hint_at_list(text, words):
        return hint
    meant = find_meant(text, words)
    if meant is not None:
        return f"Did you mean “{meant}”?"
    return f"Write {words[0]}, or take the key away." if len(words) == 1 else None


def _takes_number(schema: Schema) -> bool:
    types = {kind for each in (schema, *schema.get("anyOf", ())) for kind in _types_of(each)}
    return bool(types & {"number", "integer"})


def _types_of(schema: Schema) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds


def _within(number: str | None, schema: Schema, hint: str) -> str | None:
    """Return the hint, unless the number it names is out of range."""
    least, most = schema.get("minimum"), schema.get("maximum")
    is_whole = "." not in str(number) or schema.get("pattern") != WHOLE
    is_in = number is not None and (least is None or float(number) >= least) and (most is None or float(number) <= most)
    return hint if is_in and is_whole else None


def hint_at_shape(node: Node, schema: object) -> str | None:
    """Say how a value is written where a list or a mapping was wanted and something else stands, or the reverse."""
    if not isinstance(schema, dict):
        return None
    branches = [schema, *schema.get("anyOf", ())]
    lists = [each for each in branches if each.get("type") == "array"]
    mappings = [each for each in branches if each.get("type") == "object"]
    if isinstance(node, Scalar) and mappings and (filled := _fill(node.text, mappings[0])):
        return filled
    if isinstance(node, Scalar) and lists and not _takes_mappings(lists[0]):
        return _hint_at_words(node.text, lists[0])
    if isinstance(node, Sequence) and mappings and all(isinstance(item, Mapping) for item in node.items):
        return f"{_sentence_of(schema)}{'' if schema.get('required') else ' It is not a list: take the dashes away.'}"
    return None


def _sentence_of(schema: Schema) -> str:
    return str(schema.get("errorMessage", "Write it otherwise."))


def _takes_mappings(schema: Schema) -> bool:
    items = schema.get("items", {})
    return items.get("type") == "object" or "$ref" in items


def _hint_at_words(text: str, schema: Schema) -> str:
    items = schema.get("items", {})
    words = items.get("enum", ())
    if (words and text not in words) or "anyOf" in items or not re.search(items.get("pattern", ""), text):
        return hint_at_list(text, words) or _sentence_of(schema)
    return f"Write a list: [{text}]."


def _fill(text: str, schema: Schema) -> str | None:
    """Put a lone value behind the key it was likely meant for: the one that is required, or the first."""
    properties: Schema = schema.get("properties", {})
    required = schema.get("required", ())
    if not properties or len(required) > 1:
        return None
    key = required[0] if required else next(iter(properties))
    wanted = properties[key]
    value = clean_number(text) if _takes_number(wanted) or wanted.get("$ref") == "#/$defs/amount" else text
    words = wanted.get("enum")
    if value is None or (words is not None and value not in words) or " " in value:
        return None
    return f"Write {{{key}: {value}}}." if ":" not in value else f'Write {{{key}: "{value}"}}.'


def show_example(key: str, about: Schema) -> str:
    """Return a sentence with a key and an example of its value, where the schema has one."""
    examples = about.get("examples")
    return f" For example: “{key}: {in_yaml(examples[0])}”." if examples else ""
