"""What is open and not disputed, of each account: invoices side by side (language.md 3.6, 3.11 and 3.12)."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.evaluation.reading import LONGEST_ID
from engine.model.money import Payment, exponent
from engine.model.vocabulary import LARGEST_INTEGER
from engine.portfolio.arrays import (
    FIRST_DAY,
    LAST_DAY,
    NO_DAY,
    codes_of,
    days_of,
    present_in,
    scaled_of,
    spans,
    sums,
    truths_of,
)
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.credits import set_against

_MOST_INVOICES = 500
"""Of one account; the sums of fewer cannot leave 64 bits."""
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
    """The open invoices of each row of a batch: ``starts`` and ``counts`` say where a row's stand in ``lines``.

    ``carried`` tells which rows carry invoices at all; ``ids`` are those of all invoices of the batch, and ``codes``
    theirs. From ``turns_on`` on a credit begins or a hold ends, and something else may be open. ``credits_used`` are
    the places of the credits of which a part was used, by row, due date and id. ``unread`` are the rows that must be
    read one by one, by why.
    """

    def __init__(self, column: pa.Array, currency: str, ignore_below: int, days: Ints) -> None:
        count = len(column)
        self.carried = present_in(column)
        self.unread: dict[str, Truths] = {}
        rows = np.asarray(pc.list_parent_indices(column).to_numpy(zero_copy_only=False)).astype(np.int64)
        values = column.flatten()
        fields = dict(zip((field.name for field in values.type), values.flatten(), strict=True))
        places = exponent(currency)
        self.ids = fields["id"]
        self.codes, self.words = codes_of(self.ids)
        due_on, issued_on, held_until = (days_of(fields[name]) for name in ("due_on", "issued_on", "held_until"))
        open_, is_open_read = scaled_of(fields["open"], places)
        amount, is_amount_read = scaled_of(fields["amount"], places)
        has_amount = present_in(fields["amount"])
        fits = present_in(values) & is_open_read & (is_amount_read | ~has_amount) & _are_names(self.codes, self.words)
        fits &= _is_day(due_on) & _is_day(issued_on, optional=True) & _is_day(held_until, optional=True)
        kinds, kind_words = codes_of(fields["kind"])
        fits &= _are_names(kinds, kind_words) | (kinds < 0)
        is_cost = np.array([word == "fee" for word in kind_words] + [False], dtype=np.bool_)[kinds]
        self._payments = fields["payments"]
        self.are_paid = self._payments.null_count < len(self._payments)
        paid, is_paid_read = self._read_payments(places)
        fits &= is_paid_read
        is_later, is_held = (open_ < 0) & (issued_on > days[rows]), (open_ >= 0) & (held_until > days[rows])
        self.turns_on = np.full(count, NEVER, dtype=np.int64)
        np.minimum.at(self.turns_on, rows[is_later], issued_on[is_later])
        np.minimum.at(self.turns_on, rows[is_held], held_until[is_held])
        self._note("an invoice that cannot be read", rows[~fits], count)
        self._note("invoices that are many or large", _find_crowded(rows, (open_, amount, paid), count), count)
        self._note("an invoice that stands twice", _find_doubles(rows, self.codes), count)
        is_owed = fits & (open_ > 0) & ~truths_of(fields["disputed"]) & ~is_held
        order = self._sort(rows, due_on, np.flatnonzero(is_owed))
        left = open_[order]
        credits_ = self._sort(rows, due_on, np.flatnonzero(fits & (open_ < 0) & ~is_later))
        used = credits_
        if len(credits_):
            left, is_used = set_against(rows[order], left, rows[credits_], -open_[credits_], count)
            used = credits_[is_used]
        self.credits_used, self.credit_counts = used, np.bincount(rows[used], minlength=count)
        kept = (left > 0) & (left >= ignore_below)
        order, left = order[kept], left[kept]
        self.lines = Lines(
            order, due_on[order], left, issued_on[order], amount[order], has_amount[order], is_cost[order]
        )
        self.counts = np.bincount(rows[order], minlength=count)
        self.starts = np.cumsum(self.counts) - self.counts
        self.issued_from = self._find_issued()
        self.oldest_due_on = np.full(count, NO_DAY, dtype=np.int64)
        owing = self.counts > 0
        self.oldest_due_on[owing] = self.lines.due_on[self.starts[owing]]

    def _read_payments(self, places: int) -> tuple[Ints, Truths]:
        """Return what was paid on each invoice, and for which that can be read."""
        count = len(self._payments)
        if self._payments.null_count == count:
            return np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.bool_)
        owners = np.asarray(pc.list_parent_indices(self._payments)).astype(np.int64)
        lines = self._payments.flatten()
        fields = dict(zip((field.name for field in lines.type), lines.flatten(), strict=True))
        on = days_of(fields["on"])
        amount, is_read = scaled_of(fields["amount"], places)
        fits = present_in(lines) & is_read & (amount > 0) & (amount <= LARGEST_INTEGER) & _is_day(on)
        lengths = np.bincount(owners, minlength=count)
        unfit = (sums((~fits).astype(np.int64), lengths) > 0) | (lengths > _MOST_INVOICES)
        return np.where(unfit, 0, np.minimum(sums(np.where(fits, amount, 0), lengths), LARGEST_INTEGER + 1)), ~unfit

    def payments_of(self, line: int, currency: str) -> tuple[Payment, ...]:
        """Return the payments of an open invoice, by its place among the lines."""
        written = self._payments[int(self.lines.places[line])].as_py() or ()
        return tuple(Payment(on=p["on"], amount=int(p["amount"].scaleb(exponent(currency)))) for p in written)

    def _find_issued(self) -> Ints:
        """Return the earliest day of issue of what is open, `NO_DAY` where one lacks it or nothing is."""
        owing = self.counts > 0
        first = _reduce(np.minimum, self.lines.issued_on, self.starts, owing)
        return np.where(owing, first, NO_DAY)  # what is lacking is the least

    def _note(self, why: str, rows: Ints, count: int) -> None:
        if len(rows):
            self.unread[why] = np.zeros(count, dtype=np.bool_)
            self.unread[why][rows] = True

    def _sort(self, rows: Ints, due_on: Ints, places: Ints) -> Ints:
        """Return places by row, due date and id."""
        order = places[np.lexsort((due_on[places], rows[places]))]
        same = (rows[order][1:] == rows[order][:-1]) & (due_on[order][1:] == due_on[order][:-1])
        if not same.any():
            return order
        tied = np.zeros(len(order), dtype=np.bool_)
        tied[1:] |= same
        tied[:-1] |= same
        used = np.unique(self.codes[order[tied]])
        ranks = np.zeros(len(self.words) + 1, dtype=np.int64)
        ranks[sorted(used.tolist(), key=lambda code: self.words[code])] = np.arange(len(used))
        return places[np.lexsort((ranks[self.codes[places]], due_on[places], rows[places]))]

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
            is_latest[max(own, key=lambda place: self.words[self.codes[lines.places[place]]])] = True
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


def _is_day(days: Ints, *, optional: bool = False) -> Truths:
    """Tell which days are reckoned with."""
    within = (days >= FIRST_DAY) & (days <= LAST_DAY)
    return within | (days == NO_DAY) if optional else within


def _are_names(codes: Ints, words: list[str]) -> Truths:
    """Tell which texts can be names; null is none."""
    fits = np.array([0 < len(word) <= LONGEST_ID and "\0" not in word for word in words] + [False], dtype=np.bool_)
    return fits[codes]


def _find_crowded(rows: Ints, amounts: tuple[Ints, ...], count: int) -> Ints:
    """Return the rows whose invoices are many, or whose amounts may be too large to be added."""
    lengths = np.bincount(rows, minlength=count)
    bounded = sum(np.minimum(np.abs(each), LARGEST_INTEGER + 1) for each in amounts)
    return np.flatnonzero((lengths > _MOST_INVOICES) | (sums(np.asarray(bounded), lengths) > LARGEST_INTEGER))


def _find_doubles(rows: Ints, codes: Ints) -> Ints:
    """Return the rows in which a code stands twice."""
    order = np.lexsort((codes, rows))
    rows, codes = rows[order], codes[order]
    return rows[1:][(rows[1:] == rows[:-1]) & (codes[1:] == codes[:-1])]
