"""Where rules are put: sessions of durable_rules that fill up one after the other, and that networks may share.

A session takes some 190 KB whatever is in it, so short lists share one. Every rule begins with two flags, a group's and
its own or its list's: of what the event does not name nothing is looked at. A list that says the same as another, but
for what its classes stand for, is the other.
"""

from __future__ import annotations

from threading import Lock

import msgspec

from engine.network.atoms import Atom, Conjunction
from engine.network.names import GROUP_FLAGS, GROUP_SIZE, RULE_FLAGS
from engine.network.session import Session

# With at most 64 rules, the one for warming up included, a session is inside every limit of durable_rules, whatever
# they test.
MOST_RULES = 4 * GROUP_SIZE


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a list is: its session, and the numbers there of its first rule and of its first pair of flags.

    `is_named` tells that each rule has flags of its own, and not all the same.
    """

    session: Session
    rule: int
    slot: int
    is_named: bool

    def flags(self, rule: int) -> tuple[str, str]:
        """Return the flags that an event raises to ask about a rule of the list."""
        group, place = divmod(self.slot + rule if self.is_named else self.slot, GROUP_SIZE)
        return GROUP_FLAGS[group], RULE_FLAGS[group][place]


class Pool:
    """The sessions, and the lock that whoever asks one of them holds."""

    def __init__(self) -> None:
        self.sessions = [Session()]
        self.lock = Lock()
        self._rule_count = self._slot_count = 0
        self._places: dict[tuple[tuple[Conjunction, ...], bool], Place] = {}

    def place(self, rules: tuple[Conjunction, ...], *, is_named: bool) -> Place:
        """Put a list, in order of priority and at most as long as a session, where there is room for it."""
        known = self._places.get((rules, is_named))
        if known is not None:
            return known
        if self.sessions[-1].is_open or self._rule_count + len(rules) > MOST_RULES:
            self.sessions.append(Session())
            self._rule_count = self._slot_count = 0
        place = Place(session=self.sessions[-1], rule=self._rule_count, slot=self._slot_count, is_named=is_named)
        for number, tests in enumerate(rules):
            place.session.add((*(Atom("==", flag, 1) for flag in place.flags(number)), *tests))
        self._rule_count += len(rules)
        self._slot_count += len(rules) if is_named else 1
        self._places[rules, is_named] = place
        return place

    def open(self) -> None:
        """Make the sessions ready to be asked; what is placed later has sessions of its own."""
        for session in self.sessions:
            with self.lock:  # one by one: who asks meanwhile waits for one at most
                if not session.is_open:
                    session.open()

    def close(self) -> None:
        """Free the sessions; waits for who is asking, and asking later raises NetworkClosed."""
        with self.lock:
            for session in self.sessions:
                session.close()
