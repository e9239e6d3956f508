"""Facts as coordinates: as given, drawn from invoices or drawn from history (language.md 3.4 to 3.9)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

import msgspec

from engine.conditions.boxes import Box
from engine.conditions.sets import (
    EITHER,
    BooleanSet,
    Dimension,
    IntegerSet,
    Value,
    ValueSet,
    integers,
    words,
    words_except,
)
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.model.vocabulary import LARGEST_INTEGER, NUMERIC_TYPES, Fact
from engine.model.vocabulary import Value as FactValue
from engine.words.notation import write_values
from engine.words.values import NOT_GIVEN, say_set

WINDOWS: Mapping[str, int] = {"contacts_last_7_days": 7, "contacts_last_30_days": 30}
"""The days that a fact counts contacts over, today included."""

NEVER_MISSING = frozenset({"dunning_level", *WINDOWS})
"""Facts of history that every account has."""

_COUNTED_FROM_INVOICES = frozenset({"days_overdue", "invoice_age_days"})
_STEPPED_FROM_INVOICES = frozenset({"overdue_balance", "overdue_invoices"})


class FactCoordinate(Coordinate, frozen=True, kw_only=True):
    """A fact that is no set; "missing" is one of its values unless it has a default."""

    fact: Fact

    @property
    def motion(self) -> Motion:
        """Return what passing days do to it."""
        name = self.fact.name
        if self.fact.moves or name == "days_since_last_contact":
            return "counted"
        return "stepped" if name in _STEPPED_FROM_INVOICES or name in WINDOWS else "fixed"

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return self.fact.name

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads some facts."""
        facts = tuple((each.key, each.fact) for each in coordinates)

        def read(snapshot: Snapshot) -> dict[str, Value]:
            # A fact that is no set has no tuple for a value.
            return {key: value_of(fact, snapshot) for key, fact in facts}  # type: ignore[misc]

        return read

    def drift(self, standing: Standing) -> int:
        """Return by how much it changes a day."""
        if self.fact.name in standing.given:
            return self.fact.moves
        if self.fact.name in _COUNTED_FROM_INVOICES:
            return 1 if standing.open is not None and standing.open.all else 0
        return 1 if self.fact.source == "history" and standing.executed.contacts else 0

    def days_of_change(self, standing: Standing) -> Iterable[dt.date]:
        """Return the days on which an amount or count may change."""
        name = self.fact.name
        if name in standing.given:
            return ()
        if name in WINDOWS:
            return window_ends((day for day, _ in standing.executed.contacts), WINDOWS[name])
        if standing.open is None:
            return ()
        return {invoice.due_on + dt.timedelta(days=1) for invoice in standing.open.all}

    @property
    def unexecuted(self) -> ValueSet | None:
        """Return what the facts of the episode's history are where nothing was executed."""
        if self.fact.name == "dunning_level":
            return integers((0, 0))
        return words(missing=True) if self.fact.name == "last_rule" else None

    @property
    def possible(self) -> ValueSet:
        """Return every value, without "missing" where history always yields one."""
        is_known = self.fact.name in NEVER_MISSING
        return msgspec.structs.replace(self.universe, missing=False) if is_known else self.universe

    @property
    def trend(self) -> int:
        """Return what passing days do to it: what is not overdue yet will be, and contacts are forgotten."""
        name = self.fact.name
        if name in _STEPPED_FROM_INVOICES:
            return 1
        return -1 if name in WINDOWS else self.fact.moves

    def say(self, values: ValueSet, currency: str) -> str:
        """Return what it is, with its unit."""
        name = self.fact.name.replace("_", " ")
        if isinstance(values, BooleanSet):
            flags = [name if value else f"not {name}" for value in sorted(values.values, reverse=True)]
            return " or ".join([*flags, *([f"{name} {NOT_GIVEN}"] if values.missing else [])])
        present = msgspec.structs.replace(values, missing=False)
        if self.fact.type != "amount" or present.is_empty():
            return f"{name} {say_set(values, self.fact, currency)}"
        return (
            f"{name} {say_set(present, self.fact, currency)} {currency}{f' or {NOT_GIVEN}' if values.missing else ''}"
        )

    def write(self, values: ValueSet, currency: str) -> str:
        """Return what it is in the language's notation."""
        if isinstance(values, IntegerSet) and isinstance(self.universe, IntegerSet):
            # What is bounded for everybody is an open end to an author.
            (low, *_), (*_, high) = self.universe.intervals[0], self.universe.intervals[-1]
            ends = ((None if a == low else a, None if b == high else b) for a, b in values.intervals)
            values = msgspec.structs.replace(values, intervals=tuple(ends))
        return f"{self.fact.name}: {write_values(self.fact, values, currency)}"


