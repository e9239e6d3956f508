"""What a part of a ruleset may name while it is read in one currency."""

import msgspec

from engine.loading.complaints import Complaints
from engine.model.calendar import Calendar
from engine.model.decline import DeclineTable
from engine.model.vocabulary import Fact


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The names in sight; ``currency`` is None where amounts cannot be read yet (facts.yaml by itself).

    ``tables`` has the ids of each table's rows. What is ``is_of_folder`` is read for every ruleset of it: rules, levels
    and fees may be such as this one lacks.
    """

    complaints: Complaints
    currency: str | None = None
    currencies: tuple[str, ...] = ()
    facts: dict[str, Fact] = {}
    conditions: frozenset[str] = frozenset()
    experiments: dict[str, tuple[str, ...]] = {}
    fees: frozenset[str] = frozenset()
    interest: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    tables: dict[str, tuple[str, ...]] = {}
    levels: frozenset[int] = frozenset()
    calendar: Calendar | None = None
    declines: DeclineTable | None = None
    is_of_folder: bool = False
