"""What is wrong with the columns of a source of accounts, said before the first row is read."""

from collections.abc import Iterator

import pyarrow as pa
from pyarrow import types

from engine.loading.complaints import find_meant
from engine.portfolio.columns import AMOUNT, DECIMAL

_NEEDED = ("id", "currency")


def find_misfits(source: pa.Schema, wanted: pa.Schema) -> tuple[str, ...]:
    """Return a sentence for each column of a source that cannot be read as an account's; none where all can be."""
    return tuple(_examine(source, wanted))


def _examine(source: pa.Schema, wanted: pa.Schema) -> Iterator[str]:
    for name in sorted({name for name in source.names if source.names.count(name) > 1}):
        yield f"there is more than one column {name}; leave one of them"
    if "document" not in source.names:
        for name in _NEEDED:
            if name not in source.names:
                yield (
                    f"there is no column {name}; every account has an {name}"
                    if name == "id"
                    else (f"there is no column {name}; every account has a currency such as EUR")
                )
    for field in source:
        if field.name in wanted.names:
            yield from _compare(field.name, field.type, wanted.field(field.name).type)
        else:
            yield _say_unknown(field.name, f"column {field.name} is no key of an account and no fact", wanted.names)


def _say_unknown(name: str, said: str, known: list[str]) -> str:
    meant = find_meant(name, known)
    hint = f"did you mean {meant}?" if meant is not None else "declare it as a fact, or"
    return f"{said}; {hint} leave it out with --leave-out {name}"


def _compare(name: str, source: pa.DataType, wanted: pa.DataType) -> Iterator[str]:
    if types.is_dictionary(source):
        source = source.value_type
    if source == wanted or types.is_null(source):
        return
    if types.is_floating(source):
        yield _say_float(name, wanted)
    elif _is_text(source):
        return  # read row by row
    elif types.is_list(wanted):
        if not (types.is_list(source) or types.is_large_list(source)):
            yield f"column {name} is {source}; a list is wanted, or its JSON as text"
            return
        yield from _compare(name, source.value_type, wanted.value_type)
    elif types.is_struct(wanted):
        yield from _compare_parts(name, source, wanted)
    elif (said := _compare_leaf(source, wanted)) is not None:
        yield f"column {name} is {source}; {said}"


def _compare_parts(name: str, source: pa.DataType, wanted: pa.DataType) -> Iterator[str]:
    if not types.is_struct(source):
        yield f"column {name} is {source}; a struct with {', '.join(field.name for field in wanted)} is wanted"
        return
    known = {field.name: field.type for field in wanted}
    for field in source:
        place = f"{name}.{field.name}"
        if field.name in known:
            yield from _compare(place, field.type, known[field.name])
        else:
            meant = find_meant(field.name, known)
            hint = f"did you mean {name}.{meant}?" if meant is not None else f"known are {', '.join(known)}"
            yield f"{place} is nothing that is known there; {hint}"


def _say_float(name: str, wanted: pa.DataType) -> str:
    if wanted == AMOUNT:
        return (
            f"column {name} holds floats, which are not exact: 0.1 + 0.2 is not 0.3."
            " Write amounts as decimals, such as CAST(… AS DECIMAL(18, 2)), or as text"
        )
    if wanted == DECIMAL:
        return (
            f"column {name} holds floats, which are not exact."
            " Write it as a decimal, such as CAST(… AS DECIMAL(9, 4)), or as text"
        )
    if types.is_integer(wanted):
        return (
            f"column {name} holds floats where whole numbers are wanted;"
            " pandas makes them of whole numbers with gaps: write it as Int64"
        )
    return f"column {name} holds floats; {_wish(wanted)} is wanted"


def _compare_leaf(source: pa.DataType, wanted: pa.DataType) -> str | None:
    """Say what is wanted instead, None where every value of the source may be one."""
    if types.is_integer(source) and (types.is_integer(wanted) or types.is_decimal(wanted) or _is_text(wanted)):
        return None
    if types.is_decimal(source) and (types.is_decimal(wanted) or types.is_integer(wanted)):
        return None
    if _is_text(wanted) and types.is_timestamp(source):
        return None if source.tz is not None else "an instant needs its zone: write it as a timestamp with time zone"
    if types.is_date(source) and (types.is_date(wanted) or _is_text(wanted)):
        return None
    return f"{_wish(wanted)} is wanted"


def _is_text(of: pa.DataType) -> bool:
    return bool(types.is_string(of) or types.is_large_string(of))


def _wish(wanted: pa.DataType) -> str:
    if wanted in {AMOUNT, DECIMAL}:
        return "a decimal"
    if types.is_date(wanted):
        return "a date"
    if types.is_boolean(wanted):
        return "a truth value"
    return "a text" if _is_text(wanted) else "a whole number" if types.is_integer(wanted) else f"{wanted}"
