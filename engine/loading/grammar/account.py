"""The rows of what a caller says of an account: the document, its invoices, its history (language.md 3.1 and 5.3)."""

from engine.loading.constants import name_day
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import FLAG, Kind, money, number, one_of, text, word
from engine.loading.grammar.lists import ListOf
from engine.loading.grammar.parts import DATE, NAME
from engine.loading.grammar.table import Fields, Table, key
from engine.loading.grammar.terms import JsonSchema
from engine.loading.rules import HIGHEST_LEVEL
from engine.loading.slips import hint_at_date
from engine.model.account import RESULTS
from engine.model.calls import WHOSE, WINDOWS
from engine.model.episode import BETWEEN_EPISODES, EPISODE_FORM
from engine.model.vocabulary import ACTIONS, CHANNELS, LARGEST_INTEGER, LONGEST_TEXT, STANDARD_FACTS, Fact

IDENTITY = text(256)
ZONE = text(64)
CURRENCY = word(terms.CURRENCY, "Write a currency such as EUR.")
INSTANT = word(terms.INSTANT, "Write a date or an instant such as 2026-03-06T09:00:00+01:00.", code="malformed-date")
EPISODE = word(
    EPISODE_FORM,
    "Write the due date of the oldest invoice then open, such as 2026-03-01, or none.",
    lambda node, spot: node.text if node.text == BETWEEN_EPISODES else name_day(node, spot),
    code="malformed-date",
    mend=hint_at_date,
)
GIVEN: JsonSchema = {"type": ["boolean", "number", "string", "array", "object"], "errorMessage": "Write a value."}
_CHANNEL = one_of(CHANNELS)
_WORDS = ListOf(text(1000, least=0), "Write a list: [I1, I2].", least=0, is_unique=False)

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
PAYMENT: Table[Fields] = Table(
    make=dict,
    keys=(
        key("on", DATE, "The day it was paid.", "2026-03-10", needed=True),
        key("amount", money(), "How much it was, above 0.", 20, needed=True),
    ),
    wanted="Write a payment: {on: 2026-03-10, amount: 20}.",
)
INVOICE: Table[Fields] = Table(
    make=dict,
    keys=(
        key("id", IDENTITY, "The invoice's id.", "I1", needed=True),
        key("due_on", DATE, "The day it is due.", "2026-03-01", needed=True),
        key("open", money(), "What is still unpaid; below 0 it is a credit, from “issued_on” on.", 49.95, needed=True),
        key("issued_on", DATE, "The day it was issued.", "2026-02-15"),
        key("amount", money(), "Its original amount.", 49.95),
        key("disputed", FLAG, "The invoice is disputed."),
        key("held_until", DATE, "Before this day the invoice counts as disputed.", "2026-04-01"),
        key("kind", IDENTITY, "“fee” marks dunning costs.", "fee"),
        key("payments", ListOf(PAYMENT, "Write a list: [{on: 2026-03-10, amount: 20}].", least=0, is_unique=False),
            "The payments that brought it down to “open”; interest reads them."),
    ),
)
CALL_HOUR: Table[Fields] = Table(
    make=dict,
    keys=(
        key("window", one_of(WINDOWS), "The two hours of the local time.", "18-20", needed=True),
        key("of", one_of(WHOSE, WHOSE.values()), "Whose calls they are.", "segment", needed=True),
        key("answered", number(0, LARGEST_INTEGER), "How many were answered.", 18, needed=True),
        key("calls", number(0, LARGEST_INTEGER), "How many calls there were.", 100, needed=True),
    ),
    wanted='Write {window: "18-20", of: segment, answered: 18, calls: 100}.',
)
CALLS = "call_hours"
HEADER = (
    key("id", IDENTITY, "The account's id.", "A-1001", needed=True),
    key("currency", CURRENCY, "The account's currency.", "EUR", needed=True),
    key("timezone", ZONE, "The account's own time zone.", "Europe/Amsterdam"),
    key("party", IDENTITY, "Who owes; accounts of one party share contact limits.", "P-7"),
    key("facts_on", DATE, "The day on which the moving facts hold.", "2026-03-01"),
    key("invoices", ListOf(INVOICE, "Write a list of invoices.", least=0, is_unique=False), "The open invoices."),
    key(CALLS, ListOf(CALL_HOUR, 'Write a list: [{window: "18-20", of: segment, answered: 18, calls: 100}].', least=0,
            is_unique=False),
        "How often calls were answered, for calls at the best hour; of a stored account the service says it."),
)
ACCOUNT_KEYS = frozenset(row.name for row in HEADER)
CHARGE: Table[Fields] = Table(
    make=dict,
    keys=(
        key("name", IDENTITY, "The fee's name in the ruleset.", "late", needed=True),
        key("amount", money(), "How much it was.", 40, needed=True),
        key("currency", CURRENCY, "In which currency.", "EUR", needed=True),
    ),
)
ENTRY: Table[Fields] = Table(
    make=dict,
    keys=(
        key("rule", IDENTITY, "The rule that was executed.", "friendly-reminder"),
        key("at", INSTANT, "When.", "2026-03-04T12:00:00+01:00", needed=True),
        key("action", one_of(ACTIONS), "The type of the action.", "send_reminder"),
        key("ruleset", IDENTITY, "The ruleset of the rule, if another.", "nl-consumer-subscription"),
        key("account", IDENTITY, "The account, if another of the same party.", "A-1002"),
        key("level", number(0, HIGHEST_LEVEL),
            "The rule's level when executed; alone, the level the account was set to.", 2),
        key("channel", _CHANNEL, "The channel used.", "email"),
        key("also", ListOf(_CHANNEL, least=0, is_unique=False), "The channels of along_with.", ["sms"]),
        key("episode", EPISODE, "The episode it belongs to: a due date, or “none” if nothing was open.",
            "2026-03-01"),
        key("invoices", _WORDS, "The invoices it was about.", ["I1"]),
        key("pay_by", DATE, "The last day to pay that it gave.", "2026-03-18"),
        key("announced_fee", CHARGE, "The fee it announced."),
        key("fee", CHARGE, "The fee it charged."),
        key("result", one_of(RESULTS, ("Carried out.", "Not carried out.", "Carried out, and the bank said no.")),
            "What came of it; done if left out.", "failed"),
        key("reset", FLAG, "Nothing before it counts, but contacts, attempts and fees per six months."),
        key("decision_id", IDENTITY, "The decision that it carries out, where it was recorded with one."),
    ),
    wanted="Write an entry: {rule: friendly-reminder, at: 2026-03-04}.",
)
# fmt: on


def define_account() -> JsonSchema:
    """Return an account as a JSON Schema: its own keys and the standard facts; more may be declared."""
    rows = (*HEADER, *(key(fact.name, kind_of(fact), fact.about) for fact in STANDARD_FACTS.values()))
    return {
        "type": "object",
        "properties": {row.name: row.schema() for row in rows},
        "additionalProperties": GIVEN,
        "errorMessage": "Write an account: {currency: EUR, invoices: [{id: I1, due_on: 2026-03-01, open: 49.95}]}.",
    }


def kind_of(fact: Fact) -> Kind:
    """Return what may stand for a fact in an account."""
    match fact.type:
        case "boolean":
            return FLAG
        case "integer" | "days":
            return number(-LARGEST_INTEGER, LARGEST_INTEGER)
        case "amount" | "decimal":
            return money("Write a number.")
        case "text":
            return text(LONGEST_TEXT, least=0)
    word = one_of(fact.values) if fact.values else NAME
    return ListOf(word, "Write a list of words: [a, b].", least=0, is_unique=False) if fact.type == "set" else word
