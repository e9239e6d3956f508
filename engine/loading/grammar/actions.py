"""The rows of actions (language.md section 6): those of the vocabulary, and what every action may have."""

from functools import partial

from engine.loading.actions import (
    NOTHING,
    check_action,
    check_schedule,
    make_action,
    name_action_fee,
    name_owners,
    read_time,
)
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import ByHand, Kind, number, one_of, raw, section, word
from engine.loading.grammar.lists import ListOf, OneOrMore
from engine.loading.grammar.parts import NAME, TEXT, WRITTEN_AMOUNT, text_of
from engine.loading.grammar.table import Fields, Key, Table, key
from engine.loading.grammar.terms import JsonSchema
from engine.loading.moneyterms import name_interest
from engine.loading.node import Mapping, Node, find
from engine.loading.slips import hint_at_time
from engine.loading.spot import Spot
from engine.model.ruleset import Action, Schedule
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED, ActionType, Parameter

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
_MOST_PERCENT = 100
_LARGEST_PARAMETER = 10_000
_TYPE: Table[Fields] = Table(
    make=dict,
    keys=(
        key("action", one_of(ACTIONS, (kind.about for kind in ACTIONS.values())), "What is done.",
            "send_reminder", needed=True),
    ),
    wanted="Write one action, {action: send_reminder, channel: email}; others stand in its along_with.",
)


def _read_action(node: Node, spot: Spot) -> Action:
    """Return the action by the keys of its type, or none at all where that cannot be read."""
    if not isinstance(node, Mapping):
        _TYPE.refuse(node, spot)
        return NOTHING
    name = find(node, "action")
    if name is None:
        _TYPE.check_needed(node, spot)
    elif _TYPE.read_values(node, spot):
        return _TABLES[text_of(name) or ""].read(node, spot) or NOTHING
    return NOTHING


ACTION = ByHand(terms.ref("action"), _read_action, _TYPE.take)
TABLE_ACTION = raw(terms.ref("table_action"))
"""What the rows of a table have in common; each row's own action is read when it is whole."""
_CHANNEL = key(
    "channel",
    OneOrMore(
        one_of((PREFERRED, *CHANNELS), ("The account's preferred channel.", *CHANNELS.values())),
        "Write a channel or a list of channels in the order to try.",
    ),
    "The channel to use, or an ordered list: the first one open is taken.",
    "email",
    ["preferred", "email", "sms"],
    field="channels",
    ref="channels",
)
_DAYS = {
    "any": "Any day.",
    "business_day": "Neither weekend nor holiday.",
    "payday": "A day on which wages are paid, by calendar.paydays.",
}
_SCHEDULE = Table(
    make=Schedule,
    keys=(
        key("day", one_of(_DAYS, _DAYS.values()),
            "On which days the action may happen.", "business_day"),
        key("time", word(terms.TIME_OR_BEST, 'Write a time such as "09:30".', read_time, "malformed-time",
                hint_at_time),
            "Not before this local time; “best” is when a call is most likely to be answered.", "10:00", "best"),
    ),
    check=check_schedule,
)
EVERY_ACTION = (
    key("schedule", _SCHEDULE, "When the action may happen.", {"day": "payday"}, ref="schedule"),
    key("approval", one_of(("required",)), "The action is not executed until a person has approved and it is recorded.",
        "required", ref="approval"),
    key("metadata", section({"type": "object", "errorMessage": "Write a mapping: {campaign: spring}."}),
        "Whatever your application wants to find in the decision.", {"campaign": "spring"}, ref="metadata"),
    key("along_with", ListOf(ACTION, "Write a list of actions: [{action: …}].", is_unique=False),
        "Further actions that happen together with this one.", [{"action": "notify_team", "assign_to": "billing"}],
        ref="along_with"),
)


def _kind_of(parameter: Parameter, action: str) -> Kind:
    one = one_of(parameter.values) if parameter.values else NAME
    most = _LARGEST_PARAMETER if parameter.most is None else parameter.most
    kinds: dict[str, Kind] = {
        "words": ListOf(one),
        "word": one,
        "text": TEXT,
        "integer": number(parameter.least or 0, most),
        "percent": number(0, _MOST_PERCENT, is_whole=False),
        "amount": WRITTEN_AMOUNT,
        "fee": word(wanted="Write the name of a fee.", meaning=partial(name_action_fee, action)),
        "interest": word(wanted="Write the name of an interest.", meaning=name_interest),
    }
    return kinds[parameter.type]


def _row_of(name: str, parameter: Parameter, action: str) -> Key:
    is_shared = sum(parameter is kind.parameters.get(name) for kind in ACTIONS.values()) > 1
    is_needed = action == "charge_fee" and name == "fee"
    kind = _kind_of(parameter, action)
    return key(name, kind, parameter.about, needed=is_needed, ref=f"parameter_{name}" if is_shared else None)


def _table_of(kind: ActionType) -> Table[Action]:
    parameters = (_row_of(name, parameter, kind.name) for name, parameter in kind.parameters.items())
    return Table(
        make=partial(make_action, kind.name),
        keys=(
            key("action", raw({"const": kind.name}), needed=True),
            *((_CHANNEL,) if kind.is_contact else ()),
            *parameters,
            *EVERY_ACTION,
        ),
        check=check_action,
        explain=partial(_explain, kind.name),
    )


def _explain(action: str, name: str) -> str | None:
    owners = name_owners(name)
    return f"{action} has no “{name}”; it belongs to {owners}." if owners else None


_TABLES = {name: _table_of(kind) for name, kind in ACTIONS.items()}


def list_parameters(action: str) -> tuple[str, ...]:
    """Return what may stand beside a type of action."""
    return tuple(row.name for row in _TABLES[action].keys if row.name != "action")


def _take_need(action: str, by_type: JsonSchema) -> JsonSchema:
    """Return what a table says of an action: what it needs may stand in the rows."""
    needed = [row.name for row in _TABLES[action].keys if row.needed]
    if needed == ["action"]:
        return by_type
    return {**by_type, "then": {**_TABLES[action].schema(), "required": ["action"]}}


def define_actions() -> JsonSchema:
    """Return the shared definitions that actions are made of, one for each type."""
    whole = {name: _TYPE.schema()[name] for name in ("required", "properties")}
    by_type = [
        {
            "if": {"type": "object", "properties": {"action": {"const": name}}, "required": ["action"]},
            "then": terms.ref(f"action_{name}"),
        }
        for name in ACTIONS
    ]
    in_table = [_take_need(name, each) for name, each in zip(ACTIONS, by_type, strict=True)]
    definitions: JsonSchema = {
        "action": {**whole, "allOf": by_type, "errorMessage": _TYPE.message},
        "table_action": {**whole, "allOf": in_table, "errorMessage": _TYPE.message},
    }
    definitions |= {row.ref: row.define() for row in (_CHANNEL, *EVERY_ACTION) if row.ref is not None}
    for name, table in _TABLES.items():
        shared = {row.ref: row.define() for row in table.keys if row.ref is not None}
        definitions |= {ref: schema for ref, schema in shared.items() if ref.startswith("parameter_")}
        definitions[f"action_{name}"] = {**table.schema(), "description": ACTIONS[name].about}
    return definitions
