"""A server that starts compiles nothing that was compiled before, and believes no form that is not what was kept."""

import logging
import re
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

import engine
from api import forms
from store.forms import Form, Forms
from tests.api.auditing import SIGNER, Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.api.running import Running
from tests.cli.decided import RULESETS
from tests.waiting import wait_for

SAMPLES = RULESETS / "samples/accounts.ndjson"
OWN_WORDS = ("decision_id", "decided_at")


async def publish(bench: Bench, text: str = REMINDER) -> None:
    """Publish a ruleset that is right."""
    answer = await bench.ann.post("/v1/rulesets", json={"text": text})
    assert answer.status_code in {200, 201}, answer.text


async def decide(bench: Bench) -> dict[str, Any]:
    """Decide about an account; what each decision has of its own is left out."""
    answer = await bench.ann.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF})
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json().items() if name not in OWN_WORDS}


async def count_compiled(bench: Bench) -> int:
    """How many versions were compiled since the start."""
    return read_compiled((await bench.ann.get("/metrics")).text)


def read_compiled(metrics: str) -> int:
    """Read how many versions were compiled from the figures."""
    found = re.search(r"^dunning_rulesets_compiled_total (\d+)$", metrics, re.MULTILINE)
    assert found is not None, metrics
    return int(found[1])


@pytest.mark.anyio
async def test_what_was_compiled_once_is_not_compiled_at_a_start(empty_database_url: str) -> None:
    """The answers are the same, by the version that was published."""
    async with start(empty_database_url) as bench:
        await publish(bench)
        decided = await decide(bench)
        assert await count_compiled(bench) == 1
    async with start(empty_database_url) as bench:
        assert await decide(bench) == decided
        assert await count_compiled(bench) == 0


BEYOND = "template: nl.reminder, metadata: {least: -9223372036854775809, most: [18446744073709551616], text: '1'}"


@pytest.mark.anyio
async def test_numbers_that_are_larger_than_a_form_s_own_are_kept_too(empty_database_url: str) -> None:
    """What only the executing application reads may hold any: it comes out as it was written, the next time too."""
    async with start(empty_database_url) as bench:
        await publish(bench, REMINDER.replace("template: nl.reminder", BEYOND))
        decided = await decide(bench)
        assert decided["action"]["metadata"] == {"least": -(2**63) - 1, "most": [2**64], "text": "1"}
    async with start(empty_database_url) as bench:
        assert await decide(bench) == decided
        assert await count_compiled(bench) == 0


