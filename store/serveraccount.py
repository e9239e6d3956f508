"""Whom PostgreSQL runs as: us, or, because it refuses to run as root, an account without rights."""

import logging
import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from store.errors import EmbeddedServerError

_LOGGER = logging.getLogger(__name__)
_ACCOUNTS = ("postgres", "nobody")


class ServerAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account that the server runs as; None for both numbers is our own."""

    name: str
    user: int | None = None
    group: int | None = None

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def admit(self, path: Path) -> None:
        """Let the account pass through the folders above a path: search only, it cannot list them."""
        if self.user is None:
            return
        for folder in reversed(path.parents):
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH and folder.stat().st_uid != self.user:
                _LOGGER.warning("PostgreSQL cannot run as root: account %s may now pass through %s", self.name, folder)
                _grant(folder, mode | stat.S_IXOTH)

    def admit_to_programs(self, program: Path, trees: Sequence[Path]) -> None:
        """Let the account run programs that were installed for root only."""
        if self.user is None:
            return
        self.admit(program)
        try:
            if self.run([program, "--version"], seconds=30).returncode == 0:
                return
        except EmbeddedServerError:
            pass
        for tree in trees:
            for path in [tree, *tree.rglob("*")]:
                mode = path.stat().st_mode
                search = stat.S_IXOTH if mode & stat.S_IXUSR else 0
                _grant(path, mode | stat.S_IROTH | search)

    def run(
        self, command: Sequence[str | Path], *, seconds: float, pass_fds: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the account, free of the caller's PG* settings and folder."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        try:
            return subprocess.run(  # noqa: S603  the wheel's own programs
                [str(part) for part in command],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=seconds,
                cwd="/",
                env=environment | {"LC_ALL": "C"},
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                pass_fds=pass_fds,
                umask=0o077,
            )
        except (OSError, subprocess.SubprocessError) as problem:
            raise EmbeddedServerError(f"{command[0]} cannot be run as {self.name}: {problem}") from problem


def choose_account(data: Path) -> ServerAccount:
    """Choose ourselves, or, for root, the data's owner, else an account that every system has."""
    if os.geteuid() != 0:
        return ServerAccount(name="the current user")
    owner = data.stat().st_uid if data.exists() else 0
    if owner != 0:
        return ServerAccount(name=f"user {owner}", user=owner, group=data.stat().st_gid)
    for name in _ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerAccount(name=name, user=account.pw_uid, group=account.pw_gid)
    raise EmbeddedServerError(
        f"PostgreSQL does not run as root, and none of the accounts {', '.join(_ACCOUNTS)} exists; "
        "run as another user, or set DATABASE_URL"
    )


def _grant(path: Path, mode: int) -> None:
    try:
        path.chmod(stat.S_IMODE(mode))
    except OSError as problem:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and {path} cannot be opened to it: {problem.strerror}; "
            "run as another user, choose another data folder, or set DATABASE_URL"
        ) from problem
