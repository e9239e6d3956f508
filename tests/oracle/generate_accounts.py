"""Random accounts, histories and instants for a random ruleset, on, one below and one above what it compares with."""

import datetime as dt
import random
import zoneinfo
from decimal import Decimal
from typing import Any

from tests.oracle.clock import last_of_month, to_moment
from tests.oracle.generate_facts import BOOLEANS
from tests.oracle.generate_histories import HistoryMaker
from tests.oracle.generate_invoices import InvoiceMaker
from tests.oracle.generate_money import MIDDLE
from tests.oracle.generate_numbers import Numbers
from tests.oracle.generate_rulesets import Blueprint
from tests.oracle.values import exponent
from tests.oracle.vocabulary import CHANNELS, CONTACT_ACTIONS, HISTORY_FACTS, INVOICE_FACTS

CLOCK_CHANGES = (dt.date(2026, 3, 29), dt.date(2026, 3, 8), dt.date(2026, 10, 25), dt.date(2026, 11, 1))
OTHER_ZONES = ("America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "Europe/Lisbon", "America/Havana")


class AccountMaker:
    """Makes one account with its history and the instant it is asked at."""

    def __init__(self, rng: random.Random, blueprint: Blueprint) -> None:
        self.rng = rng
        self.blueprint = blueprint
        self.palette = blueprint.palette
        self.currency = rng.choice(blueprint.currencies) if rng.random() < 0.97 else "SEK"
        self.account: dict[str, Any] = {"id": f"A-{rng.randrange(1000)}", "currency": self.currency}
        if rng.random() < 0.15:
            self.account["timezone"] = rng.choice(OTHER_ZONES)
        self.zone = zoneinfo.ZoneInfo(self.account.get("timezone", blueprint.timezone))
        self.today = rng.choice(CLOCK_CHANGES) if rng.random() < 0.06 else MIDDLE + dt.timedelta(rng.randint(-240, 240))
        if "repeats" in blueprint.features and rng.random() < 0.15:
            self.today = last_of_month(self.today)
        self.numbers = Numbers(rng, blueprint, self.currency)

    def make(self) -> tuple[dict[str, Any], list[dict[str, Any]] | None, str]:
        """The account, its history and `as_of`."""
        rng = self.rng
        if rng.random() < 0.85:
            self.account["invoices"] = InvoiceMaker(self.numbers, self.today).make()
        else:
            self._invoice_facts()
        history: list[dict[str, Any]] | None = []
        if "history" in self.blueprint.features and self._has_episode() and rng.random() < 0.08:
            history = None
            self._history_facts()
        self._facts()
        if "time: best" in self.blueprint.text and rng.random() < 0.3:
            self._calls()
        if rng.random() < 0.2:
            self.account["facts_on"] = (self.today - dt.timedelta(days=rng.choice((0, 1, 2, 5)))).isoformat()
        if "history" in self.blueprint.features and history is not None:
            history = HistoryMaker(self.numbers, self.account, self.today, self.zone).make()
        if "errors" in self.blueprint.features and rng.random() < 0.03:
            self._spoil(has_history=bool(history))
        return self.account, history, self._as_of()

    def _calls(self) -> None:
        """Say of some windows how often calls were answered in them."""
        rng, lines = self.rng, []
        for start in rng.sample(range(0, 24, 2), rng.randint(0, 12)):
            for whose in rng.sample(("account", "segment", "all"), rng.randint(1, 3)):
                calls = rng.choice((0, 1, 5, 12, 100))
                line = {"window": f"{start:02d}-{start + 2:02d}", "of": whose, "calls": calls}
                lines.append(line | {"answered": rng.choice((0, calls, rng.randint(0, calls)))})
        self.account["call_hours"] = lines

    def _spoil(self, *, has_history: bool) -> None:
        """Give one fact that must be refused."""
        wrong: list[dict[str, Any]] = [{"vip": "yes"}, {"failed_attempts": "many"}, {"customer_type": "alien"}]
        if "invoices" in self.account:
            wrong.append({"days_overdue": 3})
        if has_history:
            wrong.append({"contacts_last_7_days": 1})
        self.account |= self.rng.choice(wrong)

    def _as_of(self) -> str:
        rng = self.rng
        if rng.random() < 0.3:
            return self.today.isoformat()
        time = rng.choice((dt.time(0, 1), dt.time(23, 59), dt.time(7), dt.time(6, 59), dt.time(20), dt.time(12)))
        if rng.random() < 0.3:
            time = dt.time(rng.randrange(24), rng.randrange(60))
        moment = to_moment(self.today, time, self.zone)
        if rng.random() < 0.5:
            return moment.isoformat()
        return moment.astimezone(self.zone).isoformat()

    # Facts in the place of invoices and of history

    def _has_episode(self) -> bool:
        return "days_overdue" in self.account or bool(self.account.get("invoices"))

    def _invoice_facts(self) -> None:
        """Facts in the place of invoices (3.8)."""
        bases = {"overdue_balance", "open_balance"} if "money" in self.blueprint.features else set()
        for name in sorted(INVOICE_FACTS):
            if name not in self.palette.used | bases | {"days_overdue"}:
                continue
            if name in bases or self.rng.random() < 0.85:
                self._give_number(name)

    def _history_facts(self) -> None:
        """Facts in the place of history (3.8)."""
        for name in sorted(HISTORY_FACTS - {"last_rule"}):
            if name in self.palette.used and self.rng.random() < 0.8:
                self.account[name] = max(0, self.numbers.near(name, self.rng.randint(0, 4)))

    # The caller's own facts

    def _facts(self) -> None:
        rng = self.rng
        if rng.random() < 0.95 or self._needs_channels():
            kept = rng.choice((0, 1, 2, 2, 3, 4, 5))
            self.account["channels"] = rng.sample(["email", "sms", "phone", "letter", "in_app", *CHANNELS[5:]], kept)
        for name in sorted(self.palette.used - INVOICE_FACTS - HISTORY_FACTS - {"channels"}):
            needed = self.palette.declaration(name).needed
            if needed and "errors" in self.blueprint.features and rng.random() < 0.02:
                continue
            if needed or rng.random() < (0.25 if name in BOOLEANS else 0.7):
                self._give(name)
        if rng.random() < 0.04:
            self.account["do_not_contact"] = True

    def _needs_channels(self) -> bool:
        kinds = {rule["then"]["action"] for rule in self.blueprint.rules}
        return bool(kinds & CONTACT_ACTIONS) and "errors" not in self.blueprint.features

    def _give(self, name: str) -> None:
        rng, kind = self.rng, self.palette.declaration(name).type
        if kind == "boolean":
            self.account[name] = rng.random() < (0.3 if name in BOOLEANS else 0.5)
        elif kind == "set":
            words = self.palette.words[name]
            self.account[name] = rng.sample(words, rng.randint(0, len(words)))
        elif kind in ("enum", "text"):
            self.account[name] = rng.choice(self.palette.words[name])
        else:
            self._give_number(name)

    def _give_number(self, name: str) -> None:
        declaration = self.palette.declaration(name)
        usual = self.rng.randint(0, 40)
        if declaration.type == "amount":
            self.account[name] = self.numbers.amount(
                max(0, self.numbers.near(name, usual * 10 ** exponent(self.currency)))
            )
        elif declaration.type == "decimal":
            value = min(max(self.numbers.near(name, usual), 0), 10**declaration.places)
            self.account[name] = format(Decimal(value).scaleb(-declaration.places), "f")
        else:
            value = self.numbers.near(name, usual)
            counted = declaration.type == "integer" or name in ("tenure_days", "invoice_age_days")
            self.account[name] = max(0, value) if counted else value
