"""Points as the text of durable_rules events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.sets import Value
from engine.network.coding import BandCoding, Coding, WordCoding
from engine.network.values import BandAnswers, BooleanAnswers, IntegerBounds, WordAnswers

# What stands in the event for one fact: its name and the code, with what comes before and after.
Text: TypeAlias = str
WordColumn: TypeAlias = tuple[str, WordAnswers[Text]]
TruthColumn: TypeAlias = tuple[str, Text, Text, Callable[[Value], Text]]
BandColumn: TypeAlias = tuple[str, int, int, Sequence[int], Sequence[Text], Callable[[Value], Text]]

_BEGIN = '{"id":"e",'
_END = "}"


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the facts of one list are written; the texts of all, words before truths before bands, are the event.

    Where the event is built everything that is usual is done in place, without a call. So a column is a tuple: the key
    of the point's value, then for a word its texts; for a truth value the texts of true and of false; for a number the
    bounds within which it needs no further check, where the bands begin, and their texts. What comes last writes any
    other value, or refuses it.
    """

    words: tuple[WordColumn, ...]
    truths: tuple[TruthColumn, ...]
    bands: tuple[BandColumn, ...]


def describe_columns(facts: Mapping[str, tuple[str, Coding]]) -> Columns:
    """Return how the facts are written, each under its name in the event."""
    kinds = {"word": 0, "boolean": 1, "integer": 2}
    ordered = sorted(facts.items(), key=lambda fact: kinds[fact[1][1].dimension.kind])
    words: list[WordColumn] = []
    truths: list[TruthColumn] = []
    bands: list[BandColumn] = []
    for place, (name, (key, coding)) in enumerate(ordered):
        before = _BEGIN if place == 0 else ","
        after = _END if place == len(ordered) - 1 else ""
        texts = [f'{before}"{name}":{code}{after}' for code in range(coding.last + 1)]
        if isinstance(coding, BandCoding):
            bands.append(_describe_bands(key, coding, texts))
        elif coding.dimension.kind == "boolean":
            truths.append(_describe_truths(key, coding, texts))
        else:
            words.append((key, _describe_words(coding, texts)))
    return Columns(words=tuple(words), truths=tuple(truths), bands=tuple(bands))


def _describe_words(coding: WordCoding, texts: Sequence[Text]) -> WordAnswers[Text]:
    named = {word: texts[code] for word, code in coding.named.items()}
    return WordAnswers(coding.dimension, named, others=texts[coding.others], missing=texts[coding.missing])


def _describe_truths(key: str, coding: WordCoding, texts: Sequence[Text]) -> TruthColumn:
    no, yes, missing = (texts[code] for code in (*coding.truths, coding.missing))
    answers = BooleanAnswers(coding.dimension, (no, yes, missing))
    return key, yes, no, answers.__getitem__


def _describe_bands(key: str, coding: BandCoding, texts: Sequence[Text]) -> BandColumn:
    answers = BandAnswers(coding.dimension, coding.starts, texts)
    bounds = IntegerBounds(coding.dimension)
    return key, bounds.low, bounds.high, coding.starts, texts, answers.__getitem__
