"""The JSON Schema of actions, from the vocabulary."""

from engine.loading.actions import MOST_PERCENT
from engine.loading.schematerms import (
    TIME,
    JsonSchema,
    described,
    listing,
    mapping,
    number,
    one_or_more,
    one_word_of,
    ref,
    text,
    whole,
    word,
)
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED, ActionType, Parameter

_LARGEST_PARAMETER = 10_000


def action_definitions() -> JsonSchema:
    """The shared definitions that actions are made of, one for each type."""
    definitions: JsonSchema = {"action": _action(), "channels": _channels(), "schedule": _schedule(), **_common()}
    for kind in ACTIONS.values():
        shared = {name: each for name, each in kind.parameters.items() if _is_shared(name, each)}
        definitions |= {f"parameter_{name}": _described_parameter(each) for name, each in shared.items()}
        definitions[f"action_{kind.name}"] = _action_of(kind)
    return definitions


def _is_shared(name: str, parameter: Parameter) -> bool:
    return sum(parameter is kind.parameters.get(name) for kind in ACTIONS.values()) > 1


def _action() -> JsonSchema:
    kinds = one_word_of(ACTIONS, (kind.about for kind in ACTIONS.values()))
    return {
        "type": "object",
        "required": ["action"],
        "properties": {"action": described(kinds, "What is done.", "send_reminder")},
        "allOf": [
            {
                "if": {"type": "object", "properties": {"action": {"const": name}}, "required": ["action"]},
                "then": ref(f"action_{name}"),
            }
            for name in ACTIONS
        ],
        "errorMessage": "Write one action, {action: send_reminder, channel: email}; others stand in its along_with.",
    }


def _channels() -> JsonSchema:
    words = one_word_of((PREFERRED, *CHANNELS), ("The account's preferred channel.", *CHANNELS.values()))
    return described(
        one_or_more(words, "Write a channel or a list of channels in the order to try."),
        "The channel to use, or an ordered list: the first one open is taken.",
        "email",
        ["preferred", "email", "sms"],
    )


def _schedule() -> JsonSchema:
    days = one_word_of(
        ("any", "business_day", "payday"),
        ("Any day.", "Neither weekend nor holiday.", "A day on which wages are paid, by calendar.paydays."),
    )
    time: JsonSchema = {"type": "string", "pattern": TIME, "errorMessage": 'Write a time such as "09:30".'}
    return described(
        mapping(
            {
                "day": described(days, "On which days the action may happen.", "business_day"),
                "time": described(time, "Not before this local time.", "10:00"),
            }
        ),
        "When the action may happen.",
        {"day": "payday"},
    )


def _common() -> JsonSchema:
    """What every action may have besides its own parameters."""
    approval = one_word_of(("required",))
    metadata: JsonSchema = {"type": "object", "errorMessage": "Write a mapping: {campaign: spring}."}
    along_with: JsonSchema = {
        "type": "array",
        "items": ref("action"),
        "minItems": 1,
        "errorMessage": "Write a list of actions: [{action: …}].",
    }
    return {
        "approval": described(
            approval, "The action is not executed until a person has approved and it is recorded.", "required"
        ),
        "metadata": described(
            metadata, "Whatever your application wants to find in the decision.", {"campaign": "spring"}
        ),
        "along_with": described(
            along_with,
            "Further actions that happen together with this one.",
            [{"action": "notify_team", "assign_to": "billing"}],
        ),
    }


def _action_of(kind: ActionType) -> JsonSchema:
    properties: JsonSchema = {"action": {"const": kind.name}}
    if kind.is_contact:
        properties["channel"] = ref("channels")
    for name, parameter in kind.parameters.items():
        properties[name] = ref(f"parameter_{name}") if _is_shared(name, parameter) else _described_parameter(parameter)
    properties |= {name: ref(name) for name in ("schedule", "approval", "metadata", "along_with")}
    required = ["action", *(("fee",) if kind.name == "charge_fee" else ())]
    return {**mapping(properties, required=required), "description": kind.about}


def _described_parameter(parameter: Parameter) -> JsonSchema:
    return described(_parameter(parameter), parameter.about)


def _parameter(parameter: Parameter) -> JsonSchema:
    known = one_word_of(parameter.values) if parameter.values else word()
    match parameter.type:
        case "words" | "word":
            return listing(known) if parameter.type == "words" else known
        case "integer":
            least = 0 if parameter.least is None else parameter.least
            return whole(least, _LARGEST_PARAMETER if parameter.most is None else parameter.most)
        case "percent":
            return number(0, MOST_PERCENT)
        case "amount":
            return ref("amount")
        case "fee" | "interest":
            return word(message=f"Write the name of {'a fee' if parameter.type == 'fee' else 'an interest'}.")
        case _:
            return text()
