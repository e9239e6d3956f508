"""The values of a point as the texts that stand in a durable_rules event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Point
from engine.conditions.sets import BooleanSet, Dimension, IntegerSet, ValueSet, WordSet
from engine.network.atoms import MISSING_BOOLEAN, MISSING_INTEGER, MISSING_WORD, OTHER_WORD
from engine.network.expansion import Expansion
from engine.network.values import BandAnswers, BooleanAnswers, IntegerCodes, WordAnswers

# A number stands for itself; of a word this is the JSON text.
Text: TypeAlias = int | str

# A longer constant comes near the length at which durable_rules compares strings wrongly.
MAX_WORD_LENGTH = 10_000


class Encoder:
    """Turns a point into the texts of the facts that rules test; `names` says which text is whose."""

    def __init__(self, expansion: Expansion, dimensions: Mapping[str, Dimension]) -> None:
        words: dict[str, tuple[str, WordAnswers[Text]]] = {}
        integers: dict[str, tuple[str, IntegerCodes]] = {}
        others: dict[str, tuple[str, BooleanAnswers[Text] | BandAnswers[Text]]] = {}
        constants = expansion.constants()
        for key, name in expansion.names.items():
            dimension = dimensions[key]
            if isinstance(dimension.universe, WordSet):
                words[name] = key, _write_words(dimension, constants[name])
            elif isinstance(dimension.universe, IntegerSet):
                integers[name] = key, IntegerCodes(dimension, MISSING_INTEGER)
            else:
                others[name] = key, BooleanAnswers(dimension, (0, 1, MISSING_BOOLEAN))
        for (key, values), name in expansion.lists.items():
            memberships = _look_up(dimensions[key], values)
            if isinstance(memberships, WordAnswers):
                words[name] = key, memberships
            else:
                others[name] = key, memberships
        self.names = [*words, *integers, *others]
        self._words = list(words.values())
        self._integers = [(key, codes.bounds.low, codes.bounds.high, codes.find) for key, codes in integers.values()]
        self._others = [(key, answers.find) for key, answers in others.values()]

    def encode(self, point: Point) -> Sequence[Text]:
        """Return the texts in the order of `names`, refusing a value that its fact cannot have."""
        get = point.get
        try:
            texts = [answers[get(key)] for key, answers in self._words]
        except TypeError:  # a list or a mapping is no key of a dictionary
            texts = [answers.find(get(key)) for key, answers in self._words]
        for key, low, high, check in self._integers:
            value = get(key)
            texts.append(value if type(value) is int and low <= value <= high else check(value))
        texts += [find(get(key)) for key, find in self._others]
        return texts


def write(constant: int | str) -> Text:
    """Return a constant as it stands in an event: a string as the encoder of the rules writes it."""
    if isinstance(constant, int):
        return constant
    if len(constant) > MAX_WORD_LENGTH:
        raise ValueError(f"a word of {len(constant)} characters is too long to be compared")
    return msgspec.json.encode(constant).decode()


def _write_words(dimension: Dimension, constants: set[int | str]) -> WordAnswers[Text]:
    named = {str(constant)[1:]: write(constant) for constant in constants if constant != MISSING_WORD}
    return WordAnswers(dimension, named, others=write(OTHER_WORD), missing=write(MISSING_WORD))


def _look_up(dimension: Dimension, values: ValueSet) -> WordAnswers[Text] | BooleanAnswers[Text] | BandAnswers[Text]:
    """Answer 1 for a value in the set, else 0."""
    if isinstance(values, WordSet):
        named: dict[str, Text] = {word: int(values.contains(word)) for word in values.words}
        return WordAnswers(dimension, named, others=int(values.cofinite), missing=int(values.missing))
    if isinstance(values, BooleanSet):
        return BooleanAnswers(dimension, [int(values.contains(value)) for value in (False, True, None)])
    lows = {low for low, _ in values.intervals if low is not None}
    starts = sorted(lows | {high + 1 for _, high in values.intervals if high is not None})
    bands = [int(values.contains(value)) for value in (starts[0] - 1, *starts)]
    return BandAnswers(dimension, starts, [*bands, int(values.missing)])
