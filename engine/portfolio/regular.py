"""A batch of accounts as a source has it, with exactly the columns of accounts; what does not fit is kept as JSON.

A value is taken only where there is one way to read it. Any other leaves its row as a document, with the value as it
stands, so that the one reading of documents says what is wrong with it.
"""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from engine.portfolio.columns import DOCUMENT
from engine.portfolio.documents import to_json
from engine.portfolio.fardays import spell_far_days
from engine.portfolio.values import Odd, form_of, open_text, read_text, read_value

Mask = npt.NDArray[np.bool_]
_WIDE = pa.decimal128(38, 4)


def regularize(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """Return the accounts in the wanted columns; find_misfits has found nothing wrong with their types."""
    batch = shorten_instants(batch)
    columns, odd = [], np.zeros(batch.num_rows, dtype=np.bool_)
    for field in wanted:
        if field.name in batch.schema.names:
            array, misfits = _fit(batch.column(field.name), field.type)
            odd |= misfits if misfits is not None else False
        else:
            array = pa.nulls(batch.num_rows, field.type)
        columns.append(array)
    if odd.any():
        at = wanted.names.index(DOCUMENT)
        columns[at] = _write_documents(batch, wanted, odd, columns[at])
    return pa.RecordBatch.from_arrays(columns, names=wanted.names)


def shorten_instants(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch without nanoseconds: they are cut off, as in the texts of documents; far days are texts."""
    batch = _spell_far_days(batch)
    schema = pa.schema([(field.name, _shorten(field.type)) for field in batch.schema])
    if schema.types == batch.schema.types:
        return batch
    arrays = [
        array if array.type == field.type else pc.cast(array, options=_cut_to(field.type))
        for array, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _spell_far_days(batch: pa.RecordBatch) -> pa.RecordBatch:
    arrays = [spell_far_days(array) for array in batch.columns]
    if all(new.type == old.type for new, old in zip(arrays, batch.columns, strict=True)):
        return batch
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _cut_to(wanted: pa.DataType) -> pc.CastOptions:
    return pc.CastOptions(wanted, allow_time_truncate=True)


def _shorten(of: pa.DataType) -> pa.DataType:
    """Return a type with microseconds where it has nanoseconds."""
    if types.is_timestamp(of):
        return pa.timestamp("us", of.tz) if of.unit == "ns" else of
    if types.is_list(of):
        return pa.list_(of.value_field.with_type(_shorten(of.value_type)))
    if types.is_large_list(of):
        return pa.large_list(of.value_field.with_type(_shorten(of.value_type)))
    if types.is_struct(of):
        return pa.struct([field.with_type(_shorten(field.type)) for field in of])
    return of


def _fit(array: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Mask | None]:
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.type == wanted:
        return array, None
    if types.is_null(array.type):
        return pa.nulls(len(array), wanted), None
    if types.is_list(wanted):
        return _fit_list(array, wanted)
    if types.is_struct(wanted) and types.is_struct(array.type):
        return _fit_parts(array, wanted)
    return _fit_leaf(array, wanted)


def _fit_list(array: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Mask | None]:
    if not (types.is_list(array.type) or types.is_large_list(array.type)):
        return _one_by_one(array, wanted)
    items, misfits = _fit(array.flatten(), wanted.value_type)
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    is_missing = array.is_null() if array.null_count else None
    fitted = pa.ListArray.from_arrays(offsets, items, type=pa.list_(items.type), mask=is_missing)
    if misfits is None:
        return fitted, None
    parents = np.repeat(np.arange(len(array)), lengths)
    odd = np.zeros(len(array), dtype=np.bool_)
    odd[parents[misfits]] = True
    return fitted, odd


def _fit_parts(array: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Mask | None]:
    parts, fields, odd = [], [], np.zeros(len(array), dtype=np.bool_)
    for field in wanted:
        at = array.type.get_field_index(field.name)
        part, misfits = (pa.nulls(len(array), field.type), None) if at < 0 else _fit(array.field(at), field.type)
        odd |= misfits if misfits is not None else False
        parts.append(part)
        fields.append(pa.field(field.name, part.type))
    is_missing = array.is_null() if array.null_count else None
    return pa.StructArray.from_arrays(parts, fields=fields, mask=is_missing), odd if odd.any() else None


def _fit_leaf(array: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Mask | None]:
    if types.is_timestamp(array.type):
        return pc.cast(array, pa.timestamp("us", "UTC")), None
    if types.is_large_string(array.type):
        array = pc.cast(array, pa.string())
    if array.type == wanted or not types.is_string(array.type):
        try:
            return _cast(array, wanted), None
        except pa.ArrowInvalid:
            return _one_by_one(array, wanted)
    form = form_of(wanted)
    if form is not None and pc.all(pc.match_substring_regex(array, f"^({form.pattern})$"), min_count=0).as_py():
        try:
            return pc.cast(array, wanted), None
        except pa.ArrowInvalid:
            pass  # one of them is no day
    return _one_by_one(array, wanted)


def _cast(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    if types.is_integer(array.type) and types.is_decimal(wanted):
        array = pc.cast(array, _WIDE)  # Arrow wants room for any integer
    return pc.cast(array, wanted)


def _one_by_one(array: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Mask]:
    """Return the values that fit, one after the other, and which do not."""
    read = read_text if types.is_string(array.type) else read_value
    odd = np.zeros(len(array), dtype=np.bool_)
    values: list[Any] = []
    for index, value in enumerate(array.to_pylist()):
        try:
            values.append(None if value is None else read(value, wanted))
        except Odd:
            values.append(None)
            odd[index] = True
    return pa.array(values, wanted), odd


def _write_documents(batch: pa.RecordBatch, wanted: pa.Schema, odd: Mask, known: pa.Array) -> pa.Array:
    """Return the documents of the odd rows beside those that there are."""
    documents = known.to_pylist()
    for index in np.flatnonzero(odd).tolist():
        if documents[index] is None:
            row = {name: column[index].as_py() for name, column in zip(batch.schema.names, batch, strict=True)}
            present = {name: say(value, wanted.field(name).type) for name, value in row.items() if value is not None}
            documents[index] = msgspec.json.encode(present).decode()
    return pa.array(documents, pa.string())


def say(value: Any, wanted: pa.DataType) -> Any:  # noqa: ANN401  whatever stands in a file
    """Return a value as a document says it: as its type where it can be read as that, else as it stands."""
    if isinstance(value, str) and types.is_list(wanted):
        value = open_text(value, wanted)
    if isinstance(value, list) and types.is_list(wanted):
        return [say(each, wanted.value_type) for each in value]
    if isinstance(value, dict) and types.is_struct(wanted):
        kinds = {field.name: field.type for field in wanted}
        return {name: say(part, kinds.get(name, pa.string())) for name, part in value.items() if part is not None}
    try:
        return to_json(read_text(value, wanted) if isinstance(value, str) else read_value(value, wanted))
    except Odd:
        return to_json(value)
