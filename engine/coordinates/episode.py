"""For which debt something executed counts (language.md 5.4), and what counts between debts (5.4a)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from engine.model.account import Entry, Invoice
from engine.model.episode import BETWEEN_EPISODES

Part = Literal["full", "holding", "stale", "other", "none"]
"""What an entry is to the episode of now.

It counts in full; only holds back; is about invoices none of which is open and undisputed now; is of another episode;
is of no episode.
"""


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """The episode of an account; ``name`` is a due date, or ``none`` where nothing is open and undisputed.

    ``open_ids`` are what is, None for an account that carries no invoices; ``issued_from`` is the earliest day of issue
    among them, None where one names none.
    """

    name: str
    open_ids: frozenset[str] | None = None
    issued_from: dt.date | None = None

    @property
    def is_between(self) -> bool:
        """Tell whether no debt is open and undisputed."""
        return self.name == BETWEEN_EPISODES

    def parts(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, Part]]:
        """Yield the seen entries of this ruleset and account, in order, each with what it is to the episode."""
        begin = _begin_between(entries) if self.is_between else 0
        for place, entry in enumerate(entries):
            yield entry, self._part(entry) if place >= begin else "other"

    def _part(self, entry: Entry) -> Part:
        if entry.episode is not None and entry.episode != self.name:
            return "other"
        if entry.episode is None and self.issued_from is not None and entry.day < self.issued_from:
            return "none"
        if entry.invoices and self.open_ids is not None and self.open_ids.isdisjoint(entry.invoices):
            return "stale"
        return "holding" if entry.episode is None and self.is_between else "full"


def episode_of(name: str, invoices: Sequence[Invoice] | None) -> Episode:
    """Return the episode of an account with these open undisputed invoices, None where it carries none at all."""
    if invoices is None:
        return Episode(name=name)
    issued = [invoice.issued_on for invoice in invoices if invoice.issued_on is not None]
    return Episode(
        name=name,
        open_ids=frozenset(invoice.id for invoice in invoices),
        issued_from=min(issued) if issued and len(issued) == len(invoices) else None,
    )


def _begin_between(entries: Sequence[Entry]) -> int:
    """Return the place after the last entry that names a due date."""
    dated = (place for place, entry in enumerate(entries) if entry.episode not in {None, BETWEEN_EPISODES})
    return max(dated, default=-1) + 1
