"""A mapping whose keys the language knows: one row a key, and the record that they make."""

from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar, cast

import msgspec

from engine.loading.complaints import find_meant
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import Kind, refuse_as_mapping
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Mapping, Node, Scalar, find
from engine.loading.slips import write_period
from engine.loading.spot import Spot
from engine.model.diagnostic import Position

R = TypeVar("R")
Fields = dict[str, object]
"""What a table makes that has no record of its own."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key of the language.

    ``needed`` may be the sentence that says what is missing; ``field`` is the record's name for it where it is another,
    empty where nothing reads it; ``ref`` names the shared definition that holds its schema.
    """

    name: str
    kind: Kind
    about: str = ""
    examples: tuple[object, ...] = ()
    needed: bool | str = False
    field: str | None = None
    ref: str | None = None

    def schema(self) -> JsonSchema:
        """Return what an editor knows of the key."""
        return self.define() if self.ref is None else terms.ref(self.ref)

    def define(self) -> JsonSchema:
        """Return the schema that a shared definition holds."""
        return terms.described(self.kind.schema(), self.about, *self.examples) if self.about else self.kind.schema()


def key(  # a row of the table: what it says, in the order of the columns
    name: str,
    kind: Kind,
    about: str = "",
    *examples: object,
    needed: bool | str = False,
    field: str | None = None,
    ref: str | None = None,
) -> Key:
    """Return one row: name, kind, about, examples."""
    return Key(name=name, kind=kind, about=about, examples=examples, needed=needed, field=field, ref=ref)


class Snippet(msgspec.Struct, frozen=True):
    """What an editor lays out when it is asked for such a mapping; ``${1:…}`` is filled in by hand."""

    label: str
    description: str
    body: dict[str, object]


