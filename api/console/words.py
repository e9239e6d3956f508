"""How a page says what it shows: amounts, instants, names of actions and rules."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote

import msgspec

from engine.model.diagnostic import Witness

NOTHING = "–"
_DAY_LENGTH = len("2026-11-29")


def say_amount(amount: object, currency: object = "") -> str:
    """Return an amount with its thousands apart and its currency behind it; a dash for none.

    What was stored as an amount and is none is returned as it is.
    """
    if amount is None or amount == "":
        return NOTHING
    try:
        Decimal(str(amount))
    except ArithmeticError:
        return f"{amount}"
    return f"{Decimal(str(amount)):,} {currency or ''}".replace(",", "\N{NARROW NO-BREAK SPACE}").rstrip()


def say_instant(instant: object) -> str:
    """Return an instant to the minute, with its zone named; a dash for none."""
    if not isinstance(instant, dt.datetime):
        return NOTHING if instant is None else f"{instant}"
    zone = instant.tzname() or f"{instant:%z}"
    return f"{instant:%Y-%m-%d %H:%M} {zone}"


def say_moment(text: object) -> str:
    """Return an instant or day that is written already, to the minute and with its offset; a dash for none."""
    if text is None:
        return NOTHING
    instant = dt.datetime.fromisoformat(f"{text}")
    return f"{text}" if len(f"{text}") <= _DAY_LENGTH else f"{instant:%Y-%m-%d %H:%M} {instant:%z}"


def say_day(text: object) -> str:
    """Return the day of an instant or day that is written."""
    return f"{text}"[:_DAY_LENGTH]


def say_count(number: int | None) -> str:
    """Return a count with its thousands apart; a dash for none."""
    return NOTHING if number is None else f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def say_plain(name: object) -> str:
    """Return the name of an action, rule or state as words; a dash for none."""
    return NOTHING if name is None else str(name).replace("_", " ").replace("-", " ")


def say_value(value: object) -> str:
    """Return a fact's value as it is written in a ruleset."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(say_value, value)) if isinstance(value, list | tuple) else f"{value}"


def write_segment(text: object) -> str:
    """Return a text as one segment of an address."""
    return quote(str(text), safe="")


def write_witness(witness: Witness) -> str:
    """Return an account that shows something, with its history in it, as JSON."""
    history = {"history": witness.history} if witness.history else {}
    return msgspec.json.format(msgspec.json.encode(witness.account | history)).decode()


FILTERS: dict[str, Callable[..., str]] = {
    "amount": say_amount,
    "instant": say_instant,
    "moment": say_moment,
    "day": say_day,
    "count": say_count,
    "plain": say_plain,
    "value": say_value,
    "segment": write_segment,
    "witness": write_witness,
}
