"""The rows of fees and interest (language.md section 7)."""

from engine.loading.grammar.kinds import FLAG, one_of, word
from engine.loading.grammar.lists import ListOf, Names
from engine.loading.grammar.parts import AMOUNT, DATE, FEE_PERCENT, RATE_PERCENT
from engine.loading.grammar.table import Snippet, Table, key, name_of
from engine.loading.moneyterms import check_fee, check_interest, check_tier, make_fee, name_basis, name_fee
from engine.model.money import Fee, Interest, Rate, Tier

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
TIER = Table(
    make=Tier,
    keys=(
        key("up_to", AMOUNT, "The basis up to which this tier reaches, in all; left out on the last.", 2500),
        key("percent", FEE_PERCENT, "Percent of the slice of the basis in this tier.", 15),
        key("fixed", AMOUNT, "The whole fee, if the basis ends in this tier.", 40),
    ),
    wanted="Write a tier: {up_to: 2500, percent: 15}.",
    check=check_tier,
)
_TIERS = ListOf(TIER, "Write a list: [{up_to: 2500, percent: 15}, {percent: 5}].", is_unique=False)
_PERIODS = one_of(
    ("episode", "invoice", "six_months"),
    ("Once in an episode.", "Once for each invoice.", "Once in six calendar months."),
)
FEE: Table[Fee] = Table(
    make=make_fee,
    keys=(
        key("fixed", AMOUNT, "A fixed fee.", 40),
        key("basis", word(meaning=name_basis), "The amount fact the fee is reckoned on.", "overdue_balance"),
        key("percent", FEE_PERCENT, "Percent of the basis.", 5),
        key("tiers", _TIERS, "Tiers of the basis, rising; the last is open.",
            [{"up_to": 2500, "percent": 15}, {"percent": 5}]),
        key("at_least", AMOUNT, "The fee is this at least.", 40),
        key("at_most", AMOUNT, "The fee is this at most.", 6775),
        key("vat_percent", FEE_PERCENT, "Value added tax on the fee.", 21),
        key("each", one_of(("invoice",)), "Worked out for each overdue invoice, and added.", "invoice"),
        key("absorbs", ListOf(word(meaning=name_fee)), "Fees charged already in this episode that are taken off.",
            ["reminder"]),
        key("once_per", _PERIODS, "How often it is charged.", "six_months"),
    ),
    wanted="Write a fee: {fixed: 40}.",
    check=check_fee,
    given=(("name", name_of),),
    snippet=Snippet(
        "fee",
        "A fee: a share of what is due, or a fixed amount.",
        {"basis": "${1:overdue_balance}", "percent": "${2:5}", "at_least": "${3:40}"},
    ),
)
FEES = Names(FEE, "Write each fee by its name: {late: {fixed: 40}}.")

RATE = Table(
    make=Rate,
    keys=(
        key("from", DATE, "The first day of this rate.", "2026-01-01", needed=True, field="from_on"),
        key("percent", RATE_PERCENT, "Percent a year.", 4, needed=True),
    ),
)
_RATES = ListOf(RATE, "Write a list: [{from: 2026-01-01, percent: 4}].", is_unique=False)
INTEREST = Table(
    make=Interest,
    keys=(
        key("rates", _RATES, "The yearly rates, each from its day on.", [{"from": "2026-01-01", "percent": 4}],
            needed=True),
        key("known_until", DATE, "The last day the rates are known for.", "2026-12-31"),
        key("day_count",
            one_of(("act/365", "30/360"), ("Days by the calendar, 365 a year.", "30E/360: months of 30 days.")),
            "How the days of a year are counted; act/365 if left out.", "act/365"),
        key("from", one_of(("day_after_due",)), "The first day of interest.", "day_after_due", field=""),
        key("fixed_at_default", FLAG, "The rate of the first day holds to the end."),
        key("compounding",
            one_of(("none", "yearly"), ("Interest bears no interest.", "Added to the sum after each full year.")),
            "Whether interest is added to the sum; none if left out.", "yearly"),
    ),
    wanted="Write {rates: [{from: 2026-01-01, percent: 4}]}.",
    check=check_interest,
    given=(("name", name_of),),
)
INTERESTS = Names(INTEREST, "Write each interest by its name: {legal: {rates: [{from: 2026-01-01, percent: 4}]}}.")
