"""A plain table of many rules, and accounts without history for it, as a Parquet file."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from bench.writing import join_table
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset
from engine.portfolio.columns import AMOUNT, DECIMAL

SEGMENTS = ("consumer", "smb", "enterprise", "public", "agency")
COUNTRIES = ("NL", "DE", "FR", "BE", "GB", "SE")
METHODS = ("card", "sepa_debit", "invoice", "wallet")
BLOCKING = ("insolvent", "disputed", "legal_hold")
_ASKED = (
    *("segment", "country", "customer_value", "days_overdue", "overdue_balance"),
    *("failed_attempts", "vip", "payment_method", "tenure_days", "risk_score"),
)
ROWS = 131_072
HEAD = """\
ruleset: many
title: Many rules
currency: EUR
timezone: Europe/Amsterdam
stateless: true
fees: {late: {basis: overdue_balance, percent: 1.5, at_least: 5, at_most: 500}}
blocks:
  - {id: insolvent, when: {insolvent: true}, reason: Insolvent.}
  - {id: disputed, when: {disputed: true}, reason: Disputed.}
  - {id: hold, when: {legal_hold: true}, reason: Held.}
rules:
"""
LAST = "  - {id: last, then: {action: notify_team, assign_to: all}}\n"


def make_ruleset(count: int, seed: int = 3) -> Compiled:
    """Return a ruleset of so many random conjunctions of two to five conditions, and one rule that always holds."""
    rules = [
        f"  - {{id: r{number}, when: {{{_write_when(when)}}}, then: {then}}}\n"
        for number, (when, then) in enumerate(_draw_rules(count, seed))
    ]
    loaded = load_ruleset(HEAD + "".join(rules) + LAST)
    if loaded.ruleset is None:
        raise ValueError(f"the ruleset cannot be read: {loaded.diagnostics[:3]}")
    return compile_ruleset(loaded.ruleset)


def make_table(count: int, seed: int = 3) -> dict[str, object]:
    """Return the same as zen-engine's decision table, the blocks as its first rows."""
    rows = [{"_id": name, name: "true", "rule": f'"{name}"'} for name in BLOCKING]
    for number, (when, _) in enumerate(_draw_rules(count, seed)):
        cells = {name: _write_cell(test) for name, test in when.items()}
        rows.append({"_id": f"r{number}", **cells, "rule": f'"r{number}"'})
    rows.append({"_id": "last", "rule": '"last"'})
    return join_table([*BLOCKING, *_ASKED], rows)


def _draw_rules(count: int, seed: int) -> list[tuple[dict[str, str], str]]:
    rng = random.Random(seed)
    return [(_when(rng), _then(rng, number)) for number in range(count)]


def _write_when(when: dict[str, str]) -> str:
    return ", ".join(f"{name}: {test}" for name, test in when.items())


def _write_cell(test: str) -> str:
    """Return what a test of the language is in a decision table."""
    if test.startswith("["):
        return ", ".join(f'"{word}"' for word in test.strip("[]").split(", "))
    if test.startswith("{at_least: "):
        return f">= {test.removeprefix('{at_least: ').removesuffix('}')}"
    if test.endswith(".."):
        return f">= {test.removesuffix('..')}"
    return test if test in {"true", "false"} else f'"{test}"'


def _when(rng: random.Random) -> dict[str, str]:
    asked = {
        "segment": f"[{', '.join(rng.sample(SEGMENTS, 2))}]",
        "country": f"[{', '.join(rng.sample(COUNTRIES, 3))}]",
        "customer_value": f"{{at_least: {rng.choice((100, 500, 1000, 5000, 10000))}}}",
        "days_overdue": f"{rng.choice((1, 3, 7, 10, 14, 21, 30, 45, 60, 90))}..",
        "overdue_balance": f"{{at_least: {rng.choice((10, 25, 50, 100, 250, 500, 1000))}}}",
        "failed_attempts": f"{rng.randint(1, 4)}..",
        "vip": rng.choice(("true", "false")),
        "payment_method": rng.choice(METHODS),
        "tenure_days": f"{rng.choice((30, 90, 365, 730))}..",
        "risk_score": f"{{at_least: 0.{rng.randint(1, 9)}}}",
    }
    return {name: asked[name] for name in rng.sample(_ASKED, rng.randint(2, 5))}


def _then(rng: random.Random, number: int) -> str:
    return rng.choice(
        (
            f"{{action: send_reminder, channel: [email, sms], template: t{number}}}",
            "{action: place_call, channel: phone}",
            f"{{action: send_dunning_notice, channel: letter, template: n{number}, fee: late, pay_within_days: 14}}",
            "{action: assign_task, assign_to: billing}",
        )
    )


def make_accounts(path: Path, count: int, seed: int = 1) -> None:
    """Write so many accounts as Parquet."""
    rng = np.random.default_rng(seed)
    writer = None
    for begin in range(0, count, ROWS):
        batch = _make_batch(rng, begin, min(ROWS, count - begin))
        writer = writer or parquet.ParquetWriter(path, batch.schema)
        writer.write_batch(batch)
    if writer is not None:
        writer.close()


def _make_batch(rng: np.random.Generator, begin: int, rows: int) -> pa.RecordBatch:
    def pick(words: tuple[str, ...]) -> pa.Array:
        return pa.array(words).take(pa.array(rng.integers(0, len(words), rows)))

    def exact(most: int, unit: int, type_: pa.DataType) -> pa.Array:
        pairs = np.zeros((rows, 2), dtype="<i8")
        pairs[:, 0] = rng.integers(0, most, rows) * unit
        return pa.Array.from_buffers(type_, rows, [None, pa.py_buffer(pairs.tobytes())])

    reachable = pa.array([["email", "phone", "letter"]], pa.list_(pa.string()))
    columns = {
        "id": pa.array([f"A{number}" for number in range(begin, begin + rows)]),
        "currency": pick(("EUR",)),
        "segment": pick(SEGMENTS),
        "country": pick(COUNTRIES),
        "customer_value": exact(2_000_000, 100, AMOUNT),
        "days_overdue": pa.array(rng.integers(-20, 120, rows)),
        "overdue_balance": exact(200_000, 100, AMOUNT),
        "failed_attempts": pa.array(rng.integers(0, 6, rows)),
        "vip": pa.array(rng.random(rows) < 0.1),
        "payment_method": pick(METHODS),
        "tenure_days": pa.array(rng.integers(0, 2_000, rows)),
        "risk_score": exact(10_000, 100, DECIMAL),
        "insolvent": pa.array(rng.random(rows) < 0.01),
        "disputed": pa.array(rng.random(rows) < 0.02),
        "legal_hold": pa.array(rng.random(rows) < 0.01),
        "channels": reachable.take(pa.array(np.zeros(rows, dtype=np.int64))),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
