"""Random invoices: with credits, holds, small rests and part payments, each at the edge of what it decides."""

import datetime as dt
import random
from typing import Any

from tests.oracle.generate_numbers import Numbers

INVOICE_LED = ("overdue_balance", "open_balance", "largest_invoice", "last_invoice", "original_balance")


class InvoiceMaker:
    """Makes the invoices of one account."""

    def __init__(self, numbers: Numbers, today: dt.date) -> None:
        self.rng: random.Random = numbers.rng
        self.numbers = numbers
        self.blueprint = numbers.blueprint
        self.today = today
        self.ignored = 0
        if (written := self.blueprint.doc.get("ignore_below")) is not None and numbers.currency in (
            self.blueprint.currencies
        ):
            self.ignored = numbers.minor(written)

    def make(self) -> list[dict[str, Any]]:
        """The invoices in any order."""
        rng, features = self.rng, self.blueprint.features
        parts = self._parts()
        late = self.numbers.near("days_overdue", rng.randint(-5, 60))
        dues = [self.today - dt.timedelta(days=late - (rng.choice((0, 1, 7, 30)) if index else 0)) for index in
                range(len(parts))]  # fmt: skip
        credited = self._credited(parts) if "credits" in features and parts and rng.random() < 0.3 else []
        invoices = [self._invoice(index, dues[index], part) for index, part in enumerate(parts)]
        for index, part in enumerate(credited):
            invoices.append(self._credit(index, rng.choice(dues), part))
        rng.shuffle(invoices)
        return invoices

    def _parts(self) -> list[int]:
        """What is open of each invoice, near a threshold when added."""
        rng, numbers = self.rng, self.numbers
        known = [name for name in INVOICE_LED if name in numbers.palette.thresholds]
        total = max(0, numbers.near(rng.choice(known or ["open_balance"]), rng.randint(1, 300) * numbers.unit))
        parts: list[int] = []
        count = rng.choice((0, 1, 1, 1, 2, 2, 3, 4))
        for index in range(count):
            part = total if index == count - 1 else rng.randint(0, total)
            if self.ignored and rng.random() < 0.4:
                part = max(0, self.ignored + rng.choice((-1, -1, 0, 1)))
            total = max(0, total - part)
            parts.append(part)
        return parts

    def _credited(self, parts: list[int]) -> list[int]:
        """Credits that leave what was open before, or cover invoices, or leave a small rest; parts grow by them."""
        rng = self.rng
        found: list[int] = []
        for _ in range(rng.choice((1, 1, 1, 2))):
            roll = rng.random()
            credit = rng.randint(1, 100) * self.numbers.unit
            if roll < 0.35:
                parts[rng.randrange(len(parts))] += credit
            elif roll < 0.7:
                credit = sum(rng.sample(parts, rng.randint(1, len(parts))))
            elif roll < 0.85 and self.ignored:
                credit = rng.choice(parts) - self.ignored
            found.append(max(1, credit + rng.choice((-1, 0, 0, 1))))
        return found

    def _credit(self, index: int, due_on: dt.date, part: int) -> dict[str, Any]:
        rng = self.rng
        due_on += dt.timedelta(days=rng.choice((0, 0, -300, 20)))
        credit: dict[str, Any] = {
            "id": rng.choice(("C", "K")) + str(index),
            "due_on": due_on.isoformat(),
            "open": self.numbers.amount(-part),
        }
        if rng.random() < 0.55:
            begins = self.today + dt.timedelta(days=rng.choice((-30, -1, 0, 1, 1, 2, 14)))
            credit["issued_on"] = begins.isoformat()
        if rng.random() < 0.1:
            credit["disputed"] = True  # not read
        return credit

    def _invoice(self, index: int, due_on: dt.date, part: int) -> dict[str, Any]:
        rng, features = self.rng, self.blueprint.features
        invoice: dict[str, Any] = {
            "id": f"I{index + 1}",
            "due_on": due_on.isoformat(),
            "open": self.numbers.amount(part),
        }
        if rng.random() < 0.9:
            age = self.numbers.near("invoice_age_days", 30) if index == 0 else rng.randint(0, 60)
            invoice["issued_on"] = (self.today - dt.timedelta(days=max(age, 0))).isoformat()
        if rng.random() < 0.9:
            invoice["amount"] = self.numbers.amount(part + rng.choice((0, 0, self.numbers.unit)))
        if rng.random() < 0.1:
            invoice["disputed"] = rng.random() < 0.7
        if rng.random() < 0.08:
            invoice["kind"] = "fee"
        if "holds" in features and rng.random() < 0.15:
            until = self.today + dt.timedelta(days=rng.choice((-1, 0, 1, 1, 2, 7, 30, 400)))
            invoice["held_until"] = until.isoformat()
        if "payments" in features and rng.random() < 0.5:
            invoice["payments"] = [self._payment(due_on) for _ in range(rng.choice((1, 1, 2, 3)))]
        return invoice

    def _payment(self, due_on: dt.date) -> dict[str, Any]:
        """A part payment on a day where something begins or ends: the due date, today, a change of rate."""
        rng = self.rng
        late = max(1, (self.today - due_on).days)
        near = rng.choice((due_on, self.today, due_on + dt.timedelta(days=rng.randint(0, late)), dt.date(2026, 6, 30)))
        on = near + dt.timedelta(days=rng.choice((-1, 0, 0, 1)))
        return {"on": on.isoformat(), "amount": self.numbers.amount(rng.randint(1, 40_000))}
