"""What is said again and again is said once a second, with how often it was."""

import logging
import time
from collections.abc import Callable

_PAUSE_SECONDS = 1.0
_MOST_KEPT = 1000


class Calm(logging.Filter):
    """Lets one line of each kind through a second: a full disk, or a stranger, must not fill the log.

    A kind is a logger and a message before its values are put in. What was kept back is counted on the next line.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is written."""
        kind, now = (record.name, str(record.msg)), self._clock()
        said_at, count = self._kinds.get(kind, (float("-inf"), 0))
        if now - said_at < _PAUSE_SECONDS:
            self._kinds[kind] = (said_at, count + 1)
            return False
        if len(self._kinds) >= _MOST_KEPT:
            self._kinds.clear()
        self._kinds[kind] = (now, 0)
        if count:
            record.msg = f"{record.getMessage()} ({count} more of its kind since)"
            record.args = ()
        return True
