"""What was counted of an experiment, day by day: out of accounts, and as a CSV file."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import rich_click as click

from api.debtors import stream_stored
from cli.auditing import note_access, with_store
from cli.debtorfiles import read_debtor_files
from cli.options import LogOptions
from engine.model.account import AccountInvalid
from engine.model.ruleset import HOLD_OUT, Experiment
from engine.recovery.beginning import Trial, add_up, find_beginning
from engine.recovery.counting import Begun
from engine.recovery.judging import Counted
from engine.recovery.planning import Plan
from store.recovery import open_source
from store.store import Store

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


def count_files(trial: Trial, paths: Sequence[Path], zone: ZoneInfo) -> tuple[list[Begun], int]:
    """Count the accounts of some files, and how many cannot be read."""
    begun, refused_count = [], 0
    for _, debtors in read_debtor_files(paths, zone):
        if isinstance(debtors, AccountInvalid):
            refused_count += 1
        elif (found := find_beginning(trial, debtors)) is not None:
            begun.append(found)
    return begun, refused_count


def count_stored(trial: Trial, ruleset_id: str, options: LogOptions, context: click.Context) -> tuple[list[Begun], int]:
    """Count the stored accounts that a ruleset answered about last, and how many of them cannot be read."""

    async def count(store: Store) -> tuple[list[Begun], int]:
        await note_access(store, context, f"{ruleset_id} {trial.experiment.id}")
        begun, refused_count = [], 0
        async with open_source(store.database.url) as source:
            async for account, debtors in stream_stored(source):
                if account.ruleset_id != ruleset_id:
                    continue
                if isinstance(debtors, AccountInvalid):
                    refused_count += 1
                elif (found := find_beginning(trial, debtors)) is not None:
                    begun.append(found)
        return begun, refused_count

    return with_store(options, count)


def write_daily(begun: Sequence[Begun], experiment: Experiment) -> str:
    """Write what `read_daily` reads: a line for each day and group."""
    names = (HOLD_OUT, *(name for name in experiment.names if name != HOLD_OUT))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("day", "group", "accounts", "paid", *_GUARDRAILS))
    for each in add_up(begun, names):
        found = each.counted
        writer.writerow((each.day, found.name, found.accounts, found.paid, found.complained, found.contacts))
    return written.getvalue()
