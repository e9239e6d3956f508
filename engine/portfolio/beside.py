"""Accounts that are documents, together with the lists that are given beside them."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from engine.portfolio.columns import DOCUMENT
from engine.portfolio.documents import GIVEN_TWICE
from engine.portfolio.regular import regularize, say, shorten_instants


def put_beside(batch: pa.RecordBatch, given: Mapping[str, pa.Array], wanted: pa.Schema) -> pa.RecordBatch:
    """Return spread documents with a list of each row under each name, as structs or as its JSON.

    What stays a document has them in it. A row that has such a list itself is refused: neither may be passed over.
    """
    kept = [name for name in batch.schema.names if name not in {DOCUMENT, *given}]
    whole = batch.select(kept)
    for name, lists in given.items():
        whole = whole.append_column(name, lists)
    whole = shorten_instants(whole)
    documents = batch[DOCUMENT].to_pylist()
    for index in _find(batch[DOCUMENT]):
        own = {name: whole[name][index].as_py() for name in given}
        documents[index] = _put(documents[index], own, wanted)
    for name in given:
        for index in _find(batch[name]):
            documents[index] = _refuse(name)
    return regularize(whole.append_column(DOCUMENT, pa.array(documents, pa.string())), wanted)


def _find(array: pa.Array) -> Iterable[int]:
    """Return the rows that are not null."""
    found: list[int] = np.flatnonzero(array.is_valid().to_numpy(zero_copy_only=False)).tolist()
    return found


def _put(text: str, given: Mapping[str, Any], wanted: pa.Schema) -> str:
    try:
        parts = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return text  # the reading of documents says what is wrong
    for name, lists in given.items():
        if bytes(parts.get(name, b"null")) != b"null":
            return _refuse(name)
        is_json = isinstance(lists, str)
        parts[name] = msgspec.Raw(
            lists.encode() if is_json else msgspec.json.encode(say(lists, wanted.field(name).type))
        )
    return msgspec.json.encode(parts).decode()


def _refuse(name: str) -> str:
    return msgspec.json.encode([GIVEN_TWICE, name]).decode()
