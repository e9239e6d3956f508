"""How often calls were answered, by two-hour window of the local time (figures.md H1)."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from engine.model.calendar import Hours

REACHED = "reached"
NOT_REACHED = "not_reached"
CALL_TYPES = frozenset({REACHED, NOT_REACHED})
"""The types of outcomes that are calls."""
WINDOW_HOURS = 2
MINUTES = WINDOW_HOURS * 60
WINDOWS = tuple(f"{start:02}-{start + WINDOW_HOURS:02}" for start in range(0, 24, WINDOW_HOURS))
"""The names of the windows, in order."""

Whose = Literal["account", "segment", "all"]
WHOSE: dict[Whose, str] = {
    "account": "The account's own calls; left out where they stand among its outcomes.",
    "segment": "The calls to all accounts of its segment, its own among them.",
    "all": "The calls to all accounts; they stand in where the segment had none in that window.",
}


class HourCalls(msgspec.Struct, frozen=True, kw_only=True):
    """The calls in one window, by its place among them, and how many of them were answered."""

    window: int
    of: Whose
    answered: int
    calls: int


def list_windows(hours: Hours | None) -> tuple[int, ...]:
    """Return the places of the windows that lie wholly within contact hours, of all where there are none."""
    opens, closes = (0, len(WINDOWS) * MINUTES) if hours is None else (hours.start, hours.end)
    return tuple(each for each in range(len(WINDOWS)) if opens <= each * MINUTES and (each + 1) * MINUTES <= closes)


def count_calls(outcomes: Iterable[tuple[str, int]]) -> tuple[HourCalls, ...]:
    """Count an account's own calls from the types of its outcomes and the local hours they happened in."""
    made, answered = [0] * len(WINDOWS), [0] * len(WINDOWS)
    for kind, hour in outcomes:
        if kind in CALL_TYPES:
            made[hour // WINDOW_HOURS] += 1
            answered[hour // WINDOW_HOURS] += kind == REACHED
    return tuple(
        HourCalls(window=window, of="account", answered=answered[window], calls=count)
        for window, count in enumerate(made)
        if count
    )
