"""`dunning replay`: decide again what is in the log."""

import os
import time
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import msgspec
import rich_click as click

from api.versions import UnusableVersion
from cli.auditing import describe_filters, note_access, with_store
from cli.changes import Matrix
from cli.exits import DIFFERENT
from cli.options import LogOptions, log_options
from cli.periods import read_instant
from cli.progress import show_progress
from cli.replaying import Outcome, Target, replay_pages
from cli.reporters.replaytext import write_difference, write_matrix, write_summary
from store.decisions import DecisionFilter
from store.store import Store

_FEW = 2000  # not worth the start of other processes


@click.command("replay")
@log_options
@click.option("--since", type=read_instant, help="Decisions made from this instant or date (UTC) on.")
@click.option("--until", type=read_instant, help="Decisions made before this instant or date (UTC).")
@click.option("--account", help="Decisions about this account.")
@click.option("--ruleset", help="Decisions of this ruleset.")
@click.option(
    "--against",
    metavar="RULESET@VERSION",
    help="Decide with this version in the place of the one of that ruleset, and show what would change.",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that decide; left out, one a core.")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    options: LogOptions,
    against: str | None,
    workers: int | None,
    shape: str,
    **filters: Any,  # noqa: ANN401  the options above, by their names
) -> None:
    """Make logged decisions again with their pinned versions and facts: equal byte for byte, or the difference shown.

    Ends with status 5 if any differs. One that differs and was made under an earlier edition of the language is counted
    as such, and is no difference. With --against nothing is expected to be equal: the matrix of what would be
    decided instead is printed, with counts and amounts.
    """
    wanted = DecisionFilter(
        account_id=filters["account"],
        ruleset_id=filters["ruleset"],
        since=filters["since"],
        until=filters["until"],
    )
    target = None if against is None else _read_target(against)
    about = describe_filters(**filters, against=against)

    async def work(store: Store) -> tuple[Outcome, float]:
        if target is not None and await store.rulesets.read_version(*target) is None:
            raise click.BadParameter(f"{target[0]} has no version {target[1]}.", param_hint="--against")
        await note_access(store, context, about)
        return await _replay(store, wanted, target, workers)

    try:
        outcome, per_second = with_store(options, work)
    except UnusableVersion as problem:
        raise click.ClickException(f"{problem}.") from None
    except BrokenProcessPool:
        raise click.ClickException("A process that decides was ended from outside; try fewer --workers.") from None
    if shape == "json":
        click.echo(_write_json(outcome, per_second, is_against=target is not None))
    else:
        click.echo(_write_text(outcome, per_second, is_against=target is not None))
    if outcome.different_count and target is None:
        context.exit(DIFFERENT)


async def _replay(
    store: Store, wanted: DecisionFilter, target: Target | None, workers: int | None
) -> tuple[Outcome, float]:
    outcome = Outcome(shown=[], matrix=Matrix())
    total = await store.decisions.count(wanted)
    workers_count = workers or (os.cpu_count() or 1 if total > _FEW else 1)
    begun = time.perf_counter()
    with show_progress("replaying", total) as advance:
        pages = store.decisions.stream(wanted)
        async for count, each in replay_pages(store.database.url, pages, target, workers_count=workers_count):
            outcome.merge(each)
            advance(count)
    seconds = time.perf_counter() - begun
    return outcome, outcome.compared_count / seconds


def _read_target(text: str) -> Target:
    name, _, number = text.partition("@")
    if not name or not (number.isdecimal() and number.isascii()):
        raise click.BadParameter(
            f"{text!r} is not written RULESET@VERSION, such as nl-consumer@8.", param_hint="--against"
        )
    return name, int(number)


def _write_text(outcome: Outcome, per_second: float, *, is_against: bool) -> str:
    matrix = write_matrix(outcome.matrix.rows()) if is_against else ""
    differences = "".join(write_difference(each) for each in outcome.shown)
    summary = write_summary(
        equal_count=outcome.equal_count,
        different_count=outcome.different_count,
        erased_count=outcome.erased_count,
        earlier_counts=outcome.earlier_counts,
        per_second=per_second,
        changed_count=outcome.matrix.changed_count if is_against else None,
    )
    return f"{matrix}{differences}{summary}"


def _write_json(outcome: Outcome, per_second: float, *, is_against: bool) -> str:
    told: dict[str, Any] = {
        "equal_count": outcome.equal_count,
        "different_count": outcome.different_count,
        "erased_count": outcome.erased_count,
        "earlier_edition_count": outcome.earlier_counts.total(),
        "decisions_per_second": round(per_second, 1),
        "differences": [
            {"decision_id": each.decision_id, "problem": each.problem, "places": each.differences}
            for each in outcome.shown
        ],
    }
    if is_against:
        told["changes"] = outcome.matrix.rows()
    return msgspec.json.encode(told).decode()
