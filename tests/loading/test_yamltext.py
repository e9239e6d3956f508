"""Strict YAML: scalars as the language reads them, places as editors count them, and cheap refusals."""

import json
from typing import Any

import pytest

from engine.loading.load import load_ruleset
from engine.loading.node import Node, Scalar, Sequence, entries_of, find, items_of, to_data
from engine.loading.yamldecoding import LARGEST_FILE
from engine.loading.yamltext import Parsed, parse_yaml
from engine.model.diagnostic import Position

HEAD = "ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\n"


def parse(text: str | bytes) -> Node:
    """Parse what must be without fault."""
    parsed = parse_yaml(text, "x.yaml")
    assert parsed.diagnostics == ()
    assert parsed.node is not None
    return parsed.node


def codes_of(parsed: Parsed) -> list[str]:
    """List what was complained about."""
    return [each.code for each in parsed.diagnostics]


@pytest.mark.parametrize(
    "word",
    [
        "NO",
        "on",
        "no",
        "yes",
        "True",
        "12:30",
        "010",
        "2026-01-01",
        "1.2.3",
        "3..",
        "..0",
        "-14..-1",
        "3..13",
        "+5",
        ".5",
    ],
)
def test_keeps_words_words(word: str) -> None:
    """Norway, switches, times, dates, versions, ranges and odd numbers are words as written."""
    node = find(parse(f"key: {word}"), "key")
    assert isinstance(node, Scalar)
    assert (node.kind, node.text) == ("word", word)


@pytest.mark.parametrize("digits", ["0", "-0", "14", "-14", "49.95", "0.50", "10.10"])
def test_keeps_written_digits(digits: str) -> None:
    """A plain number keeps its digits."""
    node = find(parse(f"key: {digits}"), "key")
    assert isinstance(node, Scalar)
    assert (node.kind, node.text) == ("number", digits)


def test_reads_quotes_as_words() -> None:
    """In quotes everything is a word."""
    node = parse("""["14", 'true', "null", "0x1F", ""]""")
    assert [isinstance(item, Scalar) and item.kind for item in items_of(node)] == ["word"] * 5


def test_knows_two_booleans() -> None:
    """Only true and false are booleans."""
    assert to_data(parse("[true, false, TRUE]")) == [True, False, "TRUE"]


def test_counts_lines_and_columns_from_one() -> None:
    """Places count characters, not bytes, from 1, and a carriage return is a part of the line end."""
    node = parse("# é\r\na: {ü: [x, 3..]}\r\n".encode())
    inner = find(find(node, "a"), "ü")
    assert isinstance(inner, Sequence)
    assert [item.at for item in inner.items] == [Position(2, 9), Position(2, 12)]


def test_ignores_a_byte_order_mark() -> None:
    """A byte order mark does not move the first line."""
    node = parse(b"\xef\xbb\xbfa: 1")
    assert entries_of(node)[0].key.at == Position(1, 1)


@pytest.mark.parametrize(("text", "place"), [(b"a: \xff", (1, 4)), (b"a: b\nc: \xc3\xa9\xc3", (2, 5))])
def test_refuses_other_encodings(text: bytes, place: tuple[int, int]) -> None:
    """A byte that is no UTF-8 is named with its place."""
    (found,) = parse_yaml(text, "x.yaml").diagnostics
    assert (found.code, found.line, found.column) == ("not-utf8", *place)


def test_refuses_lone_surrogates() -> None:
    """Half a character in a text that came decoded is refused too."""
    assert codes_of(parse_yaml("a: \ud800", "x.yaml")) == ["unreadable-character"]


def test_refuses_large_files() -> None:
    """One byte over 1 MiB is too much, counted in bytes."""
    assert codes_of(parse_yaml(b"#" * (LARGEST_FILE + 1), "x.yaml")) == ["file-too-large"]
    assert codes_of(parse_yaml("é" * (LARGEST_FILE // 2 + 1), "x.yaml")) == ["file-too-large"]
    assert codes_of(parse_yaml(b"a: 1 " + b"#" * (LARGEST_FILE - 5), "x.yaml")) == []


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", b""])
def test_refuses_empty_files(text: str | bytes) -> None:
    """A file without a document says nothing."""
    assert codes_of(parse_yaml(text, "x.yaml")) == ["empty-file"]


def test_allows_null_where_suites_need_it() -> None:
    """In a suite null stands under ``with`` and ``expect``, and nowhere else."""
    text = "tests:\n  - {with: {plan: null}, expect: {rule: ~, claim.fee: }, account: {plan: null}}\n"
    parsed = parse_yaml(text, "x_test.yaml", allow_null=True)
    assert [(each.code, each.line, each.column) for each in parsed.diagnostics] == [("null-value", 2, 74)]
    assert codes_of(parse_yaml(text, "x.yaml")) == ["null-value"] * 4


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_refuses_deep_nesting_cheaply(opening: str) -> None:
    """A hundred thousand levels are refused as soon as they are too deep."""
    assert "too-deep" in codes_of(parse_yaml(opening * 100_000, "x.yaml"))


def test_refuses_aliases_without_following_them() -> None:
    """A file that would unfold to a billion values is refused as it is read."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    assert set(codes_of(parse_yaml("\n".join(lines), "x.yaml"))) == {"anchor"}


def test_stops_complaining_at_a_thousand() -> None:
    """A hostile file cannot make us complain for ever."""
    text = HEAD + "applies_to:\n" + "".join(f"  unknown{number}: 1\n" for number in range(40_000)) + "rules: []\n"
    assert len(load_ruleset(text).diagnostics) == 1000


def test_refuses_long_texts() -> None:
    """A text constant has 256 characters at most."""
    text = f"{HEAD}rules: []\napplies_to: {{decline_code: {'x' * 257}}}\n"
    assert [each.code for each in load_ruleset(text).diagnostics] == ["text-too-long"]


def test_agrees_with_json() -> None:
    """What is JSON too means the same."""
    document: Any = {"a": [1, -2, "three", True, {"b": False}], "c": "", "ä": "12:30"}
    assert to_data(parse(json.dumps(document, ensure_ascii=False))) == document
