"""`dunning replay`: decide again what is in the log."""

import time
from typing import Any

import msgspec
import rich_click as click

from api.replaying import FactsErased, Remembered, Replay, remember, replay
from api.rulesets_live import UnusableVersion
from api.shelf import Shelf
from cli.auditing import describe_filters, note_access, with_store
from cli.changes import Matrix
from cli.exits import DIFFERENT
from cli.options import LogOptions, log_options
from cli.periods import read_instant
from cli.progress import show_progress
from cli.reporters.replaytext import write_difference, write_matrix, write_summary
from engine.evaluation.compiled import Compiled
from store.decisions import DecisionFilter, LoggedDecision
from store.store import Store

_MOST_SHOWN = 100


class Summary(msgspec.Struct, kw_only=True):
    """What came of replaying a period; `erased_count` could not be made again, their facts being gone."""

    equal_count: int = 0
    different_count: int = 0
    erased_count: int = 0
    seconds: float = 0.0
    shown: list[Replay] = []

    @property
    def per_second(self) -> float:
        """Decisions made again in a second."""
        return (self.equal_count + self.different_count) / self.seconds if self.seconds else 0.0


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
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    options: LogOptions,
    against: str | None,
    shape: str,
    **filters: Any,  # noqa: ANN401  the options above
) -> None:
    """Make logged decisions again with their pinned versions and facts: equal byte for byte, or the difference shown.

    Ends with status 5 if any differs. With --against nothing is expected to be equal: the matrix of what would be
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

    async def work(store: Store) -> tuple[Summary, Matrix]:
        await note_access(store, context, about)
        return await _Replaying(store, target).run(wanted)

    try:
        summary, matrix = with_store(options, work)
    except UnusableVersion as problem:
        raise click.ClickException(f"{problem}.") from None
    if shape == "json":
        click.echo(_write_json(summary, matrix if target is not None else None))
    else:
        if target is not None:
            click.echo(write_matrix(matrix.rows()), nl=False)
        for each in summary.shown:
            click.echo(write_difference(each), nl=False)
        click.echo(
            write_summary(
                equal_count=summary.equal_count,
                different_count=summary.different_count,
                erased_count=summary.erased_count,
                per_second=summary.per_second,
                changed_count=None if target is None else matrix.changed_count,
            )
        )
    if summary.different_count and target is None:
        context.exit(DIFFERENT)


class _Replaying:
    """One run through the log, a page at a time."""

    def __init__(self, store: Store, target: tuple[str, int] | None) -> None:
        self._store = store
        self._target = target
        self._shelf = Shelf(store.rulesets)
        self._summary = Summary(shown=[])
        self._matrix = Matrix()

    async def run(self, wanted: DecisionFilter) -> tuple[Summary, Matrix]:
        """Replay all decisions of a kind."""
        begun = time.perf_counter()
        if self._target is not None:
            await self._shelf.take([self._target])  # an unknown version is said before anything is read
        with show_progress("replaying", await self._store.decisions.count(wanted)) as advance:
            async for page in self._store.decisions.stream(wanted):
                for logged in page:
                    await self._take(logged)
                advance(len(page))
        self._summary.seconds = time.perf_counter() - begun
        self._shelf.close()
        return self._summary, self._matrix

    async def _take(self, logged: LoggedDecision) -> None:
        try:
            remembered = remember(logged)
        except FactsErased:
            self._summary.erased_count += 1
            return
        again = replay(remembered, await self._find_rulesets(remembered))
        if self._target is not None:
            becomes = None if again.answer is None else msgspec.json.decode(again.answer)
            self._matrix.add(msgspec.json.decode(remembered.answer), becomes)
        if again.is_equal:
            self._summary.equal_count += 1
            return
        self._summary.different_count += 1
        if self._target is None and len(self._summary.shown) < _MOST_SHOWN:
            self._summary.shown.append(again)

    async def _find_rulesets(self, remembered: Remembered) -> tuple[Compiled, ...]:
        keys = list(remembered.rulesets)
        if self._target is not None:
            name = self._target[0]
            keys = [key for key in keys if key[0] != name]
            keys += [self._target] if len(keys) < len(remembered.rulesets) else []
        return await self._shelf.take(keys)


def _read_target(text: str) -> tuple[str, int]:
    name, _, number = text.partition("@")
    if not name or not number.isdecimal():
        raise click.BadParameter(
            f"{text!r} is not written RULESET@VERSION, such as nl-consumer@8.", param_hint="--against"
        )
    return name, int(number)


def _write_json(summary: Summary, matrix: Matrix | None) -> str:
    told: dict[str, Any] = {
        "equal_count": summary.equal_count,
        "different_count": summary.different_count,
        "erased_count": summary.erased_count,
        "decisions_per_second": round(summary.per_second, 1),
        "differences": [
            {"decision_id": each.decision_id, "problem": each.problem, "places": each.differences}
            for each in summary.shown
        ],
    }
    if matrix is not None:
        told["changes"] = matrix.rows()
    return msgspec.json.encode(told).decode()
