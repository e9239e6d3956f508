"""Scorecards over HTTP: they belong to the version, are a decision's reason, and are replayed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.outlines import outline_version
from api.versions import load_version
from store.verifying import verify_log
from tests.api.auditing import Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER

pytestmark = pytest.mark.anyio
CARD = """\
never_score: [country]
scorecards:
  risk_score:
    about: More points, more risk.
    base: 10
    points:
      broken_promises: {classes: [{when: 0, points: 0}, {when: 1..2, points: 15}], otherwise: 40}
      vip: {classes: [{when: true, points: -5}], otherwise: 0}
"""
TEXT = REMINDER.replace("{days_overdue: 3..}", "{days_overdue: 3.., risk_score: {at_least: 25}}")
RISKY = ANNA | {"broken_promises": 2}


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service of the test's own."""
    async with start(empty_database_url) as bench:
        yield bench


async def publish(bench: Bench, *, text: str = TEXT, card: str = CARD) -> int:
    """Publish the ruleset with a scorecard, and answer under which number."""
    answer = await bench.ann.post("/v1/rulesets", json={"text": text, "scorecard": card})
    assert answer.status_code in {200, 201}, answer.text
    number: int = answer.json()["version"]
    return number


async def ask(bench: Bench, account: dict[str, Any]) -> dict[str, Any]:
    """Ask what comes next, with the reasons."""
    body = {"account": account, "as_of": AS_OF, "explain": "full"}
    answer = await bench.ann.post("/v1/next-action", json=body)
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.json()
    return decision


async def test_the_points_are_the_reason(bench: Bench) -> None:
    """A decision says the score and its points; the logged one is replayed, also after the points are others."""
    await publish(bench)
    decision = await ask(bench, RISKY)
    assert decision["rule"]["id"] == "friendly-reminder"
    assert decision["reason"] == "5 days overdue; risk score 25 (10, +15 for broken promises)"
    assert decision["explanation"]["scores"] == {
        "risk_score": {
            "value": 25,
            "base": 10,
            "points": {
                "broken_promises": {"value": "2", "points": 15},
                "vip": {"value": "false", "points": 0},
            },
        }
    }
    assert await publish(bench, card=CARD.replace("points: 15", "points: 14")) == 2
    assert (await ask(bench, RISKY))["rule"] is None
    replay = (await bench.ann.post(f"/v1/decisions/{decision['decision_id']}/replay")).json()
    assert replay["replayed"] == decision


async def test_a_version_keeps_its_scorecards(bench: Bench) -> None:
    """The scorecard.yaml is read back as written, is part of the digest, and the log knows it."""
    assert await publish(bench) == 1
    assert await publish(bench, card=f"# White space is no meaning.\n\n{CARD}") == 1
    assert (await bench.ann.get("/v1/rulesets/nl-consumer/versions/1")).json()["scorecard"] == CARD
    version = await bench.store.rulesets.read_version("nl-consumer", 1)
    assert version is not None
    assert "risk_score" in load_version(version).editions["EUR"].scorecards
    async with bench.store.database.connection() as connection:
        assert (await verify_log(connection)).findings == ()


async def test_a_score_says_whom_a_ruleset_covers(bench: Bench) -> None:
    """What a version covers is known before it is prepared, also where a score says it."""
    await publish(bench, text=REMINDER.replace("{country: NL}", "{country: NL, risk_score: ..24}"))
    version = await bench.store.rulesets.read_version("nl-consumer", 1)
    assert version is not None
    assert outline_version(version).programs["EUR"].coverage_facts == {
        "country", "risk_score", "broken_promises", "vip",
    }  # fmt: skip
    assert (await ask(bench, RISKY))["outcome"] == "not_covered"
    assert (await ask(bench, ANNA))["outcome"] == "act"


async def test_nobody_gives_a_score(bench: Bench) -> None:
    """An account that brings the score itself is refused, with what to do."""
    await publish(bench)
    answer = await bench.ann.post("/v1/next-action", json={"account": ANNA | {"risk_score": 25}, "as_of": AS_OF})
    assert answer.status_code == 422
    assert "risk_score is worked out by a scorecard of this ruleset; leave it out" in answer.text


async def test_a_forbidden_fact_keeps_a_ruleset_from_being_published(bench: Bench) -> None:
    """A scorecard that uses what the folder forbids is refused, at its line; nothing is published."""
    card = CARD.replace("      vip: ", "      country: {classes: [{when: NL, points: 1}], otherwise: 0}\n      vip: ")
    answer = await bench.ann.post("/v1/rulesets", json={"text": TEXT, "scorecard": card})
    assert answer.status_code == 422
    (found,) = [each for each in answer.json()["diagnostics"] if each["code"] == "scored-fact-forbidden"]
    assert (found["file"], found["line"]) == ("scorecard.yaml", 8)
    assert (await bench.ann.get("/v1/rulesets/nl-consumer")).status_code == 404
