"""Conditions: a ``when`` mapping to typed conditions (language.md section 4)."""

import itertools

from engine.loading.complaints import list_words, suggest
from engine.loading.constants import read_item, read_value
from engine.loading.declines import DECLINE, read_decline
from engine.loading.node import Entry, Mapping, Node, Scalar, Sequence, describe, entries_of
from engine.loading.scope import Scope
from engine.loading.testslips import read_comparison, read_pair
from engine.model.condition import (
    ALWAYS,
    AllOf,
    AnyOf,
    Condition,
    HasAll,
    HasAny,
    HasNone,
    InVariant,
    IsMissing,
    IsNamed,
    IsNoneOf,
    IsOneOf,
    IsPresent,
    Item,
    NoneOf,
    Span,
)
from engine.model.diagnostic import Position
from engine.model.vocabulary import NUMERIC_TYPES, Fact

KEYWORDS = ("any", "none", "experiment")
BOUNDS = {
    "at_least": "The number is this or more.",
    "at_most": "The number is this or less.",
    "more_than": "The number is more than this.",
    "less_than": "The number is less than this.",
}
_OPERATORS = (*BOUNDS, "not", "is")
_SET_OPERATORS = ("all", "none", "is")
_CURRENCY_LENGTH = 3
_HINTS = {
    "or": "Write any: [{…}, {…}], with each alternative in braces.",
    "not": "Write none: [{…}], with what must not hold in braces.",
    "and": "Take it away: all entries of a condition must hold.",
    "all": "Take it away: all entries of a condition must hold.",
}


def read_when(node: Node | None, scope: Scope) -> AllOf:
    """Return the condition; what is wrong in it is complained about and left out."""
    if node is None:
        return ALWAYS
    if not isinstance(node, Mapping):
        found = f"A condition is a mapping of facts to tests, {{days_overdue: 3..}}; found {describe(node)}."
        scope.complaints.add("wrong-type", node, found, _hint_at_condition(node, scope))
        return ALWAYS
    return AllOf(conditions=tuple(part for entry in node.entries for part in _read_entry(entry, scope)))


def _hint_at_condition(node: Node, scope: Scope) -> str:
    if isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node.items):
        return "Take the dashes away, if all must hold; or write any: before the list, if one is enough."
    if isinstance(node, Scalar) and (node.text in scope.conditions or _is_boolean(node.text, scope)):
        return f"Write {{{node.text}: true}}."
    if isinstance(node, Scalar) and (pair := read_comparison(node.text) or read_pair(node.text)):
        return f"Write {{{pair}}}."
    return "Write {days_overdue: 3.., vip: false}: all that stands in it must hold."


def _is_boolean(name: str, scope: Scope) -> bool:
    return name in scope.facts and scope.facts[name].type == "boolean"


def _read_entry(entry: Entry, scope: Scope) -> tuple[Condition, ...]:
    name = entry.key.text
    if name in {"any", "none"}:
        return _read_alternatives(entry, scope)
    if name == "experiment":
        return _read_variants(entry, scope)
    if name in scope.facts:
        return read_test(scope.facts[name], entry, scope)
    if name in scope.conditions:
        return _read_named(entry, scope)
    if name == DECLINE:
        return read_decline(entry, scope)
    known = itertools.chain(scope.facts, scope.conditions, KEYWORDS, (DECLINE,))
    found, (fact, _, rest) = f"“{name}” is no fact and no named condition.", name.partition(" ")
    if rest.lstrip().startswith("{") and fact in scope.facts:
        found = f"A colon is missing after “{fact}”, before the brace."
    scope.complaints.add_once("unknown-fact", entry.key, found, lambda: _HINTS.get(name) or suggest(name, known))
    return ()


def _read_alternatives(entry: Entry, scope: Scope) -> tuple[Condition, ...]:
    if not isinstance(entry.value, Sequence):
        found = f"“{entry.key.text}” takes a list of conditions; found {describe(entry.value)}."
        names = [each.key.text for each in entries_of(entry.value)][:2] or ["vip", "disputed"]
        shown = ", ".join(f"{{{name}: …}}" for name in names)
        scope.complaints.add("wrong-type", entry.value, found, f"Write {entry.key.text}: [{shown}].")
        return ()
    conditions = tuple(read_when(item, scope) for item in entry.value.items)
    if entry.key.text == "any":
        return (AnyOf(conditions=conditions, at=entry.key.at),)
    return (NoneOf(conditions=conditions, at=entry.key.at),)


