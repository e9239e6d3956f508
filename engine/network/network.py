"""The regions of an ordered list as durable_rules networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

from engine.conditions.boxes import Point, Region
from engine.conditions.sets import Dimension
from engine.network.events import Encoder, Text, write
from engine.network.expansion import Expansion
from engine.network.partition import Leaf, Rule, Tree, partition
from engine.network.session import Session
from engine.network.width import cut


class _Part:
    """Consecutive rules in one session, and the event of the facts that they test."""

    def __init__(self, rules: Sequence[Rule], names: Sequence[str]) -> None:
        tested = {atom.fact for _, atoms in rules for atom in atoms}
        places = [place for place, name in enumerate(names) if name in tested]
        facts = "".join(f',"{names[place]}":%s' for place in places)
        self.template = '{"id":"e"' + facts + "}"
        self.pick: Callable[[Sequence[Text]], object] = itemgetter(*places)
        self.winners = [index for index, _ in rules]
        self.session = Session([atoms for _, atoms in rules])


class _Chain:
    """The parts of a list that was too wide for one session, in order."""

    def __init__(self, leaf: Leaf, names: Sequence[str]) -> None:
        self._parts = [_Part(rules, names) for rules in cut(leaf.rules)]
        self._otherwise = leaf.otherwise

    def first(self, texts: Sequence[Text]) -> int | None:
        for part in self._parts:
            number = part.session.match(part.template % part.pick(texts))
            if number is not None:
                return part.winners[number]
        return self._otherwise

    def sessions(self) -> Iterator[Session]:
        for part in self._parts:
            yield part.session


class _Choice:
    """A chain for each value of one fact."""

    def __init__(self, place: int, branches: Mapping[Text, _Compiled], others: _Compiled) -> None:
        self._place = place
        self._branches = dict(branches)
        self._others = others

    def first(self, texts: Sequence[Text]) -> int | None:
        return self._branches.get(texts[self._place], self._others).first(texts)

    def sessions(self) -> Iterator[Session]:
        for branch in (*self._branches.values(), self._others):
            yield from branch.sessions()


_Compiled: TypeAlias = _Chain | _Choice


class Network:
    """Answers which of the regions is the first that contains a point."""

    def __init__(self, regions: Sequence[Region], dimensions: Mapping[str, Dimension]) -> None:
        expansion = Expansion(regions, dimensions)
        encoder = Encoder(expansion, dimensions)
        self._encode = encoder.encode
        self._compiled = _compile(partition(expansion.rules, expansion.otherwise), encoder.names)

    @property
    def resets(self) -> int:
        """Count how often a session had to be made anew; 0 is expected."""
        return sum(session.resets for session in self._compiled.sessions())

    def first(self, point: Point) -> int | None:
        """Return the index of the first region that contains the point; a fact that is not given is missing.

        Raises UnfitValue for a value that its fact cannot have, EngineFault if durable_rules fails twice.
        """
        return self._compiled.first(self._encode(point))

    def close(self) -> None:
        """Free the sessions; waits for evaluations under way, and later ones raise NetworkClosed."""
        for session in self._compiled.sessions():
            session.close()


def _compile(tree: Tree, names: Sequence[str]) -> _Compiled:
    if isinstance(tree, Leaf):
        return _Chain(tree, names)
    branches = {write(constant): _compile(branch, names) for constant, branch in tree.branches.items()}
    return _Choice(names.index(tree.fact), branches, _compile(tree.others, names))
