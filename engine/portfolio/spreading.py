"""Documents as rows: what fits the columns is spread over them, all else stays a document."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa

from engine.model.exactjson import FREE_JSON
from engine.portfolio.columns import DOCUMENT
from engine.portfolio.values import Odd, read_value


def spread(texts: Sequence[str], wanted: pa.Schema, leave_out: Sequence[str] = ()) -> pa.RecordBatch:
    """Return accounts that are given as JSON, each with its history under ``history``, in the wanted columns.

    What is left out is as though the documents did not have it.
    """
    if leave_out:
        texts = [_drop(text, leave_out) for text in texts]
    kinds = {field.name: field.type for field in wanted if field.name != DOCUMENT}
    rows = [_spread(text, kinds) for text in texts]
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in wanted]
    return pa.RecordBatch.from_arrays(columns, names=wanted.names)


def _drop(text: str, names: Sequence[str]) -> str:
    try:
        parts = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return text
    return msgspec.json.encode({name: part for name, part in parts.items() if name not in names}).decode()


def _spread(text: str, kinds: dict[str, pa.DataType]) -> dict[str, Any]:
    try:
        document = FREE_JSON.decode(text)
        return {name: read_value(value, kinds[name]) for name, value in document.items()}
    except (Odd, KeyError, AttributeError, ValueError, RecursionError):  # the reading of documents says what is wrong
        return {"id": _name_of(text), DOCUMENT: text}


def _name_of(text: str) -> str | None:
    try:
        name = FREE_JSON.decode(text)["id"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return name if isinstance(name, str) else None
