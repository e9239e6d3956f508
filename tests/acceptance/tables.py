"""The acceptance tables as rulesets of ours: each column a custom fact, each row a rule, stateless, first match."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import msgspec

_DATA = Path(__file__).parent / "data"
_MOST_PLACES = 6
_SIX_PLACES = Decimal("0.000001")
_OPERATORS = {"!=": "not", "<": "less_than", "<=": "at_most", ">": "more_than", ">=": "at_least"}
_TCK_COMPARISON = re.compile(r"(?P<op>[<>]=?)(?P<number>-?[\d.]+|date\(\"[\d-]+\"\))")


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What one row asks of one column: any of the alternatives, each a list of tests ``(operator, constant)``."""

    alternatives: tuple[tuple[tuple[str, Any], ...], ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A first-hit table; a cell of None asks nothing."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | None, ...], ...]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An input of a table and the row that wins."""

    table: str
    inputs: dict[str, Any]
    row: int


def read_zen_tables() -> dict[str, Table]:
    """Return the 160 tables of gorules/zen by name."""
    found = {}
    for line in _lines("zen_tables.jsonl"):
        rows = tuple(tuple(_zen_cell(cell) for cell in row) for row in line["rules"])
        found[line["table"]] = Table(name=line["table"], columns=tuple(line["inputs"]), rows=rows)
    return found


def read_zen_cases() -> list[Case]:
    """Return the 190 traced cases of gorules/zen."""
    return [Case(table=line["table"], inputs=line["input"], row=line["row"]) for line in _lines("zen_traced.jsonl")]


def read_tck_cases() -> list[tuple[Table, Case]]:
    """Return the 28 cases of the DMN test kit, each with its table."""
    found = []
    for line in _lines("tck_tables.jsonl"):
        rows = tuple(tuple(_tck_cell(cell) for cell in row) for row in line["cells"])
        table = Table(name=line["file"], columns=tuple(line["inputs"]), rows=rows)
        found.append((table, Case(table=table.name, inputs=line["inputs"], row=line["first_hit_row"])))
    return found


def write_ruleset(table: Table, *, is_optional: bool = True) -> str:
    """Write a table as a ruleset; with ``is_optional`` false every input must be given."""
    lines = ["ruleset: acceptance", f"title: {json.dumps(table.name)}", "currency: EUR", "timezone: UTC"]
    lines += ["stateless: true", "facts:"]
    for index, column in enumerate(table.columns):
        declared = {**_declare(table, index), "about": column}
        lines.append(f"  {fact_name(index)}: {json.dumps(declared | ({'optional': True} if is_optional else {}))}")
    lines.append("rules:")
    for number, row in enumerate(table.rows):
        when = {
            fact_name(index): _write_cell(cell, _kind_of(table, index))
            for index, cell in enumerate(row)
            if cell is not None
        }
        then = {"action": "raise_event", "name": rule_name(number)}
        lines.append(f"  - {{id: {rule_name(number)}, when: {json.dumps(when)}, then: {json.dumps(then)}}}")
    return "\n".join([*lines, ""])


def write_account(table: Table, inputs: dict[str, Any]) -> dict[str, Any]:
    """Write an input as an account; a null input is a fact left out."""
    account: dict[str, Any] = {"id": "A", "currency": "EUR"}
    for index, column in enumerate(table.columns):
        value = inputs.get(column)
        if value is not None:
            account[fact_name(index)] = _write_value(value, _kind_of(table, index))
    return account


def fact_name(index: int) -> str:
    """Name a column's fact; a column's own name may be one of the vocabulary."""
    return f"column_{index}"


def rule_name(row: int) -> str:
    """Name a row's rule."""
    return f"row-{row}"


def _lines(file: str) -> Iterator[dict[str, Any]]:
    for line in (_DATA / file).read_text(encoding="utf-8").splitlines():
        yield json.loads(line, parse_float=Decimal)


def _zen_cell(cell: dict[str, Any] | None) -> Cell | None:
    if cell is None:
        return None
    return Cell(alternatives=tuple(_zen_tests(alternative) for alternative in cell["any_of_all_of"]))


def _zen_tests(alternative: list[dict[str, Any]]) -> tuple[tuple[str, Any], ...]:
    found: list[tuple[str, Any]] = []
    for test in alternative:
        if test["op"] == "range":
            found.append((">=" if test["lo_incl"] else ">", test["lo"]["number"]))
            found.append(("<=" if test["hi_incl"] else "<", test["hi"]["number"]))
        else:
            found.append((test["op"], next(iter(test["v"].values()))))
    return tuple(found)


def _tck_cell(text: str) -> Cell | None:
    if text == "-":
        return None
    comparison = _TCK_COMPARISON.fullmatch(text)
    if comparison is not None:
        return Cell(alternatives=(((comparison["op"], _tck_number(comparison["number"])),),))
    if text in {"true", "false"}:
        return Cell(alternatives=((("=", text == "true"),),))
    return Cell(alternatives=tuple((("=", json.loads(word)),) for word in text.split(",")))


def _tck_number(text: str) -> Decimal:
    """Return a constant; a date is its number of days, which keeps the order."""
    if text.startswith("date"):
        return Decimal(dt.date.fromisoformat(text[len('date("') : -len('")')]).toordinal())
    return Decimal(text)


def _kind_of(table: Table, index: int) -> type:
    """Return the type of a column's constants; a column that no row asks about is a word."""
    for row in table.rows:
        cell = row[index]
        if cell is not None:
            return type(cell.alternatives[0][0][1])
    return str


def _declare(table: Table, index: int) -> dict[str, Any]:
    kind = _kind_of(table, index)
    if kind is Decimal:
        return {"type": "decimal", "places": _MOST_PLACES}
    return {"type": "boolean" if kind is bool else "text"}


def _write_cell(cell: Cell, kind: type) -> Any:
    if len(cell.alternatives) == 1 and cell.alternatives[0][0][0] != "=":
        return {_OPERATORS[operator]: _write_value(value, kind) for operator, value in cell.alternatives[0]}
    return [_write_item(tests, kind) for tests in cell.alternatives]


def _write_item(tests: tuple[tuple[str, Any], ...], kind: type) -> Any:
    """Write a value, or a half-open range that ends on the last number of six places before it."""
    ((operator, value),) = tests
    if operator == "=":
        return _write_value(value, kind)
    nearest = value + _SIX_PLACES * {">": 1, "<": -1}.get(operator, 0)
    number = _write_value(nearest, kind)
    return f"{number}.." if operator in {">", ">="} else f"..{number}"


def _write_value(value: Any, kind: type) -> Any:
    """Write a constant or input; numbers as quoted digits, cut off after six places, far from every threshold."""
    if kind is bool:
        return value
    if kind is str:
        return str(value)
    if isinstance(value, str):
        return str(dt.date.fromisoformat(value).toordinal())
    return format(Decimal(value).quantize(_SIX_PLACES, rounding=ROUND_FLOOR).normalize(), "f")
