"""Conditions as a JSON Schema, from the vocabulary; their meaning alone reads them."""

from collections.abc import Iterable

from engine.loading.conditions import BOUNDS
from engine.loading.declines import (
    BY,
    BY_WORDS,
    DECLINE,
    RESTED,
    RETRYABLE,
    WORDS,
    DeclineLimit,
    read_decline_limits,
)
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import FLAG, ByHand, Kind, money, one_of, raw, text
from engine.loading.grammar.lists import ListOf, Names, OneOrMore
from engine.loading.grammar.parts import CONDITION, NAME
from engine.loading.grammar.table import Fields, Key, Table, key
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Entry, Node
from engine.loading.spot import Spot
from engine.model.vocabulary import LONGEST_TEXT, NUMERIC_TYPES, STANDARD_FACTS, Fact

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
_ANY_VALUE: JsonSchema = {"type": ["boolean", "number", "string", "array", "object"]}
_IS = key(
    "is",
    one_of(("missing", "present"), ("The fact is not given.", "The fact is given.")),
    "Whether the fact is given at all; stands alone.",
    ref="is",
)
_DECLINE_WORDS = {
    "category": "What kind of decline it is.",
    "remedy": "What helps.",
    "scheme": "Which part of the table the row is in.",
}
_LIMITING: Table[Fields] = Table(
    make=dict,
    keys=(
        key(RETRYABLE, FLAG, "Whether the same charge may be sent again unchanged."),
        *(
            key(name, OneOrMore(one_of(words), f"Write one of {', '.join(words)}, or a list.", is_unique=False),
                _DECLINE_WORDS[name])
            for name, words in WORDS.items()
        ),
    ),
    wanted="Write {retryable: true}.",
)


def _read_limits(node: Node, spot: Spot) -> tuple[DeclineLimit, ...]:
    return () if spot.key is None else read_decline_limits(Entry(key=spot.key, value=node), spot.scope)


LIMITING_DECLINE = ByHand(_LIMITING.schema(), _read_limits)
_DECLINE_KEYS = (
    *_LIMITING.keys,
    key(BY, one_of(BY_WORDS), "The row of the code alone, whatever the advice.", "code"),
    key(RESTED, FLAG, "Whether the row's days since the last attempt are over; where that is not known, they are."),
)


def define_conditions() -> JsonSchema:
    """Return the shared definitions that conditions are made of."""
    return {
        "condition": _define_condition(),
        "number_test": _test_number(),
        "boolean_test": _test_of_values(FLAG),
        "word_test": _test_of_values(text(LONGEST_TEXT)),
        "is": _IS.define(),
        "custom_test": {
            "not": {"type": "null"},  # without a type, so that no value is offered for it
            "description": "A test of a fact you declared, or true or false for a condition you named.",
        },
    }


def _define_condition() -> JsonSchema:
    several = ListOf(CONDITION, "Write a list of conditions: [{…}, {…}].", least=0, is_unique=False)
    variants = Names(OneOrMore(NAME, "Write a variant or a list of variants."))
    # A file without “declines” may call a fact or condition so.
    decline = {**_LIMITING.schema(), "type": ["object", "boolean", "number", "string", "array"]}
    decline["properties"] = {each.name: each.schema() for each in _DECLINE_KEYS}
    rows = (
        key("any", several, "At least one of these conditions holds.", [{"vip": True}, {"segment": "enterprise"}]),
        key("none", several, "None of these conditions holds.", [{"days_overdue": "..3"}]),
        key("experiment", variants, "The account is in this variant of the experiment, or in one of a list.",
            {"tone-test": "friendly"}),
        key(DECLINE, raw(decline),
            "The row of the last decline's code in the table of declines has these properties; needs “declines” above.",
            {"retryable": True, "rested": True}, {"category": ["hard", "account"]}),
        *(_row_of(fact) for fact in STANDARD_FACTS.values()),
    )
    return {
        "type": "object",
        "properties": {row.name: row.schema() for row in rows},
        "additionalProperties": terms.ref("custom_test"),
        "description": "All entries must hold. Keys are facts, named conditions, any, none and experiment.",
        "markdownDescription": "**All** entries hold. Keys are facts, named conditions, `any`, `none`, `experiment`.",
        "errorMessage": "Write a mapping: {days_overdue: 3.., vip: false}.",
    }


