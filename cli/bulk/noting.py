"""A run as a line of the log: what it was carried out with, on what, and what came of it."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal

import msgspec
from pyarrow import fs

from cli.bulk.beginning import Asked
from cli.bulk.places import find_place
from cli.bulk.plan import Input, Plan, RunRefused
from cli.bulk.tally import Tally, join_lines
from cli.bulk.workfolder import WorkFolder
from cli.bulk.writing import write_amount
from store.loglines import RunLine

_CHUNK = 16 * 1024 * 1024
_ACT = "act"


def hash_run(folder: WorkFolder, plan: Plan) -> str:
    """Return what names a run: the hash of its plan and of all its decisions as they were written.

    It is kept, for once the parts are placed they may be gone from here. Raises RunRefused where it cannot be told.
    """
    if (known := folder.read_hash()) is not None:
        return known
    try:
        found = _hash_parts(folder, plan)
    except FileNotFoundError:
        raise RunRefused("The decisions were placed before --log was asked for; begin anew with --overwrite.") from None
    folder.keep_hash(found)
    return found


def _hash_parts(folder: WorkFolder, plan: Plan) -> str:
    whole = hashlib.sha256(msgspec.json.encode(plan))
    for unit in plan.units:
        whole.update(hashlib.sha256(folder.part_of(unit, plan.form).read_bytes()).digest())
    return whole.hexdigest()


def list_inputs(plan: Plan, asked: Asked) -> str:
    """Return the hash of every file that was read, as `sha256sum` lists them."""
    return "".join(f"{digest}  {path}\n" for digest, path in _hash_inputs(plan, asked))


def write_line(
    at: dt.datetime, plan: Plan, tally: Tally, *, subject: str, inputs: str, actor: str, name: str
) -> RunLine:
    """Return the line of a run."""
    outcomes = tally.lines.get("outcome", {})
    acts = join_lines(line for outcome, line in outcomes.items() if outcome == _ACT)
    return RunLine(
        at=at,
        subject=subject,
        track=plan.track,
        as_of=plan.as_of,
        rulesets=dict(sorted(plan.rulesets.items())),
        inputs=hashlib.sha256(inputs.encode()).hexdigest(),
        inputs_count=inputs.count("\n"),
        accounts_count=tally.rows_count,
        refused_count=tally.refused_count,
        outcomes={outcome: line.count for outcome, line in sorted(outcomes.items())},
        claimed=_write_amounts(acts.claimed),
        fees=_write_amounts(acts.fees),
        actor=actor,
        name=name,
    )


def _write_amounts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {code: write_amount(amount, code) for code, amount in sorted(amounts.items())}


def _hash_inputs(plan: Plan, asked: Asked) -> Iterator[tuple[str, str]]:
    system = find_place(asked.accounts).system
    yield from ((_hash_file(system, source), source.path) for source in plan.inputs)
    for name, beside in plan.beside.items():
        system = find_place(asked.beside[name]).system
        yield from ((_hash_file(system, source), source.path) for source in beside.inputs)


def _hash_file(system: fs.FileSystem, source: Input) -> str:
    whole = hashlib.sha256()
    with system.open_input_stream(source.path, compression=None) as stream:
        while chunk := stream.read(_CHUNK):
            whole.update(chunk)
    return whole.hexdigest()
