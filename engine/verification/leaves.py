"""The single tests that a ruleset's conditions are made of, each with where it stands."""

from collections.abc import Iterator

import msgspec

from engine.model.condition import AllOf, AnyOf, Condition, Leaf, NoneOf
from engine.model.ruleset import Edition

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