class Given(FactCoordinate, frozen=True, kw_only=True):
    """A fact that is what the account says, or its default, on every day."""

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads some facts."""
        defaults = {each.key: each.fact.default for each in coordinates}
        names = frozenset(defaults)

        def read(snapshot: Snapshot) -> dict[str, Value]:
            given = snapshot.standing.given
            return {**defaults, **{name: given[name] for name in names & given.keys()}}  # type: ignore[dict-item, misc]

        return read


class Element(Coordinate, frozen=True, kw_only=True):
    """Whether a set contains an item."""

    fact: Fact
    item: str

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return self.fact.name

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads some elements."""
        sets = [
            (fact.name, fact.default, tuple((each.key, each.item) for each in coordinates if each.fact == fact))
            for fact in dict.fromkeys(each.fact for each in coordinates)
        ]

        def read(snapshot: Snapshot) -> dict[str, Value]:
            found: dict[str, Value] = {}
            for name, default, items in sets:
                held = snapshot.standing.given.get(name, default)
                if isinstance(held, tuple) and held:
                    found.update((key, item in held) for key, item in items)
                else:
                    found.update((key, False) for key, _ in items)
            return found

        return read

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether it does."""
        name = self.fact.name.replace("_", " ")
        return f"{name} {'include' if values.contains(value=True) else 'do not include'} {self.item}"

    def write(self, values: ValueSet, _currency: str) -> str:
        """Return whether it does in the language's notation."""
        is_in = values.contains(value=True)
        return f"{self.fact.name}: {self.item}" if is_in else f"{self.fact.name}: {{none: [{self.item}]}}"


def fact_coordinate(fact: Fact) -> FactCoordinate:
    """Return a fact that is no set as a coordinate."""
    missing = fact.default is None
    kind = Given if fact.source == "given" and not fact.moves else FactCoordinate
    if fact.type in NUMERIC_TYPES:
        return kind(key=fact.name, kind="integer", universe=integers((None, None), missing=missing), fact=fact)
    if fact.type == "boolean":
        universe = msgspec.structs.replace(EITHER, missing=missing)
        return kind(key=fact.name, kind="boolean", universe=universe, fact=fact)
    named = words(*fact.values, missing=missing) if fact.values else words_except(missing=missing)
    return kind(key=fact.name, kind="word", universe=named, fact=fact)


def element(fact: Fact, item: str) -> Element:
    """Return "the set contains the item"."""
    return Element(key=f"{fact.name}:{item}", kind="boolean", universe=EITHER, fact=fact, item=item)


def write_box(box: Box, coordinates: Mapping[str, Coordinate], currency: str) -> str:
    """Write what a box asks, such as ``days_overdue: 3..13, vip: true, email not open``; empty for nothing.

    Facts stand in the language's notation, all else in words. Nothing is left out, so the words are the box.
    """
    facts: list[str] = []
    others: list[str] = []
    for key, values in box.sides.items():
        each = coordinates[key]
        if isinstance(each, FactCoordinate | Element):
            facts.append(each.write(values, currency))
        else:
            others.append(each.say(values, currency))
    return ", ".join((*facts, *others))


def value_of(fact: Fact, snapshot: Snapshot) -> FactValue | None:
    """Return a fact's typed value on a day, None for missing."""
    standing = snapshot.standing
    given = standing.given.get(fact.name)
    if given is not None:
        if fact.moves and isinstance(given, int) and snapshot.day != standing.facts_on:
            moved = given + fact.moves * (snapshot.day - standing.facts_on).days
            # No constant lies beyond 2^53, so no test can tell what lies there apart.
            return max(-LARGEST_INTEGER, min(moved, LARGEST_INTEGER))
        return given
    if fact.source == "invoices" and standing.open is not None:
        return standing.open.value(fact.name, snapshot.day)
    if fact.source == "history":
        return _from_history(fact.name, snapshot)
    if fact.source == "scorecard":
        score = standing.terms.scores[fact.name]
        return score.read(snapshot)
    return fact.default


def _from_history(name: str, snapshot: Snapshot) -> FactValue | None:
    executed = snapshot.executed
    if name == "dunning_level":
        return executed.level
    if name == "last_rule":
        return executed.last_rule
    if name in WINDOWS:
        return snapshot.count_contacts(None, WINDOWS[name])
    return (snapshot.day - executed.contacts[-1][0]).days if executed.contacts else None


def window_ends(days: Iterable[dt.date], per_days: int) -> Iterator[dt.date]:
    """Yield when each day leaves a window of so many days."""
    return (day + dt.timedelta(days=per_days) for day in days)


def fact_of(coordinate: Dimension) -> Fact | None:
    """Return the fact that a coordinate is, or is an element of, None where it is neither."""
    return coordinate.fact if isinstance(coordinate, FactCoordinate | Element) else None
