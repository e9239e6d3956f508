"""What must have been done about a customer: a second, plain reading of figures.md and of the company's ladder.

It knows the customers' lives and shares no code with the service. A life is read up to some deed and as of some day.
"""

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence

from tests.load.company.lives import TOLERANCE, Body, Deed

# The days overdue from which each step is due, in the order of the ladder, by version.
LADDERS: Mapping[int, Mapping[str, int]] = {
    1: {"reminder": 3, "notice": 14, "call": 30},
    2: {"reminder": 3, "notice": 12, "call": 30},
    3: {"reminder": 3, "notice": 12, "call": 30},
}
STEPS = tuple(LADDERS[1])


@dataclasses.dataclass(slots=True)
class Promise:
    """A promise, in cents, and what was paid on it; `withdrawn_at` is the date of its withdrawal."""

    id: str
    at: str
    by: str
    amount: int
    invoice: str | None
    paid: int = 0
    is_withdrawn: bool = False

    @property
    def last_day(self) -> str:
        """The end of its tolerance (P1)."""
        return f"{dt.date.fromisoformat(self.by) + dt.timedelta(days=TOLERANCE)}"

    def state_on(self, day: str) -> str:
        """Judge it (P1, P3, P4, P7)."""
        if self.is_withdrawn:
            return "withdrawn"
        if self.paid >= self.amount:
            return "kept"
        return "open" if day <= self.last_day else "partly kept" if self.paid else "broken"


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a customer as of a day: what is owed by due date, whether all is disputed, the promises."""

    owed: tuple[tuple[str, str, int], ...]
    is_disputed: bool
    promises: tuple[Promise, ...]

    def list_promises(self, state: str, day: str) -> list[Promise]:
        """List those that are in a state on a day."""
        return [each for each in self.promises if each.state_on(day) == state]

    def find_overdue(self, invoice: str, day: str) -> int:
        """Return what of an invoice is overdue and undisputed, in cents."""
        return 0 if self.is_disputed else sum(amount for _, name, amount in self.overdue(day) if name == invoice)

    def overdue(self, day: str) -> list[tuple[str, str, int]]:
        """List what is overdue: due date, invoice, cents."""
        return [each for each in self.owed if each[0] < day]


def read_standing(deeds: Sequence[Deed]) -> Standing:
    """Read how it stands after some deeds."""
    document = next(each.body for each in reversed(deeds) if each.kind == "document")
    outcomes = [each.body for each in deeds if each.kind == "outcome"]
    disputed = _list_disputed(outcomes)
    owed = sorted(
        (str(invoice["due_on"]), str(invoice["id"]), cents(invoice["open"]))
        for invoice in document["invoices"]
        if cents(invoice["open"]) and not invoice["disputed"] and invoice["id"] not in disputed
    )
    return Standing(tuple(owed), None in disputed, tuple(_read_promises(deeds)))


def _list_disputed(outcomes: Iterable[Body]) -> set[str | None]:
    """Name the invoices that are disputed, None for all the account (P15)."""
    disputes: dict[str, str | None] = {}
    for each in outcomes:
        if each["type"] == "dispute_opened":
            disputes[each["id"]] = each.get("invoice")
        elif each["type"] == "dispute_closed" and "dispute" in each:
            disputes.pop(each["dispute"], None)
        elif each["type"] == "dispute_closed":
            disputes.clear()
    return {*disputes.values()}


def _read_promises(deeds: Sequence[Deed]) -> list[Promise]:
    """Read all promises, and what was paid on each: money in the order of when it moved (P2, P5, P10, P11)."""
    amounts: dict[str, int] = {}
    for number, each in enumerate(deeds):
        if each.kind == "outcome" and each.body["type"] == "promise":
            given = each.body.get("amount")
            amounts[each.body["id"]] = cents(given) if given else _sum_owed(deeds[:number], each.body["at"])
    ranks = ("promise", "payment", "refund", "chargeback", "promise_withdrawn")
    moves = [each.body for each in deeds if each.kind == "outcome" and each.body["type"] in ranks]
    promises: list[Promise] = []
    served: list[tuple[Promise, int]] = []
    for move in sorted(moves, key=lambda each: (each["at"], ranks.index(each["type"]))):
        kind, at = move["type"], move["at"]
        if kind == "promise":
            promises.append(Promise(move["id"], at, move["by"], amounts[move["id"]], move.get("invoice")))
        elif kind == "payment":
            served += _serve(promises, move)
        elif kind == "promise_withdrawn":
            for promise in promises:
                is_meant = promise.id == move["promise"] if "promise" in move else _is_for(promise, move)
                promise.is_withdrawn |= is_meant and promise.state_on(at) == "open"
        else:
            _take_back(served, at, cents(move["amount"]))
    return promises


def _sum_owed(deeds: Sequence[Deed], day: str) -> int:
    """Return what a promise without amount is about: all that is overdue and undisputed (P6)."""
    return sum(amount for _, _, amount in read_standing(deeds).overdue(day))


def _is_for(promise: Promise, move: Body) -> bool:
    return promise.invoice is None or move.get("invoice") in {None, promise.invoice}


def _serve(promises: Iterable[Promise], payment: Body) -> list[tuple[Promise, int]]:
    """Share a payment out among the open promises: by `by`, `at`, id (P5)."""
    left, parts = cents(payment["amount"]), []
    waiting = [each for each in promises if each.state_on(payment["at"]) == "open" and _is_for(each, payment)]
    for each in sorted(waiting, key=lambda one: (one.by, one.at, one.id)):
        part = min(left, each.amount - each.paid)
        if part:
            each.paid += part
            left -= part
            parts.append((each, part))
    return parts


def _take_back(served: list[tuple[Promise, int]], day: str, amount: int) -> None:
    """Take money off what was served last, where its tolerance is not over (P10)."""
    for number in reversed(range(len(served))):
        promise, part = served[number]
        if day <= promise.last_day:
            taken = min(part, amount)
            promise.paid -= taken
            amount -= taken
            served[number] = (promise, part - taken)


def find_step(standing: Standing, day: str, done: Mapping[str, Mapping[str, str]], version: int) -> str | None:
    """Find the step that must be done on a day, if any; `done` says by episode on which day each was.

    Nothing while there is a dispute or an open promise; one step a day; never one of a level that was reached.
    """
    if not standing.owed or standing.is_disputed or standing.list_promises("open", day):
        return None
    episode = standing.owed[0][0]
    before = done.get(episode, {})
    if day in before.values():
        return None
    reached = max((STEPS.index(step) for step in before), default=-1)
    late = (dt.date.fromisoformat(day) - dt.date.fromisoformat(episode)).days
    return next((step for step in STEPS[reached + 1 :] if late >= LADDERS[version][step]), None)


@dataclasses.dataclass(slots=True)
class Case:
    """What must have been told of an invoice (C2, C3, C5, C6), each of which is due on a day of its own here.

    Where something of it changed on the very day on which it opened, it hangs on what came first: then it is not sure.
    """

    may_open: bool = False
    must_open: bool = False
    is_sure: bool = False
    opened: int = 0

    def live(self, amounts: Sequence[int]) -> None:
        """Live a day, in whose course so much of it was overdue and undisputed, in cents."""
        if not self.may_open and any(amounts):
            self.may_open, self.opened, self.is_sure = True, amounts[0], len({*amounts}) == 1
        self.must_open |= amounts[-1] > 0

    def is_closed(self, deeds: Iterable[Deed], invoice: str) -> bool:
        """Tell whether it is paid in the end; of what is paid later than it opened."""
        signs = {"payment": 1, "refund": -1, "chargeback": -1}
        moved = (
            signs.get(each.body["type"], 0) * cents(each.body.get("amount", "0"))
            for each in deeds
            if each.kind == "outcome" and each.body.get("invoice", invoice) == invoice
        )
        return sum(moved) >= self.opened


@functools.cache
def cents(text: str) -> int:
    """Read an amount."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part or 0)
