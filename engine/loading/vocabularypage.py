"""The page that lists every fact, action and channel for the authors of rulesets."""

from collections.abc import Iterator

from engine.model.vocabulary import (
    ACTIONS,
    CHANNELS,
    STANDARD_FACTS,
    ActionType,
    Fact,
    Parameter,
)

_INTRODUCTION = """\
# Facts, actions and channels

Every ruleset shares these words. [language.md](language.md) says what they mean in a condition (section 3) and in an
action (section 6). A ruleset, or `facts.yaml` in its folder, may declare more facts; actions and channels are closed
lists.

This page is generated from `engine/model/vocabulary.py` by `make generate`.

## Facts

- **type**: how it is written. An amount is a decimal in the account's currency, a set is a list. An enum without a list
  of values takes any word of letters, digits and `. _ -`, 64 at most.
- **moves**: how a value given on `facts_on` changes with every day after it. A promise in 3 days (-1) is due after
  three days and one day late after four.
- **if not given**: a default, or *missing*. A test on a missing fact is false; only `{is: missing}` is true of it.
- **worked out from**: facts of *invoices* and of *history* need not be given. They are given instead of the invoices or
  the history, never beside them.

| fact | type | values or unit | moves | if not given | worked out from | what it is |
|---|---|---|---|---|---|---|
"""
_ACTIONS = """
## Actions

A contact action needs `channel`: one channel or a list in order of preference. Every action may also have `schedule`,
`approval: required`, `metadata` and `along_with` ([language.md](language.md#6-actions-and-when-they-happen), 6.2).

| action | what it does | contact | parameters of its own |
|---|---|---|---|
"""
_PARAMETERS = """
## Parameters

| parameter | of | written | what it is |
|---|---|---|---|
"""
_CHANNELS = """
## Channels

`preferred` in a rule stands for the account's `preferred_channel`; it is passed over if the account names none.

| channel | what it is |
|---|---|
"""
_WRITTEN = {
    "words": "words",
    "word": "a word",
    "text": "text",
    "integer": "a whole number",
    "percent": "a percentage",
    "amount": "an amount",
    "fee": "the name of a fee",
    "interest": "the name of an interest table",
    "flag": "`true` or `false`",
}


def write_vocabulary_page() -> str:
    """Return docs/authors/vocabulary.md."""
    return "".join(
        (
            _INTRODUCTION,
            *(_fact_row(fact) for fact in STANDARD_FACTS.values()),
            _ACTIONS,
            *(_action_row(action) for action in ACTIONS.values()),
            _PARAMETERS,
            *_parameter_rows(),
            _CHANNELS,
            *(_row(f"`{name}`", about) for name, about in CHANNELS.items()),
        )
    )


def _fact_row(fact: Fact) -> str:
    values = ", ".join(f"`{value}`" for value in fact.values or ()) or fact.unit or ""
    if fact.type == "decimal":
        values = f"{fact.places} decimal places"
    moves = f"{fact.moves:+d} a day" if fact.moves else ""
    source = "" if fact.source == "given" else fact.source
    return _row(f"`{fact.name}`", fact.type, values, moves, _default_of(fact), source, fact.about)


def _default_of(fact: Fact) -> str:
    if fact.source != "given":
        return "worked out"
    if fact.default is None:
        return "missing"
    if isinstance(fact.default, bool):
        return "`true`" if fact.default else "`false`"
    return "the empty set" if fact.default == () else f"`{fact.default}`"


def _action_row(action: ActionType) -> str:
    parameters = ", ".join(f"`{name}`" for name in action.parameters)
    return _row(f"`{action.name}`", action.about, "yes" if action.is_contact else "", parameters)


def _parameter_rows() -> Iterator[str]:
    users: dict[tuple[str, str], tuple[Parameter, list[str]]] = {}
    for action in ACTIONS.values():
        for name, parameter in action.parameters.items():
            users.setdefault((name, repr(parameter)), (parameter, []))[1].append(action.name)
    contacts = [action.name for action in ACTIONS.values() if action.is_contact]
    for (name, _), (parameter, actions) in users.items():
        of = "every contact action" if actions == contacts else ", ".join(f"`{action}`" for action in actions)
        yield _row(f"`{name}`", of, _write_values(parameter), parameter.about)


def _write_values(parameter: Parameter) -> str:
    if parameter.values is not None:
        words = ", ".join(f"`{value}`" for value in parameter.values)
        return f"any of {words}" if parameter.type == "words" else f"one of {words}"
    written = _WRITTEN[parameter.type]
    if parameter.least is not None and parameter.most is not None:
        return f"{written}, {parameter.least:,} to {parameter.most:,}"
    return written


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
