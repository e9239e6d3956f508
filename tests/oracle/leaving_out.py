"""A case without one feature of the third edition: where another decision comes out, the feature decided."""

from collections.abc import Callable
from typing import Any

import msgspec

from tests.oracle.generate import Case
from tests.oracle.generate_rulesets import Blueprint, write
from tests.oracle.oracle import OracleRuleset
from tests.oracle.past import BETWEEN

Node = dict[str, Any]


def _without(name: str) -> Callable[[Node], Node | None]:
    return lambda node: {key: value for key, value in node.items() if key != name}


def _is_credit(invoice: Node) -> bool:
    return str(invoice["open"]).startswith("-")


# What becomes of each invoice, and of each entry, without a feature; None where it goes.
OF_INVOICES: dict[str, Callable[[Node], Node | None]] = {
    "credits": lambda invoice: None if _is_credit(invoice) else invoice,
    "credits from their day": lambda invoice: _without("issued_on")(invoice) if _is_credit(invoice) else invoice,
    "entries before the first issue": lambda invoice: (
        invoice if _is_credit(invoice) else _without("issued_on")(invoice)
    ),
    "holds": _without("held_until"),
    "payments": _without("payments"),
}
OF_ENTRIES: dict[str, Callable[[Node], Node | None]] = {
    "entries between episodes": lambda entry: _without("episode")(entry) if entry.get("episode") == BETWEEN else entry,
    "invoices that an entry names": _without("invoices"),
}


def cases_without(case: Case) -> dict[str, Case]:
    """The question without each feature that its account or history may have."""
    invoices = case.account.get("invoices", [])
    of_accounts = {
        name: msgspec.structs.replace(case, account={**case.account, "invoices": _change_all(invoices, change)})
        for name, change in OF_INVOICES.items()
        if invoices
    }
    of_histories = {
        name: msgspec.structs.replace(case, history=_change_all(case.history, change))
        for name, change in OF_ENTRIES.items()
        if case.history
    }
    return of_accounts | of_histories


def _change_all(nodes: list[Node], change: Callable[[Node], Node | None]) -> list[Node]:
    return [changed for node in nodes if (changed := change(node)) is not None]


def rulesets_without(blueprint: Blueprint) -> dict[str, OracleRuleset]:
    """The ruleset as it would be read without each feature that it has."""
    doc = blueprint.doc
    found = {
        "small rests": "ignore_below" in doc and {key: value for key, value in doc.items() if key != "ignore_below"},
        "hold-outs": "hold_out" in str(doc.get("experiments")) and _without_keys(doc, "hold_out"),
        "voluntary rules": "voluntary" in str(doc["rules"]) and _without_keys(doc, "voluntary"),
        "business days": "every_business_days" in str(doc["rules"]) and _renamed(doc, "every_business_days"),
        "months": "every_months" in str(doc["rules"]) and _renamed(doc, "every_months"),
        "at_most per days": "per_days" in str(doc["rules"]) and _without_keys(doc, "per_days"),
    }
    oracles = {name: OracleRuleset(write(other)) for name, other in found.items() if other}
    windowless = OracleRuleset(blueprint.text)
    for currency, ruleset in windowless.by_currency.items():
        rules = tuple(msgspec.structs.replace(rule, countdowns=()) for rule in ruleset.rules)
        windowless.by_currency[currency] = msgspec.structs.replace(ruleset, rules=rules)
    return {**oracles, "windows of countdowns": windowless}


def _without_keys(node: Any, name: str) -> Any:
    """The document without a key of rules and experiments."""
    if isinstance(node, dict):
        return {
            key: value if key.endswith("_limits") else _without_keys(value, name)
            for key, value in node.items()
            if key != name
        }
    return type(node)(_without_keys(item, name) for item in node) if isinstance(node, list) else node


def _renamed(node: Any, name: str) -> Any:
    """The document with so many days in the place of so many of the others."""
    if isinstance(node, dict):
        return {("every_days" if key == name else key): _renamed(value, name) for key, value in node.items()}
    return type(node)(_renamed(item, name) for item in node) if isinstance(node, list) else node
