"""Whole portfolios: every stored account at one moment, and tables of others that a run reads and writes."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import asyncpg

from store.accounts import AccountWithHistory, read_with_history
from store.database import connect, naming_failures
from store.errors import StoreError
from store.statements import sql

_SECONDS = 3600.0
_PAGE = 1000


class TableUnusable(StoreError):
    """The table cannot be read or written as was asked; the message says why and what to do."""


async def stream_accounts(url: str) -> AsyncIterator[Sequence[AccountWithHistory]]:
    """Read every stored account with its history and outcomes, by id, all as they were at one moment."""
    async with reading_one_moment(url) as connection:
        last = ""
        while ids := [row["id"] for row in await connection.fetch(sql("portfolios.page_ids"), last, _PAGE)]:
            found = await read_with_history(connection, ids)
            yield [found[each] for each in ids]
            last = ids[-1]


async def list_columns(url: str, table: str) -> Mapping[str, str]:
    """Return the columns of a table with their types; TableUnusable where there is none of that name."""
    async with reading_one_moment(url) as connection:
        rows = await connection.fetch(sql("portfolios.list_columns"), *_parts_of(table))
    if not rows:
        raise TableUnusable(f"there is no table {table} in this database; write it as schema.name")
    return {row["column_name"]: row["data_type"] for row in rows}


async def stream_rows(url: str, table: str, *, without: Sequence[str]) -> AsyncIterator[Sequence[str]]:
    """Read a table, each row as a JSON object without some columns, all as they were at one moment."""
    statement = f"SELECT (to_jsonb(t) - $1::text[])::text AS row FROM {_quote(table)} t"  # noqa: S608  the name is quoted
    async with reading_one_moment(url) as connection:
        cursor = await connection.cursor(statement, list(without))
        while rows := await cursor.fetch(_PAGE):
            yield [row["row"] for row in rows]


async def has_table(url: str, table: str) -> bool:
    """Tell whether there is a table of this name."""
    async with reading_one_moment(url) as connection:
        return bool(await connection.fetch(sql("portfolios.list_columns"), *_parts_of(table)))


async def write_table(url: str, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
    """Make a table of these columns and rows, in the place of one of its name, in one transaction."""
    schema, name = _parts_of(table)
    kinds = ", ".join(f"{_quote(column)} {kind}" for column, kind in columns.items())
    with naming_failures():
        connection = await connect(url, statement_seconds=_SECONDS)
        try:
            async with connection.transaction():
                await connection.execute(f"DROP TABLE IF EXISTS {_quote(table)}")
                await connection.execute(f"CREATE TABLE {_quote(table)} ({kinds})")
                await connection.copy_records_to_table(name, schema_name=schema, records=rows, columns=list(columns))
        except asyncpg.exceptions.PostgresError as problem:
            raise TableUnusable(f"{table} cannot be written: {problem}") from problem
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def reading_one_moment(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection for a transaction that sees one moment and changes nothing."""
    with naming_failures():
        connection = await connect(url, statement_seconds=_SECONDS)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        except asyncpg.exceptions.PostgresError as problem:
            raise TableUnusable(f"the table cannot be read: {problem}") from problem
        finally:
            await connection.close()


def _parts_of(table: str) -> tuple[str, str]:
    """Return the schema and the name of a table."""
    schema, dot, name = table.partition(".")
    return (schema, name) if dot else ("public", schema)


def _quote(name: str) -> str:
    """Write a name, perhaps with its schema, as SQL takes it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
