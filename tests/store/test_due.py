"""The questions about stored accounts: asked again by whatever changes the answer, held by one at a time."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Sequence

import pytest

from store.accounts import ImportedLine
from store.due import DueAnswer, DueQuestion
from store.identifiers import make_id
from store.rulesets import Provenance, RulesetDraft
from store.store import Store
from tests.waiting import until

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
EVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
MANY = 1000
ANN = Provenance(publisher="ann")


@pytest.fixture
async def store(empty_database_url: str) -> AsyncIterator[Store]:
    """A store of the test's own, whose migration has nothing left to ask about."""
    async with await Store.open(empty_database_url) as opened:
        await settle(opened)
        yield opened


def write(**facts: object) -> bytes:
    """Write an account document."""
    return json.dumps({"currency": "EUR", **facts}).encode()


async def settle(store: Store, asked: dict[str, str] | None = None) -> list[str]:
    """Answer every question for good, as by the rulesets given; names what was asked about, in order."""
    while await store.due.work_off_mark(most=2):
        pass
    async with store.due.take(EVER, most=MANY) as taken:
        await taken.answer([never(each, (asked or {}).get(each.account_id)) for each in taken.questions])
    return sorted(each.account_id for each in taken.questions)


def never(question: DueQuestion, ruleset: str | None = None) -> DueAnswer:
    """Answer a question for good."""
    return DueAnswer(account_id=question.account_id, track=question.track, ask_at=None, ruleset_id=ruleset)


async def publish(store: Store, ruleset_id: str, **keys: object) -> None:
    """Publish a version of which only its coverage matters."""
    canonical = json.dumps({"ruleset": ruleset_id, **keys})
    draft = RulesetDraft(ruleset_id=ruleset_id, digest=make_id(), text="", canonical=canonical)
    await store.rulesets.publish(draft, ANN)


async def test_what_changes_is_asked_again(store: Store) -> None:
    """A new document and a changed one, by whatever way they come; the same document is no change."""
    await store.accounts.put("put", write())
    await store.accounts.import_lines([ImportedLine(id=name, document=write()) for name in ("first", "second")])
    assert await settle(store) == ["first", "put", "second"]
    await store.accounts.put("put", write())
    await store.accounts.import_lines([ImportedLine(id="first", document=write())])
    assert await settle(store) == []
    await store.accounts.patch("put", b'{"disputed": true}', lambda _: None)
    await store.accounts.import_lines([ImportedLine(id="second", document=write(disputed=True))])
    assert await settle(store) == ["put", "second"]


async def test_what_was_executed_is_asked_again_for_the_whole_party(store: Store) -> None:
    """Contacts of one account count for its party's others; who joins or leaves a party changes its contacts too."""
    for name, party in (("anna-1", "anna"), ("anna-2", "anna"), ("bert", None)):
        await store.accounts.put(name, write(party=party) if party else write())
    await settle(store)
    await store.history.record("anna-1", b"{}", at=AT)
    assert await settle(store) == ["anna-1", "anna-2"]
    await store.history.record("bert", b"{}", at=AT)
    assert await settle(store) == ["bert"]
    await store.accounts.put("bert", write(party="anna"))
    assert await settle(store) == ["anna-1", "anna-2", "bert"]
    await store.accounts.put("anna-1", write(party="alone"))
    assert await settle(store) == ["anna-1", "anna-2", "bert"]
    await store.erasures.erase("bert", actor="test")
    assert await settle(store) == ["anna-2"]


@pytest.mark.parametrize(
    ("covered", "asked"),
    [
        ({}, ["be", "nl", "nul", "silent", "smb"]),
        ({"country": "NL"}, ["nl", "nul", "silent", "smb"]),
        ({"country": ["BE", "NO"]}, ["be", "nul", "silent"]),
        ({"country": {"not": "NL"}}, ["be", "nl", "nul", "silent", "smb"]),
        ({"country": "NL", "segment": "consumer"}, ["nl", "nul", "silent"]),
        ({"any": [{"country": "NL"}]}, ["be", "nl", "nul", "silent", "smb"]),
    ],
)
async def test_a_version_in_use_asks_whom_it_may_cover(
    store: Store, covered: dict[str, object], asked: Sequence[str]
) -> None:
    """Those of its currency, by country and segment where it names them; whoever says nothing of one may be covered."""
    await store.accounts.put("nl", write(country="NL", segment="consumer"))
    await store.accounts.put("smb", write(country="NL", segment="smb"))
    await store.accounts.put("be", write(country="BE"))
    await store.accounts.put("us", write(country="NL").replace(b"EUR", b"USD"))
    await store.accounts.put("silent", write())
    await store.accounts.put("nul", b'{"currency": "EUR", "country": "DE", "note": "\\u0000"}')
    await settle(store)
    await publish(store, "new", currency="EUR", applies_to=covered)
    assert await settle(store) == asked


