"""The page of the columns of decisions, written from the columns themselves."""

import pyarrow as pa

from engine.portfolio.columns import AMOUNT
from engine.portfolio.decisions import COLUMNS

_PAGE = """\
# The columns of decisions

What `dunning run` writes of each account that was decided; `--columns` chooses. A column is empty where it does not
apply. Amounts are exact decimals in Parquet, and digits with the places of their currency in CSV and NDJSON. A list is
JSON in CSV.

This page is generated from the columns by `make generate`.

| column | holds | says |
|---|---|---|
"""
_WORDS = {pa.string(): "text", pa.int32(): "integer", pa.date32(): "date", pa.list_(pa.string()): "list of texts"}


def write_columns_page() -> str:
    """Return docs/applications/columns.md."""
    kinds = _WORDS | {AMOUNT: "amount"}
    return _PAGE + "".join(f"| `{each.name}` | {kinds[each.type]} | {each.about} |\n" for each in COLUMNS.values())
