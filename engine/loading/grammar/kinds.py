"""What a single value may be: each kind has its schema, reads a node, and knows how people write it otherwise.

A kind's ``meaning`` is worked out by hand from a value of the right form: it complains of a name that is not there.
"""

import re
from collections.abc import Callable
from decimal import Decimal

import msgspec

from engine.loading.complaints import find_meant
from engine.loading.constants import digits_of
from engine.loading.grammar import terms
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Mapping, Node, Scalar, Sequence, to_data
from engine.loading.slips import clean_number, hint_at_hidden, hint_at_list, hint_at_number, read_truth, translate
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
        schema = self.schema()
        kinds, words, pattern = schema.get("type", "string"), schema.get("enum"), schema.get("pattern", "")
        if isinstance(words, list):
            return text if text in words else None
        if isinstance(kinds, list):
            return clean_number(text) if "number" in kinds or "integer" in kinds else None
        return text if kinds == "string" and "anyOf" not in schema and re.search(str(pattern), text) else None


def is_text(node: Node) -> bool:
    """Tell whether the node is a text: a word, or anything in quotes."""
    return isinstance(node, Scalar) and node.kind in {"word", "refused"}


def quote(node: Node) -> str | None:
    """Say that a number or a boolean is a text in quotes."""
    return f'If it is a text, put it in quotes: "{node.text}".' if isinstance(node, Scalar) else None


class Text(Kind, frozen=True):
    """A text in the author's own words."""

    most: int = 1000
    least: int = 1
    meaning: Meaning | None = None

    def schema(self) -> JsonSchema:
        """Return a string with its bounds."""
        return {"type": "string", "minLength": self.least, "maxLength": self.most, "errorMessage": "Write a text."}

    def read(self, node: Node, spot: Spot) -> object:
        """Return the text, or what it stands for."""
        if not isinstance(node, Scalar) or not is_text(node):
            spot.refuse("wrong-type", node, quote(node), "Write a text.")
        elif len(node.text) < self.least:
            spot.complain("empty-text", node, f"“{spot.name}” is an empty text.")
        elif len(node.text) > self.most:
            spot.refuse("text-too-long", node, None, "Write a text.")
        else:
            return node.text if self.meaning is None else self.meaning(node, spot)
        return None


class Word(Kind, frozen=True):
    """A text of one form: a name, a date, a time."""

    pattern: str = terms.WORD
    wanted: str = "Write a name of letters, digits and . _ -, 64 at most."
    meaning: Meaning | None = None
    code: str = "malformed-word"
    mend: Callable[[str], str | None] | None = None

    def schema(self) -> JsonSchema:
        """Return a string with its pattern."""
        return {"type": "string", "pattern": self.pattern, "errorMessage": self.wanted}

    def read(self, node: Node, spot: Spot) -> object:
        """Return the text, or what it stands for."""
        if not isinstance(node, Scalar) or not is_text(node):
            spot.refuse("wrong-type", node, quote(node), self.wanted)
        elif not re.fullmatch(self.pattern, node.text):
            spot.refuse(self.code, node, self.hint(node.text), self.wanted)
        else:
            return node.text if self.meaning is None else self.meaning(node, spot)
        return None

    def hint(self, text: str) -> str | None:
        """Say how the text is written in this form."""
        if self.mend is not None:
            return self.mend(text)
        words = re.findall(r"[A-Za-z0-9_.-]+", text)
        names = ("-".join(words), "-".join(words).lower(), "_".join(words), text.upper(), *translate(text.lower()))
        name = next((name for name in names if name and re.search(self.pattern, name)), None)
        return hint_at_hidden(text) or (None if name is None else f"Write {name}.")


class OneOf(Kind, frozen=True):
    """A word of a closed list, each with what it means where that is given."""

    words: tuple[str, ...]
    about: tuple[str, ...] = ()
    meaning: Meaning | None = None

    def schema(self) -> JsonSchema:
        """Return the words, with what an editor shows of each."""
        schema: JsonSchema = {"type": "string", "enum": list(self.words), "errorMessage": self._wanted()}
        if self.about:
            schema |= {"enumDescriptions": list(self.about), "markdownEnumDescriptions": list(self.about)}
        return schema

    def _wanted(self) -> str:
        return f"Write one of {', '.join(self.words)}."

    def read(self, node: Node, spot: Spot) -> object:
        """Return the word, or what it stands for."""
        if not isinstance(node, Scalar):
            spot.refuse("wrong-type", node, None, self._wanted())
        elif not is_text(node) or node.text not in self.words:
            spot.refuse("unknown-word", node, self._hint(node.text), self._wanted())
        else:
            return node.text if self.meaning is None else self.meaning(node, spot)
        return None

    def _hint(self, text: str) -> str | None:
        if hint := hint_at_list(text, self.words):
            return hint
        meant = find_meant(text, self.words)
        if meant is not None:
            return f"Did you mean “{meant}”?"
        return f"Write {self.words[0]}, or take the key away." if len(self.words) == 1 else None


