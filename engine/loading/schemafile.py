"""The JSON Schema of a ruleset and of facts.yaml, generated from the vocabulary; schemas/ holds what it yields."""

import json
from collections.abc import Callable

from engine.loading.build import MOST_CURRENCIES
from engine.loading.declinetable import EDITIONS
from engine.loading.rules import HIGHEST_LEVEL, MOST_DAYS, MOST_TIMES
from engine.loading.schemaactions import action_definitions
from engine.loading.schemacalendar import calendar_schema
from engine.loading.schemaconditions import condition_definitions, facts_schema, limiting_decline_schema
from engine.loading.schemamoney import fees_schema, interest_schema
from engine.loading.schemasuite import make_check_schema, make_suite_schema
from engine.loading.schematerms import (
    CURRENCY,
    RULESET_ID,
    JsonSchema,
    amount,
    date,
    described,
    flag,
    listing,
    mapping,
    names,
    one_or_more,
    one_word_of,
    ref,
    text,
    whole,
    with_snippet,
    word,
)
from engine.model.vocabulary import ACTIONS, CHANNELS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LADDERS = {
    "strict": "Only the next level; no level is skipped.",
    "catch_up": "Any higher level, the lowest first.",
    "most_severe": "Any higher level, the highest first.",
    "none": "Levels are labels; written order decides.",
}


def make_ruleset_schema() -> JsonSchema:
    """The JSON Schema of one ruleset file."""
    properties = {**_identity(), **_behaviour(), **_content()}
    return {
        "$schema": DIALECT,
        "$id": "ruleset.schema.json",
        "title": "Dunning ruleset",
        "description": "Which dunning action comes next for an account: language.md as a JSON Schema.",
        **mapping(
            properties,
            required=("ruleset", "title", "currency", "timezone", "rules"),
            message="A ruleset begins with “ruleset: my-ruleset”; `dunning init` writes a first one.",
        ),
        "$defs": {"amount": amount(), **condition_definitions(), **action_definitions()},
    }


def make_facts_schema() -> JsonSchema:
    """The JSON Schema of facts.yaml."""
    facts = described(
        facts_schema(),
        "The facts declared for every ruleset of the folder, indented below it; standard facts may be narrowed.",
        {"seats": {"type": "integer", "optional": True}},
    )
    return {
        "$schema": DIALECT,
        "$id": "facts.schema.json",
        "title": "Shared facts",
        "description": "Facts that all rulesets of a folder may use besides the standard ones.",
        **mapping({"facts": facts}, required=("facts",), message="Write one mapping “facts”."),
    }


SCHEMAS: dict[str, Callable[[], JsonSchema]] = {
    "ruleset": make_ruleset_schema,
    "facts": make_facts_schema,
    "suite": make_suite_schema,
    "check": make_check_schema,
}


