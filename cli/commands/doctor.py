"""`dunning doctor`: everything an operator would look at first, in words."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import rich_click as click

from api.versions import UnusableVersion, compile_version
from cli.doctoring import (
    ENDING_DAYS,
    Disk,
    Finding,
    LogKey,
    Verdict,
    Version,
    judge_disk,
    judge_key,
    judge_versions,
    judge_vitals,
)
from cli.exits import FAILED, FINE
from cli.options import LogOptions, log_options
from cli.running import POSTGRES_FOLDER
from store.checkpoints import KeyInvalid
from store.database import Database
from store.embedded import EmbeddedServer
from store.errors import StoreError
from store.logkey import FILE_NAME, find_signer
from store.rulesets import Rulesets
from store.store import DATABASE
from store.vitals import read_vitals

_SIGNS: dict[Verdict, str] = {"fine": "ok  ", "look": "look", "bad": "BAD "}


@click.command("doctor")
@log_options
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
@click.pass_context
def command(context: click.Context, options: LogOptions, shape: str) -> None:
    """Look at the database, clock, disk, lag, keys and versions, and say what is wrong and what to do.

    Changes nothing, and runs beside a running server. Exits with 1 where something is bad; what should be looked at is
    none of that.
    """
    findings = asyncio.run(_examine(options))
    if shape == "json":
        click.echo(msgspec.json.encode(findings).decode())
    else:
        for finding in findings:
            click.echo(f"{_SIGNS[finding.verdict]}  {finding.topic:8}  {finding.sentence}")
            if finding.advice is not None:
                click.echo(f"{'':16}{finding.advice}")
    context.exit(FAILED if any(finding.verdict == "bad" for finding in findings) else FINE)


async def _examine(options: LogOptions) -> list[Finding]:
    """Look at everything that can be looked at."""
    is_embedded = not options.database_url
    findings = [*_look_at_folder(options.data), judge_key(_look_at_key(options), is_embedded=is_embedded)]
    if is_embedded and not (options.data / POSTGRES_FOLDER / "data").is_dir():
        said = f"There is no database in {options.data} yet, and no address of another."
        advice = "`dunning serve` makes one; DATABASE_URL names another."
        return [*findings, Finding(topic="database", verdict="look", sentence=said, advice=advice)]
    try:
        async with _open_database(options) as database:
            vitals = await read_vitals(database, ending_days=ENDING_DAYS)
            findings += judge_vitals(vitals, is_embedded=is_embedded)
            if vitals.holdings is not None:
                findings += judge_versions(await _look_at_versions(Rulesets(database)))
    except StoreError as problem:
        findings.append(Finding(topic="database", verdict="bad", sentence=f"{str(problem).rstrip('.')}."))
    return findings


@contextlib.asynccontextmanager
async def _open_database(options: LogOptions) -> AsyncIterator[Database]:
    """Connect without touching a table, unlike the server; the embedded PostgreSQL is left as it was found."""
    async with contextlib.AsyncExitStack() as stack:
        url = options.database_url
        if not url:
            server = await asyncio.to_thread(EmbeddedServer.start, options.data / POSTGRES_FOLDER)
            stack.push_async_callback(asyncio.to_thread, server.release)
            url = server.url(DATABASE)
        database = await Database.open(url)
        stack.push_async_callback(database.close)
        yield database


def _look_at_folder(data: Path) -> Iterator[Finding]:
    if data.is_dir():
        usage = shutil.disk_usage(data)
        yield judge_disk(Disk(free=usage.free, total=usage.total), data)


def _look_at_key(options: LogOptions) -> LogKey:
    """Read the log's key where it is; none is made, as the server would."""
    home = options.data / FILE_NAME
    is_made = not options.database_url and home.is_file()
    file = options.log_key_file or (home if is_made and not options.log_key else None)
    try:
        signer = find_signer(key=options.log_key, key_file=file, home=None)
        mode = None if file is None or options.log_key else file.stat().st_mode & 0o777
    except KeyInvalid as problem:
        return LogKey(file=file, problem=str(problem).rstrip("."))
    return LogKey(name=None if signer is None else signer.verifier.name, file=file, mode=mode)


async def _look_at_versions(rulesets: Rulesets) -> tuple[Version, ...]:
    found = []
    for version in await rulesets.active_at():
        name = f"{version.draft.ruleset_id} version {version.number}"
        try:
            compiled = await asyncio.to_thread(compile_version, version)
        except UnusableVersion as problem:
            found.append(Version(name=name, problem=str(problem)))
        else:
            compiled.close()
            found.append(Version(name=name, problem=None))
    return tuple(found)
