"""Conditions as plain functions of the facts (language.md 4).

The facts are a mapping of name to value in which a missing fact has no entry; the variant of an
experiment stands in it under `experiment:<id>`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.oracle.values import NUMERIC, Value, amount_in, places_of, scale, value_written
from tests.oracle.vocabulary import Declaration

Facts = Mapping[str, Any]
Condition = Callable[[Facts], bool]
Test = Callable[[Any], bool]

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?")
_ORDERINGS: dict[str, Callable[[int], Test]] = {
    "at_least": lambda bound: lambda value: bool(value >= bound),
    "at_most": lambda bound: lambda value: bool(value <= bound),
    "more_than": lambda bound: lambda value: bool(value > bound),
    "less_than": lambda bound: lambda value: bool(value < bound),
}


class Scope:
    """What a condition's words mean in one ruleset in one currency; gathers which facts are used."""

    def __init__(self, declarations: dict[str, Declaration], named: dict[str, Any], currency: str) -> None:
        self.declarations = declarations
        self.named = named
        self.currency = currency
        self.used: set[str] = set()
        self.experiments: set[str] = set()

    def condition(self, node: Any) -> Condition:
        """A `when:` mapping: all entries must hold."""
        entries = [self._entry(key, test) for key, test in (node or {}).items()]
        if len(entries) == 1:
            return entries[0]
        return lambda facts: all(entry(facts) for entry in entries)

    def _entry(self, key: str, node: Any) -> Condition:
        if key == "any":
            parts = [self.condition(part) for part in node]
            return lambda facts: any(part(facts) for part in parts)
        if key == "none":
            parts = [self.condition(part) for part in node]
            return lambda facts: not any(part(facts) for part in parts)
        if key == "experiment":
            return self._experiment(node)
        if key in self.named:
            inner = self.condition(self.named[key])
            return inner if node == "true" else lambda facts: not inner(facts)
        return self._fact(key, node)

    def _experiment(self, node: dict[str, Any]) -> Condition:
        wanted = {f"experiment:{key}": value if isinstance(value, list) else [value] for key, value in node.items()}
        self.experiments |= set(node)
        return lambda facts: all(facts[key] in variants for key, variants in wanted.items())

    def _fact(self, name: str, node: Any) -> Condition:
        declaration = self.declarations[name]
        self.used.add(name)
        if isinstance(node, dict) and "is" in node:
            present = node["is"] == "present"
            if declaration.type == "set":
                return lambda _: present
            return lambda facts: (name in facts) == present
        test = self._set_test(node) if declaration.type == "set" else self._test(declaration, node)
        return lambda facts: name in facts and test(facts[name])

    def _set_test(self, node: Any) -> Test:
        if isinstance(node, dict):
            every, never = frozenset(node.get("all", [])), frozenset(node.get("none", []))
            return lambda value: every <= value and not never & value
        wanted = frozenset(node if isinstance(node, list) else [node])
        return lambda value: bool(wanted & value)

    def _test(self, declaration: Declaration, node: Any) -> Test:
        if isinstance(node, list):
            parts = [self._test(declaration, item) for item in node]
            return lambda value: any(part(value) for part in parts)
        if isinstance(node, dict) and not self._is_amount(declaration, node):
            parts = [self._comparison(declaration, key, item) for key, item in node.items()]
            return lambda value: all(part(value) for part in parts)
        if declaration.type in NUMERIC and isinstance(node, str) and (span := _RANGE.fullmatch(node)):
            places = places_of(declaration, self.currency)
            low, high = (None if end is None else scale(end, places) for end in span.groups())
            return lambda value: (low is None or value >= low) and (high is None or value <= high)
        wanted: Value = value_written(declaration, node, self.currency)
        return lambda value: bool(value == wanted)

    def _is_amount(self, declaration: Declaration, node: dict[str, Any]) -> bool:
        return declaration.type == "amount" and self.currency in node

    def _comparison(self, declaration: Declaration, key: str, node: Any) -> Test:
        if key == "not":
            inner = self._test(declaration, node)
            return lambda value: not inner(value)
        places = places_of(declaration, self.currency)
        bound = amount_in(node, self.currency) if declaration.type == "amount" else scale(node, places)
        return _ORDERINGS[key](bound)
