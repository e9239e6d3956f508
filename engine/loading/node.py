"""The parsed file as plain nodes: mappings, sequences and scalars, each with its place."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

import msgspec

from engine.model.diagnostic import Position
from engine.model.places import Places

# "refused" stands where something was already complained about, so that nobody complains twice.
Kind = Literal["word", "boolean", "number", "null", "refused"]


class Scalar(msgspec.Struct, frozen=True, kw_only=True):
    """One value as written; ``text`` keeps a number's digits."""

    kind: Kind
    text: str
    is_quoted: bool = False
    at: Position


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One key with its value."""

    key: Scalar
    value: "Node"


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """Keys with values in written order, each key once; not whole where an entry was complained about and left out.

    ``doubles`` are what stands behind a key a second time, for whoever asks which names the file holds.
    """

    entries: tuple[Entry, ...]
    doubles: tuple[Entry, ...] = ()
    is_whole: bool = True
    at: Position


class Row(Mapping, frozen=True, kw_only=True):
    """A rule that a row of a table stands for."""

    table: str


class Sequence(msgspec.Struct, frozen=True, kw_only=True):
    """Values in written order."""

    items: tuple["Node", ...]
    at: Position


Node = Scalar | Mapping | Sequence


def find(node: "Node | None", key: str) -> "Node | None":
    """Return the value of a key, or None where the node is no mapping or lacks it."""
    if isinstance(node, Mapping):
        for entry in node.entries:
            if entry.key.text == key:
                return entry.value
    return None


def entries_of(node: "Node | None") -> tuple[Entry, ...]:
    """Return the entries of a mapping, and none of anything else."""
    return node.entries if isinstance(node, Mapping) else ()


def items_of(node: "Node | None") -> tuple["Node", ...]:
    """Return the items of a sequence; anything else stands for a list of itself."""
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def names_within(node: "Node") -> frozenset[str]:
    """Return every word that may be a name in a section of the wrong shape: its keys, and the words of its items."""
    names = {entry.key.text for item in items_of(node) for entry in entries_of(item)}
    values = {entry.value for item in items_of(node) for entry in entries_of(item)}
    return frozenset(names | {each.text for each in (*items_of(node), *values) if isinstance(each, Scalar)})


def places_of(root: "Node") -> Places:
    """Return where each key stands; lists are not followed."""
    found: dict[tuple[str, ...], Position] = {}
    waiting: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        for entry in entries_of(node):
            found[*path, entry.key.text] = entry.key.at
            waiting.append(((*path, entry.key.text), entry.value))
    return Places(by_path=found)


def place_of(root: "Node", path: Iterable[str]) -> Position:
    """Return where a key or item stands, or the nearest above it that is there."""
    node, at = root, root.at
    for part in path:
        if isinstance(node, Sequence) and part.isdigit() and int(part) < len(node.items):
            node = node.items[int(part)]
            at = node.at
            continue
        entry = next((entry for entry in entries_of(node) if entry.key.text == part), None)
        if entry is None:
            break
        node, at = entry.value, entry.key.at
    return at


def is_word(node: "Node | None") -> bool:
    """Tell whether the node is a word."""
    return isinstance(node, Scalar) and node.kind == "word"


def read_number(text: str) -> int | Decimal:
    """Return a written number exactly, as an integer where it is whole."""
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def to_data(node: "Node") -> object:
    """Return the node as JSON data, numbers exact."""
    if isinstance(node, Mapping):
        return {entry.key.text: to_data(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [to_data(item) for item in node.items]
    if node.kind == "number":
        return read_number(node.text)
    if node.kind == "boolean":
        return node.text == "true"
    return None if node.kind == "null" else node.text


def describe(node: "Node") -> str:
    """Return what was found in words, for messages: ``the number 14``, ``a list``."""
    if isinstance(node, Mapping):
        return "a mapping {…}"
    if isinstance(node, Sequence):
        return "a list […]"
    if node.kind == "null":
        return "nothing (null)"
    text = shorten(node.text)
    return f"the boolean {text}" if node.kind == "boolean" else f"the {node.kind} “{text}”"


def shorten(text: str) -> str:
    """Return a text as it can be quoted in a message."""
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


_LONGEST_QUOTE = 60
