"""What a decision costs by columns, beside the single path and beside a plain copy of the columns.

    make bench-portfolio            # or ARGS="--accounts 200000"

Prints ratios: both sides are measured in the same run, on one core, in processor seconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import parquet

from bench.portfoliorules import make_accounts, make_ruleset
from bench.samples import compile_examples, read_samples
from bench.targets import report_at_least, report_at_most
from bench.zencolumns import measure_zen
from engine.evaluation.decide import next_action
from engine.evaluation.rulesets import Rulesets
from engine.portfolio.asking import Ask
from engine.portfolio.columns import HISTORY, list_facts, make_schema
from engine.portfolio.documents import read_rows
from engine.portfolio.kernel import Kernel
from engine.portfolio.regular import regularize
from engine.portfolio.spreading import spread

AS_OF = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
ROWS = 131_072
SINGLY = 2_000
TIMES_AS_FAST, MOST_SINGLY = 50, 0.01
MOST_COPIES, MOST_GROWTH = 2.2, 1.5
COLUMNS = ("account_id", "outcome", "rule", "action", "channel", "template", "fee", "claim_total")


def vary(count: int, seed: int = 1) -> Iterator[str]:
    """Yield accounts as documents: those of the samples, each on days and with amounts of its own."""
    samples, rng = read_samples(), random.Random(seed)
    for number in range(count):
        sample = samples[number % len(samples)]
        days, cents = rng.randrange(-40, 40), rng.randrange(0, 9_000)
        account = dict(sample.account) | {"id": f"A-{number}"}
        if "invoices" in account:
            account["invoices"] = [_vary_invoice(invoice, days, cents) for invoice in account["invoices"]]
        history = [_vary_entry(entry, days) for entry in sample.history]
        yield msgspec.json.encode(account | {HISTORY: history}).decode()


def _vary_invoice(invoice: dict[str, Any], days: int, cents: int) -> dict[str, Any]:
    moved = {key: _move(invoice[key], days) for key in ("due_on", "issued_on") if key in invoice}
    return invoice | moved | {"open": str(Decimal(str(invoice["open"])) + Decimal(cents) / 100)}


def _vary_entry(entry: dict[str, Any], days: int) -> dict[str, Any]:
    moved = {
        key: _move(entry[key], days) for key in ("at", "episode", "pay_by") if entry.get(key) not in {None, "none"}
    }
    return entry | moved


def _move(text: str, days: int) -> str:
    return (dt.date.fromisoformat(text[:10]) + dt.timedelta(days=days)).isoformat() + text[10:]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor seconds that some work takes, and what it returns."""
    begin = process_time()
    found = work()
    return process_time() - begin, found


def measure_examples(count: int) -> None:
    """Print what an account of the six examples costs both ways."""
    rulesets = Rulesets(compile_examples())
    schema = make_schema(list_facts(rulesets))
    texts = list(vary(count))
    batches = [spread(texts[begin : begin + ROWS], schema) for begin in range(0, count, ROWS)]
    ask = Ask(as_of=AS_OF)
    kernel = Kernel(rulesets, ask)
    kernel.decide(batches[0].slice(0, 1_000))  # what is compiled is compiled
    by_columns, decided = timed(lambda: [kernel.decide(batch) for batch in batches])
    rows = [row for batch in batches for row in read_rows(batch.slice(0, SINGLY))][:SINGLY]

    def one_by_one() -> None:
        for row in rows:
            next_action(rulesets, row.account, row.history, as_of=AS_OF, is_live=False)

    one_by_one()
    singly, _ = timed(one_by_one)
    alone: dict[str, int] = {}
    for one in decided:
        for why, times in one.singly.items():
            alone[why] = alone.get(why, 0) + times
    each, other = by_columns / count, singly / len(rows)
    print(f"the six examples, {count:,} accounts with invoices and history, all columns")
    print(f"  one by one {other * 1e6:8.1f} us an account   by columns {each * 1e6:8.1f} us   ratio {other / each:.1f}")
    print(f"  one by one went {sum(alone.values()) / count:.2%}: {alone}")
    report_at_least("columns: so many times as fast as one by one", other / each, TIMES_AS_FAST)
    report_at_most("columns: the share that goes one by one", sum(alone.values()) / count, MOST_SINGLY)


def measure_rules(count: int) -> None:
    """Print what a plain table of rules costs from Parquet to Parquet, beside a copy of the same file."""
    print(f"{count:,} accounts without history, Parquet to Parquet, {len(COLUMNS)} columns of the decision")
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "accounts.parquet", Path(folder) / "written.parquet"
        make_accounts(source, count)
        copied, _ = timed(lambda: _copy(source, target))
        print(f"  a copy of the {len(parquet.read_schema(source))} columns {copied / count * 1e6:6.2f} us an account")
        taken: dict[int, float] = {}
        for rules in (20, 200, 1_000):
            rulesets = Rulesets([make_ruleset(rules)])
            kernel = Kernel(rulesets, Ask(as_of=AS_OF, columns=COLUMNS))
            schema = make_schema(list_facts(rulesets))
            decided, alone = timed(partial(_decide, kernel, schema, source, target))
            taken[rules] = decided
            each, ratio = decided / count * 1e6, decided / copied
            print(f"  {rules:5,} rules {each:6.2f} us an account   {ratio:.2f} times the copy   one by one: {alone}")
        report_at_most("columns: 200 rules take so many copies", taken[200] / copied, MOST_COPIES)
        report_at_most("columns: 1,000 rules take so many times as long as 20", taken[1_000] / taken[20], MOST_GROWTH)


def _copy(source: Path, target: Path) -> None:
    file = parquet.ParquetFile(source, pre_buffer=False)
    with parquet.ParquetWriter(target, file.schema_arrow) as writer:
        for batch in file.iter_batches(ROWS, use_threads=False):
            writer.write_batch(batch)


def _decide(kernel: Kernel, schema: pa.Schema, source: Path, target: Path) -> int:
    """Decide a file, and return how many rows went one by one."""
    writer, alone = None, 0
    for batch in parquet.ParquetFile(source, pre_buffer=False).iter_batches(ROWS, use_threads=False):
        found = kernel.decide(regularize(batch, schema))
        writer = writer or parquet.ParquetWriter(target, found.decisions.schema)
        writer.write_batch(found.decisions)
        alone += sum(found.singly.values())
    if writer is not None:
        writer.close()
    return alone


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000, help="with invoices and history")
    parser.add_argument("--plain", type=int, default=1_000_000, help="without")
    arguments = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    measure_examples(arguments.accounts)
    measure_rules(arguments.plain)
    measure_zen()


if __name__ == "__main__":
    main()
