"""The terms that JSON Schemas are made of; ``errorMessage`` is what both editors and our diagnostics say."""

JsonSchema = dict[str, object]

WORD = r"^[A-Za-z0-9_.-]{1,64}$"
RULESET_ID = r"^[a-z][a-z0-9-]{0,63}$"
FACT_NAME = r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$"
CURRENCY = r"^[A-Z]{3}$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
TIME_OR_BEST = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|best)$"
HOURS = r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
WHOLE = r"^-?(0|[1-9][0-9]*)$"
NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"


def described(schema: JsonSchema, description: str, *examples: object) -> JsonSchema:
    """Return the schema with its hover text, as plain words and as Markdown with the examples."""
    markdown = description
    if examples:
        markdown += "\n\nFor example " + " · ".join(f"`{in_yaml(example)}`" for example in examples)
    more: JsonSchema = {"description": description, "markdownDescription": markdown}
    plain = [each for each in examples if not isinstance(each, dict | list)]
    if plain and "examples" not in schema:  # an editor offers them as values, and can write no others
        more["examples"] = plain
    return {**schema, **more}


def in_yaml(value: object) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {in_yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_yaml(each) for each in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def ref(name: str) -> JsonSchema:
    """Return a reference to a shared definition."""
    return {"$ref": f"#/$defs/{name}"}
