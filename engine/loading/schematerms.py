"""The terms the JSON Schemas are made of; ``errorMessage`` is what both editors and our diagnostics say."""

from collections.abc import Iterable, Mapping

JsonSchema = dict[str, object]

WORD = r"^[A-Za-z0-9_.-]{1,64}$"
RULESET_ID = r"^[a-z][a-z0-9-]{0,63}$"
FACT_NAME = r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$"
CURRENCY = r"^[A-Z]{3}$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
HOURS = r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
WHOLE = r"^-?(0|[1-9][0-9]*)$"
NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
RANGE = r"^(-?[0-9]+(\.[0-9]+)?\.\.(-?[0-9]+(\.[0-9]+)?)?|\.\.-?[0-9]+(\.[0-9]+)?)$"


_LONGEST_TEXT = 1000


def described(schema: JsonSchema, description: str, *examples: object) -> JsonSchema:
    """Return the schema with its hover text, as plain words and as Markdown with the examples."""
    markdown = description
    if examples:
        markdown += "\n\nFor example " + " · ".join(f"`{in_yaml(example)}`" for example in examples)
    more: JsonSchema = {"description": description, "markdownDescription": markdown}
    if examples:
        more["examples"] = list(examples)
    return {**schema, **more}


def in_yaml(value: object) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {in_yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_yaml(each) for each in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def with_snippet(schema: JsonSchema, label: str, description: str, body: Mapping[str, object]) -> JsonSchema:
    """Return the schema with what an editor lays out when asked for such a value; ``${1:…}`` is filled in by hand."""
    return {**schema, "defaultSnippets": [{"label": label, "description": description, "body": body}]}


def text(most: int = _LONGEST_TEXT) -> JsonSchema:
    """A text in the author's own words."""
    return {"type": "string", "minLength": 1, "maxLength": most, "errorMessage": "Write a text."}


def word(pattern: str = WORD, message: str = "Write a name of letters, digits and . _ -, 64 at most.") -> JsonSchema:
    """A name."""
    return {"type": "string", "pattern": pattern, "errorMessage": message}


def date() -> JsonSchema:
    """A day."""
    return {"type": "string", "pattern": DATE, "errorMessage": "Write a date such as 2026-01-31."}


def one_word_of(words: Iterable[str], about: Iterable[str] = ()) -> JsonSchema:
    """A word of a closed list, each with what it means where that is given."""
    known, meanings = list(words), list(about)
    schema: JsonSchema = {"type": "string", "enum": known, "errorMessage": f"Write one of {', '.join(known)}."}
    if meanings:
        schema |= {"enumDescriptions": meanings, "markdownEnumDescriptions": meanings}
    return schema


def whole(least: int, most: int) -> JsonSchema:
    """A whole number; quotes around it are welcome."""
    return {
        "type": ["integer", "string"],
        "pattern": WHOLE,
        "minimum": least,
        "maximum": most,
        "errorMessage": f"Write a whole number from {least} to {most}.",
    }


def number(least: int, most: int) -> JsonSchema:
    """An exact decimal; quotes around it are welcome."""
    return {
        "type": ["number", "string"],
        "pattern": NUMBER,
        "minimum": least,
        "maximum": most,
        "errorMessage": f"Write a plain decimal from {least} to {most}.",
    }


def flag() -> JsonSchema:
    """True or false."""
    return {"type": "boolean", "examples": [True], "errorMessage": "Write true or false, without quotes."}


def listing(items: JsonSchema, *, is_unique: bool = True) -> JsonSchema:
    """A list with at least one item."""
    schema: JsonSchema = {"type": "array", "items": items, "minItems": 1, "errorMessage": "Write a list: [a, b]."}
    return {**schema, "uniqueItems": True} if is_unique else schema


def one_or_more(item: JsonSchema, message: str, *, is_unique: bool = True, most: int | None = None) -> JsonSchema:
    """One item or a list of them."""
    several = listing(item, is_unique=is_unique)
    if most is not None:
        several["maxItems"] = most
    return {"anyOf": [item, several], "errorMessage": message}


def mapping(properties: JsonSchema, *, required: Iterable[str] = (), message: str = "") -> JsonSchema:
    """A mapping of known keys."""
    schema: JsonSchema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    shown = ", ".join(f"{key}: …" for key in (list(required) or list(properties))[:3])
    schema["errorMessage"] = message or f"Write a mapping: {{{shown}}}."
    return schema


def names(values: JsonSchema, pattern: str = WORD, message: str = "") -> JsonSchema:
    """A mapping of the author's own names."""
    return {
        "type": "object",
        "propertyNames": word(pattern),
        "additionalProperties": values,
        "errorMessage": message or "Write a mapping of names.",
    }


def ref(name: str) -> JsonSchema:
    """A reference to a shared definition."""
    return {"$ref": f"#/$defs/{name}"}


def amount() -> JsonSchema:
    """An amount, or one for each currency of the file."""
    plain: JsonSchema = {
        "type": ["number", "string"],
        "pattern": NUMBER,
        "errorMessage": "Write an amount such as 49.95.",
    }
    by_currency = names(plain, CURRENCY, "Write an amount for each currency: {EUR: 150, USD: 100}.")
    return {"anyOf": [plain, by_currency], "errorMessage": "Write an amount such as 49.95, or {EUR: 150, USD: 100}."}
