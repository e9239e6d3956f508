"""Whatever is asked whenever and wherever, the moment that comes out is a legal one, and the first.

DUNNING_PROPERTY_COUNT times five random instants are tried over all zones: a million in CI.
"""

import datetime as dt
import functools
import random
from zoneinfo import ZoneInfo

import pytest

from engine.evaluation.schedule import first_moment
from engine.loading.holidaydates import store_dates
from engine.model.calendar import WEEKDAYS, Calendar, Hours
from engine.model.ruleset import Schedule
from tests.properties import CASES

pytestmark = pytest.mark.property

COUNT = 5 * CASES
ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Los_Angeles",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
)
PLACES = (("NL", None, "XECB"), ("GB", "SCT", None), ("US", "CA", "XFED"), ("SE", None, "XECB"), (None, None, None))
WEEKENDS = (None, frozenset({5, 6}), frozenset({6}), frozenset({4, 5}), frozenset[int](), frozenset({0, 1, 2, 3, 4, 5}))
PAYDAYS: tuple[tuple[int | str, ...], ...] = (
    (25,),
    (31,),
    (1, 15),
    ("last_business_day",),
    ("friday",),
    (30, "sunday"),
)
ROUND_HOURS = (0, 60, 90, 120, 150, 165, 180, 420, 540, 1200, 1439, 1440)
DAYS = ("any", "business_day", "payday")
FIRST_SECOND = int(dt.datetime(2015, 1, 1, tzinfo=dt.UTC).timestamp())
LAST_SECOND = int(dt.datetime(2040, 1, 1, tzinfo=dt.UTC).timestamp())
EVERY_DAY = tuple(dt.date(2014, 11, 1) + dt.timedelta(days=number) for number in range(9300))
LAST_DAYS = frozenset(day for day in EVERY_DAY if (day + dt.timedelta(days=1)).day == 1)
SCENES = 40
MINUTE = dt.timedelta(minutes=1)


class Scene:
    """A random calendar and action, with a second reading of what is legal."""

    def __init__(self, chance: random.Random, zone: ZoneInfo) -> None:
        country, subdivision, bank = chance.choice(PLACES)
        opens, closes = sorted(chance.sample(ROUND_HOURS, 2))
        self.zone = zone
        self.opens, self.closes = (opens, closes) if chance.random() < 0.8 else (0, 1440)
        has_hours = (self.opens, self.closes) != (0, 1440)
        self.calendar = store_dates(
            Calendar(
                country=country,
                subdivision=subdivision,
                weekend=chance.choice(WEEKENDS),
                hours={"default": Hours(start=self.opens, end=self.closes)} if has_hours else {},
                bank=bank,
                paydays=chance.choice(PAYDAYS),
                payday_moves=chance.choice(("after", "before")),
            )
        )
        self.is_contact = chance.random() < 0.6
        self.is_retry = not self.is_contact and chance.random() < 0.5
        self.day = chance.choice(DAYS)
        latest = self.closes - 1 if self.is_contact else 1439
        self.not_before = chance.choice((0, 0, chance.randrange(latest + 1), min(150, latest)))
        self.paydays = self.list_paydays() if self.day == "payday" else frozenset()

    def ask(self, as_of: dt.datetime) -> dt.datetime:
        """Ask the engine."""
        return first_moment(
            self.calendar,
            self.zone,
            as_of,
            Schedule(day=self.day, time=dt.time(*divmod(self.not_before, 60))),  # type: ignore[arg-type]
            channel="email" if self.is_contact else None,
            is_contact=self.is_contact,
            is_retry=self.is_retry,
        )

    def is_legal(self, moment: dt.datetime) -> bool:
        """Say whether the action may happen at a moment."""
        local = moment.astimezone(self.zone)
        day = local.date()
        if moment < self.instant_of(day, self.not_before):
            return False
        if self.is_contact and not self.instant_of(day, self.opens) <= moment < self.instant_of(day, self.closes):
            return False
        weekend = {5, 6} if self.calendar.weekend is None else self.calendar.weekend
        if self.is_contact and (day in self.calendar.holidays or day.weekday() in weekend):
            return False
        if self.day == "payday":
            return day in self.paydays
        return self.day == "any" or self.is_business_day(day)

    def instant_of(self, day: dt.date, minute: int) -> dt.datetime:
        """Return when it is so many minutes past midnight: past a gap by the gap, the first of two (6.4)."""
        begin = dt.datetime.combine(day, dt.time(), self.zone)
        return (begin + dt.timedelta(minutes=minute)).replace(fold=0).astimezone(dt.UTC)

    def is_business_day(self, day: dt.date) -> bool:
        """Say whether a day is a business day of the scene's calendar."""
        if self.is_retry and self.calendar.bank:
            return day.weekday() < 5 and day not in self.calendar.bank_holidays
        weekend = {5, 6} if self.calendar.weekend is None else self.calendar.weekend
        return day.weekday() not in weekend and day not in self.calendar.holidays

    def list_paydays(self) -> frozenset[dt.date]:
        """List all paydays by moving each written one, month after month."""
        step = dt.timedelta(days=1 if self.calendar.payday_moves == "after" else -1)
        moved = set()
        for day in self.written_paydays():
            while not self.is_business_day(day):
                day += step  # noqa: PLW2901 -- the day itself moves
            moved.add(day)
        return frozenset(moved)

    def written_paydays(self) -> list[dt.date]:
        """List the paydays as written, before they move."""
        written = []
        for payday in self.calendar.paydays:
            if isinstance(payday, int):
                written += [day for day in EVERY_DAY if day.day == payday or (day.day < payday and day in LAST_DAYS)]
            elif payday == "last_business_day":
                business = {(day.year, day.month): day for day in EVERY_DAY if self.is_business_day(day)}
                written += list(business.values())
            else:
                written += [day for day in EVERY_DAY if WEEKDAYS[day.weekday()] == payday]
        return written


