"""Ruleset versions: immutable, idempotent by digest, on two time axes."""

import asyncio
import datetime as dt
from typing import Any

import asyncpg
import pytest

from store.errors import OwnApproval, Unstorable
from store.rulesets import EventKind, Provenance, RulesetDraft
from store.store import Store
from store.verifying import verify_log

pytestmark = pytest.mark.anyio

PROVENANCE = Provenance(
    publisher="ci",
    repository="https://git.example/rules",
    commit="3f2c",
    author="Ada",
    committer="Bob",
    committed_at=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
)


def draft(ruleset_id: str, digest: str, **more: Any) -> RulesetDraft:
    """Make a draft of which only the named parts matter."""
    return RulesetDraft(ruleset_id=ruleset_id, digest=digest, text=f"text of {digest}", canonical=digest, **more)


async def test_a_version_is_read_back_as_it_was_published(store: Store) -> None:
    """Texts, dates, warnings and provenance come back unchanged, under number 1."""
    given = draft(
        "whole",
        "sha256:a",
        facts_text="facts: {}",
        scorecard_text="scorecards: {}",
        guarantees_text="guarantees: []",
        verdicts='[{"id": "g", "verdict": "proved"}]',
        suite_text="cases: []",
        holidays='["2026-12-25"]',
        diagnostics='[{"code": "W1"}]',
        effective_from=dt.date(2026, 1, 1),
        effective_until=dt.date(2027, 1, 1),
    )
    published = await store.rulesets.publish(given, PROVENANCE)
    assert (published.is_new, published.version.number) == (True, 1)
    assert published.version.draft == given
    assert published.version.provenance == PROVENANCE
    assert await store.rulesets.read_version("whole", 1) == published.version
    assert await store.rulesets.read_by_digest("whole", "sha256:a") == published.version
    assert await store.rulesets.read_version("whole", 2) is None


async def test_publishing_the_same_digest_again_answers_the_first_version(store: Store) -> None:
    """The same content is one version, whoever publishes it again and whatever came after it."""
    first = await store.rulesets.publish(draft("again", "sha256:a"), PROVENANCE)
    await store.rulesets.publish(draft("again", "sha256:b"), PROVENANCE)
    again = await store.rulesets.publish(draft("again", "sha256:a"), Provenance(publisher="somebody else"))
    assert not again.is_new
    assert again.version == first.version


