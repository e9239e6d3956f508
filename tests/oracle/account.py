"""The account document and its facts on a day (language.md 3, 5.2, 5.4)."""

import datetime as dt
from typing import Any

import msgspec

from tests.oracle.clock import days_between, to_date, zone_named
from tests.oracle.past import Past
from tests.oracle.ruleset import Ruleset
from tests.oracle.values import NUMERIC, OracleInputError, exponent, scale, value_given
from tests.oracle.vocabulary import ACCOUNT_KEYS, HISTORY_FACTS, INVOICE_FACTS


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """An open, undisputed invoice."""

    id: str
    due_on: dt.date
    open: int
    issued_on: dt.date | None
    amount: int | None
    is_fee: bool


def read_invoices(account: dict[str, Any]) -> list[Invoice]:
    """The open undisputed invoices, by due date, then id."""
    places = exponent(account["currency"])
    invoices = [
        Invoice(
            id=node["id"],
            due_on=to_date(node["due_on"]),
            open=scale(node["open"], places),
            issued_on=to_date(node["issued_on"]) if node.get("issued_on") is not None else None,
            amount=scale(node["amount"], places) if node.get("amount") is not None else None,
            is_fee=node.get("kind") == "fee",
        )
        for node in account.get("invoices") or []
        if not node.get("disputed", False)
    ]
    return sorted((item for item in invoices if item.open > 0), key=lambda item: (item.due_on, item.id))


def zone_of(account: dict[str, Any], ruleset: Ruleset) -> dt.tzinfo:
    """The zone whose today it is."""
    return zone_named(account.get("timezone") or ruleset.timezone)


class Subject:
    """One account under one ruleset, its given facts typed."""

    def __init__(self, account: dict[str, Any], ruleset: Ruleset, asked_on: dt.date) -> None:
        self.account = account
        self.ruleset = ruleset
        self.has_invoices = "invoices" in account
        self.invoices = read_invoices(account)
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
            if (self.has_invoices and name in INVOICE_FACTS) or (has_history and name in HISTORY_FACTS):
                raise OracleInputError(name)
        for name in sorted(self.ruleset.used):
            if self.ruleset.declarations[name].needed and name not in self.given:
                raise OracleInputError(name)
        if self.ruleset.needs_channels and "channels" not in self.given:
            raise OracleInputError("channels")

    @property
    def episode(self) -> dt.date | None:
        """The due date of the oldest open undisputed invoice (5.4)."""
        if self.has_invoices:
            return self.invoices[0].due_on if self.invoices else None
        if "days_overdue" in self.given:
            return self.facts_on - dt.timedelta(days=self.given["days_overdue"])
        return None

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
        if name in self.given:
            value = self.given[name]
            if declaration.moves and declaration.type in NUMERIC:
                value += declaration.moves * days_between(self.facts_on, today)
            return value
        if name in INVOICE_FACTS and self.has_invoices:
            return invoice_fact(name, self.invoices, today)
        if name in HISTORY_FACTS and past is not None:
            return history_fact(name, past, today)
        if name in self.ruleset.defaults:
            return self.ruleset.defaults[name]
        return frozenset() if declaration.type == "set" else None

    def basis(self, name: str, today: dt.date, past: Past) -> int:
        """The basis of a fee: dunning costs are left out of it (3.1, 3.6)."""
        if name in INVOICE_FACTS and self.has_invoices:
            value = invoice_fact(name, [item for item in self.invoices if not item.is_fee], today)
        else:
            value = self.fact(name, today, past)
        if value is None:
            raise OracleInputError(name)
        return int(value)


def overdue(invoices: list[Invoice], today: dt.date) -> list[Invoice]:
    """Those whose due date has passed."""
    return [item for item in invoices if item.due_on < today]


def invoice_fact(name: str, invoices: list[Invoice], today: dt.date) -> int | None:
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
