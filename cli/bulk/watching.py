"""How far a run has come: a bar on a terminal, plain lines elsewhere."""

import contextlib
import time
from collections.abc import Iterator

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.bulk.carrying import Advance
from cli.bulk.plan import Plan

_SECONDS_BETWEEN_LINES = 10.0


@contextlib.contextmanager
def watch(plan: Plan, done: int) -> Iterator[Advance]:
    """Show on standard error how many accounts are decided, how many a second, and how long it will take."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(plan.rows_count, done).advance
        return
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}")),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("deciding", total=plan.rows_count, completed=done, rate="")
        decided = 0

        def advance(count: int) -> None:
            nonlocal decided
            decided += count
            rate = decided / max(time.monotonic() - began, 1e-9)
            progress.update(task, advance=count, rate=f"{rate:,.0f} a second")

        yield advance


class _Lines:
    """A line now and then, and one at the end."""

    def __init__(self, total: int, done: int) -> None:
        self._total = total
        self._done = done
        self._before = done
        self._began = self._said = time.monotonic()

    def advance(self, count: int) -> None:
        """Note that so many more are decided."""
        self._done += count
        now = time.monotonic()
        if now - self._said >= _SECONDS_BETWEEN_LINES or self._done >= self._total:
            self._said = now
            rate = (self._done - self._before) / max(now - self._began, 1e-9)
            left = f", about {(self._total - self._done) / rate:,.0f} s left" if self._done < self._total else ""
            percent = 100 * self._done // max(self._total, 1)
            click.echo(
                f"{self._done:,} of {self._total:,} accounts ({percent} %), {rate:,.0f} a second{left}", err=True
            )
