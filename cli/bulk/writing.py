"""Decisions as files: parts that are whole or not there at all, and one file made of them."""

import io
import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import csv, types
from pyarrow import parquet as pq

from cli.bulk.plan import Form
from engine.model.money import exponent
from engine.portfolio.columns import AMOUNT
from engine.portfolio.decisions import DECISIONS

JSON_COLUMNS = ("metadata", "along_with", "variants")
"""The columns whose text is JSON."""
_ROWS_IN_GROUP = 65_536


def write_part(path: Path, batches: Iterable[pa.RecordBatch], columns: Sequence[str], form: Form) -> None:
    """Write some columns of decisions as a part; it stands under its name only when it is whole and on the disk.

    The decisions have ``currency`` among their columns, whether it is written or not. Each batch is written before the
    next is asked for, so that a large unit takes no more memory than a small one.
    """
    with Draft(path) as draft:
        if form == "parquet":
            with _open_writer(draft, columns) as writer:
                for batch in batches:
                    writer.write_batch(batch.select(list(columns)))
            return
        for batch in batches:
            texts = _write_texts(batch, columns)
            draft.write(_write_csv(texts) if form == "csv" else _write_lines(texts))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file whole or not at all."""
    with Draft(path) as draft:
        draft.write(content)


def join_parts(path: Path, parts: Sequence[Path], columns: Sequence[str], form: Form) -> None:
    """Make one file of parts, in their order."""
    with Draft(path) as draft:
        if form == "parquet" and len(parts) != 1:
            with _open_writer(draft, columns) as writer:
                for part in parts:
                    with pq.ParquetFile(part) as file:
                        for batch in file.iter_batches(_ROWS_IN_GROUP):
                            writer.write_batch(batch, row_group_size=_ROWS_IN_GROUP)
            return
        if form == "csv":
            draft.write(write_header(columns))
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, draft)


def _open_writer(draft: io.BufferedWriter, columns: Sequence[str]) -> pq.ParquetWriter:
    schema = pa.schema([DECISIONS.field(name) for name in columns])
    return pq.ParquetWriter(draft, schema, compression="zstd")


def write_header(columns: Sequence[str]) -> bytes:
    """Return the first line of a CSV file."""
    return ",".join(columns).encode() + b"\n"


class Draft:
    """A file under another name until it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")

    def __enter__(self) -> io.BufferedWriter:
        self._file = self._draft.open("wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        if kind is not None:
            self._draft.unlink(missing_ok=True)
            return
        self._draft.replace(self._path)
        keep_folder(self._path.parent)


def keep_folder(folder: Path) -> None:
    """Let what a folder lists outlast a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_texts(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """Return some columns, each amount as text with the places of its currency."""
    currencies = batch["currency"].to_pylist()
    arrays = [
        pa.array(map(_write_amount_or_none, batch[name].to_pylist(), currencies), pa.string(), size=batch.num_rows)
        if batch[name].type == AMOUNT
        else batch[name]
        for name in columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _write_csv(batch: pa.RecordBatch) -> bytes:
    """Return rows of CSV; a list is written as JSON."""
    arrays = [_write_list(array) if types.is_list(array.type) else array for array in batch.columns]
    sink = io.BytesIO()
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    csv.write_csv(pa.RecordBatch.from_arrays(arrays, names=batch.schema.names), sink, options)
    return sink.getvalue()


def _write_list(array: pa.Array) -> pa.Array:
    texts = (None if each is None else msgspec.json.encode(each).decode() for each in array.to_pylist())
    return pa.array(texts, pa.string(), size=len(array))


def _write_lines(batch: pa.RecordBatch) -> bytes:
    """Return rows as JSON, one a line, without what does not apply."""
    kept = (
        {name: _to_json(name, value) for name, value in row.items() if value is not None} for row in batch.to_pylist()
    )
    return b"".join(msgspec.json.encode(row) + b"\n" for row in kept)


def _to_json(name: str, value: Any) -> Any:  # noqa: ANN401  a column holds anything
    return msgspec.Raw(value.encode()) if name in JSON_COLUMNS else value


def _write_amount_or_none(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else write_amount(amount, currency)


def write_amount(amount: Decimal, currency: str) -> str:
    """Write an amount with exactly the places of its currency."""
    return f"{amount:.{exponent(currency)}f}"
