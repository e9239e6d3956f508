"""What the version before decided, the version after decides again, byte for byte.

The log is of the language's second edition. Where the third reads a history otherwise, what it meant is said in its
words first (`restating`); everything else is asked as it was.

scripts/make_logged_decisions.py made the log with the code of commit 46ac9fa; it is never made again.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from api.replaying import Remembered, remember, replay
from api.shelf import Shelf
from cli.main import main
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from engine.evaluation.routing import parse_as_of
from engine.model.decision import encode_decision
from engine.model.language import LANGUAGE_EDITION
from engine.network.session import Session
from store.decisionrecords import DecisionRecord
from store.decisions import DecisionFilter
from store.identifiers import instant_of
from store.store import Store
from tests.agreement.logged import read_log
from tests.agreement.restating import Clause, counting_by_episodes, restate

COUNT_BY_EXAMPLES = 1000  # they come first, and one file is replayed in parts so that no test is long
COUNT_BY_RANDOM_RULESETS = 960
COUNT_DIFFERENT_TODAY = 207  # all of them by random rulesets
COUNTS_BY_CLAUSE: dict[Clause, int] = {
    "5.4 before the day of issue": 111,
    "5.4a between episodes": 140,
    "5.4b countdowns": 2,
}
SLICES = 4
FEWEST_OF_A_KIND = 20
KINDS = (
    *("act", "wait", "blocked", "none", "not_covered", "otherwise"),
    *("fee", "interest", "pay_by", "along_with", "sent_before", "warnings", "upcoming", "review_on", "variants"),
    *("explain none", "explain reason", "explain rules", "explain full", "limit reached", "related history"),
)


@pytest.fixture(scope="module")
def log_url(database_url: str) -> str:
    """Store the versions and the decisions as they were stored then, and name the database."""

    async def fill() -> None:
        versions, records = read_log()
        async with await Store.open(database_url) as store:
            await store.decision_log.append_many(records)  # first: a log takes nothing older than what is in it
            for version in versions:
                published = await store.rulesets.publish(version.draft, version.provenance)
                assert published.version.number == version.number

    asyncio.run(fill())
    return database_url


@pytest.mark.parametrize(
    ("side", "count", "different"),
    [("--until", COUNT_BY_EXAMPLES, 0), ("--since", COUNT_BY_RANDOM_RULESETS, COUNT_DIFFERENT_TODAY)],
)
def test_replay_gives_the_bytes_of_the_version_before(
    log_url: str, monkeypatch: pytest.MonkeyPatch, side: str, count: int, different: int
) -> None:
    """`dunning replay` finds no difference but by the edition, and those are told."""
    first_random = instant_of(read_log()[1][COUNT_BY_EXAMPLES].id)
    monkeypatch.setenv("DATABASE_URL", log_url)
    result = CliRunner().invoke(main, ["replay", "--workers", "1", "--format", "json", side, first_random.isoformat()])
    said = json.loads(result.stdout)
    assert said["differences"] == []
    assert (said["equal_count"], said["earlier_edition_count"]) == (count - different, different)
    assert (said["erased_count"], result.exit_code) == (0, 0)


@pytest.mark.anyio
@pytest.mark.parametrize("number", range(SLICES))
async def test_a_live_decision_gives_the_bytes_of_the_version_before(
    log_url: str, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A replay decides by masks; durable_rules is asked at every live decision of a ruleset, and answers the same."""
    different: list[str] = []
    not_asked: list[str] = []
    events: list[str] = []
    match = Session.match

    def record(session: Session, event: str) -> int | None:
        events.append(event)
        return match(session, event)

    monkeypatch.setattr(Session, "match", record)
    async with await Store.open(log_url) as store:
        shelf = Shelf(store.rulesets)
        logged = [each async for page in store.decisions.stream(DecisionFilter()) for each in page]
        length = len(logged) // SLICES
        for remembered in map(remember, logged[number * length : (number + 1) * length]):
            events.clear()
            rulesets = await shelf.take(remembered.rulesets)
            restated = restate(remembered, rulesets)
            is_by_countdown = "5.4b countdowns" in restated.clauses
            with counting_by_episodes(rulesets) if is_by_countdown else nullcontext():
                answer = restated.in_old_words(decide_live(restated.remembered, rulesets))
            not_asked += [] if events or b'"not_covered"' in answer else [remembered.decision_id]
            different += [] if answer == remembered.answer else [remembered.decision_id]
        shelf.close()
    assert (different, not_asked) == ([], [])


