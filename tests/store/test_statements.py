"""The SQL files."""

import re
from pathlib import Path

import asyncpg
import pytest

import store
from store.statements import read_statements, sql

FILES = sorted(path.stem for path in Path(store.__file__).with_name("queries").glob("*.sql"))


@pytest.mark.anyio
@pytest.mark.parametrize("file", FILES)
async def test_every_statement_is_understood_by_postgresql(database_url: str, file: str) -> None:
    """Each statement is one that PostgreSQL can prepare against the migrated tables."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(sql("accounts.prepare_import"))
    for statement in read_statements(file).values():
        await connection.prepare(statement.sql)
    await connection.close()


@pytest.mark.parametrize("file", FILES)
def test_every_statement_has_a_sentence(file: str) -> None:
    """Each statement says in a sentence what it is for."""
    statements = read_statements(file)
    assert statements
    assert all(statement.about.endswith(".") for statement in statements.values())


def test_every_statement_is_used() -> None:
    """No statement is asked for that does not exist, and none exists that nobody asks for."""
    sources = "".join(path.read_text() for path in Path(store.__file__).parent.glob("*.py"))
    asked = set(re.findall(r'sql\("([a-z_]+\.[a-z_]+)"\)', sources))
    assert asked == {f"{file}.{name}" for file in FILES for name in read_statements(file)}
