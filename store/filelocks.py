"""Locks on files, kept by the kernel: however their holder ends, they end with it."""

import contextlib
import fcntl
import os
from pathlib import Path

from store.errors import EmbeddedServerError


class FileLock:
    """One holder's grip on a lock file; every object is a holder of its own, also within one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file that carries the lock; a child that inherits it holds the lock too."""
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as problem:
                raise EmbeddedServerError(f"{self._path} cannot be written: {problem.strerror}") from problem
        return self._descriptor

    def own(self) -> None:
        """Wait until nobody else holds the lock in any way, then hold it alone."""
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def try_own(self) -> bool:
        """Hold the lock alone, if nobody else holds it."""
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def share(self) -> None:
        """Hold the lock together with others who share it."""
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def try_share(self) -> bool:
        """Hold the lock together with others who share it, if nobody holds it alone."""
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self.descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
        return False

    def release(self) -> None:
        """Let go, for children that inherited the lock too."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            self.forget()

    def forget(self) -> None:
        """Close our side only: a child that inherited the lock goes on holding it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
