"""Random accounts, histories and instants for a random ruleset, on, one below and one above what it compares with."""

import datetime as dt
import random
import zoneinfo
from decimal import Decimal
from typing import Any

from tests.oracle.clock import to_moment
from tests.oracle.generate_facts import BOOLEANS
from tests.oracle.generate_money import MIDDLE
from tests.oracle.generate_rulesets import Blueprint
from tests.oracle.values import exponent
from tests.oracle.vocabulary import CHANNELS, CONTACT_ACTIONS, HISTORY_FACTS, INVOICE_FACTS

INVOICE_LED = ("overdue_balance", "open_balance", "largest_invoice", "last_invoice", "original_balance")
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
        self.due_on: dt.date | None = None
        self.invoice_ids: list[str] = []

    def make(self) -> tuple[dict[str, Any], list[dict[str, Any]] | None, str]:
        """The account, its history and `as_of`."""
        rng = self.rng
        if rng.random() < 0.85:
            self._invoices()
        else:
            self._invoice_facts()
        history: list[dict[str, Any]] | None
        if "history" not in self.blueprint.features:
            history = []
        elif self.due_on is not None and rng.random() < 0.08:
            history = None
            self._history_facts()
        else:
            history = self._history()
        self._facts()
        if "errors" in self.blueprint.features and rng.random() < 0.03:
            self._spoil(has_history=bool(history))
        if rng.random() < 0.2:
            self.account["facts_on"] = (self.today - dt.timedelta(days=rng.choice((0, 1, 2, 5)))).isoformat()
        return self.account, history, self._as_of()

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

    def _near(self, name: str, usual: int) -> int:
        """A value on, one below or one above a threshold of that fact, or a usual one."""
        known = self.palette.thresholds.get(name)
        if known and self.rng.random() < 0.85:
            beside = (-1, -1, 0, 0, 1, -4) if self.palette.declaration(name).moves > 0 else (-1, 0, 0, 1)
            return self._converted(name, self.rng.choice(known)) + self.rng.choice(beside)
        return usual

    def _converted(self, name: str, threshold: int) -> int:
        """A threshold in the account's currency, as Palette.amount writes it there."""
        first = self.blueprint.currencies[0]
        if self.palette.declaration(name).type != "amount" or self.currency == first or threshold == 0:
            return threshold
        whole: int = threshold // 10 ** exponent(first) + 1
        return int(whole * 10 ** exponent(self.currency))

    def _amount(self, minor: int) -> Any:
        """An amount in the account's currency as JSON has it."""
        value = Decimal(minor).scaleb(-exponent(self.currency))
        if value == value.to_integral_value() and self.rng.random() < 0.5:
            return int(value)
        return format(value, "f")

    # Invoices, or what is drawn from them

    def _invoices(self) -> None:
        rng = self.rng
        unit = 10 ** exponent(self.currency)
        count = rng.choice((0, 1, 1, 1, 2, 2, 3, 4))
        late = self._near("days_overdue", rng.randint(-5, 60))
        led = rng.choice([name for name in INVOICE_LED if name in self.palette.thresholds] or ["open_balance"])
        total = max(0, self._near(led, rng.randint(1, 300) * unit))
        invoices: list[dict[str, Any]] = []
        for index in range(count):
            due_on = self.today - dt.timedelta(days=late if index == 0 else late - rng.choice((0, 1, 7, 30)))
            part = total if index == count - 1 else rng.randint(0, total)
            total -= part
            invoice: dict[str, Any] = {"id": f"I{index + 1}", "due_on": due_on.isoformat(), "open": self._amount(part)}
            if rng.random() < 0.9:
                age = self._near("invoice_age_days", 30) if index == 0 else rng.randint(0, 60)
                invoice["issued_on"] = (self.today - dt.timedelta(days=max(age, 0))).isoformat()
            if rng.random() < 0.9:
                invoice["amount"] = self._amount(part + rng.choice((0, 0, unit)))
            if rng.random() < 0.1:
                invoice["disputed"] = rng.random() < 0.7
            if rng.random() < 0.08:
                invoice["kind"] = "fee"
            invoices.append(invoice)
            if not invoice.get("disputed") and part > 0:
                self.due_on = min(self.due_on or due_on, due_on)
                self.invoice_ids.append(invoice["id"])
        rng.shuffle(invoices)
        self.account["invoices"] = invoices

    def _invoice_facts(self) -> None:
        """Facts in the place of invoices (3.8)."""
        bases = {"overdue_balance", "open_balance"} if "money" in self.blueprint.features else set()
        for name in sorted(INVOICE_FACTS):
            if name not in self.palette.used | bases | {"days_overdue"}:
                continue
            if name in bases or self.rng.random() < 0.85:
                self._give_number(name)
        if "days_overdue" in self.account:
            self.due_on = self.today - dt.timedelta(days=self.account["days_overdue"])

    def _history_facts(self) -> None:
        """Facts in the place of history (3.8)."""
        for name in sorted(HISTORY_FACTS - {"last_rule"}):
            if name in self.palette.used and self.rng.random() < 0.8:
                self.account[name] = max(0, self._near(name, self.rng.randint(0, 4)))

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
            self.account[name] = self._amount(max(0, self._near(name, usual * 10 ** exponent(self.currency))))
        elif declaration.type == "decimal":
            value = min(max(self._near(name, usual), 0), 10**declaration.places)
            self.account[name] = format(Decimal(value).scaleb(-declaration.places), "f")
        else:
            value = self._near(name, usual)
            counted = declaration.type == "integer" or name in ("tenure_days", "invoice_age_days")
            self.account[name] = max(0, value) if counted else value

    # History

    def _history(self) -> list[dict[str, Any]]:
        entries = [self._entry() for _ in range(self.rng.choice((0, 0, 1, 2, 3, 4, 6, 9)))]
        if self.rng.random() < 0.7:
            entries.sort(key=lambda entry: dt.datetime.fromisoformat(entry["at"]))
        return entries

    def _entry(self) -> dict[str, Any]:
        rng = self.rng
        at = self._instant()
        roll = rng.random()
        if roll < 0.04:
            return {"reset": True, "at": at}
        if roll < 0.09:
            marker: dict[str, Any] = {"level": rng.randint(0, 5), "at": at}
            return marker | self._episode()
        rule = rng.choice(self.blueprint.rules)
        entry: dict[str, Any] = {"rule": rule["id"], "at": at, **self._episode()}
        then = rule["then"]
        if rng.random() < 0.05:
            entry |= {"rule": "gone", "action": "send_reminder", "channel": "email"}
            entry |= {"level": rng.randint(1, 4)} if rng.random() < 0.7 else {}
            return entry
        if rng.random() < 0.6:
            entry["action"] = then["action"]
        if "level" in rule and rng.random() < 0.6:
            entry["level"] = rule["level"]
        if then["action"] in CONTACT_ACTIONS and rng.random() < 0.85:
            entry["channel"] = rng.choice(("email", "email", "phone", "sms", "letter"))
        if "along_with" in then and any("channel" in item for item in then["along_with"]) and rng.random() < 0.85:
            entry["also"] = [rng.choice(("email", "phone"))]
        if "pay_within_days" in then and rng.random() < 0.9:
            entry["pay_by"] = (self.today + dt.timedelta(days=rng.randint(-12, 10))).isoformat()
        self._charge(entry, then)
        return entry | self._whose()

    def _whose(self) -> dict[str, Any]:
        rng = self.rng
        roll = rng.random()
        if roll < 0.08:
            return {"ruleset": "another", "action": rng.choice(("retry_payment", "send_reminder"))}
        if roll < 0.14:
            self.account["party"] = "P-1"
            return {"account": "A-other"}
        if roll < 0.2:
            return {"ruleset": self.blueprint.doc["ruleset"], "account": self.account["id"]}
        if roll < 0.25:
            return {"result": "failed"}
        return {"result": "declined"} if roll < 0.28 else {}

    def _charge(self, entry: dict[str, Any], then: dict[str, Any]) -> None:
        """What the entry says of fees, where the rule has any."""
        rng = self.rng
        unit = 10 ** exponent(self.currency)
        fees = sorted(self.blueprint.doc.get("fees", {}))

        def fee(name: str) -> dict[str, Any]:
            amount = format(Decimal(rng.randint(1, 9) * unit).scaleb(-exponent(self.currency)), "f")
            return {"name": name, "amount": amount, "currency": self.currency}

        if "announce_fee" in then:
            entry["announced_fee"] = fee(then["announce_fee"] if rng.random() < 0.9 else "fee-gone")
        if "fee" in then and fees:
            entry["fee"] = fee(rng.choice(fees) if then["fee"] == "announced" else then["fee"])
        if fees and self.invoice_ids and rng.random() < 0.5:
            entry["invoices"] = rng.sample(self.invoice_ids, rng.randint(1, len(self.invoice_ids)))

    def _episode(self) -> dict[str, Any]:
        roll = self.rng.random()
        if roll < 0.35 and self.due_on is not None:
            return {"episode": self.due_on.isoformat()}
        if roll < 0.42:
            return {"episode": (self.today - dt.timedelta(days=90)).isoformat()}
        return {}

    def _instant(self) -> str:
        rng = self.rng
        on = self.today - dt.timedelta(days=rng.choice((0, 1, 2, 3, 5, 6, 7, 8, 10, 14, 29, 30, 31, 60, 200)))
        if rng.random() < 0.02:
            on = self.today + dt.timedelta(days=1)
        time = rng.choice((dt.time(0), dt.time(0, 1), dt.time(23, 59), dt.time(10), dt.time(10)))
        moment = to_moment(on, time, self.zone)
        return (moment if rng.random() < 0.5 else moment.astimezone(self.zone)).isoformat()
