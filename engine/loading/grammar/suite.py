"""The rows of test suites and of checks (language.md section 9)."""

import msgspec

from engine.loading.grammar import terms
from engine.loading.grammar.account import GIVEN, INSTANT
from engine.loading.grammar.kinds import FreeMapping, Number, Raw, Text, Word
from engine.loading.grammar.lists import ListOf, Names
from engine.loading.grammar.parts import DATE, NAME, TEXT
from engine.loading.grammar.table import Fields, Table, key
from engine.loading.grammar.terms import JsonSchema
from engine.model.vocabulary import ACTIONS, CHANNELS

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
OUTCOMES = ("act", "wait", "blocked", "none", "not_covered")
_ANYTHING = Raw({"type": ["boolean", "number", "string", "array", "object", "null"]})
_ACCOUNT = Raw(terms.ref("account"))
_EXPECT_ROWS = (
    key("outcome", Raw({"enum": [*OUTCOMES, None]}), "The outcome.", "act"),
    key("rule", _ANYTHING, "The id of the rule that wins.", "friendly-reminder"),
    key("level", _ANYTHING, "Its level.", 1),
    key("action", Raw({"enum": [*ACTIONS, None]}), "The type of the action.", "send_reminder"),
    key("channel", Raw({"enum": [*CHANNELS, None]}), "The channel chosen.", "email"),
    key("block", _ANYTHING, "The id of the block.", "insolvency"),
)
_EXPECT: JsonSchema = {
    "type": "object",
    "properties": {row.name: row.schema() for row in _EXPECT_ROWS},
    "additionalProperties": _ANYTHING.schema(),
    "errorMessage": "Write a mapping of what is expected.",
}
_WRITE_ACCOUNT = "Write the name of an account, or an account."
_DAYS = Names(
    Word(wanted="Write the id of the rule that wins on this day."),
    "Write a mapping of days to rules: {2026-03-04: friendly-reminder}.",
    Word(terms.DATE, "Write a date such as 2026-03-04.", code="malformed-date"),
)
TEST: Table[Fields] = Table(
    make=dict,
    keys=(
        key("name", TEXT, "What the test says, in one sentence.", "Anna is reminded on day 5", needed=True),
        key("account",
            Raw({"anyOf": [{"type": "string", "minLength": 1}, terms.ref("account")], "errorMessage": _WRITE_ACCOUNT}),
            "An account of this suite by its id, or one written here.", "anna", needed=True),
        key("as_of", INSTANT, "The day or instant asked for; a bare date is its first moment.", "2026-03-06"),
        key("history", Raw({"type": "array", "items": terms.ref("entry")}), "What was executed before."),
        key("with", FreeMapping("Write a mapping of account keys."),
            "Replaces keys of the account whole; null takes one away.", {"disputed": False}),
        key("expect", Raw(_EXPECT), "What must come out; parts not named are not compared."),
        key("timeline", _DAYS, "Exactly the days on which rules win, and the rules.",
            {"2026-03-04": "friendly-reminder"}),
        key("until", DATE, "The last day of the timeline.", "2026-03-28"),
        key("asked_on", ListOf(DATE), "Only these days are asked.", ["2026-03-04"]),
        key("matrix", Names(ListOf(Raw(GIVEN), is_unique=False)), "Every combination of these facts is tried.",
            {"customer_value": [0, 6000]}),
        key("skip", TEXT, "Why this test is not run.", "Waits for the new tariff"),
    ),
    wanted="Write a test: {name: …, account: …, as_of: …, expect: {…}}.",
)
_ACCOUNT_ID = msgspec.structs.replace(NAME, pattern=r"^[\s\S]{1,256}$")
SUITE: Table[Fields] = Table(
    make=dict,
    keys=(
        key("ruleset", msgspec.structs.replace(NAME, pattern=terms.RULESET_ID), "The id of the ruleset that is tested.",
            "nl-consumer-subscription", needed=True),
        key("accounts", Names(_ACCOUNT, "Write a mapping of accounts by their id.", _ACCOUNT_ID),
            "Accounts by id, for the tests to name."),
        key("tests", ListOf(TEST, "Write a list of tests.", least=0, is_unique=False), "The tests.", needed=True),
    ),
    wanted="Write a suite.",
)
DIAGNOSTIC: Table[Fields] = Table(
    make=dict,
    keys=(
        key("code", NAME, "The diagnostic's code.", "unknown-fact", needed=True),
        key("line", Number(1, 10_000_000), "The line it points at.", 12, needed=True),
    ),
)
CHECK: Table[Fields] = Table(
    make=dict,
    keys=(
        key("ruleset", Text(), "The ruleset file, beside this one.", "broken.yaml", needed=True),
        key("diagnostics", ListOf(DIAGNOSTIC, "Write a list of {code, line}.", least=0, is_unique=False),
            "Every diagnostic it must have.", needed=True),
    ),
)
