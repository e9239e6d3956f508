"""Random tables, with the rules that they stand for (language.md 8a)."""

import random
from collections.abc import Callable
from typing import Any

from tests.oracle.generate_facts import Palette

BARE_DASH = "BARE-DASH"  # a cell that leaves its key out; a plain "-" is the word, and is written in quotes
NO_CELL = 0.3
FACTS = ("segment", "customer_value", "days_overdue", "failed_attempts", "plan", "vip", "open_balance", "tags")
CHANNELS: tuple[Any, ...] = ("email", ["phone", "email"], ["letter"], "sms", ["sms", "letter", "email"])


class Row(list[Any]):
    """A row of a table, which is written on one line."""


def random_table(
    rng: random.Random,
    palette: Palette,
    model: dict[str, Any],
    name: str,
    bound: Callable[[dict[str, Any]], dict[str, Any]],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Make a table of two to four rows after the model of a rule, and the rules it stands for."""
    count = rng.randint(2, 4)
    shared = {key: value for key, value in model.items() if key != "id"}
    when, then = dict(shared.get("when", {})), dict(shared["then"])
    columns: dict[str, list[Any]] = {"id": rng.sample(["low", "high", "a", "b-2", "-"], count)}
    for fact in rng.sample(FACTS, rng.randint(1, 2)):
        if fact not in when:
            columns[fact] = [_cell(rng, palette.test(fact)) for _ in range(count)]
    for named in sorted(palette.named)[:1]:
        if named not in when and rng.random() < 0.3:
            columns[named] = [_cell(rng, rng.random() < 0.5) for _ in range(count)]
    if "level" in shared and rng.random() < 0.6:
        level = shared.pop("level")
        columns["level"] = [_cell(rng, max(1, level + rng.choice((-1, 0, 0, 1)))) for _ in range(count)]
    for key in bound(model):
        if rng.random() < 0.3:
            shared.pop(key, None)
            columns[key] = [_cell(rng, bound(model)[key]) for _ in range(count)]
    if "channel" in then and then["action"] != "place_call" and rng.random() < 0.5:
        del then["channel"]
        columns["channel"] = [rng.choice(CHANNELS) for _ in range(count)]
    if "template" not in then and "channel" in {*then, *columns}:
        columns["template"] = [_cell(rng, f"c.{number}") for number in range(count)]
    names = list(columns)
    rng.shuffle(names)
    rows = [Row(columns[column][number] for column in names) for number in range(count)]
    table = {"table": name, **shared, "when": when, "then": then, "columns": names, "rows": rows}
    return table, [_write_out(table, row) for row in rows]


def _cell(rng: random.Random, value: Any) -> Any:
    return BARE_DASH if rng.random() < NO_CELL else value


def _write_out(table: dict[str, Any], row: Row) -> dict[str, Any]:
    """Return the rule of a row."""
    rule = {key: value for key, value in table.items() if key not in ("table", "columns", "rows")}
    rule |= {"when": dict(table["when"]), "then": dict(table["then"])}
    for column, cell in zip(table["columns"], row, strict=True):
        if cell == BARE_DASH:
            continue
        if column in ("level", "repeat", "after"):
            rule[column] = cell
        elif column == "id":
            rule["id"] = f"{table['table']}-{cell}"
        else:
            rule["then" if column in ("channel", "template") else "when"][column] = cell
    return rule
