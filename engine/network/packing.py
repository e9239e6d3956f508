"""Short lists of rules together in few sessions, since a session of its own takes some 190 KB whatever is in it.

Every list has its own names for its facts. An event carries the names of one list, so the others in the session are not
even looked at; and a list that says the same as another, but for what its codes mean, is the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.network.atoms import Conjunction
from engine.network.names import generate_names
from engine.network.session import Session

# So many rules are inside every limit of durable_rules whatever they test; more would make each match slower, too.
SHARED_RULES = 32


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a list is: its session's number, the number of its first rule there, its facts' names there."""

    session: int
    first: int
    names: Mapping[str, str]


class Packer:
    """Takes lists of rules; then makes the sessions."""

    def __init__(self) -> None:
        self._contents: list[list[Conjunction]] = []
        self._places: dict[tuple[Conjunction, ...], Place] = {}
        self._open: int | None = None
        self._new_names = generate_names()

    def place(self, rules: Sequence[Conjunction]) -> Place:
        """Return where a list that is inside the limits is put; its facts get new names."""
        known = self._places.get(tuple(rules))
        if known is None:
            known = self._places[tuple(rules)] = self._share(rules)
        return known

    def place_alone(self, rules: Sequence[Conjunction]) -> Place:
        """Return where a list is put that gets a session for itself and keeps its names."""
        self._contents.append(list(rules))
        return Place(session=len(self._contents) - 1, first=0, names={})

    def make_sessions(self) -> list[Session]:
        """Return the sessions, by number."""
        return [Session(rules) for rules in self._contents]

    def _share(self, rules: Sequence[Conjunction]) -> Place:
        if self._open is None or len(self._contents[self._open]) + len(rules) > SHARED_RULES:
            self._contents.append([])
            self._open = len(self._contents) - 1
            self._new_names = generate_names()
        session = self._contents[self._open]
        facts = dict.fromkeys(test.fact for tests in rules for test in tests)
        names = {fact: next(self._new_names) for fact in facts}
        place = Place(session=self._open, first=len(session), names=names)
        session.extend(tuple(test.rename(names[test.fact]) for test in tests) for tests in rules)
        return place
