"""`dunning migrate`."""

import asyncio

import asyncpg
from click.testing import CliRunner

from cli.main import main
from store.migration import read_migrations


def test_tables_are_brought_up_to_date_and_no_server_is_left(empty_database_url: str) -> None:
    """An empty database gets every step; a second time there is nothing to do; nobody stays connected."""
    for _ in range(2):
        result = CliRunner().invoke(main, ["migrate", "--database-url", empty_database_url])
        assert (result.exit_code, result.output) == (0, "The tables are up to date.\n")

    async def look() -> tuple[int, int]:
        connection = await asyncpg.connect(empty_database_url)
        steps = await connection.fetchval("SELECT count(*) FROM dunning.migrations")
        others = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
        await connection.close()
        return steps, others

    assert asyncio.run(look()) == (len(read_migrations()), 0)


def test_a_database_that_is_not_there_is_said() -> None:
    """It ends with 1 and a sentence, so that a job is tried again."""
    result = CliRunner().invoke(main, ["migrate", "--database-url", "postgresql://nobody@127.0.0.1:1/nothing"])
    assert result.exit_code == 1
    assert "PostgreSQL at 127.0.0.1/nothing" in result.output
