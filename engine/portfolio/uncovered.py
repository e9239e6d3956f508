"""Accounts that no ruleset covers: one of those alike is asked alone, and its answer is that of the others."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from engine.evaluation.rulesets import Rulesets
from engine.portfolio.arrays import take_rows
from engine.portfolio.asking import Ask
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.joining import Coded, Part
from engine.portfolio.singly import decide_singly


def decide_uncovered(
    batch: pa.RecordBatch, rows: Ints, facts: Iterable[str], rulesets: Rulesets, ask: Ask
) -> tuple[Truths, dict[str, Part]]:
    """Return which of some uncovered rows are decided, and their decisions; the others are refused, each by itself.

    What is decided hangs on the currency, the zone and the facts that coverage asks about, none of which moves.
    """
    asked = {"currency", "timezone", *facts}
    said = take_rows(batch.select([name for name in batch.schema.names if name in asked]), rows)
    known: dict[tuple[object, ...], int] = {}
    keys = zip(*(map(_hashable, column.to_pylist()) for column in said.columns), strict=True)
    places = np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
    _, firsts = np.unique(places, return_index=True)
    alone = decide_singly(take_rows(batch, rows[firsts]), rulesets, ask)
    is_refused = np.zeros(len(known), dtype=np.bool_)
    is_refused[np.asarray(alone.refused.column("row")).astype(np.int64)] = True
    own = np.where(is_refused, -1, np.cumsum(~is_refused) - 1)[places]
    names = alone.decisions.schema.names
    return own >= 0, {name: Coded(alone.decisions.column(name), own) for name in names}


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
