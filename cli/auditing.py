"""What the commands of `dunning audit` share: the store they work on, and that their reading is logged."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import rich_click as click

from cli.exits import DIFFERENT
from cli.options import LogOptions
from cli.running import open_store
from cli.users import find_user, name_actor
from store.errors import BrokenLog, StoreError
from store.store import Store

T = TypeVar("T")


def with_store(options: LogOptions, work: Callable[[Store], Awaitable[T]]) -> T:
    """Work on the store that the options name; what PostgreSQL does not allow ends with status 1 and a sentence.

    A log that is not whole ends with 5, as all that differs from what it should be does.
    """

    async def run() -> T:
        async with await open_store(options.database_url, options.data) as store:
            return await work(store)

    try:
        return asyncio.run(run())
    except BrokenLog as problem:
        raise _NotWhole(f"{problem}.") from problem
    except StoreError as problem:
        raise click.ClickException(f"{problem}.") from problem


class _NotWhole(click.ClickException):
    """The log is not what it should be."""

    exit_code = DIFFERENT


async def note_access(store: Store, context: click.Context, about: str = "") -> None:
    """Put into the access log that a command is about to read personal data."""
    what = f"{context.command_path}{' ' if about else ''}{about}"
    await store.accesses.record(actor=name_actor(), name=find_user(), what=what)


def describe_filters(**filters: object) -> str:
    """Write the filters of a command as they were given."""
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in filters.items() if value not in {None, ()})