def _row_of(fact: Fact) -> Key:
    moves = {1: " Rises by one a day.", -1: " Falls by one a day."}.get(fact.moves, "")
    places = f" Up to {fact.places} decimal places." if fact.places else ""
    about = f"{fact.about} Type: {fact.type}.{places}{moves}"
    return key(fact.name, raw(_test_of(fact)), about, *_examples_of(fact))


def _examples_of(fact: Fact) -> tuple[object, ...]:
    match fact.type:
        case "boolean":
            return (True, False)
        case "integer" | "days":
            return (14, "3..13", "14..")
        case "amount":
            return ({"at_least": 10},)
        case "decimal":
            return ({"at_least": 0.75},)
    values = list(fact.values or ())
    return (values[0], values[:2]) if values else ({"is": "present"},)


def _test_of(fact: Fact) -> JsonSchema:
    if fact.type in NUMERIC_TYPES:
        return terms.ref("number_test")
    if fact.type == "boolean":
        return terms.ref("boolean_test")
    value: Kind = one_of(fact.values) if fact.values else text(LONGEST_TEXT)
    if fact.type == "set":
        return _test_set(value)
    return _test_of_values(value) if fact.values else terms.ref("word_test")


def _test_set(value: Kind) -> JsonSchema:
    words = OneOrMore(value, "Write a word or a list of words.", is_unique=False)
    rows = (
        key("all", words, "The set contains all of these."),
        key("none", words, "The set contains none of these."),
        _IS,
    )
    return _by_form(value, Table(make=dict, keys=rows).schema())


def _by_form(value: Kind, tests: JsonSchema) -> JsonSchema:
    """Return a value, a list of values or a mapping of tests, told apart so that an editor speaks of what is meant."""
    several = ListOf(value, is_unique=False).schema()
    alone: JsonSchema = {"if": {"type": "array"}, "then": several, "else": value.schema()}
    offered = {"examples": value.schema()["enum"]} if "enum" in value.schema() else {}
    return {"if": {"type": "object"}, "then": tests, "else": alone, **offered}


def _test_of_values(value: Kind) -> JsonSchema:
    either = OneOrMore(value, str(value.schema()["errorMessage"]), is_unique=False)
    rows = (key("not", raw(either.schema()), "The fact is given and is none of these."), _IS)
    return _by_form(value, Table(make=dict, keys=rows).schema())


# What people write for a number or a range, by its shape, and the sentence that an editor shows for it.
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"
_RANGE = rf"({_NUMBER})?\.\.({_NUMBER})?"
_SLIPS = (
    (r"[<>=!≤≥≠].*", "Comparisons are ranges or words: 3.. for 3 or more, {more_than: 3} for more than 3."),
    (rf"{_NUMBER} ?(\+|or more|and more|and up)", "Write 14.. for 14 or more."),
    (rf"{_NUMBER} ?(-|–|to|until) ?{_NUMBER}", "Write 3..10 for a range, both ends included."),
    (rf"({_NUMBER}|{_RANGE}) ?(?!to |or |and |until )[A-Za-z%€$£].*", "Write 14 or 14..30, in digits alone."),
    (r"[€$£].*", "Write 10, in digits alone: the currency is the file's."),
    (r"-?[0-9]+,[0-9]+(\.\..*)?", "Write 10.50: a point before the decimals, and nothing between thousands."),
)
_WRITE_TEST = "Write a number (14), a range (14.., 3..13), a list of them, or {more_than: 3}."


def _number_pattern(shapes: Iterable[str]) -> str:
    return f"^({'|'.join([_NUMBER, _RANGE, *shapes])})$"


def _test_number() -> JsonSchema:
    """Return the test of a number: each slip is refused by a pattern of its own, which says the right form."""
    slips = [{"pattern": f"^(?!({shape})$)", "errorMessage": said} for shape, said in _SLIPS]
    whole = {"pattern": _number_pattern(shape for shape, _ in _SLIPS), "errorMessage": _WRITE_TEST}
    item: JsonSchema = {"type": ["number", "string"], "allOf": [*slips, whole]}
    plain, by_currency = raw(item), {terms.CURRENCY: money().schema()}
    amounts: JsonSchema = {"type": "object", "patternProperties": by_currency, "additionalProperties": False}
    rows = (
        *(key(name, raw(terms.ref("amount")), about) for name, about in BOUNDS.items()),
        key("not", raw(_by_form(plain, amounts)), "The fact is given, and this test does not hold."),
        _IS,
    )
    return _by_form(plain, {**Table(make=dict, keys=rows).schema(), "patternProperties": by_currency})
