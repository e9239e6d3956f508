"""What becomes of the company's customers: their invoices, payments, promises and disputes, each on its day.

A life hangs on its seed only, never on what the service answers; so whoever knows it can say what must have been done.
"""

import dataclasses
import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

Body = dict[str, Any]
FIRST_DAY, LAST_DAY = 0, 120
TOLERANCE = 2


@dataclasses.dataclass(kw_only=True, slots=True)
class Deed:
    """One request of a customer's, and between which moments of the machine's clock the service came to know it."""

    day: int
    kind: Literal["document", "outcome"]
    body: Body
    sent_at: float | None = None
    known_at: float | None = None


@dataclasses.dataclass(kw_only=True)
class Happening:
    """Something that happens on a day: a change of the books, and then what is told besides, or the other way round."""

    day: int
    opens: dict[str, int] = dataclasses.field(default_factory=dict)
    disputed: dict[str, bool] = dataclasses.field(default_factory=dict)
    outcome: Body | None = None
    is_told_first: bool = False


class Life:
    """A customer, and all the requests that his life makes, in order."""

    def __init__(self, number: int, chance: random.Random, begun_on: dt.date, stride: int) -> None:
        self.name = f"C-{number}"
        self.dues: dict[str, int] = {}
        self.amounts: dict[str, int] = {}
        self._begun_on = begun_on
        self._chance = chance
        self._stride = stride
        self._ids = (f"O-{number}" for number in itertools.count())
        self._is_single = chance.random() < 0.75
        happenings: list[Happening] = []
        due = self._draw(3, 60)
        for index in range(1 if self._is_single else 2):
            invoice = f"I-{number}-{index}"
            self.dues[invoice], self.amounts[invoice] = due, self._draw(2_000, 50_000)
            happenings += _draw_fate(chance)(self, invoice)
            due += self._draw(15, 60)
        happenings.sort(key=lambda each: each.day)
        self.deeds = list(self._write(each for each in happenings if each.day <= LAST_DAY))

    def date(self, day: int) -> str:
        """Write a day of the company's as a date."""
        return f"{self._begun_on + dt.timedelta(days=day)}"

    def _write(self, happenings: Iterable[Happening]) -> Iterator[Deed]:
        opens, disputed = dict(self.amounts), dict[str, bool]()
        yield Deed(day=FIRST_DAY, kind="document", body=self._document(opens, disputed))
        for each in happenings:
            told = [] if each.outcome is None else [Deed(day=each.day, kind="outcome", body=each.outcome)]
            written = []
            if each.opens or each.disputed:
                opens |= each.opens
                disputed |= each.disputed
                written.append(Deed(day=each.day, kind="document", body=self._document(opens, disputed)))
            yield from (*told, *written) if each.is_told_first else (*written, *told)

    def _document(self, opens: Mapping[str, int], disputed: Mapping[str, bool]) -> Body:
        invoices = [
            {"id": name, "due_on": self.date(due), "open": money(opens[name]), "disputed": disputed.get(name, False)}
            for name, due in self.dues.items()
        ]
        return {"id": self.name, "currency": "EUR", "channels": ["email", "letter", "phone"], "invoices": invoices}

    # What can become of an invoice.

    def pay_early(self, invoice: str) -> Iterator[Happening]:
        """Pay before it is overdue."""
        yield self._pay(invoice, max(1, self.dues[invoice] - self._draw(0, 5)))

    def pay_late(self, invoice: str) -> Iterator[Happening]:
        """Pay after some reminders, in one part or two."""
        day, paid = self.dues[invoice] + self._draw(1, 50), 0
        if self._chance.random() < 0.3:
            paid = self.amounts[invoice] // 2
            yield self._pay(invoice, day, part=paid)
            day += self._draw(1, 12)
        yield self._pay(invoice, day, before=paid)

    def never_pay(self, invoice: str) -> Iterator[Happening]:
        """Owe it to the end."""
        del invoice
        yield from ()

    def keep_a_promise(self, invoice: str) -> Iterator[Happening]:
        """Pay as promised, perhaps within the tolerance, perhaps in two parts."""
        made, before = self._promise_day(invoice), 0
        paid = self._open_on(made + self._draw(1, 9))
        by = max(made, paid - self._draw(0, TOLERANCE))
        yield self._promise(invoice, made, by)
        if self._chance.random() < 0.4:
            before = self.amounts[invoice] // 2
            yield self._pay(invoice, self._draw(made, paid), part=before)
        yield self._pay(invoice, paid, before=before)

    def break_a_promise(self, invoice: str) -> Iterator[Happening]:
        """Pay nothing of it in time, and perhaps promise again."""
        made = self._promise_day(invoice)
        by = made + self._draw(0, 8)
        yield self._promise(invoice, made, by)
        if self._chance.random() < 0.3:
            made = self._open_on(by + TOLERANCE + self._draw(1, 9))
            by = made + self._draw(0, 8)
            yield self._promise(invoice, made, by)
        yield from self._perhaps_pay(invoice, by + TOLERANCE + 1)

    def keep_it_partly(self, invoice: str) -> Iterator[Happening]:
        """Pay a part of it in time."""
        made, part = self._promise_day(invoice), self.amounts[invoice] // 3
        paid = self._open_on(made + self._draw(0, 9))
        by = max(made, paid - self._draw(0, TOLERANCE))
        yield self._promise(invoice, made, by)
        yield self._pay(invoice, paid, part=part)
        yield from self._perhaps_pay(invoice, by + TOLERANCE + 1, before=part)

    def withdraw_a_promise(self, invoice: str) -> Iterator[Happening]:
        """Take a promise back while it is open."""
        made = self._promise_day(invoice)
        withdrawn = self._open_on(made + self._draw(1, 6))
        promised = self._promise(invoice, made, max(made, withdrawn - self._draw(0, TOLERANCE)))
        yield promised
        named = self._name({"promise": _id_of(promised)}, invoice)
        yield self._tell(withdrawn, {"type": "promise_withdrawn"} | named)
        yield from self._perhaps_pay(invoice, withdrawn + 1)

    def take_money_back(self, invoice: str) -> Iterator[Happening]:
        """Pay as promised, and have the money returned before the tolerance is over, or after it."""
        made, amount = self._promise_day(invoice), self.amounts[invoice]
        paid = self._open_on(made + self._draw(0, 5))
        returned = self._open_on(paid + self._draw(1, 6))
        by = max(made, returned - self._draw(0, TOLERANCE)) if self._chance.random() < 0.7 else paid
        yield self._promise(invoice, made, by)
        yield self._pay(invoice, paid)
        kind = self._chance.choice(("refund", "chargeback"))
        told = self._tell(returned, {"type": kind, "amount": money(amount), "invoice": invoice})
        yield dataclasses.replace(told, opens={invoice: amount}, is_told_first=True)
        yield from self._perhaps_pay(invoice, max(returned, by + TOLERANCE) + 1)

    def book_late(self, invoice: str) -> Iterator[Happening]:
        """Pay in time what is written down only after the promise was told broken."""
        made = self._promise_day(invoice)
        by = made + self._draw(0, 8)
        yield self._promise(invoice, made, by)
        booked = self._open_on(self._open_on(by + TOLERANCE + 1) + self._draw(1, 10))
        yield dataclasses.replace(self._pay(invoice, by + self._draw(0, TOLERANCE), is_rounded=False), day=booked)

    def dispute(self, invoice: str) -> Iterator[Happening]:
        """Dispute the invoice, or all; and perhaps pay when that is over."""
        opened = self._open_on(self.dues[invoice] + self._draw(-2, 25))
        closed = self._open_on(opened + self._draw(1, 40))
        named = {"invoice": invoice} if self._chance.random() < 0.6 else {}
        begun = self._tell(opened, {"type": "dispute_opened"} | named)
        yield begun
        names = {"dispute": _id_of(begun)} if self._chance.random() < 0.5 else {}
        yield self._tell(closed, {"type": "dispute_closed"} | names)
        yield from self._perhaps_pay(invoice, closed + 1)

    def dispute_in_the_books(self, invoice: str) -> Iterator[Happening]:
        """Have the dispute written into the account."""
        opened = self._open_on(self.dues[invoice] + self._draw(-2, 25))
        closed = self._open_on(opened + self._draw(1, 40))
        yield Happening(day=opened, disputed={invoice: True})
        yield Happening(day=closed, disputed={invoice: False})
        yield from self._perhaps_pay(invoice, closed + 1)

    # How it is told.

    def _draw(self, low: int, high: int) -> int:
        return self._chance.randint(low, high)

    def _open_on(self, day: int) -> int:
        """Return the first day from then on on which the company is open."""
        return -(-day // self._stride) * self._stride

    def _promise_day(self, invoice: str) -> int:
        return self._open_on(self.dues[invoice] + self._draw(2, 30))

    def _name(self, exactly: Body, invoice: str) -> Body:
        """Name what is meant, or leave it out where nothing else can be."""
        return exactly if self._chance.random() < 0.5 else {} if self._is_single else {"invoice": invoice}

    def _promise(self, invoice: str, made: int, by: int) -> Happening:
        """Promise all that is open; where nothing else is, the amount may be left out."""
        said = {"type": "promise", "by": self.date(by), "invoice": invoice, "amount": money(self.amounts[invoice])}
        if self._is_single and self._chance.random() < 0.3:
            del said["invoice"], said["amount"]
        return self._tell(made, said)

    def _pay(
        self, invoice: str, day: int, *, part: int | None = None, before: int = 0, is_rounded: bool = True
    ) -> Happening:
        """Pay a part, or what was left before."""
        day = self._open_on(day) if is_rounded else day
        left = self.amounts[invoice] - before
        amount = left if part is None else part
        said = {"type": "payment", "amount": money(amount)} | self._name({"invoice": invoice}, invoice)
        return dataclasses.replace(self._tell(day, said), opens={invoice: left - amount})

    def _perhaps_pay(self, invoice: str, earliest: int, *, before: int = 0) -> Iterator[Happening]:
        if self._chance.random() < 0.5:
            yield self._pay(invoice, earliest + self._draw(0, 30), before=before)

    def _tell(self, day: int, said: Body) -> Happening:
        return Happening(day=day, outcome={"id": next(self._ids), "at": self.date(day)} | said)


Fate = Callable[[Life, str], Iterator[Happening]]
FATES: dict[Fate, int] = {
    Life.pay_early: 30,
    Life.pay_late: 22,
    Life.never_pay: 8,
    Life.keep_a_promise: 8,
    Life.break_a_promise: 7,
    Life.keep_it_partly: 4,
    Life.withdraw_a_promise: 4,
    Life.take_money_back: 4,
    Life.book_late: 3,
    Life.dispute: 7,
    Life.dispute_in_the_books: 3,
}


def _draw_fate(chance: random.Random) -> Fate:
    return chance.choices(list(FATES), list(FATES.values()))[0]


def money(cents: int) -> str:
    """Write an amount of cents."""
    return f"{cents // 100}.{cents % 100:02}"


def _id_of(happening: Happening) -> str:
    assert happening.outcome is not None
    return str(happening.outcome["id"])
