"""What the tests of the log put into it."""

import datetime as dt
from typing import Any

import asyncpg

from store.checkpoints import Checkpoint
from store.decisionrecords import DecisionRecord
from store.identifiers import instant_of, make_id
from store.rulesets import Provenance, RulesetDraft
from store.statements import sql
from store.store import Store
from store.verifying import Verification, verify_log
from tests.store.frontier import Frontier

AS_OF = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def make_record(number: int = 0, **more: Any) -> DecisionRecord:
    """Make a record that differs from others in every part."""
    base: dict[str, Any] = {
        "id": make_id(),
        "account_id": f"A-{number % 97}",
        "track": "dunning",
        "ruleset_id": "nl-consumer",
        "version": 1 + number % 3,
        "digest": f"sha256:{number % 3}",
        "rule": f"rule-{number % 7}",
        "outcome": "act",
        "action": "send_reminder",
        "channel": ("email", None)[number % 2],
        "as_of": AS_OF + dt.timedelta(microseconds=number),
        "answer": b'{"amount": "%d.10", "name": "\xe2\x82\xac"}' % number,
        "input": b'{"account": {"id": %d}}' % number,
    }
    if number % 10 == 0:
        base |= {"related": b'[{"account": "B-%d"}]' % number, "related_accounts": (f"B-{number}", 'B "\\"')}
    base |= more
    return DecisionRecord(**({"at": instant_of(base["id"])} | base))


async def fill(store: Store, count: int) -> None:
    """Log decisions, ruleset versions with what happened to them, and erasures among them."""
    draft = RulesetDraft(ruleset_id="nl-consumer", digest="sha256:a", text="text", canonical="{}", suite_text="suite")
    await store.rulesets.publish(draft, Provenance(publisher="ann", committed_at=AS_OF, author="Ann <ann@example.org>"))
    await store.rulesets.record_event("nl-consumer", 1, "retire", actor="bob", note='wrong "fee"')
    records = [make_record(number) for number in range(count)]
    middle = count // 2
    for start in range(0, middle, 1000):
        await store.decision_log.append_many(records[start : min(start + 1000, middle)])
    await store.erasures.erase("A-5", actor="ann")
    await store.erasures.erase("B-10", actor="ann")
    await store.rulesets.record_event("nl-consumer", 1, "activate", actor="bob")
    for start in range(middle, count, 1000):
        await store.decision_log.append_many(records[start : start + 1000])


async def take_checkpoint(store: Store) -> Checkpoint:
    """Take what an auditor would keep elsewhere."""
    head = await store.log.read_head()
    return Checkpoint(origin="log", size=head.size, root=head.root)


async def take_early_checkpoint(store: Store, size: int) -> Checkpoint:
    """Take what an auditor would have kept when the log had so many lines."""
    tree = Frontier(peaks=[])
    for row in await store.database.fetch(sql("log.read_leaves"), 0, size):
        tree.append(row["leaf_hash"])
    return Checkpoint(origin="log", size=size, root=tree.root)


async def verify(connection: asyncpg.Connection, *checkpoints: Checkpoint) -> Verification:
    """Prove the log on one connection."""
    return await verify_log(connection, checkpoints=checkpoints)
