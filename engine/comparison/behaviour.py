"""What is done at a point, and when two of those are the same thing.

The same behaviour: the same outcome and, for a rule, the same level and the same action with the same parameters, over
the same channel. What a rule is called, its title and its legal basis do not matter; nor does the wording of a block's
reason, as long as it is still the same block.
"""

from collections.abc import Iterator
from itertools import product
from typing import Literal, TypeAlias

import msgspec

from engine.comparison.contrasting import list_differing
from engine.comparison.coordinates import NEW, OLD, PREFERRED_FACT, SIDES
from engine.comparison.joint import Joint
from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, NOTHING, Region, Steps, region_of
from engine.conditions.sets import words
from engine.model.ruleset import Action, Block, Rule
from engine.model.vocabulary import CHANNELS, PREFERRED

Kind = Literal["covered", "not_covered", "refused", "decided", "blocked", "act", "nothing"]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What one side does at a point: ``id`` is the rule's or the block's, ``action`` what is done.

    ``nothing`` stands for ``wait`` and for ``otherwise``: no rule wins now.
    """

    kind: Kind
    id: str | None = None
    title: str | None = None
    level: int | None = None
    reason: str | None = None
    action: Action | None = None

    def __hash__(self) -> int:
        return hash((self.kind, self.id, self.level))

    @property
    def key(self) -> bytes:
        """Return what makes two behaviours the same whatever they are called, but for channels and what goes along."""
        return msgspec.json.encode((self.kind, self.level, _bare(self.action)), order="deterministic")


NOT_COVERED = Behaviour(kind="not_covered")
COVERED = Behaviour(kind="covered")
REFUSED = Behaviour(kind="refused")
DECIDED = Behaviour(kind="decided")


def do_rule(rule: Rule, action: Action) -> Behaviour:
    """Return what is done where a rule wins; its action may lack what a block stops."""
    return Behaviour(kind="act", id=rule.id, title=rule.title, level=rule.level, action=action)


def do_block(block: Block) -> Behaviour:
    """Return what is done where a block ends the search."""
    return Behaviour(kind="blocked", id=block.id, reason=block.reason)


def do_otherwise(action: Action) -> Behaviour:
    """Return what is done where no rule wins."""
    return Behaviour(kind="nothing", action=None if action.type == "none" else action)


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """One action of those done together: its parameters as a key, and the channels tried."""

    key: bytes
    channels: tuple[str, ...]
    is_main: bool = False


Parts: TypeAlias = tuple[_Part, ...]


class Judge:
    """Says where two behaviours differ; asked often, it remembers."""

    def __init__(self, joint: Joint, twin_blocks: frozenset[tuple[str, str]], steps: Steps) -> None:
        self._joint = joint
        self._twins = twin_blocks
        self._steps = steps
        self._found: dict[tuple[Parts, Parts], Region] = {}
        self._keys: dict[int, tuple[Behaviour, bytes]] = {}

    def differ(self, old: Behaviour, new: Behaviour) -> Region:
        """Return where the two are not the same."""
        if old.kind == new.kind == "blocked":
            is_same = old.reason == new.reason or (old.id, new.id) in self._twins
            return NOTHING if is_same else EVERYTHING
        if self._key(old) != self._key(new):
            return EVERYTHING
        return self._differ_in_carrying(old.action, new.action)

    def _key(self, behaviour: Behaviour) -> bytes:
        if id(behaviour) not in self._keys:
            self._keys[id(behaviour)] = behaviour, behaviour.key
        return self._keys[id(behaviour)][1]

    def _differ_in_carrying(self, old: Action | None, new: Action | None) -> Region:
        """Return where two actions of the same parameters come to different channels, or to others along with them."""
        if old is None or new is None:
            return NOTHING
        parts = self._strip(_parts_of(old), _parts_of(new))
        if parts == ((), ()):
            return NOTHING
        if parts not in self._found:
            lists = [[*self._outcomes(side, parts[side])] for side in SIDES]
            self._found[parts] = list_differing(lists[OLD], lists[NEW], self._joint.dimensions, self._steps)
        return self._found[parts]

    def _strip(self, old: Parts, new: Parts) -> tuple[Parts, Parts]:
        """Leave out what is alike at the beginning and at the end."""
        while old and new and self._are_alike(old[0], new[0]):
            old, new = old[1:], new[1:]
        while old and new and self._are_alike(old[-1], new[-1]):
            old, new = old[:-1], new[:-1]
        return old, new

    def _are_alike(self, old: _Part, new: _Part) -> bool:
        return old == new and (self._joint.limits.are_alike or not old.channels)

    def _outcomes(self, side: int, parts: Parts) -> Iterator[tuple[Region, tuple[bytes | str, ...]]]:
        """Yield what the parts come to together, as a list of which the first that holds counts."""
        for chosen in product(*(tuple(self._first_open(side, part)) for part in parts)):
            met: Region = EVERYTHING
            for region, _ in chosen:
                met = boxes.intersection(met, region, self._joint.dimensions)
            yield met, tuple(word for _, words_of in chosen for word in words_of)

    def _first_open(self, side: int, part: _Part) -> Iterator[tuple[Region, tuple[bytes | str, ...]]]:
        for name in part.channels:
            for channel in CHANNELS if name == PREFERRED else (name,):
                region = self._joint.reach(side, [channel])
                if name == PREFERRED:
                    preferred = {self._joint.add_fact(side, PREFERRED_FACT): words(channel)}
                    region = boxes.intersection(
                        region, region_of(preferred, self._joint.dimensions), self._joint.dimensions
                    )
                yield region, (part.key, channel)
        is_left_out = bool(part.channels) and not part.is_main
        yield EVERYTHING, (() if is_left_out else (part.key,))


def _parts_of(action: Action) -> Parts:
    main = _Part(key=b"", channels=action.channels, is_main=True)
    along = (_Part(key=_encode(other), channels=other.channels) for other in action.along_with)
    return (main, *along)


def _encode(action: Action) -> bytes:
    return msgspec.json.encode(_bare(action), order="deterministic")


def _bare(action: Action | None) -> Action | None:
    return None if action is None else msgspec.structs.replace(action, channels=(), along_with=())
