"""Servers in processes of their own, and the processor time that processes take."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
# Of /proc/PID/stat, counted from the field behind the name.
_UTIME, _STIME, _CHILDREN_UTIME, _CHILDREN_STIME, _PARENT = 11, 12, 13, 14, 1


class Served:
    """A server of one kind that answers."""

    def __init__(self, kind: str, url: str, folder: Path, *options: str) -> None:
        environment = os.environ | {"DATABASE_URL": url, "DUNNING_DATA": str(folder / kind), "COLUMNS": "300"}
        command = [sys.executable, "-m", "bench.server", kind, *options]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None  # noqa: S101  it was asked for
        said = ""
        while not (found := re.search(r"Listening on http://([\d.]+):(\d+);", said)):
            line = self.process.stderr.readline()
            if not line:
                raise SystemExit(f"the server “{kind}” did not start:\n{said}")
            said += line
        self.address = (found[1], int(found[2]))
        self._reader = threading.Thread(target=self._hand_on, daemon=True)
        self._reader.start()

    @property
    def cpu_seconds(self) -> float:
        """The processor time that it has taken."""
        return cpu_seconds_of(self.process.pid)

    def _hand_on(self) -> None:
        assert self.process.stderr is not None  # noqa: S101  as above
        with self.process.stderr:
            for line in self.process.stderr:
                sys.stderr.write(line)

    def end(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=30)
        self._reader.join()


def cpu_seconds_of(pid: int) -> float:
    """Return the processor time of a process, all its threads together."""
    fields = _read_stat(Path(f"/proc/{pid}/stat"))
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS_A_SECOND


def cpu_seconds_of_ended_children(parent: int) -> float:
    """Return the processor time of all processes that another had and that have ended."""
    fields = _read_stat(Path(f"/proc/{parent}/stat"))
    return (int(fields[_CHILDREN_UTIME]) + int(fields[_CHILDREN_STIME])) / _TICKS_A_SECOND


def cpu_seconds_of_children(parent: int) -> float:
    """Return the processor time of the processes that another has now."""
    found = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = _read_stat(path)
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[_PARENT]) == parent:
            found += (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS_A_SECOND
    return found


def _read_stat(path: Path) -> list[str]:
    return path.read_text().rpartition(")")[2].split()
