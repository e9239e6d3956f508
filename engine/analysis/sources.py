"""Every condition of an edition, taken apart: what is written, where, and which facts it asks about."""

import re
from collections.abc import Iterator

import msgspec

from engine.model.condition import AllOf, AnyOf, Condition, InVariant, IsNamed, NoneOf
from engine.model.diagnostic import Position
from engine.model.places import Places
from engine.model.ruleset import Edition
from engine.model.vocabulary import ACTIONS

_BRACES = re.compile(r"\{([^{}]*)\}")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A whole condition; ``is_decided`` means that it is asked only of accounts whose needed facts are given.

    ``name_of`` is the named condition that it defines, if it does.
    """

    name: str
    subject: str
    name_of: str | None = None
    condition: Condition
    at: Position
    is_decided: bool


def list_sources(edition: Edition, places: Places) -> list[Source]:
    """Return the conditions of an edition, each with its place."""
    found = [
        Source(
            name="“applies_to”",
            subject="applies_to",
            condition=edition.applies_to,
            at=places.find_near("applies_to"),
            is_decided=False,
        )
    ]
    for name, condition in edition.conditions.items():
        at = places.find_near("conditions", name)
        what = f"The condition “{name}”"
        found.append(Source(name=what, subject=name, name_of=name, condition=condition, at=at, is_decided=False))
    for block in edition.blocks:
        what = f"The block “{block.id}”"
        found.append(Source(name=what, subject=block.id, condition=block.when, at=block.at, is_decided=True))
    for limit in edition.attempt_limits:
        at = places.find_near("attempt_limits")
        what = "An attempt limit"
        found.append(Source(name=what, subject="attempt_limits", condition=limit.when, at=at, is_decided=True))
    for rule in edition.rules:
        what = f"The rule “{rule.id}”"
        found.append(Source(name=what, subject=rule.id, condition=rule.when, at=rule.at, is_decided=True))
    return found


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that a condition is made of."""
    return condition.conditions if isinstance(condition, AllOf | AnyOf | NoneOf) else ()


def walk(condition: Condition) -> Iterator[Condition]:
    """Yield a condition and all it is made of; named conditions are not followed."""
    yield condition
    for part in parts_of(condition):
        yield from walk(part)


def named_in(condition: Condition) -> set[str]:
    """Return the named conditions that a condition mentions."""
    return {part.name for part in walk(condition) if isinstance(part, IsNamed)}


def facts_in(condition: Condition) -> set[str]:
    """Return the facts that a condition asks about itself."""
    leaves = (part for part in walk(condition) if not isinstance(part, AllOf | AnyOf | NoneOf | IsNamed | InVariant))
    return {leaf.fact for leaf in leaves}


def facts_used(edition: Edition) -> set[str]:
    """Return the facts that conditions, fees, reasons and channels of an edition use."""
    conditions = [edition.applies_to, *edition.conditions.values(), *(block.when for block in edition.blocks)]
    conditions += [*(limit.when for limit in edition.attempt_limits), *(rule.when for rule in edition.rules)]
    used = {name for condition in conditions for name in facts_in(condition)}
    used |= {fee.basis for fee in edition.fees.values() if fee.basis is not None}
    used |= {name for block in edition.blocks for name in _BRACES.findall(block.reason)}
    actions = [action for rule in edition.rules for action in (rule.action, *rule.action.along_with)]
    if any(ACTIONS[action.type].is_contact for action in (*actions, edition.otherwise)):
        used |= {"channels", "preferred_channel", "do_not_contact", "language"}
    return used
