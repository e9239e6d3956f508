"""The rows of a ruleset: what stands at its top, its rules, its blocks and its limits."""

from itertools import chain

from engine.loading.complaints import list_words
from engine.loading.declines import DECLINE
from engine.loading.declinetable import EDITIONS
from engine.loading.grammar import terms
from engine.loading.grammar.actions import ACTION, TABLE_ACTION, list_parameters
from engine.loading.grammar.after import AFTER
from engine.loading.grammar.calendar import CALENDAR
from engine.loading.grammar.conditions import LIMITING_DECLINE
from engine.loading.grammar.guarantees import GUARANTEES
from engine.loading.grammar.kinds import FLAG, ByHand, number, one_of, raw, text, word
from engine.loading.grammar.lists import ListOf, Names, OneOrMore
from engine.loading.grammar.money import FEES, INTERESTS
from engine.loading.grammar.parts import (
    AMOUNT_OR_NONE,
    CONDITION,
    DATE,
    DAYS,
    DAYS_OR_NONE,
    LEVEL,
    MONTHS,
    MOST_DAYS,
    MOST_TIMES,
    NAME,
    TEXT,
    TIMES,
)
from engine.loading.grammar.table import AT, Either, Fields, Key, Snippet, Table, key, name_of
from engine.loading.grammar.terms import JsonSchema
from engine.loading.header import MOST_HELD_OUT, check_effective, check_experiment, name_currency, name_timezone
from engine.loading.rules import (
    RESTS,
    check_attempt_limit,
    check_repeat,
    check_rule,
    join_undone,
    make_attempt_limits,
    make_block,
    name_undone,
    quote_facts,
    table_of,
)
from engine.model.ruleset import Block, ContactLimit, Effective, Experiment, Repeat, Rule, Timing
from engine.model.vocabulary import ACTIONS, CHANNELS, STANDARD_FACTS

_MOST_CURRENCIES = 30
# Of what is weighed against each other: 20,000 experiments fit into 1 MiB and took 24 s of a core, 1,000 limits 13 s.
_MOST_EXPERIMENTS, _MOST_ATTEMPT_LIMITS = 1_000, 100
_ANY: JsonSchema = {"type": ["boolean", "number", "string", "array", "object"]}

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
# ── rules ──

_REPEAT = Table(
    make=Repeat,
    keys=(
        key("every_days", DAYS, "Days since it was last executed.", 3),
        key("every_business_days", DAYS, "Business days since it was last executed.", 3),
        key("every_months", MONTHS,
            "Months after it was first executed, then as many again; in a shorter month its last day.", 1),
        key("at_most", TIMES, "How often in all, the first included; with per_days, in so many days.", 4),
        key("per_days", DAYS, "With at_most: today and the days before, so many in all.", 30),
    ),
    wanted="Write {every_days: 3, at_most: 4}.",
    check=check_repeat,
    one_of=RESTS,
    together=(("per_days", "at_most"),),
)
_ALIGNS = {"end_of_month": "The last day of that month.", "business_day": "The next business day."}
_TIMING = Table(
    make=Timing,
    keys=(
        key("days_after_due", number(-MOST_DAYS, MOST_DAYS), "Days after the due date.", 30, needed=True),
        key("align", one_of(_ALIGNS, _ALIGNS.values()), "Moves the day forward; a day that fits stays.",
            "end_of_month"),
    ),
)
RULE = Table(
    make=Rule,
    keys=(
        key("id", NAME, "The rule's name in decisions and history, unique in the file.", "friendly-reminder",
            needed=True),
        key("title", TEXT, "What people call it.", "Friendly reminder"),
        key("level", LEVEL, "The step of the ladder.", 1),
        key("when", CONDITION, "For which accounts; always if left out.", {"days_overdue": "3.."}),
        key("after", OneOrMore(AFTER, "Write {rule: x, days: 3}, or a list of these.", is_unique=False),
            "What must have been executed before, in this episode.", {"rule": "friendly-reminder", "days": 7}),
        key("repeat", _REPEAT, "How the rule may be executed again in an episode; once if left out.",
            {"every_days": 3, "at_most": 4}),
        key("timing", _TIMING, "Not before this day of the oldest open undisputed invoice."),
        key("undoes", ListOf(word(meaning=name_undone), gather=join_undone),
            "Rules, or tables, whose earlier executions no longer count once this one is executed.", ["suspend"]),
        key("voluntary", FLAG, "For accounts that an experiment holds out the rule is as though not written."),
        key("then", ACTION, "What is done.", {"action": "send_reminder", "channel": "email", "template": "reminder"},
            needed=True, field="action"),
        key("basis", ListOf(TEXT), "The law or contract it rests on.", ["BW 6:96(6)"]),
    ),
    wanted="Write a rule: {id: …, when: {…}, then: {action: …}}.",
    check=check_rule,
    given=(*AT, ("table", table_of)),
    snippet=Snippet(
        "rule",
        "A rule: for whom, and what is done.",
        {
            "id": "${1:reminder}",
            "title": "${2:Reminder}",
            "when": {"days_overdue": "${3:3..}"},
            "then": {"action": "send_reminder", "channel": ["preferred", "email"], "template": "${4:reminder}"},
        },
    ),
)

