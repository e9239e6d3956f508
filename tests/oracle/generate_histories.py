"""Random histories of an account, near the days, episodes and invoices at which an entry begins or ceases to count."""

import datetime as dt
import random
import zoneinfo
from decimal import Decimal
from typing import Any

from tests.oracle.clock import add_months, to_moment
from tests.oracle.generate_numbers import Numbers
from tests.oracle.invoices import open_on, read_invoices
from tests.oracle.past import BETWEEN
from tests.oracle.values import exponent
from tests.oracle.vocabulary import CONTACT_ACTIONS, INVOICE_FACTS

COUNTDOWNS = ("days_until_renewal", "card_expires_in_days", "promise_to_pay_in_days", "hold_days_left", "c_days")
DAYS_AGO = (0, 1, 2, 3, 5, 6, 7, 8, 10, 14, 29, 30, 31, 60, 200)


class HistoryMaker:
    """Makes the history of one account, whose facts are already there."""

    def __init__(self, numbers: Numbers, account: dict[str, Any], today: dt.date, zone: zoneinfo.ZoneInfo) -> None:
        self.rng: random.Random = numbers.rng
        self.numbers = numbers
        self.blueprint = numbers.blueprint
        self.account = account
        self.today = today
        self.zone = zone
        invoices = read_invoices(account)
        ignored = self.blueprint.doc.get("ignore_below", 0) if numbers.currency in self.blueprint.currencies else 0
        open_now = open_on(invoices, today, numbers.minor(ignored)).invoices
        self.open_ids = [item.id for item in open_now]
        self.other_ids = [item.id for item in invoices if item.id not in self.open_ids] + ["I0"]
        self.issue_days = [item.issued_on for item in open_now if item.issued_on is not None]
        self.episode = BETWEEN
        if open_now:
            self.episode = open_now[0].due_on.isoformat()
        elif "invoices" not in account and "days_overdue" in account:
            self.episode = (self._facts_on() - dt.timedelta(days=account["days_overdue"])).isoformat()
        self.later_episodes = [item.due_on.isoformat() for item in invoices]
        resting = [rule for rule in self.blueprint.rules if "repeat" in rule or self._counts_down(rule)]
        rows = [rule for rule in self.blueprint.rules if rule["id"].startswith("t")]
        named = self.rng.choice([resting[:2], rows, []]) or resting or self.blueprint.rules
        self.favourites = self.rng.sample(named, min(2, len(named)))

    def make(self) -> list[dict[str, Any]]:
        """The entries, mostly in order."""
        rng = self.rng
        entries = [self._entry() for _ in range(rng.choice((0, 0, 1, 2, 3, 4, 6, 9)))]
        if rng.random() < 0.7:
            entries.sort(key=lambda entry: dt.datetime.fromisoformat(entry["at"]))
        return entries

    def _counts_down(self, rule: dict[str, Any]) -> bool:
        """Whether the rule speaks of a fact that counts down, and may so have a window of its own."""
        falling = [name for name in rule.get("when", {}) if name in COUNTDOWNS and name in self.account]
        return "level" not in rule and bool(falling)

    def _facts_on(self) -> dt.date:
        return dt.date.fromisoformat(self.account.get("facts_on", self.today.isoformat()))

    def _entry(self) -> dict[str, Any]:
        rng = self.rng
        roll = rng.random()
        if roll < 0.04:
            return {"reset": True, "at": self._at(self._day())}
        if roll < 0.09:
            return {"level": rng.randint(0, 5), "at": self._at(self._day()), **self._episode()}
        rule = rng.choice(self.favourites if rng.random() < 0.5 else self.blueprint.rules)
        entry: dict[str, Any] = {"rule": rule["id"], "at": self._at(self._day_of(rule)), **self._episode()}
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
        self._name_invoices(entry)
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
        fees = sorted(self.blueprint.doc.get("fees", {}))

        def fee(name: str) -> dict[str, Any]:
            minor = rng.randint(1, 9) * self.numbers.unit
            amount = format(Decimal(minor).scaleb(-exponent(self.numbers.currency)), "f")
            return {"name": name, "amount": amount, "currency": self.numbers.currency}

        if "announce_fee" in then:
            entry["announced_fee"] = fee(then["announce_fee"] if rng.random() < 0.9 else "fee-gone")
        if "fee" in then and fees:
            entry["fee"] = fee(rng.choice(fees) if then["fee"] == "announced" else then["fee"])
        elif fees and rng.random() < 0.2:
            entry["fee"] = fee(rng.choice(fees))

    def _name_invoices(self, entry: dict[str, Any]) -> None:
        """Name open invoices where there are fees, and any or none that is open where that decides something."""
        rng = self.rng
        roll = rng.random()
        if "episodes" in self.blueprint.features and roll < 0.2:
            names = rng.sample(self.other_ids, rng.randint(1, min(2, len(self.other_ids))))
            entry["invoices"] = names + ([rng.choice(self.open_ids)] if self.open_ids and rng.random() < 0.3 else [])
        elif self.open_ids and roll < (0.5 if "fees" in self.blueprint.doc else 0.25):
            entry["invoices"] = rng.sample(self.open_ids, rng.randint(1, len(self.open_ids)))

    def _episode(self) -> dict[str, Any]:
        roll = self.rng.random()
        if roll < 0.35 and (self.episode != BETWEEN or "episodes" in self.blueprint.features):
            return {"episode": self.episode}
        if roll < 0.42:
            return {"episode": (self.today - dt.timedelta(days=90)).isoformat()}
        if "episodes" in self.blueprint.features:
            if roll < 0.46:
                return {"episode": BETWEEN}
            if roll < 0.52 and self.later_episodes:
                return {"episode": self.rng.choice(self.later_episodes)}
        return {}

    def _day(self) -> dt.date:
        rng = self.rng
        if rng.random() < 0.02:
            return self.today + dt.timedelta(days=1)
        if "episodes" in self.blueprint.features and self.issue_days and rng.random() < 0.15:
            return min(self.issue_days) + dt.timedelta(days=rng.choice((-1, 0)))
        return self.today - dt.timedelta(days=rng.choice(DAYS_AGO))

    def _day_of(self, rule: dict[str, Any]) -> dt.date:
        """A day on which the rule's rest, or its window, begins or ends."""
        rng = self.rng
        beside = dt.timedelta(days=rng.choice((-1, 0, 0, 1)))
        if rng.random() < 0.5:
            if "every_months" in rule.get("repeat", {}):
                months = rule["repeat"]["every_months"] * rng.choice((1, 1, 2, 3))
                return add_months(self.today, -months) + (beside if rng.random() < 0.5 else dt.timedelta())
            if "every_business_days" in rule.get("repeat", {}):
                return self.today - dt.timedelta(days=rule["repeat"]["every_business_days"] + rng.randint(0, 2))
            for name in rule.get("when", {}):
                begins = self._window_from(name)
                if begins is not None and begins + beside <= self.today:
                    return begins + beside
        return self._day()

    def _window_from(self, name: str) -> dt.date | None:
        """A day on which a fact that counts down was at a threshold."""
        known = self.numbers.palette.thresholds.get(name)
        value = self.account.get(name)
        if not known or value is None or name in INVOICE_FACTS or self.numbers.palette.declaration(name).moves >= 0:
            return None
        return self._facts_on() + dt.timedelta(days=value - self.rng.choice(known))

    def _at(self, on: dt.date) -> str:
        rng = self.rng
        time = rng.choice((dt.time(0), dt.time(0, 1), dt.time(23, 59), dt.time(10), dt.time(10)))
        moment = to_moment(on, time, self.zone)
        return (moment if rng.random() < 0.5 else moment.astimezone(self.zone)).isoformat()
