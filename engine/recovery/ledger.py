"""An account's invoices from instant to instant: what was open of each, which money paid it, which went back.

The books say what is open; until they are heard again payments take off it. A payment for an invoice pays that one, any
other pays what is open by due date, then id, and then what was opened and is written off (figures.md C4).
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from engine.coordinates.credits import list_begun
from engine.evaluation.drawing import list_open_disputes
from engine.model.account import Invoice
from engine.model.businessdays import ONE_DAY, first_moment_of
from engine.model.outcome import DISPUTED, PAYMENT, PROMISE, RETURNS, SETTLED, WRITTEN_OFF, Outcome
from engine.recovery.debtor import Debtor, Statement
from engine.recovery.lines import Line, Opened, Part

# At one instant the books and disputes come before the day, it before money, and money before it goes back.
_STATED, _DISPUTE, _DAY, _PROMISE, _PAID, _RETURNED, _WRITTEN = range(7)
_RANKS = {
    DISPUTED: _DISPUTE,
    SETTLED: _DISPUTE,
    PROMISE: _PROMISE,
    PAYMENT: _PAID,
    WRITTEN_OFF: _WRITTEN,
    **dict.fromkeys(RETURNS, _RETURNED),
}
_Event = tuple[dt.datetime, int, int, int | Outcome | None]


class Ledger:
    """An account as it was known at the end of a local day; cases by due date, parts of money as they came."""

    def __init__(self, debtor: Debtor, day: dt.date) -> None:
        self.debtor = known = debtor.known_by(day)
        self.day = day
        self.cases: dict[dt.date, Opened] = {}
        self.parts: list[Part] = []
        self.promised: dict[str, int] = {}
        """What promises are about that name no amount, by id."""
        self._until = known.end_of(day)
        self._disputes: tuple[Outcome, ...] = ()
        self._first_named: dict[str, int] = {}
        lines: dict[str, Line] = {}
        for place, statement in enumerate(known.statements):
            for invoice in statement.invoices:
                if invoice.open >= 0 and invoice.id not in lines:
                    lines[invoice.id] = Line(invoice, len(lines))
                    self._first_named[invoice.id] = place
        self.lines = _in_order(lines)
        self._stated = known.statements[0] if known.statements else Statement()
        for event in sorted(self._list_events(), key=lambda each: each[:3]):
            self._follow(event)

    @property
    def stated(self) -> Statement:
        """What the books said last."""
        return self._stated

    def list_open(self, day: dt.date) -> list[tuple[Line, int]]:
        """Return what credits leave open of each issued invoice on a day, disputed ones whole, by due date, then id."""
        credit = -sum(each.open for each in list_begun(self._credits, day))
        found: list[tuple[Line, int]] = []
        for line in self.lines.values():
            open_ = 0 if line.invoice.issued_on is not None and line.invoice.issued_on > day else line.open
            if credit and not self.is_disputed(line, day):
                covered = min(credit, open_)
                credit -= covered
                open_ -= covered
            if open_:
                found.append((line, open_))
        return found

    def is_disputed(self, line: Line, day: dt.date) -> bool:
        """Tell whether an invoice is disputed or held on a day, by the books or by an outcome, or its account is."""
        held_until = line.invoice.held_until
        return (
            self._stated.is_disputed
            or line.invoice.disputed
            or (held_until is not None and day < held_until)
            or any(each.invoice in {None, line.id} for each in self._disputes)
        )

    @property
    def _credits(self) -> list[Invoice]:
        return [each for each in self._stated.invoices if each.open < 0]

    def _list_events(self) -> Iterator[_Event]:
        zone = self.debtor.zone
        for place, statement in enumerate(self.debtor.statements):
            if statement.known_at is not None:
                yield statement.known_at.astimezone(dt.UTC), _STATED, place, place
        stated = [each for statement in self.debtor.statements for each in statement.invoices]
        held = {each.held_until for each in stated if each.held_until is not None}
        for day in held | {each.due_on + ONE_DAY for each in stated}:
            moment = first_moment_of(day, zone).astimezone(dt.UTC)
            if moment < self._until:
                yield moment, _DAY, 0, None
        for place, outcome in enumerate(self.debtor.outcomes):
            if outcome.type in _RANKS:
                yield outcome.at.astimezone(dt.UTC), _RANKS[outcome.type], place, outcome

    def _follow(self, event: _Event) -> None:
        at, rank, _, what = event
        day = at.astimezone(self.debtor.zone).date()
        if isinstance(what, int):
            self._restate(what, at)
        elif isinstance(what, Outcome):
            if rank == _DISPUTE:
                so_far = (each for each in self.debtor.outcomes if each.at.astimezone(dt.UTC) <= at)
                self._disputes = list_open_disputes(so_far)
            elif rank == _PROMISE:
                self._promise(what, day)
            elif rank == _PAID:
                self._pay(what, day)
            elif rank == _RETURNED:
                self._take_back(what)
            else:
                self._write_off(what, day)
            for case in self.cases.values():
                case.settle(at)
        self._open_cases(at, day)

    def _restate(self, place: int, at: dt.datetime) -> None:
        """Take over what the books say; money that is recorded since, though it came before, still takes off it."""
        self._stated = self.debtor.statements[place]
        named = {each.id: each for each in self._stated.invoices}
        for line in self.lines.values():
            if line.id in named:
                line.invoice = named[line.id]
                if not line.opened:
                    line.due_on = line.invoice.due_on
                line.open = max(0, line.invoice.open - line.sum_recorded_after(at))
            elif self._first_named[line.id] < place:
                line.open = 0
        self.lines = _in_order(self.lines)

    def _pay(self, money: Outcome, day: dt.date) -> None:
        left = money.amount or 0
        for line, room in self._list_rooms(money, day):
            amount = min(left, room)
            if amount:
                left -= amount
                self.parts.append(line.take(money, amount))
        if left:
            self.parts.append(Part(money, None, left, 0))

    def _take_back(self, money: Outcome) -> None:
        left = money.amount or 0
        for part in reversed(self.parts):
            if left and part.left and money.invoice in {None, part.invoice}:
                left -= part.give_back(money, left)

    def _write_off(self, outcome: Outcome, day: dt.date) -> None:
        left = outcome.amount
        for line, room in self._list_rooms(outcome, day):
            amount = room if left is None else min(left, room)
            if left is not None:
                left -= amount
            line.write_off(amount)

    def _list_rooms(self, outcome: Outcome, day: dt.date) -> Iterator[tuple[Line, int]]:
        """Yield where money goes, in order, and how much of it: to what is open, then to what a case still waits for.

        How much a case waits for is told when it is asked, after what went before.
        """
        meant = [each for each in self.lines.values() if outcome.invoice in {None, each.id}]
        left_open = {line.id: open_ for line, open_ in self.list_open(day)}
        for line in meant:
            yield line, left_open.get(line.id, 0) if outcome.invoice is None else line.open
        for line in meant:
            yield line, line.unpaid if outcome.type == PAYMENT else line.waited_for

    def _promise(self, promise: Outcome, day: dt.date) -> None:
        if promise.amount is not None:
            return
        found = [
            (line, open_)
            for line, open_ in self.list_open(day)
            if promise.invoice in {None, line.id} and not self.is_disputed(line, day)
        ]
        overdue = [open_ for line, open_ in found if line.due_on < day]
        self.promised[promise.id] = sum(overdue) or sum(open_ for _, open_ in found)

    def _open_cases(self, at: dt.datetime, day: dt.date) -> None:
        waiting = [line for line in self.lines.values() if line.due_on < day and line.due_on not in self.cases]
        if not waiting:
            return
        meant = {line.id for line in waiting}
        found: dict[dt.date, list[Line]] = {}
        for line, open_ in self.list_open(day):
            if line.id in meant and not self.is_disputed(line, day):
                line.opened = open_
                found.setdefault(line.due_on, []).append(line)
        for due_on, lines in found.items():
            self.cases[due_on] = Opened(due_on, at, day, lines, self._stated.words)


def _in_order(lines: Mapping[str, Line]) -> dict[str, Line]:
    """Return invoices in the order in which they are paid."""
    return dict(sorted(lines.items(), key=lambda each: (each[1].due_on, each[0])))
