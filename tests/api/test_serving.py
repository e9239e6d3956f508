"""The server as a process: a watched folder, workers, and every way to end it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from api import ending
from cli.commands.serve import command as serve
from cli.options import MOST_WORKERS
from tests.api.examples import REMINDER
from tests.api.running import DUNNING, QUESTION, Running
from tests.waiting import PATIENCE_SECONDS, wait_for

CRASH_ROUNDS_COUNT = int(os.environ.get("DUNNING_CRASH_ROUNDS", "5"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one ruleset."""
    made = tmp_path / "rulesets"
    made.mkdir()
    (made / "nl.yaml").write_text(REMINDER)
    return made


@pytest.fixture
def start(empty_database_url: str, folder: Path) -> Iterator[Callable[..., Running]]:
    """Start servers on a database of the test's own; whatever still runs is ended."""
    started: list[Running] = []

    def make(*options: str) -> Running:
        started.append(Running(empty_database_url, folder, *options))
        return started[-1]

    yield make
    for running in started:
        running.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def shared(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the tests that leave it and its folder as they were; each publishes rulesets of its own."""
    folder = tmp_path_factory.mktemp("shared") / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    running = Running(database_url, folder)
    yield running
    running.end(signal.SIGKILL)


def test_a_watched_folder_is_kept_published(start: Callable[..., Running], folder: Path) -> None:
    """A change is a new version within moments; a broken file keeps the last good one; a way back counts."""
    running = start()
    assert running.decide()["ruleset"]["version"] == 1
    file = folder / "nl.yaml"
    file.write_text(REMINDER.replace("Dutch", "All Dutch"))
    wait_for(lambda: running.decide()["ruleset"]["version"] == 2)

    file.write_text(REMINDER.replace("send_reminder", "send_remider"))
    readiness = wait_for(lambda: (r := running.client.get("/readyz").json())["notices"] and r)
    assert readiness["status"] == "ready"
    assert "nl.yaml has 1 error (14:" in readiness["notices"][0]
    assert "nl.yaml:14:" in running.said
    assert running.decide()["ruleset"]["version"] == 2

    file.write_text(REMINDER)
    wait_for(lambda: running.decide()["ruleset"]["version"] == 1)
    assert running.client.get("/readyz").json()["notices"] == []

    file.write_text(REMINDER.replace("Dutch", "All Dutch"))
    wait_for(lambda: running.decide()["ruleset"]["version"] == 2)

    (folder / "be.yaml").write_text(REMINDER.replace("nl-consumer", "be-consumer").replace("NL", "BE"))
    wait_for(lambda: len(running.client.get("/v1/rulesets").json()["rulesets"]) == 2)
    file.unlink()
    wait_for(lambda: "gone" in str(running.client.get("/readyz").json()["notices"]))
    assert running.decide()["ruleset"]["version"] == 2


def test_a_folder_with_a_broken_file_starts(start: Callable[..., Running], folder: Path) -> None:
    """One broken file does not keep the others from being served."""
    (folder / "broken.yaml").write_text("ruleset: [")
    running = start()
    assert running.decide()["rule"]["id"] == "friendly-reminder"
    assert "broken.yaml" in running.client.get("/readyz").json()["notices"][0]
    assert "broken.yaml:1:" in running.said


def test_a_committed_file_is_published_with_its_commit(start: Callable[..., Running], folder: Path) -> None:
    """The version names commit, author, committer and when; a change not committed names none of them."""
    git = ["git", "-C", str(folder), "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "remote", "add", "origin", "https://ann:secret@example.org/rules.git"], check=True)
    subprocess.run([*git, "add", "nl.yaml"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "First"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    running = start()
    assert running.decide()["ruleset"]["commit"] == commit
    version = running.client.get("/v1/rulesets/nl-consumer/versions/1").json()
    assert version["author"] == "Ann <ann@example.org>"
    assert version["repository"] == "https://example.org/rules.git"
    assert version["committed_at"]
    (folder / "nl.yaml").write_text(REMINDER.replace("Dutch", "All Dutch"))
    wait_for(lambda: running.decide()["ruleset"]["version"] == 2)
    assert running.decide()["ruleset"]["commit"] is None


@pytest.mark.slow
def test_what_was_answered_survives_kill_9(start: Callable[..., Running]) -> None:
    """Kill -9 of the server under load, again and again: every decision that was answered is in the log."""
    answered: list[str] = []
    for _ in range(CRASH_ROUNDS_COUNT):
        crash_under_load(start(), answered)
    running = start()
    lost = [one for one in answered if running.client.get(f"/v1/decisions/{one}").status_code != 200]
    assert lost == []


def connect(running: Running) -> httpx.Client:
    """Another client of a server, on a connection of its own."""
    client = running.client
    return httpx.Client(base_url=client.base_url, headers=client.headers, timeout=PATIENCE_SECONDS)


def crash_under_load(running: Running, answered: list[str]) -> None:
    """Kill a server while clients ask for decisions; what they were answered is added."""
    enough = len(answered) + 100

    def ask() -> None:
        with connect(running) as client:
            while True:
                try:
                    answer = client.post("/v1/next-action", json=QUESTION)
                except httpx.TransportError:
                    return
                if answer.status_code == 200:  # not one that is only starting
                    answered.append(answer.json()["decision_id"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(answered) > enough)
    running.end(signal.SIGKILL)
    for thread in threads:
        thread.join()


def test_sigterm_ends_it_well(start: Callable[..., Running]) -> None:
    """SIGTERM and SIGINT end the server with exit code 0."""
    for kind in (signal.SIGTERM, signal.SIGINT):
        running = start()
        running.decide()
        assert running.end(kind) == 0, running.said
        assert "Traceback" not in running.said


def test_workers_share_the_work(start: Callable[..., Running]) -> None:
    """Several workers answer one port; one killed is replaced; figures are added up; orphans do not stay."""
    running = start("--workers", "2")
    for _ in range(20):
        running.client.close()
        running.client = connect(running)
        running.decide()
    decided = re.compile(r'dunning_decisions_total\{outcome="act"\} (\d+)')

    def count() -> int:
        found = decided.search(running.client.get("/metrics").text)
        return int(found[1]) if found else 0

    wait_for(lambda: count() == 20)
    workers = find_children(running.process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    wait_for(lambda: len(set(find_children(running.process.pid)) - {workers[0]}) == 2)
    assert f"Worker {workers[0]} died (exit code -9); another is started" in running.said
    running.client.close()
    running.client = connect(running)
    wait_for(lambda: running.client.get("/readyz").status_code == 200)
    running.decide()
    assert "dunning_worker_deaths_total 1\n" in running.client.get("/metrics").text
    workers = find_children(running.process.pid)
    running.end(signal.SIGKILL)
    wait_for(lambda: not any(is_alive(worker) for worker in workers))


def test_workers_end_well(start: Callable[..., Running]) -> None:
    """SIGTERM ends a server with workers, all of them, with exit code 0."""
    running = start("--workers", "2")
    running.decide()
    workers = find_children(running.process.pid)
    assert running.end(signal.SIGTERM) == 0
    assert not any(is_alive(worker) for worker in workers)


HANGING = """
import sys
import api.comparing
import api.ending
def compare(old, new):
    print("comparing", file=sys.stderr, flush=True)
    while True:
        pass
api.comparing.compare = compare
api.ending._MOST_SECONDS = {most_seconds}
from cli.main import main
main()
"""


def test_its_own_bounds_end_it_within_ten_seconds() -> None:
    """Requests are given up before all else is, and that before ten seconds have passed."""
    assert ending.GRACE_SECONDS < ending._MOST_SECONDS < 10  # noqa: SLF001  what the next test waits out


@pytest.mark.parametrize(("most_seconds", "code"), [(3600, 0), (0, 1)], ids=["by itself", "by force"])
def test_sigterm_ends_it_whatever_runs(empty_database_url: str, folder: Path, most_seconds: int, code: int) -> None:
    """Though a comparison never ends, in a thread that nobody can stop, and a client never finishes its body."""
    program = (sys.executable, "-c", HANGING.format(most_seconds=most_seconds))
    running = Running(empty_database_url, folder, program=program)
    try:
        running.decide()
        (folder / "nl.yaml").write_text(REMINDER.replace("Dutch", "All Dutch"))
        wait_for(lambda: running.decide()["ruleset"]["version"] == 2)
        address = (running.client.base_url.host, running.client.base_url.port or 0)
        with ThreadPoolExecutor() as pool, socket.create_connection(address) as slow:
            slow.sendall(b"POST /v1/next-action HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n")
            slow.sendall(f"Authorization: {running.client.headers['Authorization']}\r\n\r\n".encode())
            comparing = pool.submit(running.client.get, "/v1/rulesets/nl-consumer/diff?from=1&to=2")
            wait_for(lambda: "comparing" in running.said)
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(PATIENCE_SECONDS) == code, running.said
            if code == 0:  # what was given up is told so, by an answer that says when to come again
                assert (comparing.result().status_code, comparing.result().headers["Retry-After"]) == (503, "2")
                assert slow.recv(65_536).startswith(b"HTTP/1.1 503 ")
                assert "Traceback" not in running.said
    finally:
        running.end(signal.SIGKILL)


def test_more_workers_than_may_be_are_refused() -> None:
    """The command says how many there may be."""
    result = CliRunner().invoke(serve, ["--workers", f"{MOST_WORKERS + 1}"])
    assert (result.exit_code, f"1<=x<={MOST_WORKERS}" in result.output) == (2, True)


def test_a_port_that_is_taken_is_said(shared: Running, folder: Path) -> None:
    """A port that another server has ends the command with status 1 and a sentence."""
    port = str(shared.client.base_url.port)
    command = [DUNNING, "serve", "--port", port, "--rulesets", str(folder)]
    done = subprocess.run(command, env=shared.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there_is_said(folder: Path) -> None:
    """A database that cannot be reached ends the command with status 1 and a sentence."""
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "COLUMNS": "300"}
    command = [DUNNING, "serve", "--port", "0", "--rulesets", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_tokens_are_made_listed_and_revoked(shared: Running) -> None:
    """`dunning token` works beside the server, which takes up a new token and drops a revoked one within moments."""
    secret = shared.run("token", "create", "--name", "reader", "--role", "auditor", "--days", "3")
    listed = next(line for line in shared.run("token", "list").splitlines() if "reader" in line)
    assert secret not in listed
    with connect(shared) as reader:
        reader.headers["Authorization"] = f"Bearer {secret}"
        assert reader.get("/v1/rulesets").status_code == 200
        assert reader.post("/v1/next-action", json=QUESTION).status_code == 403
        shared.run("token", "revoke", listed.split()[0])
        wait_for(lambda: reader.get("/v1/rulesets").status_code == 401)


def test_files_are_published_to_a_running_server(shared: Running, tmp_path: Path) -> None:
    """`dunning publish` sends files with what lies beside them; a broken one ends with status 3 and its place."""
    token = shared.client.headers["Authorization"].removeprefix("Bearer ")
    command = [DUNNING, "publish", "--server", str(shared.client.base_url), "--token", token]
    text = REMINDER.replace("nl-consumer", "fr-consumer").replace("NL", "FR").replace("days_overdue: 3..", "shoe: 3..")
    good, bad = tmp_path / "fr.yaml", tmp_path / "bad.yaml"
    good.write_text(text)
    (tmp_path / "facts.yaml").write_text("facts:\n  shoe: {type: integer, default: 3}\n")
    bad.write_text("ruleset: x\n")
    done = subprocess.run([*command, str(good)], capture_output=True, text=True, check=False)
    assert (done.returncode, "version 1 published" in done.stdout) == (0, True), done.stderr
    done = subprocess.run([*command, str(good), str(bad)], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "is this already" in done.stdout
    assert f"{bad}:1:1: error[" in done.stderr


def test_files_that_overlap_wait_for_each_other(shared: Running, tmp_path: Path) -> None:
    """`dunning publish` has a file again whose accounts another gives up; what still overlaps is refused."""
    token = shared.client.headers["Authorization"].removeprefix("Bearer ")
    command = [DUNNING, "publish", "--server", str(shared.client.base_url), "--token", token, str(tmp_path)]
    early, late = tmp_path / "a.yaml", tmp_path / "b.yaml"
    early.write_text(REMINDER.replace("nl-consumer", "a").replace("NL", "BE"))
    late.write_text(REMINDER.replace("nl-consumer", "b").replace("NL", "[ES, PT]"))
    assert subprocess.run(command, check=False).returncode == 0
    early.write_text(REMINDER.replace("nl-consumer", "a").replace("NL", "[BE, PT]"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "“a” and “b” (b version 1) cover the same accounts" in done.stderr) == (3, True)
    late.write_text(REMINDER.replace("nl-consumer", "b").replace("NL", "ES"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("version 2 published")) == (0, 2), done.stderr
    late.write_text(REMINDER.replace("nl-consumer", "b").replace("NL", "[ES, PT, AD]"))
    done = subprocess.run([*command, "--allow-overlap"], capture_output=True, text=True, check=False)
    assert (done.returncode, "warning[coverage-overlap]" in done.stderr) == (0, True), done.stderr


def find_children(parent: int) -> list[int]:
    """The worker processes of a server, not the tracker that multiprocessing keeps beside them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            arguments = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z" and b"spawn_main" in arguments:
            found.append(int(status.parent.name))
    return sorted(found)


def is_alive(process: int) -> bool:
    """Whether a process still runs."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
