"""The golden numbers of money, read into records."""

import datetime as dt
import decimal
import pathlib
from typing import Any

import yaml

from engine.model.money import Debt, Fee, Interest, Rate, Tier, parse_amount

NUMBERS: dict[str, Any] = yaml.load(
    pathlib.Path(__file__).with_name("golden.yaml").read_text("utf-8"),
    Loader=yaml.BaseLoader,  # noqa: S506 -- every scalar stays the word that is written: no float comes near
)


def read_fee(written: dict[str, Any], currency: str) -> Fee:
    """Read a fee as the golden file writes it."""
    tiers = [
        Tier(up_to=_amount(up_to, currency), percent=decimal.Decimal(rate)) for up_to, rate in written.get("tiers", [])
    ]
    fixed = [
        Tier(up_to=_amount(up_to, currency), fixed=_amount(sum_, currency))
        for up_to, sum_ in written.get("fixed_tiers", [])
    ]
    return Fee(
        name="costs",
        basis=written.get("basis"),
        tiers=(*tiers, *fixed),
        fixed=_amount(written.get("fixed"), currency),
        percent=_percent(written.get("percent")),
        at_least=_amount(written.get("at_least"), currency),
        at_most=_amount(written.get("at_most"), currency),
        vat_percent=_percent(written.get("vat_percent")),
    )


def read_interest(name: str) -> Interest:
    """Read a table of rates of the golden file."""
    written = NUMBERS["rates"][name]
    rates = (
        Rate(from_on=dt.date.fromisoformat(day), percent=decimal.Decimal(percent))
        for day, percent in written["rates"].items()
    )
    known_until = written.get("known_until")
    return Interest(
        name=name,
        rates=tuple(rates),
        known_until=None if known_until is None else dt.date.fromisoformat(known_until),
        day_count=written.get("day_count", "act/365"),
        fixed_at_default=written.get("fixed_at_default") == "true",
        compounding=written.get("compounding", "none"),
    )


def read_debts(written: list[list[str]], currency: str) -> list[Debt]:
    """Read debts written as pairs of amount and due date."""
    return [
        Debt(invoice=f"I{number}", due_on=dt.date.fromisoformat(due_on), amount=parse_amount(amount, currency))
        for number, (amount, due_on) in enumerate(written, 1)
    ]


def _amount(text: str | None, currency: str) -> int | None:
    return None if text in (None, "null") else parse_amount(str(text), currency)


def _percent(text: str | None) -> decimal.Decimal | None:
    return None if text is None else decimal.Decimal(text)
