"""Reading a request: its body within a bound, its JSON exactly, its parameters strictly."""

import decimal
import functools
import re
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.types import Receive, Scope
from msgspec import inspect

from api.jsonplaces import find_number, find_repeated_key, may_repeat_keys
from api.operation import Body
from api.problems import Place, ProblemError

T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=msgspec.Struct)

_PATH_SUFFIX = " - at `$"
_FIELD = re.compile(r"(?:unknown|required) field `(?P<name>[^`]*)`")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_LONGEST_NUMBER = 128
_LARGEST_EXPONENT = 64


class Disconnected(Exception):
    """The client went away before its body was whole."""


def find_header(scope: Scope, name: bytes) -> str | None:
    """Find the first header of this lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return None


def method_of(scope: Scope) -> str:
    """Return the request's method; every route here is asked over HTTP."""
    return str(scope.get("method", ""))


async def read_body(scope: Scope, receive: Receive, body: Body) -> bytes:
    """Read the whole body, refused as soon as it is of another type or longer than the route takes."""
    check_media_type(scope, body)
    most = body.most_bytes
    declared = find_header(scope, b"content-length")
    if most is not None and declared is not None and declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        part, more = await receive_part(receive)
        parts.append(part)
        size += len(part)
        if most is not None and size > most:
            raise _too_large(most)
    return b"".join(parts)


async def receive_part(receive: Receive) -> tuple[bytes, bool]:
    """Receive the next part of a body, and whether more follows."""
    message = await receive()
    if message["type"] != "http.request":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)


def check_media_type(scope: Scope, body: Body) -> str:
    """Return the body's media type, the route's first where none is given, or refuse another."""
    encoding = find_header(scope, b"content-encoding")
    if encoding is not None and encoding.strip().lower() != "identity":
        raise ProblemError("unsupported-media-type", "Bodies are taken as they are, without Content-Encoding.")
    given = find_header(scope, b"content-type")
    if given is None:
        return body.media_types[0]
    media_type = given.partition(";")[0].strip().lower()
    if media_type in body.media_types:
        return media_type
    taken = " or ".join(body.media_types)
    raise ProblemError(
        "unsupported-media-type", f"This path takes {taken}, not {media_type!r}.", headers={"Accept": taken}
    )


def decode_json(decoder: "msgspec.json.Decoder[T]", body: bytes | msgspec.Raw, *, below: str = "") -> T:
    """Decode JSON with every number exact; what is wrong points at its place, below the pointer given."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _refuse_place(_place(str(error), body, below)) from None
    except (msgspec.DecodeError, RecursionError, ValueError, decimal.DecimalException) as error:
        raise ProblemError("invalid-json", _say_malformed(error)) from None


def decode_strictly(decoder: "msgspec.json.Decoder[T]", body: bytes | msgspec.Raw, *, below: str = "") -> T:
    """Decode JSON as `decode_json` does, and refuse a key that stands twice, since nobody knows which was meant.

    The decoder's record leaves nothing out of what was sent: it omits defaults and refuses unknown keys.
    """
    decoded = decode_json(decoder, body, below=below)
    text = bytes(body)
    if may_repeat_keys(text, decoded) and (pointer := find_repeated_key(text)) is not None:
        raise _refuse_place(Place(pointer=below + pointer, message="This key stands twice."))
    return decoded


def refuse_query(scope: Scope) -> None:
    """Refuse a query string where none is known: whoever sends one expects it to count."""
    if scope["query_string"]:
        read_query(scope, NoQuery)


class NoQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameter at all."""


def read_query(scope: Scope, record: type[RecordT]) -> RecordT:
    """Read the query string as a record: an unknown, repeated or malformed parameter is refused by name."""
    raw = scope["query_string"]
    given: dict[str, str] = {}
    if raw:
        for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
            if name in given:
                raise _refuse_query(name, "given more than once")
            if "\0" in value:
                raise _refuse_query(name, "it holds the character NUL")
            given[name] = value
    numbers = {name: int(given[name]) for name in _find_numbers(record) if _WHOLE_NUMBER.fullmatch(given.get(name, ""))}
    try:
        return msgspec.convert(given | numbers, record)
    except msgspec.ValidationError as error:
        raise _query_problem(str(error), given, record) from None


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


@functools.cache
def _find_numbers(record: type[msgspec.Struct]) -> tuple[str, ...]:
    """Name a record's whole numbers, which a query string can only spell."""
    told = inspect.type_info(record)
    fields = told.fields if isinstance(told, inspect.StructType) else ()
    return tuple(field.encode_name for field in fields if _may_be_number(field.type))


def _may_be_number(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return _may_be_number(kind.type)
    if isinstance(kind, inspect.UnionType):
        return any(map(_may_be_number, kind.types))
    return isinstance(kind, inspect.IntType)


def _place(error: str, body: bytes | msgspec.Raw, below: str) -> Place:
    message, _, path = error.partition(_PATH_SUFFIX)
    pointer = path.removesuffix("`").replace("[", "/").replace("]", "").replace(".", "/")
    if "..." in path:  # only a number can be wrong below a free key
        pointer = find_number(bytes(body), _is_unreadable) or ""
    if field := _FIELD.search(message):
        pointer += "/" + field["name"].replace("~", "~0").replace("/", "~1")
    return Place(pointer=below + pointer, message=_sentence(message))


def _refuse_place(place: Place) -> ProblemError:
    return ProblemError("invalid-request", f"{place.pointer or 'The body'}: {place.message}", problems=(place,))


def _is_unreadable(digits: str) -> bool:
    try:
        read_number(digits)
    except ValueError:
        return True
    return False


def _query_problem(error: str, given: dict[str, str], record: type[msgspec.Struct]) -> ProblemError:
    message, _, path = error.partition(_PATH_SUFFIX)
    name = path.removesuffix("`").lstrip(".")
    if not name:
        known = [field.encode_name for field in msgspec.structs.fields(record)]
        name = next((key for key in given if key not in known), "")
        message = f"not a parameter of this path; it knows {', '.join(known) or 'none'}" if name else message
    return _refuse_query(name or "query", message)


def _refuse_query(name: str, message: str) -> ProblemError:
    place = Place(parameter=name, message=_sentence(message))
    return ProblemError("invalid-request", f"{name}: {place.message}", problems=(place,))


def _sentence(message: str) -> str:
    return message.rstrip(".") + "."


def _say_malformed(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "The JSON is nested too deeply."
    if isinstance(error, msgspec.DecodeError) or str(error).startswith("The JSON"):
        return _sentence(str(error))
    return "The JSON holds a number or a text that cannot be read."


def _too_large(most: int) -> ProblemError:
    return ProblemError("too-large", f"At most {most:,} bytes are taken here.", headers={"Connection": "close"})


FREE_JSON = make_decoder(Any)
"""Any JSON document, numbers as int or Decimal."""
