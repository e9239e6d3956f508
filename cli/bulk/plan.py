"""What a run is: its inputs in units, and everything else on which its bytes depend."""

from typing import Literal

import msgspec

Form = Literal["parquet", "csv", "ndjson"]
FORMS: tuple[Form, ...] = ("parquet", "csv", "ndjson")
ENDINGS: dict[str, Form] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}


class RunRefused(Exception):
    """The run cannot begin; the message says what stands in its way and what to do."""


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of accounts as it was when the run began; ``partitions`` are the keys that its path states."""

    path: str
    form: Form
    size: int
    changed_at_ns: int | None
    partitions: dict[str, str | None] = {}


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of an input that is decided as one: row groups of Parquet, else bytes, from ``start`` to before ``stop``.

    ``rows_before`` counts the rows of the input before it.
    """

    index: int
    input: int
    start: int
    stop: int
    rows_before: int
    rows_count: int


class Beside(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files with the invoices or the histories of all accounts."""

    source: str
    inputs: tuple[Input, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run whole: the same plan gives the same bytes, whoever carries it out and however often it was stopped."""

    rulesets: dict[str, str]
    track: str
    as_of: str
    columns: tuple[str, ...]
    form: Form
    leave_out: tuple[str, ...] = ()
    source: str
    inputs: tuple[Input, ...]
    units: tuple[Unit, ...]
    beside: dict[str, Beside] = {}

    @property
    def rows_count(self) -> int:
        """How many accounts there are."""
        return sum(unit.rows_count for unit in self.units)
