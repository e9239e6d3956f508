"""Arrow columns as NumPy arrays: exact integers, codes of words, and who has none."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.model.businessdays import FIRST_YEAR, LAST_YEAR
from engine.portfolio.bits import Ints, Truths

EPOCH = dt.date(1970, 1, 1).toordinal()
NO_DAY = -1
"""In the place of a day, which is the ordinal of a date."""
FIRST_DAY, LAST_DAY = dt.date(FIRST_YEAR, 1, 1).toordinal(), dt.date(LAST_YEAR, 12, 31).toordinal()
_SIGN = 63
_WIDEST_TABLE = 1 << 16


class Column(NamedTuple):
    """A fact of each row: numbers as they are, truth values as 0 and 1, words as codes of ``words``."""

    values: Ints
    present: Truths
    words: Sequence[str] = ()


def present_in(array: pa.Array) -> Truths:
    """Tell which values are not null."""
    if array.null_count == 0:
        return np.ones(len(array), dtype=np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def ints_of(array: pa.Array) -> Ints:
    """Return whole numbers, 0 for null."""
    filled = array.fill_null(0) if array.null_count else array
    return np.asarray(filled.to_numpy(zero_copy_only=False)).astype(np.int64, copy=False)


def truths_of(array: pa.Array) -> Truths:
    """Return truth values, false for null."""
    filled = array.fill_null(False) if array.null_count else array  # noqa: FBT003  pyarrow's own
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_)


def days_of(array: pa.Array) -> Ints:
    """Return dates as ordinals, `NO_DAY` for null."""
    days = ints_of(array.cast(pa.int32())) + EPOCH
    return np.where(present_in(array), days, NO_DAY) if array.null_count else days


def scaled_of(array: pa.Array, places: int) -> tuple[Ints, Truths]:
    """Return exact decimals as whole numbers of so many places, and which are such; 0 for null, which is none."""
    count, scale = len(array), array.type.scale
    pairs = np.frombuffer(array.buffers()[1], dtype="<i8", count=2 * (array.offset + count)).reshape(-1, 2)
    low, high = pairs[array.offset :, 0].astype(np.int64), pairs[array.offset :, 1]
    fits = present_in(array) & (high == low >> _SIGN)
    if places < scale:
        unit = 10 ** (scale - places)
        whole = low // unit
        fits &= whole * unit == low
        return np.where(fits, whole, 0), fits
    unit = 10 ** (places - scale)
    fits &= np.abs(low) <= np.iinfo(np.int64).max // unit
    return np.where(fits, low * unit, 0), fits


def write_decimals(values: Ints, type_: pa.DataType, present: Truths | None = None) -> pa.Array:
    """Return whole numbers of the smallest unit that a decimal type has as exact decimals."""
    pairs = np.empty((len(values), 2), dtype="<i8")
    pairs[:, 0], pairs[:, 1] = values, values >> _SIGN
    validity = None
    if present is not None and not present.all():
        validity = pa.py_buffer(np.packbits(present, bitorder="little").tobytes())
    return pa.Array.from_buffers(type_, len(values), [validity, pa.py_buffer(pairs.tobytes())])


def codes_of(array: pa.Array) -> tuple[Ints, list[str]]:
    """Return texts as codes and the texts, -1 for null."""
    if array.null_count == len(array):
        return np.full(len(array), -1, dtype=np.int64), []
    encoded = array if pa.types.is_dictionary(array.type) else pc.dictionary_encode(array)
    return ints_of(encoded.indices.fill_null(-1)), encoded.dictionary.to_pylist()


def unique(values: Ints) -> tuple[Ints, Ints]:
    """Return the values that are different, in order, and the place of each row's; those close together by a table."""
    if not len(values):
        return values, values
    low = int(values.min())
    width = int(values.max()) - low + 1
    if width > _WIDEST_TABLE + 4 * len(values):
        distinct, places = np.unique(values, return_inverse=True)
        return distinct, places.reshape(-1)
    own = values - low
    is_there = np.zeros(width, dtype=np.bool_)
    is_there[own] = True
    found = np.flatnonzero(is_there)
    at = np.zeros(width, dtype=np.int64)
    at[found] = np.arange(len(found))
    return found + low, at[own]


def first_rows(places: Ints, count: int) -> Ints:
    """Return for each of so many places one row that has it."""
    found = np.zeros(count, dtype=np.int64)
    found[places] = np.arange(len(places))
    return found


def by_value(values: Ints, answer: Callable[[int], object]) -> tuple[list[object], Ints]:
    """Return what is answered to each distinct value, and the place of each row's answer."""
    distinct, places = unique(values)
    return [answer(value) for value in distinct.tolist()], places


def lists_of(column: pa.Array) -> tuple[Ints, Ints]:
    """Return where the items of each list begin among all that are flattened, and how many they are."""
    if column.null_count == len(column):
        return np.zeros(len(column), dtype=np.int64), np.zeros(len(column), dtype=np.int64)
    lengths = ints_of(pc.list_value_length(column))
    return np.cumsum(lengths) - lengths, lengths


def fields_of(records: pa.Array) -> dict[str, pa.Array]:
    """Return the fields of some records by name; those of a record that is null are null."""
    return dict(zip((field.name for field in records.type), records.flatten(), strict=True))


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Return all places of some spans, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)


def sums(values: Ints, lengths: Ints) -> Ints:
    """Return the sum of each span of values that stand one after the other."""
    running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(values, dtype=np.int64)))
    ends = np.cumsum(lengths)
    return running[ends] - running[ends - lengths]


def take_rows(batch: pa.RecordBatch, rows: Ints) -> pa.RecordBatch:
    """Return some rows of a batch; of lists of records, fields that nobody gives cost nothing."""
    places = pa.array(rows)
    columns = [_take_lists(each, rows) if _is_of_records(each.type) else each.take(places) for each in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_of_records(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) and pa.types.is_struct(type_.value_type))


def _take_lists(column: pa.Array, rows: Ints) -> pa.Array:
    if column.null_count == len(column):
        return pa.nulls(len(rows), column.type)
    lengths = ints_of(pc.list_value_length(column))
    starts = np.cumsum(lengths) - lengths
    own = lengths[rows]
    places = pa.array(spans(starts[rows], own))
    values = column.flatten()
    fields = list(values.type)
    parts = [
        pa.nulls(len(places), part.type) if part.null_count == len(part) else part.take(places)
        for part in values.flatten()
    ]
    lacks = pa.array(~present_in(values)).take(places) if values.null_count else None
    records = pa.StructArray.from_arrays(parts, fields=fields, mask=lacks)
    offsets = pa.array(np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(own))).astype(np.int32))
    mask = pa.array(~present_in(column)[rows]) if column.null_count else None
    return pa.ListArray.from_arrays(offsets, records, mask=mask)
