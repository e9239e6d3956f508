"""What the rows say of a caller's document is what the service says of it, sentence by sentence."""

import datetime as dt
import random
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.evaluation.accounts import AccountReader
from engine.evaluation.history import HistoryReader
from engine.evaluation.reading import read_currency, read_zone
from engine.loading.grammar.documents import (
    find_call_problems,
    find_entry_problems,
    find_header_problems,
    find_invoice_problems,
)
from engine.model.account import AccountInvalid, Problem
from engine.model.ruleset import Action, BestTime, Edition, Schedule
from engine.model.vocabulary import STANDARD_FACTS

UTC = ZoneInfo("UTC")
EDITION = Edition(currency="EUR", facts=STANDARD_FACTS)
ACCOUNT: dict[str, Any] = {
    "id": "a",
    "currency": "EUR",
    "timezone": "Europe/Amsterdam",
    "party": "p",
    "facts_on": "2026-03-01",
    "invoices": [
        {"id": "I1", "due_on": "2026-03-01", "open": "49.95", "issued_on": "2026-02-01", "amount": 60},
        {"id": "I2", "due_on": "2026-03-02", "open": 10, "disputed": True, "kind": "fee", "held_until": "2026-04-01"},
        {"id": "I3", "due_on": "2026-03-02", "open": 10, "payments": [{"on": "2026-03-05", "amount": 5}]},
    ],
}
FEE = {"name": "late", "amount": "40.00", "currency": "EUR"}
ENTRY: dict[str, Any] = {
    "rule": "letter", "at": "2026-03-01T12:00:00Z", "action": "send_reminder", "ruleset": "r", "account": "a",
    "level": 2, "channel": "email", "also": ["sms"], "episode": "2026-02-01", "invoices": ["I1"],
    "pay_by": "2026-03-09", "announced_fee": FEE, "fee": FEE, "result": "declined", "decision_id": "d",
}  # fmt: skip
JUNK: list[Any] = [None, True, 0, -1, 10_001, 1.5, Decimal("1.005"), 10**20, "x", "", "x" * 257, "a\0b", "2026-02-30"]
JUNK += ["1899-12-31", "2026-03-01T09:00", dt.date(2026, 3, 1), "failed", "EUR", [], [1], ["fax"], ["email", 3], {}]
JUNK += [{"name": "x"}, {**FEE, "currency": "EUX"}, {**FEE, "amount": "x"}]
JUNK += [[{"on": "2026-03-01", "amount": each}] for each in (0, -1, "0.01", "x", None, 2**52)]
JUNK += [[{"on": each, "amount": 1, "by": "card"}] for each in ("1899-12-31", 3, None)]


def problems_of(ask: Callable[[], object]) -> set[tuple[str, str]]:
    """Return what the service says."""
    try:
        ask()
    except AccountInvalid as invalid:
        return pairs(invalid.problems)
    return set()


def pairs(problems: Iterable[Problem]) -> set[tuple[str, str]]:
    """Return places and sentences."""
    return {(problem.pointer, problem.message) for problem in problems}


