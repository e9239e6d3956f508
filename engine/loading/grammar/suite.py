"""The rows of test suites and of checks (language.md section 9)."""

import msgspec

from engine.loading.grammar import terms
from engine.loading.grammar.account import GIVEN, INSTANT
from engine.loading.grammar.expect import EXPECT, write_expectation
from engine.loading.grammar.kinds import ByHand, label, number, raw, section, text, word
from engine.loading.grammar.lists import ListOf, Names
from engine.loading.grammar.outcomes import OUTCOMES, WRITE_OUTCOMES
from engine.loading.grammar.parts import DATE
from engine.loading.grammar.table import AT, Table, key
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Mapping, Node, Sequence
from engine.loading.spot import Spot
from engine.model.diagnostic import Position

_LABEL = label()
_ACCOUNT = raw(terms.ref("account"))
_ACCOUNTS = Names(_ACCOUNT, "Write a mapping of accounts by their id.", word(r"^[\s\S]{1,256}$"))
_ACCOUNT_OR_NAME = raw(
    {"anyOf": [_LABEL.schema(), terms.ref("account")], "errorMessage": "Write the name of an account, or an account."}
)
_DAYS = Names(
    label("Write the id of the rule that wins on this day."),
    "Write a mapping of days to rules: {2026-03-04: friendly-reminder}.",
    word(terms.DATE, "Write a date such as 2026-03-04."),
)
_MATRIX = Names(ListOf(raw(GIVEN), is_unique=False))


_WRITE_HISTORY = "Write a list of entries: [{rule: friendly-reminder, at: 2026-03-04}]."
_HISTORY: JsonSchema = {"type": "array", "items": terms.ref("entry"), "errorMessage": _WRITE_HISTORY}


def _read_history(node: Node, spot: Spot) -> Sequence | None:
    if isinstance(node, Sequence):
        return node
    spot.refuse("wrong-type", node, None, _WRITE_HISTORY)
    return None


def _read_outcomes(node: Node, spot: Spot) -> Sequence | None:
    if isinstance(node, Sequence):
        return node
    spot.refuse("wrong-type", node, None, WRITE_OUTCOMES)
    return None


def _itself(node: Mapping, spot: Spot) -> Mapping:
    del spot
    return node


class WrittenSuite(msgspec.Struct, frozen=True, kw_only=True):
    """A suite as written."""

    ruleset: str | None = None
    accounts: Mapping | None = None
    tests: tuple["WrittenTest", ...] = ()


class WrittenTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test as written, ``node`` the whole of it; ``changes`` stand under ``with``."""

    node: Mapping
    name: str | None = None
    account: Node | None = None
    as_of: Node | None = None
    history: Sequence | None = None
    outcomes: Sequence | None = None
    changes: Mapping | None = None
    expect: Mapping | None = None
    timeline: Mapping | None = None
    until: Node | None = None
    asked_on: tuple[Node, ...] | None = None
    matrix: Mapping | None = None
    skip: Node | None = None


# One row a key: the formatter would give each cell a line of its own.
# fmt: off
TEST = Table(
    make=WrittenTest,
    keys=(
        key("name", _LABEL, "What the test says, in one sentence.", "Anna is reminded on day 5",
            needed="The test has no name."),
        key("account", _ACCOUNT_OR_NAME, "An account of this suite by its id, or one written here.", "anna",
            needed="The test names no account."),
        key("as_of", raw(INSTANT.schema()), "The day or instant asked for; a bare date is its first moment.",
            "2026-03-06"),
        key("history", ByHand(_HISTORY, _read_history), "What was executed before."),
        key("outcomes", ByHand(OUTCOMES, _read_outcomes), "Payments, promises, disputes so far."),
        key("with", section({"type": "object", "errorMessage": "Write a mapping of account keys."}),
            "Replaces keys of the account whole; null takes one away.", {"disputed": False}, field="changes"),
        key("expect", section(EXPECT, write_expectation), "What must come out; parts not named are not compared."),
        key("timeline", section(_DAYS.schema()), "Exactly the days on which rules win, and the rules.",
            {"2026-03-04": "friendly-reminder"}),
        key("until", raw(DATE.schema()), "The last day of the timeline.", "2026-03-28"),
        key("asked_on", ListOf(raw(DATE.schema())), "Only these days are asked.", ["2026-03-04"]),
        key("matrix", section(_MATRIX.schema()), "Every combination of these facts is tried.",
            {"customer_value": [0, 6000]}),
        key("skip", raw(text().schema()), "Why this test is not run.", "Waits for the new tariff"),
    ),
    wanted="Write a test: {name: …, account: …, as_of: …, expect: {…}}.",
    given=(("node", _itself),),
    is_partial=True,
)
SUITE = Table(
    make=WrittenSuite,
    keys=(
        key("ruleset", _LABEL, "The ruleset that is tested, by its id or its file.", "nl-consumer-subscription",
            needed="The suite does not say which ruleset it tests."),
        key("accounts", section(_ACCOUNTS.schema()), "Accounts by id, for the tests to name."),
        key("tests", ListOf(TEST, "Write a list of tests.", least=0, is_unique=False), "The tests.",
            needed="The suite has no list of tests."),
    ),
    wanted="Write a suite.",
    is_partial=True,
)


class ExpectedDiagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One diagnostic that must be there; ``at`` is where it is asked for."""

    code: str
    line: int
    at: Position


class WrittenCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check as written: a ruleset file and exactly what must be said of it."""

    ruleset: str
    diagnostics: tuple[ExpectedDiagnostic, ...]


_DIAGNOSTIC = Table(
    make=ExpectedDiagnostic,
    keys=(
        key("code", _LABEL, "The diagnostic's code.", "unknown-fact", needed=True),
        key("line", number(1, 10_000_000), "The line it points at.", 12, needed=True),
    ),
    given=AT,
)
CHECK = Table(
    make=WrittenCheck,
    keys=(
        key("ruleset", _LABEL, "The ruleset file, beside this one.", "broken.yaml", needed=True),
        key("diagnostics", ListOf(_DIAGNOSTIC, "Write a list of {code, line}.", least=0, is_unique=False),
            "Every diagnostic it must have.", needed=True),
    ),
)