def _read_named(entry: Entry, scope: Scope) -> tuple[Condition, ...]:
    if not isinstance(entry.value, Scalar) or entry.value.kind != "boolean":
        found = f"“{entry.key.text}” is a named condition, which is true or false; found {describe(entry.value)}."
        scope.complaints.add("wrong-type", entry.value, found, "Write true or false.")  # a cell of a table has no key
        return ()
    return (IsNamed(name=entry.key.text, holds=entry.value.text == "true", at=entry.key.at),)


def _read_variants(entry: Entry, scope: Scope) -> tuple[Condition, ...]:
    if not isinstance(entry.value, Mapping) or not entry.value.entries:
        found = f"“experiment” takes a mapping of an experiment to its variants; found {describe(entry.value)}."
        scope.complaints.add("wrong-type", entry.value, found, "Write experiment: {tone-test: friendly}.")
        return ()
    conditions = (_read_variant(each, scope) for each in entry.value.entries)
    return tuple(condition for condition in conditions if condition is not None)


def _read_variant(entry: Entry, scope: Scope) -> InVariant | None:
    name = entry.key.text
    known = scope.experiments.get(name)
    if known is None:
        found = f"“{name}” is no experiment of this file."
        scope.complaints.add_once("unknown-experiment", entry.key, found, lambda: suggest(name, scope.experiments))
        return None
    names = [_read_variant_name(item, known, entry.key.text, scope) for item in _list_of(entry, scope)]
    variants = tuple(name for name in names if name is not None)
    return InVariant(experiment=entry.key.text, variants=variants, at=entry.key.at) if variants else None


def _read_variant_name(node: Node, known: tuple[str, ...], experiment: str, scope: Scope) -> str | None:
    if isinstance(node, Scalar) and node.kind == "word" and node.text in known:
        return node.text
    found = f"{experiment} has no variant like {describe(node)}."
    hint = (suggest(node.text, known) if isinstance(node, Scalar) else None) or f"It has {list_words(known, 'and')}."
    scope.complaints.add("unknown-variant", node, found, hint)
    return None


def _list_of(entry: Entry, scope: Scope) -> tuple[Node, ...]:
    """Return the items of a list or the one value; an empty list is complained about."""
    if not isinstance(entry.value, Sequence):
        return (entry.value,)
    if not entry.value.items:
        scope.complaints.add(
            "empty-list", entry.value, f"The list of “{entry.key.text}” is empty, so nothing could be in it."
        )
    return entry.value.items


def read_test(fact: Fact, entry: Entry, scope: Scope) -> tuple[Condition, ...]:
    """Return what stands behind a fact as conditions that must all hold; none where it cannot be read."""
    is_amount = fact.type == "amount" and _is_amount_mapping(entry.value)
    if isinstance(entry.value, Mapping) and not is_amount:
        return _read_operators(fact, entry.value, scope)
    if fact.type == "set":
        words = _read_words(fact, entry, scope)
        return (HasAny(fact=fact.name, items=words, at=entry.key.at),) if words else ()
    items = _read_items(fact, entry, scope)
    return (IsOneOf(fact=fact.name, items=items, at=entry.key.at),) if items else ()


def _is_amount_mapping(node: Node) -> bool:
    """Tell ``{EUR: 150, USD: 100}`` from a mapping of operators."""
    keys = [entry.key.text for entry in entries_of(node)]
    return bool(keys) and all(len(key) == _CURRENCY_LENGTH and key.isupper() for key in keys)


def _read_items(fact: Fact, entry: Entry, scope: Scope) -> tuple[Item, ...]:
    items = (read_item(fact, node, scope) for node in _list_of(entry, scope))
    return tuple(item for item in items if item is not None)


def _read_words(fact: Fact, entry: Entry, scope: Scope) -> tuple[str, ...]:
    items = _read_items(fact, entry, scope)
    return tuple(item for item in items if isinstance(item, str))


