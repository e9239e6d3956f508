"""Parts that are made when they are first asked for."""

from collections.abc import Callable
from threading import RLock
from typing import Generic, Protocol, TypeVar


class _Owner(Protocol):
    making: dict[str, RLock]


Owner = TypeVar("Owner", bound=_Owner)
Part = TypeVar("Part")


class MadeOnce(Generic[Owner, Part]):
    """A part of its owner, made once however many threads ask for it; from then on it is a plain attribute.

    Whoever asks waits for this part of this owner only, each has a lock in ``making``: Python 3.11's `cached_property`
    has one for all owners. Parts that ask for each other in a circle would wait for ever.
    """

    def __init__(self, make: Callable[[Owner], Part]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, owner: Owner, kind: type[Owner]) -> Part:
        """Make the part, where nobody has meanwhile."""
        with owner.making.setdefault(self._name, RLock()):
            if self._name not in owner.__dict__:
                owner.__dict__[self._name] = self._make(owner)
            made: Part = owner.__dict__[self._name]
            return made
