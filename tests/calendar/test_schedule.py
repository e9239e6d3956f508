"""Actions happen at the first allowed moment, and deadlines end on days on which one can pay."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from engine.evaluation.schedule import delivered_on, first_moment, pay_by
from engine.loading.holidaydates import store_dates
from engine.model.businessdays import first_moment_of, is_contact_day, is_payday, timing_day
from engine.model.calendar import ALL_WEEK, Calendar, Delivery, Hours, is_never_open
from engine.model.ruleset import Schedule, Timing
from tests.calendar.golden import EXAMPLES, read_calendar, read_dates, read_paydays, read_weekdays

DUTCH = store_dates(
    Calendar(
        country="NL",
        categories=("public", "optional"),
        weekend=read_weekdays(["sunday"]),
        deadline_weekend=read_weekdays(["saturday", "sunday"]),
        delivery={"letter": Delivery(days=2, not_counting=read_weekdays(["sunday", "monday"]))},
    )
)
EASTER_SATURDAY = dt.date(2026, 4, 4)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["about"]) for case in EXAMPLES["moments"]])
def test_golden_moment(case: dict[str, str]) -> None:
    """An action asked for at an instant is scheduled for the written moment, in the account's zone."""
    time = case.get("time")
    day = case.get("day", "any")
    assert day in {"any", "business_day", "payday"}
    zone = ZoneInfo(case["zone"])
    moment = first_moment(
        read_calendar(case["calendar"]) if "calendar" in case else None,
        zone,
        dt.datetime.fromisoformat(case["as_of"]),
        Schedule(day=day, time=None if time is None else dt.time.fromisoformat(time)),  # type: ignore[arg-type]
        channel=case.get("channel"),
        is_contact="channel" in case,
        is_retry="retry" in case,
    )
    assert moment.isoformat() == case["at"]
    assert moment.tzinfo is zone


@pytest.mark.parametrize("letter", EXAMPLES["letters"], ids=lambda letter: letter[0])
def test_golden_letter_deadline(letter: list[str]) -> None:
    """A letter is received, paid in time and late on the published days."""
    sent_on, received_on, last_on, late_on = read_dates(letter)
    assert delivered_on(DUTCH, sent_on, "letter") == received_on
    assert pay_by(DUTCH, sent_on, "letter", 14) == last_on
    assert last_on + dt.timedelta(days=1) == late_on


def test_other_channels_are_received_the_same_day() -> None:
    """A channel without delivery days arrives when it is sent."""
    assert delivered_on(DUTCH, dt.date(2026, 11, 19), "email") == dt.date(2026, 11, 19)
    assert pay_by(DUTCH, dt.date(2026, 11, 19), "email", 14) == dt.date(2026, 12, 3)


def test_deadline_is_not_moved_without_a_calendar() -> None:
    """Without a calendar a Saturday is a last day like any other."""
    assert pay_by(None, dt.date(2026, 11, 7), "letter", 14) == dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("deadline_weekend", "weekend", "last_on"),
    [
        (None, None, dt.date(2026, 11, 23)),
        (None, ["sunday"], dt.date(2026, 11, 21)),
        (["saturday"], None, dt.date(2026, 11, 22)),
        ([], None, dt.date(2026, 11, 21)),
        (None, [], dt.date(2026, 11, 21)),
    ],
)
def test_deadline_weekend_left_out_is_the_weekend(
    deadline_weekend: list[str] | None, weekend: list[str] | None, last_on: dt.date
) -> None:
    """A deadline moves off deadline_weekend, left out off weekend, left out off Saturday and Sunday."""
    calendar = Calendar(
        weekend=None if weekend is None else read_weekdays(weekend),
        deadline_weekend=None if deadline_weekend is None else read_weekdays(deadline_weekend),
    )
    assert pay_by(calendar, dt.date(2026, 11, 7), None, 14) == last_on


@pytest.mark.parametrize("case", [pytest.param(case, id=case["about"]) for case in EXAMPLES["paydays"]])
def test_golden_paydays(case: dict[str, str]) -> None:
    """The paydays of a month are the written days."""
    moves = case.get("moves", "after")
    assert moves in {"after", "before"}
    calendar = store_dates(
        Calendar(
            country="NL",
            paydays=read_paydays(list(case["paydays"])),
            payday_moves=moves,  # type: ignore[arg-type]
            weekend=read_weekdays(list(case["weekend"])) if "weekend" in case else None,
        )
    )
    first = dt.date.fromisoformat(f"{case['month']}-01")
    days = (first + dt.timedelta(days=number) for number in range(31))
    assert [day for day in days if day.month == first.month and is_payday(calendar, day)] == read_dates(
        list(case["days"])
    )


def test_retry_moves_paydays_by_the_bank() -> None:
    """A payday on King's Day stays for the bank, whose business day it is, and moves for everyone else."""
    calendar = store_dates(Calendar(country="NL", bank="XECB", paydays=(27,)))
    kings_day = dt.date(2026, 4, 27)
    assert is_payday(calendar, kings_day, is_retry=True)
    assert not is_payday(calendar, kings_day)
    assert is_payday(calendar, dt.date(2026, 4, 28))


