"""A scorecard as a record: integer points for the class of each fact, which add up to a fact of its own."""

import msgspec

from engine.model.condition import Condition
from engine.model.diagnostic import Position


class PointClass(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a fact that are worth the same points."""

    when: Condition
    points: int
    at: Position


class FactPoints(msgspec.Struct, frozen=True, kw_only=True):
    """The points of one fact: those of the first class that holds, ``otherwise`` where none does."""

    fact: str
    classes: tuple[PointClass, ...]
    otherwise: int


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """What adds up to the integer fact that is called like it; ``base`` is what it begins with."""

    name: str
    about: str = ""
    base: int = 0
    points: tuple[FactPoints, ...]
    at: Position
    file: str
