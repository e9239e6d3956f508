"""Days and instants that calendars do not reach, as texts: they stay their account's own mistake, told as any other."""

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

_EPOCH = dt.date(1970, 1, 1)
# A day less at each end: a zone may be ahead of the other one.
_FIRST = (dt.date.min - _EPOCH).days + 1
_LAST = (dt.date.max - _EPOCH).days - 1
_UNITS_OF_A_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def spell_far_days(array: pa.Array) -> pa.Array:
    """Return an array, whatever it holds lists or records of, with days as texts where one of them is out of reach."""
    of = array.type
    if types.is_timestamp(of):
        return pc.strftime(array.cast(pa.timestamp(of.unit, "UTC")), "%Y-%m-%dT%H:%M:%SZ") if _is_far(array) else array
    if types.is_date(of):
        return pc.strftime(array.cast(pa.timestamp("ms")), "%Y-%m-%d") if _is_far(array) else array
    if types.is_list(of) or types.is_large_list(of):
        items = spell_far_days(array.flatten())
        return array if items.type == of.value_type else _as_lists(array, items)
    if types.is_struct(of):
        parts = [spell_far_days(part) for part in array.flatten()]
        fields = [field.with_type(part.type) for field, part in zip(of, parts, strict=True)]
        if [field.type for field in fields] == [field.type for field in of]:
            return array
        return pa.StructArray.from_arrays(parts, fields=fields, mask=_lacks(array))
    return array


def _as_lists(array: pa.Array, items: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, items, mask=_lacks(array))


def _lacks(array: pa.Array) -> pa.Array | None:
    return array.is_null() if array.null_count else None


def _is_far(array: pa.Array) -> bool:
    of: Any = array.type
    is_of_days = types.is_date32(of)
    day = 1 if is_of_days else _UNITS_OF_A_DAY["ms" if types.is_date64(of) else of.unit]
    ends = pc.min_max(array.cast(pa.int32() if is_of_days else pa.int64())).as_py()
    return ends["min"] is not None and (ends["min"] < _FIRST * day or ends["max"] > _LAST * day)
