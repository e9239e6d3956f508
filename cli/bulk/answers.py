"""What --out and --accounts name: files, folders, object stores, tables, and the service's own accounts."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import rich_click as click

from cli.auditing import note_access, with_store
from cli.bulk.beginning import Asked, find_wanted, refuse_misfits
from cli.bulk.decisionlogging import keep_known_erasures
from cli.bulk.finishing import Answer, FileAnswer
from cli.bulk.noting import hash_run, list_inputs, write_line
from cli.bulk.places import find_place, form_of
from cli.bulk.plan import Form, Plan, RunRefused
from cli.bulk.tables import STORED, TableAnswer, TableName, copy_stored, copy_table, find_table, read_table_schema
from cli.bulk.tally import Tally
from cli.bulk.workfolder import WorkFolder
from cli.bulk.writing import write_bytes
from cli.options import LogOptions
from cli.users import find_user, name_actor
from engine.evaluation.program import Compiled
from engine.evaluation.rulesets import Rulesets
from engine.portfolio.misfits import find_misfits
from store.runlog import log_run
from store.store import Store

Note = Callable[[WorkFolder, Plan, Asked, Tally], None]


def find_answer(out: str, refused: Path | None, report: Path | None = None) -> tuple[Answer, Path]:
    """Return where decisions go, and the path beside which everything else of the run stands.

    For what is no file of this machine that is a name in the folder where the run is begun.
    """
    table = find_table(out)
    if table is not None:
        path = Path(table.table).absolute()
        return TableAnswer(name=table, refused=refused or _add(path, ".refused.csv")), path
    place = find_place(out)
    path = Path(place.path) if place.system.type_name == "local" else Path(Path(place.path).name).absolute()
    return FileAnswer(out=place, refused=refused or _add(path, ".refused.csv"), report=report), path


def find_form(answer: Answer, to: Form | None) -> Form:
    """Return the form of the decisions: what the name of a file tells, else what is asked for."""
    if isinstance(answer, TableAnswer):
        if to is not None:
            raise RunRefused("A table has no form; leave --to out.")
        return "parquet"
    named = form_of(answer.out.path) if isinstance(answer, FileAnswer) else None
    if named is not None and to not in {None, named}:
        raise RunRefused(f"{answer.shown} is a file of {named}; leave --to out, or name a folder.")
    return named or to or "parquet"


def find_fetch(
    accounts: str, leave_out: Sequence[str], rulesets: Iterable[Compiled], context: click.Context, options: LogOptions
) -> Callable[[Path], None] | None:
    """Return what copies the accounts of a database into a file, None where they are files."""
    if accounts == STORED:
        return partial(_fetch_stored, context, options)
    table = find_table(accounts)
    return None if table is None else partial(_fetch_table, table, leave_out, rulesets)


def name_source(accounts: str) -> str:
    """Return how accounts of a database are named in what is printed."""
    table = find_table(accounts)
    return "the stored accounts" if table is None else table.shown


def _fetch_table(table: TableName, leave_out: Sequence[str], rulesets: Iterable[Compiled], path: Path) -> None:
    columns = read_table_schema(table)
    kept = pa.schema([field for field in columns if field.name not in leave_out])
    refuse_misfits(find_misfits(kept, find_wanted(Rulesets(rulesets))), table.shown)
    copy_table(table, path, without=leave_out)


def _fetch_stored(context: click.Context, options: LogOptions, path: Path) -> None:
    async def work(store: Store) -> None:
        await note_access(store, context, f"--accounts {STORED}")
        keep_known_erasures(store, path.parent)
        await copy_stored(store, path)

    with_store(options, work)


def find_note(path: Path, options: LogOptions) -> Note:
    """Return what logs a run in the database of the service, and lists the hashes of what it read beside the answer."""

    def note(folder: WorkFolder, plan: Plan, asked: Asked, tally: Tally) -> None:
        inputs, subject = list_inputs(plan, asked), hash_run(folder, plan)
        write_bytes(_add(path, ".inputs.sha256"), inputs.encode())
        log_line(options, plan, tally, subject=subject, inputs=inputs)

    return note


def log_line(options: LogOptions, plan: Plan, tally: Tally, *, subject: str, inputs: str) -> None:
    """Log a run in the database of the service."""
    write = partial(
        write_line, plan=plan, tally=tally, subject=subject, inputs=inputs, actor=name_actor(), name=find_user()
    )
    with_store(options, lambda store: log_run(store.database, subject, write))


def _add(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
