"""Where the key that signs checkpoints is: in a variable, in a file, or in one made beside the embedded PostgreSQL."""

import contextlib
import os
from pathlib import Path

from store.checkpoints import KeyInvalid, Signer

FILE_NAME = "log.key"


def find_signer(*, key: str | None, key_file: Path | None, home: Path | None) -> Signer | None:
    """Read the key that is given, else that of the folder `home`, made on its first day; None where there is none.

    Raises KeyInvalid with a sentence that says what to do.
    """
    if key:
        return Signer.read(key)
    if key_file is not None:
        return read_key(key_file)
    if home is None:
        return None
    file = home / FILE_NAME
    if not file.exists():
        write_key(file, Signer.make())
    return read_key(file)


def write_key(file: Path, signer: Signer) -> None:
    """Write a key where only this user can read it; one that is there already is left as it is."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(signer.write() + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        with contextlib.suppress(FileExistsError):  # another process was faster: its key counts
            os.link(draft, file)
    except OSError as problem:
        raise KeyInvalid(f"the log's key cannot be written to {file}: {problem.strerror}") from problem
    finally:
        draft.unlink(missing_ok=True)


def read_key(file: Path) -> Signer:
    """Read the key in a file; raises KeyInvalid with a sentence that says what to do."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise KeyInvalid(f"the log's key cannot be read from {file}: {problem}") from problem
    try:
        return Signer.read(text)
    except KeyInvalid as problem:
        raise KeyInvalid(f"{file}: {problem}") from None
