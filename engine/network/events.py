"""Points as the text of durable_rules events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Dimensions, Point
from engine.conditions.sets import BooleanSet, Dimension, IntegerSet, ValueSet, WordSet
from engine.network.atoms import MISSING_BOOLEAN, MISSING_INTEGER, MISSING_WORD, OTHER_WORD, decode_word, encode_word
from engine.network.expansion import Expansion
from engine.network.values import BandAnswers, BooleanAnswers, IntegerBounds, WordAnswers

# What stands in the event for one fact: its name and the value, after a comma.
Text: TypeAlias = str
Answers: TypeAlias = WordAnswers[Text] | BooleanAnswers[Text] | BandAnswers[Text]

# A longer constant comes near the length at which durable_rules compares strings wrongly.
MAX_WORD_LENGTH = 10_000


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts of the events by their names there: whose value each has and how that is written."""

    looked_up: Mapping[str, tuple[str, Answers]]
    integers: Mapping[str, tuple[str, IntegerBounds]]


class EventWriter:
    """Writes events of the named facts."""

    def __init__(self, names: Sequence[str], columns: Columns) -> None:
        self._looked_up = [columns.looked_up[name] for name in names if name in columns.looked_up]
        self._integers = [
            (key, bounds.low, bounds.high, bounds.check, f',"{name}":')
            for name, (key, bounds) in columns.integers.items()
            if name in names
        ]

    def write(self, point: Point) -> str:
        """Return the event of the point, refusing a value that its fact cannot have."""
        get = point.get
        text = '{"id":"e"'
        for key, answers in self._looked_up:
            text += answers[get(key)]
        for key, low, high, check, name in self._integers:
            value = get(key)
            if type(value) is not int or not low <= value <= high:
                value = check(value)
            text += name + str(MISSING_INTEGER if value is None else value)
        return text + "}"


def describe_columns(expansion: Expansion, dimensions: Dimensions) -> Columns:
    """Return the facts that the rules test."""
    looked_up: dict[str, tuple[str, Answers]] = {}
    integers: dict[str, tuple[str, IntegerBounds]] = {}
    constants = expansion.constants()
    for key, name in expansion.names.items():
        dimension = dimensions[key]
        if isinstance(dimension.universe, WordSet):
            looked_up[name] = key, _write_words(name, dimension, constants[name])
        elif isinstance(dimension.universe, IntegerSet):
            integers[name] = key, IntegerBounds(dimension)
        else:
            signs = [_write(name, sign) for sign in (0, 1, MISSING_BOOLEAN)]
            looked_up[name] = key, BooleanAnswers(dimension, signs)
    for (key, values), name in expansion.lists.items():
        looked_up[name] = key, _write_memberships(name, dimensions[key], values)
    return Columns(looked_up=looked_up, integers=integers)


def _write(name: str, constant: int | str) -> Text:
    """Return a fact as the encoder of the rules writes it."""
    if isinstance(constant, str) and len(constant) > MAX_WORD_LENGTH:
        raise ValueError(f"a word of {len(constant)} characters is too long to be compared")
    return "," + msgspec.json.encode({name: constant}).decode()[1:-1]


def _write_words(name: str, dimension: Dimension, constants: set[int | str]) -> WordAnswers[Text]:
    words = [decode_word(constant) for constant in constants if isinstance(constant, str)]
    named = {word: _write(name, encode_word(word)) for word in words if word is not None}
    return WordAnswers(dimension, named, others=_write(name, OTHER_WORD), missing=_write(name, MISSING_WORD))


def _write_memberships(name: str, dimension: Dimension, values: ValueSet) -> Answers:
    """Write 1 for a value in the set, else 0."""
    signs = [_write(name, 0), _write(name, 1)]
    if isinstance(values, WordSet):
        named = {word: signs[values.contains(word)] for word in values.words}
        return WordAnswers(dimension, named, others=signs[values.cofinite], missing=signs[values.missing])
    if isinstance(values, BooleanSet):
        return BooleanAnswers(dimension, [signs[values.contains(value)] for value in (False, True, None)])
    lows = {low for low, _ in values.intervals if low is not None}
    starts = sorted(lows | {high + 1 for _, high in values.intervals if high is not None})
    bands = [signs[values.contains(value)] for value in (starts[0] - 1, *starts)]
    return BandAnswers(dimension, starts, [*bands, signs[values.missing]])
