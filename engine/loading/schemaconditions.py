"""The JSON Schema of conditions and of fact declarations, from the vocabulary."""

from engine.loading.declines import BY, BY_WORDS, DECLINE, RESTED, RETRYABLE, WORDS
from engine.loading.schematerms import (
    FACT_NAME,
    NUMBER,
    RANGE,
    JsonSchema,
    described,
    flag,
    listing,
    mapping,
    names,
    one_or_more,
    one_word_of,
    ref,
    text,
    whole,
    word,
)
from engine.model.vocabulary import LONGEST_TEXT, NUMERIC_TYPES, STANDARD_FACTS, Fact

_TYPES: dict[str, str] = {
    "enum": "A word; closed where values are listed.",
    "text": "Any text of up to 256 characters, compared exactly.",
    "boolean": "true or false.",
    "integer": "A whole number.",
    "days": "A whole number of days.",
    "amount": "Money in the account's currency.",
    "decimal": "A decimal with up to six places.",
    "set": "Any number of words; never missing, only empty.",
}
_IS = described(
    one_word_of(("missing", "present"), ("The fact is not given.", "The fact is given.")),
    "Whether the fact is given at all; stands alone.",
)
_VALUES = "The closed list of words."
_DECLINE_WORDS = {
    "category": "What kind of decline it is.",
    "remedy": "What helps.",
    "scheme": "Which part of the table the row is in.",
}
_BOUNDS = {
    "at_least": "The number is this or more.",
    "at_most": "The number is this or less.",
    "more_than": "The number is more than this.",
    "less_than": "The number is less than this.",
}


def condition_definitions() -> JsonSchema:
    """The shared definitions that conditions are made of."""
    return {
        "condition": _condition(),
        "number_test": _number_test(),
        "boolean_test": _plain_test(flag()),
        "word_test": _plain_test(text(LONGEST_TEXT)),
        "is": _IS,
        "custom_test": _custom_test(),
        "facts": facts_schema(),
    }


def _condition() -> JsonSchema:
    several: JsonSchema = {
        "type": "array",
        "items": ref("condition"),
        "errorMessage": "Write a list of conditions: [{…}, {…}].",
    }
    properties: JsonSchema = {
        "any": described(
            several, "At least one of these conditions holds.", [{"vip": True}, {"segment": "enterprise"}]
        ),
        "none": described(several, "None of these conditions holds.", [{"days_overdue": "..3"}]),
        "experiment": described(
            names(one_or_more(word(), "Write a variant or a list of variants.")),
            "The account is in this variant of the experiment, or in one of a list.",
            {"tone-test": "friendly"},
        ),
    }
    properties[DECLINE] = described(
        _decline_schema(),
        "The row of the last decline's code in the table of declines has these properties; needs “declines” above.",
        {"retryable": True, "rested": True},
        {"category": ["hard", "account"]},
    )
    for fact in STANDARD_FACTS.values():
        properties[fact.name] = described(_test_of(fact), _about(fact), *_examples_of(fact))
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": ref("custom_test"),
        "description": "All entries must hold. Keys are facts, named conditions, any, none and experiment.",
        "markdownDescription": "**All** entries hold. Keys are facts, named conditions, `any`, `none`, `experiment`.",
        "errorMessage": "Write a mapping: {days_overdue: 3.., vip: false}.",
    }


def limiting_decline_schema() -> JsonSchema:
    """The JSON Schema of ``decline`` in an attempt limit."""
    properties: JsonSchema = {RETRYABLE: described(flag(), "Whether the same charge may be sent again unchanged.")}
    for key, words in WORDS.items():
        word_or_words = one_or_more(one_word_of(words), f"Write one of {', '.join(words)}, or a list.", is_unique=False)
        properties[key] = described(word_or_words, _DECLINE_WORDS[key])
    return mapping(properties, message="Write {retryable: true}.")


def _decline_schema() -> JsonSchema:
    schema = limiting_decline_schema()
    properties: JsonSchema = dict(schema["properties"])  # type: ignore[call-overload]  # made above
    properties[BY] = described(one_word_of(BY_WORDS), "The row of the code alone, whatever the advice.", "code")
    properties[RESTED] = described(
        flag(), "Whether the row's days since the last attempt are over; where that is not known, they are."
    )
    # A file without “declines” may call a fact or condition so.
    return {**schema, "type": ["object", "boolean", "number", "string", "array"], "properties": properties}


