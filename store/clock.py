"""Whether the time can be trusted: this machine's clock held against its own steady one, and against PostgreSQL's."""

import datetime as dt
import time
from collections.abc import Callable

from store.errors import Untimely

# How far a line's time may lie before that of the line in front of it, and clocks may be apart: what waits for the log,
# and several servers, make some seconds of it.
TOLERANCE = dt.timedelta(seconds=30)
_MANY_DAYS = dt.timedelta(days=2)


def _steady() -> float:
    """Read a clock that nobody sets; on Linux one that goes on while the machine sleeps, as the other does."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Clock:
    """The time as one process sees it."""

    def __init__(self, *, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _steady) -> None:
        self._wall = wall
        self._steady = steady
        self._base = wall() - steady()
        self._apart = dt.timedelta(0)
        self._reached: dt.datetime | None = None

    @property
    def trouble(self) -> str | None:
        """Why nothing may be logged with this time."""
        if abs(self._apart) > TOLERANCE:
            way = "behind" if self._apart > dt.timedelta(0) else "ahead of"
            return f"the clock of this machine is {say_length(self._apart)} {way} that of PostgreSQL: one is wrong"
        step = self._wall() - self._steady() - self._base
        if abs(step) > TOLERANCE.total_seconds():
            way, length = "forward" if step > 0 else "back", say_length(dt.timedelta(seconds=step))
            said = f"the clock of this machine was set {way} by {length} while the service ran"
            return f"{said}: set it right, or start the service anew if it is right now"
        if self._reached is not None:
            said = f"the log already holds a line of {self._reached:%Y-%m-%d %H:%M:%S} UTC, which is yet to come"
            mend = "a clock was wrong then or is wrong now; where it was then, `dunning audit clock` says so in the log"
            return f"{said}: {mend}"
        return None

    def check(self) -> None:
        """Raise Untimely where the time cannot be trusted."""
        if (trouble := self.trouble) is not None:
            raise Untimely(trouble)

    def read(self) -> float:
        """Read the wall clock, as POSIX time."""
        return self._wall()

    def hear(self, now: dt.datetime, reached: dt.datetime | None, *, asked_at: float) -> None:
        """Take what PostgreSQL's clock says, and the latest time in the log; `asked_at` is when it was asked (read).

        A step that brings this clock to PostgreSQL's, from which it was apart before, mends it.
        """
        answered_at = self._wall()
        earliest, latest = (dt.datetime.fromtimestamp(at, dt.UTC) for at in (asked_at, answered_at))
        was_apart = abs(self._apart) > TOLERANCE
        self._apart = max(now - latest, dt.timedelta(0)) + min(now - earliest, dt.timedelta(0))
        if was_apart and abs(self._apart) <= TOLERANCE:
            self._base = answered_at - self._steady()
        self._reached = reached if reached is not None and reached > now + TOLERANCE else None


def say_length(length: dt.timedelta) -> str:
    """Say how far two times are apart, whichever is first."""
    seconds = abs(length).total_seconds()
    return f"{seconds:,.0f} seconds" if abs(length) < _MANY_DAYS else f"{seconds / 86_400:,.0f} days"
