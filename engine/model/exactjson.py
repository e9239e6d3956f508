"""JSON that is read without floats: a number is an int or a Decimal."""

import decimal
from typing import Any

import msgspec

_LONGEST_NUMBER = 128
_LARGEST_EXPONENT = 64


def make_decoder(record: object) -> "msgspec.json.Decoder[Any]":
    """Make a decoder that never makes a float."""
    return msgspec.json.Decoder(record, float_hook=read_number)


def read_number(digits: str) -> decimal.Decimal:
    """Read a JSON number with a point or an exponent exactly; 1e999999999 would fill the memory when written out."""
    if len(digits) <= _LONGEST_NUMBER:
        number = decimal.Decimal(digits)
        if abs(number.adjusted()) <= _LARGEST_EXPONENT:
            return number
    raise ValueError("The JSON holds a number far outside what can be decided on.")


FREE_JSON = make_decoder(Any)
"""Any JSON document, numbers as int or Decimal."""
