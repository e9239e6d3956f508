"""Holiday dates are those of the country, and what is unknown is refused with what is known."""

import datetime as dt

import pytest

from engine.loading.holidaydates import bank_dates, holiday_dates, store_dates
from engine.model.calendar import Calendar


def test_bank_is_closed_on_the_target_days() -> None:
    """The euro's payment system is closed on six days of 2026."""
    closed = [day for day in bank_dates("XECB") if day.year == 2026]
    assert closed == [dt.date(2026, *day) for day in ((1, 1), (4, 3), (4, 6), (5, 1), (12, 25), (12, 26))]


@pytest.mark.parametrize(
    ("country", "subdivision", "categories", "day", "is_holiday"),
    [
        ("NL", None, ("public",), dt.date(2026, 5, 5), False),
        ("NL", None, ("public", "optional"), dt.date(2026, 5, 5), True),
        ("GB", None, ("public",), dt.date(2026, 4, 6), False),
        ("GB", "ENG", ("public",), dt.date(2026, 4, 6), True),
        ("SE", None, ("public",), dt.date(2026, 12, 24), False),
        ("SE", None, ("public", "de_facto"), dt.date(2026, 12, 24), True),
        ("US", None, ("public",), dt.date(2026, 7, 3), True),
        ("DE", "BY", ("public",), dt.date(2026, 1, 6), True),
        ("DE", "HH", ("public",), dt.date(2026, 1, 6), False),
    ],
)
def test_categories_and_subdivisions_matter(
    country: str, subdivision: str | None, categories: tuple[str, ...], day: dt.date, *, is_holiday: bool
) -> None:
    """The same day is a holiday or not by category and subdivision."""
    assert (day in holiday_dates(country, subdivision, categories)) is is_holiday


@pytest.mark.parametrize(
    ("country", "subdivision", "categories", "says"),
    [
        ("nl", None, ("public",), "No holidays are known for country 'nl'; did you mean NL"),
        ("QQQQ", None, ("public",), "No holidays are known for country 'QQQQ'; known are "),
        ("GB", "EN", ("public",), "GB has no subdivision 'EN'; did you mean ENG?"),
        ("SE", "AB", ("public",), "SE has no subdivision 'AB'; it has none."),
        ("NL", None, ("publik",), "NL has no holidays of category 'publik'; did you mean public?"),
    ],
)
def test_unknown_place_is_refused(
    country: str, subdivision: str | None, categories: tuple[str, ...], says: str
) -> None:
    """No holiday is assumed away: an unknown country, subdivision or category is an error that says what is known."""
    with pytest.raises(ValueError, match=r"holidays|subdivision") as refused:
        holiday_dates(country, subdivision, categories)
    assert str(refused.value).startswith(says)


def test_unknown_bank_is_refused() -> None:
    """An unknown bank calendar is an error that names near ones."""
    with pytest.raises(ValueError, match=r"No bank calendar 'XEBC' is known; did you mean .*XECB.*\?"):
        bank_dates("XEBC")


def test_dates_are_sorted_and_within_the_years() -> None:
    """The dates come once each, in order, from the first year to the last, with no day of a neighbouring year."""
    days = holiday_dates("US", None, ("public",), 2021, 2022)
    assert list(days) == sorted(set(days))
    assert {day.year for day in days} == {2021, 2022}


def test_calendar_stores_its_dates() -> None:
    """A calendar carries its dates and how far they go; without country and bank it has none."""
    stored = store_dates(Calendar(country="NL", bank="XECB"))
    assert dt.date(2026, 4, 27) in stored.holidays
    assert dt.date(2026, 5, 1) in stored.bank_holidays
    assert stored.stored_until == dt.date(2040, 12, 31)
    assert not store_dates(Calendar()).holidays
