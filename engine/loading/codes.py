"""Every diagnostic code of loading: what it is called, why it is refused, how to mend it."""

import msgspec


class Code(msgspec.Struct, frozen=True):
    """One code; docs/authors/diagnostics.md is generated from these."""

    title: str
    why: str
    mend: str


# The file and its YAML (language.md section 2).
_YAML: dict[str, Code] = {
    "file-too-large": Code(
        "The file is over 1 MiB",
        "A ruleset is read by people; one this large was likely generated or is not a ruleset.",
        "Split it into rulesets with disjoint applies_to.",
    ),
    "not-utf8": Code(
        "The file is not UTF-8",
        "Only UTF-8 is read, so that a name is the same on every machine.",
        "Save the file as UTF-8.",
    ),
    "unreadable-character": Code(
        "A character that cannot be seen",
        "Control characters and line separators look like nothing or like a new line, and mislead.",
        "Delete the character and type the text again.",
    ),
    "tab": Code(
        "A tab", "Tabs look different in every editor; YAML does not indent by them.", "Put spaces in its place."
    ),
    "yaml-syntax": Code(
        "The YAML cannot be read",
        "The text breaks off the structure of keys, lists and values.",
        "Compare the line with the examples in rulesets/.",
    ),
    "empty-file": Code(
        "The file is empty", "A ruleset has at least its five required keys.", "Begin with “ruleset: my-ruleset”."
    ),
    "second-document": Code(
        "A second document",
        "One file is one ruleset; what stands after “---” would silently be left out.",
        "Move it to a file of its own.",
    ),
    "too-deep": Code(
        "Nested over 32 levels",
        "Nobody can read it, and hostile files are made so.",
        "Give the inner conditions names under “conditions”.",
    ),
    "duplicate-key": Code(
        "A key stands twice",
        "Only one of the two could hold, and nobody would see which.",
        "Keep one of them; several tests of one fact go into one mapping or into “any”.",
    ),
    "key-not-a-word": Code("A key is a list or mapping", "Keys are names.", "Write a word as the key."),
    "merge-key": Code(
        "A merge key", "“<<” hides where a value comes from.", "Write the keys out, or name a condition."
    ),
    "tag": Code(
        "A tag", "Tags such as !!str change how a value is read.", "Take the tag away; put words in quotes instead."
    ),
    "anchor": Code(
        "An anchor or alias",
        "They hide where a value comes from, and can make a small file huge.",
        "Write the value out, or name a condition under “conditions”.",
    ),
    "null-value": Code(
        "A missing value",
        "The language has no null: what is left out is left out.",
        "Write the value, or take the key away; put a word such as “null” in quotes.",
    ),
    "number-notation": Code(
        "A number in another notation",
        "Hexadecimal, octal, exponents, infinity and not-a-number are read differently by different programs.",
        "Write a plain decimal such as 1000 or 0.5, or put the word in quotes.",
    ),
}
# Shape: what schemas/*.schema.json says.
_SHAPE: dict[str, Code] = {
    "unknown-key": Code(
        "A key that the language does not have",
        "A misspelt key would silently do nothing.",
        "Take it away or correct it.",
    ),
    "unknown-parameter": Code(
        "A parameter of another action",
        "Each action has its own parameters; another's would silently do nothing.",
        "Take it away, or choose the action that has it.",
    ),
    "missing-key": Code(
        "A required key is missing", "Without it the file says too little to decide by.", "Add the key."
    ),
    "wrong-type": Code(
        "A value of the wrong type", "The value cannot be what is needed here.", "Write the kind of value named."
    ),
    "unknown-word": Code(
        "A word outside a closed list",
        "Only the listed words mean something here.",
        "Use one of the listed words.",
    ),
    "malformed-word": Code(
        "A name or word of the wrong form",
        "Names are compared letter by letter and stand in addresses and files, so their form is fixed.",
        "Use letters, digits and . _ -, 64 at most.",
    ),
    "malformed-date": Code("Not a date", "Dates are written year-month-day.", "Write a date such as 2026-01-31."),
    "malformed-time": Code("Not a time of day", "Times are written hour:minute.", 'Write a time such as "09:30".'),
    "malformed-hours": Code("Not a span of hours", "Hours are written from-to.", 'Write hours such as "08:00-20:00".'),
    "number-out-of-range": Code(
        "A number out of range", "The number is outside what can be meant here.", "Write a number in range."
    ),
    "empty-list": Code(
        "An empty list",
        "Nothing can be in an empty list, so it says nothing.",
        "Name at least one value, or take the key away.",
    ),
    "list-too-long": Code(
        "A list that is too long", "Lists are bounded so that every file is quickly read.", "Shorten it."
    ),
    "repeated-item": Code("An item stands twice", "The second does nothing.", "Take one of the two away."),
    "empty-text": Code(
        "An empty text", "It says nothing to whoever reads it.", "Write the text, or take the key away."
    ),
    "text-too-long": Code(
        "A text that is too long", "Texts are bounded so that every store can hold them.", "Shorten it."
    ),
}
# Meaning: names, types and what belongs together.
_MEANING: dict[str, Code] = {
    "unknown-fact": Code(
        "An unknown fact or condition",
        "A condition on a fact that nobody gives would never hold.",
        "Correct the name, or declare the fact under “facts” or in facts.yaml.",
    ),
    "unknown-value": Code(
        "A value that the fact does not have",
        "The fact's values are a closed list; no account could ever have this one.",
        "Use one of the fact's values.",
    ),
    "unknown-test": Code(
        "An unknown test",
        "Only the tests of the language can be analysed.",
        "Use at_least, at_most, more_than, less_than, not or is.",
    ),
    "empty-test": Code(
        "A test that says nothing", "“{}” could mean anything.", "Write a value, a list, a range or {is: present}."
    ),
    "is-stands-alone": Code(
        "“is” with another test",
        "A fact that is missing meets no other test, and one that meets another test is present.",
        "Keep “is” alone, or take it away.",
    ),
    "not-on-set": Code(
        "“not” on a set",
        "It could mean “not all of these” or “none of these”.",
        "Write {none: [a, b]}, or none: [{tags: {all: [a, b]}}].",
    ),
    "range-on-words": Code(
        "A range on words",
        "Words have no order.",
        "List the words: [a, b]; put a word that looks like a range in quotes.",
    ),
    "range-reversed": Code(
        "A range that begins above its end", "Nothing lies in it.", "Write the smaller number first."
    ),
    "range-without-ends": Code(
        "A range without ends", "Everything lies in it.", "Write {is: present}, or a first or last value."
    ),
    "malformed-range": Code(
        "Not a range", "A range is two plain numbers with two dots.", "Write 3..13, 14.. or ..0, without spaces."
    ),
    "too-many-places": Code(
        "More decimal places than allowed",
        "The last digits could not be kept, and amounts are never rounded silently.",
        "Write fewer decimal places.",
    ),
    "amount-by-currency": Code(
        "An amount that does not fit the file's currencies",
        "In a file of several currencies one number cannot be right for all of them.",
        "Write each amount as a mapping with exactly the currencies of the file; only 0 stands alone.",
    ),
    "unknown-currency": Code(
        "Not a currency", "The places of amounts come from ISO 4217.", "Write a code such as EUR."
    ),
    "unknown-timezone": Code(
        "Not a time zone", "Days are counted in the time zone.", "Write a zone such as Europe/Amsterdam."
    ),
    "unknown-calendar": Code(
        "An unknown country, subdivision, category or bank",
        "Holidays that nobody knows cannot be kept free.",
        "Use the codes of the Python package “holidays”.",
    ),
    "unknown-rule": Code("Not a rule", "What is not there is never executed.", "Write the id of a rule of this file."),
    "unknown-level": Code(
        "A level that no rule has", "What is not there is never executed.", "Write the level of a rule of this file."
    ),
    "unknown-fee": Code(
        "Not a fee", "Fees are declared under “fees”.", "Declare the fee under “fees”, or correct the name."
    ),
    "unknown-interest": Code(
        "Not an interest", "Interest is declared under “interest”.", "Declare it, or correct the name."
    ),
    "unknown-experiment": Code(
        "Not an experiment", "Experiments are declared under “experiments”.", "Declare it under “experiments”."
    ),
    "unknown-variant": Code("Not a variant", "An experiment has the variants it declares.", "Use one of its variants."),
    "duplicate-id": Code(
        "An id stands twice", "Decisions and history name rules and blocks by id.", "Give one of the two another id."
    ),
    "duplicate-ruleset": Code(
        "Two files with one ruleset id",
        "Versions, accounts and decisions name a ruleset by its id.",
        "Give one of the two another id.",
    ),
    "name-taken": Code("A name that is taken", "One name cannot mean two things.", "Choose another name."),
    "condition-cycle": Code(
        "A condition defined by itself",
        "It would never come to an end.",
        "Write out one of the conditions in the circle.",
    ),
    "declaration-conflict": Code(
        "A declaration that contradicts itself",
        "The keys of the declaration do not fit each other.",
        "Take one of the keys away.",
    ),
    "not-narrower": Code(
        "A standard fact that is not narrowed",
        "Every ruleset may rely on the standard facts; a folder can only allow less.",
        "Keep the standard type and a part of the standard values.",
    ),
    "stateless": Code(
        "A key that a stateless ruleset cannot have",
        "In it every ask is fresh, and what was executed does not matter.",
        "Take the key away, or take “stateless: true” away.",
    ),
    "after-itself": Code(
        "A rule after itself",
        "It could never be executed a first time.",
        "Name an earlier rule; use “repeat” to repeat.",
    ),
    "after-unclear": Code(
        "An “after” without one rule or level", "It must be clear what is waited for.", "Write {rule: x} or {level: 2}."
    ),
    "channel-needed": Code(
        "A contact action without a channel",
        "The service only contacts by channels that the ruleset names.",
        "Add “channel: [preferred, email]” or the like.",
    ),
    "along-with-nested": Code(
        "along_with inside along_with", "One list of actions is enough.", "Put all actions into one along_with."
    ),
    "discount-unclear": Code(
        "A discount by percent and by amount", "Only one can be offered.", "Keep “percent” or “amount”."
    ),
    "announced-misplaced": Code(
        "“announced” outside charge_fee",
        "Only charge_fee charges the fee that an earlier notice announced.",
        "Write the name of a fee.",
    ),
    "paydays-needed": Code(
        "A payday schedule without paydays",
        "No day could be found.",
        "Add “paydays: [25]” or the like to the calendar.",
    ),
    "never-open": Code(
        "A time after the channel's hours",
        "The action could never be carried out.",
        "Write an earlier time, or longer hours in the calendar.",
    ),
    "no-day-left": Code("All seven days excluded", "No day could be found.", "Leave out at least one weekday."),
    "hours-reversed": Code(
        "Hours that end before they begin",
        "A span over midnight belongs to two days, and so does nobody's patience.",
        "Write the earlier time first, within one day.",
    ),
    "dates-reversed": Code("Dates in the wrong order", "No day lies between them.", "Write the earlier date first."),
    "rates-not-rising": Code(
        "Rates out of order", "Each rate holds until the next begins.", "Sort the rates by “from”, each date once."
    ),
    "fee-unclear": Code(
        "A fee that does not say how much",
        "A fee is a fixed amount, or a percentage or tiers of a basis.",
        "Write “fixed: 40”, or “basis: overdue_balance” with “percent” or “tiers”.",
    ),
    "tiers-unclear": Code(
        "Tiers that do not fit together",
        "Tiers rise by up_to, the last is open, and all are percentages or all fixed amounts.",
        "Write [{up_to: 2500, percent: 15}, {up_to: 5000, percent: 10}, {percent: 5}].",
    ),
    "bounds-reversed": Code("at_least above at_most", "No amount lies between them.", "Exchange the two."),
    "percents-add-up": Code(
        "Percents that do not add up to 100", "Every account is in exactly one variant.", "Make them add up to 100."
    ),
    "declines-needed": Code(
        "“decline” without a table",
        "What a code means is in a table that has editions, and a ruleset must mean the same for ever.",
        "Name the edition at the top of the file: “declines: 2026-11”.",
    ),
    "no-such-decline": Code(
        "Properties that no row of the table has together",
        "The condition could never hold.",
        "Take a property away, or look the rows up in declines.md.",
    ),
    "attempt-limit-unclear": Code(
        "An attempt limit with numbers of its own and those of the table",
        "Only one of the two can be meant.",
        "Keep “decline”, or “at_most” and “per_days”; several limits may stand in the list.",
    ),
    "shared-facts-broken": Code(
        "The facts.yaml beside the file has errors",
        "Without its declarations the ruleset cannot be read for certain.",
        "Mend facts.yaml first.",
    ),
}
CODES: dict[str, Code] = {**_YAML, **_SHAPE, **_MEANING}
