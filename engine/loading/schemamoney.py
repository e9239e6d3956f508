"""The JSON Schema of fees and interest."""

from engine.loading.moneyterms import MOST_PERCENT
from engine.loading.schematerms import (
    JsonSchema,
    date,
    described,
    flag,
    listing,
    mapping,
    names,
    number,
    one_word_of,
    ref,
    with_snippet,
    word,
)


def fees_schema() -> JsonSchema:
    """Fees by name (language.md 7.1 and 7.2)."""
    percent = number(0, MOST_PERCENT)
    tier = mapping(
        {
            "up_to": described(
                ref("amount"), "The basis up to which this tier reaches, in all; left out on the last.", 2500
            ),
            "percent": described(percent, "Percent of the slice of the basis in this tier.", 15),
            "fixed": described(ref("amount"), "The whole fee, if the basis ends in this tier.", 40),
        },
        message="Write a tier: {up_to: 2500, percent: 15}.",
    )
    periods = one_word_of(
        ("episode", "invoice", "six_months"),
        ("Once in an episode.", "Once for each invoice.", "Once in six calendar months."),
    )
    properties: JsonSchema = {
        "fixed": described(ref("amount"), "A fixed fee.", 40),
        "basis": described(word(), "The amount fact the fee is reckoned on.", "overdue_balance"),
        "percent": described(percent, "Percent of the basis.", 5),
        "tiers": described(
            {
                **listing(tier, is_unique=False),
                "errorMessage": "Write a list: [{up_to: 2500, percent: 15}, {percent: 5}].",
            },
            "Tiers of the basis, rising; the last is open.",
            [{"up_to": 2500, "percent": 15}, {"percent": 5}],
        ),
        "at_least": described(ref("amount"), "The fee is this at least.", 40),
        "at_most": described(ref("amount"), "The fee is this at most.", 6775),
        "vat_percent": described(number(0, MOST_PERCENT), "Value added tax on the fee.", 21),
        "each": described(one_word_of(("invoice",)), "Worked out for each overdue invoice, and added.", "invoice"),
        "absorbs": described(listing(word()), "Fees charged already in this episode that are taken off.", ["reminder"]),
        "once_per": described(periods, "How often it is charged.", "six_months"),
    }
    body = {"basis": "${1:overdue_balance}", "percent": "${2:5}", "at_least": "${3:40}"}
    fee = mapping(properties, message="Write a fee: {fixed: 40}.")
    fee = with_snippet(fee, "fee", "A fee: a share of what is due, or a fixed amount.", body)
    return names(fee, message="Write each fee by its name: {late: {fixed: 40}}.")


def interest_schema() -> JsonSchema:
    """Kinds of interest by name (language.md 7.3)."""
    rate = mapping(
        {
            "from": described(date(), "The first day of this rate.", "2026-01-01"),
            "percent": described(number(-MOST_PERCENT, MOST_PERCENT), "Percent a year.", 4),
        },
        required=("from", "percent"),
    )
    properties: JsonSchema = {
        "rates": described(
            {**listing(rate, is_unique=False), "errorMessage": "Write a list: [{from: 2026-01-01, percent: 4}]."},
            "The yearly rates, each from its day on.",
            [{"from": "2026-01-01", "percent": 4}],
        ),
        "known_until": described(date(), "The last day the rates are known for.", "2026-12-31"),
        "day_count": described(
            one_word_of(("act/365", "30/360"), ("Days by the calendar, 365 a year.", "30E/360: months of 30 days.")),
            "How the days of a year are counted; act/365 if left out.",
            "act/365",
        ),
        "from": described(one_word_of(("day_after_due",)), "The first day of interest.", "day_after_due"),
        "fixed_at_default": described(flag(), "The rate of the first day holds to the end."),
        "compounding": described(
            one_word_of(("none", "yearly"), ("Interest bears no interest.", "Added to the sum after each full year.")),
            "Whether interest is added to the sum; none if left out.",
            "yearly",
        ),
    }
    kind = mapping(properties, required=("rates",), message="Write {rates: [{from: 2026-01-01, percent: 4}]}.")
    return names(kind, message="Write each interest by its name: {legal: {rates: [{from: 2026-01-01, percent: 4}]}}.")