# ── tables of rules (language.md 8a) ──

CELL_KEYS = ("id", "title", "level", "after", "repeat")
"""The keys of a rule that may be columns, besides what stands in its “when” and its “then”."""
_COLUMN_NAMES = (
    *CELL_KEYS, *STANDARD_FACTS, *dict.fromkeys(each for action in ACTIONS for each in list_parameters(action))
)
_COLUMN = ByHand(
    {
        "type": "string",
        "pattern": terms.FACT_NAME,
        "examples": list(dict.fromkeys(_COLUMN_NAMES)),
        "errorMessage": f"Write a fact, a named condition, a parameter of the action, or {list_words(CELL_KEYS)}.",
    },
    lambda node, _: node,
    word(terms.FACT_NAME).take,
)
_ROW = raw({"type": "array", "items": _ANY, "errorMessage": "Write the cells in the order of the columns: [a, b]."})
TABLE: Table[Fields] = Table(
    make=dict,
    keys=(
        key("table", NAME, "The table's name: that of a row's rule is it, a dash, and the row's id.", "reminders",
            needed=True),
        key("columns", ListOf(_COLUMN, "Write a list of names: [id, segment, channel].", is_unique=False),
            "What the cells of a row are, in order.", ["id", "segment", "channel"], needed=True),
        key("rows", ListOf(_ROW, "Write a list of rows: [[low, consumer, email]].", is_unique=False),
            "The rows, each a rule; - leaves out what the column names.", [["low", "consumer", "email"]], needed=True),
        *(each for each in RULE.keys if each.name not in {"id", "then"}),
        key("then", TABLE_ACTION, "What is done in every row; what the columns name is left out.",
            {"action": "send_reminder", "template": "reminder"}, needed=True),
    ),
    wanted="Write a table: {table: …, then: {action: …}, columns: […], rows: [[…]]}.",
    snippet=Snippet(
        "table",
        "A table: rules that are alike but for a few cells, one row a rule.",
        {
            "table": "${1:reminders}",
            "when": {"days_overdue": "${2:3..}"},
            "then": {"action": "send_reminder", "template": "${3:reminder}"},
            "columns": ["id", "segment", "channel"],
            "rows": [["${4:consumer}", "${5:consumer}", "email"], ["${6:business}", "${7:business}", "letter"]],
        },
    ),
)
TABLE_KEYS = ("table", "columns", "rows")
"""The keys by which a table is told from a rule."""

# ── blocks and limits ──

BLOCK: Table[Block] = Table(
    make=make_block,
    keys=(
        key("id", NAME, "The block's name in decisions, unique in the file.", "insolvency", needed=True),
        key("when", CONDITION, "For which accounts.", {"insolvent": True}),
        key("stops", ListOf(one_of(ACTIONS, (kind.about for kind in ACTIONS.values()))),
            "Only these actions are stopped; all if left out.", ["suspend_service"]),
        key("reason", text(meaning=quote_facts), "What the decision says; facts may be quoted in braces.",
            "Disputed: {dispute_reason}"),
    ),
    wanted="Write a block: {id: …, when: {…}, reason: …}.",
    given=AT,
    snippet=Snippet(
        "block",
        "A block: who is left alone, and why.",
        {"id": "${1:dispute}", "when": {"${2:disputed}": True}, "reason": "${3:The debt is disputed.}"},
    ),
)


def _limit(what: str) -> tuple[Key, Key]:
    return (
        key("at_most", number(0, MOST_TIMES), f"At most so many {what}.", 3, needed=True),
        key("per_days", DAYS, "In so many days, today included.", 7, needed=True),
    )


_CONTACT_LIMIT = Table(
    make=ContactLimit,
    keys=(
        key("channel", one_of(CHANNELS, CHANNELS.values()), "The channel; all together if left out.", "phone"),
        *_limit("contacts"),
    ),
)
_ATTEMPT_LIMIT = Table(
    make=make_attempt_limits,
    keys=(
        key("when", CONDITION, "The accounts it holds for."),
        key(DECLINE, LIMITING_DECLINE,
            "The table's own limits, for accounts whose last decline has a row with these properties.",
            {"retryable": True}),
        *_limit("payment attempts"),
    ),
    check=check_attempt_limit,
    unless=DECLINE,
)
_WRITE_LIMITS = "Write a list of limits: [{at_most: 3, per_days: 7}]."

# ── the file ──

