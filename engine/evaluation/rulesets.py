"""The rulesets that answer together, with one index that tells which covers an account (language.md 5.1)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from engine.conditions.sets import Dimension, Value
from engine.coordinates.facts import Element, Given, fact_of
from engine.evaluation.program import Compiled, Program
from engine.evaluation.values import Reader, Unreadable, make_reader
from engine.model.vocabulary import Value as FactValue
from engine.network.masks import MOST_REMEMBERED, MaskTable

Pair = tuple[Compiled, Program]


class UnknownRuleset(Exception):
    """The ruleset asked for by name is none of those that could decide."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no ruleset {name}")
        self.name = name


class Rulesets:
    """Some compiled rulesets; what is asked of a track or of one ruleset is indexed when first asked for."""

    def __init__(self, compiled: Iterable[Compiled]) -> None:
        self.compiled = tuple(compiled)
        self.known_facts = frozenset[str]().union(*(one.fact_names for one in self.compiled))
        self._fields: dict[tuple[str, str | None, str], Field] = {}

    def field(self, track: str, ruleset: str | None, currency: str) -> "Field":
        """Return the rulesets of a track, or the one that is named, in a currency.

        Raises UnknownRuleset.
        """
        key = (track if ruleset is None else "", ruleset, currency)
        found = self._fields.get(key)
        if found is None:
            asked = [
                one
                for one in self.compiled
                if (one.ruleset.track == track if ruleset is None else one.ruleset.id == ruleset)
            ]
            if ruleset is not None and not asked:
                raise UnknownRuleset(ruleset)
            found = Field(asked, currency)
            if currency in found.currencies:  # so that what strangers write cannot fill the memory
                self._fields[key] = found
        return found


class Field:
    """The rulesets of which one may cover an account, in one currency.

    What does not change with the days and reads plain facts is indexed; of a ruleset in several versions, and of one
    whose coverage moves, the account must be asked.
    """

    def __init__(self, asked: Sequence[Compiled], currency: str) -> None:
        self.asked = tuple(asked)
        self.track = asked[0].ruleset.track if asked else None
        self.zone = asked[0].zone if asked else ZoneInfo("UTC")
        self.currencies = {each for one in asked for each in one.programs}
        self.pairs: tuple[Pair, ...] = tuple((one, one.programs[currency]) for one in asked if currency in one.programs)
        versions = Counter(one.ruleset.id for one, _ in self.pairs)
        dimensions: dict[str, Dimension] = {}
        self._indexed: list[Pair] = []
        self._others: list[Pair] = []
        for one, program in self.pairs:
            is_plain = len(self.pairs) > 1 and versions[one.ruleset.id] == 1 and _is_plain(program, dimensions)
            (self._indexed if is_plain else self._others).append((one, program))
        self._table = MaskTable([program.plan.coverage for _, program in self._indexed], dimensions)
        self._facts: list[tuple[str, Reader, FactValue | None, list[Dimension]]] = []
        for fact in dict.fromkeys(fact_of(each) for each in dimensions.values()):
            if fact is not None:
                of_fact = [each for each in dimensions.values() if fact_of(each) == fact]
                self._facts.append((fact.name, make_reader(fact, currency), fact.default, of_fact))
        self._names = tuple(name for name, *_ in self._facts)
        self._known: dict[tuple[object, ...], tuple[list[tuple[Pair, bool]], bool]] = {}

    def list_possible(self, document: Mapping[str, object]) -> tuple[list[tuple[Pair, bool]], bool]:
        """Return who may cover the account, and whether that is sure; and whether something could not be read.

        Who covers an account hangs on what it says of a few facts, so it is remembered for what was met last.
        """
        said = tuple(map(document.get, self._names))
        try:
            known = self._known.get(said)
        except TypeError:  # what is no word cannot be looked up
            return self._read(document)
        if known is None:
            known = self._read(document)
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            _, is_unreadable = known
            # To a dictionary, 1 is true; and a text that is no value of its fact may be of any length.
            if not is_unreadable and all(value is None or type(value) is str for value in said):
                self._known[said] = known
        return known

    def _read(self, document: Mapping[str, object]) -> tuple[list[tuple[Pair, bool]], bool]:
        point: dict[str, Value] = {}
        is_unreadable = False
        for name, read, default, coordinates in self._facts:
            value = document.get(name)
            typed = default
            if value is not None:
                try:
                    typed = read(value)
                except Unreadable:
                    is_unreadable = True
            for each in coordinates:
                if isinstance(each, Element):
                    point[each.key] = isinstance(typed, tuple) and each.item in typed
                else:
                    point[each.key] = None if isinstance(typed, tuple) else typed
        sure = dict.fromkeys(self._table.owners_of(self._table.holding(point)))
        found = [(self._indexed[index], True) for index in sure]
        found += [(pair, False) for pair in self._others]
        return found, is_unreadable


def _is_plain(program: Program, dimensions: dict[str, Dimension]) -> bool:
    """Tell whether a coverage can be indexed beside others, and take in its coordinates if so."""
    asked = program.coverage_coordinates
    if program.is_coverage_drawn or not all(isinstance(each, Given | Element) for each in asked):
        return False
    if any(dimensions.get(each.key, each) != each for each in asked):
        return False  # the fact is another one to another ruleset
    dimensions.update((each.key, each) for each in asked)
    return True
