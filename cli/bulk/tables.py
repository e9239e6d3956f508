"""PostgreSQL as source and as answer: the service's own accounts, and tables of others."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
import pyarrow as pa
from pyarrow import parquet as pq
from pyarrow import types

from api.histories import write_document
from cli.bulk.plan import Plan, RunRefused
from cli.bulk.workfolder import WorkFolder
from cli.bulk.writing import JSON_COLUMNS, Draft
from engine.portfolio.decisions import DECISIONS
from store.errors import StoreError
from store.portfolios import has_table, list_columns, stream_accounts, stream_rows, write_table
from store.store import Store

T = TypeVar("T")
STORED = "stored"
"""What --accounts calls the accounts of the service itself."""
_SCHEMES = ("postgresql://", "postgres://")
_FLOATS = ("real", "double precision")
_KINDS = {pa.string(): "text", pa.int32(): "integer", pa.date32(): "date", pa.list_(pa.string()): "text[]"}


class TableName(msgspec.Struct, frozen=True, kw_only=True):
    """A table of a database; ``shown`` is what may be said of it, without a password."""

    url: str
    table: str

    @property
    def shown(self) -> str:
        """How it is named in what is printed and logged."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}?table={self.table}"


def find_table(written: str) -> TableName | None:
    """Return the table that an address names, None where it is none of PostgreSQL; RunRefused without a table."""
    if not written.startswith(_SCHEMES):
        return None
    parts = urlsplit(written)
    queries = dict(parse_qsl(parts.query))
    table = queries.pop("table", None)
    if not table:
        raise RunRefused("A database is named with its table: postgresql://host/database?table=schema.name")
    return TableName(url=urlunsplit(parts._replace(query=urlencode(queries))), table=table)


async def copy_stored(store: Store, path: Path) -> None:
    """Copy every account that the service has stored, with its history and outcomes, as a document a line."""
    with Draft(path) as draft:
        async for page in stream_accounts(store.database.url):
            draft.write(b"".join(write_document(each) + b"\n" for each in page))


def copy_table(name: TableName, path: Path, *, without: Sequence[str]) -> None:
    """Copy a table as a document a line, but for some columns."""

    async def copy() -> None:
        with Draft(path) as draft:
            async for page in stream_rows(name.url, name.table, without=without):
                draft.write(b"".join(row.encode() + b"\n" for row in page))

    _do(copy())


def read_table_schema(name: TableName) -> pa.Schema:
    """Return the columns of a table, floats as such and all else as what its JSON says."""
    found = _do(list_columns(name.url, name.table))
    return pa.schema([(column, pa.float64() if kind in _FLOATS else pa.string()) for column, kind in found.items()])


class TableAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A table that is made of the decisions."""

    name: TableName
    refused: Path

    @property
    def shown(self) -> str:
        """How it is named."""
        return self.name.shown

    @property
    def is_there(self) -> bool:
        """Tell whether there is such a table."""
        return bool(_do(has_table(self.name.url, self.name.table)))

    def find_obstacle(self) -> str | None:
        """Return nothing: a table is replaced in one transaction when all is decided."""
        return None

    def put(self, folder: WorkFolder, plan: Plan) -> None:
        """Make the table of the parts."""
        kinds = {
            name: "jsonb" if name in JSON_COLUMNS else _kind_of(DECISIONS.field(name).type) for name in plan.columns
        }
        _do(write_table(self.name.url, self.name.table, kinds, _read_parts(folder, plan)))


def _kind_of(type_: pa.DataType) -> str:
    return f"numeric({type_.precision}, {type_.scale})" if types.is_decimal(type_) else _KINDS[type_]


def _read_parts(folder: WorkFolder, plan: Plan) -> Iterator[tuple[object, ...]]:
    for unit in plan.units:
        with pq.ParquetFile(folder.part_of(unit, plan.form)) as file:
            for batch in file.iter_batches():
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _do(work: Coroutine[object, object, T]) -> T:
    """Do what PostgreSQL is asked for; RunRefused where it does not allow it."""
    try:
        return asyncio.run(work)
    except (StoreError, OSError) as problem:
        raise RunRefused(f"{problem}.") from problem
