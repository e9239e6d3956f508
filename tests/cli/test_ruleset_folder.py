"""A folder kept published: what is refused, what waits, and what is said of it."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api import apart
from api.apart import Examiner
from cli.rulesetfolder import RulesetFolder
from store.store import Store
from tests.api.examples import REMINDER

pytestmark = pytest.mark.anyio
SUITE = """\
ruleset: nl-consumer
accounts:
  anna: {country: NL, currency: EUR, channels: [email], invoices: [{id: I-1, due_on: 2026-11-01, open: 49.95}]}
tests:
  - {name: She is reminded, account: anna, as_of: 2026-11-06, expect: {rule: RULE}}
"""


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio only: asyncpg knows no other."""
    return "asyncio"


@pytest.fixture
async def store(empty_database_url: str) -> AsyncIterator[Store]:
    """A store of the test's own."""
    async with await Store.open(empty_database_url) as opened:
        yield opened


async def test_a_file_whose_suite_fails_is_not_published(store: Store, tmp_path: Path) -> None:
    """The failing case is said once, the file is noted, and published as soon as the suite passes."""
    (tmp_path / "nl.yaml").write_text(REMINDER)
    (tmp_path / "nl_test.yaml").write_text(SUITE.replace("RULE", "notice"))
    said: list[str] = []
    folder = RulesetFolder(tmp_path, store.rulesets, Examiner(tmp_path), said.append)
    expected = "nl_test.yaml has 1 error; the last good version stays in use"
    assert await folder.publish() == (expected,)
    assert await folder.publish() == (expected,)
    assert [line for line in said if "She is reminded" in line] == said
    assert len(said) == 1
    assert await store.rulesets.list_versions() == ()
    (tmp_path / "nl_test.yaml").write_text(SUITE.replace("RULE", "friendly-reminder"))
    assert await folder.publish() == ()
    (head,) = await store.rulesets.list_versions()
    assert (head.number, head.is_active) == (1, True)
    assert said[-1].startswith("nl-consumer: version 1 published from nl.yaml")


async def test_a_file_that_breaks_its_examination_stops_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is said once, for the file that brings it about; the watch over the folder goes on."""
    broken = "import api.examining as e; e.examine_manuscript = lambda _: 1 / 0; e.main()"
    (tmp_path / "nl.yaml").write_text(REMINDER)
    said: list[str] = []
    folder = RulesetFolder(tmp_path, store.rulesets, Examiner(tmp_path), said.append)
    monkeypatch.setattr(apart, "_COMMAND", (sys.executable, "-c", broken))
    failed = "nl.yaml could not be examined: the process ended with 1"
    assert [await folder.publish() for _ in range(2)] == [(f"{failed}; the last good version stays in use",)] * 2
    assert said == [failed]
    monkeypatch.undo()
    (tmp_path / "be.yaml").write_text(REMINDER.replace("nl-consumer", "be-consumer").replace("NL", "BE"))
    assert len(await folder.publish()) == 1
    assert [head.ruleset_id for head in await store.rulesets.list_versions()] == ["be-consumer"]


async def test_a_file_waits_for_approval(store: Store, tmp_path: Path) -> None:
    """With four eyes a file of the folder is published and not in use, and that is said."""
    (tmp_path / "nl.yaml").write_text(REMINDER)
    said: list[str] = []
    folder = RulesetFolder(tmp_path, store.rulesets, Examiner(tmp_path), said.append)
    await store.rulesets.switch_four_eyes(is_on=True, actor="ann")
    assert await folder.publish() == ()
    assert await store.rulesets.switch_four_eyes(is_on=False, actor="ann")
    assert said[-1].endswith("it waits until somebody approves it")
    assert await store.rulesets.active_at() == ()
    await store.rulesets.record_event("nl-consumer", 1, "approve", actor="bob")
    (version,) = await store.rulesets.active_at()
    assert version.number == 1


async def test_what_is_published_is_not_examined_again(store: Store, tmp_path: Path) -> None:
    """After a restart a folder that is a version already says nothing and changes nothing."""
    (tmp_path / "nl.yaml").write_text(REMINDER)
    await RulesetFolder(tmp_path, store.rulesets, Examiner(tmp_path), lambda _: None).publish()
    said: list[str] = []
    assert await RulesetFolder(tmp_path, store.rulesets, Examiner(tmp_path), said.append).publish() == ()
    assert said == []
    assert len(await store.rulesets.list_versions()) == 1


async def test_accounts_move_from_one_file_to_another(store: Store, tmp_path: Path) -> None:
    """A file that takes over what another gives up is published after it, whatever their names; an overlap is noted."""
    early, late = tmp_path / "a.yaml", tmp_path / "b.yaml"
    early.write_text(REMINDER.replace("nl-consumer", "a").replace("NL", "BE"))
    late.write_text(REMINDER.replace("nl-consumer", "b").replace("NL", "[NL, LU]"))
    said: list[str] = []
    folder = RulesetFolder(tmp_path, store.rulesets, Examiner(tmp_path), said.append)
    assert await folder.publish() == ()
    early.write_text(REMINDER.replace("nl-consumer", "a").replace("NL", "[BE, LU]"))
    (notice,) = await folder.publish()
    assert "“a” and “b” (b version 1) cover the same accounts" in notice
    assert notice.endswith("; the last good version stays in use")
    assert await folder.publish() == (notice,)
    assert len([line for line in said if "coverage-overlap" in line]) == 1
    late.write_text(REMINDER.replace("nl-consumer", "b"))
    assert await folder.publish() == ()
    assert [head.number for head in await store.rulesets.list_versions()] == [2, 1, 2, 1]
