"""The contract with msgspec: each of its sentences is known, and is said in the words of the API."""

import ast
import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, inspect

from api.accountmessages import Account, ImportQuery, RecordRequest
from api.auditmessages import ExportQuery
from api.decisionmessages import DecisionsQuery
from api.messages import NextActionRequest
from api.wording import read_refusal, say_malformed
from engine.model.exactjson import make_decoder


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every kind of field that a body or a query of ours has."""

    needed: int
    few: Annotated[int, Meta(ge=1, le=9)] = 1
    maybe: Annotated[int, Meta(ge=1)] | None = None
    name: Annotated[str, Meta(min_length=1, max_length=3)] = "a"
    code: Annotated[str, Meta(pattern="^[A-Z]+$")] = "A"
    path: Annotated[str, Meta(pattern=r"\A[^/\x00-\x1f\x7f]*\Z")] = "a"
    word: Literal["left", "right"] | None = None
    switch: bool = False
    on: dt.date | None = None
    at: Annotated[dt.datetime, Meta(tz=True)] | None = None
    money: Decimal | None = None
    items: Annotated[list[str], Meta(min_length=1, max_length=2)] | None = None
    pair: tuple[str, int] = ("a", 1)
    free: dict[str, Any] = {}
    below: "Example | None" = None


_DECODER = make_decoder(Example)
SENTENCES = [
    ("{}", "it is missing.", ""),
    ('{"needed": 1, "other": 2}', "no such key is known here.", ""),
    ("[]", "an object is needed, not a list.", ""),
    ('{"needed": "1"}', "a whole number is needed, not a text.", "needed"),
    ('{"needed": 1.5}', "a whole number is needed, not a number.", "needed"),
    ('{"needed": null}', "a whole number is needed, not null.", "needed"),
    ('{"needed": 1e999}', "the number is out of range.", "needed"),
    (f'{{"needed": {"9" * 5000}}}', "the number is out of range.", "needed"),
    ('{"needed": 1, "few": 0}', "at least 1 is needed.", "few"),
    ('{"needed": 1, "few": 10}', "at most 9 is taken.", "few"),
    ('{"needed": 1, "maybe": "x"}', "a whole number or null is needed, not a text.", "maybe"),
    ('{"needed": 1, "name": ""}', "it is empty.", "name"),
    ('{"needed": 1, "name": "abcd"}', "at most 3 characters are taken.", "name"),
    ('{"needed": 1, "name": true}', "a text is needed, not true or false.", "name"),
    ('{"needed": 1, "code": "a"}', "the text is not of the form ^[A-Z]+$.", "code"),
    ('{"needed": 1, "path": "a/b"}', "it holds a slash or a control character.", "path"),
    ('{"needed": 1, "word": "up"}', "one of left, right is needed, not 'up'.", "word"),
    ('{"needed": 1, "below": {"needed": 1, "word": "up"}}', "'up' is none of the words that are taken.", "below.word"),
    ('{"needed": 1, "switch": 0}', "true or false is needed, not a whole number.", "switch"),
    ('{"needed": 1, "on": "soon"}', "a date such as 2026-11-20 is needed.", "on"),
    ('{"needed": 1, "on": 5}', "a date such as 2026-11-20 or null is needed, not a whole number.", "on"),
    ('{"needed": 1, "at": "x"}', "an instant with its offset such as 2026-11-20T09:00:00+01:00 is needed.", "at"),
    (
        '{"needed": 1, "at": "2026-11-20T09:00:00"}',
        "an instant with its offset such as 2026-11-20T09:00:00+01:00 is needed.",
        "at",
    ),
    ('{"needed": 1, "money": "x"}', "a decimal number such as 49.95 is needed.", "money"),
    ('{"needed": 1, "money": []}', "a decimal number or null is needed, not a list.", "money"),
    ('{"needed": 1, "items": []}', "at least 1 is needed.", "items"),
    ('{"needed": 1, "items": ["a", "b", "c"]}', "at most 2 are taken.", "items"),
    ('{"needed": 1, "items": ["a", {}]}', "a text is needed, not an object.", "items[1]"),
    ('{"needed": 1, "pair": ["a"]}', "exactly 2 are needed.", "pair"),
    (
        '{"needed": 1, "free": {"a": 1e99999}}',
        "the JSON holds a number far outside what can be decided on.",
        "free[...]",
    ),
]


@pytest.mark.parametrize(("text", "sentence", "path"), SENTENCES)
def test_what_a_body_is_refused_with(text: str, sentence: str, path: str) -> None:
    """No word of the decoder's own is handed on, and the place is found."""
    with pytest.raises(msgspec.ValidationError) as refused:
        _DECODER.decode(text)
    refusal = read_refusal(str(refused.value), Example)
    assert (refusal.message, refusal.path) == (sentence, path)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"needed": "x"}, "a whole number is needed."),
        ({"needed": 1, "maybe": "x"}, "a whole number is needed."),
        ({"needed": 1, "word": "up"}, "one of left, right is needed, not 'up'."),
    ],
)
def test_what_a_query_is_refused_with(given: dict[str, Any], sentence: str) -> None:
    """Of a query all is text, and there is no null: neither is spoken of."""
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(given, Example)
    assert read_refusal(str(refused.value), Example, is_query=True).message == sentence


@pytest.mark.parametrize(
    "record",
    [Account, RecordRequest, ImportQuery, NextActionRequest, DecisionsQuery, ExportQuery],
    ids=lambda r: r.__name__,
)
def test_each_pattern_is_said_in_words(record: type[msgspec.Struct]) -> None:
    """A regular expression tells a caller little: none that a body or a query of ours has is handed on."""
    patterns = {ast.literal_eval(found) for found in re.findall(r"pattern=('[^']*')", repr(inspect.type_info(record)))}
    assert patterns
    for pattern in patterns:
        said = read_refusal(f"Expected `str` matching regex {pattern!r} - at `$.x`").message
        assert "the text is not of the form" not in said, pattern


def test_an_unknown_sentence_is_not_handed_on() -> None:
    """Should a release of msgspec complain otherwise, its words stay inside."""
    assert read_refusal("Expected frobnication - at `$.x`").message == "this is not what is taken here."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "The JSON ends before it is whole."),
        (b'{"a"', "The JSON ends before it is whole."),
        (b'{"a":1,}', "The JSON cannot be read at byte 7: trailing comma in object."),
        (b"[1 2]", "The JSON cannot be read at byte 3: expected ',' or ']'."),
        (b'"\xff"', "The JSON holds a number or a text that cannot be read."),
        (b"[" * 100_000, "The JSON is nested too deeply."),
    ],
)
def test_what_is_no_json(text: bytes, sentence: str) -> None:
    """The byte is named where there is one."""
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError, RecursionError)) as refused:
        make_decoder(Any).decode(text)
    assert say_malformed(refused.value) == sentence
