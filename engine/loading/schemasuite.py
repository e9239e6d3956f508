"""The JSON Schema of test suites and of checks (language.md section 9)."""

from engine.loading.schematerms import (
    CURRENCY,
    DATE,
    NUMBER,
    RULESET_ID,
    JsonSchema,
    date,
    described,
    flag,
    listing,
    mapping,
    names,
    one_word_of,
    text,
    whole,
    word,
)
from engine.model.vocabulary import ACTIONS, CHANNELS, STANDARD_FACTS, Fact

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
_ANYTHING: JsonSchema = {"type": ["boolean", "number", "string", "array", "object", "null"]}
_GIVEN: JsonSchema = {"type": ["boolean", "number", "string", "array", "object"], "errorMessage": "Write a value."}
_OUTCOMES = ("act", "wait", "blocked", "none", "not_covered")


def make_suite_schema() -> JsonSchema:
    """The JSON Schema of a test suite."""
    accounts = names({"$ref": "#/$defs/account"}, r"^[\s\S]{1,256}$", "Write a mapping of accounts by their id.")
    tests: JsonSchema = {"type": "array", "items": _test(), "errorMessage": "Write a list of tests."}
    properties: JsonSchema = {
        "ruleset": described(word(RULESET_ID), "The id of the ruleset that is tested.", "nl-consumer-subscription"),
        "accounts": described(accounts, "Accounts by id, for the tests to name."),
        "tests": described(tests, "The tests."),
    }
    return {
        "$schema": _DIALECT,
        "$id": "suite.schema.json",
        "title": "Dunning test suite",
        "description": "What a ruleset must decide for these accounts.",
        **mapping(properties, required=("ruleset", "tests"), message="Write a suite."),
        "$defs": {"account": _account(), "entry": _entry()},
    }


def make_check_schema() -> JsonSchema:
    """The JSON Schema of a check: what ``dunning check`` must say of a file."""
    diagnostic = mapping(
        {
            "code": described(word(), "The diagnostic's code.", "unknown-fact"),
            "line": described(whole(1, 10_000_000), "The line it points at.", 12),
        },
        required=("code", "line"),
    )
    expected: JsonSchema = {"type": "array", "items": diagnostic, "errorMessage": "Write a list of {code, line}."}
    return {
        "$schema": _DIALECT,
        "$id": "check.schema.json",
        "title": "Dunning check",
        "description": "What dunning check must say of a ruleset file.",
        **mapping(
            {
                "ruleset": described(text(), "The ruleset file, beside this one.", "broken.yaml"),
                "diagnostics": described(expected, "Every diagnostic it must have."),
            },
            required=("ruleset", "diagnostics"),
        ),
    }


def _instant() -> JsonSchema:
    message = "Write a date or an instant such as 2026-03-06T09:00:00+01:00."
    return {"type": "string", "pattern": _INSTANT, "errorMessage": message}


def _test() -> JsonSchema:
    account: JsonSchema = {
        "anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/account"}],
        "errorMessage": "Write the name of an account, or an account.",
    }
    days: JsonSchema = {
        "type": "object",
        "propertyNames": {"pattern": DATE, "errorMessage": "Write a date such as 2026-03-04."},
        "additionalProperties": word(message="Write the id of the rule that wins on this day."),
        "errorMessage": "Write a mapping of days to rules: {2026-03-04: friendly-reminder}.",
    }
    changes: JsonSchema = {"type": "object", "errorMessage": "Write a mapping of account keys."}
    properties: JsonSchema = {
        "name": described(text(), "What the test says, in one sentence.", "Anna is reminded on day 5"),
        "account": described(account, "An account of this suite by its id, or one written here.", "anna"),
        "as_of": described(_instant(), "The day or instant asked for; a bare date is its first moment.", "2026-03-06"),
        "history": described({"type": "array", "items": {"$ref": "#/$defs/entry"}}, "What was executed before."),
        "with": described(changes, "Replaces keys of the account whole; null takes one away.", {"disputed": False}),
        "expect": described(_expect(), "What must come out; parts not named are not compared."),
        "timeline": described(
            days, "Exactly the days on which rules win, and the rules.", {"2026-03-04": "friendly-reminder"}
        ),
        "until": described(date(), "The last day of the timeline.", "2026-03-28"),
        "asked_on": described(listing(date()), "Only these days are asked.", ["2026-03-04"]),
        "matrix": described(
            names(listing(_GIVEN, is_unique=False)),
            "Every combination of these facts is tried.",
            {"customer_value": [0, 6000]},
        ),
        "skip": described(text(), "Why this test is not run.", "Waits for the new tariff"),
    }
    return mapping(
        properties, required=("name", "account"), message="Write a test: {name: …, account: …, as_of: …, expect: {…}}."
    )


