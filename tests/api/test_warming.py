"""Versions are prepared beside everything else: decisions and news go on, and what is not ready is not guessed at."""

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest

from api import preparing, rulesets_live
from api.examining import Manuscript, make_draft, read_manuscript
from api.outlines import outline_version
from engine.evaluation.program import Compiled, compile_ruleset
from engine.evaluation.routing import Route
from engine.model.account import AccountInvalid
from engine.model.exactjson import FREE_JSON
from store.rulesets import Provenance, RulesetVersion
from tests.api.auditing import Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.cli.decided import RULESETS
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.anyio
HELD = "held back"


class Gate:
    """Holds up the preparation of every version whose text has the mark, until it is opened."""

    def __init__(self, warm: Callable[[RulesetVersion], Compiled]) -> None:
        self._warm = warm
        self.is_open = threading.Event()
        self.begun: list[int] = []

    def __call__(self, version: RulesetVersion) -> Compiled:
        """Prepare a version, when it may be."""
        if HELD in version.draft.text:
            self.begun.append(version.number)
            assert self.is_open.wait(PATIENCE_SECONDS)
        return self._warm(version)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before the preparation."""
    made = Gate(preparing.warm_version)
    monkeypatch.setattr(preparing, "warm_version", made)
    monkeypatch.setattr(rulesets_live, "_PATIENCE_SECONDS", PATIENCE_SECONDS)  # who publishes waits for the gate
    yield made
    made.is_open.set()


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service of the test's own."""
    async with start(empty_database_url) as bench:
        yield bench


def write(name: str, country: str, title: str) -> str:
    """Write a ruleset for a country."""
    return REMINDER.replace("nl-consumer", name).replace("NL", country).replace("Dutch consumers", title)


async def publish(bench: Bench, text: str) -> httpx.Response:
    """Publish a ruleset that is right."""
    answer = await bench.ann.post("/v1/rulesets", json={"text": text})
    assert answer.status_code == 201, answer.text
    return answer


async def ask(bench: Bench, country: str) -> tuple[int, Any]:
    """Ask about an account of a country; answers the status, and which version decided."""
    answer = await bench.ann.post("/v1/next-action", json={"account": ANNA | {"country": country}, "as_of": AS_OF})
    body = answer.json()
    if answer.status_code != 200:
        return answer.status_code, body["detail"]
    return 200, (body["ruleset"] or {}).get("version")


async def notices(bench: Bench) -> list[str]:
    """What /readyz says that should be looked at."""
    answer = await bench.ann.get("/readyz")
    assert answer.status_code == 200, answer.text
    said: list[str] = answer.json()["notices"]
    return said


async def is_decided(bench: Bench, country: str) -> bool:
    """Whether the first version decides about accounts of a country."""
    return await ask(bench, country) == (200, 1)


async def is_quiet(bench: Bench) -> bool:
    """Whether /readyz has nothing to say."""
    return await notices(bench) == []


async def test_the_last_version_answers_until_the_new_one_is_ready(bench: Bench, gate: Gate) -> None:
    """Other rulesets, and news of them, are not held up; /readyz and the metrics say what is being prepared."""
    await publish(bench, write("nl", "NL", "First"))
    publishing = asyncio.create_task(publish(bench, write("nl", "NL", HELD)))
    await until(lambda: gate.begun)
    assert await ask(bench, "NL") == (200, 1)
    await publish(bench, write("be", "BE", "Beside"))
    assert await ask(bench, "BE") == (200, 1)
    assert await notices(bench) == ["nl version 2 is being prepared; version 1 answers until it is ready"]
    assert "dunning_rulesets_preparing 1\n" in (await bench.ann.get("/metrics")).text
    heard = bench.store.notices._heard_at  # noqa: SLF001  what makes a server stale
    await bench.store.tokens.create("news", frozenset({"audit"}))
    await until(lambda: bench.store.notices._heard_at > heard)  # noqa: SLF001  as above
    gate.is_open.set()
    await publishing
    assert await ask(bench, "NL") == (200, 2)
    assert await notices(bench) == []


