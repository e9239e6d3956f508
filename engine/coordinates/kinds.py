"""Every kind of coordinate, for whoever reads stored ones: a kind is told by the name of its class."""

from typing import TypeAlias

from engine.coordinates.attempts import Attempts
from engine.coordinates.channels import Limited, Reach
from engine.coordinates.contacts import Contacts
from engine.coordinates.executions import (
    Announced,
    AnnouncedFee,
    DaysPastDeadline,
    DaysSince,
    DaysSinceMet,
    Done,
    Met,
)
from engine.coordinates.facts import Element, FactCoordinate, Given
from engine.coordinates.ladder import Level, Rested, Turn
from engine.coordinates.parts import Part
from engine.coordinates.repetition import Recent, Rest
from engine.coordinates.scores import Score
from engine.coordinates.stops import Stopped
from engine.coordinates.timing import TimingReached
from engine.coordinates.variants import Variant

AnyCoordinate: TypeAlias = (
    Announced
    | AnnouncedFee
    | Attempts
    | Contacts
    | DaysPastDeadline
    | DaysSince
    | DaysSinceMet
    | Done
    | Element
    | FactCoordinate
    | Given
    | Level
    | Limited
    | Met
    | Part
    | Reach
    | Recent
    | Rest
    | Rested
    | Score
    | Stopped
    | TimingReached
    | Turn
    | Variant
)
