"""A random case on which the product and the oracle differ, as small as it can be made."""

from typing import Any

import msgspec

from tests.agreement.comparing import Pair, differences
from tests.oracle.generate import Case
from tests.oracle.generate_rulesets import Blueprint, write
from tests.oracle.shrinking import shrink


def show_smallest(blueprint: Blueprint, case: Case, found: list[str], *, look_ahead: bool) -> str:
    """Write down the smallest ruleset, account and history on which both differ in the same way."""
    kind = _name_kind(found)

    def is_differing(document: Any) -> bool:
        try:
            return _name_kind(_ask(document, look_ahead=look_ahead)) == kind
        except Exception:  # noqa: BLE001  what is no question any more cannot be asked
            return False

    whole = {"ruleset": blueprint.doc, "account": case.account, "history": case.history, "as_of": case.as_of}
    small = shrink(whole, is_differing)
    rest = msgspec.json.encode({key: value for key, value in small.items() if key != "ruleset"}).decode()
    said = _ask(small, look_ahead=look_ahead) or [*found, "(only as it was asked: decided directly, both agree)"]
    return "\n".join([*said, write(small["ruleset"]), rest])


def _ask(document: Any, *, look_ahead: bool) -> list[str]:
    text = write(document["ruleset"])
    pair = Pair(text)
    case = Case(
        ruleset_text=text, account=document["account"], history=document.get("history"), as_of=document["as_of"]
    )
    try:
        return differences(pair, case, look_ahead=look_ahead)
    finally:
        pair.close()


def _name_kind(found: list[str]) -> str | None:
    """Name what differs first, without its values."""
    return found[0].partition(":")[0] if found else None
