"""Which facts a rule's `when` bounds while they count down, and by what at most (language.md 4.2, 5.4b).

The boxes are made over representatives: of each fact the few values that some test of the condition could tell apart.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from tests.oracle.conditions import Scope
from tests.oracle.values import NUMERIC, places_of, scale
from tests.oracle.vocabulary import INVOICE_FACTS

COUNTED = (
    "dunning_level",
    "contacts_last_7_days",
    "contacts_last_30_days",
)  # of a history: never missing; one that is given in its place may be any number
MISSING = object()
Box = dict[str, frozenset[int]]  # for each fact the positions of its representatives that are allowed


def read_countdowns(node: Any, outer: Scope) -> tuple[tuple[str, int], ...]:
    """Return each fact that counts down and is bounded from above, with its highest value, of a rule without level."""
    scope = Scope(outer.declarations, outer.named, outer.currency)
    scope.condition(node)
    falling = sorted(name for name in scope.used if scope.declarations[name].moves < 0)
    if not falling or scope.used & INVOICE_FACTS:
        return ()
    boxes = _Boxes(scope, node)
    found = ((name, boxes.highest(name)) for name in falling)
    return tuple((name, highest) for name, highest in found if highest is not None)


class _Boxes:
    def __init__(self, scope: Scope, node: Any) -> None:
        self.scope = scope
        self.representatives: dict[str, list[Any]] = {}
        self.written: dict[str, set[str]] = {}
        self._gather(node)
        self.boxes = self._mapping(node, holds=True)

    def highest(self, name: str) -> int | None:
        """The highest value of all boxes together; None where one has no upper bound or may be missing."""
        values = self._values(name)
        allowed = {index for box in self.boxes for index in box.get(name, range(len(values)))}
        if not allowed or len(values) - 1 in allowed:
            return None
        found = [values[index] for index in allowed]
        return None if MISSING in found else max(found)

    # What each fact may be

    def _gather(self, node: Any) -> None:
        """Collect the words that stand behind each fact, in named conditions too."""
        for key, test in (node or {}).items():
            if key in ("any", "none"):
                for part in test:
                    self._gather(part)
            elif key == "experiment":
                for name, variants in test.items():
                    self.written.setdefault(f"experiment:{name}", set()).update(self._words(variants))
            elif key in self.scope.named:
                self._gather(self.scope.named[key])
            else:
                self.written.setdefault(key, set()).update(self._words(test))

    def _values(self, name: str) -> list[Any]:
        if name not in self.representatives:
            self.representatives[name] = self._list_values(name)
        return self.representatives[name]

    def _list_values(self, name: str) -> list[Any]:
        """List the representatives; of a number the last one is above all that is written."""
        words = self.written.get(name, set())
        if name.startswith("experiment:"):
            return [*sorted(words), "another variant"]
        declaration = self.scope.declarations[name]
        never_missing = declaration.needed or declaration.default is not None or name in COUNTED
        missing = [] if never_missing else [MISSING]
        if declaration.type == "boolean":
            return [*missing, False, True]
        if declaration.type == "set":
            known = sorted(words)
            return [
                frozenset(some)
                for size in range(len(known) + 1)
                for some in itertools.combinations([*known, "another word"], size)
            ]
        if declaration.type not in NUMERIC:
            return [*missing, *sorted(words | (declaration.values or {"another word"}))]
        places = places_of(declaration, self.scope.currency)
        bounds = {scale(end, places) for word in words for end in word.split("..") if _is_number(end)}
        near = {bound + shift for bound in bounds for shift in (-1, 0, 1)} | {0}
        return [*missing, *sorted({min(near) - 1, *near, max(near) + 1})]

    def _words(self, node: Any) -> Iterator[str]:
        """Yield the words of a test; of an amount in several currencies that of the account's."""
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            own = self.scope.currency
            for value in [node[own]] if own in node else node.values():
                yield from self._words(value)
        else:
            for value in node:
                yield from self._words(value)

    # Boxes

    def _mapping(self, node: Any, *, holds: bool) -> list[Box]:
        parts = [self._entry(key, test, holds=holds) for key, test in (node or {}).items()]
        return _meet(parts) if holds else [box for part in parts for box in part]

    def _entry(self, key: str, test: Any, *, holds: bool) -> list[Box]:
        if key in ("any", "none"):
            some = holds if key == "any" else not holds  # whether one of them must hold, or all must fail
            parts = [self._mapping(part, holds=some) for part in test]
            return [box for part in parts for box in part] if some else _meet(parts)
        if key == "experiment":
            atoms = [self._atom(f"experiment:{name}", {"experiment": {name: wanted}}, holds=holds)
                     for name, wanted in test.items()]  # fmt: skip
            return _meet(atoms) if holds else [box for atom in atoms for box in atom]
        if key in self.scope.named:
            return self._mapping(self.scope.named[key], holds=holds == (test == "true"))
        return self._atom(key, {key: test}, holds=holds)

    def _atom(self, name: str, node: dict[str, Any], *, holds: bool) -> list[Box]:
        test = self.scope.condition(node)
        allowed = frozenset(
            index
            for index, value in enumerate(self._values(name))
            if test({} if value is MISSING else {name: value}) == holds
        )
        return [{name: allowed}] if allowed else []


def _meet(parts: list[list[Box]]) -> list[Box]:
    """Return the boxes in which one box of each part holds."""
    found: list[Box] = [{}]
    for part in parts:
        found = [met for left in found for right in part if (met := _meet_two(left, right)) is not None]
    return found


def _meet_two(left: Box, right: Box) -> Box | None:
    met = {**left, **{name: left.get(name, allowed) & allowed for name, allowed in right.items()}}
    return met if all(met.values()) else None


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
