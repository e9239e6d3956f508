"""Amounts are read and written exactly, with the places their currency has."""

import fractions

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.money import (
    EXPONENTS,
    LARGEST_AMOUNT,
    exponent,
    format_amount,
    format_exact,
    parse_amount,
    round_half_up,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("49.95", "EUR", 4995),
        ("0.07", "EUR", 7),
        ("1.1", "EUR", 110),
        ("40", "EUR", 4000),
        ("-0.05", "EUR", -5),
        ("-0", "EUR", 0),
        ("0010", "EUR", 1000),
        ("500", "JPY", 500),
        ("1.005", "KWD", 1005),
        ("1.5", "IQD", 1500),
        ("1.5", "MGA", 150),
        ("0.0001", "CLF", 1),
        ("0.29", "USD", 29),
        ("90071992547409.92", "USD", LARGEST_AMOUNT),
    ],
)
def test_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    """A plain decimal becomes minor units of its currency."""
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "says"),
    [
        ("1.005", "EUR", "1.005 has 3 decimal places, but an amount in EUR has 2."),
        ("1.000", "EUR", "1.000 has 3 decimal places, but an amount in EUR has 2."),
        ("1.5", "JPY", "1.5 has 1 decimal place, but an amount in JPY has none."),
        ("1,50", "EUR", "'1,50' is not an amount; write a plain decimal such as 49.95."),
        ("1e3", "EUR", "'1e3' is not an amount; write a plain decimal such as 49.95."),
        ("NaN", "EUR", "'NaN' is not an amount; write a plain decimal such as 49.95."),
        ("٣", "EUR", "'٣' is not an amount; write a plain decimal such as 49.95."),
        (".", "EUR", "'.' is not an amount; write a plain decimal such as 49.95."),
        ("", "EUR", "'' is not an amount; write a plain decimal such as 49.95."),
        ("1\n", "EUR", "'1\\n' is not an amount; write a plain decimal such as 49.95."),
        (
            "90071992547409.93",
            "USD",
            "90071992547409.93 USD is too large; an amount lies within 2^53 minor units of zero.",
        ),
        ("1", "XAU", "'XAU' is not a currency of ISO 4217; write its code of three capitals, such as EUR."),
        ("1", "eur", "'eur' is not a currency of ISO 4217; write its code of three capitals, such as EUR."),
    ],
)
def test_bad_amount_is_refused_with_a_sentence(text: str, currency: str, says: str) -> None:
    """What is no exact amount of the currency is refused, and the sentence says why."""
    with pytest.raises(ValueError, match=r"\.$") as refused:
        parse_amount(text, currency)
    assert str(refused.value) == says


def test_absurdly_long_number_is_refused() -> None:
    """A number of a hundred thousand digits is too large, not a crash."""
    with pytest.raises(ValueError, match="too large"):
        parse_amount("9" * 100_000, "EUR")


@pytest.mark.parametrize(
    ("currency", "places"),
    [
        ("EUR", 2),
        ("SEK", 2),
        ("HUF", 2),
        ("JPY", 0),
        ("ISK", 0),
        ("UGX", 0),
        ("TND", 3),
        ("IQD", 3),
        ("MGA", 2),
        ("UYW", 4),
    ],
)
def test_exponents_are_those_of_iso_4217(currency: str, places: int) -> None:
    """The places are ISO's, also where CLDR or a processor says otherwise."""
    assert exponent(currency) == places


@given(st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    """Writing an amount and reading it gives the same amount."""
    assert parse_amount(format_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(4000, "EUR", "40.00"), (-5, "EUR", "-0.05"), (5, "JPY", "5"), (-5, "KWD", "-0.005"), (0, "EUR", "0.00")],
)
def test_amount_is_written_with_the_places_of_its_currency(minor: int, currency: str, text: str) -> None:
    """An amount has neither more nor fewer places than its currency."""
    assert format_amount(minor, currency) == text


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("1/2", 1),
        ("-1/2", -1),
        ("3/2", 2),
        ("5/2", 3),
        ("49/100", 0),
        ("-49/100", 0),
        ("2", 2),
        ("299999999/200000000", 1),
    ],
)
def test_half_is_rounded_up(exact: str, rounded: int) -> None:
    """A half goes away from zero, whatever digit stands before it."""
    assert round_half_up(fractions.Fraction(exact)) == rounded


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        ("15007.5", "EUR", "150.075"),
        ("45/1", "EUR", "0.45"),
        ("1/2", "JPY", "0.5"),
        ("-1/4", "EUR", "-0.0025"),
        ("100/3", "EUR", "about 0.33333333"),
    ],
)
def test_unrounded_amount_is_written_in_full(minor: str, currency: str, text: str) -> None:
    """An unrounded amount shows all its places, and says so where they have no end."""
    assert format_exact(fractions.Fraction(minor), currency) == text
