"""A thousand rules: an account by columns, beside zen-engine that is asked row by row, with the same answers."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import pyarrow as pa
import zen
from pyarrow import parquet

from bench.harness import Disagreement
from bench.portfoliorules import make_accounts, make_ruleset, make_table
from bench.subjects import AS_OF
from bench.targets import report_at_least
from bench.writing import encode
from engine.evaluation.rulesets import Rulesets
from engine.portfolio.asking import Ask
from engine.portfolio.columns import list_facts, make_schema
from engine.portfolio.kernel import Kernel
from engine.portfolio.regular import regularize

RULE_COUNT = 1_000
COLUMNS_COUNT = 131_072
ROW_BY_ROW_COUNT = 2_000
TIMES_AS_FAST = 100
COLUMNS = ("account_id", "outcome", "rule", "block")


def measure_zen() -> None:
    """Print how many times faster an account is decided by columns than zen-engine finds its row of a table."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "accounts.parquet"
        make_accounts(path, COLUMNS_COUNT)
        accounts = next(parquet.ParquetFile(path).iter_batches(COLUMNS_COUNT, use_threads=False))
    by_columns, found = _decide(accounts)
    row_by_row, rows = _ask_zen([_write(each) for each in accounts.slice(0, ROW_BY_ROW_COUNT).to_pylist()])
    if rows != found[:ROW_BY_ROW_COUNT]:
        raise Disagreement("zen-engine finds other rules")
    print(f"{RULE_COUNT:,} rules: {by_columns * 1e6:.2f} us an account by columns", end="; ")
    print(f"zen-engine {row_by_row * 1e6:.0f} us, row by row")
    report_at_least("columns: so many times as fast as zen-engine row by row", row_by_row / by_columns, TIMES_AS_FAST)


def _write(account: dict[str, Any]) -> dict[str, Any]:
    """Return an account in zen-engine's numbers."""
    exact = {name: float(account[name]) for name in ("customer_value", "overdue_balance", "risk_score")}
    return {name: value for name, value in account.items() if name not in {"id", "currency", "channels"}} | exact


def _ask_zen(accounts: list[dict[str, Any]]) -> tuple[float, list[str]]:
    content = zen.ZenDecisionContent(encode(make_table(RULE_COUNT)))
    evaluate = zen.ZenEngine({"loader": lambda _key: content}).evaluate
    evaluate("rules", accounts[0])
    begun = process_time()
    found = [evaluate("rules", account)["result"]["rule"] for account in accounts]
    return (process_time() - begun) / len(accounts), found


def _decide(accounts: pa.RecordBatch) -> tuple[float, list[str]]:
    """Return the processor seconds that an account takes, and what decides each: a block or a rule."""
    rulesets = Rulesets([make_ruleset(RULE_COUNT)])
    schema = make_schema(list_facts(rulesets))
    kernel = Kernel(rulesets, Ask(as_of=AS_OF, columns=COLUMNS))
    kernel.decide(regularize(accounts.slice(0, 1_000), schema))
    begun = process_time()
    decided = kernel.decide(regularize(accounts, schema))
    each = (process_time() - begun) / len(accounts)
    blocks = {"hold": "legal_hold"}
    rows = decided.decisions.select(["rule", "block"]).to_pylist()
    return each, [row["rule"] or blocks.get(row["block"], row["block"]) for row in rows]
