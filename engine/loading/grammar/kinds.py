"""What may stand behind a key: a kind has a schema, reads a node by it, and knows how people write it otherwise.

A kind's ``meaning`` is worked out by hand from a value of the right form: it complains of a name that is not there.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial

import msgspec

from engine.loading.complaints import find_meant
from engine.loading.constants import digits_of
from engine.loading.grammar import terms
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Mapping, Node, Scalar, Sequence
from engine.loading.numberslips import clean_number, hint_at_number
from engine.loading.slips import hint_at_hidden, hint_at_list, read_truth, translate
from engine.loading.spot import Spot

Meaning = Callable[[Scalar, Spot], object]


class Kind(msgspec.Struct, frozen=True):
    """What may stand behind a key."""

    def schema(self) -> JsonSchema:
        """Return the kind as a JSON Schema."""
        raise NotImplementedError

    def read(self, node: Node, spot: Spot) -> object:
        """Return the value, or None with a complaint."""
        raise NotImplementedError

    def take(self, text: str) -> str | None:
        """Return how a lone text would be written as such a value, if it could be."""
        form = self.schema()
        kinds, words = form.get("type", "string"), form.get("enum")
        if isinstance(words, list):
            return text if text in words else None
        if isinstance(kinds, list):
            return clean_number(text)
        is_of_form = kinds == "string" and "anyOf" not in form and re.search(str(form.get("pattern", "")), text)
        return text if is_of_form else None


def is_text(node: Node) -> bool:
    """Tell whether the node is a text: a word, or anything in quotes."""
    return isinstance(node, Scalar) and node.kind in {"word", "refused"}


class Value(Kind, frozen=True):
    """A single value of the form that its schema says; ``code`` and ``mend`` are for a text of another form."""

    form: JsonSchema
    meaning: Meaning | None = None
    code: str = "malformed-word"
    mend: Callable[[str], str | None] | None = None

    def schema(self) -> JsonSchema:
        """Return the form."""
        return self.form

    def read(self, node: Node, spot: Spot) -> object:
        """Return the value, or what it stands for."""
        fault = self._find_fault(node)
        if fault is None and isinstance(node, Scalar):
            return self._value_of(node) if self.meaning is None else self.meaning(node, spot)
        if fault == "empty-text":
            spot.complain(fault, node, f"“{spot.name}” is an empty text.")
        elif fault is not None:
            hint = self._hint(node, fault) if isinstance(node, Scalar) else None
            spot.refuse(fault, node, hint, str(self.form["errorMessage"]))
        return None

    def _find_fault(self, node: Node) -> str | None:
        """Return the code of what is wrong with the node."""
        kinds, words = self.form.get("type"), self.form.get("enum")
        if not isinstance(node, Scalar):
            return "wrong-type"
        if isinstance(words, list):
            is_known = any(str(word) == node.text and isinstance(word, str) == is_text(node) for word in words)
            return None if is_known else "unknown-word"
        if kinds == "boolean":
            return None if node.kind == "boolean" else "wrong-type"
        if isinstance(kinds, list):
            return self._find_fault_of_number(node) if "pattern" in self.form else None if node.text else "wrong-type"
        return self._find_fault_of_text(node.text) if is_text(node) else "wrong-type"

    def _find_fault_of_text(self, text: str) -> str | None:
        if len(text) < self._bound("minLength", 0):
            return "empty-text"
        if len(text) > self._bound("maxLength", len(text)):
            return "text-too-long"
        return None if "pattern" not in self.form or re.fullmatch(str(self.form["pattern"]), text) else self.code

    def _find_fault_of_number(self, node: Scalar) -> str | None:
        digits = digits_of(node)
        is_quoted = is_text(node) and not re.fullmatch(str(self.form["pattern"]), node.text)
        if digits is None or is_quoted or (self._is_whole() and not _is_integral(Decimal(digits))):
            return "wrong-type"
        return None if self._is_within(digits) else "number-out-of-range"

    def _is_whole(self) -> bool:
        return self.form["pattern"] == terms.WHOLE

    def _is_within(self, digits: str) -> bool:
        number = Decimal(digits)
        return self._bound("minimum", number) <= number <= self._bound("maximum", number)

    def _bound(self, name: str, default: Decimal | int) -> Decimal | int:
        bound = self.form.get(name)
        return bound if isinstance(bound, int) else default

    def _value_of(self, node: Scalar) -> object:
        if self.form.get("type") == "boolean":
            return node.text == "true"
        if "minimum" not in self.form:
            return node.text
        return int(Decimal(node.text)) if self._is_whole() else Decimal(node.text)

    def _hint(self, node: Scalar, fault: str) -> str | None:
        """Say how the value is written that stands in the manner of another program or country."""
        kinds, words = self.form.get("type"), self.form.get("enum")
        if isinstance(words, list):
            return _hint_at_word(node.text, [str(word) for word in words])
        if kinds == "boolean":
            truth = read_truth(node.text)
            return f"Write {truth}, without quotes." if truth else None
        if isinstance(kinds, list):
            meant = clean_number(node.text) if fault == "wrong-type" else None
            is_meant = meant is not None and self._is_within(meant) and not (self._is_whole() and "." in meant)
            return hint_at_number(node.text) if is_meant else None
        if fault == "wrong-type":
            return f'If it is a text, put it in quotes: "{node.text}".'
        return self.hint_at_form(node.text) if "pattern" in self.form else None

    def hint_at_form(self, text: str) -> str | None:
        """Say how a text of another form is written in this one."""
        if self.mend is not None:
            return self.mend(text)
        words = re.findall(r"[A-Za-z0-9_.-]+", text)
        names = ("-".join(words), "-".join(words).lower(), "_".join(words), text.upper(), *translate(text.lower()))
        name = next((name for name in names if name and re.search(str(self.form["pattern"]), name)), None)
        return hint_at_hidden(text) or (None if name is None else f"Write {name}.")


def _is_integral(number: Decimal) -> bool:
    return number == number.to_integral_value()  # not by division, which cannot be done with very many digits


def _hint_at_word(text: str, words: list[str]) -> str | None:
    if hint := hint_at_list(text, words):
        return hint
    meant = find_meant(text, words)
    if meant is not None:
        return f"Did you mean “{meant}”?"
    return f"Write {words[0]}, or take the key away." if len(words) == 1 else None


def text(most: int = 1000, *, least: int = 1, meaning: Meaning | None = None) -> Value:
    """Return a text in the author's own words."""
    return Value({"type": "string", "minLength": least, "maxLength": most, "errorMessage": "Write a text."}, meaning)