async def test_a_version_asks_whom_its_ruleset_answered(store: Store) -> None:
    """Whom the version before covered, and this one no more, is asked about too; and who had no answer."""
    for name in ("covered", "refused", "other"):
        await store.accounts.put(name, write(country="BE"))
    await settle(store, {"covered": "mine", "other": "another"})
    await store.database.fetch("UPDATE dunning.due SET problem = 'no day' WHERE account_id = 'refused'")
    await publish(store, "mine", currency="EUR", applies_to={"country": "NL"})
    assert await settle(store) == ["covered", "refused"]


async def test_a_version_that_waits_for_other_eyes_asks_nobody(store: Store) -> None:
    """Only once it is approved; the same holds of retiring it."""
    await store.rulesets.switch_four_eyes(is_on=True, actor="test")
    await store.accounts.put("anna", write())
    await settle(store)
    await publish(store, "mine", currency="EUR")
    assert await settle(store) == []
    await store.rulesets.record_event("mine", 1, "approve", actor="bob")
    assert await settle(store) == ["anna"]
    await store.rulesets.record_event("mine", 1, "retire", actor="ann")
    assert await settle(store) == []
    await store.rulesets.record_event("mine", 1, "retire", actor="bob")
    assert await settle(store) == ["anna"]


async def test_an_account_is_asked_once_in_each_track(store: Store) -> None:
    """A track that comes into use asks about all that is stored, and from then on about what is new."""
    await store.accounts.put("old", write())
    await publish(store, "other", currency="EUR", track="collection")
    await store.accounts.put("new", write())
    assert await settle(store) == ["new", "new", "old", "old"]
    assert await store.due.read("old", "collection") is not None


async def test_a_question_is_held_by_one(store: Store) -> None:
    """Two who take at once share no question; what was held and not answered can be taken again."""
    await store.accounts.import_lines([ImportedLine(id=f"A-{n}", document=write()) for n in range(10)])
    async with store.due.take(EVER, most=6) as first, store.due.take(EVER, most=6) as second:
        held = [{each.account_id for each in taken.questions} for taken in (first, second)]
        assert [len(each) for each in held] == [6, 4]
        assert not held[0] & held[1]
        await second.answer([never(each) for each in second.questions])
    assert set(await settle(store)) == held[0]


async def test_what_changes_while_it_is_asked_is_asked_again(store: Store) -> None:
    """A change that comes between the reading and the answer waits for the answer, and then counts."""
    await store.accounts.put("anna", write())
    async with store.due.take(EVER, most=MANY) as taken:
        change = asyncio.create_task(store.accounts.put("anna", write(disputed=True)))
        await until(lambda: store.database.fetchval("SELECT true FROM pg_locks WHERE NOT granted LIMIT 1"))
        await taken.answer([never(each) for each in taken.questions])
    await change
    assert await settle(store) == ["anna"]


async def test_a_question_comes_when_its_time_has_come(store: Store) -> None:
    """Not a moment before; the oldest says how late all is."""
    await store.accounts.put("anna", write())
    await settle(store)
    assert await store.due.find_oldest(EVER) is None
    await store.database.fetch("UPDATE dunning.due SET ask_at = $1", AT)
    moment = dt.timedelta(microseconds=1)
    for now, count in ((AT - moment, 0), (AT, 1)):
        async with store.due.take(now, most=MANY) as taken:
            assert len(taken.questions) == count
        assert await store.due.find_oldest(now) == (AT if count else None)


async def test_a_change_that_is_being_marked_counts_as_waiting(store: Store) -> None:
    """Questions that a version in use has yet to ask are as old as its publication."""
    await store.accounts.put("anna", write())
    await settle(store)
    await publish(store, "new", currency="EUR")
    published = (await store.rulesets.list_versions("new"))[0].published_at
    oldest = await store.due.find_oldest(AT)
    assert oldest is not None
    assert oldest >= published


async def test_questions_go_with_their_account(store: Store) -> None:
    """Nothing of an erased account stays in what was answered."""
    await store.accounts.put("anna", write())
    await settle(store)
    await store.erasures.erase("anna", actor="test")
    assert await store.due.read("anna", "dunning") is None
