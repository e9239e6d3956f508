"""One ask, as a caller makes it."""

import datetime as dt

import msgspec


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """An account, its history and its outcomes as JSON-like documents, and the instant, or the day, asked about."""

    account: dict[str, object]
    history: tuple[dict[str, object], ...] = ()
    outcomes: tuple[dict[str, object], ...] = ()
    as_of: dt.datetime | dt.date

    @property
    def day(self) -> dt.date:
        """Return the day that it is asked about."""
        return self.as_of.date() if isinstance(self.as_of, dt.datetime) else self.as_of