def word(
    pattern: str = terms.WORD,
    wanted: str = "Write a name of letters, digits and . _ -, 64 at most.",
    meaning: Meaning | None = None,
    code: str = "malformed-word",
    mend: Callable[[str], str | None] | None = None,
) -> Value:
    """Return a text of one form: a name, a date, a time."""
    return Value({"type": "string", "pattern": pattern, "errorMessage": wanted}, meaning, code, mend)


def one_of(words: Iterable[str], about: Iterable[str] = (), *, meaning: Meaning | None = None) -> Value:
    """Return a word of a closed list, each with what it means where that is given."""
    known, meanings = list(words), list(about)
    form: JsonSchema = {"type": "string", "enum": known, "errorMessage": f"Write one of {', '.join(known)}."}
    shown: JsonSchema = {"enumDescriptions": meanings, "markdownEnumDescriptions": meanings} if meanings else {}
    return Value(form | shown, meaning)


def number(least: int, most: int, meaning: Meaning | None = None, *, is_whole: bool = True) -> Value:
    """Return a number within bounds, whole or an exact decimal; quotes around it are welcome."""
    kind, pattern, what = "number", terms.NUMBER, "plain decimal"
    if is_whole:
        kind, pattern, what = "integer", terms.WHOLE, "whole number"
    wanted = f"Write a {what} from {least} to {most}."
    bounds = {"minimum": least, "maximum": most}
    return Value({"type": [kind, "string"], "pattern": pattern, **bounds, "errorMessage": wanted}, meaning)


def money(wanted: str = "Write an amount such as 49.95.") -> Value:
    """Return an amount in one currency, as the node, for its meaning to judge."""
    form: JsonSchema = {"type": ["number", "string"], "pattern": terms.NUMBER, "errorMessage": wanted}
    return Value(form, lambda node, _: node)


def label(wanted: str = "Write one word or text.") -> Value:
    """Return one word or text; a number or a boolean is taken by its letters."""
    return Value({"type": ["string", "number", "boolean"], "minLength": 1, "errorMessage": wanted})


FLAG = Value({"type": "boolean", "examples": [True], "errorMessage": "Write true or false, without quotes."})


class ByHand(Kind, frozen=True):
    """What its meaning alone can judge; ``taker`` says how a lone text would be written as such a value."""

    form: JsonSchema
    reader: Callable[[Node, Spot], object]
    taker: Callable[[str], str | None] | None = None

    def schema(self) -> JsonSchema:
        """Return what editors know of it."""
        return self.form

    def read(self, node: Node, spot: Spot) -> object:
        """Return what the meaning makes of it."""
        return self.reader(node, spot)

    def take(self, text: str) -> str | None:
        """Return how a lone text would be written as such a value, if it could be."""
        return self.taker(text) if self.taker is not None else super().take(text)


def raw(form: JsonSchema) -> ByHand:
    """Return whatever stands there, as the node."""
    return ByHand(form, lambda node, _: node)


def section(form: JsonSchema, taker: Callable[[str], str] | None = None) -> ByHand:
    """Return a mapping, as the node; ``taker`` says how a lone word would be written as one."""
    return ByHand(form, partial(_read_section, str(form["errorMessage"]), taker))


def _read_section(wanted: str, taker: Callable[[str], str] | None, node: Node, spot: Spot) -> Mapping | None:
    if isinstance(node, Mapping):
        return node
    if taker is not None and isinstance(node, Scalar) and re.fullmatch(terms.WORD, node.text):
        spot.refuse("wrong-type", node, f"Write {taker(node.text)}.", wanted)
        return None
    refuse_as_mapping(node, spot, wanted)
    return None


def refuse_as_mapping(node: Node, spot: Spot, wanted: str) -> None:
    """Say that a mapping was wanted, and not a list of mappings."""
    is_items = isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node.items)
    spot.refuse("wrong-type", node, f"{wanted} It is not a list: take the dashes away." if is_items else None, wanted)
