"""The guarantees.yaml of a folder, read for each of its rulesets (language.md 8b.1)."""

from collections.abc import Mapping as Names

import msgspec

from engine.loading.complaints import Complaints
from engine.loading.grammar.guarantees import GUARANTEES
from engine.loading.node import Node, Scalar
from engine.loading.scope import Scope
from engine.loading.spot import Spot
from engine.model.ruleset import Edition, Guarantee
from engine.model.vocabulary import Fact


class SharedGuarantees(msgspec.Struct, frozen=True, kw_only=True):
    """The guarantees of a guarantees.yaml, as written."""

    file: str
    items: Node


def open_folder_scope(complaints: Complaints, facts: Names[str, Fact], scope: Scope | None = None) -> Scope:
    """Return what guarantees of a folder may name: its facts, and of one ruleset the currencies and tables alone."""
    found = Scope(complaints=complaints, facts=dict(facts), is_of_folder=True)
    if scope is None:
        return found
    return msgspec.structs.replace(
        found, currency=scope.currency, currencies=scope.currencies, tables=scope.tables, declines=None
    )


def read_shared_guarantees(shared: SharedGuarantees, scope: Scope) -> tuple[Guarantee, ...]:
    """Return the guarantees of a folder as far as they can be read, each with its file."""
    key = Scalar(kind="word", text="guarantees", at=shared.items.at)
    read = GUARANTEES.read(shared.items, Spot(scope, key))
    found = read if isinstance(read, tuple) else ()
    return tuple(msgspec.structs.replace(each, file=shared.file) for each in found)


def join_guarantees(edition: Edition, shared: SharedGuarantees, of_folder: Scope, scope: Scope) -> Edition:
    """Return an edition with the guarantees of its folder after its own, which are called otherwise."""
    found = read_shared_guarantees(shared, of_folder)
    taken = {each.id: each.at.line for each in found}
    for own in edition.guarantees:
        if own.id in taken:
            said = f"{shared.file} has a guarantee called “{own.id}” already, on line {taken[own.id]}."
            scope.complaints.add("duplicate-id", own.at, said, "Give one of the two another id.")
    return msgspec.structs.replace(edition, guarantees=(*edition.guarantees, *found))
