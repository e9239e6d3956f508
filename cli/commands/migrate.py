"""`dunning migrate`: bring the tables of the database up to date, and end."""

import asyncio
from pathlib import Path

import rich_click as click

from cli.options import store_options
from cli.running import open_store
from store.errors import StoreError


@click.command("migrate")
@store_options
def command(*, database_url: str | None, data: Path) -> None:
    """Bring the tables of the database up to date, and end.

    A server does so too when it starts; this is for a job that runs before the servers of a new version.
    """

    async def migrate() -> None:
        async with await open_store(database_url, data):
            """Opening it is all."""

    try:
        asyncio.run(migrate())
    except StoreError as problem:
        raise click.ClickException(f"{problem}.") from problem
    click.echo("The tables are up to date.")
