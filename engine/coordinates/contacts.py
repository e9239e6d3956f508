"""How many contacts a contact limit counts (language.md 5, "contact_limits")."""

from collections.abc import Iterator, Sequence
from typing import Self

from engine.conditions.boxes import Box
from engine.conditions.sets import ValueSet, integers
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Reader
from engine.model.ruleset import ContactLimit
from engine.words.values import say_set


class Contacts(Coordinate, frozen=True, kw_only=True):
    """The contacts of today and the days before, on one channel or, with None, on all together.

    A plan asks only whether a channel is open; where the limits of two rulesets differ, what they count is told apart.
    """

    channel: str | None
    per_days: int

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the counts."""
        counted = tuple((each.key, each.channel, each.per_days) for each in coordinates)
        return lambda snapshot: {key: snapshot.count_contacts(channel, days) for key, channel, days in counted}

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that all channels or a longer window hold fewer than one channel and a shorter window do."""
        for other in beside.of(Contacts):
            if other.key != self.key and other.channel in {None, self.channel} and self.per_days <= other.per_days:
                for cut in beside.cuts(self, other):
                    if cut > 0:
                        yield Box(sides={self.key: integers((cut, None)), other.key: integers((None, cut - 1))})

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"contacts {self._where} in {self.per_days} days"

    @property
    def _where(self) -> str:
        return "on all channels" if self.channel is None else f"by {self.channel}"

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how many."""
        return f"{self.subject} {say_set(values)}"


def contacts_within(limit: ContactLimit) -> Contacts:
    """Return the contacts that a limit is about."""
    key = f"@contacts:{limit.channel or 'any'}:{limit.per_days}"
    return Contacts(
        key=key, kind="integer", universe=integers((0, None)), channel=limit.channel, per_days=limit.per_days
    )