def spoil(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Put junk in the place of some values, under new keys, or take keys away."""
    spoilt = dict(document)
    for _ in range(chance.choice([1, 1, 2, 3])):
        key = chance.choice([*document, "stray"])
        if chance.random() < 0.2:
            spoilt.pop(key, None)
        else:
            spoilt[key] = chance.choice(JUNK)
    return spoilt


@pytest.mark.parametrize("seed", range(400))
def test_says_of_accounts_what_the_service_says(seed: int) -> None:
    """Header and invoices: the same places, the same words."""
    chance = random.Random(seed)
    account = dict(ACCOUNT)
    if chance.random() < 0.5:
        account = spoil(account, chance)
    if account.get("invoices") is ACCOUNT["invoices"]:
        account["invoices"] = [spoil(each, chance) if chance.random() < 0.5 else each for each in account["invoices"]]
    account.pop("stray", None)
    said = problems_of(lambda: read_currency(account)) | problems_of(lambda: read_zone(account, UTC))
    said |= problems_of(lambda: AccountReader(EDITION, frozenset()).read(account, UTC, known_elsewhere=frozenset()))
    found = pairs(find_header_problems(account))
    if account.get("invoices") is not None:
        found |= pairs(find_invoice_problems(account["invoices"], "EUR"))
    assert found == said


CALLS = {"window": "18-20", "of": "segment", "answered": 18, "calls": 100}
AT_BEST_HOUR = Edition(
    currency="EUR",
    facts=STANDARD_FACTS,
    otherwise=Action(type="place_call", channels=("phone",), schedule=Schedule(time=BestTime())),
)


@pytest.mark.parametrize(
    ("calls", "pointer", "message"),
    [
        ([CALLS | {"answered": 100}], None, ""),
        ([CALLS | {"answered": 101}], "/0/answered", "101 calls were answered of 100; no more can be than were made"),
        ([CALLS, CALLS | {"of": "all"}, CALLS], "/2/window", "the window 18-20 of segment is there twice"),
        ([CALLS | {"window": "19-21"}], "/0/window", "19-21 is no window: 00-02, 02-04, "),
        ([CALLS | {"calls": -1}], "/0/calls", "calls is a whole number from 0 to"),
        ([CALLS | {"calls": "5"}], "/0/calls", "calls is a whole number from 0 to"),
        ([CALLS | {"calls": True}], "/0/calls", "calls is a whole number from 0 to"),
        ([{"window": "18-20", "answered": 18, "calls": 100}], "/0/of", "of is missing"),
        ([CALLS | {"rate": 1}], "/0/rate", "rate is no part of the calls of a window"),
        (["18-20"], "/0", "the calls of a window are a mapping, not a text"),
        ({"18-20": 5}, "", "call_hours is a list, not "),
    ],
)
def test_says_what_is_wrong_with_calls(calls: object, pointer: str | None, message: str) -> None:
    """Each fault of what is said of calls at its place, where a call of the ruleset waits for the best hour."""
    document = {**ACCOUNT, "call_hours": calls}
    reader = AccountReader(AT_BEST_HOUR, frozenset())
    said = problems_of(lambda: reader.read(document, UTC, known_elsewhere=frozenset()))
    expected = [] if pointer is None else [f"/account/call_hours{pointer}"]
    assert [place for place, _ in said] == expected
    assert all(words.startswith(message) for _, words in said)
    assert pairs(find_call_problems(calls)) == said


def test_calls_that_nobody_waits_for_are_not_read() -> None:
    """Where no call waits for the best hour, nothing is read of calls, and nothing refused."""
    account = AccountReader(EDITION, frozenset()).read({**ACCOUNT, "call_hours": 5}, UTC, known_elsewhere=frozenset())
    assert account.calls == ()


@pytest.mark.parametrize("key", ["issued_on", "amount", "disputed", "held_until", "kind", "payments"])
def test_null_in_an_invoice_is_left_out(key: str) -> None:
    """An invoice whose optional key is null is owed as one without it, not passed over."""
    reader = AccountReader(EDITION, frozenset())
    invoice = {"id": "I", "due_on": "2026-03-01", "open": 10}
    left_out, is_null = (
        reader.read({**ACCOUNT, "invoices": [each]}, UTC, known_elsewhere=frozenset())
        for each in (invoice, {**invoice, key: None})
    )
    assert left_out.invoices
    assert is_null == left_out


@pytest.mark.parametrize(
    ("payment", "pointer", "message"),
    [
        ({"on": "2026-03-05", "amount": 0}, "/amount", "amount is above 0, not 0"),
        ({"on": "2026-03-05", "amount": "-0.01"}, "/amount", "amount is above 0, not -0.01"),
        ({"on": "2026-03-05"}, "/amount", "amount is missing"),
        ({"amount": 5}, "/on", "on is missing"),
        ({"on": "2026-02-30", "amount": 5}, "/on", "on: there is no day 2026-02-30"),
        ({"on": "2026-03-05", "amount": 5, "by": "card"}, "/by", "by is no part of a payment: amount, on"),
        ("2026-03-05", "", "a payment is a mapping, not a text"),
    ],
)
def test_says_what_is_wrong_with_a_payment(payment: object, pointer: str, message: str) -> None:
    """Each fault of a part payment at its place; a payment of nothing, or less, is one."""
    invoices = [{"id": "I", "due_on": "2026-03-01", "open": 10, "payments": [payment]}]
    reader = AccountReader(EDITION, frozenset())
    said = problems_of(lambda: reader.read({**ACCOUNT, "invoices": invoices}, UTC, known_elsewhere=frozenset()))
    assert said == {(f"/account/invoices/0/payments/0{pointer}", message)}


def test_payments_are_added_to_what_was_owed() -> None:
    """What is open and what was paid must be a sum that can be reckoned with."""
    unit = 100
    invoices = [
        {"id": "I", "due_on": "2026-03-01", "open": 1, "payments": [{"on": "2026-03-05", "amount": 2**53 // unit}]}
    ]
    reader = AccountReader(EDITION, frozenset())
    said = problems_of(lambda: reader.read({**ACCOUNT, "invoices": invoices}, UTC, known_elsewhere=frozenset()))
    expected = "the invoices add up to more than ±2^53 of the currency's smallest unit"
    assert said == {("/account/invoices", expected)}


@pytest.mark.parametrize("seed", range(800))
def test_says_of_entries_what_the_service_says(seed: int) -> None:
    """Entries: the same, and what stands beside an unreadable instant as well."""
    chance = random.Random(seed)
    entry = spoil(ENTRY, chance)
    reader = HistoryReader("r", {})
    said = problems_of(lambda: reader.read([entry], account="a", zone=UTC, preferred=None))
    found = pairs(find_entry_problems(entry, "/history/0"))
    if any(pointer.endswith("/at") for pointer, _ in said):
        assert found >= said
    else:
        assert found == said


def test_a_needed_fact_that_cannot_be_read_is_not_called_missing() -> None:
    """What was given in another form was given: one sentence says what is wrong with it."""
    reader = AccountReader(EDITION, frozenset({"channels"}))
    given = problems_of(lambda: reader.read(ACCOUNT | {"channels": "email"}, UTC, known_elsewhere=frozenset()))
    assert given == {("/account/channels", "channels is a list of words, not a text; write [email]")}
    left_out = problems_of(lambda: reader.read(ACCOUNT | {"channels": None}, UTC, known_elsewhere=frozenset()))
    assert left_out == {("/account/channels", "channels is needed by this ruleset and was not given")}


@pytest.mark.parametrize(
    ("due_on", "said"),
    [
        ("2026-02-30", "due_on: there is no day 2026-02-30"),
        ("9999-12-31", "due_on is 9999-12-31, which lies outside the years 1900 to 2199"),
        ("soon", "due_on is a date such as 2026-11-20, not 'soon'"),
    ],
)
def test_a_date_that_cannot_be_reckoned_with_is_told_why(due_on: str, said: str) -> None:
    """A day that does not exist, one that lies too far away, and what is no date are told apart."""
    invoice = {"id": "I-1", "due_on": due_on, "open": 10}
    (problem,) = find_invoice_problems([invoice], "EUR")
    assert (problem.pointer, problem.message) == ("/account/invoices/0/due_on", said)
