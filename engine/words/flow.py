"""Accounts and histories in YAML's flow style, on one line, ready to be pasted."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

# What YAML, read strictly, takes for a word without quotes.
_PLAIN_WORD = re.compile(
    r"(?!(true|false|null)$)[A-Za-z_][A-Za-z0-9_./+-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}", re.IGNORECASE | re.ASCII
)


def write_flow(value: object) -> str:
    """Write a part of a document as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {write_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(write_flow(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def quote(text: str) -> str:
    """Return a text as a YAML scalar that is read back as that word, in quotes where it must be."""
    return text if _PLAIN_WORD.fullmatch(text) else json.dumps(text, ensure_ascii=False)
