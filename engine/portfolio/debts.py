"""What is open and not disputed, of each account: invoices side by side (language.md 3.6, 3.11 and 3.12)."""

from typing import NamedTuple

import numpy as np

from engine.portfolio.arrays import NO_DAY, spans, sums
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.credits import set_against
from engine.portfolio.invoices import Invoices

NEVER = np.iinfo(np.int64).max // 4


class Lines(NamedTuple):
    """Open invoices by account, due date and id; ``places`` are where they stand among all of the batch."""

    places: Ints
    due_on: Ints
    open: Ints
    issued_on: Ints
    amount: Ints
    has_amount: Truths
    is_cost: Truths

    def at(self, places: Ints) -> "Lines":
        """Return some of them."""
        return Lines(
            self.places[places],
            self.due_on[places],
            self.open[places],
            self.issued_on[places],
            self.amount[places],
            self.has_amount[places],
            self.is_cost[places],
        )


class Debts:
    """The open invoices of some rows: ``starts`` and ``counts`` say where a row's stand in ``lines``.

    ``carried`` tells which rows carry invoices at all. From ``turns_on`` on a credit begins or a hold ends, and
    something else may be open. ``credits_used`` are the places of the credits of which a part was used, by row, due
    date and id. ``unread`` are the rows that must be read one by one, by why.
    """

    def __init__(self, invoices: Invoices, rows: Ints, ignore_below: int, days: Ints) -> None:
        count = len(rows)
        self.invoices = invoices
        self.carried = invoices.carried[rows]
        self.unread = {why: found[rows] for why, found in invoices.unread.items()}
        lengths = invoices.lengths[rows]
        places = spans(invoices.starts[rows], lengths)
        owners = np.repeat(np.arange(count), lengths)
        open_, today = invoices.open[places], days[owners]
        issued_on, held_until = invoices.issued_on[places], invoices.held_until[places]
        is_later, is_held = (open_ < 0) & (issued_on > today), (open_ >= 0) & (held_until > today)
        self.turns_on = np.full(count, NEVER, dtype=np.int64)
        np.minimum.at(self.turns_on, owners[is_later], issued_on[is_later])
        np.minimum.at(self.turns_on, owners[is_held], held_until[is_held])
        fits = invoices.fits[places]
        is_owed = np.flatnonzero(fits & (open_ > 0) & ~invoices.is_disputed[places] & ~is_held)
        order, of = self._sort(places[is_owed], owners[is_owed])
        left = invoices.open[order]
        is_credit = np.flatnonzero(fits & (open_ < 0) & ~is_later)
        used, users = self._sort(places[is_credit], owners[is_credit])
        if len(used):
            left, is_used = set_against(of, left, users, -invoices.open[used], count)
            used, users = used[is_used], users[is_used]
        self.credits_used, self.credit_counts = used, np.bincount(users, minlength=count)
        kept = (left > 0) & (left >= ignore_below)
        if not kept.all():
            order, left, of = order[kept], left[kept], of[kept]
        self.lines = Lines(
            order,
            invoices.due_on[order],
            left,
            invoices.issued_on[order],
            invoices.amount[order],
            invoices.has_amount[order],
            invoices.is_cost[order],
        )
        self.counts = np.bincount(of, minlength=count)
        self.starts = np.cumsum(self.counts) - self.counts
        self.issued_from = self._find_issued()
        self.oldest_due_on = np.full(count, NO_DAY, dtype=np.int64)
        owing = self.counts > 0
        self.oldest_due_on[owing] = self.lines.due_on[self.starts[owing]]

    def name(self, lines: Ints) -> list[str]:
        """Return the ids of some open invoices, by their places among the lines."""
        return self.invoices.name(self.lines.places[lines])

    def _find_issued(self) -> Ints:
        """Return the earliest day of issue of what is open, `NO_DAY` where one lacks it or nothing is."""
        owing = self.counts > 0
        first = _reduce(np.minimum, self.lines.issued_on, self.starts, owing)
        return np.where(owing, first, NO_DAY)  # what is lacking is the least

    def _sort(self, places: Ints, owners: Ints) -> tuple[Ints, Ints]:
        """Return places by row, due date and id, with the rows."""
        due_on = self.invoices.due_on[places]
        is_same = owners[1:] == owners[:-1]
        if not (is_same & (due_on[1:] <= due_on[:-1])).any():
            return places, owners
        order = np.lexsort((due_on, owners))
        places, owners, due_on = places[order], owners[order], due_on[order]
        is_tied = (owners[1:] == owners[:-1]) & (due_on[1:] == due_on[:-1])
        if not is_tied.any():
            return places, owners
        tied = np.zeros(len(places), dtype=np.bool_)
        tied[1:] |= is_tied
        tied[:-1] |= is_tied
        names = self.invoices.name(places[tied])
        ranks = np.zeros(len(places), dtype=np.int64)
        known = {name: rank for rank, name in enumerate(sorted(set(names)))}
        ranks[tied] = [known[name] for name in names]
        order = np.lexsort((ranks, due_on, owners))
        return places[order], owners[order]

    def overdue(self, rows: Ints, days: Ints) -> Ints:
        """Count the overdue invoices of some rows, each on its day; they are the first."""
        lengths = self.counts[rows]
        due_on = self.lines.due_on[spans(self.starts[rows], lengths)]
        return sums((due_on < np.repeat(days, lengths)).astype(np.int64), lengths)

    def next_due(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which one more of some rows' invoices is overdue, `NEVER` where none will be."""
        overdue = self.overdue(rows, days)
        found = np.full(len(rows), NEVER, dtype=np.int64)
        waiting = np.flatnonzero(overdue < self.counts[rows])
        found[waiting] = self.lines.due_on[self.starts[rows[waiting]] + overdue[waiting]] + 1
        return found

    def value(  # noqa: PLR0911  one for each fact
        self, fact: str, rows: Ints, days: Ints, *, with_costs: bool = True
    ) -> tuple[Ints, Truths]:
        """Return a fact of some rows, each on its day, and who has it."""
        lengths = self.counts[rows]
        places = spans(self.starts[rows], lengths)
        if not with_costs:
            kept = ~self.lines.is_cost[places]
            lengths, places = sums(kept.astype(np.int64), lengths), places[kept]
        starts = np.cumsum(lengths) - lengths
        lines = self.lines.at(places)
        owing = lengths > 0
        match fact:
            case "open_invoices":
                return lengths, np.ones(len(rows), dtype=np.bool_)
            case "open_balance":
                return sums(lines.open, lengths), np.ones(len(rows), dtype=np.bool_)
            case "overdue_invoices" | "overdue_balance":
                is_overdue = lines.due_on < np.repeat(days, lengths)
                counted = is_overdue.astype(np.int64) if fact == "overdue_invoices" else lines.open * is_overdue
                return sums(counted, lengths), np.ones(len(rows), dtype=np.bool_)
            case "original_balance":
                return sums(lines.amount, lengths), sums((~lines.has_amount).astype(np.int64), lengths) == 0
            case "days_overdue":
                return days - _firsts(lines.due_on, starts, owing), owing
            case "invoice_age_days":
                is_known = owing & (sums((lines.issued_on == NO_DAY).astype(np.int64), lengths) == 0)
                return days - _reduce(np.minimum, lines.issued_on, starts, owing), is_known
            case "largest_invoice":
                return _reduce(np.maximum, lines.open, starts, owing), owing
        return self._last(lines, lengths, starts, owing), owing

    def _last(self, lines: Lines, lengths: Ints, starts: Ints, owing: Truths) -> Ints:
        """Return the open amount of the invoice issued last, the greater id of two on one day."""
        latest = _reduce(np.maximum, lines.issued_on, starts, owing)
        found = np.zeros(len(lengths), dtype=np.int64)
        is_latest = lines.issued_on == np.repeat(latest, lengths)
        for row in np.flatnonzero(sums(is_latest.astype(np.int64), lengths) > 1):
            own = np.arange(starts[row], starts[row] + lengths[row])
            own = own[is_latest[own]]
            is_latest[own] = False
            is_latest[max(zip(self.invoices.name(lines.places[own]), own.tolist(), strict=True))[1]] = True
        owners = np.repeat(np.arange(len(lengths)), lengths)
        found[owners[is_latest]] = lines.open[is_latest]
        return found


def _firsts(values: Ints, starts: Ints, owing: Truths) -> Ints:
    found = np.zeros(len(starts), dtype=np.int64)
    found[owing] = values[starts[owing]]
    return found


def _reduce(function: np.ufunc, values: Ints, starts: Ints, owing: Truths) -> Ints:
    found = np.zeros(len(starts), dtype=np.int64)
    if owing.any():
        found[owing] = function.reduceat(values, starts[owing])
    return found
