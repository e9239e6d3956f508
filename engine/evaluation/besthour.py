"""The best hour to call an account: what is known of it, drawn toward what people like it do (figures.md H1, H2)."""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from hashlib import sha256

import msgspec

from engine.model.calendar import Hours
from engine.model.calls import MINUTES, WINDOWS, HourCalls, Whose, list_windows
from engine.model.decision import BestHour

_WEIGHT = 12
"""So many calls to people like this weigh as much as the account's own."""
_BUCKETS, _EXPLORED = 10_000, 1_000

_OTHERS: tuple[tuple[Whose, str], ...] = (("segment", "people like this"), ("all", "all accounts"), ("account", ""))


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a window: the account's own calls, and the share that answers of whom it is drawn toward."""

    answered: int
    calls: int
    others: str
    share: Fraction | None

    @property
    def shrunk(self) -> Fraction:
        """The share that is expected to answer."""
        return (self.answered + _WEIGHT * (self.share or 0)) / Fraction(self.calls + _WEIGHT)


class BestHours:
    """An account's windows to be called in, those that lie wholly within the hours of a channel."""

    def __init__(self, account: str, calls: Sequence[HourCalls], hours: Hours | None) -> None:
        self._account = account
        self._calls = {(each.of, each.window): each for each in calls}
        self._lawful = list_windows(hours)

    def hours_on(self, day: dt.date) -> Hours | None:
        """Return the window of a local day, None where any hour is as good."""
        window = self._explored_on(day) if self.is_explored_on(day) else self._best
        return None if window is None else Hours(start=window * MINUTES, end=(window + 1) * MINUTES)

    def say_of(self, day: dt.date) -> BestHour | None:
        """Return the window of a local day with what is known of it, None where any hour is as good."""
        hours = self.hours_on(day)
        if hours is None:
            return None
        window, is_explored = hours.start // MINUTES, self.is_explored_on(day)
        return BestHour(window=WINDOWS[window], explored=is_explored, says=self._say(window, is_explored=is_explored))

    def is_explored_on(self, day: dt.date) -> bool:
        """Tell whether the account is called at another hour that day, to learn."""
        return bool(self._lawful) and self._draw(day) < _EXPLORED

    def _explored_on(self, day: dt.date) -> int:
        return self._lawful[self._draw(day) % len(self._lawful)]

    def _draw(self, day: dt.date) -> int:
        digest = sha256(f"best-hour:{self._account}:{day.isoformat()}".encode()).digest()
        return int.from_bytes(digest[:8]) % _BUCKETS

    @cached_property
    def _best(self) -> int | None:
        """The lawful window in which most are expected to answer, the earliest of equals."""
        known = {window: self._know(window) for window in self._lawful}
        found = [window for window in self._lawful if known[window].share is not None]
        return max(found, key=lambda window: known[window].shrunk, default=None)

    def _know(self, window: int) -> _Known:
        own = self._calls.get(("account", window))
        answered, calls = (own.answered, own.calls) if own is not None else (0, 0)
        # Where nothing is said of others, all that is known of them is this account, which is one of them.
        for of, others in _OTHERS:
            found = self._calls.get((of, window))
            if found is not None and found.calls:
                share = Fraction(found.answered, found.calls)
                return _Known(answered=answered, calls=calls, others=others, share=share)
        return _Known(answered=answered, calls=calls, others="", share=None)

    def _say(self, window: int, *, is_explored: bool) -> str:
        known = self._know(window)
        hours = f"{WINDOWS[window].replace('-', '–')} h{', to learn' if is_explored else ''}"
        said = f"{hours}: {known.answered} of {known.calls} answered"
        if not known.others or known.share is None:
            return said
        return f"{said}; {known.others} {(200 * known.share + 1) // 2} %"
