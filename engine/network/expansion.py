"""Regions as an ordered list of conjunctions of tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from engine.conditions.boxes import Box, Region
from engine.conditions.sets import Dimension, ValueSet
from engine.network.atoms import Atom, Conjunction, express
from engine.network.names import generate_names

# A box of more alternatives than this is not multiplied out: its longest lists are looked up before the event is sent.
# The next limit is tried when the whole has become too long, since an alternative takes some 25 KB.
MAX_ALTERNATIVES = (32, 8, 2)
MAX_LENGTH = 10_000


class Expansion:
    """Regions written out in priority order.

    `rules` holds the number of the region beside each conjunction. A region that always holds ends the list: it is
    `otherwise`. `names` are the names in the event of the facts, `lists` of the lists that are looked up before.
    """

    def __init__(self, regions: Sequence[Region], dimensions: Mapping[str, Dimension]) -> None:
        self._dimensions = dimensions
        for alternatives in MAX_ALTERNATIVES:
            self._limit = alternatives
            self._new_names = generate_names()
            self.names: dict[str, str] = {}
            self.lists: dict[tuple[str, ValueSet], str] = {}
            self.rules: list[tuple[int, Conjunction]] = []
            self.otherwise: int | None = None
            self._expand(regions)
            if len(self.rules) <= MAX_LENGTH:
                break
        self._order()

    def constants(self) -> dict[str, set[int | str]]:
        """Return what the rules compare each fact with."""
        found: dict[str, set[int | str]] = {name: set() for name in self.names.values()}
        for _, conjunction in self.rules:
            for atom in conjunction:
                found.setdefault(atom.fact, set()).add(atom.constant)
        return found

    def _expand(self, regions: Sequence[Region]) -> None:
        seen: set[Conjunction] = set()
        for index, region in enumerate(regions):
            for conjunction in (found for box in region for found in self._conjunctions(box)):
                if not conjunction:
                    self.otherwise = index
                    return
                canonical = tuple(sorted(conjunction))
                if canonical not in seen:  # the same tests again can never be first
                    seen.add(canonical)
                    self.rules.append((index, canonical))

    def _conjunctions(self, box: Box) -> Iterator[Conjunction]:
        sides = {key: express(self._name(key), self._dimensions[key], values) for key, values in box.sides.items()}
        for key in sorted(sides, key=lambda key: len(sides[key]), reverse=True):
            if prod(map(len, sides.values())) <= self._limit:
                break
            sides[key] = ((Atom("==", self._list_name(key, box.sides[key]), 1),),)
        for alternatives in product(*sides.values()):
            yield tuple(atom for atoms in alternatives for atom in atoms)

    def _order(self) -> None:
        """Put equalities first, those on the facts that most rules fix before others, and ranges last."""
        fixed = Counter(atom.fact for _, atoms in self.rules for atom in atoms if atom.operator == "==")
        places = {"==": 0, "$neq": 1, "$gte": 2, "$lte": 2}

        def place(atom: Atom) -> tuple[int, int, Atom]:
            return places[atom.operator], -fixed[atom.fact], atom

        self.rules = [(index, tuple(sorted(atoms, key=place))) for index, atoms in self.rules]

    def _name(self, key: str) -> str:
        if key not in self.names:
            self.names[key] = next(self._new_names)
        return self.names[key]

    def _list_name(self, key: str, values: ValueSet) -> str:
        if (key, values) not in self.lists:
            self.lists[key, values] = next(self._new_names)
        return self.lists[key, values]
