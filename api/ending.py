"""The end of a process within ten seconds, whatever still runs in it."""

import logging
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

GRACE_SECONDS = 5
"""For how long requests under way are answered before they are given up."""
_MOST_SECONDS = 9.0
_THREADS_SECONDS = 0.5
_log = logging.getLogger("dunning.server")


class Threads(ThreadPoolExecutor):
    """The threads that all work beside the event loop shares; the end of the loop does not wait for them."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  its own
        """Begin nothing more."""
        del wait, cancel_futures
        super().shutdown(wait=False, cancel_futures=True)


def end_in_time() -> None:
    """End this process after nine seconds by force; called when it was told to end."""
    timer = threading.Timer(_MOST_SECONDS, _end_by_force)
    timer.daemon = True
    timer.start()


def leave(code: int = 0) -> None:
    """Leave the threads that do not end behind, when all else is closed: Python would wait for them for ever."""
    give_up_at = time.monotonic() + _THREADS_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(give_up_at - time.monotonic(), 0))
            if thread.is_alive():
                _exit(code)


def _end_by_force() -> None:
    _log.error("What still ran after %g seconds was given up", _MOST_SECONDS)
    _exit(1)


def _exit(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
