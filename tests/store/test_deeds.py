"""What was done is in the log: executed actions and tokens, and what the tables say of them is held against it."""

import datetime as dt
import hashlib
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from store.auditlog import append_line
from store.checkpoints import Signer
from store.database import Database, connect
from store.identifiers import make_id
from store.loglines import KeyLine
from store.migration import migrate, read_migrations
from store.outcomes import NewOutcome
from store.store import Store
from store.verifying import Verification, verify_log

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
ENTRY = b'{"action": "send_reminder", "channel": "email", "rule": "reminder"}'
PAYMENT = NewOutcome(id="Z", type="payment", at=AT, outcome=b'{"id": "Z", "amount": "20.00"}')


@pytest.fixture
async def fresh(empty_database_url: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own, in which something was done."""
    async with await Store.open(empty_database_url) as opened:
        ann = (await opened.tokens.create("Ann", frozenset({"accounts"}), person="ann", actor="command:root")).token
        await opened.tokens.create("Bob", frozenset({"audit"}))
        await opened.tokens.rename(ann.id, "Ann of billing", actor="command:root")
        for name in ("A-1", "A-2"):
            await opened.accounts.put(name, b"{}")
            await opened.history.record(name, ENTRY, at=AT, decision_id=make_id(), actor=ann.id, name=ann.name)
        await opened.history.record("A-1", b"{}", at=AT)
        await opened.outcomes.record("A-1", lambda _: [PAYMENT], actor=ann.id, name=ann.name)
        yield opened


async def verify(store: Store) -> Verification:
    """Prove a store's log."""
    async with store.database.connection(60) as connection:
        return await verify_log(connection)


async def read_lines(store: Store, *kinds: str) -> list[dict[str, object]]:
    """Read the lines of some kinds, in order."""
    return [line.fields async for line in store.log.stream_others() if line.kind in kinds]


async def test_what_was_done_with_tokens_is_logged(fresh: Store) -> None:
    """A token made, renamed, revoked: each a line with what it is since, and by whom; nothing changed is none."""
    token_id = str((await read_lines(fresh, "token_made"))[0]["subject"])
    await fresh.tokens.rename(token_id, "Ann of billing")
    await fresh.tokens.revoke(token_id, actor="command:root")
    await fresh.tokens.revoke(token_id, actor="command:root")
    lines = await read_lines(fresh, "token_made", "token_renamed", "token_revoked")
    mine = [line for line in lines if line["subject"] == token_id]
    assert [line["kind"] for line in mine] == ["token_made", "token_renamed", "token_revoked"]
    assert [line["token_name"] for line in mine] == ["Ann", "Ann of billing", "Ann of billing"]
    assert {line["actor"] for line in mine} == {"command:root"}
    assert (mine[0]["scopes"], mine[0]["person"], mine[0]["revoked_at"]) == (["accounts"], "ann", None)
    assert mine[-1]["revoked_at"] is not None
    assert (await verify(fresh)).findings == ()


async def test_an_executed_action_is_proven(fresh: Store) -> None:
    """Its line commits to what was recorded, by whom and for which decision, and keeps no text of it."""
    line = (await read_lines(fresh, "executed"))[0]
    found = await fresh.log.find_executed(str(line["subject"]))
    assert found is not None
    assert found.salt is not None
    assert found.entry == ENTRY.decode()
    assert hashlib.sha256(found.salt + ENTRY).hexdigest() == line["commitment"]
    assert msgspec.json.decode(found.line) == line
    assert (line["account_id"], line["action"], line["channel"]) == ("A-1", "send_reminder", "email")
    assert line["name"] == "Ann"
    assert 'reminder"}' not in found.line.decode()
    assert await fresh.log.find_executed(make_id()) is None


async def test_an_erasure_leaves_the_line_of_an_executed_action(fresh: Store) -> None:
    """What was recorded goes with its account, and its salt; that something was carried out stays proven."""
    line = (await read_lines(fresh, "executed"))[0]
    assert await fresh.erasures.erase("A-1", actor="ann")
    found = await fresh.log.find_executed(str(line["subject"]))
    assert found is not None
    assert (found.entry, found.salt) == (None, None)
    assert (await verify(fresh)).findings == ()


DEEDS = [
    ("a recorded action is changed", "UPDATE dunning.history SET entry = '{}'", "not what was logged"),
    (
        "a recorded action is moved to another day",
        "UPDATE dunning.history SET at = at - interval '1 day'",
        "not what was",
    ),
    ("a recorded action is taken out", "DELETE FROM dunning.history WHERE account_id = 'A-1'", "no erasure in the log"),
    (
        "an action is put in that nobody recorded",
        "INSERT INTO dunning.history (account_id, at, entry, salt) SELECT 'A-2', at, entry, salt FROM dunning.history",
        "A-2, row 4, is not in the log",
    ),
    ("an outcome is changed", "UPDATE dunning.outcomes SET outcome = '{}'", "the outcome is not what was logged"),
    ("an outcome becomes another", "UPDATE dunning.outcomes SET type = 'refund'", "the outcome is not what was logged"),
    (
        "an outcome is moved to another day",
        "UPDATE dunning.outcomes SET at = at + interval '1 day'",
        "the outcome is not what was logged",
    ),
    ("an outcome is taken out", "DELETE FROM dunning.outcomes", "the outcome is gone, and no erasure in the log"),
    (
        "an outcome is put in that nobody recorded",
        (
            "INSERT INTO dunning.outcomes (account_id, id, type, at, outcome, is_amount_drawn, salt)"
            " SELECT 'A-2', id, type, at, outcome, is_amount_drawn, salt FROM dunning.outcomes"
        ),
        "an outcome recorded for A-2, row 2, is not in the log",
    ),
    ("a token's scopes are widened", "UPDATE dunning.tokens SET scopes = '{publish}'", "scopes is not what was logged"),
    ("a token gets another secret", "UPDATE dunning.tokens SET secret_hash = sha256(id::text::bytea)", "secret is not"),
    ("a token gets another name", "UPDATE dunning.tokens SET name = 'Carl'", "token_name is not what was logged"),
    ("a token is taken out", "DELETE FROM dunning.tokens WHERE person = 'ann'", "'Ann of billing' is no longer stored"),
    (
        "a token is put in past the program",
        "INSERT INTO dunning.tokens (id, name, secret_hash, scopes) SELECT gen_random_uuid(), 'Eve', '', '{admin}'",
        "of 'Eve' is not in the log",
    ),
]


@pytest.mark.parametrize(("what", "change", "words"), DEEDS)
async def test_what_is_done_to_the_tables_is_found(
    fresh: Store, empty_database_url: str, what: str, change: str, words: str
) -> None:
    """Whoever changes executed actions, outcomes or tokens past the program is told, with what the log says."""
    connection = await connect(empty_database_url)
    await connection.execute("ALTER TABLE dunning.history DISABLE TRIGGER USER")
    await connection.execute("ALTER TABLE dunning.outcomes DISABLE TRIGGER USER")
    await connection.execute(change)
    await connection.close()
    findings = (await verify(fresh)).findings
    assert any(words in each.message for each in findings), (what, findings)


async def test_a_key_that_gives_way_signs_the_next(fresh: Store) -> None:
    """The first key is a line, and each that takes its place, signed by the one before; who lacks that is told."""
    first, second, third = (Signer.make("example.org/log") for _ in range(3))
    await fresh.log.sign(first)
    await fresh.log.sign(first)
    await fresh.log.introduce_key(second.verifier, old=first, actor="command:ann", name="ann")
    head, note = await fresh.log.sign(second)
    assert second.verifier.open(note).size == head.size
    verification = await verify(fresh)
    assert (verification.findings, verification.notes) == ((), ())
    await fresh.log.introduce_key(third.verifier, old=first)  # which was not in use any more
    lines = await read_lines(fresh, "key")
    assert [line["subject"] for line in lines] == [str(each.verifier) for each in (first, second, third)]
    assert first.verifier.has_endorsed(second.verifier, str(lines[1]["signature"]))
    assert not first.verifier.has_endorsed(third.verifier, str(lines[1]["signature"]))
    (note,) = (await verify(fresh)).notes
    assert note.endswith(f"took the place of {second.verifier}, unsigned by it")


@pytest.mark.parametrize(
    ("old", "is_signed", "words"), [(True, False, "has not signed the new one"), (False, True, "was in use")]
)
async def test_a_key_that_others_put_in_is_found(fresh: Store, old: bool, is_signed: bool, words: str) -> None:  # noqa: FBT001
    """A line that says that a key gave way, which that key did not sign, or which was not in use."""
    first, second, other = (Signer.make("example.org/log") for _ in range(3))
    await fresh.log.sign(first)
    async with fresh.database.transaction() as connection:
        line = KeyLine(
            at=await connection.fetchval("SELECT clock_timestamp()"),
            subject=str(second.verifier),
            old=str((first if old else other).verifier),
            signature=(first if is_signed else other).endorse(second.verifier),
            actor="eve",
            name=None,
        )
        await append_line(connection, line)
    (finding,) = (await verify(fresh)).findings
    assert words in finding.message


async def test_readings_are_sealed_in_batches(fresh: Store, empty_database_url: str) -> None:
    """What was written down of readings is hashed into the log; what is changed of it afterwards is found."""
    assert await fresh.accesses.seal() == 0
    for number in range(5):
        await fresh.accesses.record(actor="ann", name="Ann", what=f"GET /v1/decisions/{number}")
        if number % 2:
            assert await fresh.accesses.seal() == 2
    assert [line["count"] for line in await read_lines(fresh, "accesses")] == [2, 2]
    assert (await verify(fresh)).findings == ()
    connection = await connect(empty_database_url)
    await connection.execute("ALTER TABLE dunning.accesses DISABLE TRIGGER USER")
    for change in (
        "UPDATE dunning.accesses SET actor = 'bob' WHERE id = 1",
        "DELETE FROM dunning.accesses WHERE id = 3",
        "INSERT INTO dunning.accesses (id, actor, name, what) OVERRIDING SYSTEM VALUE VALUES (0, 'a', 'b', 'c')",
        "INSERT INTO dunning.accesses (id, actor, name, what) OVERRIDING SYSTEM VALUE SELECT -1, 'a', 'b', 'c'",
    ):
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(change)
        found = (await verify_log(connection)).findings
        await transaction.rollback()
        assert len(found) == 1, change
        assert "are not those that were written down" in found[0].message
    await connection.close()


async def test_what_was_done_before_is_put_into_the_log(empty_database_url: str) -> None:
    """Tokens and executed actions of a database from before get lines, and are proven from then on."""
    database = await Database.open(empty_database_url)
    await migrate(database, read_migrations()[:5])
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("INSERT INTO dunning.accounts (id, document) VALUES ('A-1', '{}')")
    token = "INSERT INTO dunning.tokens (id, name, secret_hash, scopes, revoked_at, expires_at)"
    await connection.execute(f"{token} VALUES ($1, 'a \"name\"', 'a', '{{decide,audit}}', NULL, NULL)", make_id())
    await connection.execute(f"{token} VALUES ($1, 'gone', 'b', '{{}}', now(), '2030-01-01 00:00Z')", make_id())
    record = "INSERT INTO dunning.history (account_id, decision_id, at, entry) VALUES ('A-1', $1, $2, $3)"
    await connection.execute(record, make_id(), AT, ENTRY.decode())
    await connection.execute(record, None, AT, '{"rule": "a\\u0000b"}')
    await migrate(database)
    verification = await verify_log(connection)
    assert (verification.findings, verification.size) == ((), 5)
    await connection.execute("UPDATE dunning.tokens SET scopes = '{admin}' WHERE name = 'gone'")
    assert [each.kind for each in (await verify_log(connection)).findings] == ["edit"]
    await connection.close()
    await database.close()
