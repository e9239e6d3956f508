"""Lists of rules cut into blocks, and the blocks put into sessions.

A session takes some 190 KB whatever is in it, so short lists share one. Every list has its own names there: an event
carries the names of one list, and the others are not even looked at. A list that says the same as another, but for what
its bands and flags stand for, is the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.network.atoms import Conjunction
from engine.network.names import generate_names
from engine.network.session import Session

# With at most 64 rules, the one for warming up included, a session is inside every limit of durable_rules, whatever
# they test. Fewer make a match faster, since it walks all of them; more need fewer sessions.
BLOCK_RULES = 24
SHARED_RULES = 24
# An event has room for 252 facts; the others are flags, no more than a block has rules.
MAX_NUMBERS = 180


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where some rules are: their session's number, the number of the first there, their facts' names there."""

    session: int
    first: int
    names: Mapping[str, str]


class Packer:
    """Takes lists of rules; then makes the sessions."""

    def __init__(self) -> None:
        self._contents: list[list[Conjunction]] = []
        self._places: dict[tuple[Conjunction, ...], Place] = {}
        self._shared: int | None = None
        self._names: Iterator[str] = iter(())

    def place(self, rules: Sequence[Conjunction]) -> list[Place]:
        """Return where a list is put: a short one beside others, each block of a long one alone."""
        if len(rules) > SHARED_RULES:
            return [
                self._place_alone(rules[first : first + BLOCK_RULES]) for first in range(0, len(rules), BLOCK_RULES)
            ]
        known = self._places.get(tuple(rules))
        if known is None:
            known = self._places[tuple(rules)] = self._share(rules)
        return [known]

    def make_sessions(self) -> list[Session]:
        """Return the sessions, by number."""
        return [Session(rules) for rules in self._contents]

    def _place_alone(self, rules: Sequence[Conjunction]) -> Place:
        self._contents.append(list(rules))
        return Place(session=len(self._contents) - 1, first=0, names={fact: fact for fact in _facts(rules)})

    def _share(self, rules: Sequence[Conjunction]) -> Place:
        if self._shared is None or len(self._contents[self._shared]) + len(rules) > SHARED_RULES:
            self._contents.append([])
            self._shared = len(self._contents) - 1
            self._names = generate_names()
        session = self._contents[self._shared]
        names = {fact: next(self._names) for fact in _facts(rules)}
        place = Place(session=self._shared, first=len(session), names=names)
        session.extend(tuple(atom.rename(names[atom.fact]) for atom in tests) for tests in rules)
        return place


def _facts(rules: Sequence[Conjunction]) -> list[str]:
    return list(dict.fromkeys(atom.fact for tests in rules for atom in tests))
