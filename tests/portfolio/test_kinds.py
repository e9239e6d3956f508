"""What is found of one account holds of all that are of its kind, and of no other."""

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.evaluation.program import compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.evaluation.rulesets import Rulesets
from engine.loading.load import load_ruleset
from engine.portfolio.asking import Ask
from engine.portfolio.columns import HISTORY
from engine.portfolio.spreading import spread
from tests.oracle.generate import Case, random_accounts
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.portfolio.batches import compile_text, small, wanted
from tests.portfolio.threeways import assert_same
from tests.properties import CASES

CHUNKS = 4
CASES_A_RULESET = 3
ROWS_A_RULESET = 120
DATES = ("due_on", "issued_on", "held_until", "at", "pay_by")


@pytest.mark.property
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_accounts_that_differ_in_one_thing_are_told_apart(chunk: int) -> None:
    """Beside each account stand two like it, and two of each that differs from it in one fact, invoice or entry."""
    for number in range(CASES // CHUNKS // ROWS_A_RULESET + 1):
        rng = random.Random(f"kinds {number * CHUNKS + chunk}")
        blueprint = random_ruleset(rng, ALL_FEATURES - {"routing"})
        ruleset = load_ruleset(blueprint.text).ruleset
        assert ruleset is not None
        rulesets = Rulesets([compile_ruleset(ruleset)])
        for case in random_accounts(rng, blueprint, CASES_A_RULESET):
            texts = [
                msgspec.json.encode(document | {"id": f"{place}-{copy}"}).decode()
                for place, document in enumerate(_vary(case))
                for copy in range(2)
            ]
            assert_same(spread(texts, wanted(rulesets)), rulesets, Ask(as_of=parse_as_of(case.as_of)))


def _vary(case: Case) -> Iterator[dict[str, Any]]:
    """Yield the account, and what it would be with one thing taken away or moved by a day or a cent."""
    whole: dict[str, Any] = dict(case.account)
    if case.history is not None:
        whole[HISTORY] = case.history
    yield whole
    for name in whole.keys() - {"id", "currency", "invoices", HISTORY}:
        yield {key: value for key, value in whole.items() if key != name}
    for name in ("invoices", HISTORY):
        lists = whole.get(name) or []
        for place, item in enumerate(lists):
            for changed in (None, *_vary_item(item)):
                kept = [] if changed is None else [changed]
                yield whole | {name: [*lists[:place], *kept, *lists[place + 1 :]]}


def _vary_item(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in DATES:
        if isinstance(item.get(name), str) and len(item[name]) >= len("2026-03-01"):
            moved = dt.date.fromisoformat(item[name][:10]) - dt.timedelta(days=1)
            yield item | {name: moved.isoformat() + item[name][10:]}
    if isinstance(item.get("open"), str):
        for factor in (Decimal("0.1"), Decimal(10)):
            yield item | {"open": str(round(Decimal(item["open"]) * factor))}
    for name in item.keys() & {"channel", "level", "result", "invoices", "disputed", "also", "announced_fee"}:
        yield {key: value for key, value in item.items() if key != name}


def test_accounts_of_one_kind_keep_what_is_their_own() -> None:
    """A hundred accounts that owe amounts of their own, late by one of three days, are answered each as asked alone."""
    texts = [
        msgspec.json.encode(
            {
                "id": f"A{number}",
                "currency": "EUR",
                "channels": ["email"],
                "customer_value": f"{number}.00",
                "invoices": [{"id": f"I{number}", "due_on": f"2026-03-0{number % 3 + 1}", "open": f"{number}.50"}],
            }
        ).decode()
        for number in range(1, 101)
    ]
    batch = spread(texts, wanted(small()))
    assert assert_same(batch, small(), Ask(as_of=parse_as_of("2026-03-09")))[1] == {}


TERMS = """
ruleset: terms
title: Terms
currency: EUR
timezone: Europe/Amsterdam
rules:
  - id: notice
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}
  - id: suspend
    level: 2
    when: {overdue_balance: {at_least: 100}}
    after: {rule: notice, days: 1, from: pay_by}
    then: {action: suspend_service}
"""
NOTICE = {"rule": "notice", "at": "2026-03-05T09:00:00Z", "episode": "2026-03-01", "pay_by": "2026-03-20"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"pay_by": "2026-03-20", "open": "150.00"}, {"pay_by": "2026-03-25", "open": "150.00"}),
        ({"more": "49.99"}, {"more": "50.00"}),
        ({"more_due_on": "2026-04-01"}, {"more_due_on": "2026-04-02"}),
        ({"channels": ["letter"]}, {"channels": []}),
    ],
)
def test_what_changes_the_days_to_come_makes_another_kind(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Accounts that are answered alike today, and otherwise later, are two kinds."""
    rulesets = compile_text(TERMS)
    texts = []
    for number in range(8):
        given = one if number % 2 else other
        more = {"id": "J", "due_on": given.get("more_due_on", "2026-04-01"), "open": given.get("more", "50.00")}
        entry = NOTICE | {"pay_by": given.get("pay_by", "2026-03-20")}
        account = {"id": f"A{number}", "currency": "EUR", "channels": given.get("channels", ["letter"])}
        owed = {"id": "I", "due_on": "2026-03-01", "open": given.get("open", "50.00")}
        texts.append(msgspec.json.encode(account | {"invoices": [owed, more], HISTORY: [entry]}).decode())
    batch = spread(texts, wanted(rulesets))
    for as_of in ("2026-03-04", "2026-03-09"):
        assert assert_same(batch, rulesets, Ask(as_of=parse_as_of(as_of)))[1] == {}
