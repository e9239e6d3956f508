"""What a row comes to in the author's words: which rule, what became of it, and for whom."""

from collections.abc import Mapping, Sequence

from engine.comparison.behaviour import Behaviour
from engine.comparison.decisions import Zone
from engine.comparison.difference import Place
from engine.comparison.joint import Joint
from engine.comparison.moves import Move, find_moves
from engine.comparison.wording import say_action, say_terms

_MOST_NAMED = 3
_ORDER = {"act": 0, "blocked": 1}
_OUTSIDE = {
    "covered": "is covered",
    "not_covered": "is not covered",
    "refused": "is refused for a fact that is missing or not allowed",
    "decided": "is decided",
}


class Headliner:
    """Writes the headlines of a comparison."""

    def __init__(self, joint: Joint, renamed: Mapping[str, str]) -> None:
        """Take what is compared, and the renamed rules by old id."""
        self._renamed = renamed
        self._moves = find_moves(joint, renamed)
        self._are_levels_labels = all(each.ruleset.ladder == "none" for each in joint.programs)

    def say(self, zone: Zone, places: Sequence[Place]) -> str:
        """Return what happens, and the facts that all places ask for."""
        moved = self._find_move(zone)
        if moved is None:
            said, without = self._say_outcomes(zone.was, zone.becomes), None
        else:
            rule, move = moved
            said, without = f"{_name(rule)} {move.words}{self._say_beside(zone, rule, move)}", move.key
        whom = _say_whom(places, without=without)
        return f"{said} ({whom})" if whom else said

    def _find_move(self, zone: Zone) -> tuple[Behaviour, Move] | None:
        """Return a rule that was moved by days, where all of the row lies between the two days."""
        boxes = [box for part in zone.parts for box in part.region]
        for behaviours, is_later in ((zone.was, True), (zone.becomes, False)):
            rule = behaviours[0] if len(behaviours) == 1 else None
            if rule is None or rule.kind != "act" or rule.id is None:
                continue
            for move in self._moves.get(self._renamed.get(rule.id, rule.id), ()):
                if move.is_later is is_later and all(move.holds_in(box) for box in boxes):
                    return rule, move
        return None

    def _say_beside(self, zone: Zone, rule: Behaviour, move: Move) -> str:
        """Name the steps of the ladder that, carried out meanwhile, leave a step behind for good, or did so."""
        others = zone.becomes if move.is_later else zone.was
        passing = [each for each in others if _passes(each, rule)]
        if not passing or self._are_levels_labels:
            return ""
        return f", unless {_list(passing)} comes first" if move.is_later else f", before {_list(passing)}"

    def _say_outcomes(self, was: Sequence[Behaviour], becomes: Sequence[Behaviour]) -> str:
        if len(was) == len(becomes) == 1:
            return self._say_pair(was[0], becomes[0])
        pairs = [(old, new) for old in was for new in becomes if self._is_same_rule(old, new)]
        if pairs:
            return _say_changed(*pairs[0], was, becomes)
        if len(was) == 1:
            return _say_one_and_many(was[0], becomes)
        return _say_many_and_one(was, becomes[0]) if len(becomes) == 1 else f"{_list(becomes)}, not {_list(was)}, comes"

    def _is_same_rule(self, old: Behaviour, new: Behaviour) -> bool:
        return old.kind == new.kind == "act" and old.id is not None and self._renamed.get(old.id, old.id) == new.id

    def _say_pair(self, was: Behaviour, becomes: Behaviour) -> str:
        if becomes.kind in _OUTSIDE or was.kind in _OUTSIDE:
            return f"the account {_OUTSIDE.get(becomes.kind, 'is decided')} now"
        if becomes.kind == "blocked":
            return _say_block(was, becomes)
        if was.kind == "blocked":
            return f"block {was.id} blocks no more: {_name(becomes)} comes"
        if was.id is None or becomes.id is None:
            return self._say_rule_and_none(was, becomes)
        if self._is_same_rule(was, becomes):
            return f"{_name(becomes)} has {say_terms(was, becomes)}"
        return f"{_name(becomes)} comes in the place of {_name(was)}"

    def _say_rule_and_none(self, was: Behaviour, becomes: Behaviour) -> str:
        if was.id is not None:
            return f"{_name(was)} no longer comes in these cases" + (
                "" if becomes.action is None else f", but {_name(becomes)}"
            )
        if becomes.id is not None:
            return f"{_name(becomes)} now comes in these cases" + (
                "" if was.action is None else f" in the place of {_name(was)}"
            )
        old, new = ("nothing" if each.action is None else say_action(each.action) for each in (was, becomes))
        return f"where no rule wins, {new} in the place of {old}"


def _say_whom(places: Sequence[Place], *, without: str | None) -> str:
    """Return the facts that every place asks for; history is told in the places alone."""
    first, *others = (place.conditions for place in places)
    asked = (
        words
        for key, words in first.items()
        if not key.startswith("@") and key != without and all(other.get(key) == words for other in others)
    )
    return "; ".join(asked)


def _say_block(was: Behaviour, becomes: Behaviour) -> str:
    if was.kind == "blocked":
        return f"block {becomes.id} now blocks in the place of block {was.id}"
    return f"block {becomes.id} now stops {_name(was)}" if was.id else f"block {becomes.id} now blocks"


def _say_changed(old: Behaviour, new: Behaviour, was: Sequence[Behaviour], becomes: Sequence[Behaviour]) -> str:
    """Tell of a rule that does something else now, and in some cases takes the place of others or gives way."""
    before, after = [each for each in was if each is not old], [each for each in becomes if each is not new]
    takes = f" and comes in the place of {_list(before)}" if before else ""
    return f"{_name(new)} has {say_terms(old, new)}{takes}" + (f" or gives way to {_list(after)}" if after else "")


def _say_one_and_many(was: Behaviour, becomes: Sequence[Behaviour]) -> str:
    if was.kind == "blocked":
        return f"block {was.id} blocks no more: {_list(becomes)} comes"
    if was.id is not None:
        return f"{_name(was)} no longer comes in these cases, but {_list(becomes)}"
    return f"{_list(becomes)} now come in these cases" + (
        "" if was.action is None else f", in the place of {_name(was)}"
    )


def _say_many_and_one(was: Sequence[Behaviour], becomes: Behaviour) -> str:
    if becomes.kind == "blocked":
        return f"block {becomes.id} now stops {_list(was)}"
    if becomes.id is not None:
        return f"{_name(becomes)} now comes in these cases, in the place of {_list(was)}"
    return f"{_list(was)} no longer come in these cases" + ("" if becomes.action is None else f", but {_name(becomes)}")


def _passes(other: Behaviour, rule: Behaviour) -> bool:
    """Tell whether the other is a higher step of the ladder."""
    return other.level is not None and rule.level is not None and other.level > rule.level


def _name(behaviour: Behaviour) -> str:
    if behaviour.kind in _OUTSIDE:
        return f"the account {_OUTSIDE[behaviour.kind]}"
    if behaviour.kind == "blocked":
        return f"block {behaviour.id}"
    if behaviour.id is None:
        return "nothing" if behaviour.action is None else "otherwise"
    return behaviour.id if behaviour.title is None else f"“{behaviour.title}”"


def _list(behaviours: Sequence[Behaviour]) -> str:
    names = list(dict.fromkeys(_name(each) for each in sorted(behaviours, key=lambda each: _ORDER.get(each.kind, 2))))
    shown = names if len(names) <= _MOST_NAMED else [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
