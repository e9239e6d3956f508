"""The folder beside the answer in which a run keeps what it has done, so that it can be stopped at any moment.

`plan.json` is the run; `done/00012.json` says that a unit's parts are whole. Both are on the disk before anybody relies
on them. Who works at a unit holds its lock, which ends with its holder: what somebody left is taken up by others.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from cli.bulk.beside import Found, Lengths
from cli.bulk.plan import Form, Plan, RunRefused, Unit
from cli.bulk.tally import Tally
from cli.bulk.writing import write_bytes
from store.filelocks import FileLock

ENDING = ".run"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a unit is done, and what was counted in it."""

    unit: int
    tally: Tally


class WorkFolder:
    """One run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path / "run.lock")

    def make(self, *, is_private: bool = False) -> None:
        """Lay the folder out; a private one is for its owner alone, before anything lies in it."""
        self.path.mkdir(parents=True, exist_ok=True)
        if is_private:
            self.path.chmod(0o700)
        for name in ("done", "parts", "refused", "locks"):
            (self.path / name).mkdir(parents=True, exist_ok=True)

    def enter(self, *, is_joining: bool) -> None:
        """Hold the folder, alone or with others who join; RunRefused where that cannot be."""
        if not (self._lock.try_share() if is_joining else self._lock.try_own()):
            self._lock.forget()
            raise RunRefused(
                "Another process is at this run. Wait for it, or begin all of them with --join to share the work."
            )

    def leave(self, *, has_begun: bool) -> None:
        """Let go of the folder; whoever is the last at a run that is finished, or was never begun, takes it away."""
        if (self.is_finished or not has_begun) and self._lock.try_own():
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()

    @property
    def is_finished(self) -> bool:
        """Whether the answer stands where it was asked for."""
        return (self.path / "finished").exists()

    def note_finished(self) -> None:
        """Say that the answer stands where it was asked for."""
        write_bytes(self.path / "finished", b"")

    def keep_hash(self, written: str) -> None:
        """Keep what names the run, told from its parts."""
        write_bytes(self.path / "hash", written.encode())

    def read_hash(self) -> str | None:
        """Return what names the run, if it was kept."""
        try:
            return (self.path / "hash").read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def read_plan(self) -> Plan | None:
        """Return the run that was begun here, if one was."""
        try:
            return msgspec.json.decode((self.path / "plan.json").read_bytes(), type=Plan)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as problem:
            raise RunRefused(f"{self.path} is of another release ({problem}); begin anew with --overwrite.") from None

    def begin(self, plan: Plan, *, is_logged: bool = False) -> None:
        """Keep the plan, and whether every decision goes into the decision log."""
        if is_logged:
            self.logged.mkdir(exist_ok=True)
        write_bytes(self.path / "plan.json", msgspec.json.encode(plan))

    @property
    def logged(self) -> Path:
        """Where it is noted which decisions are in the decision log."""
        return self.path / "logged"

    @property
    def is_logged(self) -> bool:
        """Whether every decision goes into the decision log."""
        return self.logged.exists()

    def part_of(self, unit: Unit, form: Form) -> Path:
        """Return where a unit's decisions are."""
        return self.path / "parts" / f"part-{unit.index:05d}.{form}"

    def refused_of(self, unit: Unit) -> Path:
        """Return where a unit's refused accounts are."""
        return self.path / "refused" / f"part-{unit.index:05d}.csv"

    def keep_found(self, unit: Unit, name: str, found: Found, lengths: Lengths) -> None:
        """Keep which accounts of the files beside were among those of a unit, and how many rows each has there."""
        write_bytes(self._found_of(unit, name), np.packbits(found).tobytes())
        if not self._lengths_of(name).exists():
            write_bytes(self._lengths_of(name), lengths.tobytes())

    def count_lost(self, plan: Plan, name: str) -> int:
        """Count the rows of the files beside that name an account which is in no unit, once all units are done."""
        path = self._lengths_of(name)
        if not path.exists():  # no account at all
            return 0
        lengths = np.frombuffer(path.read_bytes(), dtype=np.int64)
        found = np.packbits(np.zeros(len(lengths), dtype=np.bool_))
        for unit in plan.units:
            found |= np.frombuffer(self._found_of(unit, name).read_bytes(), dtype=np.uint8)
        return int(lengths[np.unpackbits(found, count=len(lengths)) == 0].sum())

    def _found_of(self, unit: Unit, name: str) -> Path:
        return self.path / "done" / f"{unit.index:05d}.{name}"

    def _lengths_of(self, name: str) -> Path:
        return self.path / "done" / f"lengths.{name}"

    def lock_of(self, unit: Unit) -> FileLock:
        """Return the lock of whoever works at a unit."""
        return FileLock(self.path / "locks" / f"{unit.index:05d}.lock")

    @property
    def turn(self) -> FileLock:
        """The lock of whoever begins the run or puts its parts together."""
        return FileLock(self.path / "locks" / "turn.lock")

    def note(self, record: Record) -> None:
        """Say that a unit is done."""
        write_bytes(self._record_of(record.unit), msgspec.json.encode(record))

    def find(self, unit: Unit) -> Record | None:
        """Return what was said of a unit, if it is done."""
        try:
            return msgspec.json.decode(self._record_of(unit.index).read_bytes(), type=Record)
        except FileNotFoundError:
            return None

    def read_records(self, plan: Plan) -> Iterator[Record | None]:
        """Yield what is known of each unit."""
        return map(self.find, plan.units)

    def _record_of(self, unit: int) -> Path:
        return self.path / "done" / f"{unit:05d}.json"

    def clear(self) -> None:
        """Forget a run that was begun here."""
        for name in ("done", "parts", "refused", "logged"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in ("plan.json", "hash", "finished"):
            (self.path / name).unlink(missing_ok=True)
        self.make()
