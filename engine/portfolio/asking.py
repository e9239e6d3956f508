"""One ask of a whole batch of accounts, and what came of it."""

import datetime as dt

import msgspec
import pyarrow as pa

from engine.portfolio.decisions import COLUMNS

ALL_COLUMNS = tuple(COLUMNS)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of every account of a run; a bare date is the first moment of that day for each account.

    ``columns`` are the columns of DECISIONS that are wanted, in the order wanted.
    """

    as_of: dt.datetime | dt.date
    track: str = "dunning"
    ruleset: str | None = None
    with_reason: bool = True
    columns: tuple[str, ...] = ALL_COLUMNS


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions of a batch in the columns asked, in the order of its rows; who was refused stands apart.

    ``refused`` is by REFUSED. ``singly`` counts, by why, the rows that were decided one by one.
    """

    decisions: pa.RecordBatch
    refused: pa.RecordBatch
    singly: dict[str, int]