class Table(Kind, Generic[R], frozen=True):
    """A mapping of known keys, read as what ``make`` makes of its fields.

    ``given`` are fields that no key holds: the place, the name above. ``check`` complains by hand of what does not fit
    together. Beside the key ``unless`` none is needed; a partial record is made without what is needed. ``explain``
    says what a key that is not known belongs to, if it knows. What an editor is told besides: of ``one_of`` there is
    exactly one key, and the first key of a pair of ``together`` stands beside the second.
    """

    make: Callable[..., R]
    keys: tuple[Key, ...]
    wanted: str = ""
    check: Callable[[Mapping, R, Spot], None] | None = None
    given: tuple[tuple[str, Callable[[Mapping, Spot], object]], ...] = ()
    unless: str = ""
    is_partial: bool = False
    explain: Callable[[str], str | None] | None = None
    snippet: Snippet | None = None
    one_of: tuple[str, ...] = ()
    together: tuple[tuple[str, str], ...] = ()

    # ── as a schema ──

    def schema(self) -> JsonSchema:
        """Return the table as a JSON Schema."""
        needed = {"required": self._needed()} if self._needed() else {}
        unless = {"if": {"required": [self.unless]}, "else": needed} if self.unless else {}
        one_of = {"oneOf": [{"required": [name]} for name in self.one_of]} if self.one_of else {}
        beside = {name: [other] for name, other in self.together}
        together = {"dependentRequired": beside} if beside else {}
        when_mapping = [{"if": {"type": "object"}, "then": one_of | together}] if one_of or together else []
        snippet = {} if self.snippet is None else {"defaultSnippets": [msgspec.structs.asdict(self.snippet)]}
        return {
            "properties": {row.name: row.schema() for row in self.keys},
            "additionalProperties": False,  # a message beside it would be shown in place of the key's name
            **({} if unless else needed),
            "allOf": [{"type": "object", "errorMessage": self.message}, *when_mapping],
            **unless,
            **snippet,
        }

    @property
    def message(self) -> str:
        """What is said where something else stands."""
        shown = (self._needed() if not self.unless else []) or [key.name for key in self.keys]
        return self.wanted or f"Write a mapping: {{{', '.join(f'{name}: …' for name in shown[:3])}}}."

    @property
    def _names(self) -> list[str]:
        return [key.name for key in self.keys]

    def _needed(self) -> list[str]:
        return [key.name for key in self.keys if key.needed]

    # ── as a reader ──

    def read(self, node: Node, spot: Spot) -> R | None:
        """Return the record, or None where what it needs could not be read."""
        if not isinstance(node, Mapping):
            self.refuse(node, spot)
            return None
        self.check_keys(node, spot)
        values = self.read_values(node, spot)
        needed = {key.field or key.name for key in self.keys if key.needed and not (self.unless or self.is_partial)}
        if not needed <= values.keys():
            return None
        given = {field: read(node, spot) for field, read in self.given}
        record = self.make(**values, **given)
        if self.check is not None:
            self.check(node, record, spot)
        return record

    def read_values(self, node: Mapping, spot: Spot, only: Collection[str] | None = None) -> dict[str, object]:
        """Return by field, in written order, what stands behind the keys (or some of them) and can be read."""
        by_name = {key.name: key for key in self.keys if only is None or key.name in only}
        values: dict[str, object] = {}
        for entry in node.entries:
            known = by_name.get(entry.key.text)
            value = known.kind.read(entry.value, spot.under(entry.key)) if known is not None else None
            if known is not None and value is not None and known.field != "":
                values[known.field or known.name] = value
        return values

    # ── as complaints ──

    def refuse(self, node: Node, spot: Spot) -> None:
        """Say that something else than a mapping stands here."""
        filled = self.take(node.text) if isinstance(node, Scalar) else None
        if filled or self._needed():
            spot.refuse("wrong-type", node, f"Write {filled}." if filled else None, self.message)
        else:
            refuse_as_mapping(node, spot, self.message)

    def take(self, text: str) -> str | None:
        """Put a lone value behind the key it was likely meant for: the one that is needed, or the first."""
        needed = [key for key in self.keys if key.needed]
        if not self.keys or len(needed) > 1:
            return None
        meant = needed[0] if needed else self.keys[0]
        value = meant.kind.take(text)
        if value is None or " " in value:
            return None
        return f"{{{meant.name}: {value}}}" if ":" not in value else f'{{{meant.name}: "{value}"}}'

    def check_keys(self, node: Mapping, spot: Spot) -> None:
        """Complain of keys that the language does not have here, and of those that are missing."""
        above: Node | None = None
        known, written = [key.name for key in self.keys], {entry.key.text for entry in node.entries}
        lacking = [name for name in known if name not in written]
        is_alone = sum(entry.key.text not in known for entry in node.entries) == 1
        is_all_below = len(known) == 1 and bool(lacking)  # all of it belongs below the one key, which is missing
        for entry in node.entries:
            # What stands below a key without value belongs to it, indented.
            is_stray = isinstance(above, Scalar) and above.kind == "refused" and not above.text
            above = entry.value
            if entry.key.text not in known and not is_stray and not is_all_below:
                self._complain_of_key(entry.key, lacking, node, spot, is_alone=is_alone)
        self.check_needed(node, spot)

    def check_needed(self, node: Mapping, spot: Spot) -> None:
        """Complain of keys that are missing."""
        if not self.unless or find(node, self.unless) is None:
            for key in self.keys:
                if key.needed and spot.scope.complaints.is_lacking(node, key.name):
                    self._complain_of_missing(key, node, spot)

    def _complain_of_key(
        self, written: Scalar, lacking: list[str], node: Mapping, spot: Spot, *, is_alone: bool
    ) -> None:
        explained = self.explain(written.text) if self.explain is not None else None
        if explained is not None:
            spot.complain("unknown-parameter", written, explained)
            return
        if self._complain_of_colon(written, node, spot):
            return
        place = f"of “{spot.name}”" if spot.name else "of such a file"
        hint = f"The keys here are {', '.join(self._names)}."
        meant = find_meant(written.text, lacking) or (self._find_only(lacking) if is_alone else None)
        if meant is not None:
            hint = f"Did you mean “{meant}”?"
        if (period := write_period(written.text)) is not None and period.partition(":")[0] in lacking:
            place, meant, hint = "here", period.partition(":")[0], f"Write “{period}”."
        if meant is not None:
            spot.scope.complaints.mark_meant(node, meant)
        spot.complain("unknown-key", written, f"“{written.text}” is not a key {place}.", hint)

    def _find_only(self, lacking: list[str]) -> str | None:
        """Return the one key that is needed and missing; with the one key that is not known it is one mistake."""
        needed = [name for name in self._needed() if name in lacking]
        return needed[0] if len(needed) == 1 else None

    def _complain_of_colon(self, written: Scalar, node: Mapping, spot: Spot) -> bool:
        """Say it where a key of the table has lost its colon: ``when {days_overdue: 3..}``."""
        name, _, rest = written.text.partition(" ")
        value = find(node, written.text)
        if not rest.lstrip().startswith(("{", "[")) or name not in self._names:
            return False
        spot.scope.complaints.mark_meant(node, name)
        shown = f"{name}: {rest}: {value.text}" if isinstance(value, Scalar) else f"{name}: {{…}}"
        spot.complain("unknown-key", written, f"A colon is missing after “{name}”.", f"Write “{shown}”.")
        return True

    def _complain_of_missing(self, key: Key, node: Mapping, spot: Spot) -> None:
        shown = f" For example: “{key.name}: {terms.in_yaml(key.examples[0])}”." if key.examples else ""
        hint = f"Add “{key.name}”: {key.about}{shown}" if key.about and key.ref is None else None
        found = key.needed if isinstance(key.needed, str) else f"“{key.name}” is missing here."
        spot.complain("missing-key", node, found, hint)


class Either(Kind, frozen=True):
    """A mapping of one of two kinds: the other where ``tell`` stands in it, which is written out as the usual ones."""

    usual: Table[Any]
    other: Table[Any]
    tell: str

    def schema(self) -> JsonSchema:
        """Return both, told apart."""
        forms = [self.other.schema(), self.usual.schema()]
        snippets = [snippet for form in forms for snippet in cast("list[object]", form.pop("defaultSnippets", []))]
        return {
            "type": "object",
            "if": {"type": "object", "required": [self.tell]},
            "then": forms[0],
            "else": forms[1],
            "errorMessage": self.usual.message,
            "defaultSnippets": snippets,
        }

    def read(self, node: Node, spot: Spot) -> object:
        """Return the usual one."""
        return self.usual.read(node, spot)

    def take(self, text: str) -> str | None:
        """Return how a lone text would be written as the usual one, if it could be."""
        return self.usual.take(text)


def name_of(node: Mapping, spot: Spot) -> str:
    """Return the name that a mapping stands under."""
    del node
    return spot.name


def _place_of(node: Mapping, spot: Spot) -> Position:
    del spot
    return node.at


AT = (("at", _place_of),)
"""The place of a mapping, for the record to keep."""
