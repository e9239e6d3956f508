"""A run before its first account: what is asked is found to be possible, and becomes a plan."""

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Sequence

import msgspec
import pyarrow as pa

from cli.bulk.beside import find_beside_misfits
from cli.bulk.places import find_place, list_inputs
from cli.bulk.plan import Beside, Form, Plan, RunRefused, Unit
from cli.bulk.reading import cut, read_schema
from engine.evaluation.rulesets import Rulesets
from engine.loading.complaints import find_meant
from engine.portfolio.columns import DOCUMENT, FactsDiffer, list_facts, make_schema
from engine.portfolio.decisions import COLUMNS
from engine.portfolio.misfits import find_misfits

_ALIKE = {
    "as_of": "was asked for another day or instant",
    "rulesets": "was begun with other rulesets",
    "inputs": "was begun with other accounts, or their files have changed since",
    "beside": "was begun with other invoices or histories, or their files have changed since",
    "columns": "was begun with other --columns",
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for: the only one to know the keys of an address, which no plan keeps."""

    accounts: str
    beside: dict[str, str]
    as_of: dt.datetime | dt.date | None
    track: str
    columns: tuple[str, ...]
    form: Form
    leave_out: tuple[str, ...]
    unit_rows: int


def find_wanted(rulesets: Rulesets) -> pa.Schema:
    """Return the columns of accounts that these rulesets can be asked with; RunRefused where they contradict."""
    try:
        return make_schema(list_facts(rulesets))
    except FactsDiffer as problem:
        raise RunRefused(f"{problem}.") from problem


def make_plan(asked: Asked, rulesets: Rulesets, now: dt.datetime) -> Plan:
    """Return the run that is asked for; RunRefused with everything that stands in its way."""
    wanted = find_wanted(rulesets)
    place = find_place(asked.accounts)
    inputs = list_inputs(place)
    misfits: dict[str, None] = {}
    for source in inputs:
        schema = read_schema(place.system, source)
        misfits |= dict.fromkeys(find_source_misfits(schema, source.partitions, source.form, asked, wanted))
    beside = {name: _find_beside(source) for name, source in asked.beside.items()}
    for name, each in beside.items():
        misfits |= dict.fromkeys(find_beside_misfits(name, asked.beside[name], each, wanted, asked.leave_out))
    refuse_misfits(misfits, place.shown)
    units = (unit for at, source in enumerate(inputs) for unit in cut(place.system, source, at, most=asked.unit_rows))
    return Plan(
        rulesets={one.ruleset.id: one.ruleset.digest for one in rulesets.compiled},
        track=asked.track,
        as_of=write_as_of(asked.as_of or now),
        columns=check_columns(asked.columns),
        form=asked.form,
        leave_out=asked.leave_out,
        source=place.shown,
        inputs=inputs,
        units=_number(units),
        beside=beside,
    )


def find_source_misfits(
    schema: pa.Schema, partitions: Container[str], form: Form, asked: Asked, wanted: pa.Schema
) -> Iterator[str]:
    """Yield a sentence for each column of accounts that cannot be read, or that is given beside them as well.

    ``partitions`` are the columns that stand in paths alone: such a one may say a day of loading, and need be no fact.
    """
    passed_over = {
        *asked.leave_out,
        *(name for name in schema.names if name in partitions and name not in wanted.names),
    }
    kept = [field for field in schema if field.name not in passed_over]
    yield from find_misfits(pa.schema(kept), wanted)
    for name in asked.beside:
        if name in schema.names:
            yield f"column {name} stands in the accounts and in --{name}; leave one out"
        if name in asked.leave_out:
            yield f"--leave-out {name} leaves out what --{name} gives; take one of them"
    if asked.beside and form != "ndjson" and any(field.name == DOCUMENT for field in kept):
        yield f"column {DOCUMENT} holds accounts whole; what is given beside it would be passed over"


def _find_beside(source: str) -> Beside:
    place = find_place(source)
    return Beside(source=place.shown, inputs=list_inputs(place))


def refuse_misfits(misfits: Iterable[str], source: str) -> None:
    """Raise RunRefused where columns of a source cannot be read."""
    if said := "".join(f"  {each}\n" for each in misfits):
        raise RunRefused(f"{source} cannot be read as accounts:\n{said}")


def check_alike(begun: Plan, plan: Plan, asked: Asked) -> None:
    """Raise RunRefused where another run was begun in the same place than is asked for now."""
    known = begun if asked.as_of is not None else msgspec.structs.replace(begun, as_of=plan.as_of)
    if known == plan:
        return
    fields = (name for name in plan.__struct_fields__ if getattr(known, name) != getattr(plan, name))
    said = next((_ALIKE[name] for name in fields if name in _ALIKE), "was begun with other options")
    raise RunRefused(f"The run that was stopped here {said}; give what it was given, or begin anew with --overwrite.")


def write_as_of(as_of: dt.datetime | dt.date) -> str:
    """Return when it is asked as a plan keeps it."""
    return as_of.isoformat(timespec="seconds") if isinstance(as_of, dt.datetime) else as_of.isoformat()


def check_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that are asked for; RunRefused where decisions have no such column."""
    for name in columns:
        if name not in COLUMNS:
            meant = find_meant(name, COLUMNS)
            hint = f"did you mean {meant}?" if meant is not None else f"there are {', '.join(COLUMNS)}."
            raise RunRefused(f"Decisions have no column {name}; {hint}")
    if len(set(columns)) < len(columns):
        raise RunRefused("A column can be asked for once; --columns names one twice.")
    return tuple(columns) or tuple(COLUMNS)


def _number(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple(msgspec.structs.replace(unit, index=index) for index, unit in enumerate(units))
