"""The rows of declared facts (language.md 3.3)."""

import msgspec

from engine.loading.declarations import WITH_VALUES, Declared
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import FLAG, ByHand, Kind, Value, number, one_of, raw, text, word
from engine.loading.grammar.lists import ListOf, Names
from engine.loading.grammar.parts import NAME, TEXT, text_of
from engine.loading.grammar.table import Table, key
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Node, Scalar, Sequence, find
from engine.loading.scope import Scope
from engine.loading.spot import Spot

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
_TYPES = {
    "enum": "A word; closed where values are listed.",
    "text": "Any text of up to 256 characters, compared exactly.",
    "boolean": "true or false.",
    "integer": "A whole number.",
    "days": "A whole number of days.",
    "amount": "Money in the account's currency.",
    "decimal": "A decimal with up to six places.",
    "set": "Any number of words; never missing, only empty.",
}
_TYPE = one_of(_TYPES, _TYPES.values())
_MOVES = Value({"enum": [1, -1], "errorMessage": "Write 1 or -1."}, lambda node, _: int(node.text))
_VALUES = "The closed list of words."


_ITEM = Value({"type": "string", "errorMessage": "Write a text."})
_ANY_VALUE: JsonSchema = {"type": ["boolean", "number", "string", "array", "object"], "items": {"type": "string"}}
_WRITE_VALUE = "Write a value of the fact's type."


def _read_default(node: Node, spot: Spot) -> Node | None:
    """Return a value of the fact's type, which its meaning judges; in a list, texts."""
    items = node.items if isinstance(node, Sequence) else ()
    read = [_ITEM.read(item, spot.inside()) for item in items]
    return None if None in read else node


_DEFAULT = ByHand({**_ANY_VALUE, "errorMessage": _WRITE_VALUE}, _read_default)


def _declare(value: Kind) -> Table[Declared]:
    return Table(
        make=Declared,
        keys=(
            key("type", _TYPE, "What kind of value the fact has.", "enum", needed=True),
            key("values", ListOf(value, is_unique=False), _VALUES, ["monthly", "annual"]),
            key("places", number(0, 6), "Decimal places of a decimal.", 4),
            key("unit", text(64), "What is counted, for readers.", "seats"),
            key("about", TEXT, "What the fact says, for readers.", "How long the contract binds."),
            key("optional", FLAG, "The fact may be left out of an account."),
            key("default", _DEFAULT, "What holds where an account leaves the fact out.", "monthly"),
            key("moves", _MOVES, "How the number changes with each day that passes.", -1),
        ),
        wanted="Write a declaration: {type: enum, values: [a, b]}.",
        given=(("key", lambda _, spot: spot.key), ("node", lambda node, _: node)),
    )


DECLARATION, _OF_OTHERS = _declare(NAME), _declare(raw({}))


def _read_declaration(node: Node, spot: Spot) -> Declared | None:
    """Return what is declared; only where the values are words, each must be one."""
    is_of_words = text_of(find(node, "type")) in WITH_VALUES
    return (DECLARATION if is_of_words else _OF_OTHERS).read(node, spot)


_WORD_TYPES = terms.described({"enum": ["enum", "set"]}, "The types whose values are words.")
_DECLARATION = ByHand(
    {
        **_OF_OTHERS.schema(),
        "if": {"properties": {"type": _WORD_TYPES}, "required": ["type"]},
        "then": {"properties": {"values": terms.described({"items": NAME.schema()}, _VALUES)}},
    },
    _read_declaration,
    _OF_OTHERS.take,
)
FACTS = Names(
    _DECLARATION,
    "Write a mapping of facts: {seats: {type: integer, optional: true}}.",
    word(terms.FACT_NAME),
)


class _SharedFacts(msgspec.Struct, frozen=True):
    facts: dict[str, Declared]


SHARED_FACTS = Table(
    make=_SharedFacts,
    keys=(
        key("facts", FACTS,
            "The facts declared for every ruleset of the folder, indented below it; standard facts may be narrowed.",
            {"seats": {"type": "integer", "optional": True}}, needed=True),
    ),
    wanted="Write one mapping “facts”.",
)


def read_declarations(node: Node | None, scope: Scope) -> dict[str, Declared]:
    """Return what is declared by name."""
    read = {} if node is None else FACTS.read(node, Spot(scope, Scalar(kind="word", text="facts", at=node.at)))
    return read if isinstance(read, dict) else {}
