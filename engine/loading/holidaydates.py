"""The holiday dates a calendar names, asked once of the holidays package and stored with a ruleset version."""

import datetime as dt
import difflib
import functools
from collections.abc import Collection, Iterable

import holidays
import msgspec
from holidays.registry import COUNTRIES

from engine.model.calendar import Calendar

FIRST_YEAR = 2015
LAST_YEAR = 2040


def store_dates(calendar: Calendar, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> Calendar:
    """Return the calendar with the dates of its country and bank; ValueError where the package does not know them."""
    country, bank = calendar.country, calendar.bank
    dates: Iterable[dt.date] = ()
    if country is not None:
        dates = holiday_dates(country, calendar.subdivision, calendar.categories, first_year, last_year)
    return msgspec.structs.replace(
        calendar,
        holidays=frozenset(dates),
        bank_holidays=frozenset(() if bank is None else bank_dates(bank, first_year, last_year)),
        stored_until=dt.date(last_year, 12, 31),
    )


@functools.lru_cache(maxsize=256)
def holiday_dates(
    country: str,
    subdivision: str | None,
    categories: tuple[str, ...],
    first_year: int = FIRST_YEAR,
    last_year: int = LAST_YEAR,
) -> tuple[dt.date, ...]:
    """Return the holidays of a country or one of its subdivisions, observed days included, in order.

    What the package does not know is a ValueError that says what it does: no holiday is ever assumed away.
    """
    countries = holidays.list_supported_countries(include_aliases=True)
    if country not in countries:
        raise ValueError(f"No holidays are known for country {country!r}{_instead(country, countries)}")
    if subdivision is not None and subdivision not in countries[country]:
        instead = _instead(subdivision, countries[country])
        raise ValueError(f"{country} has no subdivision {subdivision!r}{instead}")
    supported = holidays.country_holidays(country).supported_categories
    for category in categories:
        if category not in supported:
            raise ValueError(f"{country} has no holidays of category {category!r}{_instead(category, supported)}")
    years = range(first_year, last_year + 1)
    return _in_span(holidays.country_holidays(country, subdiv=subdivision, categories=categories, years=years), years)


@functools.lru_cache(maxsize=64)
def bank_dates(bank: str, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> tuple[dt.date, ...]:
    """Return the days on which a financial market or payment system (XECB, XFED) is closed, besides weekends."""
    markets = holidays.list_supported_financial(include_aliases=True)
    if bank not in markets:
        raise ValueError(f"No bank calendar {bank!r} is known{_instead(bank, markets)}")
    years = range(first_year, last_year + 1)
    return _in_span(holidays.financial_holidays(bank, years=years), years)


def find_country(name: str) -> str | None:
    """Return the code of a country by its English name or by its code in small letters."""
    plain = name.casefold().replace(" ", "_")
    return next((codes[1] for module, codes in COUNTRIES.items() if plain in {module, codes[1].casefold()}), None)


def _in_span(dates: Iterable[dt.date], years: range) -> tuple[dt.date, ...]:
    """Sort the dates, without those that an observed day of New Year puts into a neighbouring year."""
    return tuple(sorted(date for date in dates if date.year in years))


def _instead(word: str, known: Collection[str]) -> str:
    """End a complaint with what is likely meant, or with all there is."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(by_lower[name] for name in close)}?"
    return f"; known are {', '.join(sorted(known))}." if known else "; it has none."
