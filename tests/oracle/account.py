"""The account document and its facts on a day (language.md 3, 5.2, 5.4)."""

import datetime as dt
from typing import Any

from tests.oracle.clock import days_between, to_date, zone_named
from tests.oracle.invoices import Invoice, OpenItems, open_on, overdue, read_invoices
from tests.oracle.past import BETWEEN, Past
from tests.oracle.ruleset import Rule, Ruleset
from tests.oracle.values import NUMERIC, OracleInputError, value_given
from tests.oracle.vocabulary import ACCOUNT_KEYS, HISTORY_FACTS, INVOICE_FACTS


def zone_of(account: dict[str, Any], ruleset: Ruleset) -> dt.tzinfo:
    """The zone whose today it is."""
    return zone_named(account.get("timezone") or ruleset.timezone)


class Subject:
    """One account under one ruleset, its given facts typed."""

    def __init__(self, account: dict[str, Any], ruleset: Ruleset, asked_on: dt.date) -> None:
        self.account = account
        self.ruleset = ruleset
        self.has_invoices = "invoices" in account
        self.all_invoices = read_invoices(account)
        self.open_items: dict[dt.date, OpenItems] = {}
        self.facts_on = to_date(account["facts_on"]) if account.get("facts_on") is not None else asked_on
        self.given: dict[str, Any] = {}

    def read_facts(self, names: frozenset[str] | None = None) -> None:
        """Type the given facts, all of them or those named."""
        declarations, currency = self.ruleset.declarations, self.account["currency"]
        for name, raw in self.account.items():
            if name in ACCOUNT_KEYS or name not in declarations or (names is not None and name not in names):
                continue
            self.given[name] = value_given(name, declarations[name], raw, currency)

    def check_facts(self, *, has_history: bool) -> None:
        """Refuse a fact beside what it is drawn from, and a needed fact that is not given."""
        for name in self.given:
            if (
                name in self.ruleset.cards
                or (self.has_invoices and name in INVOICE_FACTS)
                or (has_history and name in HISTORY_FACTS)
            ):
                raise OracleInputError(name)
        for name in sorted(self.ruleset.used):
            if self.ruleset.declarations[name].needed and name not in self.given:
                raise OracleInputError(name)
        if self.ruleset.needs_channels and "channels" not in self.given:
            raise OracleInputError("channels")

    def open_on(self, today: dt.date) -> OpenItems:
        """What is open and undisputed on that day, and the credits used for it."""
        if today not in self.open_items:
            self.open_items[today] = open_on(self.all_invoices, today, self.ruleset.ignore_below)
        return self.open_items[today]

    def invoices_on(self, today: dt.date) -> tuple[Invoice, ...]:
        """The invoices open and undisputed on that day."""
        return self.open_on(today).invoices

    def oldest_due_on(self, today: dt.date) -> dt.date | None:
        """The due date of the oldest invoice that is open and undisputed on that day (5.4)."""
        if self.has_invoices:
            invoices = self.invoices_on(today)
            return invoices[0].due_on if invoices else None
        if "days_overdue" in self.given:
            return self.facts_on - dt.timedelta(days=self.given["days_overdue"])
        return None

    def episode(self, today: dt.date) -> str:
        """The name of that day's episode (5.4, 5.4a)."""
        due_on = self.oldest_due_on(today)
        return BETWEEN if due_on is None else due_on.isoformat()

    def window_from(self, rule: Rule, today: dt.date) -> dt.date | None:
        """The first day of a countdown rule's own window on a day; None where the episode stands (5.4b)."""
        days: list[dt.date] = []
        for name, highest in rule.countdowns:
            default = self.ruleset.defaults.get(name)
            if name in self.given:
                days.append(self.facts_on + dt.timedelta(days=self.given[name] - highest))
            elif isinstance(default, int):  # it stands still
                days.append(today + dt.timedelta(days=default - highest))
        return max(days, default=None)

    def facts(self, today: dt.date, past: Past | None, names: frozenset[str]) -> dict[str, Any]:
        """The named facts that are present on that day."""
        found: dict[str, Any] = {}
        for name in names:
            value = self.fact(name, today, past)
            if value is not None:
                found[name] = value
        return found

    def fact(self, name: str, today: dt.date, past: Past | None) -> Any:
        """A fact on that day, None where it is missing."""
        declaration = self.ruleset.declarations[name]
        if name in self.ruleset.cards:
            card = self.ruleset.cards[name]
            return card.total(self.facts(today, past, card.facts))
        if name in self.given:
            value = self.given[name]
            if declaration.moves and declaration.type in NUMERIC:
                value += declaration.moves * days_between(self.facts_on, today)
            return value
        if name in INVOICE_FACTS and self.has_invoices:
            return invoice_fact(name, self.invoices_on(today), today)
        if name in HISTORY_FACTS and past is not None:
            return history_fact(name, past, today)
        if name in self.ruleset.defaults:
            return self.ruleset.defaults[name]
        return frozenset() if declaration.type == "set" else None

    def basis(self, name: str, today: dt.date, past: Past) -> int:
        """The basis of a fee: dunning costs are left out of it (3.1, 3.6)."""
        if name in INVOICE_FACTS and self.has_invoices:
            owed = tuple(item for item in self.invoices_on(today) if not item.is_fee)
            value = invoice_fact(name, owed, today)
        else:
            value = self.fact(name, today, past)
        if value is None:
            raise OracleInputError(name)
        return int(value)


def invoice_fact(name: str, invoices: tuple[Invoice, ...], today: dt.date) -> int | None:
    """A fact from open undisputed invoices (3.6)."""
    if name == "open_balance":
        return sum(item.open for item in invoices)
    if name == "overdue_balance":
        return sum(item.open for item in overdue(invoices, today))
    if name == "open_invoices":
        return len(invoices)
    if name == "overdue_invoices":
        return len(overdue(invoices, today))
    if name == "original_balance":
        amounts = [item.amount for item in invoices]
        return None if None in amounts else sum(amount for amount in amounts if amount is not None)
    if not invoices:
        return None
    if name == "days_overdue":
        return days_between(min(item.due_on for item in invoices), today)
    if name == "largest_invoice":
        return max(item.open for item in invoices)
    issued = [item.issued_on for item in invoices]
    if name == "invoice_age_days":
        known = [on for on in issued if on is not None]
        return None if len(known) < len(issued) else days_between(min(known), today)
    # last_invoice: the latest issued, ties by id; one without a day of issue comes before all that have one.
    return max(invoices, key=lambda item: (item.issued_on or dt.date.min, item.id)).open


def history_fact(name: str, past: Past, today: dt.date) -> int | str | None:
    """A fact from history (3.7)."""
    if name == "dunning_level":
        return past.level
    if name == "last_rule":
        return past.last_rule
    if name == "days_since_last_contact":
        return days_between(max(on for on, _ in past.contacts), today) if past.contacts else None
    return count_within([on for on, _ in past.contacts], today, 7 if name == "contacts_last_7_days" else 30)


def count_within(days: list[dt.date], today: dt.date, per_days: int) -> int:
    """How many of the days are today or one of the local days before, so many in all (5.5)."""
    return sum(days_between(on, today) < per_days for on in days)
