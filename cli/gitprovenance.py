"""Where a file came from: what git says of the commit that wrote it last."""

import datetime as dt
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from store.rulesets import Provenance

_FORMAT = "%H%x00%an <%ae>%x00%cn <%ce>%x00%cI"
_SECONDS = 10


def read_provenance(publisher: str, files: Sequence[Path]) -> Provenance:
    """Ask git for the commit that changed these files last; files that are not as committed have none."""
    nothing = Provenance(publisher=publisher)
    if not files or _ask(files, "status", "--porcelain", "--ignored", "--") != "":
        return nothing
    logged = _ask(files, "log", "-1", f"--format={_FORMAT}", "--")
    if not logged:
        return nothing
    commit, author, committer, committed_at = logged.split("\0")
    return Provenance(
        publisher=publisher,
        repository=_read_repository(files[0].parent),
        commit=commit,
        author=author,
        committer=committer,
        committed_at=dt.datetime.fromisoformat(committed_at),
    )


def _read_repository(folder: Path) -> str | None:
    """Read the remote's address, without the password that may be in it; a path of this machine is no address."""
    remote = _run(folder, "remote", "get-url", "origin")
    if not remote:
        return None
    if "://" not in remote:
        return remote if ":" in remote and not remote.startswith(("/", ".")) else None
    parts = urlsplit(remote)
    if not parts.hostname:
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _ask(files: Sequence[Path], *arguments: str) -> str | None:
    return _run(files[0].parent, *arguments, *(str(file.resolve()) for file in files))


def _run(folder: Path, *arguments: str) -> str | None:
    """Run git; None where there is no git, no repository, or an answer that does not come."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603  fixed words
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace").strip()
