"""Units as batches of accounts: the columns as the file has them, with the rows that they are in it."""

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec
import pyarrow as pa
from pyarrow import csv, fs
from pyarrow import parquet as pq

from cli.bulk.lines import cut_lines, delimiter_of, read_bytes, read_header
from cli.bulk.plan import Input, RunRefused, Unit
from engine.portfolio.beside import put_beside
from engine.portfolio.columns import DOCUMENT
from engine.portfolio.regular import regularize
from engine.portfolio.spreading import spread

BATCH_ROWS = 65_536


class Attached(Protocol):
    """Rows that belong to accounts."""

    def attach(self, ids: pa.Array) -> pa.Array:
        """Return for each account the list of its rows."""


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """A regular batch, and for each of its rows the row of the file, counted from 1."""

    batch: pa.RecordBatch
    rows: Sequence[int]


def read_schema(system: fs.FileSystem, source: Input) -> pa.Schema:
    """Return the columns of a file with those that its path states; of NDJSON only that it holds documents."""
    if source.form == "ndjson":
        return pa.schema([(DOCUMENT, pa.string())])
    if source.form == "csv":
        header = read_header(system, source)
        schema = pa.schema([(name, pa.string()) for name in _names_of(source, header)])
    else:
        with _open_parquet(system, source) as file:
            schema = file.schema_arrow
    for name in source.partitions:
        if name not in schema.names:
            schema = schema.append(pa.field(name, pa.string()))
    return schema.remove_metadata()


def cut(system: fs.FileSystem, source: Input, at: int, *, most: int) -> Iterator[Unit]:
    """Yield the units of an input, of about so many rows each; ``at`` numbers the input."""
    if source.form != "parquet":
        yield from cut_lines(system, source, at, most=most)
        return
    with _open_parquet(system, source) as file:
        counts = [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)]
    start, before, rows = 0, 0, 0
    for index, count in enumerate(counts):
        rows += count
        if rows >= most or index == len(counts) - 1:
            if rows:
                yield Unit(index=-1, input=at, start=start, stop=index + 1, rows_before=before, rows_count=rows)
            start, before, rows = index + 1, before + rows, 0


def read_unit(
    system: fs.FileSystem,
    source: Input,
    unit: Unit,
    wanted: pa.Schema,
    beside: Mapping[str, Attached],
    leave_out: Sequence[str] = (),
) -> Iterator[Portion]:
    """Yield the accounts of a unit in the wanted columns, with what stands beside them in files of its own."""
    if source.form == "ndjson":
        for portion in _read_documents(read_bytes(system, source, unit), unit, wanted, leave_out):
            given = {name: each.attach(portion.batch["id"]) for name, each in beside.items()}
            batch = put_beside(portion.batch, given, wanted) if given else portion.batch
            yield msgspec.structs.replace(portion, batch=batch)
        return
    batches = _read_csv(system, source, unit) if source.form == "csv" else _read_parquet(system, source, unit, wanted)
    first = unit.rows_before + 1
    for batch in batches:
        known = [name for name in batch.schema.names if name in wanted.names]
        whole = _add_partitions(batch.select(known), source, wanted)
        for name, attached in beside.items():
            whole = whole.append_column(name, attached.attach(whole["id"].cast(pa.string())))
        yield Portion(batch=regularize(whole, wanted), rows=range(first, first + batch.num_rows))
        first += batch.num_rows


def read_raw(system: fs.FileSystem, source: Input) -> Iterator[pa.RecordBatch]:
    """Yield all rows of a Parquet or CSV file, in the columns that it has."""
    for unit in cut(system, source, 0, most=sys.maxsize):
        if source.form == "csv":
            yield from _read_csv(system, source, unit)
        else:
            with _open_parquet(system, source) as file:
                yield from file.iter_batches(BATCH_ROWS)


def _open_parquet(system: fs.FileSystem, source: Input) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(system.open_input_file(source.path), pre_buffer=False)
    except pa.ArrowInvalid as problem:
        raise RunRefused(f"{source.path} is no Parquet file: {problem}.") from problem


def _read_parquet(system: fs.FileSystem, source: Input, unit: Unit, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
    with _open_parquet(system, source) as file:
        names = [name for name in file.schema_arrow.names if name in wanted.names]
        groups = list(range(unit.start, unit.stop))
        yield from file.iter_batches(BATCH_ROWS, row_groups=groups, columns=names, use_threads=False)


def _read_csv(system: fs.FileSystem, source: Input, unit: Unit) -> Iterator[pa.RecordBatch]:
    header = read_header(system, source)
    names = _names_of(source, header)
    content = io.BytesIO(read_bytes(system, source, unit))
    try:
        table = csv.read_csv(
            content,
            read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
            parse_options=csv.ParseOptions(delimiter=delimiter_of(header).decode(), newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as problem:
        rows = f"{unit.rows_before + 1} to {unit.rows_before + unit.rows_count}"
        raise RunRefused(f"{source.path} cannot be read in its rows {rows}: {problem}.") from problem
    yield from table.to_batches(BATCH_ROWS)


def _names_of(source: Input, header: bytes) -> list[str]:
    try:
        text = header.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise RunRefused(f"{source.path} is not UTF-8: {problem}; save it as UTF-8.") from problem
    names = [name.strip().strip('"') for name in text.rstrip("\r\n").split(delimiter_of(header).decode())]
    if names == [""]:
        raise RunRefused(f"{source.path} is empty; its first line names the columns.")
    return names


def _read_documents(content: bytes, unit: Unit, wanted: pa.Schema, leave_out: Sequence[str]) -> Iterator[Portion]:
    lines = content.split(b"\n")
    rows = [row for row, line in enumerate(lines) if line.strip()]
    for start in range(0, len(rows), BATCH_ROWS):
        chosen = rows[start : start + BATCH_ROWS]
        # What is not UTF-8 becomes an escape that JSON does not know, so that its line is refused.
        texts = [lines[row].decode("utf-8", errors="backslashreplace") for row in chosen]
        yield Portion(batch=spread(texts, wanted, leave_out), rows=[unit.rows_before + row + 1 for row in chosen])


def _add_partitions(batch: pa.RecordBatch, source: Input, wanted: pa.Schema) -> pa.RecordBatch:
    for name, value in source.partitions.items():
        if name in wanted.names and name not in batch.schema.names:
            batch = batch.append_column(name, pa.array([value] * batch.num_rows, pa.string()))
    return batch
