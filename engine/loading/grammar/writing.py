"""Accounts, histories and outcomes as YAML files write them, to the documents that a caller would send."""

from collections.abc import Mapping

from engine.loading.constants import digits_of
from engine.loading.grammar.account import ENTRY, HEADER, kind_of
from engine.loading.grammar.kinds import Kind
from engine.loading.grammar.lists import ListOf
from engine.loading.grammar.outcomes import OUTCOME
from engine.loading.grammar.table import Table
from engine.loading.node import Mapping as MappingNode
from engine.loading.node import Node, Sequence, items_of, read_number, to_data
from engine.loading.numberslips import reads_as_thousands
from engine.model.vocabulary import Fact

Document = dict[str, object]
_HEADER = {row.name: row.kind for row in HEADER}


def write_account(written: Mapping[str, Node], name: str, facts: Mapping[str, Fact]) -> Document:
    """Return the account document, each value typed by its row or declaration; ``name`` is its id if it has none."""
    kinds = {**{each: kind_of(fact) for each, fact in facts.items() if each in written}, **_HEADER}
    return {"id": name, **{key: _write(kinds.get(key), node) for key, node in written.items()}}


def write_history(node: Node | None) -> tuple[Document, ...]:
    """Return the history as documents, in written order."""
    written = (_write(ENTRY, item) for item in items_of(node))
    return tuple(document for document in written if isinstance(document, dict))


def write_outcomes(node: Node | None) -> tuple[Document, ...]:
    """Return the outcomes as documents, in written order."""
    written = (_write(OUTCOME, item) for item in items_of(node))
    return tuple(document for document in written if isinstance(document, dict))


def _write(kind: Kind | None, node: Node) -> object:
    """Return a node as JSON data: digits where a number is wanted, words by their letters, all else as it is."""
    if isinstance(node, Sequence):
        item = kind.item if isinstance(kind, ListOf) else None
        return [_write(item, each) for each in node.items]
    if isinstance(node, MappingNode):
        rows = {row.name: row.kind for row in kind.keys} if isinstance(kind, Table) else {}
        return {entry.key.text: _write(rows.get(entry.key.text), entry.value) for entry in node.entries}
    wanted = "string" if kind is None else kind.schema().get("type")
    digits = digits_of(node)
    if isinstance(wanted, list) and digits is not None:
        return digits if reads_as_thousands(digits) else read_number(digits)  # as digits they are refused
    return node.text if wanted == "string" and node.kind in {"word", "number"} else to_data(node)
