"""An account and its history as one edition reads them, whatever the day: up to the next turn of its invoices."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from engine.coordinates.credits import open_on
from engine.coordinates.episode import episode_of
from engine.coordinates.executed import NO_BEGINS, NOTHING_EXECUTED, Executed, tally
from engine.coordinates.terms import Terms
from engine.coordinates.windows import begins_of
from engine.model.account import Account, Entry
from engine.model.businessdays import is_reckoned
from engine.model.episode import BETWEEN_EPISODES
from engine.model.vocabulary import Value

NO_DAYS: frozenset[dt.date] = frozenset()


class Standing:
    """What is known of an account: its facts as given, its invoices and its history.

    ``oldest_due_on`` names the ``episode``, None if nothing is known to be open. Of ``executed``, entries after the
    instant asked about are not seen, on later days neither. ``usable_channels`` are those that no contact limit has
    closed yet; ``contact_window_ends`` and ``attempt_window_ends`` are the later days on which past contacts and
    attempts leave the windows of limits. It holds from ``day``, that of the instant unless another is named, to the
    next day on which a credit begins, a hold ends, a promise is told or an execution leaves a window: what is open
    then, the episode, what was executed in it and what is drawn from promises are others.
    """

    def __init__(
        self,
        terms: Terms,
        account: Account,
        entries: Sequence[Entry],
        *,
        as_of: dt.datetime,
        day: dt.date | None = None,
    ) -> None:
        self.terms = terms
        self.account = account
        self.as_of = as_of.astimezone(account.zone)
        asked_on = self.as_of.date()
        self.day = asked_on if day is None else day
        self.given = self._find_given() if account.drawn else account.given
        self.facts_on = account.facts_on or asked_on
        self.open = open_on(account, self.day, ignore_below=terms.edition.ignore_below)
        self.oldest_due_on = self._find_oldest_due_on()
        self.episode = BETWEEN_EPISODES if self.oldest_due_on is None else self.oldest_due_on.isoformat()
        self._entries = entries
        self._begins = NO_BEGINS
        self._turns = account.turns
        if terms.windows and entries:
            self._begins = begins_of(terms.windows, self.given, self.facts_on, self.day)
            self._turns = (*account.turns, *self._find_lapses())
        self.executed = self._tally([entry for entry in entries if entry.at <= as_of]) if entries else self._untold()
        executed = self.executed
        self.contact_window_ends = self.attempt_window_ends = NO_DAYS
        if executed.contacts and terms.contact_windows:
            self.contact_window_ends = self._window_ends((day for day, _ in executed.contacts), terms.contact_windows)
        if executed.attempts and terms.attempt_windows:
            self.attempt_window_ends = self._window_ends(executed.attempts, terms.attempt_windows)
        means = {**terms.default_means, **self.given}
        channels, preferred = means["channels"], means["preferred_channel"]
        self.channels = channels if isinstance(channels, tuple) else ()
        self.preferred = preferred if isinstance(preferred, str) else None
        self.is_contact_barred = means["do_not_contact"] is True
        self.usable_channels = frozenset() if self.is_contact_barred else frozenset(self.channels)

    def turns_until(self, last: dt.date) -> tuple[dt.date, ...]:
        """Return the later days, up to a last one, on which another standing begins."""
        return tuple(sorted({day for day in self._turns if self.day < day <= last}))

    def on(self, day: dt.date) -> "Standing":
        """Return the standing that holds on this or a later day."""
        if not self._turns or not self.turns_until(day):
            return self
        return Standing(self.terms, self.account, self._entries, as_of=self.as_of, day=day)

    def _find_given(self) -> dict[str, Value]:
        """Return the facts as given, with those that outcomes yield on the day."""
        drawn = next(each for each in reversed(self.account.drawn) if each.from_on <= self.day)
        return {**self.account.given, **drawn.facts}

    def _find_lapses(self) -> Iterator[dt.date]:
        """Yield the days on which executions leave windows that move with the days."""
        for entry in self._entries:
            for each in self.terms.windows.get(entry.rule or "", ()):
                if (end := each.end(self.given, entry.day)) is not None:
                    yield end

    def _find_oldest_due_on(self) -> dt.date | None:
        if self.open is not None:
            return self.open.oldest_due_on
        days = self.given.get("days_overdue")
        if not isinstance(days, int):
            return None
        try:
            due_on = self.facts_on - dt.timedelta(days=days)
        except OverflowError:
            return None
        return due_on if is_reckoned(due_on) else None

    def _window_ends(self, days: Iterable[dt.date], windows: Sequence[dt.timedelta]) -> frozenset[dt.date]:
        """Return the later days on which past days leave windows."""
        return frozenset(end for day in set(days) for window in windows if (end := day + window) > self.day)

    @property
    def _given_level(self) -> int | None:
        level = self.given.get("dunning_level")
        return level if isinstance(level, int) else None

    def _untold(self) -> Executed:
        level = self._given_level
        return NOTHING_EXECUTED if level is None else Executed(level=level, shape=(level,))

    def _tally(self, entries: Sequence[Entry]) -> Executed:
        return tally(
            entries,
            episode=episode_of(self.episode, self.open.all if self.open is not None else None),
            rules=self.terms.rules,
            groups=self.terms.groups,
            given_level=self._given_level,
            currency=self.account.currency,
            dated=self.terms.dated_rules,
            begins=self._begins,
        )
