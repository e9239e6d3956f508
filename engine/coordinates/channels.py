"""Which channels can be used now (language.md 5.5 and "Ladders")."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from typing import ClassVar, Self

from engine.conditions.boxes import Box
from engine.conditions.sets import EITHER, NO, YES, Value, ValueSet, words
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.model.vocabulary import PREFERRED

_MOST_CHOICES = 50


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

    def _silent(self, beside: Beside) -> Iterator[Box]:
        """Yield that it is so for who does not want contact."""
        barred = beside.fact("do_not_contact")
        if barred is not None:
            yield Box(sides={self.key: YES, barred.key: YES})

    def _had(self, beside: Beside, names: Iterable[str]) -> Iterator[dict[str, ValueSet]]:
        """Yield that an account that may be contacted has one of these channels of it."""
        barred = beside.fact("do_not_contact")
        for name in names if barred is not None else ():
            element = beside.element("channels", name)
            if element is not None and barred is not None:
                yield {element.key: YES, barred.key: NO}

    def _unlimited(self, beside: Beside) -> Iterator[dict[str, ValueSet]]:
        """Yield that it has one that no contact limit closes."""
        limited = {limit.channel for limit in beside.limits}
        yield from () if None in limited else self._had(beside, [name for name in self.order if name not in limited])


class Reach(OfChannels, frozen=True, kw_only=True):
    """Whether one of the channels is open now."""

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"an open channel of: {', '.join(self.order)}"

    @property
    def is_whole(self) -> bool:
        """Tell whether any channel that the account prefers is meant by ``preferred``."""
        return True

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads which orders reach the account."""
        orders = tuple((each.key, each.order) for each in coordinates)
        return lambda snapshot: {key: snapshot.first_open(order) is not None for key, order in orders}

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that it is open where the account has no channel of it, or where lists with all of it are closed."""
        usable = beside.usable(self.order)
        if not usable:
            yield Box(sides={self.key: YES})
        yield from self._silent(beside)
        yield from (Box(sides={self.key: NO, **sides}) for sides in self._unlimited(beside))
        yield from self._preferred(beside)
        elements = [element for name in usable if (element := beside.element("channels", name)) is not None]
        if PREFERRED not in self.order and len(elements) == len(usable):
            yield Box(sides={self.key: YES, **{element.key: NO for element in elements}})
        others = [other for other in beside.of(Reach) if other.key != self.key]
        for other in others:
            if set(self.order) <= set(other.order):
                yield Box(sides={self.key: YES, other.key: NO})
        closing = [[other.key for other in others if name in other.order] for name in self.order]
        for choice in islice(product(*closing), _MOST_CHOICES):
            if len(set(choice)) > 1:
                yield Box(sides={self.key: YES, **dict.fromkeys(choice, NO)})

    def _preferred(self, beside: Beside) -> Iterator[Box]:
        """Yield that the preferred channel is open where the one that is preferred is not, or the other way round."""
        preferred = beside.fact("preferred_channel") if PREFERRED in self.order else None
        if preferred is None:
            return
        is_alone = len(self.order) == 1
        if is_alone:
            yield Box(sides={self.key: YES, preferred.key: words(missing=True)})
        for other in beside.of(Reach):
            if len(other.order) == 1 and PREFERRED not in other.order:
                is_it = words(*other.order)
                yield Box(sides={self.key: NO, other.key: YES, preferred.key: is_it})
                if is_alone:
                    yield Box(sides={self.key: YES, other.key: NO, preferred.key: is_it})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether one is open."""
        return say_open(self.order, values)


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

    @property
    def unhindered(self) -> ValueSet:
        """Return that no limit closes them."""
        return NO

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that a limit closes them that concerns none of them, or one is open that must be closed with them."""
        if not any(limit.channel in {None, *self.order} or PREFERRED in self.order for limit in beside.limits):
            yield Box(sides={self.key: YES})
        yield from self._silent(beside)
        own = {limit.channel for limit in beside.limits} - {None}
        is_closed_with_all = not own or (PREFERRED not in self.order and own.isdisjoint(self.order))
        for other in beside.of(Reach):
            if is_closed_with_all or set(other.order) <= set(self.order):
                yield Box(sides={self.key: YES, other.key: YES})
            if other.order == self.order and other.is_whole:
                yield from (
                    Box(sides={self.key: NO, other.key: NO, **sides}) for sides in self._had(beside, self.order)
                )

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether it is so."""
        closed = "closed by a contact limit" if values.contains(value=True) else "not closed by a contact limit alone"
        return f"{' or '.join(self.order)} {closed}"


def say_open(names: Sequence[str], values: ValueSet) -> str:
    """Say whether one of some channels is open."""
    if values.contains(value=True):
        return f"{' or '.join(names)} open"
    return f"{names[0]} not open" if len(names) == 1 else f"none of {', '.join(names)} open"


def reach(order: Iterable[str]) -> Reach:
    """Return "one of these channels is open now"."""
    channels = tuple(order)
    return Reach(key=f"@reach:{'|'.join(channels)}", kind="boolean", universe=EITHER, order=channels)


def limited(order: Iterable[str]) -> Limited:
    """Return "none of these channels is open, and only a contact limit closes them"."""
    channels = tuple(order)
    return Limited(key=f"@limited:{'|'.join(channels)}", kind="boolean", universe=EITHER, order=channels)
