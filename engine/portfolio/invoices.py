"""The invoices of a batch as they stand, in the units of a currency, whatever is open of them on some day."""

from functools import cached_property

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.model.money import Payment
from engine.model.vocabulary import LARGEST_INTEGER
from engine.portfolio.arrays import (
    FIRST_DAY,
    LAST_DAY,
    NO_DAY,
    codes_of,
    days_of,
    fields_of,
    ints_of,
    lists_of,
    present_in,
    scaled_of,
    sums,
    truths_of,
)
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.names import are_names

_MOST_INVOICES = 500
"""Of one account; the sums of fewer cannot leave 64 bits."""


class Invoices:
    """All invoices of a batch: those of a row are ``lengths`` in number, from ``starts`` on.

    ``unread`` are the rows that must be read one by one, by why.
    """

    def __init__(self, column: pa.Array, places: int) -> None:
        self._places = places
        self.carried = present_in(column)
        self.starts, self.lengths = lists_of(column)
        values = column.flatten()
        fields = fields_of(values)
        self.ids = fields["id"]
        self.due_on, self.issued_on, self.held_until = (
            days_of(fields[name]) for name in ("due_on", "issued_on", "held_until")
        )
        self.open, is_open_read = scaled_of(fields["open"], places)
        self.amount, is_amount_read = scaled_of(fields["amount"], places)
        self.has_amount = present_in(fields["amount"])
        fits = present_in(values) & is_open_read & (is_amount_read | ~self.has_amount)
        fits &= present_in(self.ids) & are_names(self.ids)
        fits &= _is_day(self.due_on) & _is_day(self.issued_on, optional=True) & _is_day(self.held_until, optional=True)
        kinds, words = codes_of(fields["kind"])
        fits &= are_names(fields["kind"])
        self.is_cost = np.array([word == "fee" for word in words] + [False], dtype=np.bool_)[kinds]
        self.is_disputed = truths_of(fields["disputed"])
        self._payments = fields["payments"]
        self.are_paid = self._payments.null_count < len(self._payments)
        paid, is_paid_read = self._read_payments()
        self.fits = fits & is_paid_read
        self.unread = {
            "an invoice that cannot be read": sums((~self.fits).astype(np.int64), self.lengths) > 0,
            "invoices that are many or large": self._find_crowded(paid),
            "an invoice that stands twice": self._find_doubles(),
        }

    def _read_payments(self) -> tuple[Ints, Truths]:
        """Return what was paid on each invoice, and for which that can be read."""
        count = len(self._payments)
        if not self.are_paid:
            return np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.bool_)
        lengths = lists_of(self._payments)[1]
        lines = self._payments.flatten()
        fields = fields_of(lines)
        on = days_of(fields["on"])
        amount, is_read = scaled_of(fields["amount"], self._places)
        fits = present_in(lines) & is_read & (amount > 0) & (amount <= LARGEST_INTEGER) & _is_day(on)
        unfit = (sums((~fits).astype(np.int64), lengths) > 0) | (lengths > _MOST_INVOICES)
        return np.where(unfit, 0, np.minimum(sums(np.where(fits, amount, 0), lengths), LARGEST_INTEGER + 1)), ~unfit

    def payments_of(self, place: int) -> tuple[Payment, ...]:
        """Return the payments of an invoice."""
        written = self._payments[place].as_py() or ()
        return tuple(Payment(on=p["on"], amount=int(p["amount"].scaleb(self._places))) for p in written)

    @cached_property
    def _encoded(self) -> tuple[Ints, pa.Array]:
        encoded = pc.dictionary_encode(self.ids)
        return ints_of(encoded.indices.fill_null(-1)), encoded.dictionary

    @property
    def codes(self) -> Ints:
        """Return the ids as codes."""
        return self._encoded[0]

    @property
    def distinct_ids(self) -> pa.Array:
        """Return the ids that codes stand for."""
        return self._encoded[1]

    def name(self, places: Ints) -> list[str]:
        """Return the ids of some invoices."""
        names: list[str] = self.ids.take(pa.array(places)).to_pylist()
        return names

    def _find_crowded(self, paid: Ints) -> Truths:
        """Tell which rows' invoices are many, or have amounts that may be too large to be added."""
        bounded = sum(np.minimum(np.abs(each), LARGEST_INTEGER + 1) for each in (self.open, self.amount, paid))
        return (self.lengths > _MOST_INVOICES) | (sums(np.asarray(bounded), self.lengths) > LARGEST_INTEGER)

    def _find_doubles(self) -> Truths:
        """Tell in which rows an id stands twice."""
        found = np.zeros(len(self.lengths), dtype=np.bool_)
        rows = np.flatnonzero(self.lengths > 1)
        if not len(rows):
            return found
        width = len(self.distinct_ids) + 1
        keys = np.repeat(np.arange(len(self.lengths)), self.lengths) * width + self.codes + 1
        keys = np.sort(keys)
        found[keys[1:][keys[1:] == keys[:-1]] // width] = True
        return found


def _is_day(days: Ints, *, optional: bool = False) -> Truths:
    """Tell which days are reckoned with."""
    within = (days >= FIRST_DAY) & (days <= LAST_DAY)
    return within | (days == NO_DAY) if optional else within