def _read_operators(fact: Fact, node: Mapping, scope: Scope) -> tuple[Condition, ...]:
    if not node.entries:
        found = f"The test of {fact.name} says nothing."
        scope.complaints.add("empty-test", node, found)
        return ()
    operators = _SET_OPERATORS if fact.type == "set" else _OPERATORS
    keys = {entry.key.text: entry.key for entry in node.entries}
    if "is" in keys and len(keys) > 1:
        scope.complaints.add(
            "is-stands-alone", keys["is"], f"“is” stands beside {list_words(keys.keys() - {'is'}, 'and')}."
        )
        return ()
    known = [entry for entry in node.entries if _is_known(entry, operators, fact, scope)]
    bounds = _read_bounds(fact, [entry for entry in known if entry.key.text in BOUNDS], scope)
    others = [_read_operator(fact, entry, scope) for entry in known if entry.key.text not in BOUNDS]
    return (*bounds, *(condition for condition in others if condition is not None))


def _is_known(entry: Entry, operators: tuple[str, ...], fact: Fact, scope: Scope) -> bool:
    name = entry.key.text
    if fact.type == "set" and name == "not":
        found = f"{fact.name} is a set, and “not” of a set can be read in two ways."
        scope.complaints.add("not-on-set", entry.key, found)
        return False
    if name in BOUNDS and name in operators and fact.type not in NUMERIC_TYPES:
        found = f"“{name}” compares numbers, and {fact.name} is not one."
        scope.complaints.add("range-on-words", entry.key, found)
        return False
    if name not in operators:
        hint = suggest(name, operators) or f"A test of {fact.name} is written with {list_words(operators)}."
        scope.complaints.add("unknown-test", entry.key, f"“{name}” is no test of {fact.name}.", hint)
        return False
    return True


def _read_operator(fact: Fact, entry: Entry, scope: Scope) -> Condition | None:
    if entry.key.text == "is":
        return _read_presence(fact, entry, scope)
    if fact.type == "set":
        words = _read_words(fact, entry, scope)
        kind = HasAll if entry.key.text == "all" else HasNone
        return kind(fact=fact.name, items=words, at=entry.key.at) if words else None
    items = _read_items(fact, entry, scope)
    return IsNoneOf(fact=fact.name, items=items, at=entry.key.at) if items else None


def _read_presence(fact: Fact, entry: Entry, scope: Scope) -> Condition | None:
    text = entry.value.text if isinstance(entry.value, Scalar) and entry.value.kind == "word" else None
    if text == "missing":
        return IsMissing(fact=fact.name, at=entry.key.at)
    if text == "present":
        return IsPresent(fact=fact.name, at=entry.key.at)
    found = f"“is” takes missing or present; found {describe(entry.value)}."
    scope.complaints.add("unknown-test", entry.value, found, "Write {is: missing} or {is: present}.")
    return None


def _read_bounds(fact: Fact, entries: list[Entry], scope: Scope) -> tuple[Condition, ...]:
    """Join the bounds to one span; bounds that contradict each other stay apart, so that they hold of nothing."""
    read = [(_read_bound(fact, entry, scope), entry.key.at) for entry in entries]
    spans = [(span, at) for span, at in read if span is not None]
    if not spans:
        return ()
    low = max((span.low for span, _ in spans if span.low is not None), default=None)
    high = min((span.high for span, _ in spans if span.high is not None), default=None)
    if low is not None and high is not None and low > high:
        return tuple(_within(fact, span, at) for span, at in spans)
    return (_within(fact, Span(low, high), spans[0][1]),)


def _within(fact: Fact, span: Span, at: Position) -> IsOneOf:
    return IsOneOf(fact=fact.name, items=(span,), at=at)


def _read_bound(fact: Fact, entry: Entry, scope: Scope) -> Span | None:
    value = read_value(fact, entry.value, scope)
    if not isinstance(value, int):
        return None
    match entry.key.text:
        case "at_least":
            return Span(value, None)
        case "more_than":
            return Span(value + 1, None)
        case "at_most":
            return Span(None, value)
        case _:
            return Span(None, value - 1)
