"""What is done at a point, and when two of those are the same thing.

The same behaviour: the same outcome and, for a rule, the same level and the same action with the same parameters, over
the same channel. What a rule is called, its title and its legal basis do not matter; nor does the wording of a block's
reason, as long as it is still the same block.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from engine.comparison.contrasting import contrast
from engine.comparison.joint import NEW, OLD, PREFERRED_FACT, SIDES, Joint
from engine.conditions import plan
from engine.conditions.boxes import EVERYTHING, NOTHING, Region, region_of
from engine.conditions.sets import ValueSet, booleans, words
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
    def orders(self) -> tuple[tuple[str, ...], ...]:
        """Return the channels of the action and of each along with it, in the order tried."""
        return () if self.action is None else tuple(action.channels for action in _flatten(self.action))

    @property
    def key(self) -> bytes:
        """Return what makes two behaviours the same whatever they are called, but for the channels."""
        action = None if self.action is None else _without_channels(self.action)
        return msgspec.json.encode((self.kind, self.level, action), order="deterministic")


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


class Judge:
    """Says where two behaviours differ; asked often, it remembers."""

    def __init__(self, joint: Joint, twin_blocks: frozenset[tuple[str, str]], *, budget: int) -> None:
        self._joint = joint
        self._twins = twin_blocks
        self._budget = budget
        self._orders: dict[tuple[tuple[str, ...], tuple[str, ...]], Region] = {}
        self._keys: dict[int, tuple[Behaviour, bytes]] = {}

    def differ(self, old: Behaviour, new: Behaviour) -> Region:
        """Return where the two are not the same."""
        if old.kind == new.kind == "blocked":
            is_same = old.reason == new.reason or (old.id, new.id) in self._twins
            return NOTHING if is_same else EVERYTHING
        if self._key(old) != self._key(new):
            return EVERYTHING
        pairs = zip(old.orders, new.orders, strict=True)
        return tuple(box for left, right in pairs for box in self._differ_in_channel(left, right))

    def _key(self, behaviour: Behaviour) -> bytes:
        if id(behaviour) not in self._keys:
            self._keys[id(behaviour)] = behaviour, behaviour.key
        return self._keys[id(behaviour)][1]

    def _differ_in_channel(self, old: tuple[str, ...], new: tuple[str, ...]) -> Region:
        if (not old and not new) or (old == new and self._joint.are_limits_alike):
            return NOTHING
        if (old, new) not in self._orders:
            lists = [tuple(self._first_open(side, order)) for side, order in zip(SIDES, (old, new), strict=True)]
            pieces = contrast(lists[OLD], lists[NEW], self._joint.dimensions, _are_unlike, budget=self._budget)
            self._orders[old, new] = tuple(box for box, _, _ in pieces)
        return self._orders[old, new]

    def _first_open(self, side: int, order: tuple[str, ...]) -> Iterator[tuple[Region, str]]:
        """Yield where each channel is taken, as a list of which the first that holds counts."""
        for name in order:
            for channel in CHANNELS if name == PREFERRED else (name,):
                sides: dict[str, ValueSet] = {self._joint.add(side, plan.reach_key([channel])): booleans(*(True,))}
                if name == PREFERRED:
                    sides[self._joint.add(side, PREFERRED_FACT)] = words(channel)
                yield region_of(sides, self._joint.dimensions), channel
        yield EVERYTHING, ""


def _are_unlike(old: str, new: str) -> Region:
    return NOTHING if old == new else EVERYTHING


def _flatten(action: Action) -> tuple[Action, ...]:
    return (action, *action.along_with)


def _without_channels(action: Action) -> Action:
    along = tuple(_without_channels(other) for other in action.along_with)
    return msgspec.structs.replace(action, channels=(), along_with=along)
