"""Tables of rules, written out as the rules they stand for (language.md 8a)."""

from typing import Any

import yaml

from tests.oracle.vocabulary import STANDARD

RULE_COLUMNS = ("id", "title", "level", "after", "repeat")
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class QuotedDash(str):
    """A `-` in quotes: the word, where a bare one leaves the key out."""

    __slots__ = ()


class Loader(_Loader):  # type: ignore[misc]  # one of two classes of the library
    """Reads every scalar as a string, and remembers of a `-` that it was quoted."""

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        """Make the string."""
        return (
            QuotedDash("-") if node.value == "-" and node.style in ("'", '"') else str(super().construct_scalar(node))
        )


def write_out(doc: dict[str, Any], shared_facts: dict[str, Any]) -> dict[str, Any]:
    """Return the document with a rule in the place of each row, and the rules of a table where one is named."""
    in_when = STANDARD.keys() | shared_facts.keys() | doc.get("facts", {}).keys() | doc.get("conditions", {}).keys()
    rules: list[dict[str, Any]] = []
    tables: dict[str, list[str]] = {}
    for item in doc.get("rules", []):
        if "table" in item:
            rows = [_row(item, number, cells, in_when) for number, cells in enumerate(item.get("rows", []), 1)]
            tables[item["table"]] = [row["id"] for row in rows]
            rules += rows
        else:
            rules.append(item)
    return {**doc, "rules": [_name_rows(rule, tables) for rule in rules]}


def _row(table: dict[str, Any], number: int, cells: list[Any], in_when: set[str]) -> dict[str, Any]:
    rule = {key: value for key, value in table.items() if key not in ("table", "columns", "rows")}
    rule |= {"id": str(number), "when": dict(table.get("when") or {}), "then": dict(table.get("then") or {})}
    for column, cell in zip(table["columns"], cells, strict=True):
        if cell == "-" and not isinstance(cell, QuotedDash):
            continue
        if column in RULE_COLUMNS:
            rule[column] = cell
        elif column in in_when:
            rule["when"][column] = cell
        else:
            rule["then"][column.removeprefix("then.")] = cell
    rule["id"] = f"{table['table']}-{rule['id']}"
    return rule


def _name_rows(rule: dict[str, Any], tables: dict[str, list[str]]) -> dict[str, Any]:
    """Name the rows where the rule names their table; `after` then holds a list of rules."""
    named = dict(rule)
    if "after" in rule:
        parts = rule["after"] if isinstance(rule["after"], list) else [rule["after"]]
        named["after"] = [
            {**part, "rule": tables.get(part["rule"], [part["rule"]])} if "rule" in part else part for part in parts
        ]
    if "undoes" in rule:
        named["undoes"] = [row for name in rule["undoes"] for row in tables.get(name, [name])]
    return named
