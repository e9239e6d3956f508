"""The contestants: each takes rules and returns a function from an account's facts to the winning rule's number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec
import zen

from bench.sample import DIMENSIONS, Rule, describe
from engine.conditions.boxes import Point
from engine.network.bitmap import BitmapTable
from engine.network.network import Network

Decide: TypeAlias = Callable[[Point], int | None]


def prepare_network(rules: Sequence[Rule]) -> Decide:
    """Return ours: durable_rules behind the event's checks and writing."""
    return Network([describe(rule) for rule in rules], DIMENSIONS).first


def prepare_bitmap(rules: Sequence[Rule]) -> Decide:
    """Return our table of bits in pure Python, which checks and explains the network's answers."""
    return BitmapTable([describe(rule) for rule in rules], DIMENSIONS).first


def prepare_chain(rules: Sequence[Rule]) -> Decide:
    """Return one comparison after another in plain Python, nothing checked."""

    def decide(account: Point) -> int | None:
        country, segment, method = account["country"], account["segment"], account["payment_method"]
        day, balance = account["days_overdue"], account["overdue_balance"]
        for number, rule in enumerate(rules):
            if (
                country == rule.country
                and segment == rule.segment
                and method == rule.payment_method
                and rule.first_day <= day <= rule.last_day  # type: ignore[operator] # nothing is checked here
                and balance >= rule.least_balance  # type: ignore[operator] # as above
            ):
                return number
        return None

    return decide


def prepare_zen_loader(rules: Sequence[Rule]) -> Decide:
    """Return zen-engine as its manual advises: content compiled once and answered by a loader."""
    content = zen.ZenDecisionContent(msgspec.json.encode(_write_table(rules)).decode())
    return _ask_zen(zen.ZenEngine({"loader": lambda _key: content}))


def prepare_zen_static(rules: Sequence[Rule]) -> Decide:
    """Return zen-engine with its built-in loader, which needs no call back into Python."""
    return _ask_zen(zen.ZenEngine({"loader": {"type": "static", "content": {"rules": _write_table(rules)}}}))


def _ask_zen(engine: zen.ZenEngine) -> Decide:
    evaluate = engine.evaluate

    def decide(account: Point) -> int | None:
        found: int | None = evaluate("rules", account)["result"].get("rule")  # type: ignore[arg-type] # it is a dict
        return found

    return decide


def _write_table(rules: Sequence[Rule]) -> dict[str, object]:
    inputs = [{"id": key, "name": key, "field": key} for key in DIMENSIONS]
    table = {
        "hitPolicy": "first",
        "inputs": inputs,
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": [_write_row(number, rule) for number, rule in enumerate(rules)],
    }
    place = {"x": 0, "y": 0}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": table},
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "first", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "second", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


def _write_row(number: int, rule: Rule) -> dict[str, str]:
    return {
        "_id": f"row-{number}",
        "country": f'"{rule.country}"',
        "segment": f'"{rule.segment}"',
        "payment_method": f'"{rule.payment_method}"',
        "days_overdue": f"[{rule.first_day}..{rule.last_day}]",
        "overdue_balance": f">= {rule.least_balance}",
        "rule": str(number),
    }
