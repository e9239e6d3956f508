"""A CSV file of what was counted of an experiment, day by day."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import rich_click as click

from engine.recovery.counting import Begun
from engine.recovery.judging import Counted
from engine.recovery.planning import Plan

_NEEDED = ("day", "group", "accounts", "paid")
_GUARDRAILS = ("complained", "contacts")


def read_daily(path: Path, plan: Plan) -> tuple[Begun, ...]:
    """Read the accounts that began on each day, and what came of them; a line is refused with its number."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            return tuple(_read_lines(csv.DictReader(file), path, plan))
        except (UnicodeDecodeError, csv.Error) as error:
            raise click.UsageError(f"{path} is no CSV file: {error}.") from None


def _read_lines(reader: "csv.DictReader[str]", path: Path, plan: Plan) -> Iterator[Begun]:
    lacking = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if lacking:
        raise click.UsageError(f"{path} has no column {lacking[0]}; its first line names {', '.join(_NEEDED)}.")
    names = [group.name for group in plan.groups]
    seen: set[tuple[int, str]] = set()
    for line in reader:
        place = f"{path}, line {reader.line_num}"
        if line["group"] not in names:
            raise click.UsageError(
                f"{place}: the groups of {plan.experiment} are {', '.join(names)}, not “{line['group']}”."
            )
        found = {name: _read_number(line, name, place) for name in ("day", "accounts", "paid")}
        more = {name: _read_number(line, name, place) for name in _GUARDRAILS if line.get(name)}
        for name in ("paid", "complained"):
            if {**found, **more}.get(name, 0) > found["accounts"]:
                raise click.UsageError(f"{place}: more {name} than there are accounts.")
        if (found["day"], line["group"]) in seen:
            raise click.UsageError(f"{place}: day {found['day']} of {line['group']} is there twice.")
        seen.add((found["day"], line["group"]))
        counted = Counted(name=line["group"], accounts=found["accounts"], paid=found["paid"], **more)
        yield Begun(day=found["day"], counted=counted)


def _read_number(line: Mapping[str, str | None], name: str, place: str) -> int:
    text = (line[name] or "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 16):  # noqa: PLR2004  what adds up without loss anywhere
        raise click.UsageError(f"{place}: {name} is a whole number from 0 on, not “{text}”.")
    return int(text)
