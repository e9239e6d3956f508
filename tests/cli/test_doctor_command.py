"""`dunning doctor`: each thing that an operator would look at is told, and what is bad is told as bad."""

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from cli.doctoring import Disk, Finding, LogKey, Version, judge_disk, judge_key, judge_versions, judge_vitals
from cli.main import main
from store.checkpoints import Signer
from store.vitals import Holdings, IdleSlot, Standby, Vitals
from tests.cli.decided import fill

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SOUND = Vitals(
    version=180_006,
    now=NOW,
    ahead_seconds=0.0,
    is_standby=False,
    settings={
        "fsync": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "ignore_checksum_failure": "off",
        "zero_damaged_pages": "off",
        "autovacuum": "on",
    },
    connections_count=12,
    most_connections=100,
    size_bytes=5 << 30,
    transactions_age=1_000,
    oldest_transaction_seconds=None,
    standbys=(Standby(name="north", lag_seconds=0.1),),
    idle_slots=(),
    missing_migrations_count=0,
    unknown_migrations=(),
    holdings=None,
)
KEPT = Holdings(
    lines_count=9,
    latest_at=None,
    checkpoint_at=None,
    unapproved_count=0,
    usable_count=1,
    ending_count=0,
    endless_count=1,
)


def run(*arguments: str, **environment: str) -> Result:
    """Run the doctor."""
    known = {"DATABASE_URL": "", "DUNNING_LOG_KEY": "", "DUNNING_LOG_KEY_FILE": "", "COLUMNS": "200"}
    return CliRunner().invoke(main, ["doctor", *arguments], env=known | environment)


def find(findings: list[Finding]) -> list[tuple[str, str]]:
    """Return what is not fine, by topic."""
    return [(each.topic, each.verdict) for each in findings if each.verdict != "fine"]


def test_a_sound_database_is_all_fine() -> None:
    """Nothing is to be looked at, and each sentence ends as one."""
    findings = list(judge_vitals(SOUND, is_embedded=False))
    assert find(findings) == []
    assert {each.topic for each in findings} == {"database", "clock", "lag", "versions"}
    assert all(each.sentence.endswith(".") for each in findings)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"settings": SOUND.settings | {"fsync": "off"}}, ("database", "bad")),
        ({"settings": SOUND.settings | {"full_page_writes": "off"}}, ("database", "bad")),
        ({"settings": SOUND.settings | {"zero_damaged_pages": "on"}}, ("database", "bad")),
        ({"settings": SOUND.settings | {"ignore_checksum_failure": "on"}}, ("database", "bad")),
        ({"settings": SOUND.settings | {"data_checksums": "off"}}, ("database", "look")),
        ({"settings": SOUND.settings | {"autovacuum": "off"}}, ("database", "look")),
        ({"is_standby": True}, ("database", "bad")),
        ({"connections_count": 81}, ("database", "look")),
        ({"transactions_age": 1_500_000_000}, ("database", "bad")),
        ({"oldest_transaction_seconds": 7200.0}, ("database", "look")),
        ({"ahead_seconds": 5.0}, ("clock", "look")),
        ({"ahead_seconds": -90.0}, ("clock", "bad")),
        (
            {"holdings": msgspec.structs.replace(KEPT, checkpoint_at=NOW, latest_at=NOW + dt.timedelta(minutes=1))},
            ("clock", "bad"),
        ),
        ({"standbys": (Standby(name="south", lag_seconds=300.0),)}, ("lag", "look")),
        ({"standbys": ()}, ("lag", "look")),
        ({"idle_slots": (IdleSlot(name="old", kept_bytes=9 << 30),)}, ("lag", "look")),
        ({"missing_migrations_count": 2}, ("versions", "look")),
        ({"unknown_migrations": ("0099 (later)",)}, ("versions", "bad")),
        ({"holdings": KEPT}, ("log", "look")),
        ({"holdings": msgspec.structs.replace(KEPT, lines_count=0, usable_count=0)}, ("keys", "look")),
        ({"holdings": msgspec.structs.replace(KEPT, lines_count=0, ending_count=1)}, ("keys", "look")),
        ({"holdings": msgspec.structs.replace(KEPT, lines_count=0, unapproved_count=1)}, ("versions", "look")),
    ],
)
def test_what_is_wrong_is_told(changed: dict[str, Any], found: tuple[str, str]) -> None:
    """One thing at a time, each with what to do."""
    findings = list(judge_vitals(msgspec.structs.replace(SOUND, **changed), is_embedded=False))
    assert find(findings) == [found]
    assert all(each.advice for each in findings if each.verdict != "fine")


