"""Facts declared in a ruleset or in facts.yaml, merged with the standard vocabulary (language.md 3.3)."""

from collections.abc import Mapping

import msgspec

from engine.loading.complaints import list_words
from engine.loading.conditions import KEYWORDS
from engine.loading.constants import read_value
from engine.loading.grammar.account import ACCOUNT_KEYS
from engine.loading.node import Mapping as MappingNode
from engine.loading.node import Node, Scalar, find, items_of
from engine.loading.scope import Scope
from engine.model.vocabulary import STANDARD_FACTS, Fact, FactType, Value

WITH_VALUES = frozenset({"enum", "set"})
_TYPES_WITH = {"values": WITH_VALUES, "places": frozenset({"decimal"}), "moves": frozenset({"integer", "days"})}


class SharedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The declarations of a facts.yaml, which hold for every ruleset beside it."""

    file: str
    declarations: MappingNode


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """One declaration as written, with its key; ``default`` is read once the type is known."""

    type: FactType
    values: tuple[object, ...] | None = None
    places: int | None = None
    unit: str | None = None
    about: str | None = None
    optional: bool | None = None
    default: Node | None = None
    moves: int = 0
    key: Scalar
    node: MappingNode


def read_facts(
    own: Mapping[str, Declared], shared: Mapping[str, Declared], scope: Scope, shared_scope: Scope
) -> dict[str, Fact]:
    """Return every fact in sight: the standard ones, narrowed or joined by facts.yaml, then the file's own."""
    facts = dict(STANDARD_FACTS)
    for declared in shared.values():
        fact = _read_declared(declared, STANDARD_FACTS, shared_scope)
        if fact is not None:
            facts[fact.name] = fact
    in_sight = dict(facts)
    for declared in own.values():
        fact = _read_declared(declared, in_sight, scope)
        if fact is not None:
            facts[fact.name] = fact
    return facts


def _read_declared(declared: Declared, in_sight: Mapping[str, Fact], scope: Scope) -> Fact | None:
    key = declared.key
    if key.text in STANDARD_FACTS:
        return _narrow(in_sight[key.text], declared, scope)
    if key.text in in_sight:
        scope.complaints.add("name-taken", key, f"“{key.text}” is declared in facts.yaml already.")
        return None
    if key.text in KEYWORDS or key.text in ACCOUNT_KEYS:
        where = "a word of the language" if key.text in KEYWORDS else "a key of the account document"
        scope.complaints.add("name-taken", key, f"“{key.text}” is {where}, so no fact can be called so.")
        return None
    return _make_fact(declared, scope)


def _make_fact(declared: Declared, scope: Scope, base: Fact | None = None) -> Fact:
    """Return the declared fact; what a narrowing of ``base`` leaves out is as in it."""
    if base is None or base.type == declared.type:
        _refuse_conflicts(declared, scope)
    values = _read_values(declared, scope) if declared.type in WITH_VALUES else None
    fact = Fact(
        name=declared.key.text,
        type=declared.type,
        values=values or (base.values if base is not None else None),
        places=declared.places if declared.places is not None else (base.places if base is not None else 0),
        unit=declared.unit or ("days" if declared.type == "days" else None),
        about=declared.about or "",
        optional=declared.optional is True,
        moves=declared.moves,
    )
    return msgspec.structs.replace(fact, default=_read_default(fact, declared.default, scope))


def _refuse_conflicts(declared: Declared, scope: Scope) -> None:
    """Complain of keys that say nothing about facts of this type."""
    for entry in declared.node.entries:
        types = _TYPES_WITH.get(entry.key.text)
        if types is not None and declared.type not in types:
            wanted = list_words(sorted(types))
            found = f"“{entry.key.text}” is for facts of type {wanted}, and this one is of type {declared.type}."
            scope.complaints.add("declaration-conflict", entry.key, found)
    default = find(declared.node, "default")
    if default is not None and declared.optional:
        found = "The fact is both optional and defaulted; with a default it is never missing."
        scope.complaints.add("declaration-conflict", default, found)


def _read_values(declared: Declared, scope: Scope) -> tuple[str, ...] | None:
    seen: set[str] = set()
    for item in items_of(find(declared.node, "values")):
        if isinstance(item, Scalar) and item.text in seen:
            scope.complaints.add("repeated-item", item, f"“{item.text}” stands in the list twice.")
        seen |= {item.text} if isinstance(item, Scalar) else set()
    return tuple(dict.fromkeys(str(value) for value in declared.values or ())) or None


def _read_default(fact: Fact, node: Node | None, scope: Scope) -> Value | None:
    if fact.type == "set":
        # A set is never missing, only empty (language.md 3.2): left out where that is allowed, it is empty.
        items = (read_value(fact, item, scope) for item in items_of(node))
        words = tuple(sorted({item for item in items if isinstance(item, str)}))
        return words if node is not None or fact.optional else None
    return None if node is None else read_value(fact, node, scope)


def _narrow(standard: Fact, declared: Declared, scope: Scope) -> Fact | None:
    fact = _make_fact(declared, scope, standard)
    complaint = _what_is_wider(standard, fact)
    if complaint is not None:
        key, found = complaint
        scope.complaints.add("not-narrower", find(declared.node, key) or declared.key, found)
        return None
    has_default = find(declared.node, "default") is not None
    return msgspec.structs.replace(
        standard,
        values=fact.values,
        places=fact.places,
        about=fact.about or standard.about,
        unit=fact.unit or standard.unit,
        default=fact.default if has_default else standard.default,
        optional=standard.optional and not has_default and declared.optional is not False,
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
