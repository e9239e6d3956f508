"""The canonical form of a ruleset, and the digest that identifies its meaning."""

import hashlib
import json

from engine.loading.node import Entry, Mapping, Node, Row, Scalar, Sequence, items_of

SHARED_FACTS_KEY = "facts.yaml"
SHARED_SCORES_KEY = "scorecard.yaml"
SHARED_GUARANTEES_KEY = "guarantees.yaml"
# The order of variants decides who is in which, so it is part of the meaning.
_ORDERED_KEY = "variants"
# What a row has beside the rule it stands for: an “after” may name the table, and pages show it as one.
TABLE_KEY = "table"


def write_canonical(
    node: Mapping, *, shared: Mapping | None = None, scores: Mapping | None = None, guarantees: Node | None = None
) -> bytes:
    """Return JSON without white space, keys sorted, numbers by their written digits, tables as rules that name them."""
    parts = [_write_entry(entry.key.text, entry.value) for entry in _sorted_entries(node)]
    if shared is not None and shared.entries:
        parts.append(_write_entry(SHARED_FACTS_KEY, shared))
    if scores is not None and scores.entries:
        parts.append(_write_entry(SHARED_SCORES_KEY, scores))
    if guarantees is not None and items_of(guarantees):
        parts.append(_write_entry(SHARED_GUARANTEES_KEY, guarantees))
    return ("{" + ",".join(parts) + "}").encode()


def digest_of(canonical: bytes) -> str:
    """Return ``sha256:`` and the hexadecimal digest of a canonical form."""
    return f"sha256:{hashlib.sha256(canonical).hexdigest()}"


def _sorted_entries(node: Mapping) -> list[Entry]:
    entries = [*node.entries, *_table_of(node)] if isinstance(node, Row) else node.entries
    return sorted(entries, key=lambda entry: entry.key.text)


def _table_of(row: Row) -> tuple[Entry]:
    key = Scalar(kind="word", text=TABLE_KEY, at=row.at)
    return (Entry(key=key, value=Scalar(kind="word", text=row.table, at=row.at)),)


def _write_entry(key: str, value: Node) -> str:
    return f"{_quote(key)}:{_write(value, is_ordered=key == _ORDERED_KEY)}"


def _write(node: Node, *, is_ordered: bool = False) -> str:
    if isinstance(node, Mapping):
        entries = node.entries if is_ordered else _sorted_entries(node)
        return "{" + ",".join(_write_entry(entry.key.text, entry.value) for entry in entries) + "}"
    if isinstance(node, Sequence):
        return "[" + ",".join(_write(item) for item in node.items) + "]"
    return node.text if node.kind in {"number", "boolean"} else _quote(node.text)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
