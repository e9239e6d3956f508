"""What is drawn from outcomes is what an oracle says that shares no code with it, in whatever order it happened."""

import datetime as dt
import random
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.coordinates.terms import Terms
from engine.evaluation.drawing import draw
from engine.evaluation.outcomes import read_outcomes
from engine.evaluation.program import compile_ruleset
from engine.evaluation.promises import promises_of, to_be_collected
from engine.loading.load import load_ruleset
from engine.model.account import Account, Invoice
from tests.promises import oracle
from tests.properties import CASES

Plain = dict[str, Any]
ZONE = ZoneInfo("Europe/Amsterdam")
MIDNIGHT = dt.datetime(2026, 3, 1, tzinfo=ZONE)
DUE_ON = dt.date(2026, 2, 1)
ACCOUNT = Account(
    id="anna",
    currency="EUR",
    zone=ZONE,
    invoices=tuple(Invoice(id=name, due_on=DUE_ON, open=1000) for name in ("I1", "I2")),
)
KINDS = ("promise", "promise", "payment", "refund", "promise_withdrawn", "dispute_opened", "dispute_closed")
RULESET = "{{ruleset: t, title: T, currency: EUR, timezone: Europe/Amsterdam, tolerance_days: {}, rules: []}}"


@cache
def terms_of(tolerance: int) -> Terms:
    """Return the terms of a ruleset with so many days of tolerance."""
    loaded = load_ruleset(RULESET.format(tolerance))
    assert loaded.ruleset is not None, loaded.diagnostics
    return compile_ruleset(loaded.ruleset).programs["EUR"].terms


@pytest.mark.property
def test_what_is_drawn_is_what_the_oracle_says() -> None:
    """The three facts, what is disputed, when a promise is judged, and what is left to be collected."""
    rng = random.Random(20261130)
    met = {"broken_promises": 0, "disputed": 0, "disputed_invoices": 0, "promised": 0, "promise_to_pay_in_days": 0}
    for number in range(CASES):
        outcomes = make_outcomes(rng)
        now, tolerance = rng.randrange(20 * oracle.HOURS), rng.randrange(4)
        expected = oracle.draw(outcomes, now, tolerance)
        case = (number, now, tolerance, outcomes)
        as_of = MIDNIGHT + dt.timedelta(hours=now)
        documents = [write(each) for each in outcomes]
        drawn = draw(ACCOUNT, documents, terms_of(tolerance), as_of=as_of)
        facts = drawn.drawn[0].facts
        has_promises = any(each["type"] == "promise" for each in outcomes)
        assert facts.get("broken_promises", 0) == expected["broken_promises"], case
        assert ("broken_promises" in facts) == has_promises, case
        assert facts.get("promise_to_pay_in_days") == expected.get("promise_to_pay_in_days"), case
        assert facts.get("disputed", False) is expected["disputed"], case
        assert {each.id for each in drawn.invoices or () if each.disputed} == expected["disputed_invoices"], case
        read = read_outcomes(documents, currency="EUR", zone=ZONE)
        promises = promises_of(read, as_of, tolerance_days=tolerance)
        judged_on = {each.id: (each.judged_on - MIDNIGHT.date()).days for each in promises if each.state == "open"}
        assert judged_on == expected["judged_on"], case
        assert to_be_collected(1000, promises) == max(0, 1000 - 100 * expected["promised"]), case
        for name in met:
            met[name] += bool(expected.get(name))
    assert all(met.values()), met


def make_outcomes(rng: random.Random) -> list[Plain]:
    """Make some outcomes as an oracle reads them, in the order they were recorded; few instants, so that many meet."""
    outcomes = [make_outcome(rng, f"{place}", rng.choice(KINDS)) for place in range(rng.randint(1, 9))]
    named = {"promise_withdrawn": ("promise", "promise"), "dispute_closed": ("dispute", "dispute_opened")}
    for each in outcomes:
        key, kind = named.get(each["type"], ("", ""))
        meant = [other["id"] for other in outcomes if other["type"] == kind]
        if meant and rng.random() < 0.5:
            each.pop("invoice", None)
            each[key] = rng.choice(meant)
    return outcomes


def make_outcome(rng: random.Random, name: str, kind: str) -> Plain:
    """Make an outcome, some of them recorded late."""
    at = rng.randrange(24) * 12
    outcome: Plain = {"id": name, "type": kind, "at": at}
    if kind in {"promise", "payment", "refund"}:
        outcome["amount"] = rng.randint(1, 6)
    if kind == "promise":
        outcome["by"] = at // oracle.HOURS + rng.randint(0, 6)
    if rng.random() < 0.4:
        outcome["invoice"] = rng.choice(["I1", "I2"])
    if rng.random() < 0.3:
        outcome["recorded"] = at + rng.randrange(10) * 12
    return outcome


def write(outcome: Plain) -> Plain:
    """Write an outcome as a document."""
    document = {key: value for key, value in outcome.items() if key != "recorded"}
    document["at"] = (MIDNIGHT + dt.timedelta(hours=outcome["at"])).isoformat()
    if "by" in outcome:
        document["by"] = (MIDNIGHT.date() + dt.timedelta(days=outcome["by"])).isoformat()
    if "recorded" in outcome:
        document["recorded_at"] = (MIDNIGHT + dt.timedelta(hours=outcome["recorded"])).isoformat()
    return document
