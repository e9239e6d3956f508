"""What is known of an account from a day until another, as columns: a piece for each due date of what it owes.

A piece stays as it is from one of its days to the next, so the figures of any day are added up from the pieces of that
day. This is the one place where a case becomes numbers.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.model.businessdays import ONE_DAY
from engine.model.outcome import DISPUTED, PROMISE, SETTLED
from engine.recovery import columns
from engine.recovery.cases import Case, cases_in
from engine.recovery.columns import Columns, code_of, to_number
from engine.recovery.debtor import Action, Debtor
from engine.recovery.grouping import BYS, OF_ACTIONS, SIDE, By, keys_of, keys_of_action
from engine.recovery.holdouts import sides_of
from engine.recovery.ledger import Ledger

DAYS = (7, 14, 30, 60, 90)
"""The days after opening at which rates are told."""

Place = tuple[str, dt.date]
"""The currency and the due date of a piece."""
_TOLD = frozenset({"kept", "partly_kept", "broken"})
FOR_EVER = dt.date.max
_WORK_OF_EVENT = 10  # as that of so many invoices


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of one due date in one currency from the end of a day on, and no more at that of another."""

    currency: str
    due_on: dt.date
    from_on: dt.date
    until_on: dt.date
    columns: Columns


class Words:
    """The words that cases are grouped by, as they come."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {}

    def take(self, by: str, word: str) -> int:
        """Remember a word and return its code."""
        self.found.setdefault(by, set()).add(word)
        return code_of(by, word)

    def add(self, words: Mapping[str, Sequence[str]]) -> None:
        """Remember words."""
        for by, each in words.items():
            self.found.setdefault(by, set()).update(each)


def list_pieces(number: int, debtors: Sequence[Debtor], words: Words) -> list[Piece]:
    """Return all that was ever known of an account, in each of its currencies; ``number`` tells it from others."""
    begun_on = min(_list_beginnings(debtors), default=FOR_EVER)
    days = sorted({begun_on} | {max(day, begun_on) for debtor in debtors for day in _list_changes(debtor)})
    found: list[Piece] = []
    standing: dict[Place, tuple[dt.date, Columns]] = {}
    for day in days:
        now = dict(known_on(number, debtors, day, words))
        ended = [place for place, (_, known) in standing.items() if now.get(place) != known]
        found += [_finish(place, *standing.pop(place), day) for place in ended]
        for place, known in now.items():
            standing.setdefault(place, (day, known))
    found += [_finish(place, *known, FOR_EVER) for place, known in standing.items()]
    return sorted(found, key=lambda each: (each.currency, each.due_on, each.from_on))


def count_work(debtors: Sequence[Debtor]) -> int:
    """Return how much it takes to list the pieces of an account, in steps of a third of a microsecond at most.

    On each of its days it is followed through all of its events, each of which may look at every invoice and dispute.
    """
    days = len({day for debtor in debtors for day in _list_changes(debtor)})
    count = 0
    for debtor in debtors:
        events = days + len(debtor.statements) + len(debtor.outcomes) + len(debtor.actions)
        invoices = {each.id for statement in debtor.statements for each in statement.invoices}
        disputes = sum(each.type in {DISPUTED, SETTLED} for each in debtor.outcomes)
        count += days * events * (len(invoices) + disputes + _WORK_OF_EVENT)
    return count


def _finish(place: Place, since: dt.date, known: Columns, until: dt.date) -> Piece:
    currency, due_on = place
    return Piece(currency=currency, due_on=due_on, from_on=since, until_on=until, columns=known)


def _list_beginnings(debtors: Sequence[Debtor]) -> Iterator[dt.date]:
    """Yield the local days on which the books were heard of; what they owe is known then, and not before."""
    for debtor in debtors:
        for each in debtor.statements:
            yield dt.date.min if each.known_at is None else each.known_at.astimezone(debtor.zone).date()


def _list_changes(debtor: Debtor) -> Iterator[dt.date]:
    """Yield the local days at whose end something may be known that was not at that of the day before."""
    zone = debtor.zone
    for statement in debtor.statements:
        if statement.known_at is not None:
            yield statement.known_at.astimezone(zone).date()
        for invoice in statement.invoices:
            yield invoice.due_on + ONE_DAY
            yield from (day for day in (invoice.held_until, invoice.issued_on) if day is not None)
    written = [(each.at, each.recorded_at) for each in debtor.outcomes]
    written += [(each.at, each.recorded_at) for each in debtor.actions]
    for at, recorded_at in written:
        yield max(at.astimezone(dt.UTC), (recorded_at or at).astimezone(dt.UTC)).astimezone(zone).date()
    for outcome in debtor.outcomes:
        if outcome.type == PROMISE and outcome.by is not None:
            yield outcome.by + dt.timedelta(days=debtor.tolerance_days + 1)


def known_on(number: int, debtors: Sequence[Debtor], day: dt.date, words: Words) -> Iterator[tuple[Place, Columns]]:
    """Yield what was known of an account at the end of a day."""
    for debtor in debtors:
        ledger = Ledger(debtor, day)
        owed = dict(_list_invoices(number, ledger))
        payments: dict[dt.date, list[tuple[object, ...]]] = {}
        for part in ledger.parts:
            if part.line is not None:
                late = (part.day - part.line.due_on).days
                payments.setdefault(part.line.due_on, []).append((to_number(part.day), late, part.amount))
        cases = {case.due_on: case for case in cases_in(ledger)}
        for due_on in sorted({*owed, *payments, *cases}):
            known = Columns(
                invoices=columns.pack(columns.INVOICE, owed.get(due_on, ())),
                payments=columns.pack(columns.PAYMENT, payments.get(due_on, ())),
            )
            if due_on in cases:
                known = _add_case(known, cases[due_on], debtor, words)
            yield (debtor.currency, due_on), known


def owed_on(number: int, debtors: Sequence[Debtor], day: dt.date) -> Iterator[tuple[str, Columns]]:
    """Yield the invoices of an account at the end of a day, by currency."""
    for debtor in debtors:
        for _, rows in _list_invoices(number, Ledger(debtor, day)):
            yield debtor.currency, Columns(invoices=columns.pack(columns.INVOICE, rows))


def _list_invoices(number: int, ledger: Ledger) -> Iterator[tuple[dt.date, list[tuple[object, ...]]]]:
    found: dict[dt.date, list[tuple[object, ...]]] = {}
    open_ = {line.id: amount for line, amount in ledger.list_open(ledger.day)}
    newest = {each.id: each for statement in ledger.debtor.statements for each in statement.invoices}
    for name, invoice in newest.items():
        line = ledger.lines.get(name)
        billed = invoice.amount if invoice.amount is not None or invoice.open >= 0 else invoice.open
        due_on = invoice.due_on if line is None else line.due_on
        row = (
            number,
            columns.NO_LINE if line is None else line.number,
            to_number(due_on),
            open_.get(name, 0),
            0 if line is None else line.written_off,
            billed or 0,
            to_number(invoice.issued_on),
            line is not None and ledger.is_disputed(line, ledger.day),
            billed is not None and invoice.issued_on is not None,
        )
        found.setdefault(due_on, []).append(row)
    yield from found.items()


def _add_case(known: Columns, case: Case, debtor: Debtor, words: Words) -> Columns:
    moves, move_labels = _write_moves(case, words)
    labels = [words.take(by, key) for by in BYS if by != "month" for key in keys_of(case, by)]
    labels += [words.take(SIDE, side) for side in sides_of(case, debtor.hold_outs)]
    states = [each.state for each in case.said.promises]
    told = [each for each in case.said.promises if each.state in _TOLD]
    row = (
        to_number(case.opened_on),
        to_number(case.paid_on),
        case.opened,
        case.net(),
        case.written_off,
        sum(each.fee for each in case.actions),
        sum(each.amount for each in told),
        sum(each.paid for each in told),
        sum(len(each.contacts) for each in case.actions),
        case.said.complaints,
        case.said.reached,
        case.said.not_reached,
        *(states.count(state) for state in ("open", "kept", "partly_kept", "broken", "withdrawn")),
        len(moves),
        len(labels),
        sum(1 << place for place, days in enumerate(DAYS) if case.net(days) == case.opened),
        case.closed_as == "written_off",
        case.handed_over_on is not None,
        case.is_acted_on,
    )
    return msgspec.structs.replace(
        known,
        cases=columns.pack(columns.CASE, (row,)),
        moves=columns.pack(columns.MOVE, moves),
        case_labels=columns.pack_codes(labels),
        move_labels=columns.pack_codes(move_labels),
    )


def _write_moves(case: Case, words: Words) -> tuple[list[tuple[object, ...]], list[int]]:
    """Return the money that came and went back, and the codes of the actions that it came after."""
    moves: list[tuple[object, ...]] = []
    labels: list[int] = []
    for each in case.recovered:
        own = [] if each.after is None else [words.take(by, key) for by in OF_ACTIONS for key in _keys(each.after, by)]
        after = -1 if each.after is None else (each.day - each.after.day).days
        for day, amount in ((each.day, each.amount), *((day, -amount) for day, amount in each.returns)):
            moves.append(((day - case.opened_on).days, after, amount, len(own)))
            labels += own
    return moves, labels


def _keys(action: Action, by: By) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys_of_action(action, by)))
