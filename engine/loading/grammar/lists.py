"""Lists, one value or a list of them, and mappings of the author's own names."""

from collections.abc import Callable, Iterable

from engine.loading.complaints import find_meant
from engine.loading.grammar.kinds import Kind, Value, is_text, refuse_as_mapping, word
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Mapping, Node, Scalar, Sequence, describe, entries_of, to_data
from engine.loading.slips import hint_at_hidden, hint_at_list
from engine.loading.spot import Spot

_WRITE_LIST = "Write a list, in square brackets."


def _say_too_many(name: str, count: int, most: int) -> str:
    return f"“{name}” holds {count:,} items; {most:,} are the most."


class ListOf(Kind, frozen=True):
    """A list of values; ``least`` 0 allows an empty one, ``gather`` makes something of what was read."""

    item: Kind
    wanted: str = _WRITE_LIST
    least: int = 1
    most: int | None = None
    is_unique: bool = True
    gather: Callable[..., object] = tuple

    def schema(self) -> JsonSchema:
        """Return the kind as a JSON Schema."""
        unique = {"uniqueItems": True} if self.is_unique else {}
        message = {"errorMessage": self.wanted}
        bounds = {"minItems": self.least, **message, **unique} if self.least else {**unique, **message}
        most = {} if self.most is None else {"maxItems": self.most}
        return {"type": "array", "items": self.item.schema(), **bounds, **most}

    def read(self, node: Node, spot: Spot) -> object:
        """Return what could be read of the items."""
        if not isinstance(node, Sequence):
            spot.refuse("wrong-type", node, self._hint(node), self.wanted)
        elif len(node.items) < self.least:
            spot.complain("empty-list", node, f"“{spot.name}” is empty.")
        elif self.most is not None and len(node.items) > self.most:
            spot.complain("list-too-long", node, _say_too_many(spot.name, len(node.items), self.most))
        else:
            inside = spot.inside()
            if self.is_unique:
                _refuse_repeated(node, inside)
            read = (self.item.read(item, inside) for item in node.items)
            return self.gather(value for value in read if value is not None)
        return None

    def _hint(self, node: Node) -> str | None:
        if not isinstance(node, Scalar) or hint_at_hidden(node.text):
            return None
        parts = [part.strip() for part in node.text.split(",")]
        if all(self.item.take(part) == part for part in parts):
            return f"Write a list: [{', '.join(parts)}]."
        words = self.item.schema().get("enum")
        if not isinstance(words, list):
            return None
        if hint := hint_at_list(node.text, words):
            return hint
        meant = [find_meant(part, words) for part in parts]
        known = [word for word in meant if word is not None]
        if len(known) == len(meant):
            return f"Write [{', '.join(known)}]."
        return f"Write a list of these: {', '.join(words)}."


def _refuse_repeated(node: Sequence, spot: Spot) -> None:
    seen: set[tuple[type, str]] = set()
    for item in node.items:
        data = to_data(item)
        if isinstance(item, Scalar) and (type(data), str(data)) in seen:
            spot.complain("repeated-item", item, f"“{spot.name}” names {describe(item)} a second time.")
        seen.add((type(data), str(data)))


class OneOrMore(Kind, frozen=True):
    """One value or a list of them; read as the list."""

    item: Kind
    wanted: str
    is_unique: bool = True
    most: int | None = None

    def schema(self) -> JsonSchema:
        """Return the kind as a JSON Schema."""
        alone = self.item.schema()
        offered = {"examples": alone["enum"]} if "enum" in alone else {}
        return {"if": {"type": "array"}, "then": self._several().schema(), "else": alone, **offered}

    def _several(self) -> ListOf:
        return ListOf(self.item, is_unique=self.is_unique, most=self.most)

    def read(self, node: Node, spot: Spot) -> object:
        """Return what could be read as a list."""
        if isinstance(node, Sequence):
            return self._several().read(node, spot)
        is_mapping = self.item.schema().get("type", "object") == "object"
        if isinstance(node, Mapping) == is_mapping and (isinstance(node, Mapping) or is_text(node)):
            value = self.item.read(node, spot)
            return None if value is None else (value,)
        filled = self.item.take(node.text) if isinstance(node, Scalar) and is_mapping else None
        spot.refuse("wrong-type", node, None if filled is None else f"Write {filled}.", self.wanted)
        return None


class Names(Kind, frozen=True):
    """A mapping of the author's own names; ``gather`` makes something of the values by their names."""

    value: Kind
    wanted: str = "Write a mapping of names."
    name: Value = word()
    least: int = 0
    most: int | None = None
    gather: Callable[..., object] = dict

    def schema(self) -> JsonSchema:
        """Return the kind as a JSON Schema."""
        names = {"propertyNames": self.name.schema(), "additionalProperties": self.value.schema()}
        least = {"minProperties": self.least} if self.least else {}
        most = {} if self.most is None else {"maxProperties": self.most}
        return {"type": "object", **names, "errorMessage": self.wanted, **least, **most}

    def read(self, node: Node, spot: Spot) -> object:
        """Return what could be read, by name."""
        if not isinstance(node, Mapping):
            refuse_as_mapping(node, spot, self.wanted)
            return None
        if len(node.entries) < self.least:
            spot.complain("empty-list", node, f"“{spot.name}” is empty.")
            return None
        if self.most is not None and len(node.entries) > self.most:
            spot.complain("list-too-long", node, _say_too_many(spot.name, len(node.entries), self.most))
            return None
        return self.gather(dict(self._read_entries(node, spot)))

    def _read_entries(self, node: Mapping, spot: Spot) -> Iterable[tuple[str, object]]:
        for entry in entries_of(node):
            if self.name.take(entry.key.text) is None:
                hint = self.name.hint_at_form(entry.key.text) or str(self.name.form["errorMessage"])
                spot.complain(self.name.code, entry.key, f"“{entry.key.text}” cannot be a name here.", hint)
            value = self.value.read(entry.value, spot.under(entry.key))
            if value is not None:
                yield entry.key.text, value
