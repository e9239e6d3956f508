"""Conditions and sets of values in the language's own notation, as an author can paste them."""

from collections.abc import Sequence

from engine.conditions.sets import BooleanSet, IntegerSet, ValueSet
from engine.model.condition import (
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
from engine.model.ruleset import Edition
from engine.model.vocabulary import Fact
from engine.words.phrases import join
from engine.words.values import format_number

_PRESENT, _MISSING = "{is: present}", "{is: missing}"


def write_values(fact: Fact, values: ValueSet, currency: str) -> str:
    """Write a set of values, such as ``3..13``, ``[BE, NL]`` or ``{is: missing}``."""
    parts = _write_present(fact, values, currency)
    if values.contains(None):
        return f"{parts} or missing" if parts else _MISSING
    return parts


def _write_present(fact: Fact, values: ValueSet, currency: str) -> str:
    if isinstance(values, BooleanSet):
        return _PRESENT if len(values.values) > 1 else "".join(_write_flag(value) for value in values.values)
    if isinstance(values, IntegerSet):
        spans = [Span(low, high) for low, high in values.intervals]
        return _PRESENT if spans == [Span(None, None)] else _write_items(fact, spans, currency) if spans else ""
    if not values.cofinite:
        return _write_list(sorted(values.words)) if values.words else ""
    return f"{{not: {_write_list(sorted(values.words))}}}" if values.words else _PRESENT


def write_condition(condition: Condition, edition: Edition) -> str:
    """Write a condition, such as ``days_overdue: 14.. and vip: true``."""
    if isinstance(condition, AllOf):
        return join(write_condition(part, edition) for part in condition.conditions) or "anything"
    return write_test(condition, edition)


def write_test(test: Condition, edition: Edition) -> str:  # noqa: C901, PLR0911  # one a kind of condition
    """Write a condition as one entry of a mapping, such as ``days_overdue: 3..``."""
    match test:
        case AllOf():
            return f"all: {_write_parts(test.conditions, edition)}"
        case AnyOf():
            return test.written or f"any: {_write_parts(test.conditions, edition)}"
        case NoneOf():
            return f"none: {_write_parts(test.conditions, edition)}"
        case IsOneOf():
            return f"{test.fact}: {_write_items(edition.facts[test.fact], test.items, edition.currency)}"
        case IsNoneOf():
            return f"{test.fact}: {{not: {_write_items(edition.facts[test.fact], test.items, edition.currency)}}}"
        case IsMissing():
            return f"{test.fact}: {_MISSING}"
        case IsPresent():
            return f"{test.fact}: {_PRESENT}"
        case HasAny():
            return f"{test.fact}: {_write_list(test.items)}"
        case HasAll():
            return f"{test.fact}: {{all: [{', '.join(test.items)}]}}"
        case HasNone():
            return f"{test.fact}: {{none: [{', '.join(test.items)}]}}"
        case IsNamed():
            return f"{test.name}: {_write_flag(test.holds)}"
        case InVariant():
            return f"experiment: {{{test.experiment}: {_write_list(test.variants)}}}"


def _write_parts(parts: Sequence[Condition], edition: Edition) -> str:
    return f"[{', '.join(f'{{{_write_entries(part, edition)}}}' for part in parts)}]"


def _write_entries(condition: Condition, edition: Edition) -> str:
    parts = condition.conditions if isinstance(condition, AllOf) else (condition,)
    return ", ".join(write_test(part, edition) for part in parts)


def _write_items(fact: Fact, items: Sequence[Item], currency: str) -> str:
    return _write_list([_write_item(fact, item, currency) for item in items])


def _write_item(fact: Fact, item: Item, currency: str) -> str:
    if isinstance(item, bool):
        return _write_flag(item)
    if isinstance(item, Span):
        low, high = ("" if end is None else format_number(fact, end, currency) for end in (item.low, item.high))
        return low if low == high else f"{low}..{high}"
    return format_number(fact, item, currency) if isinstance(item, int) else item


def _write_flag(value: bool) -> str:  # noqa: FBT001  # a constant of a condition
    return "true" if value else "false"


def _write_list(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"[{', '.join(items)}]"
