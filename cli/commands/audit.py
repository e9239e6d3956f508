"""`dunning audit`: prove the log, export it, pack evidence, and let facts go by age."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from api.evidence.pack import Wanted, write_pack
from api.evidence.page import Contents
from api.exporting import Format, write_decisions, write_lines
from api.masking import MaskInvalid, Masks
from cli.auditing import describe_filters, note_access, with_store
from cli.checkpointfiles import Checkpoints, read_checkpoints
from cli.exits import DIFFERENT
from cli.options import LogOptions, log_options
from cli.periods import go_back, read_age, read_instant
from cli.progress import Advance, show_progress
from cli.reporters.verificationtext import write_unused, write_verification
from cli.running import find_log_key
from cli.users import find_user, name_actor
from store.checkpoints import Checkpoint, KeyInvalid, Signer
from store.database import connect
from store.decisionrecords import LoggedDecision
from store.decisions import DecisionFilter
from store.logkey import read_key, write_key
from store.store import Store
from store.verifying import Verification, verify_log

_VERIFYING_SECONDS = 600.0  # one statement may read all of a long log
_SHAPE = click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How it is printed."
)
_SINCE = click.option("--since", type=read_instant, help="From this instant or date (UTC) on.")
_UNTIL = click.option("--until", type=read_instant, help="Before this instant or date (UTC).")


@click.group("audit")
def command() -> None:
    """Prove the decision log, export it, pack evidence of a period, and let personal facts go by age.

    These commands work on the database itself and need no server; what they read of personal data is put into the
    access log.
    """


@command.command("checkpoint")
@log_options
def checkpoint(options: LogOptions) -> None:
    """Print the log as it is now, signed: keep it where nobody of this service can change it.

    `dunning audit verify --checkpoint FILE` proves later that all of it is still there, unchanged.
    """
    signer = _find_signer(options)

    async def sign(store: Store) -> str:
        return (await store.log.sign(signer))[1]

    click.echo(with_store(options, sign), nl=False)


@command.command("key")
@log_options
@click.option("--new", type=click.Path(dir_okay=False, path_type=Path), help="Make a key and write it to this file.")
@click.option("--name", help="The name of the new key's log, such as example.com/dunning; left out, one of its own.")
@click.option(
    "--replace-with",
    "successor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Log that the key in this file takes the place of the one in use, which signs that.",
)
def key(options: LogOptions, new: Path | None, name: str | None, successor: Path | None) -> None:
    """Print the public key that checkpoints are verified with; with --new, make a key first.

    To change the key: make the new one, run this with --replace-with while the old one is still given, then start the
    servers with the new one.
    """
    if successor is not None:
        signer = _replace_key(options, successor)
    elif new is None:
        signer = _find_signer(options)
    else:
        if new.exists():
            raise click.BadParameter(f"{new} exists already; a key is never overwritten.", param_hint="--new")
        try:
            signer = Signer.make(name)
            write_key(new, signer)
        except KeyInvalid as problem:
            raise click.ClickException(f"{problem}.") from None
    click.echo(str(signer.verifier))


def _replace_key(options: LogOptions, file: Path) -> Signer:
    old = _find_signer(options)
    try:
        new = read_key(file)
    except KeyInvalid as problem:
        raise click.BadParameter(f"{problem}.", param_hint="--replace-with") from None

    async def replace(store: Store) -> None:
        await store.log.introduce_key(old.verifier)
        await store.log.introduce_key(new.verifier, old=old, actor=name_actor(), name=find_user())

    with_store(options, replace)
    return new


@command.command("verify")
@log_options
@click.option(
    "--checkpoint",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A signed checkpoint that was kept elsewhere; may be given several times.",
)
@click.option("--key", "public_key", help="The public key they were signed with; left out, that of the log's own key.")
@_SHAPE
@click.pass_context
def verify(
    context: click.Context, *, options: LogOptions, files: tuple[Path, ...], public_key: str | None, shape: str
) -> None:
    """Prove the whole log: every line, the tree over them, the ruleset versions, all against signed checkpoints.

    Finds what was edited, deleted, inserted, put into another order or cut off, each with its place, and ends with
    status 5 if there is any.
    """
    checkpoints = read_checkpoints(options, files, public_key)

    async def work(store: Store) -> tuple[Verification, dict[str, int]]:
        kept = await store.log.list_checkpoints()
        verification = await _verify(store, [*checkpoints.given, *checkpoints.check_kept(kept)])
        return verification, checkpoints.name_others(kept)

    verification, others = with_store(options, work)
    if shape == "json":
        click.echo(msgspec.json.encode(_describe(verification) | {"unused_checkpoints": others}).decode())
    else:
        click.echo(write_verification(verification, checkpoints.given) + write_unused(others), nl=False)
    if verification.findings_count:
        context.exit(DIFFERENT)


@command.command("export")
@log_options
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; left out, standard output.")
@click.option(
    "--format", "shape", type=click.Choice(["ndjson", "parquet"]), default="ndjson", help="How it is written."
)
@click.option("--lines", is_flag=True, help="All lines of the log as they were hashed, without any facts.")
@click.option("--account", help="Decisions about this account.")
@click.option("--ruleset", help="Decisions of this ruleset.")
@click.option("--rule", help="Decisions of this rule.")
@_SINCE
@_UNTIL
@click.option(
    "--mask",
    "masks",
    multiple=True,
    help="Hide this: account_id, or a dotted path that begins with answer, input or related.",
)
@click.pass_context
def export(
    context: click.Context,
    /,
    *,
    options: LogOptions,
    out: Path | None,
    shape: Format,
    lines: bool,
    masks: tuple[str, ...],
    **filters: Any,  # noqa: ANN401  the options above, by their names
) -> None:
    """Write logged decisions as NDJSON or Parquet: answer and input byte for byte, with what proves them."""
    wanted = DecisionFilter(
        account_id=filters["account"],
        ruleset_id=filters["ruleset"],
        rule=filters["rule"],
        since=filters["since"],
        until=filters["until"],
    )
    if lines and (wanted != DecisionFilter() or masks or shape == "parquet"):
        raise click.UsageError("--lines are all lines of the log, as they are: without filter, mask or format.")
    hidden = _read_masks(masks)
    about = describe_filters(**filters, mask=masks, lines=lines or None)

    async def work(store: Store) -> None:
        await note_access(store, context, about)
        total = (await store.log.read_head()).size if lines else await store.decisions.count(wanted)
        with click.open_file(str(out or "-"), "wb") as file, show_progress("exporting", total) as advance:
            pages = _advance(store.decisions.stream(wanted), advance)
            parts = write_lines(store.log, total) if lines else write_decisions(pages, hidden, shape)
            async for part in parts:
                file.write(part)
                advance(part.count(b"\n") if lines else 0)

    with_store(options, work)


@command.command("pack")
@log_options
@_SINCE
@_UNTIL
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The archive: FILE.zip.")
@click.option("--sample", type=click.IntRange(0, 10_000), default=25, help="How many decisions are shown in full.")
@click.option("--mask", "masks", multiple=True, help="Hide this in them, as for export.")
@click.pass_context
def pack(
    context: click.Context,
    /,
    *,
    options: LogOptions,
    since: dt.datetime | None,
    until: dt.datetime | None,
    out: Path,
    sample: int,
    masks: tuple[str, ...],
) -> None:
    """Pack the evidence of a period into one archive, with a page that a person can read.

    Rulesets in force with texts, differences, approvals, suites and coverage; the log verified and signed; checkpoints
    and proofs; decisions with their full explanations, made again; and a program that checks it all by itself.
    """
    signer = _find_signer(options)
    made_at = dt.datetime.now(dt.UTC)
    wanted = Wanted(since=since, until=until, sample_count=sample, masks=_read_masks(masks), made_at=made_at)

    async def work(store: Store) -> Contents:
        await note_access(store, context, describe_filters(since=since, until=until, sample=sample, mask=masks))
        kept = Checkpoints(given=(), verifier=signer.verifier).check_kept(await store.log.list_checkpoints())
        verification = await _verify(store, kept)
        with show_progress("packing", 0) as advance:
            return await write_pack(store, signer, verification, wanted, out, lambda _: advance(1))

    try:
        contents = with_store(options, work)
    except OSError as problem:
        raise click.ClickException(f"{out} cannot be written: {problem.strerror}.") from None
    click.echo(f"{out}: {len(contents.versions)} ruleset versions, {len(contents.decisions)} decisions.")
    if contents.verification.findings_count:
        click.echo("The log is not whole; `dunning audit verify` tells more.", err=True)
        context.exit(DIFFERENT)


@command.command("retain")
@log_options
@click.option("--older-than", "age", type=read_age, required=True, help="How long facts are kept: 90d, 18m, 7y.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def retain(options: LogOptions, *, age: str, yes: bool) -> None:
    """Take the personal facts out of all decisions older than this; their lines stay, and the log stays proven.

    It is logged that this was done. What it takes away cannot be brought back; a run that was cut short is taken up
    again by the next.
    """
    before = go_back(dt.datetime.now(dt.UTC), age)
    if not yes:
        click.confirm(
            f"Take the facts out of all decisions made before {before:%Y-%m-%d %H:%M} UTC?", abort=True, err=True
        )

    async def work(store: Store) -> int:
        total = await store.decisions.count(DecisionFilter(until=before))
        erased = 0
        with show_progress("erasing", total) as advance:
            async for seen_count, erased_count in store.erasures.erase_older(
                before, actor=name_actor(), name=find_user()
            ):
                erased += erased_count
                advance(seen_count)
        return erased

    click.echo(f"The facts of {with_store(options, work):,} decisions are gone.")


@command.command("clock")
@log_options
@click.option("--note", required=True, help="What happened to the clock; it stays in the log.")
def clock(options: LogOptions, note: str) -> None:
    """Say in the log that times so far are wrong, once the clock that was ahead is set right.

    Lines must follow each other in time. One that was logged while a clock was ahead would keep all others out until
    its time comes; after this they are logged with the time of now. `dunning audit verify` tells it for good.
    """

    async def work(store: Store) -> int:
        return await store.log.begin_time_anew(actor=name_actor(), name=find_user(), note=note)

    click.echo(
        f"Line {with_store(options, work):,} of the log says that times before it are wrong; lines are taken again."
    )


def _find_signer(options: LogOptions) -> Signer:
    signer = find_log_key(options)
    if signer is None:
        raise click.UsageError(
            "The log has no key: make one, `dunning audit key --new FILE`, and give --log-key-file FILE."
        )
    return signer


def _read_masks(masks: tuple[str, ...]) -> Masks:
    try:
        return Masks(masks)
    except MaskInvalid as problem:
        raise click.BadParameter(f"{problem}.", param_hint="--mask") from None


async def _advance(
    pages: AsyncIterator[tuple[LoggedDecision, ...]], advance: Advance
) -> AsyncIterator[tuple[LoggedDecision, ...]]:
    """Hand pages on, and say so once each was written."""
    async for page in pages:
        yield page
        advance(len(page))


async def _verify(store: Store, checkpoints: list[Checkpoint]) -> Verification:
    connection = await connect(store.database.url, statement_seconds=_VERIFYING_SECONDS)
    try:
        with show_progress("verifying", (await store.log.read_head()).size) as advance:
            done = 0

            def tell(count: int, _: int) -> None:
                nonlocal done
                advance(count - done)
                done = count

            return await verify_log(connection, checkpoints=checkpoints, progress=tell)
    finally:
        await connection.close()


def _describe(verification: Verification) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(verification)
    fits = [{"size": fit.size, "root": fit.root.hex(), "verdict": fit.verdict} for fit in verification.checkpoints]
    return told | {"root": verification.root.hex(), "checkpoints": fits}
