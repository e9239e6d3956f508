"""The coordinates that only two rulesets together have."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from engine.conditions.boxes import Box
from engine.conditions.sets import EITHER, NO, ValueSet
from engine.coordinates.beside import Beside
from engine.coordinates.channels import Limited, Reach, say_open
from engine.coordinates.coordinate import Coordinate, Reader
from engine.coordinates.snapshot import Snapshot, first_of
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import PREFERRED

PREFERRED_FACT = "preferred_channel"
OLD, NEW = 0, 1
SIDES = (OLD, NEW)
_MARKS = ("(old)", "(new)")
_SEEN = (" as the old ruleset sees it", " as the new ruleset sees it")


class OneSided(Coordinate, frozen=True, kw_only=True):
    """What means something to one side only: a fact of another type, a timing by another calendar."""

    own: Coordinate
    side: int

    @property
    def possible(self) -> ValueSet:
        """Return the values that some account has."""
        return self.own.possible

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return self.own.subject

    def say(self, values: ValueSet, currency: str) -> str:
        """Return what it is, and to whom."""
        return self.own.say(values, currency) + _SEEN[self.side]


def one_sided(own: Coordinate, side: int) -> OneSided:
    """Return a coordinate as one side alone means it."""
    return OneSided(key=f"{own.key} {_MARKS[side]}", kind=own.kind, universe=own.universe, own=own, side=side)


class KeepsTurn(Coordinate, frozen=True, kw_only=True):
    """Whether a rule of a level waits only for a channel over its limit; it is worked out from other coordinates."""

    is_worked_out: ClassVar[bool] = True
    level: int

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"level {self.level} waits"

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether it does."""
        does = "waits" if values.contains(value=True) else "does not wait"
        return f"level {self.level} {does} for a channel over its limit"


def keeps_turn(level: int) -> KeepsTurn:
    """Return "a rule of this level keeps its turn"."""
    return KeepsTurn(key=f"@waits:{level}", kind="boolean", universe=EITHER, level=level)


class OpenUnder(Reach, frozen=True, kw_only=True):
    """Whether one of the channels is open under the limits that both sides have.

    The channels ``aside`` are none of them, even where the account prefers one.
    """

    limits: tuple[ContactLimit, ...]
    aside: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Tell whether no channel is left aside."""
        return not self.aside

    def _preferred(self, beside: Beside) -> Iterator[Box]:
        """Yield the same, but that a channel aside cannot be preferred and open where none of these is."""
        preferred = beside.fact(PREFERRED_FACT)
        for box in super()._preferred(beside):
            is_aside = preferred is not None and any(map(box.sides[preferred.key].contains, self.aside))
            if not is_aside or box.sides[self.key] != NO:
                yield box

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads whether they are open."""

        def is_open(each: Self, snapshot: Snapshot) -> bool:
            usable = _usable_under(each.limits, snapshot) - each.aside
            return first_of(each.order, usable, snapshot.standing.preferred) is not None

        return lambda snapshot: {each.key: is_open(each, snapshot) for each in coordinates}

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether one is open."""
        names = list(self.order)
        if self.aside:
            preferred = f"preferred (not {', '.join(sorted(self.aside))})"
            names = [preferred if name == PREFERRED else name for name in names]
        return say_open(names, values)


class ClosedUnder(Limited, frozen=True, kw_only=True):
    """Whether none of the channels is open, and only limits that both sides have close them."""

    limits: tuple[ContactLimit, ...]

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads whether they are closed so."""

        def is_closed(each: Self, snapshot: Snapshot) -> bool:
            standing = snapshot.standing
            is_open = first_of(each.order, _usable_under(each.limits, snapshot), standing.preferred) is not None
            return not is_open and first_of(each.order, standing.usable_channels, standing.preferred) is not None

        return lambda snapshot: {each.key: is_closed(each, snapshot) for each in coordinates}


def open_under(limits: tuple[ContactLimit, ...], order: Sequence[str], aside: Sequence[str] = ()) -> OpenUnder:
    """Return "one of these channels is open" under some limits."""
    left_out = frozenset(aside) if PREFERRED in order else frozenset[str]()
    names = sorted({*order, *(f"-{name}" for name in left_out)})
    return OpenUnder(
        key=f"@reach:{'|'.join(names)}",
        kind="boolean",
        universe=EITHER,
        order=tuple(sorted(set(order))),
        limits=limits,
        aside=left_out,
    )


def closed_under(limits: tuple[ContactLimit, ...], order: Sequence[str]) -> ClosedUnder:
    """Return "only these limits close the channels"."""
    names = tuple(sorted(order))
    return ClosedUnder(key=f"@limited:{'|'.join(names)}", kind="boolean", universe=EITHER, order=names, limits=limits)


def _usable_under(limits: tuple[ContactLimit, ...], snapshot: Snapshot) -> frozenset[str]:
    """Return the channels that an account can be reached by if only these limits hold."""
    over = [each for each in limits if snapshot.count_contacts(each.channel, each.per_days) >= each.at_most]
    usable = snapshot.standing.usable_channels
    return frozenset(name for name in usable if not any(each.channel in {None, name} for each in over))
