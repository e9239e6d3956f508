"""Events: written with what causes them, told in the order in which they committed."""

import asyncio
import datetime as dt

import msgspec
import pytest

from store.database import connect
from store.errors import EventsForgotten
from store.events import EVENTS, CaseClosed, CaseOpened, Event, RunFinished
from store.history import DecidedStep
from store.identifiers import make_id
from store.loglines import RunLine
from store.outbox import ToldEvent, tell
from store.rulesets import Provenance, RulesetDraft
from store.runlog import log_run
from store.statements import sql
from store.store import Store

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
EVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


async def _write(store: Store, *events: Event) -> None:
    async with store.database.transaction() as connection:
        await tell(connection, *events)


async def _last(store: Store) -> int:
    told = await store.outbox.list(limit=1000)
    return told[-1].sequence if told else 0


def _names(told: tuple[ToldEvent, ...]) -> list[str]:
    return [event.subject for event in told]


async def test_an_event_is_told_with_its_ids(store: Store) -> None:
    """What is written is told: type, subject, and its fields as JSON."""
    last = await _last(store)
    await _write(store, CaseOpened(account_id="A-1", currency="EUR", due_on=dt.date(2026, 11, 6)))
    (told,) = await store.outbox.list(after=last)
    assert (told.type, told.subject, told.sequence) == ("case.opened", "accounts/A-1", last + 1)
    assert msgspec.json.decode(told.data) == {"account_id": "A-1", "currency": "EUR", "due_on": "2026-11-06"}


