"""Lines that are not those their stored hashes were made of: edited where they stand, or moved from another place."""

import msgspec

from store.findings import MOST_FINDINGS, Findings
from store.loglines import put_in_place
from store.merkle import hash_leaf

MOST_STRAYS = 100_000  # of more the places are told, but they are not undone


class Stray(msgspec.Struct, kw_only=True):
    """A line that does not fit its stored hash; `home` is where it was hashed, once that is known."""

    place: int
    line: bytes
    stands_as: bytes
    leaf_hash: bytes
    name: str
    home: int | None


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """The hash of what stands at a place, and of what was logged there; None where that is not known any more."""

    stands: bytes
    logged: bytes | None


class Strays:
    """Collects the strays of a log, in the order of places, and tells the moved from the edited once all are known."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._strays: list[Stray] = []
        self._logged: dict[int, bytes | None] = {}
        self._stands: dict[int, bytes] = {}

    def add(self, place: int, line: bytes, leaf_hash: bytes, name: str) -> None:
        """Note a line that does not fit its stored hash."""
        if len(self._strays) == MOST_STRAYS:
            self._tell_edited(place, name)
            return
        home = next((p for p in (place - 1, place + 1) if hash_leaf(put_in_place(p, line)) == leaf_hash), None)
        stands_as = hash_leaf(put_in_place(place, line))
        self._strays.append(
            Stray(place=place, line=line, stands_as=stands_as, leaf_hash=leaf_hash, name=name, home=home)
        )

    def choose(self, place: int, leaf_hash: bytes) -> None:
        """Note which of several lines that claim a place was logged there."""
        if len(self._logged) < MOST_STRAYS:
            self._logged[place] = leaf_hash

    def resolve(self) -> None:
        """Tell what was done to each, and work out what was logged where."""
        self._find_homes()
        for stray in self._strays:
            self._stands[stray.place] = stray.stands_as
            if stray.home not in {None, stray.place}:
                self._logged[stray.place] = None
        for stray in self._strays:
            self._logged[stray.place if stray.home is None else stray.home] = stray.leaf_hash
        for run in self._find_runs():
            self._tell(run)
        self._strays.clear()

    def undo(self, place: int, stored: bytes | None) -> Leaf:
        """Say what stands at a place that has this stored hash (None: no line), and what was logged there."""
        stands = _NO_HASH if stored is None else self._stands.get(place, stored)
        return Leaf(stands=stands, logged=self._logged.get(place, stored))

    def _find_homes(self) -> None:
        """Find out which lines changed places with others that are far away."""
        lost = [stray for stray in self._strays if stray.home is None][:MOST_FINDINGS]
        places = [stray.place for stray in self._strays[:MOST_FINDINGS]]
        for stray in lost:
            stray.home = next((p for p in places if hash_leaf(put_in_place(p, stray.line)) == stray.leaf_hash), None)

    def _find_runs(self) -> list[list[Stray]]:
        """Gather neighbouring lines that were all hashed one place earlier, or all one place later."""
        runs: list[list[Stray]] = []
        for stray in self._strays:
            shift = _shift_of(stray)
            last = runs[-1][-1] if runs else None
            if last and abs(shift) == 1 and (last.place, _shift_of(last)) == (stray.place - 1, shift):
                runs[-1].append(stray)
            else:
                runs.append([stray])
        return runs

    def _tell(self, run: list[Stray]) -> None:
        """Say what was done to lines that stand one after another; a single one may have changed places."""
        first, last, stray = run[0].place, run[-1].place, run[0]
        shift = _shift_of(stray)
        if len(run) == 1 and stray.home is None:
            self._tell_edited(stray.place, stray.name)
        elif len(run) == 1 and stray.home is not None:
            message = f"{stray.name} was logged at {stray.home} and stands at {stray.place}"
            places = sorted([stray.place, stray.home])
            self._findings.add("reordering", places[0], places[1], message)
        elif shift > 0:
            said = f"the lines {first} to {last} were logged one place earlier: a line was put in before them"
            self._findings.add("insertion", first - 1, last, said)
        else:
            said = f"the lines {first} to {last} were logged one place later: a line before them was taken out"
            self._findings.add("deletion", first, last, said)

    def _tell_edited(self, place: int, name: str) -> None:
        self._findings.add("edit", place, place, f"{name} is not what was logged")


def _shift_of(stray: Stray) -> int:
    return 0 if stray.home is None else stray.place - stray.home


_NO_HASH = bytes(32)  # of no line: a tree with it in it fits nothing
