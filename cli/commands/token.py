"""`dunning token`: make, list, rename and revoke the tokens that applications use."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import rich_click as click

from api.operation import ROLES, SCOPES, Role, Scope
from cli.options import store_options
from cli.running import open_store
from cli.users import name_actor
from store.errors import StoreError
from store.store import Store
from store.tokens import Token

T = TypeVar("T")
_MOST_DAYS = 36_500
_LONGEST_NAME = 100
_FORMAT = click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How it is printed."
)


def read_name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return a name that can stand in one line of a list."""
    del context, parameter
    if not value.strip() or len(value) > _LONGEST_NAME or not value.isprintable():
        raise click.BadParameter(f"a name has 1 to {_LONGEST_NAME} printable characters.")
    return value


def read_person(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return a person as named, or None."""
    return None if value is None else read_name(context, parameter, value)


@click.group("token")
def command() -> None:
    """Make, list, rename and revoke bearer tokens.

    They are kept in the database as hashes, so a token is shown once. Runs beside a running server.
    """


@command.command("create")
@store_options
@click.option("--name", required=True, callback=read_name, help="Whose token it is; shown in lists and in refusals.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    help="What it may do; give it several times for several.",
)
@click.option(
    "--role",
    "roles",
    type=click.Choice(list(ROLES)),
    multiple=True,
    help="What whose it is does: the scopes that this takes. May be given several times, and beside --scope.",
)
@click.option(
    "--person",
    callback=read_person,
    help="Whose it is, where it is a person's: four eyes are of two persons, not tokens.",
)
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), help="Days until it expires; left out, it does not.")
@_FORMAT
def create(
    *,
    database_url: str | None,
    data: Path,
    name: str,
    scopes: tuple[Scope, ...],
    roles: tuple[Role, ...],
    person: str | None,
    days: int | None,
    shape: str,
) -> None:
    """Make a token and print its secret, alone on standard output."""
    granted = frozenset(scopes).union(*(ROLES[role] for role in roles))
    if not granted:
        raise click.UsageError("A token may do something: give --role or --scope.")
    expires_at = None if days is None else dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    made = _with_store(
        database_url,
        data,
        lambda store: store.tokens.create(name, granted, expires_at=expires_at, person=person, actor=name_actor()),
    )
    if shape == "json":
        click.echo(msgspec.json.encode(_describe(made.token) | {"secret": made.secret}).decode())
    else:
        click.echo(made.secret)
        may = ", ".join(sorted(made.token.scopes))
        click.echo(f"Token {made.token.id} of {name!r} ({may}); this is the only time it is shown.", err=True)


@command.command("list")
@store_options
@_FORMAT
def list_all(*, database_url: str | None, data: Path, shape: str) -> None:
    """List every token ever made, without secrets."""
    tokens = _with_store(database_url, data, lambda store: store.tokens.list())
    if shape == "json":
        click.echo(msgspec.json.encode([_describe(token) for token in tokens]).decode())
        return
    for token in tokens:
        told = _describe(token)
        state = f"revoked {told['revoked_at']}" if token.revoked_at else f"expires {told['expires_at'] or 'never'}"
        click.echo(f"{token.id}  {token.name}  {','.join(sorted(token.scopes))}  {state}")


@command.command("rename")
@store_options
@click.argument("token_id")
@click.option("--name", required=True, callback=read_name, help="Its new name; the log keeps the old one.")
def rename(*, database_url: str | None, data: Path, token_id: str, name: str) -> None:
    """Give a token another name."""
    work = _with_store(database_url, data, lambda store: store.tokens.rename(token_id, name, actor=name_actor()))
    if work is None:
        raise click.ClickException(f"There is no token {token_id!r}; `dunning token list` shows their ids.")
    click.echo(f"Token {token_id} is now of {name!r}.", err=True)


@command.command("revoke")
@store_options
@click.argument("token_id")
def revoke(*, database_url: str | None, data: Path, token_id: str) -> None:
    """Take a token out of use, at once on every server."""
    if _with_store(database_url, data, lambda store: store.tokens.revoke(token_id, actor=name_actor())) is None:
        raise click.ClickException(f"There is no token {token_id!r}; `dunning token list` shows their ids.")
    click.echo(f"Token {token_id} is revoked.", err=True)


def _with_store(database_url: str | None, data: Path, work: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        async with await open_store(database_url, data) as store:
            return await work(store)

    try:
        return asyncio.run(run())
    except StoreError as problem:
        raise click.ClickException(f"{problem}") from problem


def _describe(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "person": token.person,
        "scopes": sorted(token.scopes),
        "created_at": token.created_at.isoformat(timespec="seconds"),
        "expires_at": token.expires_at and token.expires_at.isoformat(timespec="seconds"),
        "revoked_at": token.revoked_at and token.revoked_at.isoformat(timespec="seconds"),
    }
