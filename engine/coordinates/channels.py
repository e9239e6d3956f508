"""Which channels can be used now (language.md 5.5 and "Ladders")."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import ClassVar, Self

from engine.conditions.sets import Value, booleans
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing


class OfChannels(Coordinate, frozen=True, kw_only=True):
    """Something of a rule's order of channels."""

    hangs_on_windows: ClassVar[bool] = True
    order: tuple[str, ...]

    @property
    def motion(self) -> Motion:
        """Return that it changes where a contact leaves the window of a limit."""
        return "stepped"

    def days_of_change(self, standing: Standing) -> Iterable[dt.date]:
        """Return when contacts leave the windows of contact limits."""
        return standing.contact_window_ends


class Reach(OfChannels, frozen=True, kw_only=True):
    """Whether one of the channels is open now."""

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"an open channel of: {', '.join(self.order)}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads which orders reach the account."""
        orders = tuple((each.key, each.order) for each in coordinates)
        return lambda snapshot: {key: snapshot.first_open(order) is not None for key, order in orders}


class Limited(OfChannels, frozen=True, kw_only=True):
    """Whether none of the channels is open, and only a contact limit closes them."""

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"closed by a contact limit: {', '.join(self.order)}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads which orders are so."""
        orders = tuple((each.key, each.order) for each in coordinates)
        unlimited: dict[str, Value] = dict.fromkeys((key for key, _ in orders), False)

        def read(snapshot: Snapshot) -> dict[str, Value]:
            if not snapshot.over_limit:
                return unlimited
            return {key: snapshot.is_limited(order) for key, order in orders}

        return read


_EITHER = booleans(*(False, True))


def reach(order: Iterable[str]) -> Reach:
    """Return "one of these channels is open now"."""
    channels = tuple(order)
    return Reach(key=f"@reach:{'|'.join(channels)}", kind="boolean", universe=_EITHER, order=channels)


def limited(order: Iterable[str]) -> Limited:
    """Return "none of these channels is open, and only a contact limit closes them"."""
    channels = tuple(order)
    return Limited(key=f"@limited:{'|'.join(channels)}", kind="boolean", universe=_EITHER, order=channels)
