"""What is wrong with a log, said with its place."""

from typing import Literal

import msgspec

from store.loglines import put_in_place
from store.merkle import hash_leaf

MOST_FINDINGS = 1000

Kind = Literal["edit", "deletion", "insertion", "reordering", "truncation"]


class Finding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that was done past this program; `first` and `last` are the places of the log that it concerns.

    They are None for what is not in the log at all.
    """

    kind: Kind
    first: int | None
    last: int | None
    message: str


class _Stray(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is not the one its stored hash was made of; `home` is where it was hashed, if that is next to it."""

    place: int
    line: bytes
    leaf_hash: bytes
    name: str
    home: int | None


class _Run(msgspec.Struct, kw_only=True):
    """Neighbouring lines that were all hashed one place earlier (1) or later (-1)."""

    first: int
    last: int
    shift: int


class Findings:
    """Collects what is found, in the order of places; what is too much to be shown is counted."""

    def __init__(self) -> None:
        self.count = 0
        self.latest = -1  # the last place that something was found at
        self._found: list[Finding] = []
        self._strays: list[_Stray] = []
        self._run: _Run | None = None

    def add(self, kind: Kind, first: int | None, last: int | None, message: str) -> None:
        """Note a finding."""
        self.count += 1
        self.latest = max(self.latest, -1 if last is None else last)
        if len(self._found) < MOST_FINDINGS:
            self._found.append(Finding(kind=kind, first=first, last=last, message=message))

    def add_stray(self, place: int, line: bytes, leaf_hash: bytes, name: str) -> None:
        """Note a line that does not fit its stored hash; what that means shows once all are known."""
        self.latest = max(self.latest, place)
        home = next((p for p in (place - 1, place + 1) if hash_leaf(put_in_place(p, line)) == leaf_hash), None)
        shift = 0 if home is None else place - home
        if shift and self._run is not None and (self._run.last, self._run.shift) == (place - 1, shift):
            self._run.last = place
            return
        self._end_run()
        self._run = _Run(first=place, last=place, shift=shift) if shift else None
        self.count += 1
        if len(self._strays) < MOST_FINDINGS:
            self._strays.append(_Stray(place=place, line=line, leaf_hash=leaf_hash, name=name, home=home))

    def close(self) -> tuple[Finding, ...]:
        """Return all, by place, having told the lines that changed places from those that were edited."""
        self._end_run()
        strays, self._strays = self._strays, []
        for stray in strays:
            places = [stray.home] if stray.home is not None else [other.place for other in strays]
            home = next((p for p in places if hash_leaf(put_in_place(p, stray.line)) == stray.leaf_hash), None)
            self.count -= 1  # it was counted when it was met
            if home is None:
                self.add("edit", stray.place, stray.place, f"{stray.name} is not what was logged")
            else:
                message = f"{stray.name} was logged at {home} and stands at {stray.place}"
                self.add("reordering", min(stray.place, home), max(stray.place, home), message)
        return tuple(sorted(self._found, key=lambda finding: (finding.first or 0, finding.last or 0)))

    def _end_run(self) -> None:
        """Say that many lines have moved at once; a single one may have changed places with its neighbour."""
        run, self._run = self._run, None
        if run is None or run.first == run.last:
            return
        if self._strays and self._strays[-1].place == run.first:
            self._strays.pop()
        self.count -= 1
        said = f"the lines {run.first} to {run.last} were logged one place {'earlier' if run.shift > 0 else 'later'}"
        if run.shift > 0:
            self.add("insertion", run.first - 1, run.last, f"{said}: a line was put in before them")
        else:
            self.add("deletion", run.first, run.last, f"{said}: a line before them was taken out")
