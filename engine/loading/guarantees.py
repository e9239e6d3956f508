"""What guarantees mean: the names in them, and what says nothing (language.md 8b)."""

from collections.abc import Iterable

from engine.loading.moneyterms import name_fee
from engine.loading.node import Mapping, Scalar
from engine.loading.rules import join_undone
from engine.loading.spot import Spot
from engine.model.ruleset import Never, Unless
from engine.model.vocabulary import ANNOUNCED_BEFORE


def name_charged_fee(node: Scalar, spot: Spot) -> str | None:
    """Return the name of a fee, and complain of one that no fee has; a folder's may be of some rulesets only."""
    if node.text == ANNOUNCED_BEFORE:
        found = f"“{ANNOUNCED_BEFORE}” is no fee: a fee is charged under its own name, announced before or not."
        spot.complain("unknown-fee", node, found, "Write the name of the fee.")
        return None
    return node.text if spot.scope.is_of_folder else name_fee(node, spot)


def make_never(*, rules: Iterable[tuple[str, ...]] = (), **others: object) -> Never:
    """Return what is never done; a table stands for all its rows."""
    return Never(rules=join_undone(rules), **others)  # type: ignore[arg-type]  # the rows say what they are


def check_never(node: Mapping, never: Never, spot: Spot) -> None:
    """Complain of a guarantee that would forbid every action there is."""
    del never
    if not node.entries:
        spot.complain("guarantee-unclear", node, "“never: {}” would forbid every action of every account.")


def check_unless(node: Mapping, unless: Unless, spot: Spot) -> None:
    """Complain of an exception that allows nothing."""
    del unless
    if not node.entries:
        found = "“unless: {}” says nothing: neither for whom nor after what it may happen."
        spot.complain("guarantee-unclear", node, found, "Add “when” or “after”, or take “unless” away.")
