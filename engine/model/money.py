"""Amounts as integer minor units, and the records of a ruleset's fees and interest."""

import datetime as dt
import decimal
import fractions
import re
from typing import Literal

import msgspec

LARGEST_AMOUNT = 2**53
"""The largest amount in minor units, either way: what every executor holds as an exact integer."""

_PLAIN_NUMBER = re.compile(r"[-+]?(?P<whole>[0-9]+)?(?:\.(?P<places>[0-9]*))?", re.ASCII)

_MOST_PLACES = 12  # beyond the currency's own; no percentage of an amount needs more
_PLACES_OF_ABOUT = 6

_CURRENCIES_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
        "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
        "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
        "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK "
        "SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD "
        "XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

EXPONENTS = {code: places for places, codes in _CURRENCIES_BY_EXPONENT.items() for code in codes.split()}
"""Minor-unit digits of ISO 4217 (not CLDR's, which differ for IQD and MGA).

ANG and BGN have left the list of active codes but live on in older debts; metals, test codes and the like have no
minor unit and cannot be owed.
"""


def exponent(currency: str) -> int:
    """Return how many decimal places a currency has."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        message = f"{currency!r} is not a currency of ISO 4217; write its code of three capitals, such as EUR."
        raise ValueError(message) from None


def parse_amount(text: str, currency: str) -> int:
    """Read a plain decimal such as ``-49.95`` as minor units, exactly."""
    places = exponent(currency)
    match = _PLAIN_NUMBER.fullmatch(text)
    if match is None or not (match["whole"] or match["places"]):
        message = f"{text!r} is not an amount; write a plain decimal such as 49.95."
        raise ValueError(message)
    fraction = match["places"] or ""
    if len(fraction) > places:
        message = f"{text} has {count_places(len(fraction))}, but an amount in {currency} has {places or 'none'}."
        raise ValueError(message)
    minor = _minor_units(match["whole"] or "0", fraction.ljust(places, "0"))
    if minor is None:
        message = f"{text} {currency} is too large; an amount lies within 2^53 minor units of zero."
        raise ValueError(message)
    return -minor if text.startswith("-") else minor


def _minor_units(whole: str, fraction: str) -> int | None:
    """Join the digits, or return None past the largest amount (``int`` refuses absurdly long digits itself)."""
    digits = (whole + fraction).lstrip("0")
    if len(digits) > len(str(LARGEST_AMOUNT)):
        return None
    minor = int(digits or "0")
    return minor if minor <= LARGEST_AMOUNT else None


def count_places(count: int) -> str:
    """Say how many decimal places: ``1 decimal place``."""
    return "1 decimal place" if count == 1 else f"{count} decimal places"


def format_amount(minor: int, currency: str) -> str:
    """Write minor units with exactly the currency's places: ``4000`` of EUR is ``40.00``."""
    return _write_decimal(minor, exponent(currency))


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a scale; ``up_to`` is cumulative and left out on the last, and one of the others is given."""

    up_to: int | None = None
    percent: decimal.Decimal | None = None
    fixed: int | None = None


class Fee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee in one currency, its amounts in minor units; ``fixed``, ``percent`` or ``tiers`` is given."""

    name: str
    fixed: int | None = None
    basis: str | None = None
    percent: decimal.Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    vat_percent: decimal.Decimal | None = None
    each_invoice: bool = False
    absorbs: tuple[str, ...] = ()
    once_per: Literal["episode", "invoice", "six_months"] | None = None


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A yearly rate in percent, in force from a day until the next rate."""

    from_on: dt.date
    percent: decimal.Decimal


class Interest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Interest by published rates, which rise by ``from_on``; no rate is known after ``known_until``."""

    name: str
    rates: tuple[Rate, ...]
    known_until: dt.date | None = None
    day_count: Literal["act/365", "30/360"] = "act/365"
    fixed_at_default: bool = False
    compounding: Literal["none", "yearly"] = "none"


class Worked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount worked out, what it was reckoned on, and the reckoning in words that anyone can repeat."""

    amount: int
    basis: int | None = None
    formula: str


class Charge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee once charged, from the history; without ``invoices`` it covers every invoice of its episode.

    ``is_of_episode`` tells whether that is the episode of now.
    """

    name: str
    amount: int
    charged_on: dt.date
    is_of_episode: bool
    invoices: tuple[str, ...] | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part payment of an invoice; from the day after ``on`` so much less was open."""

    on: dt.date
    amount: int


class Debt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is still open of one invoice, and the payments that brought it down to that."""

    invoice: str
    due_on: dt.date
    amount: int
    payments: tuple[Payment, ...] = ()


class InterestUnknown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Interest that cannot be worked out, for no published rate covers one of its days."""

    reason: str


def round_half_up(exact: fractions.Fraction) -> int:
    """Round to a whole minor unit, a half away from zero."""
    return round_share(1, exact)


def round_share(amount: int, share: fractions.Fraction) -> int:
    """Round a share of an amount as `round_half_up` does, without a fraction in between."""
    exact, whole = amount * share.numerator, share.denominator
    magnitude = (2 * abs(exact) + whole) // (2 * whole)
    return -magnitude if exact < 0 else magnitude


def format_exact(exact: fractions.Fraction, currency: str) -> str:
    """Write an unrounded amount of minor units in full, or one without an end as about so much."""
    places = exponent(currency)
    if 10**_MOST_PLACES % exact.denominator:
        return "about " + _write_decimal(round_half_up(exact * 10**_PLACES_OF_ABOUT), places + _PLACES_OF_ABOUT)
    digits, more = exact.numerator * (10**_MOST_PLACES // exact.denominator), _MOST_PLACES
    while more and digits % 10 == 0:
        digits, more = digits // 10, more - 1
    return _write_decimal(digits, places + more)


def _write_decimal(digits: int, places: int) -> str:
    sign = "-" if digits < 0 else ""
    whole, fraction = divmod(abs(digits), 10**places)
    return f"{sign}{whole}.{fraction:0{places}d}" if places else f"{sign}{whole}"
