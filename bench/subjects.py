"""The contestants: each takes rules and returns a function from an account to the winning rule's number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import zen

from bench.sample import Rule
from bench.writing import CURRENCY, encode, write_chain, write_ruleset, write_table
from engine.conditions.boxes import Dimensions, Point, Region, region_of
from engine.evaluation.decide import next_action
from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.network.masks import MaskTable
from engine.network.network import Network

Decide: TypeAlias = Callable[[Point], int | None]
Prepare: TypeAlias = Callable[[Sequence[Rule], Dimensions], Decide]

AS_OF = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)


def prepare_network(rules: Sequence[Rule], dimensions: Dimensions) -> Decide:
    """Return ours: durable_rules behind the event's checks and writing."""
    return Network(_describe(rules, dimensions), dimensions).first


def prepare_masks(rules: Sequence[Rule], dimensions: Dimensions) -> Decide:
    """Return our masks in pure Python, which look ahead, explain, and check the network's answers."""
    return MaskTable(_describe(rules, dimensions), dimensions).first


def prepare_chain(rules: Sequence[Rule], dimensions: Dimensions) -> Decide:
    """Return one `if` after another in generated Python, nothing checked."""
    made: dict[str, Any] = {}
    exec(write_chain(rules, dimensions), made)  # noqa: S102 - the program wrote the text itself
    decide: Decide = made["decide"]
    return decide


def prepare_zen_loader(rules: Sequence[Rule], dimensions: Dimensions) -> Decide:
    """Return zen-engine as its manual advises: content compiled once and answered by a loader."""
    content = zen.ZenDecisionContent(encode(write_table(rules, dimensions)))
    return _ask_zen(zen.ZenEngine({"loader": lambda _key: content}))


def prepare_zen_static(rules: Sequence[Rule], dimensions: Dimensions) -> Decide:
    """Return zen-engine with its built-in loader, which needs no call back into Python."""
    content = {"rules": write_table(rules, dimensions)}
    return _ask_zen(zen.ZenEngine({"loader": {"type": "static", "content": content}}))


def prepare_next_action(rules: Sequence[Rule], _dimensions: Dimensions) -> Decide:
    """Return the whole decision as the service gives it: read and checked, decided, looked ahead, explained."""
    loaded = load_ruleset(write_ruleset(rules))
    if loaded.ruleset is None:
        raise ValueError(f"the ruleset is refused: {loaded.diagnostics[:3]}")
    rulesets = [compile_ruleset(loaded.ruleset)]

    def decide(document: Mapping[str, object]) -> int | None:
        decision = next_action(rulesets, document, as_of=AS_OF)
        return None if decision.rule is None else int(decision.rule.id[1:])

    return decide


def write_document(account: Point) -> Point:
    """Return the account as the service is asked about it."""
    return {"id": "A1", "currency": CURRENCY, **account}


def _describe(rules: Sequence[Rule], dimensions: Dimensions) -> list[Region]:
    return [region_of(rule.sides, dimensions) for rule in rules]


def _ask_zen(engine: zen.ZenEngine) -> Decide:
    evaluate = engine.evaluate

    def decide(account: Point) -> int | None:
        found: int | None = evaluate("rules", account)["result"].get("rule")  # type: ignore[arg-type] # it is a dict
        return found

    return decide
