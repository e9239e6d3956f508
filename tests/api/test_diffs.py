"""Versions compared over HTTP: what `dunning diff` says, once for a pair, and beside decisions."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from api import comparing
from api.comparing import Comparer
from engine.comparison.compare import compare
from engine.comparison.difference import Difference
from engine.loading.load import load_ruleset
from engine.model.ruleset import Ruleset
from tests.api.auditing import Bench, start
from tests.api.examples import REMINDER

pytestmark = pytest.mark.anyio
LATER = REMINDER.replace("days_overdue: 3..", "days_overdue: 5..")


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service with two versions of a ruleset."""
    async with start(empty_database_url) as bench:
        for text in (REMINDER, LATER):
            answer = await bench.ann.post("/v1/rulesets", content=text, headers={"Content-Type": "application/yaml"})
            assert answer.status_code == 201, answer.text
        yield bench


def load(text: str) -> Ruleset:
    """The ruleset of a text."""
    loaded = load_ruleset(text)
    assert loaded.ruleset is not None
    return loaded.ruleset


async def test_a_comparison_says_what_the_command_says(bench: Bench) -> None:
    """The verdict in a sentence, every row with its places and a sample account; and it is not sent twice."""
    found = await bench.ann.get("/v1/rulesets/nl-consumer/diff?from=1&to=2")
    answer = found.json()
    assert answer["verdict"] == "1 way in which decisions differ."
    (row,) = answer["difference"]["editions"][0]["rows"]
    assert row["sample"]["account"]["days_overdue"] in {3, 4}
    assert row["becomes"] == ["no rule wins (it waits, or there is nothing to do)"]
    again = await bench.ann.get(
        "/v1/rulesets/nl-consumer/diff?from=1&to=2", headers={"If-None-Match": found.headers["ETag"]}
    )
    assert again.status_code == 304


async def test_a_pair_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked twice at once, and again later, two versions are compared once; the oldest pair is let go."""
    asked: list[str] = []

    def count(old: Ruleset, new: Ruleset) -> Difference:
        asked.append(new.digest)
        return compare(old, new)

    monkeypatch.setattr(comparing, "compare", count)
    old, new = load(REMINDER), load(LATER)
    comparer = Comparer(limit=1)
    first, second = await asyncio.gather(comparer.compare(old, new), comparer.compare(old, new))
    assert first is second
    assert asked == [new.digest]
    await comparer.compare(new, old)
    await comparer.compare(old, new)
    assert asked == [new.digest, old.digest, new.digest]
