"""Single values as their columns hold them: read where there is one way to read them, else Odd."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import types

from engine.model.exactjson import FREE_JSON
from engine.model.vocabulary import LARGEST_INTEGER


class Odd(Exception):
    """A value does not fit its column; the account is read as a document, which says what is wrong with it."""


Read = Callable[[Any, pa.DataType], Any]

_LARGEST_WHOLE = 10**16
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,15})", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SEPARATORS = re.compile(r"[ ,;]+")
_TRUTHS = {"true": True, "false": False}


def form_of(wanted: pa.DataType) -> re.Pattern[str] | None:
    """Return how a text is written that stands for a number or a day of a type, None for other types."""
    if types.is_decimal(wanted):
        return re.compile(rf"-?[0-9]{{1,16}}(\.[0-9]{{1,{wanted.scale}}})?", re.ASCII)
    if types.is_integer(wanted):
        return _WHOLE
    return _DAY if types.is_date(wanted) else None


def read_value(value: object, wanted: pa.DataType) -> Any:  # noqa: ANN401  the type says what
    """Return a value of a JSON-like document as its column holds it.

    Raises Odd.
    """
    if value is None:
        return None
    return next(read for is_of_kind, read in _READERS if is_of_kind(wanted))(value, wanted)


def read_text(text: str, wanted: pa.DataType) -> Any:  # noqa: ANN401  as above
    """Return what a text of a flat file says: a number by its digits, a list as JSON or as words with separators.

    Raises Odd.
    """
    if types.is_boolean(wanted):
        if text not in _TRUTHS:
            raise Odd
        return _TRUTHS[text]
    if types.is_integer(wanted):
        if _WHOLE.fullmatch(text) is None:
            raise Odd
        return _read_whole(int(text), wanted)
    return read_value(open_text(text, wanted) if types.is_list(wanted) else text, wanted)


def open_text(text: str, wanted: pa.DataType) -> object:
    """Return what a text in the place of a list says as JSON, or its words where words are wanted; else the text."""
    if types.is_string(wanted.value_type) and not text.lstrip().startswith("["):
        return [word for word in _SEPARATORS.split(text) if word]
    try:
        return FREE_JSON.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return text


def _of_type(value: object, wanted: type) -> Any:  # noqa: ANN401  of that type
    if type(value) is not wanted:
        raise Odd
    return value


def _present(value: object) -> object:
    if value is None:  # nothing that is listed may be left out
        raise Odd
    return value


def _read_whole(value: object, wanted: pa.DataType) -> int:
    del wanted
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if type(value) is not int or abs(value) > LARGEST_INTEGER:
        raise Odd
    return value


def _read_decimal(value: object, wanted: pa.DataType) -> Decimal:
    if type(value) is int:
        number = Decimal(value)
    elif isinstance(value, Decimal) and value.is_finite():
        number = value
    elif isinstance(value, str) and (form := form_of(wanted)) is not None and form.fullmatch(value):
        number = Decimal(value)
    else:
        raise Odd
    scaled = number.scaleb(wanted.scale)
    if abs(number) >= _LARGEST_WHOLE or scaled != scaled.to_integral_value():
        raise Odd
    return number


def _read_day(value: object, wanted: pa.DataType) -> dt.date:
    del wanted
    if type(value) is dt.date:
        return value
    if _DAY.fullmatch(_of_type(value, str)) is None:
        raise Odd
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise Odd from None


def _read_list(value: object, wanted: pa.DataType) -> list[object]:
    return [_present(read_value(each, wanted.value_type)) for each in _of_type(value, list)]


def _read_parts(value: object, wanted: pa.DataType) -> dict[str, object]:
    parts = _of_type(value, dict)
    known = {field.name: field.type for field in wanted}
    if not parts.keys() <= known.keys():
        raise Odd
    return {name: read_value(part, known[name]) for name, part in parts.items()}


_READERS: tuple[tuple[Callable[[pa.DataType], bool], Read], ...] = (
    (types.is_string, lambda value, _: _of_type(value, str)),
    (types.is_boolean, lambda value, _: _of_type(value, bool)),
    (types.is_integer, _read_whole),
    (types.is_decimal, _read_decimal),
    (types.is_date, _read_day),
    (types.is_list, _read_list),
    (types.is_struct, _read_parts),
)
