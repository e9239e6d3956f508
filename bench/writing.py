"""The same rules written for each contestant: regions, a decision table, a ruleset in YAML, Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bench.sample import Rule
from engine.conditions.sets import BooleanSet, Dimension, IntegerSet, ValueSet

# A currency without minor units, so that amounts are whole numbers for everyone.
CURRENCY = "JPY"


def write_table(rules: Sequence[Rule], dimensions: Mapping[str, Dimension]) -> dict[str, object]:
    """Return zen-engine's decision table, "first" its hit policy; a blank cell is any value."""
    rows: list[dict[str, str]] = [
        {
            "_id": f"row-{number}",
            **{key: _write_cell(rule.sides.get(key), dimension) for key, dimension in dimensions.items()},
            "rule": str(number),
        }
        for number, rule in enumerate(rules)
    ]
    return join_table(list(dimensions), rows)


def join_table(inputs: Sequence[str], rows: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """Return a decision table of some rows, the first of which that fits gives the rule."""
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": key, "name": key, "field": key} for key in inputs],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": [{**dict.fromkeys(inputs, ""), **row} for row in rows],
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


def _write_cell(values: ValueSet | None, dimension: Dimension) -> str:
    if values is None:
        return ""
    if isinstance(values, BooleanSet):
        return "true" if True in values.values else "false"
    if isinstance(values, IntegerSet):
        ((low, high),) = values.intervals
        if low is None:
            return f"<= {high}"
        return f">= {low}" if high is None else f"[{low}..{high}]"
    quoted = ", ".join(f'"{word}"' for word in sorted(values.words))
    if not values.cofinite:
        return quoted
    # The negation of a missing fact is false; only where one can be missing does that need saying.
    return f"$ != null and $ not in [{quoted}]" if dimension.universe.missing else f"not in [{quoted}]"


def write_ruleset(rules: Sequence[Rule]) -> str:
    """Return the stateless ruleset; its rules are called r0, r1 and so on."""
    head = f"ruleset: bench\ntitle: Bench\ncurrency: {CURRENCY}\ntimezone: UTC\nstateless: true\nrules:\n"
    return head + "".join(
        f"  - {{id: r{number}, when: {{{_write_when(rule)}}}, then: {{action: raise_event, name: r{number}}}}}\n"
        for number, rule in enumerate(rules)
    )


def _write_when(rule: Rule) -> str:
    return ", ".join(f"{key}: {_write_test(values)}" for key, values in rule.sides.items())


def _write_test(values: ValueSet) -> str:
    if isinstance(values, BooleanSet):
        return "true" if True in values.values else "false"
    if isinstance(values, IntegerSet):
        ((low, high),) = values.intervals
        return f"{'' if low is None else low}..{'' if high is None else high}"
    listed = f"[{', '.join(sorted(values.words))}]"
    return f"{{not: {listed}}}" if values.cofinite else listed


def write_chain(rules: Sequence[Rule], dimensions: Mapping[str, Dimension]) -> str:
    """Return a Python function of one `if` after another, nothing checked."""
    lines = ["def decide(account):", "    get = account.get"]
    lines += [f"    {key} = get({key!r})" for key in dimensions]
    for number, rule in enumerate(rules):
        tests = " and ".join(_write_python(key, values, dimensions[key]) for key, values in rule.sides.items())
        lines.append(f"    if {tests}: return {number}")
    return "\n".join([*lines, "    return None"])


def _write_python(key: str, values: ValueSet, dimension: Dimension) -> str:
    present = f"{key} is not None and " if dimension.universe.missing else ""
    if isinstance(values, BooleanSet):
        return f"{key} is {True in values.values}"
    if isinstance(values, IntegerSet):
        ((low, high),) = values.intervals
        return present + f"{'' if low is None else f'{low} <= '}{key}{'' if high is None else f' <= {high}'}"
    listed = sorted(values.words)
    if len(listed) == 1:
        return f"{present if values.cofinite else ''}{key} {'!=' if values.cofinite else '=='} {listed[0]!r}"
    return f"{present if values.cofinite else ''}{key} {'not in' if values.cofinite else 'in'} {tuple(listed)!r}"


def encode(document: object) -> str:
    """Return the JSON of a document."""
    return msgspec.json.encode(document).decode()
