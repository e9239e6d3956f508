"""What changes as an account is followed: its invoices, the money that went to them, and its cases."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

from engine.model.account import Invoice
from engine.model.outcome import Outcome

Closing = Literal["paid", "written_off"]


class Part:
    """Money of one payment that went to one invoice, or to none; ``counted`` of it pays the invoice's case.

    ``left`` has not gone back; ``returns`` are the local days on which money went back that is counted, and how much.
    """

    __slots__ = ("amount", "at", "counted", "day", "invoice", "left", "line", "recorded_at", "returns")

    def __init__(self, money: Outcome, line: "Line | None", amount: int, counted: int) -> None:
        self.at = money.at.astimezone(dt.UTC)
        self.day = money.day
        self.recorded_at = money.recorded_at or self.at
        self.line = line
        self.invoice = money.invoice if line is None else line.id
        self.amount = self.left = amount
        self.counted = counted
        self.returns: list[tuple[dt.date, int]] = []

    def give_back(self, money: Outcome, most: int) -> int:
        """Take back up to so much, what no case counts first, and return how much it was."""
        amount = min(most, self.left)
        kept = self.net()
        self.left -= amount
        if self.line is not None:
            self.line.open += amount
            gone = kept - min(kept, self.left)
            if gone:
                self.returns.append((money.day, gone))
                self.line.paid -= gone
        return amount

    def net(self, last: dt.date | None = None) -> int:
        """Return what is counted up to a local day, less what went back by then."""
        if last is None:
            return self.counted - sum(amount for _, amount in self.returns)
        if self.day > last:
            return 0
        return self.counted - sum(amount for day, amount in self.returns if day <= last)


class Line:
    """An invoice on its way; ``opened`` is its part of the money that its case opened with, ``paid`` of that since.

    ``written`` is what was written off of that, ``written_off`` of all that was open. ``number`` tells in which order
    the account's invoices were heard of.
    """

    __slots__ = ("due_on", "id", "invoice", "number", "open", "opened", "paid", "parts", "written", "written_off")

    def __init__(self, invoice: Invoice, number: int) -> None:
        self.id = invoice.id
        self.number = number
        self.due_on = invoice.due_on
        self.invoice = invoice
        self.open = invoice.open
        self.opened = self.paid = self.written = self.written_off = 0
        self.parts: list[Part] = []

    @property
    def unpaid(self) -> int:
        """What its case opened with and was not paid."""
        return self.opened - self.paid

    @property
    def waited_for(self) -> int:
        """What its case opened with and was neither paid nor written off."""
        return max(0, self.unpaid - self.written)

    def take(self, money: Outcome, amount: int) -> Part:
        """Take money."""
        counted = min(amount, self.unpaid)
        part = Part(money, self, amount, counted)
        self.parts.append(part)
        self.open = max(0, self.open - amount)
        self.paid += counted
        return part

    def write_off(self, amount: int) -> None:
        """Expect so much no more."""
        self.written += min(amount, self.waited_for)
        self.open = max(0, self.open - amount)
        self.written_off += amount

    def sum_recorded_after(self, instant: dt.datetime) -> int:
        """Add up what was paid and did not go back, and was recorded after an instant."""
        return sum(part.left for part in self.parts if part.recorded_at > instant)


class Opened:
    """A case on its way: the invoices that it opened with, and whether it is closed, and paid in full, as it stands."""

    __slots__ = ("at", "closed_as", "closed_at", "day", "due_on", "lines", "paid_at", "words")

    def __init__(
        self, due_on: dt.date, at: dt.datetime, day: dt.date, lines: Sequence[Line], words: Mapping[str, str]
    ) -> None:
        self.due_on = due_on
        self.at = at
        self.day = day
        self.lines = tuple(lines)
        self.words = words
        self.closed_at: dt.datetime | None = None
        self.closed_as: Closing | None = None
        self.paid_at: dt.datetime | None = None

    def settle(self, at: dt.datetime) -> None:
        """Close it, or open it again, by what was paid and written off."""
        unpaid = sum(line.unpaid for line in self.lines)
        if unpaid:
            self.paid_at = None
        elif self.paid_at is None:
            self.paid_at = at
        if any(line.waited_for for line in self.lines):
            self.closed_at = self.closed_as = None
        elif self.closed_at is None:
            self.closed_at = at
            self.closed_as = "written_off" if unpaid else "paid"