@pytest.mark.anyio
async def test_forms_that_can_be_neither_read_nor_kept_stop_nothing(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where PostgreSQL refuses the table, versions in use and new ones are compiled and answer; the log says why."""
    async with start(empty_database_url) as bench:
        await publish(bench)
        await bench.store.database.fetch("ALTER TABLE dunning.ruleset_forms RENAME TO elsewhere")
    with caplog.at_level(logging.WARNING, "dunning.rulesets"):
        async with start(empty_database_url) as bench:
            await publish(bench, REMINDER.replace("Dutch", "All Dutch"))
            assert (await decide(bench))["ruleset"]["version"] == 2
            assert await count_compiled(bench) == 2
            assert (await bench.ann.get("/readyz")).json()["notices"] == []
    why = 'relation "dunning.ruleset_forms" does not exist'
    assert {
        f"the compiled form of nl-consumer version 1 cannot be read: {why}; it is compiled anew",
        f"the compiled form of nl-consumer version 2 is not kept: {why}",
        f"compiled forms that are not used any more are not dropped: {why}",
    } <= set(caplog.messages)


SPOILED = {
    "damaged": "form = set_byte(form, 100, get_byte(form, 100) # 1)",
    "cut off": "form = substr(form, 1, length(form) - 1)",
    "of another program": "compiler = 'another'",
    "of another seal": "seal = '\\x00'",
}


@pytest.mark.anyio
@pytest.mark.parametrize("spoiled", SPOILED)
async def test_a_form_that_is_not_what_was_kept_is_made_again(
    empty_database_url: str, caplog: pytest.LogCaptureFixture, spoiled: str
) -> None:
    """The version is compiled from its text, which the log says, and answers as before; the next start finds a form."""
    async with start(empty_database_url) as bench:
        await publish(bench)
        decided = await decide(bench)
        await bench.store.database.fetch(f"UPDATE dunning.ruleset_forms SET {SPOILED[spoiled]}")  # noqa: S608  our own
    with caplog.at_level(logging.WARNING, "dunning.rulesets"):
        async with start(empty_database_url) as bench:
            assert await decide(bench) == decided
            assert await count_compiled(bench) == 1
    said = "the compiled form of nl-consumer version 1 is not the one that was kept of this text; it is compiled anew"
    assert said in caplog.messages
    async with start(empty_database_url) as bench:
        assert await decide(bench) == decided
        assert await count_compiled(bench) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("is_fit", [True, False], ids=["another ruleset's", "no form at all"])
async def test_a_form_under_the_right_seal_is_held_against_the_version(
    empty_database_url: str, caplog: pytest.LogCaptureFixture, *, is_fit: bool
) -> None:
    """One that is of another ruleset, or that cannot be read, decides nothing."""
    async with start(empty_database_url) as bench:
        await publish(bench)
        await publish(bench, REMINDER.replace("nl-consumer", "be-consumer").replace("NL", "BE"))
        decided = await decide(bench)
        own = Forms(bench.store.database, SIGNER.derive(forms.PURPOSE))
        other, version = await bench.store.rulesets.active_at()
        found = await own.read(other)
        assert found is not None
        data = found.data if is_fit else b"\x81\xa4none\x00"
        await own.keep(version, Form(compiler=forms.name_compiler(), data=data))
    async with start(empty_database_url) as bench:
        assert await decide(bench) == decided
        assert await count_compiled(bench) == 1
    assert "the compiled form of nl-consumer version 1 is not fit" in caplog.text


@pytest.mark.anyio
async def test_who_can_write_to_the_database_alone_cannot_forge_a_form(empty_database_url: str) -> None:
    """What is sealed without the log's key, as who has none would, is compiled anew."""
    async with start(empty_database_url) as bench:
        await publish(bench)
        (version,) = await bench.store.rulesets.active_at()
        found = await Forms(bench.store.database, SIGNER.derive(forms.PURPOSE)).read(version)
        assert found is not None
        await Forms(bench.store.database, b"").keep(version, found)
    async with start(empty_database_url) as bench:
        await decide(bench)
        assert await count_compiled(bench) == 1


@pytest.mark.anyio
async def test_a_form_of_another_program_is_replaced(empty_database_url: str) -> None:
    """After an upgrade everything is compiled once, for another program's boxes may mean something else."""
    async with start(empty_database_url) as bench:
        await publish(bench)
        (version,) = await bench.store.rulesets.active_at()
        own = Forms(bench.store.database, SIGNER.derive(forms.PURPOSE))
        found = await own.read(version)
        assert found is not None
        await own.keep(version, Form(compiler="another", data=found.data))
    async with start(empty_database_url) as bench:
        await decide(bench)
        assert await count_compiled(bench) == 1
        assert await own_compiler(bench) == forms.name_compiler()


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the engine's."""
    for name in ("__init__.py", "deciding.py", "codes.yaml"):
        (tmp_path / name).write_text("# before\n")
    monkeypatch.setattr(engine, "__file__", str(tmp_path / "__init__.py"))
    return tmp_path


@pytest.mark.anyio
async def test_code_that_is_replaced_under_a_server_did_not_write_its_forms(
    empty_database_url: str, code: Path
) -> None:
    """What it compiles until it is restarted is of the code that it began with, and compiled anew by the new one."""
    async with start(empty_database_url) as bench:
        began_with = forms.name_compiler()
        (code / "deciding.py").write_text("# after\n")
        await publish(bench)
        assert await own_compiler(bench) == began_with
    async with start(empty_database_url) as bench:
        await decide(bench)
        assert await count_compiled(bench) == 1


@pytest.mark.parametrize("changed", ["deciding.py", "codes.yaml", "msgspec"])
def test_another_program_is_any_that_may_write_or_read_other_bytes(
    code: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """By its code, by the tables that it reads, or by the library for the bytes."""
    before = forms.name_compiler()
    assert forms.name_compiler() == before
    if changed == "msgspec":
        monkeypatch.setattr(msgspec, "__version__", "0")
    else:
        (code / changed).write_text("# after\n")
    assert forms.name_compiler() != before


async def own_compiler(bench: Bench) -> str:
    """Which program wrote the only form that is kept."""
    (row,) = await bench.store.database.fetch("SELECT compiler FROM dunning.ruleset_forms")
    written: str = row["compiler"]
    return written


@pytest.mark.anyio
async def test_without_a_key_of_the_log_forms_are_kept_as_well(empty_database_url: str) -> None:
    """The seal shows damage then, and no forger."""
    async with start(empty_database_url, has_key=False) as bench:
        await publish(bench)
    async with start(empty_database_url, has_key=False) as bench:
        await decide(bench)
        assert await count_compiled(bench) == 0


@pytest.mark.anyio
async def test_forms_are_kept_of_what_is_in_use_only(empty_database_url: str) -> None:
    """Whatever took another's place, or was retired, leaves no form; what is scheduled has one."""
    later = REMINDER.replace("from: 2026-01-01", "from: 2090-01-01").replace("Dutch", "Later")
    async with start(empty_database_url) as bench:
        await publish(bench)
        await publish(bench, REMINDER.replace("Dutch", "All Dutch"))
        await publish(bench, later)
        await bench.ann.post("/v1/rulesets/nl-consumer/versions/3/retire", json={})
        await publish(bench, REMINDER.replace("nl-consumer", "be-consumer").replace("NL", "BE"))
        await publish(bench, later.replace("nl-consumer", "be-consumer").replace("NL", "BE"))
        rows = await bench.store.database.fetch("SELECT ruleset_id, number FROM dunning.ruleset_forms ORDER BY 1, 2")
        assert [tuple(row) for row in rows] == [("be-consumer", 1), ("be-consumer", 2), ("nl-consumer", 2)]


@pytest.mark.slow
def test_a_killed_server_answers_for_every_ruleset_without_compiling(empty_database_url: str, tmp_path: Path) -> None:
    """Kill -9 of a server with all example rulesets: the next compiles none, and each account has the same answer."""
    folder = tmp_path / "rulesets"
    folder.mkdir()
    for file in RULESETS.glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    asked = [msgspec.json.decode(line) for line in SAMPLES.read_bytes().splitlines()[::10]]
    running = Running(empty_database_url, folder)
    try:
        wait_for(lambda: running.client.get("/readyz").json()["notices"] == [])
        before = ask_all(running, asked)
        assert len({ruleset for ruleset, _ in before}) > 4
        running.end(signal.SIGKILL)
        running = Running(empty_database_url, folder)
        assert ask_all(running, asked) == before
        assert read_compiled(running.client.get("/metrics").text) == 0
        assert "compiled anew" not in running.said
    finally:
        running.end(signal.SIGKILL)


def ask_all(running: Running, accounts: list[dict[str, Any]]) -> list[tuple[str | None, dict[str, Any]]]:
    """Decide about accounts: which ruleset answered, and all that it said."""
    decided = []
    for account in accounts:
        answer = running.client.post("/v1/next-action", json={"account": account, "as_of": AS_OF, "explain": "full"})
        assert answer.status_code in {200, 422}, answer.text
        body = {name: value for name, value in answer.json().items() if name not in OWN_WORDS}
        decided.append(((body.get("ruleset") or {}).get("id"), body))
    return decided