class Number(Kind, frozen=True):
    """A number within bounds, whole or an exact decimal; quotes around it are welcome."""

    least: int
    most: int
    meaning: Meaning | None = None
    is_whole: bool = True

    def schema(self) -> JsonSchema:
        """Return a number or a string of digits, with its bounds."""
        kind, pattern = ("integer", terms.WHOLE) if self.is_whole else ("number", terms.NUMBER)
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": [kind, "string"], "pattern": pattern, **bounds, "errorMessage": self._wanted()}

    def _wanted(self) -> str:
        return f"Write a {'whole number' if self.is_whole else 'plain decimal'} from {self.least} to {self.most}."

    def read(self, node: Node, spot: Spot) -> object:
        """Return the number, or what it stands for."""
        number = read_decimal(node)
        if number is None or (self.is_whole and not _is_whole(number, node)):
            spot.refuse("wrong-type", node, self._hint(node), self._wanted())
        elif not self.least <= number <= self.most:
            spot.refuse("number-out-of-range", node, None, self._wanted())
        elif self.meaning is not None and isinstance(node, Scalar):
            return self.meaning(node, spot)
        else:
            return int(number) if self.is_whole else number
        return None

    def _hint(self, node: Node) -> str | None:
        """Say how a number is written that stands otherwise, unless it could not stand here."""
        meant = clean_number(node.text) if isinstance(node, Scalar) else None
        if meant is None or not isinstance(node, Scalar) or (self.is_whole and "." in meant):
            return None
        return hint_at_number(node.text) if self.least <= Decimal(meant) <= self.most else None


def _is_whole(number: Decimal, node: Node) -> bool:
    """Tell whether a number is whole; in quotes it has no decimal point either."""
    return number == number.to_integral_value() and not (is_text(node) and "." in str(number))


def read_decimal(node: Node) -> Decimal | None:
    """Return a number, plain or in quotes."""
    digits = digits_of(node)
    return None if digits is None else Decimal(digits)


class Flag(Kind, frozen=True):
    """True or false."""

    def schema(self) -> JsonSchema:
        """Return a boolean."""
        return {"type": "boolean", "examples": [True], "errorMessage": "Write true or false, without quotes."}

    def read(self, node: Node, spot: Spot) -> object:
        """Return the truth value."""
        if isinstance(node, Scalar) and node.kind == "boolean":
            return node.text == "true"
        truth = read_truth(node.text) if isinstance(node, Scalar) else None
        hint = f"Write {truth}, without quotes." if truth else None
        spot.refuse("wrong-type", node, hint, "Write true or false, without quotes.")
        return None


class Money(Kind, frozen=True):
    """An amount in one currency, for the meaning to judge: the node as it is."""

    wanted: str = "Write an amount such as 49.95."

    def schema(self) -> JsonSchema:
        """Return a number or a string of digits."""
        return {"type": ["number", "string"], "pattern": terms.NUMBER, "errorMessage": self.wanted}

    def read(self, node: Node, spot: Spot) -> object:
        """Return the node if it holds a number."""
        if read_decimal(node) is not None:
            return node
        spot.refuse("wrong-type", node, hint_at_number(node.text) if isinstance(node, Scalar) else None, self.wanted)
        return None


class FreeMapping(Kind, frozen=True):
    """A mapping of whatever keys, as data."""

    wanted: str

    def schema(self) -> JsonSchema:
        """Return an object."""
        return {"type": "object", "errorMessage": self.wanted}

    def read(self, node: Node, spot: Spot) -> object:
        """Return the data."""
        if isinstance(node, Mapping):
            return to_data(node)
        refuse_as_mapping(node, spot, self.wanted)
        return None


class Raw(Kind, frozen=True):
    """Whatever stands there, for the meaning to judge: the node as it is."""

    allowed: JsonSchema

    def schema(self) -> JsonSchema:
        """Return what editors know of it."""
        return self.allowed

    def read(self, node: Node, spot: Spot) -> object:
        """Return the node."""
        del spot
        return node


class Section(Raw, frozen=True):
    """A mapping, for the meaning to judge: the node as it is."""

    def read(self, node: Node, spot: Spot) -> object:
        """Return the node if it is a mapping."""
        if isinstance(node, Mapping):
            return node
        refuse_as_mapping(node, spot, str(self.allowed["errorMessage"]))
        return None


class Label(Kind, frozen=True):
    """One word or text; a number or a boolean is taken by its letters."""

    wanted: str = "Write one word or text."

    def schema(self) -> JsonSchema:
        """Return any single value."""
        return {"type": ["string", "number", "boolean"], "minLength": 1, "errorMessage": self.wanted}

    def read(self, node: Node, spot: Spot) -> object:
        """Return the text."""
        if isinstance(node, Scalar) and node.kind != "null" and node.text:
            return node.text
        spot.refuse("wrong-type", node, None, self.wanted)
        return None


def refuse_as_mapping(node: Node, spot: Spot, wanted: str) -> None:
    """Say that a mapping was wanted, and not a list of mappings."""
    is_items = isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node.items)
    spot.refuse("wrong-type", node, f"{wanted} It is not a list: take the dashes away." if is_items else None, wanted)
