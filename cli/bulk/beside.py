"""Invoices and histories that stand in files of their own, each row with the account that it belongs to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import fs

from cli.bulk.places import find_place
from cli.bulk.plan import Beside, Input, RunRefused
from cli.bulk.reading import read_raw, read_schema
from engine.portfolio.misfits import find_misfits

KEY = "account_id"
Found = npt.NDArray[np.bool_]
"""Which of the accounts that rows name were among those that are decided."""
Lengths = npt.NDArray[np.int64]
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


def find_beside_misfits(
    name: str, written: str, beside: Beside, wanted: pa.Schema, leave_out: Sequence[str]
) -> tuple[str, ...]:
    """Return a sentence for each column that cannot be read as a part of an invoice or of an entry."""
    system, found = find_place(written).system, dict[str, None]()
    for source in beside.inputs:
        if source.form == "ndjson":
            continue  # each line is judged with its account
        schema = read_schema(system, source)
        if KEY not in schema.names:
            return (f"{source.path} has no column {KEY}, which says whose each row is",)
        parts = [field for field in schema if field.name not in {KEY, *leave_out, *source.partitions}]
        found |= dict.fromkeys(find_part_misfits(name, parts, wanted))
    return tuple(found)


def find_part_misfits(name: str, parts: Sequence[pa.Field], wanted: pa.Schema) -> tuple[str, ...]:
    """Return a sentence for each column that cannot be read as a part of what is named so."""
    header = [("id", pa.string()), ("currency", pa.string()), (name, pa.list_(pa.struct(parts)))]
    return find_misfits(pa.schema(header), wanted)


class Attached:
    """The rows of such files, found by their account; they are held in memory."""

    def __init__(self, keys: pa.Array, rows: pa.Array) -> None:
        order = pc.sort_indices(keys)  # stable: rows of one account keep their order
        counted = keys.take(order).value_counts()
        self._names: pa.Array = counted.field("values")
        self._lengths: npt.NDArray[np.int64] = counted.field("counts").to_numpy()
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._rows = rows.take(order)
        self.found = np.zeros(len(self._lengths), dtype=np.bool_)

    @property
    def lengths(self) -> Lengths:
        """How many rows each account has, in the order of `found`."""
        return self._lengths

    def attach(self, ids: pa.Array) -> pa.Array:
        """Return for each account the list of its rows, empty where it has none."""
        at = pc.fill_null(pc.index_in(ids, value_set=self._names), -1).to_numpy()
        self.found[at[at >= 0]] = True
        lengths = np.where(at < 0, 0, self._lengths[at]) if len(self._lengths) else np.zeros(len(at), dtype=np.int64)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        starts = np.repeat(self._starts[at] - offsets[:-1], lengths) if len(self._lengths) else offsets[:0]
        chosen = self._rows.take(pa.array(np.arange(offsets[-1]) + starts))
        return pa.ListArray.from_arrays(offsets.astype(np.int32), chosen)


class AttachedDocuments:
    """The rows of NDJSON files, as the JSON of a list for each account."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._lists = {name: lists[name] for name in sorted(lists)}
        self._places = {name: place for place, name in enumerate(self._lists)}
        self.found = np.zeros(len(lists), dtype=np.bool_)

    @property
    def lengths(self) -> Lengths:
        """How many rows each account has, in the order of `found`."""
        return np.array([len(_ROWS.decode(each)) for each in self._lists.values()], dtype=np.int64)

    def attach(self, ids: pa.Array) -> pa.Array:
        """Return for each account its rows as JSON."""
        names = ids.to_pylist()
        self.found[[self._places[each] for each in names if each in self._places]] = True
        return pa.array([self._lists.get(each, "[]") for each in names], pa.string())


def read_beside(written: str, beside: Beside, leave_out: Sequence[str]) -> Attached | AttachedDocuments:
    """Read such files whole, from the place that was written."""
    system = find_place(written).system
    if beside.inputs[0].form == "ndjson":
        return AttachedDocuments(_read_documents(system, beside.inputs))
    tables = []
    for source in beside.inputs:
        batches = list(read_raw(system, source))
        if batches:
            table = pa.Table.from_batches(batches)
            tables.append(table.drop_columns([name for name in leave_out if name in table.column_names]))
    if not tables:
        return AttachedDocuments({})
    whole = pa.concat_tables(tables, promote_options="default").combine_chunks()
    keys = _one(whole[KEY].cast(pa.string()))
    parts = [name for name in whole.column_names if name != KEY]
    return Attached(keys, pa.StructArray.from_arrays([_one(whole[name]) for name in parts], names=parts))


def _one(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


def _read_documents(system: fs.FileSystem, inputs: Sequence[Input]) -> dict[str, str]:
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    for source in inputs:
        with system.open_input_stream(source.path) as stream:
            content = stream.read()
        for number, line in enumerate(content.split(b"\n"), start=1):
            if line.strip():
                name, rest = _take_apart(line, f"{source.path}:{number}")
                found[name].append(rest)
    return {name: f"[{b','.join(lines).decode()}]" for name, lines in found.items()}


def _take_apart(line: bytes, place: str) -> tuple[str, bytes]:
    """Return whose a line is, and the line without that."""
    try:
        parts = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
        name = msgspec.json.decode(parts.pop(KEY), type=str)
    except (msgspec.DecodeError, KeyError, UnicodeDecodeError) as problem:
        raise RunRefused(f"{place} names no {KEY}, which says whose it is ({problem}).") from problem
    return name, msgspec.json.encode(parts)