_VARIANTS = Names(
    number(0, 100), "Write {control: 50, friendly: 50}.", least=1, gather=lambda read: tuple(read.items())
)
_EXPERIMENT = Table(
    make=Experiment,
    keys=(
        key("variants", _VARIANTS, "Variants with whole percents that add up to 100.", {"control": 50, "friendly": 50},
            needed=True),
        key("hold_out", number(0, MOST_HELD_OUT),
            "So many percent of the accounts have the variant hold_out, and no voluntary rules.", 5),
        key("until", DATE, "From this local date on the first variant holds for all.", "2026-12-31"),
    ),
    check=check_experiment,
    given=(("id", name_of),),
)
_EFFECTIVE = Table(
    make=Effective,
    keys=(
        key("from", DATE, "The first local date on which the ruleset holds.", "2026-01-01", field="from_on"),
        key("until", DATE, "The first local date on which it no longer holds.", "2027-01-01", field="until_on"),
    ),
    check=check_effective,
)
_LADDERS = {
    "strict": "Only the next level; no level is skipped.",
    "catch_up": "Any higher level, the lowest first.",
    "most_severe": "Any higher level, the highest first.",
    "none": "Levels are labels; written order decides.",
}
_CURRENCY = word(terms.CURRENCY, "Write the code of a currency, such as EUR.", name_currency)
_RULESET_ID = word(terms.RULESET_ID, "Write an id of small letters, digits and -, a letter first, 64 at most.")
RULESET: Table[Fields] = Table(
    make=dict,
    keys=(
        key("ruleset", _RULESET_ID, "The id, unique in the folder.", "nl-consumer-subscription", needed=True,
            field="id"),
        key("title", TEXT, "What people call it.", "Dutch consumer subscriptions", needed=True),
        key("owner", TEXT, "The team that answers for it.", "billing-nl"),
        key("track", NAME, "Rulesets of different tracks may cover the same account; “dunning” if left out.",
            "dunning"),
        key("currency",
            OneOrMore(_CURRENCY, "Write a currency such as EUR, or a list of currencies.", most=_MOST_CURRENCIES),
            "The currency of every amount in this file, or several: then each amount is 0 or a mapping.", "EUR",
            ["EUR", "USD"], needed=True),
        key("timezone", text(64, meaning=name_timezone), "Whose “today” it is, where an account names no zone.",
            "Europe/Amsterdam", needed=True),
        key("effective", _EFFECTIVE, "When the ruleset holds, on the account's local date.", {"from": "2026-01-01"}),
        key("law_checked_to", DATE, "The day to which the law was checked; shown with every decision.", "2026-11-21"),
        key("declines", one_of(EDITIONS),
            "The edition of the table of decline codes that “decline” reads (docs/authors/declines.md).", EDITIONS[-1]),
        key("applies_to", CONDITION, "Which accounts the ruleset covers.", {"country": "NL"}),
        key("stateless", FLAG, "A plain decision table: what was executed does not matter."),
        key("ladder", one_of(_LADDERS, _LADDERS.values()),
            "How levelled rules follow each other; “catch_up” if left out.", "strict"),
        key("dunning_interval_days", DAYS_OR_NONE, "Days between two levelled rules; 1 if left out.", 5),
        key("ignore_below", AMOUNT_OR_NONE,
            "An invoice of which less than this is open, after credits, is not open; 0 ignores nothing.", 1),
        key("tolerance_days", number(0, 366),
            "The local days after its last one on which a promise can still be kept; 2 if left out.", 5),
        key("calendar", CALENDAR, "When debtors may be contacted and deadlines end."),
        key("facts", raw(terms.ref("facts")), "Facts beyond the standard vocabulary.",
            {"seats": {"type": "integer", "optional": True}}),
        key("conditions",
            Names(CONDITION, "Write each name as a key: {high_value: {customer_value: {at_least: 5000}}}."),
            "Names for conditions used more than once.", {"high_value": {"customer_value": {"at_least": 5000}}}),
        key("experiments", Names(_EXPERIMENT, most=_MOST_EXPERIMENTS, gather=lambda read: tuple(read.values())),
            "Variants that accounts are divided into."),
        key("fees", FEES, "Fees by name.", {"late": {"fixed": 40}}),
        key("interest", INTERESTS, "Kinds of interest by name."),
        key("contact_limits", ListOf(_CONTACT_LIMIT, _WRITE_LIMITS, least=0, is_unique=False),
            "How often a debtor may be contacted, across all rulesets.",
            [{"channel": "phone", "at_most": 2, "per_days": 7}]),
        key("attempt_limits",
            ListOf(_ATTEMPT_LIMIT, _WRITE_LIMITS, least=0, most=_MOST_ATTEMPT_LIMITS, is_unique=False,
                gather=lambda read: tuple(chain(*read))),
            "How often a payment may be tried again.", [{"at_most": 10, "per_days": 30}]),
        key("blocks", ListOf(BLOCK, "Write a list of blocks, each with “- id: …”.", least=0, is_unique=False),
            "What forbids dunning, in order: the first that holds ends the search."),
        key("rules",
            ListOf(Either(RULE, TABLE, "table"), "Write a list of rules, each with “- id: …”; it may be empty: [].",
                least=0, is_unique=False),
            "The rules in order, and tables of rules.", needed=True),
        key("otherwise", ACTION, "What is done if no rule wins; nothing if left out.", {"action": "none"}),
        key("guarantees", GUARANTEES, "What can never happen, whoever the account; `dunning check` proves it.",
            [{"id": "trustee-only", "never": {"action": "contact", "when": {"insolvent": True}}}]),
    ),
    wanted="A ruleset begins with “ruleset: my-ruleset”; `dunning init` writes a first one.",
)
