"""Where a value is read: the key it stands at and what is in sight there; kinds complain through it."""

import msgspec

from engine.loading.node import Node, Scalar, describe
from engine.loading.scope import Scope
from engine.loading.slips import hint_at_hidden
from engine.model.diagnostic import Position


class Spot(msgspec.Struct, frozen=True):
    """A place under a key, or the whole file where there is none; an item of a list stands under the list's key."""

    scope: Scope
    key: Scalar | None = None
    is_item: bool = False

    @property
    def name(self) -> str:
        """The key's name, empty for the whole file."""
        return "" if self.key is None else self.key.text

    def under(self, key: Scalar) -> "Spot":
        """The place of a key's value."""
        return Spot(self.scope, key)

    def inside(self) -> "Spot":
        """The place of an item of the list that stands here."""
        return Spot(self.scope, self.key, is_item=True)

    def complain(self, code: str, where: Node | Position, found: str, hint: str | None = None) -> None:
        """Record a complaint; without a hint it has its code's."""
        self.scope.complaints.add(code, where, found, hint)

    def refuse(self, code: str, node: Node, hint: str | None, wanted: str) -> None:
        """Say that the value cannot stand here; ``hint`` knows what was meant, ``wanted`` what can be written."""
        if self.key is None:
            self.complain(code, node, f"The file holds {describe(node)} and no keys.", wanted)
            return
        hint = hint or (hint_at_hidden(node.text) if isinstance(node, Scalar) else None)
        found = f"“{self.name}” cannot {'hold' if self.is_item else 'be'} {describe(node)}."
        self.complain(code, node, found, hint or wanted)
