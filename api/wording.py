"""What a decoder complains of, in the words of the API: the one place that reads msgspec's messages.

Each of its sentences has an entry here, and tests/api/test_wording.py provokes every one of them.
"""

import ast
import functools
import re
from collections.abc import Callable

import msgspec
from msgspec import inspect

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a decimal number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "date": "a date such as 2026-11-20",
    "datetime": "an instant with its offset such as 2026-11-20T09:00:00+01:00",
}
_FORMS = {
    r"\A[^\x00]*\Z": "it holds the character NUL",
    r"\A[^/\x00-\x1f\x7f]*\Z": "it holds a slash or a control character",
    "^[^:]+:[^:]+$": "an experiment and a variant of it are needed, such as tone-test:friendly",
    "^[A-Z]{3}$": "three capital letters such as EUR are needed",
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": "a UUID in small letters is needed, such as"
    " 018f6b1e-0000-7000-8000-000000000001",
}
_WRONG_WORD = "Invalid enum value "
_PATH = re.compile(r" - at `(?:key` in `)?\$(?P<path>[^`]*)`$")
_NAMED_FIELD = re.compile(r"(?:unknown|required) field `(?P<name>[^`]*)`")


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """What a decoder refused: a sentence, and where; ``path`` holds "..." below a key of any name."""

    message: str
    path: str
    field: str | None = None


def read_refusal(error: str, record: object = None, *, is_query: bool = False) -> Refusal:
    """Read a decoder's complaint about a document of this record; in a query all values are texts."""
    found = _PATH.search(error)
    said = error if found is None else error[: found.start()]
    path = "" if found is None else found["path"].removeprefix(".")
    field = _NAMED_FIELD.search(said)
    message = _say(said, is_query=is_query) or "this is not what is taken here"
    if said.startswith(_WRONG_WORD):
        given = said.removeprefix(_WRONG_WORD)
        words = ", ".join(list_words(record, path))
        message = f"one of {words} is needed, not {given}" if words else f"{given} is none of the words that are taken"
    return Refusal(message=f"{message.rstrip('.')}.", path=path, field=field["name"] if field else None)


def say_malformed(error: Exception) -> str:
    """Say why a text is no JSON."""
    said = str(error)
    if isinstance(error, RecursionError):
        return "The JSON is nested too deeply."
    if found := re.fullmatch(r"JSON is malformed: (?P<why>.*) \(byte (?P<byte>\d+)\)", said):
        return f"The JSON cannot be read at byte {found['byte']}: {found['why']}."
    if said == "Input data was truncated":
        return "The JSON ends before it is whole."
    if said.startswith("The JSON "):
        return f"{said.rstrip('.')}."
    return "The JSON holds a number or a text that cannot be read."


@functools.cache
def list_words(record: object, name: str) -> tuple[str, ...]:
    """List the words that a record's field takes, if it takes only some."""
    if not (isinstance(record, type) and issubclass(record, msgspec.Struct)):
        return ()
    told = inspect.type_info(record)
    fields = told.fields if isinstance(told, inspect.StructType) else ()
    return next((_words_of(field.type) for field in fields if field.encode_name == name), ())


def is_number(kind: inspect.Type) -> bool:
    """Tell whether a type takes whole numbers."""
    if isinstance(kind, inspect.Metadata):
        return is_number(kind.type)
    if isinstance(kind, inspect.UnionType):
        return any(map(is_number, kind.types))
    return isinstance(kind, inspect.IntType)


@functools.cache
def list_numbers(record: type[msgspec.Struct]) -> tuple[str, ...]:
    """Name a record's whole numbers."""
    told = inspect.type_info(record)
    fields = told.fields if isinstance(told, inspect.StructType) else ()
    return tuple(field.encode_name for field in fields if is_number(field.type))


def _words_of(kind: inspect.Type) -> tuple[str, ...]:
    if isinstance(kind, inspect.Metadata):
        return _words_of(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next((words for one in kind.types if (words := _words_of(one))), ())
    return tuple(map(str, kind.values)) if isinstance(kind, inspect.LiteralType) else ()


def _say(said: str, *, is_query: bool) -> str | None:
    for pattern, say in _SAYINGS:
        if found := pattern.fullmatch(said):
            return say(found.groupdict(), is_query)
    return None


def _say_kind(parts: dict[str, str], is_query: bool) -> str:  # noqa: FBT001  one of the sayings
    kinds = [kind for kind in parts["wanted"].split(" | ") if not (is_query and kind == "null")]
    wanted = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
    return f"{wanted} is needed" if is_query else f"{wanted} is needed, not {_KINDS.get(parts['got'], parts['got'])}"


def _say_form(parts: dict[str, str], _is_query: bool) -> str:  # noqa: FBT001  one of the sayings
    pattern = ast.literal_eval(parts["pattern"])
    return _FORMS.get(pattern, f"the text is not of the form {pattern}")


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[dict[str, str], bool], str]], ...] = (
    (re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`"), _say_kind),
    (re.compile(r"Expected `int` >= (?P<least>.*)"), lambda found, _: f"at least {found['least']} is needed"),
    (re.compile(r"Expected `int` <= (?P<most>.*)"), lambda found, _: f"at most {found['most']} is taken"),
    (re.compile(r"Expected `str` of length >= 1"), lambda _found, _: "it is empty"),
    (
        re.compile(r"Expected `str` of length <= (?P<most>.*)"),
        lambda found, _: f"at most {found['most']} characters are taken",
    ),
    (
        re.compile(r"Expected `array` of length >= (?P<least>.*)"),
        lambda found, _: f"at least {found['least']} is needed",
    ),
    (re.compile(r"Expected `array` of length <= (?P<most>.*)"), lambda found, _: f"at most {found['most']} are taken"),
    (re.compile(r"Expected `array` of length (?P<many>\d+)"), lambda found, _: f"exactly {found['many']} are needed"),
    (re.compile(r"Expected `str` matching regex (?P<pattern>.*)"), _say_form),
    (re.compile(r"Expected `datetime` with a timezone component"), lambda *_: f"{_KINDS['datetime']} is needed"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), lambda *_: f"{_KINDS['datetime']} is needed"),
    (re.compile(r"Invalid RFC3339 encoded date"), lambda *_: f"{_KINDS['date']} is needed"),
    (re.compile(r"Invalid decimal string"), lambda *_: "a decimal number such as 49.95 is needed"),
    (re.compile(r"Object missing required field .*"), lambda *_: "it is missing"),
    (re.compile(r"Object contains unknown field .*"), lambda *_: "no such key is known here"),
    (re.compile(r"(?:Integer value|Number) out of range"), lambda *_: "the number is out of range"),
    (re.compile(r"The JSON holds .*"), lambda *_: "the JSON holds a number far outside what can be decided on"),
)
