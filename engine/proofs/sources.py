"""Every condition of an edition, taken apart: what is written, where, and which facts it asks about."""

import re

import msgspec

from engine.coordinates.guards import conditions_of
from engine.model.condition import AllOf, AnyOf, Condition, InVariant, IsNamed, NoneOf, walk
from engine.model.diagnostic import Position
from engine.model.places import Places
from engine.model.ruleset import Edition, OwnedCondition
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


_PLACES = {"coverage": ("applies_to",), "condition": ("conditions",), "attempt limit": ("attempt_limits",)}


def list_sources(edition: Edition, places: Places) -> list[Source]:
    """Return the conditions of an edition, each with its place."""
    return [_source(each, places) for each in edition.owned_conditions]


def _source(owned: OwnedCondition, places: Places) -> Source:
    name, subject = f"The {owned.kind} “{owned.name}”", owned.name
    if owned.kind == "coverage":
        name, subject = "“applies_to”", "applies_to"
    elif owned.kind == "attempt limit":
        name, subject = "An attempt limit", "attempt_limits"
    return Source(
        name=name,
        subject=subject,
        name_of=owned.name if owned.kind == "condition" else None,
        condition=owned.condition,
        at=owned.at or places.find_near(*_PLACES.get(owned.kind, ()), owned.name),
        is_decided=owned.kind not in {"coverage", "condition"},
    )


def named_in(condition: Condition) -> set[str]:
    """Return the named conditions that a condition mentions."""
    return {part.name for part in walk(condition) if isinstance(part, IsNamed)}


def facts_in(condition: Condition) -> set[str]:
    """Return the facts that a condition asks about itself."""
    leaves = (part for part in walk(condition) if not isinstance(part, AllOf | AnyOf | NoneOf | IsNamed | InVariant))
    return {leaf.fact for leaf in leaves}


def facts_used(edition: Edition) -> set[str]:
    """Return the facts that conditions, fees, reasons and channels of an edition use."""
    written = [*(each.condition for each in edition.owned_conditions), *conditions_of(edition.guarantees)]
    used = {name for condition in written for name in facts_in(condition)}
    used |= {fee.basis for fee in edition.fees.values() if fee.basis is not None}
    used |= {name for block in edition.blocks for name in _BRACES.findall(block.reason)}
    actions = [action for rule in edition.rules for action in (rule.action, *rule.action.along_with)]
    if any(ACTIONS[action.type].is_contact for action in (*actions, edition.otherwise)):
        used |= {"channels", "preferred_channel", "do_not_contact", "language"}
    return used | {each.fact for name, card in edition.scorecards.items() if name in used for each in card.points}
