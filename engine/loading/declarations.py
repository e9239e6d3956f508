"""Facts declared in a ruleset or in facts.yaml, merged with the standard vocabulary (language.md 3.3)."""

import re

import msgspec

from engine.loading.complaints import Complaints, list_words
from engine.loading.conditions import KEYWORDS
from engine.loading.constants import WORD, read_integer, read_value
from engine.loading.node import Entry, Mapping, Node, Scalar, Sequence, describe, entries_of, find, items_of
from engine.loading.scope import Scope
from engine.model.vocabulary import STANDARD_FACTS, Fact, Value

FACT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
# The account document's own keys, which no fact may be called (language.md 3.1).
ACCOUNT_KEYS = frozenset({"id", "currency", "timezone", "party", "facts_on", "invoices"})
FACT_TYPES = ("enum", "text", "boolean", "integer", "days", "amount", "decimal", "set")

_MOST_PLACES = 6
_WITH_VALUES = frozenset({"enum", "set"})
_MOVING = frozenset({"integer", "days"})


class SharedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The declarations of a facts.yaml, which hold for every ruleset beside it."""

    file: str
    declarations: Mapping


def read_facts(
    own: Node | None, shared: SharedFacts | None, scope: Scope, shared_complaints: Complaints
) -> dict[str, Fact]:
    """Return every fact in sight: the standard ones, narrowed or joined by facts.yaml, then the file's own."""
    facts = dict(STANDARD_FACTS)
    if shared is not None:
        shared_scope = msgspec.structs.replace(scope, complaints=shared_complaints)
        for entry in shared.declarations.entries:
            fact = _read_shared_fact(entry, shared_scope)
            if fact is not None:
                facts[fact.name] = fact
    in_sight = dict(facts)
    for entry in entries_of(own):
        fact = _read_own_fact(entry, in_sight, scope)
        if fact is not None:
            facts[fact.name] = fact
    return facts


def _read_shared_fact(entry: Entry, scope: Scope) -> Fact | None:
    standard = STANDARD_FACTS.get(entry.key.text)
    if standard is not None:
        return _read_narrowing(standard, entry, scope)
    return _read_declaration(entry, scope) if _is_free_name(entry, scope) else None


def _read_own_fact(entry: Entry, in_sight: dict[str, Fact], scope: Scope) -> Fact | None:
    name = entry.key.text
    if name in STANDARD_FACTS:
        return _read_narrowing(in_sight[name], entry, scope)
    if name in in_sight:
        scope.complaints.add("name-taken", entry.key, f"“{name}” is declared in facts.yaml already.")
        return None
    return _read_declaration(entry, scope) if _is_free_name(entry, scope) else None


def _is_free_name(entry: Entry, scope: Scope) -> bool:
    name = entry.key.text
    if name in KEYWORDS or name in ACCOUNT_KEYS:
        where = "a word of the language" if name in KEYWORDS else "a key of the account document"
        scope.complaints.add("name-taken", entry.key, f"“{name}” is {where}, so no fact can be called so.")
        return False
    if not FACT_NAME.fullmatch(name):
        found = f"“{name}” cannot be a fact's name."
        scope.complaints.add(
            "malformed-word", entry.key, found, "Use letters, digits and _, a letter first, 64 at most."
        )
        return False
    return True


def _read_declaration(entry: Entry, scope: Scope, base: Fact | None = None) -> Fact | None:
    """Return the declared fact; what a narrowing of ``base`` leaves out is as in it."""
    node = entry.value
    fact_type = find(node, "type")
    if not isinstance(fact_type, Scalar) or fact_type.text not in FACT_TYPES or scope.complaints.is_broken(fact_type):
        return None
    if base is None or base.type == fact_type.text:
        _refuse_conflicts(node, fact_type.text, scope)
    about, unit = find(node, "about"), find(node, "unit")
    values = find(node, "values") if fact_type.text in _WITH_VALUES else None
    fact = Fact(
        name=entry.key.text,
        type=fact_type.text,  # type: ignore[arg-type]  # one of FACT_TYPES, looked up above
        values=_read_values(values, scope) or (base.values if base is not None else None),
        places=_read_places(find(node, "places"), base, scope),
        unit=unit.text if isinstance(unit, Scalar) else ("days" if fact_type.text == "days" else None),
        about=about.text if isinstance(about, Scalar) else "",
        optional=_is_true(find(node, "optional")),
        moves=read_integer(find(node, "moves"), scope.complaints, least=-1, most=1) or 0,
    )
    return msgspec.structs.replace(fact, default=_read_default(fact, find(node, "default"), scope))