async def test_what_is_rolled_back_is_never_told(store: Store) -> None:
    """An event of a transaction that fails did not happen."""
    last = await _last(store)

    async def write_and_fail() -> None:
        async with store.database.transaction() as connection:
            await tell(connection, RunFinished(run="undone"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()
    assert await store.outbox.list(after=last) == ()


async def test_an_event_that_commits_late_is_not_skipped(store: Store) -> None:
    """A reader who went on beyond an event written first but committed last is told of it all the same."""
    last = await _last(store)
    early = await connect(store.database.url)
    try:
        transaction = early.transaction()
        await transaction.start()
        await tell(early, RunFinished(run="written-first"))
        await _write(store, RunFinished(run="written-second"))
        first = await store.outbox.list(after=last)
        assert _names(first) == ["runs/written-second"]
        await transaction.commit()
    finally:
        await early.close()
    second = await store.outbox.list(after=first[-1].sequence)
    assert _names(second) == ["runs/written-first"]
    assert _names(await store.outbox.list(after=last)) == ["runs/written-second", "runs/written-first"]


async def test_readers_beside_writers_miss_nothing_and_see_nothing_twice(store: Store) -> None:
    """Three readers that follow forty concurrent writers see the same events in the same order, each once."""
    last = await _last(store)
    writers = asyncio.gather(*(_write(store, RunFinished(run=f"r{n}"), RunFinished(run=f"s{n}")) for n in range(40)))

    async def follow() -> list[str]:
        seen: list[str] = []
        after = last
        while len(seen) < 80:
            told = await store.outbox.list(after=after, limit=7)
            assert [event.sequence for event in told] == list(range(after + 1, after + 1 + len(told)))
            seen += _names(told)
            after += len(told)
        return seen

    one, two, three = await asyncio.gather(follow(), follow(), follow())
    await writers
    assert one == two == three
    assert len(set(one)) == 80


async def test_events_of_one_transaction_keep_their_order(store: Store) -> None:
    """What is written together is told as it was written."""
    last = await _last(store)
    opened = CaseOpened(account_id="A-2", currency="EUR", due_on=dt.date(2026, 11, 6))
    closed = CaseClosed(account_id="A-2", currency="EUR", due_on=dt.date(2026, 11, 6))
    await _write(store, opened, closed, RunFinished(run="end"))
    assert [event.type for event in await store.outbox.list(after=last)] == [
        "case.opened",
        "case.closed",
        "run.finished",
    ]


async def test_what_is_forgotten_is_said(store: Store) -> None:
    """Old events go; whoever asks from before them is told so, and whoever begins anew is not."""
    await _write(store, RunFinished(run="old"), RunFinished(run="older"))
    last = await _last(store)
    assert await store.outbox.forget(AT) == 0
    assert await store.outbox.forget(EVER) == last
    await _write(store, RunFinished(run="new"))
    assert _names(await store.outbox.list()) == ["runs/new"]
    assert _names(await store.outbox.list(after=last)) == ["runs/new"]
    with pytest.raises(EventsForgotten):
        await store.outbox.list(after=last - 1)


async def test_only_the_first_events_are_looked_at_to_forget_them(store: Store) -> None:
    """Where the first are not old, none behind them is looked for, however old: all who write events would wait."""
    await store.outbox.forget(EVER)
    await _write(store, *(RunFinished(run=f"n{n}") for n in range(3)))
    assert len(await store.outbox.list()) == 3
    await store.database.fetch("UPDATE dunning.events SET at = $1 WHERE subject = 'runs/n2'", AT)
    assert await store.database.fetchval(sql("events.forget"), AT + dt.timedelta(hours=1), 2) == 0


async def test_a_run_is_told_with_its_line(store: Store) -> None:
    """A run that is logged is told by the subject of its line; logged again it is neither."""
    last = await _last(store)

    def write(at: dt.datetime) -> RunLine:
        return RunLine(
            at=at,
            subject="run-1",
            track="dunning",
            as_of="2026-11-20",
            inputs="",
            inputs_count=1,
            accounts_count=1,
            refused_count=0,
            actor="service",
            name=None,
            rulesets={},
            outcomes={"act": 1},
            claimed={},
            fees={},
        )

    assert [await log_run(store.database, "run-1", write) for _ in range(2)] == [True, False]
    assert _names(await store.outbox.list(after=last)) == ["runs/run-1"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (b'{"rule": "reminder"}', [{"account_id": "A-3", "decision_id": None, "rule": "reminder", "action": None}]),
        (b'{"action": "call"}', [{"account_id": "A-3", "decision_id": None, "rule": None, "action": "call"}]),
        (b'{"action": "call", "result": "failed"}', []),
        (b'{"level": 2}', []),
    ],
)
async def test_an_execution_is_told(store: Store, entry: bytes, told: list[dict[str, object]]) -> None:
    """What was carried out is told; a failure, and a level set by hand, are none."""
    await store.accounts.put("A-3", b"{}")
    last = await _last(store)
    await store.history.record("A-3", entry, at=AT)
    assert [msgspec.json.decode(event.data) for event in await store.outbox.list(after=last)] == told


async def test_a_decision_recorded_twice_is_told_once(store: Store) -> None:
    """The second recording of one decision changes nothing, and tells nothing."""
    await store.accounts.put("A-4", b"{}")
    last = await _last(store)
    decision_id = make_id()
    step = DecidedStep(ruleset="r", rule="reminder", episode=None, decided_at=AT)
    for _ in range(2):
        await store.history.record("A-4", b'{"rule": "reminder"}', at=AT, decision_id=decision_id, step=step)
    (told,) = await store.outbox.list(after=last)
    assert msgspec.json.decode(told.data)["decision_id"] == decision_id


async def test_a_version_is_told_when_published_and_when_it_comes_into_use(store: Store) -> None:
    """Published at once in use; retired nothing; activated again in use; with four eyes only once approved."""
    draft = RulesetDraft(ruleset_id="told", digest="sha256:1", text="", canonical="{}")
    publisher = Provenance(publisher="anna")
    last = await _last(store)

    async def hear() -> list[str]:
        nonlocal last
        told = await store.outbox.list(after=last)
        last += len(told)
        return [f"{event.type} {event.subject}" for event in told]

    one, two = ("rulesets/told/versions/1", "rulesets/told/versions/2")
    await store.rulesets.publish(draft, publisher)
    assert await hear() == [f"ruleset.published {one}", f"ruleset.in_use {one}"]
    await store.rulesets.publish(draft, publisher)
    assert await hear() == []
    await store.rulesets.record_event("told", 1, "retire", actor="anna")
    assert await hear() == []
    await store.rulesets.record_event("told", 1, "activate", actor="anna")
    assert await hear() == [f"ruleset.in_use {one}"]
    await store.rulesets.record_event("told", 1, "activate", actor="anna")
    assert await hear() == []
    await store.rulesets.switch_four_eyes(is_on=True, actor="anna")
    await store.rulesets.publish(msgspec.structs.replace(draft, digest="sha256:2"), publisher)
    assert await hear() == [f"ruleset.published {two}"]
    await store.rulesets.record_event("told", 2, "approve", actor="bert")
    assert await hear() == [f"ruleset.in_use {two}"]


def test_every_type_of_event_is_named_once_and_told_of() -> None:
    """The list of events holds every record, each with a type of its own and a sentence."""
    types = [event.type for event in EVENTS]
    assert len(set(types)) == len(types) == 11
    assert all(event.__doc__ for event in EVENTS)
