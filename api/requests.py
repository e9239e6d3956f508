"""Reading a request: its body within a bound, its JSON exactly, its parameters strictly."""

import datetime as dt
import decimal
import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.types import Receive, Scope

from api.jsonplaces import find_number, find_repeated_key, may_repeat_keys
from api.operation import Body
from api.problems import ProblemError, refuse_parameter, refuse_place
from api.wording import list_numbers, read_refusal, say_malformed
from engine.model.businessdays import FIRST_YEAR, LAST_YEAR
from engine.model.exactjson import read_number
from engine.model.vocabulary import ACTIONS, CHANNELS

T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=msgspec.Struct)

_KEYS = re.compile(r"[^.\[\]]+")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")


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
    if media_type in body.media_types or media_type in body.aliases:
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
        raise _refuse(str(error), body, below, decoder.type) from None
    except (msgspec.DecodeError, RecursionError, ValueError, decimal.DecimalException) as error:
        raise ProblemError("invalid-json", say_malformed(error)) from None


def decode_strictly(decoder: "msgspec.json.Decoder[T]", body: bytes | msgspec.Raw, *, below: str = "") -> T:
    """Decode JSON as `decode_json` does, and refuse a key that stands twice, since nobody knows which was meant.

    The decoder's record leaves nothing out of what was sent: it omits defaults and refuses unknown keys.
    """
    decoded = decode_json(decoder, body, below=below)
    text = bytes(body)
    if may_repeat_keys(text, decoded) and (pointer := find_repeated_key(text)) is not None:
        raise refuse_place(below + pointer, "this key stands twice.")
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
                raise refuse_parameter(name, "it is given more than once.")
            if not value:
                raise refuse_parameter(name, "it is empty; leave it out, or say what is meant.")
            if "\0" in value:
                raise refuse_parameter(name, "it holds the character NUL.")
            given[name] = value
    numbers = {name: int(given[name]) for name in list_numbers(record) if _WHOLE_NUMBER.fullmatch(given.get(name, ""))}
    try:
        read = msgspec.convert(given | numbers, record)
    except msgspec.ValidationError as error:
        raise _query_problem(str(error), given, record) from None
    for name, value in msgspec.structs.asdict(read).items():
        if isinstance(value, dt.date):
            check_year(value, refuse_parameter, name)
    return read


def check_words(action: str | None, channel: str | None, refuse: Callable[[str, str], ProblemError]) -> None:
    """Refuse an action or channel that the language does not have: nothing would ever be found by it."""
    for name, value, known in (("action", action, ACTIONS), ("channel", channel, CHANNELS)):
        if value is not None and value not in known:
            raise refuse(name, f"one of {', '.join(sorted(known))} is needed, not {value!r}.")


def check_year(day: dt.date, refuse: Callable[[str, str], ProblemError], place: str) -> None:
    """Refuse a day or instant outside the years that can be reckoned with."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise refuse(place, f"the years {FIRST_YEAR} to {LAST_YEAR} can be asked about.")


def _refuse(error: str, body: bytes | msgspec.Raw, below: str, record: object) -> ProblemError:
    refusal = read_refusal(error, record)
    pointer = "".join(f"/{key}" for key in _KEYS.findall(refusal.path))
    if "..." in refusal.path:  # only a number can be wrong below a free key
        pointer = find_number(bytes(body), _is_unreadable) or ""
    if refusal.field is not None:
        pointer += "/" + refusal.field.replace("~", "~0").replace("/", "~1")
    return refuse_place(below + pointer, refusal.message)


def _is_unreadable(digits: str) -> bool:
    try:
        read_number(digits)
    except ValueError:
        return True
    return False


def _query_problem(error: str, given: dict[str, str], record: type[msgspec.Struct]) -> ProblemError:
    known = [field.encode_name for field in msgspec.structs.fields(record)]
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        return refuse_parameter(unknown, f"no parameter of this path; it knows {', '.join(known) or 'none'}.")
    refusal = read_refusal(error, record, is_query=True)
    return refuse_parameter(refusal.field or refusal.path, refusal.message)


def _too_large(most: int) -> ProblemError:
    return ProblemError("too-large", f"At most {most:,} bytes are taken here.", headers={"Connection": "close"})