def _expect() -> JsonSchema:
    properties: JsonSchema = {
        "outcome": described({"enum": [*_OUTCOMES, None]}, "The outcome.", "act"),
        "rule": described(_ANYTHING, "The id of the rule that wins.", "friendly-reminder"),
        "level": described(_ANYTHING, "Its level.", 1),
        "action": described({"enum": [*ACTIONS, None]}, "The type of the action.", "send_reminder"),
        "channel": described({"enum": [*CHANNELS, None]}, "The channel chosen.", "email"),
        "block": described(_ANYTHING, "The id of the block.", "insolvency"),
    }
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": _ANYTHING,
        "errorMessage": "Write a mapping of what is expected.",
    }


def _account() -> JsonSchema:
    invoice = mapping(
        {
            "id": described(text(256), "The invoice's id.", "I1"),
            "due_on": described(date(), "The day it is due.", "2026-03-01"),
            "open": described(_money(), "What is still unpaid.", 49.95),
            "issued_on": described(date(), "The day it was issued.", "2026-02-15"),
            "amount": described(_money(), "Its original amount.", 49.95),
            "disputed": described(flag(), "The invoice is disputed."),
            "kind": described(word(), "“fee” marks dunning costs.", "fee"),
        },
        required=("id", "due_on", "open"),
    )
    properties: JsonSchema = {
        "id": described(text(256), "The account's id.", "A-1001"),
        "currency": described(word(CURRENCY, "Write a currency such as EUR."), "The account's currency.", "EUR"),
        "timezone": described(text(64), "The account's own time zone.", "Europe/Amsterdam"),
        "party": described(text(256), "Who owes; accounts of one party share contact limits.", "P-7"),
        "facts_on": described(date(), "The day on which the moving facts hold.", "2026-03-01"),
        "invoices": described(
            {"type": "array", "items": invoice, "errorMessage": "Write a list of invoices."}, "The open invoices."
        ),
    }
    for fact in STANDARD_FACTS.values():
        properties[fact.name] = described(_value_of(fact), fact.about)
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": _GIVEN,
        "errorMessage": "Write an account: {currency: EUR, invoices: [{id: I1, due_on: 2026-03-01, open: 49.95}]}.",
    }


def _money() -> JsonSchema:
    return {"type": ["number", "string"], "pattern": NUMBER, "errorMessage": "Write an amount such as 49.95."}


def _value_of(fact: Fact) -> JsonSchema:
    if fact.type == "boolean":
        return flag()
    if fact.type in {"integer", "days", "amount", "decimal"}:
        return {"type": ["number", "string"], "pattern": NUMBER, "errorMessage": "Write a number."}
    value = one_word_of(fact.values) if fact.values else text(256)
    if fact.type == "set":
        return {"type": "array", "items": value, "errorMessage": "Write a list of words: [a, b]."}
    return value


def _entry() -> JsonSchema:
    """One entry of the history, a reset or a level included (language.md 5.3)."""
    parts: JsonSchema = {
        "name": described(word(), "The fee's name in the ruleset.", "late"),
        "amount": described(_money(), "How much it was.", 40),
        "currency": described(word(CURRENCY), "In which currency.", "EUR"),
    }
    charged = mapping(parts, required=("name", "amount"))
    properties: JsonSchema = {
        "rule": described(text(256), "The rule that was executed.", "friendly-reminder"),
        "at": described(_instant(), "When.", "2026-03-04T12:00:00+01:00"),
        "action": described(one_word_of(ACTIONS), "The type of the action.", "send_reminder"),
        "ruleset": described(text(256), "The ruleset of the rule, if another.", "nl-consumer-subscription"),
        "account": described(text(256), "The account, if another of the same party.", "A-1002"),
        "level": described(
            whole(0, 10_000), "The rule's level when executed; alone, the level the account was set to.", 2
        ),
        "channel": described(one_word_of(CHANNELS), "The channel used.", "email"),
        "also": described(listing(one_word_of(CHANNELS), is_unique=False), "The channels of along_with.", ["sms"]),
        "episode": described(date(), "The episode it belongs to.", "2026-03-01"),
        "invoices": described({"type": "array", "items": text(256)}, "The invoices it was about.", ["I1"]),
        "pay_by": described(date(), "The last day to pay that it gave.", "2026-03-18"),
        "announced_fee": described(charged, "The fee it announced."),
        "fee": described(charged, "The fee it charged."),
        "result": described(
            text(64), "failed: not carried out; declined: carried out, and the bank said no.", "failed"
        ),
        "reset": described(flag(), "Nothing before it counts, but contacts, attempts and fees per six months."),
    }
    return mapping(properties, required=("at",), message="Write an entry: {rule: friendly-reminder, at: 2026-03-04}.")