def _about(fact: Fact) -> str:
    moves = {1: " Rises by one a day.", -1: " Falls by one a day."}.get(fact.moves, "")
    places = f" Up to {fact.places} decimal places." if fact.places else ""
    return f"{fact.about} Type: {fact.type}.{places}{moves}"


def _examples_of(fact: Fact) -> tuple[object, ...]:
    if fact.type == "boolean":
        return (True,)
    if fact.type in {"integer", "days"}:
        return (14, "3..13", "14..")
    if fact.type == "amount":
        return ({"at_least": 10},)
    if fact.type == "decimal":
        return ({"at_least": 0.75},)
    values = list(fact.values or ())
    return (values[0], values[:2]) if values else ({"is": "present"},)


def _test_of(fact: Fact) -> JsonSchema:
    if fact.type in NUMERIC_TYPES:
        return ref("number_test")
    if fact.type == "boolean":
        return ref("boolean_test")
    value = one_word_of(fact.values) if fact.values else text(LONGEST_TEXT)
    if fact.type != "set":
        return _plain_test(value) if fact.values else ref("word_test")
    words = one_or_more(value, "Write a word or a list of words.", is_unique=False)
    operators = mapping(
        {
            "all": described(words, "The set contains all of these."),
            "none": described(words, "The set contains none of these."),
            "is": ref("is"),
        }
    )
    return {"anyOf": [value, listing(value, is_unique=False), operators]}


def _plain_test(value: JsonSchema) -> JsonSchema:
    values = listing(value, is_unique=False)
    operators = mapping(
        {"not": described({"anyOf": [value, values]}, "The fact is given and is none of these."), "is": ref("is")}
    )
    return {"anyOf": [value, values, operators]}


def _number_test() -> JsonSchema:
    plain: JsonSchema = {"type": ["number", "string"], "pattern": NUMBER}
    span: JsonSchema = {"type": "string", "pattern": RANGE, "description": "An inclusive range: 3..13, 14.. or ..0."}
    value: JsonSchema = {"anyOf": [plain, ref("amount")]}
    item: JsonSchema = {"anyOf": [plain, span, ref("amount")]}
    properties: JsonSchema = {key: described(value, about) for key, about in _BOUNDS.items()}
    properties["not"] = described(
        {"anyOf": [item, listing(item, is_unique=False)]}, "The fact is given, and this test does not hold."
    )
    properties["is"] = ref("is")
    return {"anyOf": [item, listing(item, is_unique=False), mapping(properties)]}


def _custom_test() -> JsonSchema:
    return {
        "type": ["boolean", "number", "string", "array", "object"],
        "description": "A test of a fact you declared, or true or false for a condition you named.",
    }


def facts_schema() -> JsonSchema:
    """The JSON Schema of a ``facts`` mapping."""
    default: JsonSchema = {
        "type": ["boolean", "number", "string", "array", "object"],
        "items": {"type": "string"},
        "errorMessage": "Write a value of the fact's type.",
    }
    properties: JsonSchema = {
        "type": described(one_word_of(_TYPES, _TYPES.values()), "What kind of value the fact has.", "enum"),
        "values": described(listing({}, is_unique=False), _VALUES, ["monthly", "annual"]),
        "places": described(whole(0, 6), "Decimal places of a decimal.", 4),
        "unit": described(text(64), "What is counted, for readers.", "seats"),
        "about": described(text(), "What the fact says, for readers.", "How long the contract binds."),
        "optional": described(flag(), "The fact may be left out of an account."),
        "default": described(default, "What holds where an account leaves the fact out.", "monthly"),
        "moves": described(
            {"enum": [1, -1], "errorMessage": "Write 1 or -1."}, "How the number changes with each day that passes.", -1
        ),
    }
    declaration = mapping(properties, required=("type",), message="Write a declaration: {type: enum, values: [a, b]}.")
    kinds = described({"enum": ["enum", "set"]}, "The types whose values are words.")
    of_words: JsonSchema = {"properties": {"type": kinds}, "required": ["type"]}
    declaration |= {"if": of_words, "then": {"properties": {"values": described({"items": word()}, _VALUES)}}}
    return names(declaration, FACT_NAME, "Write a mapping of facts: {seats: {type: integer, optional: true}}.")
