"""Business days and months after a day, against counting one by one."""

import calendar as months
import datetime as dt
import random

import pytest

from engine.model.businessdays import ONE_DAY, business_days_after, is_business_day, months_after, next_of_months
from engine.model.calendar import Calendar

DAYS = [dt.date(2027, 12, 1) + dt.timedelta(days=number) for number in range(120)]


def walk(calendar: Calendar | None, day: dt.date, count: int, *, is_retry: bool) -> dt.date:
    """The day, found by looking at each."""
    while count:
        day += ONE_DAY
        count -= is_business_day(calendar, day, is_retry=is_retry)
    return day


@pytest.mark.parametrize("seed", range(40))
def test_whole_weeks_are_stepped_over_as_days_are(seed: int) -> None:
    """Whatever the weekend and the holidays, so many business days later is the day that walking finds."""
    rng = random.Random(seed)
    calendar = Calendar(
        weekend=rng.choice((None, frozenset({6}), frozenset({4, 5}), frozenset(range(6)))),
        holidays=frozenset(rng.sample(DAYS, 40)),
        bank_holidays=frozenset(rng.sample(DAYS, 3)),
        bank=rng.choice((None, "XECB")),
    )
    for each in (calendar, None):
        for count in (1, 2, 5, 6, 7, 12, 61):
            for is_retry in (False, True):
                begin = rng.choice(DAYS)
                found = business_days_after(each, begin, count, is_retry=is_retry)
                assert found == walk(each, begin, count, is_retry=is_retry), (each, begin, count)


def test_a_hundred_years_of_business_days_are_found_at_once() -> None:
    """The longest rest that can be written is 36,500 business days."""
    assert business_days_after(None, dt.date(2026, 3, 6), 36_500) == dt.date(2026, 3, 6) + dt.timedelta(weeks=7_300)


@pytest.mark.parametrize(
    ("first", "last", "every", "following"),
    [
        ("2026-01-31", "2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", "2026-02-27", 1, "2026-02-28"),
        ("2026-01-31", "2026-02-28", 1, "2026-03-31"),
        ("2028-01-31", "2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", "2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", "2031-03-01", 12, "2032-02-29"),
        ("2026-01-15", "2026-07-14", 3, "2026-07-15"),
        ("2026-01-15", "2026-07-15", 3, "2026-10-15"),
        ("2026-01-15", "2026-08-01", 3, "2026-10-15"),
        ("2026-11-30", "2026-12-30", 3, "2027-02-28"),
    ],
)
def test_the_next_of_some_months_does_not_drift(first: str, last: str, every: int, following: str) -> None:
    """Each is counted from the first day, in a shorter month its last."""
    found = next_of_months(dt.date.fromisoformat(first), dt.date.fromisoformat(last), every)
    assert found.isoformat() == following


def test_the_next_of_some_months_is_the_first_after_the_last() -> None:
    """Of the days n, 2n, … months later no earlier one lies after the last."""
    rng = random.Random(1)
    for _ in range(2_000):
        first, every = rng.choice(DAYS), rng.randint(1, 30)
        last = first + dt.timedelta(days=rng.randint(0, 2_000))
        days = (months_after(first, every * number) for number in range(1, 100))
        assert next_of_months(first, last, every) == next(day for day in days if day > last)


def test_a_month_later_ends_with_the_month() -> None:
    """Over two years each last day of a month leads to the last day of the next, where that is shorter or as long."""
    for number in range(24):
        year, month = 2027 + number // 12, number % 12 + 1
        later = months_after(dt.date(2027, 1, 31), number)
        assert later == dt.date(year, month, min(31, months.monthrange(year, month)[1]))
