"""The single tests that a ruleset's conditions are made of, each with where it stands and how it is written."""

from collections.abc import Iterator

import msgspec

from engine.evaluation.wording import format_number
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
    Leaf,
    NoneOf,
    Span,
)
from engine.model.ruleset import Edition
from engine.model.vocabulary import Fact

Test = Leaf | AnyOf


class OwnedLeaf(msgspec.Struct, frozen=True, kw_only=True):
    """One test and whose condition it is part of; ``rule`` names the rule where it is a rule's."""

    owner: str
    rule: str | None
    leaf: Test


def list_leaves(edition: Edition) -> tuple[OwnedLeaf, ...]:
    """Return the tests of blocks, rules, attempt limits and named conditions, in that order."""
    owners: list[tuple[str, str | None, Condition]] = [
        *((f"block {block.id}", None, block.when) for block in edition.blocks),
        *((f"rule {rule.id}", rule.id, rule.when) for rule in edition.rules),
        *((f"attempt limit {i}", None, limit.when) for i, limit in enumerate(edition.attempt_limits, start=1)),
        *((f"condition {name}", None, condition) for name, condition in edition.conditions.items()),
    ]
    return tuple(OwnedLeaf(owner=owner, rule=rule, leaf=leaf) for owner, rule, when in owners for leaf in _walk(when))


def _walk(condition: Condition) -> Iterator[Test]:
    if isinstance(condition, AnyOf) and condition.written is not None:
        yield condition
    elif isinstance(condition, AllOf | AnyOf | NoneOf):
        for part in condition.conditions:
            yield from _walk(part)
    else:
        yield condition


def write_leaf(leaf: Test, edition: Edition) -> str:  # noqa: C901, PLR0911  # one a kind of test
    """Write a test as an author would, such as ``days_overdue: 3..``."""
    match leaf:
        case AnyOf():
            return leaf.written or "any: […]"
        case IsOneOf():
            return f"{leaf.fact}: {_write_items(leaf, edition)}"
        case IsNoneOf():
            return f"{leaf.fact}: {{not: {_write_items(leaf, edition)}}}"
        case IsMissing():
            return f"{leaf.fact}: {{is: missing}}"
        case IsPresent():
            return f"{leaf.fact}: {{is: present}}"
        case HasAny():
            return f"{leaf.fact}: {_write_list(leaf.items)}"
        case HasAll():
            return f"{leaf.fact}: {{all: [{', '.join(leaf.items)}]}}"
        case HasNone():
            return f"{leaf.fact}: {{none: [{', '.join(leaf.items)}]}}"
        case IsNamed():
            return f"{leaf.name}: {'true' if leaf.holds else 'false'}"
        case InVariant():
            return f"experiment: {{{leaf.experiment}: {_write_list(leaf.variants)}}}"


def _write_items(leaf: IsOneOf | IsNoneOf, edition: Edition) -> str:
    fact = edition.facts[leaf.fact]
    return _write_list(tuple(_write_item(fact, item, edition.currency) for item in leaf.items))


def _write_item(fact: Fact, item: Span | int | str | bool, currency: str) -> str:  # noqa: FBT001  # a constant
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, Span):
        ends = (None if end is None else format_number(fact, end, currency) for end in (item.low, item.high))
        low, high = (end or "" for end in ends)
        return low if low == high else f"{low}..{high}"
    return format_number(fact, item, currency) if isinstance(item, int) else item


def _write_list(items: tuple[str, ...]) -> str:
    return items[0] if len(items) == 1 else f"[{', '.join(items)}]"
