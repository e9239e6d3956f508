"""What was expected beside what came (language.md 9.1): amounts and instants as values, words exactly."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from engine.loading.node import Mapping as MappingNode
from engine.loading.node import Node, Scalar
from engine.loading.node import Sequence as SequenceNode
from engine.model.decision import Decision, encode_decision
from engine.model.diagnostic import Position
from engine.verification.suite import Expectation

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*")
_AMOUNTS = frozenset({"amount", "basis", "percent", "down_payment_percent"})
_MONEY = frozenset({"amount", "currency"})
ABSENT = "nothing"


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """One part that did not come out as expected, all in words; ``at`` is where the expectation stands."""

    what: str
    expected: str
    came: str
    at: Position


def compare(decision: Decision, expect: Sequence[Expectation]) -> tuple[Mismatch, ...]:
    """Return every expectation that the decision does not meet."""
    document = _DECODER.decode(encode_decision(decision))
    found = []
    for expectation in expect:
        came = _follow(document, expectation.path)
        if not _is_as_expected(expectation.value, came, expectation.path[-1]):
            expected = write_node(expectation.value)
            found.append(
                Mismatch(what=expectation.written, expected=expected, came=write_value(came), at=expectation.at)
            )
    return tuple(found)


def _follow(document: object, path: Sequence[str]) -> object:
    """Return what stands at a path, None where nothing does."""
    for name in path:
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def _is_as_expected(expected: Node, came: object, name: str) -> bool:
    if isinstance(expected, Scalar) and isinstance(came, Mapping) and came.keys() >= _MONEY:
        return _is_as_expected(expected, came["amount"], "amount")
    if isinstance(expected, MappingNode):
        parts = {} if came is None else came
        if not isinstance(parts, Mapping):
            return False
        return all(_is_as_expected(e.value, parts.get(e.key.text), e.key.text) for e in expected.entries)
    if isinstance(expected, SequenceNode):
        if not isinstance(came, list) or len(came) != len(expected.items):
            return False
        return all(_is_as_expected(item, one, name) for item, one in zip(expected.items, came, strict=True))
    return _is_scalar_as_expected(expected, came, name)


def _is_scalar_as_expected(expected: Scalar, came: object, name: str) -> bool:  # noqa: PLR0911  # one a kind of value
    if expected.kind == "null" or came is None:
        return expected.kind == "null" and came is None
    if isinstance(came, bool):
        return expected.kind == "boolean" and expected.text == ("true" if came else "false")
    if isinstance(came, int | Decimal):
        return _number(expected.text) == came
    if not isinstance(came, str) or expected.kind == "boolean":
        return False
    if name in _AMOUNTS and (wanted := _number(expected.text)) is not None and (given := _number(came)) is not None:
        return wanted == given
    if _INSTANT.fullmatch(came):
        return _instant(expected.text, came) == dt.datetime.fromisoformat(came)
    return expected.text == came


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _instant(text: str, came: str) -> dt.datetime | None:
    """Return the instant written; a bare date is the first moment of that day, by the offset of what came."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None:
        is_date = len(text) == len("2026-03-06")
        return instant.replace(tzinfo=dt.datetime.fromisoformat(came).tzinfo) if is_date else None
    return instant


def write_node(node: Node) -> str:
    """Write a node as the author did, on one line."""
    if isinstance(node, MappingNode):
        return "{" + ", ".join(f"{entry.key.text}: {write_node(entry.value)}" for entry in node.entries) + "}"
    if isinstance(node, SequenceNode):
        return "[" + ", ".join(write_node(item) for item in node.items) + "]"
    return ABSENT if node.kind == "null" else node.text


def write_value(value: object) -> str:
    """Write a part of a decision on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {write_value(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ABSENT if value is None else str(value)
