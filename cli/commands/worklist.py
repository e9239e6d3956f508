"""`dunning worklist`: what is to be done for stored accounts, on a terminal."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import msgspec
import rich_click as click

from cli.auditing import describe_filters, note_access, with_store
from cli.options import LogOptions, store_options
from engine.model.money import exponent
from store.identifiers import is_id
from store.store import Store
from store.worklist import State, WorkFilter, WorkItem

_PAGE = 1000
_SHAPES = ("table", "csv", "json")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?", re.ASCII)
_HEADS = (
    "account",
    "state",
    "action",
    "channel",
    "scheduled_for",
    "to_be_collected",
    "claim",
    "currency",
    "rule",
    "promised_by",
    "assigned_to",
    "reason",
    "decision_id",
)


def _read_run(text: str) -> str:
    """Read the id of a run."""
    if not is_id(text):
        raise click.BadParameter(f"{text!r} is no id of a run, such as POST /v1/runs answers")
    return text


def _read_amount(text: str) -> Decimal:
    """Read a plain amount."""
    if not _AMOUNT.fullmatch(text):
        raise click.BadParameter(f"{text!r} is not an amount such as 49.95")
    return Decimal(text)


@click.command("worklist")
@store_options
@click.option("--state", type=click.Choice(get_args(State)), help="Those that stand so.")
@click.option("--action", help="Actions of this type.")
@click.option("--channel", help="Those by this channel.")
@click.option("--ruleset", "ruleset_id", help="Those that this ruleset asks for.")
@click.option("--rule", help="Those that this rule asks for.")
@click.option("--assigned-to", help="Those that are assigned to this one.")
@click.option("--run", "run_id", metavar="ID", type=_read_run, help="Those that this run released.")
@click.option("--min-amount", type=_read_amount, help="At least so much is to be collected.")
@click.option("--format", "shape", type=click.Choice(_SHAPES), default="table", help="How it is printed.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    database_url: str | None,
    data: Path,
    shape: str,
    **filters: Any,  # noqa: ANN401  whatever click hands over
) -> None:
    """List what is to be done for stored accounts: most money to be collected first, then what is owed longest.

    It reads the database itself and needs no server; that it was read is put into the access log.
    """
    wanted = WorkFilter(**filters)

    async def read(store: Store) -> list[WorkItem]:
        await note_access(store, context, describe_filters(**filters))
        now, found, cursor = dt.datetime.now(dt.UTC), list[WorkItem](), None
        while True:
            page = await store.worklist.list(wanted, now=now, cursor=cursor, limit=_PAGE)
            found += page.items
            if page.next_cursor is None:
                return found
            cursor = page.next_cursor

    options = LogOptions(database_url=database_url, data=data, log_key=None, log_key_file=None)
    rows = [_write(item) for item in with_store(options, read)]
    if shape == "json":
        click.echo(msgspec.json.encode([dict(zip(_HEADS, row, strict=True)) for row in rows]).decode())
    elif shape == "csv":
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows([_HEADS, *rows])
        click.echo(written.getvalue(), nl=False)
    else:
        for line in _lay_out([tuple(head.replace("_", " ") for head in _HEADS), *rows]):
            click.echo(line)
        click.echo(f"{len(rows):,} to be done." if rows else "Nothing is to be done.", err=True)


def _write(item: WorkItem) -> tuple[str, ...]:
    """Write the cells of an item; what it has not is empty."""
    cells = (
        item.account_id,
        item.state,
        item.action,
        item.channel,
        item.scheduled_for and item.scheduled_for.isoformat(timespec="minutes"),
        _write_amount(item.collectable, item.currency),
        _write_amount(item.claim, item.currency),
        item.currency,
        item.rule,
        item.promised_by,
        item.assigned_to,
        item.reason,
        item.decision_id,
    )
    return tuple("" if cell is None else f"{cell}" for cell in cells)


def _write_amount(amount: Decimal | None, currency: str | None) -> str:
    return "" if amount is None or currency is None else f"{amount:.{exponent(currency)}f}"


def _lay_out(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
