"""The rows of ``expect`` (language.md 9.1): short names, and every path that begins with a part of a decision."""

from typing import get_args

from engine.loading.grammar.kinds import raw
from engine.loading.grammar.table import key
from engine.loading.grammar.terms import JsonSchema
from engine.model.decision import Decision, Outcome
from engine.model.vocabulary import ACTIONS, CHANNELS

OUTCOMES: tuple[str, ...] = get_args(Outcome)
SHORT_NAMES: dict[str, tuple[str, ...]] = {
    "outcome": ("outcome",),
    "rule": ("rule", "id"),
    "level": ("rule", "level"),
    "action": ("action", "type"),
    "channel": ("action", "channel"),
    "block": ("block", "id"),
}
_ANYTHING = raw({"type": ["boolean", "number", "string", "array", "object", "null"]})
_ROWS = (
    key("outcome", raw({"enum": [*OUTCOMES, None]}), "The outcome.", "act"),
    key("rule", _ANYTHING, "The id of the rule that wins.", "friendly-reminder"),
    key("level", _ANYTHING, "Its level.", 1),
    key("action", raw({"enum": [*ACTIONS, None]}), "The type of the action.", "send_reminder"),
    key("channel", raw({"enum": [*CHANNELS, None]}), "The channel chosen.", "email"),
    key("block", _ANYTHING, "The id of the block.", "insolvency"),
)


def write_expectation(text: str) -> str:
    """Return a lone word as the part of a decision that it is likely a value of: ``{rule: reminder}``."""
    name = next((name for name, words in _WORDS.items() if text in words), "rule")
    return f"{{{name}: {text}}}"


_WORDS = {"outcome": OUTCOMES, "action": tuple(ACTIONS), "channel": tuple(CHANNELS)}
_PARTS = "|".join(dict.fromkeys((*SHORT_NAMES, *Decision.__struct_fields__)))
EXPECT: JsonSchema = {
    "type": "object",
    "properties": {row.name: row.schema() for row in _ROWS},
    "propertyNames": {
        "pattern": rf"^({_PARTS})(\..+)?$",
        "errorMessage": "Write a short name, or a path into the decision such as claim.total.amount.",
    },
    "additionalProperties": _ANYTHING.schema(),
    "errorMessage": "Write a mapping of what is expected.",
}
