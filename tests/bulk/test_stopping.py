"""A run that is stopped at any moment goes on where it was, and its answer has the same bytes."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.bulk.running import make_accounts, make_rulesets, refuse, run, start, write_ndjson
from tests.cli.command import dunning
from tests.waiting import wait_for

COUNT = 400
UNITS = ("--unit-rows", "5")  # so many that a run is never over before it is killed
FEW = ("--unit-rows", "20")
ALL_KILLS = 20


@pytest.fixture
def rulesets(tmp_path: Path) -> Path:
    """The small ruleset."""
    return make_rulesets(tmp_path)


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    """Accounts for eighty units."""
    return write_ndjson(tmp_path / "a.ndjson", list(make_accounts(COUNT)))


def read(out: Path) -> tuple[bytes, bytes]:
    """The answer and who was refused, as bytes."""
    return out.read_bytes(), out.with_name(f"{out.name}.refused.csv").read_bytes()


def count_done(out: Path) -> int:
    """How many units are done so far."""
    return len(list(out.with_name(f"{out.name}.run").glob("done/*.json")))


def wait_until_done(out: Path, least: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until more units are done than these."""
    wait_for(lambda: count_done(out) > least or process.poll() is not None)


def kill_again_and_again(rulesets: Path, accounts: Path, out: Path, times: int) -> None:
    """Kill the run each time after it has done some more, then let it go on to its end."""
    for number in range(times):
        process = start(rulesets, accounts, out, *UNITS)
        wait_until_done(out, count_done(out) + number % 3, process)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert not out.exists()
    assert "had been done before" in run(rulesets, accounts, out, *UNITS)


def test_a_killed_run_goes_on(tmp_path: Path, rulesets: Path, accounts: Path) -> None:
    """SIGKILL at some moment loses only the unit at work; nothing but the answer is left in the end."""
    run(rulesets, accounts, tmp_path / "whole.parquet", *UNITS)
    out = tmp_path / "d.parquet"
    kill_again_and_again(rulesets, accounts, out, 2)
    assert read(out) == read(tmp_path / "whole.parquet")
    assert not list(tmp_path.glob("d.parquet.run*"))


@pytest.mark.slow
def test_a_run_killed_twenty_times_goes_on(tmp_path: Path, rulesets: Path, accounts: Path) -> None:
    """However often it is killed."""
    write_ndjson(accounts, list(make_accounts(8 * COUNT)))
    run(rulesets, accounts, tmp_path / "whole.csv", *UNITS)
    kill_again_and_again(rulesets, accounts, tmp_path / "d.csv", ALL_KILLS)
    assert read(tmp_path / "d.csv") == read(tmp_path / "whole.csv")


def test_several_processes_give_the_bytes_of_one(tmp_path: Path, rulesets: Path, accounts: Path) -> None:
    """--workers changes nothing of the answer."""
    run(rulesets, accounts, tmp_path / "one.parquet", *FEW)
    said = run(rulesets, accounts, tmp_path / "two.parquet", *FEW, "--workers", "2")
    assert read(tmp_path / "two.parquet") == read(tmp_path / "one.parquet")
    assert "343 accounts decided" in said


def test_two_that_join_give_the_bytes_of_one(tmp_path: Path, rulesets: Path, accounts: Path) -> None:
    """Each says the whole of what both did, and both end well."""
    run(rulesets, accounts, tmp_path / "one.parquet", *FEW)
    both = [start(rulesets, accounts, tmp_path / "two.parquet", *FEW, "--join", "--format", "json") for _ in "ab"]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert said[0] == said[1]
    assert read(tmp_path / "two.parquet") == read(tmp_path / "one.parquet")
    assert not list(tmp_path.glob("two.parquet.run*"))


def test_nobody_joins_unasked(tmp_path: Path, rulesets: Path, accounts: Path) -> None:
    """A second run of the same answer is refused while the first is at it."""
    out = tmp_path / "d.parquet"
    process = start(rulesets, accounts, out, *UNITS)
    wait_for(lambda: count_done(out))
    os.kill(process.pid, signal.SIGSTOP)
    try:
        for more in ((), ("--join",)):
            assert "Another process is at this run" in refuse(rulesets, accounts, out, *UNITS, *more)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()


def test_another_run_does_not_go_on_where_one_was_stopped(tmp_path: Path, rulesets: Path, accounts: Path) -> None:
    """What would change the bytes is refused, with what differs; --overwrite begins anew."""
    out = tmp_path / "d.parquet"
    process = start(rulesets, accounts, out, *UNITS)
    wait_for(lambda: count_done(out))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    other = ("run", "--rulesets", rulesets, "--accounts", accounts, "--out", out, *UNITS)
    assert "was begun with other --columns" in refuse(rulesets, accounts, out, *UNITS, "--columns", "rule")
    assert "for another day or instant" in " ".join(dunning(*other, "--as-of", "2026-11-21").stderr.split())
    with accounts.open("ab") as file:
        file.write(b"\n")
    assert "their files have changed since" in refuse(rulesets, accounts, out, *UNITS)
    run(rulesets, accounts, out, *UNITS, "--overwrite")
    assert out.exists()


def test_a_run_without_a_day_keeps_the_one_it_began_with(tmp_path: Path, rulesets: Path, accounts: Path) -> None:
    """Going on tomorrow, the accounts are asked as they were today."""
    out = tmp_path / "d.parquet"
    process = start(rulesets, accounts, out, *UNITS)
    wait_for(lambda: count_done(out))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    result = dunning("run", "--rulesets", rulesets, "--accounts", accounts, "--out", out, *UNITS)
    assert "accounts decided as of 2026-11-20" in result.stdout
