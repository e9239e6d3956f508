"""A run from its first unit to its answer: alone, with processes of its own, or with others who joined."""

import contextlib
import datetime as dt
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import msgspec

from cli.bulk.beginning import Asked, check_alike, make_plan
from cli.bulk.carrying import Advance, Carrier
from cli.bulk.finishing import Answer, finish
from cli.bulk.noting import hash_run
from cli.bulk.plan import Plan, RunRefused
from cli.bulk.tally import Tally, join_tallies
from cli.bulk.workfolder import Record, WorkFolder
from cli.options import LogOptions
from engine.evaluation.rulesets import Rulesets

Watch = Callable[[Plan, int], contextlib.AbstractContextManager[Advance]]
"""Shows how far a run has come: told the plan and how many accounts are done, it is then told of each further one."""

_STOPPED = "A process of the run was ended from outside. What is done is kept: run the same command again to go on."

_WORTH_A_POOL = 2  # units


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is carried out; nothing here changes its bytes.

    ``fetch`` copies the accounts of a database into a file, from which they are read; ``note`` logs the run, and
    ``log`` says where every decision is logged.
    """

    folder: Path
    rulesets: Path
    workers: int
    fetch: Callable[[Path], None] | None
    note: Callable[[WorkFolder, Plan, Asked, Tally], None] | None
    log: LogOptions | None = None
    is_joining: bool
    begins_anew: bool


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is over; ``units_kept`` were done before it was stopped, or by others.

    ``lost`` counts the rows of files beside the accounts that belong to none of them.
    """

    plan: Plan
    tally: Tally
    units_kept: int
    lost: dict[str, int] = {}


def run(course: Course, asked: Asked, answer: Answer, rulesets: Rulesets, watch: Watch) -> Ran:
    """Carry a run out, or on, until its answer stands; RunRefused where it cannot be."""
    folder = WorkFolder(course.folder)
    is_new = not (course.folder / "plan.json").exists()
    if is_new and answer.is_there and not course.begins_anew:
        raise RunRefused(f"{answer.shown} is there already; give another --out, or replace it by --overwrite.")
    if course.begins_anew and (obstacle := answer.find_obstacle()) is not None:
        raise RunRefused(f"{answer.shown} {obstacle}.")
    plan = None
    folder.make(is_private=course.fetch is not None)  # a copy of all accounts is nobody else's to read
    folder.enter(is_joining=course.is_joining)
    try:
        if course.fetch is not None:
            asked = _fetch(folder, course.fetch, asked, begins_anew=course.begins_anew)
        plan = _begin(course, folder, make_plan(asked, rulesets, dt.datetime.now(dt.UTC)), asked)
        kept = [record for record in folder.read_records(plan) if record is not None]
        done = {record.unit for record in kept}
        with watch(plan, sum(unit.rows_count for unit in plan.units if unit.index in done)) as advance:
            records = _work(course, folder, plan, asked, done, rulesets, advance)
        records += kept
        tally = join_tallies(record.tally for record in sorted(records, key=lambda record: record.unit))
        with _holding(folder):
            lost = {name: folder.count_lost(plan, name) for name in plan.beside}
            if not folder.is_finished:
                if course.note is not None:
                    hash_run(folder, plan)  # before the parts are moved away
                finish(folder, plan, answer)
                if course.note is not None:
                    course.note(folder, plan, asked, tally)
                folder.note_finished()
    finally:
        folder.leave(has_begun=plan is not None or not is_new)
    return Ran(plan=plan, tally=tally, units_kept=len(kept), lost=lost)


def _fetch(folder: WorkFolder, fetch: Callable[[Path], None], asked: Asked, *, begins_anew: bool) -> Asked:
    """Copy the accounts once: a run that goes on, and others who join, decide on the same."""
    path = folder.path / "accounts.ndjson"
    with _holding(folder):
        if begins_anew or not path.exists():
            fetch(path)
    return msgspec.structs.replace(asked, accounts=str(path))


def _begin(course: Course, folder: WorkFolder, plan: Plan, asked: Asked) -> Plan:
    with _holding(folder):
        begun = None if course.begins_anew else folder.read_plan()
        if begun is None:
            folder.clear()
            folder.begin(plan, is_logged=course.log is not None)
            return plan
        check_alike(begun, plan, asked)
        if folder.is_logged != (course.log is not None):
            given = "with" if folder.is_logged else "without"
            raise RunRefused(f"The run that was stopped here was begun {given} --log decisions; go on {given} it.")
        return begun


@contextlib.contextmanager
def _holding(folder: WorkFolder) -> Iterator[None]:
    turn = folder.turn
    turn.own()
    try:
        yield
    finally:
        turn.release()


def _work(
    course: Course, folder: WorkFolder, plan: Plan, asked: Asked, done: set[int], rulesets: Rulesets, advance: Advance
) -> list[Record]:
    """Do every unit that nobody has done; those that others are at are waited for last."""
    waiting = [unit.index for unit in plan.units if unit.index not in done]
    if course.workers == 1 or len(waiting) < _WORTH_A_POOL:
        carrier = Carrier(folder, plan, asked, rulesets, course.log)
        return _do_twice(waiting, partial(_work_alone, carrier, advance))
    pool = ProcessPoolExecutor(
        min(course.workers, len(waiting)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_take_up,
        initargs=(course.folder, asked, course.rulesets, course.log),
    )
    try:
        with pool:
            return _do_twice(waiting, partial(_work_together, pool, plan, advance))
    except BrokenProcessPool:
        raise RunRefused(_STOPPED) from None


def _do_twice(waiting: list[int], work: Callable[[list[int], bool], Iterator[Record | None]]) -> list[Record]:
    """Do what nobody is at, then wait for what somebody was."""
    records: list[Record] = []
    for waits in (False, True):
        records += [record for record in work(waiting, waits) if record is not None]
        waiting = sorted({*waiting} - {record.unit for record in records})
    return records


def _work_alone(carrier: Carrier, advance: Advance, waiting: list[int], waits: bool) -> Iterator[Record | None]:  # noqa: FBT001  the second turn
    return (carrier.try_unit(index, waits=waits, advance=advance) for index in waiting)


def _work_together(
    pool: ProcessPoolExecutor,
    plan: Plan,
    advance: Advance,
    waiting: list[int],
    waits: bool,  # noqa: FBT001  as above
) -> Iterator[Record | None]:
    for future in as_completed([pool.submit(_do, index, waits=waits) for index in waiting]):
        record = future.result()
        if record is not None:
            advance(plan.units[record.unit].rows_count)
        yield record


_carriers: list[Carrier] = []


def _take_up(folder: Path, asked: Asked, rulesets: Path, log: LogOptions | None) -> None:
    """Make a process of the pool ready."""
    _carriers[:] = [Carrier.open(folder, asked, rulesets, log)]


def _do(index: int, *, waits: bool) -> Record | None:
    return _carriers[0].try_unit(index, waits=waits, advance=lambda _: None)
