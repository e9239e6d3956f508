"""Random calendars, fees and interest for random rulesets."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from tests.oracle.generate_facts import Palette

MIDDLE = dt.date(2026, 7, 1)
FIRST_RATE_ON = dt.date(2024, 1, 1)


def random_calendar(rng: random.Random, country: dict[str, Any]) -> dict[str, Any]:
    """A calendar of that country."""
    calendar: dict[str, Any] = dict(country)
    calendar["weekend"] = country.get("weekend") or rng.choice([["sunday"], ["saturday", "sunday"]])
    if rng.random() < 0.4:
        calendar["deadline_weekend"] = ["saturday", "sunday"]
    if rng.random() < 0.4:
        calendar["delivery"] = {"letter": {"days": rng.randint(1, 4), "not_counting": ["sunday", "monday"]}}
    if rng.random() < 0.6:
        calendar["hours"] = {"default": "07:00-20:00", "phone": "09:30-17:00"}
        if rng.random() < 0.3:
            del calendar["hours"]["default"]
    if rng.random() < 0.4:
        calendar["bank"] = rng.choice(("XECB", "XNYS"))
    if rng.random() < 0.7:
        days = [1, 15, 25, 31, "last_business_day", "friday"]
        calendar["paydays"] = rng.sample(days, rng.randint(1, 2))
        if rng.random() < 0.3:
            calendar["payday_moves"] = "before"
    return calendar


def random_fees(palette: Palette) -> dict[str, Any]:
    """One to three fees, of every kind."""
    rng, amount = palette.rng, palette.amount
    fees: dict[str, Any] = {}
    unit = palette.unit("overdue_balance")
    forms: list[dict[str, Any]] = [
        {"fixed": amount(5 * unit)},
        {
            "basis": "overdue_balance",
            "percent": Decimal("1.5"),
            "at_least": amount(unit),
            "at_most": amount(9 * unit),
        },
        {"basis": "open_balance", "percent": Decimal("12.345"), "vat_percent": 21},
        {
            "basis": "overdue_balance",
            "tiers": [{"up_to": amount(100 * unit), "percent": 15}, {"up_to": amount(250 * unit), "percent": 5},
                      {"percent": Decimal("0.5")}],
            "at_least": amount(4 * unit),
        },
        {"basis": "overdue_balance", "tiers": [{"up_to": amount(100 * unit), "fixed": amount(4 * unit)},
                                               {"fixed": amount(7 * unit)}]},
        {"basis": "overdue_balance", "percent": 10, "each": "invoice", "at_least": amount(unit)},
    ]  # fmt: skip
    chosen = rng.sample(forms, rng.randint(1, 3))
    if rng.random() < 0.4 and forms[-1] not in chosen:
        chosen[-1] = forms[-1]
    for index, form in enumerate(chosen):
        if rng.random() < 0.4 and not palette.stateless:
            form["once_per"] = rng.choice(("episode", "invoice", "six_months"))
        if "each" in form and rng.random() < 0.6 and not palette.stateless:
            form["once_per"] = "invoice"
        if index and rng.random() < 0.5 and not palette.stateless:
            form["absorbs"] = ["fee-0"]
        fees[f"fee-{index}"] = form
    return fees


def random_interest(rng: random.Random) -> dict[str, Any]:
    """An interest whose rate changes in the middle of the year."""
    return {
        "rates": [
            {"from": FIRST_RATE_ON.isoformat(), "percent": Decimal("10.15")},
            {"from": MIDDLE.isoformat(), "percent": Decimal("10.4")},
        ],
        "known_until": (MIDDLE + dt.timedelta(days=rng.choice((60, 400)))).isoformat(),
        "day_count": rng.choice(("act/365", "act/365", "30/360")),
        "from": "day_after_due",
        "fixed_at_default": rng.random() < 0.2,
        "compounding": rng.choice(("none", "none", "yearly")),
    }