@pytest.mark.anyio
async def test_what_is_restated_is_told_by_its_clause(log_url: str) -> None:
    """The clauses concern so many decisions; every other one is asked as it was logged."""
    counts: Counter[Clause] = Counter()
    async with await Store.open(log_url) as store:
        shelf = Shelf(store.rulesets)
        async for page in store.decisions.stream(DecisionFilter()):
            for remembered in map(remember, page):
                restated = restate(remembered, await shelf.take(remembered.rulesets))
                counts.update(restated.clauses)
                assert restated.clauses or restated.remembered == remembered
        shelf.close()
    assert counts == COUNTS_BY_CLAUSE


def test_every_kind_of_decision_is_there() -> None:
    """The log has every outcome, every level of explanation, money, limits, experiments and related history."""
    kinds = Counter(kind for record in read_log()[1] for kind in name_kinds(record))
    assert [kind for kind in KINDS if kinds[kind] < FEWEST_OF_A_KIND] == []


def decide_live(remembered: Remembered, rulesets: Sequence[Compiled]) -> bytes:
    """Decide as an ask does, in the words of then."""
    options = remembered.options
    decision = next_action(
        rulesets,
        remembered.account,
        remembered.history,
        as_of=parse_as_of(options.as_of),
        track=options.track,
        ruleset=options.ruleset,
        explain=options.explain,
        decision_id=remembered.decision_id,
        language_edition=options.language_edition,
    )
    return encode_decision(decision)


def name_kinds(record: DecisionRecord) -> set[str]:
    """Say what a decision is an example of."""
    answer: dict[str, Any] = json.loads(record.answer)
    closed = answer.get("explanation", {}).get("closed_channels", ())
    kinds = {key for key, value in {**answer, **(answer["action"] or {})}.items() if value}
    kinds |= {answer["outcome"], f"explain {json.loads(record.input)['options']['explain']}"}
    kinds |= {"otherwise"} if answer["outcome"] == "act" and answer["rule"] is None else set()
    kinds |= {"limit reached"} if any("limit" in channel["reason"] for channel in closed) else set()
    return kinds | ({"related history"} if record.related else set())


def test_a_decision_of_an_earlier_edition_that_differs_is_no_difference(log_url: str) -> None:
    """It is told by its edition; the same decision logged today differs, and an equal one is equal."""

    async def try_one() -> None:
        async with await Store.open(log_url) as store:
            logged = await store.decisions.read(read_log()[1][0].id)
            assert logged is not None
            shelf = Shelf(store.rulesets)
            then = remember(logged)
            rulesets = await shelf.take(then.rulesets)
            forged = msgspec.structs.replace(then, answer=then.answer.replace(b'"sent_before":', b'"sent_before":9'))
            options = msgspec.structs.replace(forged.options, language_edition=LANGUAGE_EDITION)
            today = msgspec.structs.replace(forged, options=options)
            equal, earlier, differing = (replay(each, rulesets) for each in (then, forged, today))
            assert (equal.is_equal, equal.is_of_earlier_edition) == (True, False)
            assert (earlier.is_equal, earlier.is_of_earlier_edition, earlier.language_edition) == (False, True, 2)
            assert (differing.is_equal, differing.is_of_earlier_edition) == (False, False)
            shelf.close()

    asyncio.run(try_one())