@pytest.mark.parametrize(
    ("due_on", "timing", "day"),
    [
        (dt.date(2026, 3, 1), Timing(days_after_due=30), dt.date(2026, 3, 31)),
        (dt.date(2026, 3, 1), Timing(days_after_due=30, align="end_of_month"), dt.date(2026, 3, 31)),
        (dt.date(2026, 3, 2), Timing(days_after_due=30, align="end_of_month"), dt.date(2026, 4, 30)),
        (dt.date(2026, 1, 1), Timing(days_after_due=45, align="end_of_month"), dt.date(2026, 2, 28)),
        (dt.date(2026, 4, 1), Timing(days_after_due=0, align="business_day"), dt.date(2026, 4, 1)),
        (dt.date(2026, 4, 1), Timing(days_after_due=4, align="business_day"), dt.date(2026, 4, 7)),
        (dt.date(2026, 4, 10), Timing(days_after_due=-5), dt.date(2026, 4, 5)),
    ],
)
def test_timing_moves_only_forward(due_on: dt.date, timing: Timing, day: dt.date) -> None:
    """A rule's first day lies so many days after the due date, aligned forward; a day that fits stays."""
    assert timing_day(DUTCH, due_on, timing) == day


def test_timing_of_a_retry_follows_the_bank() -> None:
    """For a retry the bank's business days count: Saturday is none, Good Friday none, King's Day is one."""
    calendar = store_dates(Calendar(country="NL", weekend=read_weekdays(["sunday"]), bank="XECB"))
    aligned = Timing(days_after_due=0, align="business_day")
    assert timing_day(calendar, EASTER_SATURDAY, aligned, is_retry=False) == EASTER_SATURDAY
    assert timing_day(calendar, EASTER_SATURDAY, aligned, is_retry=True) == dt.date(2026, 4, 7)
    assert timing_day(calendar, dt.date(2026, 4, 27), aligned, is_retry=False) == dt.date(2026, 4, 28)
    assert timing_day(calendar, dt.date(2026, 4, 27), aligned, is_retry=True) == dt.date(2026, 4, 27)


def test_retry_without_a_bank_is_like_any_other_action() -> None:
    """Without bank a retry uses weekend and holidays."""
    aligned = Timing(days_after_due=0, align="business_day")
    assert timing_day(DUTCH, EASTER_SATURDAY, aligned, is_retry=True) == EASTER_SATURDAY


def test_day_begins_when_the_clock_says() -> None:
    """The first moment of a day is midnight, or where that is skipped the end of the gap."""
    assert first_moment_of(dt.date(2026, 3, 29), AMSTERDAM).isoformat() == "2026-03-29T00:00:00+01:00"
    assert first_moment_of(dt.date(2026, 4, 24), ZoneInfo("Africa/Cairo")).isoformat() == "2026-04-24T01:00:00+03:00"
    assert first_moment_of(dt.date(2026, 11, 1), ZoneInfo("America/Havana")).isoformat() == "2026-11-01T00:00:00-04:00"


def test_day_whose_hours_lie_in_the_gap_is_passed_over() -> None:
    """Hours that the clocks skip leave no moment on that day."""
    calendar = Calendar(weekend=frozenset(), hours={"default": Hours(start=120, end=180)})
    as_of = dt.datetime(2026, 3, 29, 0, 30, tzinfo=AMSTERDAM)
    moment = first_moment(calendar, AMSTERDAM, as_of, Schedule(), channel="email", is_contact=True)
    assert moment.isoformat() == "2026-03-30T02:00:00+02:00"


def test_hours_that_end_in_the_gap_end_after_it() -> None:
    """The end moves forward by the gap, as every time that does not exist does."""
    calendar = Calendar(weekend=frozenset(), hours={"default": Hours(start=60, end=150)})
    for minutes, at in ((10, "2026-03-29T03:10:00+02:00"), (30, "2026-03-30T01:00:00+02:00")):
        as_of = dt.datetime(2026, 3, 29, 3, minutes, tzinfo=AMSTERDAM)
        moment = first_moment(calendar, AMSTERDAM, as_of, Schedule(), channel="email", is_contact=True)
        assert moment.isoformat() == at


def test_hours_that_come_twice_are_the_first() -> None:
    """Where the clocks go back, the second time belongs to no hours that ended in the first."""
    calendar = Calendar(weekend=frozenset(), hours={"default": Hours(start=120, end=150)})
    as_of = dt.datetime(2026, 10, 25, 2, 10, tzinfo=AMSTERDAM, fold=1)
    moment = first_moment(calendar, AMSTERDAM, as_of, Schedule(), channel="email", is_contact=True)
    assert moment.isoformat() == "2026-10-26T02:00:00+01:00"


def test_calendar_without_a_moment_is_known_beforehand() -> None:
    """A time at which the hours are over leaves no moment, and whoever reads the ruleset can tell."""
    calendar = Calendar(hours={"phone": Hours(start=540, end=1020)})
    assert is_never_open(calendar, "phone", dt.time(17))
    assert not is_never_open(calendar, "phone", dt.time(16, 59))
    assert not is_never_open(calendar, "email", dt.time(17))
    as_of = dt.datetime(2026, 3, 29, tzinfo=AMSTERDAM)
    with pytest.raises(ValueError, match="leave no moment"):
        first_moment(calendar, AMSTERDAM, as_of, Schedule(time=dt.time(17)), channel="phone", is_contact=True)


def test_weekend_of_seven_days_is_an_error() -> None:
    """A deadline that can end on no day is an error and no endless search."""
    with pytest.raises(ValueError, match="whole week"):
        pay_by(Calendar(weekend=ALL_WEEK), dt.date(2026, 3, 1), None, 14)


def test_holiday_is_no_day_of_contact() -> None:
    """Liberation Day is kept free in the Netherlands of every year, by the optional category."""
    assert not is_contact_day(DUTCH, dt.date(2026, 5, 5))
    assert is_contact_day(DUTCH, dt.date(2026, 5, 6))