async def test_a_new_ruleset_answers_as_soon_as_it_is_ready(bench: Bench, gate: Gate) -> None:
    """Until then its accounts are what they were: covered by none."""
    publishing = asyncio.create_task(publish(bench, write("nl", "NL", HELD)))
    await until(lambda: gate.begun)
    assert await ask(bench, "NL") == (200, None)
    assert await notices(bench) == ["nl version 1 is being prepared; it answers as soon as it is ready"]
    gate.is_open.set()
    await publishing
    assert await ask(bench, "NL") == (200, 1)


async def test_a_restart_does_not_wait_for_a_slow_ruleset(
    empty_database_url: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one whose form is gone the accounts are refused, not told otherwise; every other is answered at once."""
    async with start(empty_database_url) as before:
        await publish(before, write("be", "BE", "Beside"))
        gate.is_open.set()
        await publish(before, write("nl", "NL", HELD))
        await before.ann.put("/v1/accounts/anna", json=ANNA)
        gate.is_open.clear()
        await before.store.database.fetch("DELETE FROM dunning.ruleset_forms WHERE ruleset_id = 'nl'")
    monkeypatch.setattr(rulesets_live, "_START_SECONDS", 0.5)
    async with start(empty_database_url) as bench:
        await until(lambda: len(gate.begun) == 2)
        await until(lambda: is_decided(bench, "BE"))
        assert await ask(bench, "FR") == (200, None)
        status, detail = await ask(bench, "NL")
        assert (status, detail.startswith("nl version 1 is not ready to decide here")) == (503, True)
        assert (await bench.ann.get("/v1/accounts/anna/timeline", params={"as_of": AS_OF[:10]})).status_code == 503
        assert await notices(bench) == [
            "nl version 1 is being prepared; the accounts it covers are refused until it is ready"
        ]
        gate.is_open.set()
        await until(lambda: is_quiet(bench))
        assert await ask(bench, "NL") == (200, 1)
        assert (await bench.ann.get("/v1/accounts/anna/timeline", params={"as_of": AS_OF[:10]})).status_code == 200


async def test_a_version_that_cannot_be_read_refuses_its_accounts(empty_database_url: str) -> None:
    """After a restart no version before it is there to answer: its accounts are not said to be covered by none."""
    async with start(empty_database_url) as before:
        await publish(before, write("nl", "NL", "First"))
        async with before.store.database.transaction() as connection:
            await connection.execute("ALTER TABLE dunning.ruleset_versions DISABLE TRIGGER USER")
            await connection.execute("UPDATE dunning.ruleset_versions SET text = 'ruleset: ['")
    async with start(empty_database_url) as bench:
        assert (await ask(bench, "NL"))[0] == 503
        assert await ask(bench, "BE") == (200, None)
        assert "nl version 1 cannot be loaded by this program" in (await notices(bench))[0]


@pytest.mark.parametrize("canonical", ['{"track": "dunning", "rules": 1}', "{"])
async def test_a_version_of_which_nothing_can_be_read_refuses_whom_nobody_else_covers(
    empty_database_url: str, canonical: str
) -> None:
    """Whether it covers them is not known, so nobody says that nothing does; what another covers is answered."""
    async with start(empty_database_url) as before:
        await publish(before, write("be", "BE", "Beside"))
        await publish(before, write("nl", "NL", "First"))
        async with before.store.database.transaction() as connection:
            await connection.execute("ALTER TABLE dunning.ruleset_versions DISABLE TRIGGER USER")
            spoil = "UPDATE dunning.ruleset_versions SET text = 'ruleset: [', canonical = $1 WHERE ruleset_id = 'nl'"
            await connection.execute(spoil, canonical)
    async with start(empty_database_url) as bench:
        assert await ask(bench, "BE") == (200, 1)
        status, detail = await ask(bench, "FR")
        assert (status, detail.startswith("nl version 1 is not ready to decide here")) == (503, True)
        beside = await bench.ann.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF, "track": "other"})
        assert beside.status_code == (503 if canonical == "{" else 200)
        await bench.ann.put("/v1/accounts/anna", json=ANNA)
        assert (await bench.ann.get("/v1/accounts/anna/timeline", params={"as_of": AS_OF[:10]})).status_code == 503


async def test_a_version_asked_for_by_number_while_it_is_prepared_is_answered(bench: Bench, gate: Gate) -> None:
    """However many ask for it, with what was prepared once; and it goes on answering when it has come into use."""
    publishing = asyncio.create_task(publish(bench, write("nl", "NL", HELD)))
    await until(lambda: gate.begun)
    question = {"account": ANNA, "as_of": AS_OF, "ruleset": "nl", "version": 1}
    asking = [asyncio.create_task(bench.ann.post("/v1/next-action", json=question)) for _ in range(8)]
    await asyncio.wait(asking, timeout=0)
    gate.is_open.set()
    assert {(await asked).status_code for asked in asking} == {200}
    await publishing
    assert await ask(bench, "NL") == (200, 1)
    (version,) = await bench.store.rulesets.active_at()
    preparer, begun = preparing.Preparer(), len(gate.begun)
    one, *others = await asyncio.gather(*(preparer.prepare(version) for _ in range(8)))
    assert (len(gate.begun) - begun, {id(other) for other in others}) == (1, {id(one)})
    preparer.close()


@pytest.mark.parametrize("name", sorted(path.stem.removesuffix("_test") for path in RULESETS.glob("*_test.yaml")))
def test_an_outline_covers_what_its_version_covers(name: str) -> None:
    """Of the sample accounts it takes exactly the same, now and on a day to come."""
    outline, whole = read_twice((RULESETS / f"{name}.yaml").read_text(), (RULESETS / "facts.yaml").read_text())
    samples = [FREE_JSON.decode(line) for line in (RULESETS / "samples/accounts.ndjson").read_bytes().splitlines()]
    covered = [[is_covering(one, account) for one in (outline, whole)] for account in samples]
    assert all(by_outline == by_whole for by_outline, by_whole in covered)
    assert {True, False} <= {by_whole for _, by_whole in covered}
    whole.close()


@pytest.mark.parametrize("covered", ["dunning_level: 1", "contacts_last_7_days: 1..", "reached: true"])
def test_an_outline_knows_what_was_executed_where_its_coverage_hangs_on_it(covered: str) -> None:
    """The rules say of which level an entry is and that it was a contact; without them it would cover nobody."""
    named = "conditions: {reached: {any: [{last_rule: friendly-reminder}, {days_since_last_contact: ..3}]}}"
    both = read_twice(REMINDER.replace("applies_to: {country: NL}", f"applies_to: {{{covered}}}\n{named}"))
    history = [{"at": "2026-11-19", "rule": "friendly-reminder"}]
    assert [is_covering(one, ANNA, history) for one in both] == [True, True]
    assert [is_covering(one, ANNA) for one in both] == [False, False]


def test_an_outline_looks_into_each_named_condition_once() -> None:
    """What is used twice by what is used twice, and so on, has more ways to it than could be walked."""
    named = "".join(f"  n{n}: {{any: [{{n{n + 1}: true}}, {{n{n + 1}: true, vip: true}}]}}\n" for n in range(60))
    covered = f"applies_to: {{n0: true}}\nconditions:\n{named}  n60: {{country: NL}}"
    outline, whole = read_twice(REMINDER.replace("applies_to: {country: NL}", covered))
    assert [is_covering(one, ANNA) for one in (outline, whole)] == [True, True]
    assert [is_covering(one, ANNA | {"country": "BE"}) for one in (outline, whole)] == [False, False]


def read_twice(text: str, facts: str | None = None) -> tuple[Compiled, Compiled]:
    """Return a ruleset's outline, and the whole of it."""
    manuscript = Manuscript(text=text, facts=facts)
    examination = read_manuscript(manuscript)
    assert examination.rulesets, examination.diagnostics
    (ruleset,) = examination.rulesets
    version = RulesetVersion(
        number=1,
        draft=make_draft(ruleset, (), manuscript),
        provenance=Provenance(publisher="ann"),
        published_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        approval_required=False,
    )
    return outline_version(version), compile_ruleset(ruleset, version=1)


def is_covering(compiled: Compiled, account: dict[str, Any], history: Sequence[dict[str, Any]] = ()) -> bool | None:
    """Whether a ruleset covers an account; None where it cannot be read."""
    as_of = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    route = Route([compiled], account, history, as_of=as_of, track=compiled.ruleset.track, ruleset=None)
    try:
        return route.covering() is not None
    except AccountInvalid:
        return None