async def test_the_same_publication_from_many_sides_makes_one_version(store: Store) -> None:
    """Of twenty that publish the same content at once exactly one makes the version, and all are told of it."""
    drafts = [draft("race", f"sha256:{number % 2}") for number in range(20)]
    answers = await asyncio.gather(*(store.rulesets.publish(each, PROVENANCE) for each in drafts))
    assert sum(answer.is_new for answer in answers) == 2
    assert [head.number for head in await store.rulesets.list_versions("race")] == [2, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dunning.ruleset_versions SET text = 'other'",
        "DELETE FROM dunning.ruleset_versions",
        "TRUNCATE dunning.ruleset_versions CASCADE",
        "UPDATE dunning.ruleset_events SET actor = 'other'",
        "DELETE FROM dunning.ruleset_events",
        "TRUNCATE dunning.ruleset_events",
    ],
)
async def test_a_version_cannot_be_changed_by_the_tables_owner(store: Store, statement: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    await store.rulesets.publish(draft("immutable", "sha256:a"), PROVENANCE)
    await store.rulesets.record_event("immutable", 1, "approve", actor="Eve")
    with pytest.raises(asyncpg.RestrictViolationError, match="written once and for good"):
        await store.database.fetch(statement)


async def test_what_was_in_use_is_answered_for_any_instant(store: Store) -> None:
    """A retired version is still in use for an instant before its retirement, and again after its activation."""
    first = (await store.rulesets.publish(draft("axes", "sha256:a"), PROVENANCE)).version
    second = (await store.rulesets.publish(draft("axes", "sha256:b"), PROVENANCE)).version
    retired = await store.rulesets.record_event("axes", 2, "retire", actor="ops", note="wrong fee")
    activated = await store.rulesets.record_event("axes", 2, "activate", actor="ops")

    async def numbers(known_at: dt.datetime | None) -> list[int]:
        active = await store.rulesets.active_at(known_at)
        return [version.number for version in active if version.draft.ruleset_id == "axes"]

    moment = dt.timedelta(microseconds=1)
    assert await numbers(first.published_at - moment) == []
    assert await numbers(second.published_at - moment) == [1]
    assert await numbers(second.published_at) == [2]
    assert await numbers(retired.at) == [1]
    assert await numbers(activated.at) == [2]
    assert await numbers(None) == [2]
    assert await store.rulesets.list_events("axes", 2) == (retired, activated)


async def test_a_version_is_left_out_only_when_a_higher_one_covers_all_its_days(store: Store) -> None:
    """Of overlapping periods those stay in use that still own a day."""
    year = {number: dt.date(number, 1, 1) for number in (2026, 2027, 2028)}
    periods = [
        (year[2026], None),
        (year[2027], None),
        (year[2026], year[2027]),
        (year[2027], year[2028]),
    ]
    for number, (start, end) in enumerate(periods, start=1):
        each = draft("periods", f"sha256:{number}", effective_from=start, effective_until=end)
        await store.rulesets.publish(each, PROVENANCE)
    active = [version.number for version in await store.rulesets.active_at() if version.draft.ruleset_id == "periods"]
    assert active == [1, 2, 3, 4]
    await store.rulesets.publish(draft("periods", "sha256:5", effective_from=year[2027]), PROVENANCE)
    active = [version.number for version in await store.rulesets.active_at() if version.draft.ruleset_id == "periods"]
    assert active == [1, 3, 5]


async def test_an_event_of_an_unknown_version_is_refused(store: Store) -> None:
    """Nothing can be retired that was never published."""
    with pytest.raises(LookupError, match="no version 7"):
        await store.rulesets.record_event("nothing", 7, "retire", actor="ops")


async def test_other_replicas_hear_of_a_publication(store: Store, database_url: str) -> None:
    """A listener of another process' store is called after the version is committed."""
    async with await Store.open(database_url) as replica:
        heard: asyncio.Queue[int] = asyncio.Queue()

        async def count() -> None:
            heard.put_nowait(len(await replica.rulesets.list_versions("news")))

        replica.notices.subscribe("rulesets", count)
        assert await heard.get() == 0
        await store.rulesets.publish(draft("news", "sha256:a"), PROVENANCE)
        assert await heard.get() == 1


async def test_a_text_that_cannot_be_stored_is_refused_by_name(store: Store) -> None:
    """A NUL character is refused as the caller's mistake, not as a failure of ours."""
    with pytest.raises(Unstorable):
        await store.rulesets.publish(RulesetDraft(ruleset_id="nul", digest="d", text="\0", canonical=""), PROVENANCE)


async def test_one_person_with_two_tokens_is_no_second_one(store: Store) -> None:
    """Where tokens name a person, neither a second token nor a command of that person approves what it published."""
    ann, again = [(await store.tokens.create(name, frozenset(), person="ann")).token.id for name in ("one", "two")]
    carl, nobody = [(await store.tokens.create("c", frozenset(), person=name)).token.id for name in ("carl", None)]
    for number, (publisher, approver) in enumerate([(ann, again), ("command:ann", again), (ann, "command:ann")], 1):
        await store.rulesets.publish(draft("persons", f"sha256:{number}"), Provenance(publisher=publisher))
        with pytest.raises(OwnApproval):
            await store.rulesets.record_event("persons", number, "approve", actor=approver)
    for number, approver in enumerate([carl, nobody, "command:carl"], 1):
        await store.rulesets.record_event("persons", number, "approve", actor=approver)


@pytest.mark.parametrize("kind", ["retire", "activate"])
async def test_one_person_with_two_tokens_does_not_approve_its_own_wish(store: Store, kind: EventKind) -> None:
    """With four eyes, of two who ask to retire or activate a version, each must be another person."""
    ann, again = [(await store.tokens.create(name, frozenset(), person="ann")).token.id for name in ("one", "two")]
    carl = (await store.tokens.create("c", frozenset(), person="carl")).token.id
    await store.rulesets.publish(draft(f"wished-{kind}", "sha256:1"), Provenance(publisher=carl))
    await store.rulesets.switch_four_eyes(is_on=True, actor="command:root")
    try:
        assert (await store.rulesets.record_event(f"wished-{kind}", 1, kind, actor=ann)).approval == "waits"
        for other in (ann, again, "command:ann"):
            with pytest.raises(OwnApproval):
                await store.rulesets.record_event(f"wished-{kind}", 1, kind, actor=other)
        assert (await store.rulesets.record_event(f"wished-{kind}", 1, kind, actor=carl)).approval == "approves"
    finally:
        await store.rulesets.switch_four_eyes(is_on=False, actor="command:root")


async def test_a_second_approval_is_not_logged_again(store: Store) -> None:
    """Who approves what is approved is answered the first approval; nothing is added to the log."""
    await store.rulesets.publish(draft("twice", "sha256:a"), PROVENANCE)
    first = await store.rulesets.record_event("twice", 1, "approve", actor="bob", note="read it")
    size = (await store.log.read_head()).size
    assert await store.rulesets.record_event("twice", 1, "approve", actor="carl") == first
    assert (await store.log.read_head()).size == size


async def test_four_eyes_are_a_setting_of_the_database(empty_database_url: str) -> None:
    """Whoever uses the database is bound by it; each switch is a line of the log, and what is so already is none."""
    async with await Store.open(empty_database_url) as store, await Store.open(empty_database_url) as other:
        assert not await store.rulesets.needs_four_eyes()
        assert not await store.rulesets.switch_four_eyes(is_on=False, actor="command:ann")
        assert await store.rulesets.switch_four_eyes(is_on=True, actor="command:ann", name="ann")
        assert not await other.rulesets.switch_four_eyes(is_on=True, actor="command:bob")
        published = await other.rulesets.publish(draft("four", "sha256:a"), PROVENANCE)
        assert published.version.approval_required
        assert await store.rulesets.switch_four_eyes(is_on=False, actor="command:bob")
        lines = [line.fields async for line in store.log.stream_others() if line.kind == "setting"]
        assert [(line["subject"], line["value"], line["actor"], line["name"]) for line in lines] == [
            ("four_eyes", True, "command:ann", "ann"),
            ("four_eyes", False, "command:bob", None),
        ]
        async with store.database.connection() as connection:
            assert (await verify_log(connection)).findings == ()
