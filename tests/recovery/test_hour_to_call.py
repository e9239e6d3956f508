"""The hour to call: drawn toward the segment it reaches more than the account's own best or the segment's best."""

import datetime as dt
import random
from collections.abc import Iterable, Mapping

from engine.evaluation.besthour import BestHours
from engine.model.calendar import Hours
from engine.model.calls import HourCalls, Whose

HOURS = Hours(start=10 * 60, end=20 * 60)
WINDOWS = range(5, 10)
SEGMENTS = {
    "consumer": (0.10, 0.10, 0.12, 0.18, 0.30),
    "smb": (0.30, 0.22, 0.18, 0.14, 0.08),
    "agency": (0.15, 0.25, 0.15, 0.25, 0.15),
}
ACCOUNTS, DAYS = 100, 40
FIRST = dt.date(2026, 3, 2)
# How much likelier somebody answers in an hour of their own than the segment says; one in two has such an hour.
OWN = 0.35
Counts = dict[int, list[int]]


def test_the_shrunk_window_reaches_most() -> None:
    """In one population, called each day by three ways to choose, with the same explorations."""
    reached = {way: _live(way) for way in ("shrunk", "own", "segment")}
    print({way: f"{share:.1%}" for way, share in reached.items()})  # noqa: T201  the figure is what it is about
    assert reached["shrunk"] > reached["own"]
    assert reached["shrunk"] > reached["segment"]


def _live(way: str) -> float:
    """Return the share of calls that is answered in the second half of the days."""
    chance, answered = random.Random(14), 0
    for segment, rates in SEGMENTS.items():
        own_hours = {f"{segment}-{n}": chance.choice([None, chance.choice(WINDOWS)]) for n in range(ACCOUNTS)}
        of_segment: Counts = {window: [0, 0] for window in WINDOWS}
        of_account: dict[str, Counts] = {account: {window: [0, 0] for window in WINDOWS} for account in own_hours}
        for number in range(DAYS):
            day = FIRST + dt.timedelta(days=number)
            for account, own_hour in own_hours.items():
                window = _choose(way, account, of_account[account], of_segment, day)
                rate = rates[window - WINDOWS.start] + (OWN if window == own_hour else 0)
                is_answered = chance.random() < rate
                for counts in (of_segment, of_account[account]):
                    counts[window][0] += is_answered
                    counts[window][1] += 1
                answered += is_answered if number >= DAYS // 2 else 0
    return answered / (len(SEGMENTS) * ACCOUNTS * (DAYS - DAYS // 2))


def _choose(way: str, account: str, own: Counts, segment: Counts, day: dt.date) -> int:
    """Return the window: of all three ways by the same code, which is told more or less."""
    told: Iterable[tuple[Whose, Mapping[int, list[int]]]] = {
        "shrunk": (("account", own), ("segment", segment)),
        "own": (("account", own),),
        "segment": (("segment", segment),),
    }[way]  # type: ignore[assignment]  # the words are Whose
    calls = [
        HourCalls(window=window, of=of, answered=answered, calls=count)
        for of, counts in told
        for window, (answered, count) in counts.items()
    ]
    hours = BestHours(account, calls, HOURS).hours_on(day)
    return WINDOWS.start if hours is None else hours.start // 120