def schema_text(name: str) -> str:
    """The text of ``schemas/<name>.schema.json``."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"


def _identity() -> JsonSchema:
    ruleset_id = word(RULESET_ID, "Write an id of small letters, digits and -, a letter first, 64 at most.")
    currency = word(CURRENCY, "Write the code of a currency, such as EUR.")
    currencies = one_or_more(currency, "Write a currency such as EUR, or a list of currencies.", most=MOST_CURRENCIES)
    effective = mapping(
        {
            "from": described(date(), "The first local date on which the ruleset holds.", "2026-01-01"),
            "until": described(date(), "The first local date on which it no longer holds.", "2027-01-01"),
        }
    )
    return {
        "ruleset": described(ruleset_id, "The id, unique in the folder.", "nl-consumer-subscription"),
        "title": described(text(), "What people call it.", "Dutch consumer subscriptions"),
        "owner": described(text(), "The team that answers for it.", "billing-nl"),
        "track": described(
            word(), "Rulesets of different tracks may cover the same account; “dunning” if left out.", "dunning"
        ),
        "currency": described(
            currencies,
            "The currency of every amount in this file, or several: then each amount is 0 or a mapping.",
            "EUR",
            ["EUR", "USD"],
        ),
        "timezone": described(text(64), "Whose “today” it is, where an account names no zone.", "Europe/Amsterdam"),
        "effective": described(
            effective, "When the ruleset holds, on the account's local date.", {"from": "2026-01-01"}
        ),
        "law_checked_to": described(
            date(), "The day to which the law was checked; shown with every decision.", "2026-11-21"
        ),
        "declines": described(
            one_word_of(EDITIONS),
            "The edition of the table of decline codes that “decline” reads (docs/authors/declines.md).",
            EDITIONS[-1],
        ),
        "applies_to": described(ref("condition"), "Which accounts the ruleset covers.", {"country": "NL"}),
    }


def _behaviour() -> JsonSchema:
    return {
        "stateless": described(flag(), "A plain decision table: what was executed does not matter."),
        "ladder": described(
            one_word_of(_LADDERS, _LADDERS.values()),
            "How levelled rules follow each other; “catch_up” if left out.",
            "strict",
        ),
        "dunning_interval_days": described(whole(0, MOST_DAYS), "Days between two levelled rules; 1 if left out.", 5),
        "calendar": described(calendar_schema(), "When debtors may be contacted and deadlines end."),
        "facts": described(
            ref("facts"), "Facts beyond the standard vocabulary.", {"seats": {"type": "integer", "optional": True}}
        ),
        "conditions": described(
            names(
                ref("condition"), message="Write each name as a key: {high_value: {customer_value: {at_least: 5000}}}."
            ),
            "Names for conditions used more than once.",
            {"high_value": {"customer_value": {"at_least": 5000}}},
        ),
        "experiments": described(_experiments(), "Variants that accounts are divided into."),
        "fees": described(fees_schema(), "Fees by name.", {"late": {"fixed": 40}}),
        "interest": described(interest_schema(), "Kinds of interest by name."),
    }


def _content() -> JsonSchema:
    rules: JsonSchema = {
        "type": "array",
        "items": _rule(),
        "errorMessage": "Write a list of rules, each with “- id: …”; it may be empty: [].",
    }
    blocks: JsonSchema = {
        "type": "array",
        "items": _block(),
        "errorMessage": "Write a list of blocks, each with “- id: …”.",
    }
    contact = mapping(
        {
            "channel": described(
                one_word_of(CHANNELS, CHANNELS.values()), "The channel; all together if left out.", "phone"
            ),
            **_limit("contacts"),
        },
        required=("at_most", "per_days"),
    )
    attempts: JsonSchema = {
        **mapping(
            {
                "when": described(ref("condition"), "The accounts it holds for."),
                "decline": described(
                    limiting_decline_schema(),
                    "The table's own limits, for accounts whose last decline has a row with these properties.",
                    {"retryable": True},
                ),
                **_limit("payment attempts"),
            }
        ),
        "if": {"required": ["decline"]},
        "else": {"required": ["at_most", "per_days"]},
    }
    return {
        "contact_limits": described(
            {"type": "array", "items": contact, "errorMessage": "Write a list of limits: [{at_most: 3, per_days: 7}]."},
            "How often a debtor may be contacted, across all rulesets.",
            [{"channel": "phone", "at_most": 2, "per_days": 7}],
        ),
        "attempt_limits": described(
            {
                "type": "array",
                "items": attempts,
                "errorMessage": "Write a list of limits: [{at_most: 3, per_days: 7}].",
            },
            "How often a payment may be tried again.",
            [{"at_most": 10, "per_days": 30}],
        ),
        "blocks": described(blocks, "What forbids dunning, in order: the first that holds ends the search."),
        "rules": described(rules, "The rules in order."),
        "otherwise": described(ref("action"), "What is done if no rule wins; nothing if left out.", {"action": "none"}),
    }


def _limit(what: str) -> JsonSchema:
    return {
        "at_most": described(whole(0, MOST_TIMES), f"At most so many {what}.", 3),
        "per_days": described(whole(1, MOST_DAYS), "In so many days, today included.", 7),
    }


def _rule() -> JsonSchema:
    properties: JsonSchema = {
        "id": described(word(), "The rule's name in decisions and history, unique in the file.", "friendly-reminder"),
        "title": described(text(), "What people call it.", "Friendly reminder"),
        "level": described(whole(1, HIGHEST_LEVEL), "The step of the ladder.", 1),
        "when": described(ref("condition"), "For which accounts; always if left out.", {"days_overdue": "3.."}),
        "after": described(
            one_or_more(_after(), "Write {rule: x, days: 3}, or a list of these.", is_unique=False),
            "What must have been executed before, in this episode.",
            {"rule": "friendly-reminder", "days": 7},
        ),
        "repeat": described(
            mapping(
                {
                    "every_days": described(whole(1, MOST_DAYS), "Days since it was last executed.", 3),
                    "at_most": described(whole(1, MOST_TIMES), "How often in all, the first included.", 4),
                },
                required=("every_days",),
            ),
            "How the rule may be executed again in an episode; once if left out.",
            {"every_days": 3, "at_most": 4},
        ),
        "timing": described(_timing(), "Not before this day of the oldest open undisputed invoice."),
        "undoes": described(
            listing(word()), "Rules whose earlier executions no longer count once this one is executed.", ["suspend"]
        ),
        "then": described(
            ref("action"), "What is done.", {"action": "send_reminder", "channel": "email", "template": "reminder"}
        ),
        "basis": described(listing(text()), "The law or contract it rests on.", ["BW 6:96(6)"]),
    }
    rule = mapping(properties, required=("id", "then"), message="Write a rule: {id: …, when: {…}, then: {action: …}}.")
    reminder = {"action": "send_reminder", "channel": ["preferred", "email"], "template": "${4:reminder}"}
    body = {"id": "${1:reminder}", "title": "${2:Reminder}", "when": {"days_overdue": "${3:3..}"}, "then": reminder}
    return with_snippet(rule, "rule", "A rule: for whom, and what is done.", body)


def _after() -> JsonSchema:
    moments = one_word_of(("executed", "pay_by"), ("From its execution.", "From the last day to pay it gave."))
    return mapping(
        {
            "rule": described(word(), "The rule that was executed.", "friendly-reminder"),
            "level": described(whole(1, HIGHEST_LEVEL), "Any rule of exactly this level.", 2),
            "days": described(whole(0, MOST_DAYS), "Days that lie between; 0 if left out.", 7),
            "times": described(whole(1, MOST_TIMES), "How often it was executed; 1 if left out.", 1),
            "from": described(moments, "What the days are counted from; “executed” if left out.", "pay_by"),
        },
        message="Write {rule: x, days: 3} or {level: 2}.",
    )


def _timing() -> JsonSchema:
    aligns = one_word_of(("end_of_month", "business_day"), ("The last day of that month.", "The next business day."))
    return mapping(
        {
            "days_after_due": described(whole(-MOST_DAYS, MOST_DAYS), "Days after the due date.", 30),
            "align": described(aligns, "Moves the day forward; a day that fits stays.", "end_of_month"),
        },
        required=("days_after_due",),
    )


def _block() -> JsonSchema:
    block = mapping(
        {
            "id": described(word(), "The block's name in decisions, unique in the file.", "insolvency"),
            "when": described(ref("condition"), "For which accounts.", {"insolvent": True}),
            "stops": described(
                listing(one_word_of(ACTIONS, (kind.about for kind in ACTIONS.values()))),
                "Only these actions are stopped; all if left out.",
                ["suspend_service"],
            ),
            "reason": described(
                text(), "What the decision says; facts may be quoted in braces.", "Disputed: {dispute_reason}"
            ),
        },
        required=("id",),
        message="Write a block: {id: …, when: {…}, reason: …}.",
    )
    body = {"id": "${1:dispute}", "when": {"${2:disputed}": True}, "reason": "${3:The debt is disputed.}"}
    return with_snippet(block, "block", "A block: who is left alone, and why.", body)


def _experiments() -> JsonSchema:
    variants = {**names(whole(0, 100), message="Write {control: 50, friendly: 50}."), "minProperties": 1}
    return names(
        mapping(
            {
                "variants": described(
                    variants, "Variants with whole percents that add up to 100.", {"control": 50, "friendly": 50}
                ),
                "until": described(date(), "From this local date on the first variant holds for all.", "2026-12-31"),
            },
            required=("variants",),
        )
    )
