"""Erasure: facts go everywhere, lines stay, and nothing slips by."""

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncIterator

import pytest

from store.database import connect
from store.decisions import DecisionFilter
from store.erasures import Erasures
from store.errors import RevisionMismatch, UnknownAccount
from store.idempotency import KeptAnswer
from store.identifiers import first_id_at
from store.outcomes import NewOutcome
from store.store import Store
from store.verifying import Verification, verify_log
from tests.store.dumping import dump
from tests.store.loggers import AS_OF, fill, make_record, take_checkpoint
from tests.waiting import until

pytestmark = pytest.mark.anyio
NAMES = (f"E-{number}" for number in itertools.count())


@pytest.fixture
async def fresh(empty_database_url: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own."""
    async with await Store.open(empty_database_url) as opened:
        yield opened


async def verify(store: Store) -> Verification:
    """Prove a store's log against itself."""
    checkpoint = await take_checkpoint(store)
    async with store.database.connection(60) as connection:
        return await verify_log(connection, checkpoints=[checkpoint])


async def test_after_an_erasure_no_dump_of_the_database_holds_the_facts(fresh: Store, empty_database_url: str) -> None:
    """Document, history, outcomes, answers, inputs, and entries in decisions about the party's other accounts go."""
    fact = "marker-5f1c"
    await fill(fresh, 50)
    await fresh.accounts.put("mine", f'{{"party": "P", "name": "{fact}"}}'.encode())
    await fresh.accounts.put("other", b'{"party": "P"}')
    await fresh.history.record("mine", f'{{"pay_by": "{fact}"}}'.encode(), at=AS_OF)
    outcome = NewOutcome(id=fact, type="payment", at=AS_OF, outcome=f'{{"id": "{fact}"}}'.encode())
    await fresh.outcomes.record("mine", lambda _: [outcome])
    await fresh.decision_log.append(make_record(account_id="mine", answer=fact.encode(), input=fact.encode()))
    about_other = make_record(account_id="other", related=f'["{fact}"]'.encode(), related_accounts=("mine",))
    await fresh.decision_log.append(about_other)
    await fresh.idempotency.claim("t", "k", b"")
    await fresh.idempotency.keep("t", "k", KeptAnswer(status=200, body=fact.encode()), account_ids=["mine"])
    assert dump(empty_database_url).count(fact) == 8

    assert await fresh.erasures.erase("mine", actor="ann")

    assert fact not in dump(empty_database_url)
    verification = await verify(fresh)
    assert verification.findings == ()
    read = await fresh.decisions.read(about_other.id)
    assert read is not None
    assert (read.answer, read.related, read.related_accounts) == (about_other.answer, None, ("mine",))
    (mine,) = (await fresh.decisions.list(DecisionFilter(account_id="mine"))).decisions
    assert (mine.answer, mine.input) == (None, None)
    line = await fresh.database.fetchval("SELECT line FROM dunning.log_entries WHERE account_id = 'mine' ORDER BY 1")
    assert '"kind":"erasure"' in line
    assert '"account_id":"mine","actor":"ann","decisions_count":2}' in line


async def test_what_is_not_there_is_not_erased(store: Store) -> None:
    """Erasing twice, or what never was, says so and logs nothing."""
    name = next(NAMES)
    await store.accounts.put(name, b"{}")
    assert await store.erasures.erase(name, actor="ann")
    size = (await store.log.read_head()).size
    assert not await store.erasures.erase(name, actor="ann")
    assert not await store.erasures.erase("no\0name", actor="ann")
    assert (await store.log.read_head()).size == size


async def test_an_erasure_can_ask_for_a_revision(store: Store) -> None:
    """An account that changed since it was read is not erased."""
    name = next(NAMES)
    revision, _ = await store.accounts.put(name, b"{}")
    with pytest.raises(RevisionMismatch):
        await store.erasures.erase(name, actor="test", expected_revision=revision + 1)
    assert await store.erasures.erase(name, actor="test", expected_revision=revision)


async def test_a_decision_that_waits_while_its_account_is_erased_keeps_no_facts(fresh: Store) -> None:
    """What was read before an erasure and is logged after it is logged without facts; what is read later keeps them."""
    await fresh.accounts.put("late", b"{}")
    known = fresh.erasures.known
    await fresh.erasures.erase("late", actor="ann")
    late = make_record(account_id="late", known_erasures=known)
    related = make_record(account_id="other", related=b"[1]", related_accounts=("late",), known_erasures=known)
    again = make_record(account_id="late", known_erasures=fresh.erasures.known)
    unlike = make_record(account_id="other", known_erasures=known)
    await fresh.decision_log.append_many([late, related, again, unlike])
    read = {each.id: each for each in (await fresh.decisions.list(DecisionFilter())).decisions}
    assert (read[late.id].answer, read[late.id].input) == (None, None)
    assert (read[related.id].answer, read[related.id].related) == (related.answer, None)
    assert read[again.id].answer == again.answer
    assert read[unlike.id].answer == unlike.answer
    assert (await verify(fresh)).findings == ()


async def test_nothing_slips_by_an_erasure_under_load(fresh: Store) -> None:
    """However decisions, kept answers and erasures meet, no facts of an erased account are left once all is done."""
    accounts = [f"L-{number}" for number in range(20)]
    for name in accounts:
        await fresh.accounts.put(name, b"{}")

    async def decide(number: int, name: str) -> None:
        known = fresh.erasures.known
        if await fresh.accounts.read(name) is None:
            return
        await fresh.idempotency.claim("t", f"{name}-{number}", b"")
        await fresh.decision_log.append(make_record(number, account_id=name, answer=b"leak", known_erasures=known))
        answer = KeptAnswer(status=200, body=b"leak")
        await fresh.idempotency.keep("t", f"{name}-{number}", answer, account_ids=[name], known_erasures=known)

    async def load(name: str) -> None:
        for number in range(15):
            await decide(number, name)

    async def erase(name: str) -> None:
        wanted = DecisionFilter(account_id=name)

        async def is_decided() -> bool:
            return bool((await fresh.decisions.list(wanted)).decisions)

        await until(is_decided)
        await fresh.erasures.erase(name, actor="ann")

    await asyncio.gather(*(load(name) for name in accounts), *(erase(name) for name in accounts))
    left = "SELECT (SELECT count(*) FROM dunning.decisions WHERE answer = 'leak')"
    assert await fresh.database.fetchval(left) == 0
    assert await fresh.database.fetchval("SELECT count(*) FROM dunning.idempotency_keys WHERE body = 'leak'") == 0
    assert (await verify(fresh)).findings == ()


async def test_history_for_an_account_erased_meanwhile_is_refused(store: Store, database_url: str) -> None:
    """An entry that waits for an erasure finds no account any more."""
    name = next(NAMES)
    await store.accounts.put(name, b"{}")
    connection = await connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SELECT set_config('dunning.erasing', $1, true)", name)
    await connection.execute("DELETE FROM dunning.books WHERE account_id = $1", name)
    await connection.execute("DELETE FROM dunning.accounts WHERE id = $1", name)
    waiting = asyncio.create_task(store.history.record(name, b"{}", at=AS_OF))
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    await until(lambda: store.database.fetchval(waits))
    await transaction.commit()
    await connection.close()
    with pytest.raises(UnknownAccount):
        await waiting


async def test_other_processes_hear_of_an_erasure(store: Store, database_url: str) -> None:
    """What one process erased the others know of, so that their next decisions keep their facts."""
    name = next(NAMES)
    await store.accounts.put(name, b"{}")
    async with await Store.open(database_url) as other:
        heard = asyncio.Event()

        async def hear() -> None:
            heard.set()

        other.notices.subscribe("erasures", hear)
        await heard.wait()
        heard.clear()
        await store.erasures.erase(name, actor="ann")
        await heard.wait()
        assert other.erasures.known == store.erasures.known > 0
    late = Erasures(store.database, store.notices)
    await late.refresh()
    assert late.known == store.erasures.known


async def test_retention_takes_facts_by_age(fresh: Store) -> None:
    """Facts of decisions made before an instant go, later ones stay; it is logged, and the log stays whole."""
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    records = [
        make_record(number, id=first_id_at(day + dt.timedelta(days=number))[:-4] + f"{number:04x}")
        for number in range(30)
    ]
    await fresh.decision_log.append_many(records)
    before = day + dt.timedelta(days=12)
    done = [counts async for counts in fresh.erasures.erase_older(before, actor="command:ann")]
    assert done == [(12, 12)]
    page = await fresh.decisions.list(DecisionFilter())
    assert [each.at >= before for each in page.decisions] == [each.answer is not None for each in page.decisions]
    assert [each.at >= before for each in page.decisions if each.related_accounts] == [
        each.related is not None for each in page.decisions if each.related_accounts
    ]
    assert (await verify(fresh)).findings == ()
    assert [counts async for counts in fresh.erasures.erase_older(before, actor="command:ann")] == []
    assert await fresh.database.fetchval("SELECT count(*) FROM dunning.log_entries WHERE kind = 'retention'") == 1


async def test_facts_taken_away_without_an_erasure_are_found(fresh: Store) -> None:
    """What the database lets an owner do, taking facts away, is found where no erasure in the log says why."""
    await fill(fresh, 40)
    await fresh.database.fetch(
        "UPDATE dunning.decisions SET answer = NULL, input = NULL, salt = NULL WHERE account_id = 'A-3'"
    )
    await fresh.database.fetch(
        "UPDATE dunning.decisions SET related = NULL, related_salt = NULL WHERE account_id = 'A-20'"
    )
    findings = (await verify(fresh)).findings
    assert [finding.kind for finding in findings] == ["edit", "edit"]
    assert "facts are gone, and no erasure" in findings[0].message
    assert "entries of other accounts in its history are gone" in findings[1].message