def _read_places(node: Node | None, base: Fact | None, scope: Scope) -> int:
    places = read_integer(node, scope.complaints, least=0, most=_MOST_PLACES)
    if places is None:
        return base.places if base is not None else 0
    return places


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.kind == "boolean" and node.text == "true"


def _refuse_conflicts(node: Node, fact_type: str, scope: Scope) -> None:
    """Complain of keys that say nothing about facts of this type."""
    allowed = {"values": _WITH_VALUES, "places": frozenset({"decimal"}), "moves": _MOVING}
    for entry in entries_of(node):
        types = allowed.get(entry.key.text)
        if types is not None and fact_type not in types:
            wanted = list_words(sorted(types))
            found = f"“{entry.key.text}” is for facts of type {wanted}, and this one is of type {fact_type}."
            scope.complaints.add("declaration-conflict", entry.key, found)
    default = find(node, "default")
    if default is not None and _is_true(find(node, "optional")):
        found = "The fact is both optional and defaulted; with a default it is never missing."
        scope.complaints.add("declaration-conflict", default, found)


def _read_values(node: Node | None, scope: Scope) -> tuple[str, ...] | None:
    if not isinstance(node, Sequence):
        return None
    values: list[str] = []
    for item in node.items:
        if not isinstance(item, Scalar) or item.kind != "word":
            hint = f'Write "{item.text}" in quotes.' if isinstance(item, Scalar) else None
            scope.complaints.add("wrong-type", item, f"A value is a word; found {describe(item)}.", hint)
        elif not WORD.fullmatch(item.text):
            scope.complaints.add("malformed-word", item, f"“{item.text}” cannot be a value.")
        elif item.text in values:
            scope.complaints.add("repeated-item", item, f"“{item.text}” stands in the list twice.")
        else:
            values.append(item.text)
    return tuple(values) or None


def _read_default(fact: Fact, node: Node | None, scope: Scope) -> Value | None:
    if fact.type == "set":
        # A set is never missing, only empty (language.md 3.2): left out where that is allowed, it is empty.
        items = (read_value(fact, item, scope) for item in items_of(node))
        words = tuple(sorted({item for item in items if isinstance(item, str)}))
        return words if node is not None or fact.optional else None
    return None if node is None else read_value(fact, node, scope)


def _read_narrowing(standard: Fact, entry: Entry, scope: Scope) -> Fact | None:
    declared = _read_declaration(entry, scope, standard)
    if declared is None:
        return None
    complaint = _what_is_wider(standard, declared)
    if complaint is not None:
        key, found = complaint
        scope.complaints.add("not-narrower", find(entry.value, key) or entry.key, found)
        return None
    has_default = find(entry.value, "default") is not None
    optional = find(entry.value, "optional")
    return msgspec.structs.replace(
        standard,
        values=declared.values,
        places=declared.places,
        about=declared.about or standard.about,
        unit=declared.unit or standard.unit,
        default=declared.default if has_default else standard.default,
        optional=standard.optional and not has_default and (optional is None or declared.optional),
    )


def _what_is_wider(standard: Fact, declared: Fact) -> tuple[str, str] | None:
    """Return the key and the sentence of what the standard fact does not allow."""
    if declared.type != standard.type:
        return "type", f"The standard fact {standard.name} is of type {standard.type}, not {declared.type}."
    extra = [value for value in declared.values or () if standard.values is not None and value not in standard.values]
    if extra:
        return (
            "values",
            f"The standard fact {standard.name} does not have {list_words(extra)}; it can only be narrowed.",
        )
    if declared.places > standard.places:
        return "places", f"The standard fact {standard.name} has {standard.places} decimal places at most."
    if declared.moves not in {0, standard.moves}:
        return "moves", f"The standard fact {standard.name} moves by {standard.moves} a day."
    return None