def _random_instant(chance: random.Random, transitions: list[int]) -> dt.datetime:
    """Choose an instant of twenty-five years, one in four within a day of a change of the clocks."""
    if transitions and chance.random() < 0.25:
        second = chance.choice(transitions) + chance.randrange(-86_400, 86_400)
    else:
        second = chance.randrange(FIRST_SECOND, LAST_SECOND)
    return dt.datetime.fromtimestamp(second, dt.UTC)


@functools.cache
def _changes_of_the_clocks(zone: ZoneInfo) -> list[int]:
    """List the seconds, to the hour, around which the zone's offset changes."""
    changes = []
    before = None
    for second in range(FIRST_SECOND, LAST_SECOND, 86_400):
        offset = dt.datetime.fromtimestamp(second, zone).utcoffset()
        if before is not None and offset != before:
            changes.append(second - 43_200)
        before = offset
    return changes


@pytest.mark.parametrize("name", ZONES)
def test_scheduled_moment_is_legal(name: str) -> None:
    """Every moment that comes out is legal, not before it was asked for, and at once where that is legal."""
    chance = random.Random(name)
    zone = ZoneInfo(name)
    transitions = _changes_of_the_clocks(zone)
    for _ in range(SCENES):
        scene = Scene(chance, zone)
        for _ in range(COUNT // len(ZONES) // SCENES + 1):
            as_of = _random_instant(chance, transitions)
            moment = scene.ask(as_of).astimezone(dt.UTC)  # Python never finds one of two equal local times equal
            assert moment >= as_of
            assert scene.is_legal(moment)
            assert moment == as_of or not scene.is_legal(as_of)


@pytest.mark.parametrize("name", ZONES)
def test_no_legal_moment_is_passed_over(name: str) -> None:
    """No quarter of an hour before the scheduled moment was legal."""
    chance = random.Random(f"{name} again")
    zone = ZoneInfo(name)
    transitions = _changes_of_the_clocks(zone)
    for _ in range(SCENES // 2):
        scene = Scene(chance, zone)
        as_of = _random_instant(chance, transitions).replace(minute=0, second=0)
        moment = scene.ask(as_of).astimezone(dt.UTC)
        step = 15 * MINUTE
        earlier = moment - min(moment - as_of, dt.timedelta(days=4)) // step * step
        while earlier < moment:
            assert not scene.is_legal(earlier)
            earlier += step
