"""Folders that a PostgreSQL can be kept in."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def make_open_folder() -> Iterator[Path]:
    """Make a folder that the server's account can pass: pytest's own are shut again by each run of it."""
    with tempfile.TemporaryDirectory(prefix="dunning-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o711)
        yield Path(made)