@pytest.mark.parametrize(
    ("free", "verdict"), [(500 << 30, "fine"), (50 << 30, "look"), (1 << 29, "bad")], ids=["half", "little", "none"]
)
def test_room_on_the_disk(free: int, verdict: str) -> None:
    """A disk that is nearly full is told before it is full."""
    found = judge_disk(Disk(free=free, total=1000 << 30), Path("data"))
    assert found.verdict == verdict
    assert "of 1,000.0 GiB are free where data lies" in found.sentence


@pytest.mark.parametrize(
    ("key", "is_embedded", "verdict"),
    [
        (LogKey(name="example.com/log"), False, "fine"),
        (LogKey(), True, "fine"),
        (LogKey(), False, "look"),
        (LogKey(problem="it is none"), False, "bad"),
        (LogKey(name="example.com/log", file=Path("log.key"), mode=0o640), False, "bad"),
    ],
)
def test_the_logs_key(key: LogKey, *, is_embedded: bool, verdict: str) -> None:
    """It is there, it is whole, and nobody else reads it."""
    assert judge_key(key, is_embedded=is_embedded).verdict == verdict


def test_versions_that_do_not_load() -> None:
    """A version in use that this program cannot decide with is bad; none at all is to be looked at."""
    assert find(list(judge_versions(()))) == [("versions", "look")]
    whole, broken = Version(name="a version 1", problem=None), Version(name="b version 2", problem="b cannot be loaded")
    assert find(list(judge_versions((whole, broken)))) == [("versions", "bad")]


def test_a_real_database(database_url: str, tmp_path: Path) -> None:
    """The tests' PostgreSQL may lose what it was given: that is bad, and the status says so. Nothing is changed."""
    asyncio.run(fill(database_url, ("uk-consumer",), 1))
    key = tmp_path / "log.key"
    key.write_text(Signer.make("example.com/log").write())
    key.chmod(0o644)
    result = run("--data", str(tmp_path), "--log-key-file", str(key), "--format=json", DATABASE_URL=database_url)
    assert result.exit_code == 1, result.output
    told = {(one["topic"], one["verdict"], one["sentence"]) for one in json.loads(result.stdout)}
    assert ("database", "bad", "fsync is off. What was answered is lost when the machine of PostgreSQL stops.") in told
    assert ("versions", "fine", "One ruleset version is in use and loads.") in told
    assert ("versions", "fine", "The tables are those of this program.") in told
    assert ("clock", "fine", "This machine's clock agrees with PostgreSQL's.") in told
    assert ("keys", "bad", f"Others than its owner may read the log's key: {key} has the mode 644.") in told
    assert "chmod 600" in run("--data", str(tmp_path), "--log-key-file", str(key), DATABASE_URL=database_url).stdout


def test_an_empty_database(empty_database_url: str, tmp_path: Path) -> None:
    """Looking makes no table: what the server would do is said."""
    for _ in range(2):
        result = run("--data", str(tmp_path), DATABASE_URL=empty_database_url)
        assert "migrations are not applied yet" in result.stdout, result.output


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    """That nothing answers is bad; that nothing was ever started is not."""
    result = run("--data", str(tmp_path), DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert (result.exit_code, "PostgreSQL at" in result.stdout) == (1, True), result.output
    fresh = run("--data", str(tmp_path / "new"))
    assert (fresh.exit_code, "There is no database" in fresh.stdout) == (0, True), fresh.output
