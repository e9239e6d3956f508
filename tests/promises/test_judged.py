"""Promises are judged as the table beside this says, and as an oracle does that shares no code."""

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from engine.evaluation.outcomes import read_outcomes
from engine.evaluation.promises import count_broken, judge_on, open_promise, promises_of, to_be_collected
from engine.evaluation.routing import parse_as_of
from engine.model.businessdays import first_moment_of
from engine.model.money import parse_amount
from engine.model.outcome import Outcome, Promise
from tests.oracle.tables import Loader
from tests.promises.oracle import HOURS, judge
from tests.properties import CASES as PROPERTY_CASES

ZONE = ZoneInfo("Europe/Amsterdam")
CASES: list[dict[str, Any]] = yaml.load(  # it makes strings only
    (Path(__file__).parent / "judged.yaml").read_text(encoding="utf-8"),
    Loader=Loader,  # noqa: S506
)
MIDNIGHT = dt.datetime(2026, 3, 1, tzinfo=ZONE)


def _ask(case: dict[str, Any]) -> tuple[tuple[Promise, ...], dt.datetime]:
    as_of = parse_as_of(case["as_of"])
    instant = as_of.astimezone(ZONE) if isinstance(as_of, dt.datetime) else first_moment_of(as_of, ZONE)
    return promises_of(read_outcomes(case["outcomes"], currency="EUR", zone=ZONE), instant, tolerance_days=2), instant


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_promise_is_judged_as_the_page_says(case: dict[str, Any]) -> None:
    """Its state, what was paid of it, and the two facts that are drawn on that day."""
    promises, as_of = _ask(case)
    expected = {name: (state, parse_amount(paid, "EUR")) for name, (state, paid) in case["promises"].items()}
    assert {each.id: (each.state, each.paid) for each in promises} == expected
    assert count_broken(promises) == int(case.get("broken", 0))
    meant = open_promise(promises)
    assert (None if meant is None else str((meant.by - as_of.date()).days)) == case.get("in_days")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_comes_later_is_told_beforehand(case: dict[str, Any]) -> None:
    """Where nothing more happens, a promise is on a later day what it will then be judged as."""
    asked, as_of = _ask(case)
    known = [each for each in read_outcomes(case["outcomes"], currency="EUR", zone=ZONE) if each.is_known_at(as_of)]
    for days in range(25):
        later = as_of + dt.timedelta(days=days)
        assert judge_on(asked, later.date()) == promises_of(known, later, tolerance_days=2)


def test_what_is_promised_is_not_asked_for() -> None:
    """An open promise takes off what is left of it, a kept or broken one nothing; never below 0."""
    case: dict[str, Any] = {
        "outcomes": [
            {"id": "A", "type": "promise", "at": "2026-03-01", "by": "2026-03-02", "amount": "10"},
            {"id": "B", "type": "promise", "at": "2026-03-05", "by": "2026-03-20", "amount": "50"},
            {"id": "Z", "type": "payment", "at": "2026-03-06", "amount": "20"},
        ],
        "as_of": "2026-03-07",
    }
    promises, _ = _ask(case)
    assert [to_be_collected(owed, promises) for owed in (100_00, 30_00, 29_99)] == [70_00, 0, 0]


@pytest.mark.property
def test_random_outcomes_are_judged_as_the_oracle_does() -> None:
    """Few invoices, small amounts, many at one instant, so that all meet."""
    rng = random.Random(20261129)
    states: set[str] = set()
    for number in range(PROPERTY_CASES):
        outcomes = [_make(rng, f"{kind[:2]}{n}", kind) for n, kind in enumerate(_kinds(rng))]
        rng.shuffle(outcomes)
        promised = [each["id"] for each in outcomes if each["type"] == "promise"]
        for each in outcomes:
            if each["type"] == "promise_withdrawn" and promised and rng.random() < 0.5:
                each["promise"] = rng.choice(promised)
        now = rng.randrange(20 * HOURS)
        judged = promises_of([_write(each) for each in outcomes], MIDNIGHT + dt.timedelta(hours=now), tolerance_days=2)
        expected = judge(outcomes, now)
        states |= {state for state, _ in expected.values()}
        assert {each.id: (each.state, each.paid) for each in judged} == expected, (number, now, outcomes)
    assert states == {"open", "kept", "partly_kept", "broken", "withdrawn"}


def _kinds(rng: random.Random) -> list[str]:
    kinds = ["promise", "promise", "payment", "payment", "refund", "chargeback", "promise_withdrawn", "complaint"]
    return [rng.choice(kinds) for _ in range(rng.randint(1, 9))]


def _make(rng: random.Random, name: str, kind: str) -> dict[str, Any]:
    at = rng.randrange(12) * 12
    outcome: dict[str, Any] = {"id": name, "type": kind, "at": at}
    if kind in {"promise", "payment", "refund", "chargeback"}:
        outcome["amount"] = rng.randint(1, 6)
    if kind == "promise":
        outcome["by"] = at // HOURS + rng.randint(0, 6)
    if rng.random() < 0.4:
        outcome["invoice"] = rng.choice(["I1", "I2"])
    return outcome


def _write(outcome: dict[str, Any]) -> Outcome:
    at = MIDNIGHT + dt.timedelta(hours=outcome["at"])
    by = outcome.get("by")
    return Outcome(
        id=outcome["id"],
        type=outcome["type"],
        at=at,
        day=at.date(),
        amount=outcome.get("amount"),
        invoice=outcome.get("invoice"),
        by=None if by is None else MIDNIGHT.date() + dt.timedelta(days=by),
        promise=outcome.get("promise"),
    )


def test_amounts_are_read_exactly() -> None:
    """A decimal, a text and a whole number of one amount are one; in a currency without places too."""
    for amount, currency, minor in ((Decimal("49.9"), "EUR", 4990), ("49.90", "EUR", 4990), (49, "JPY", 49)):
        written = [{"id": "Z", "type": "payment", "at": "2026-03-01", "amount": amount}]
        (read,) = read_outcomes(written, currency=currency, zone=ZONE)
        assert read.amount == minor
