"""What a row comes to in the author's words: which rule, what became of it, and for whom."""

import re
from collections.abc import Mapping, Sequence

from engine.comparison.behaviour import Behaviour
from engine.comparison.decisions import Zone
from engine.comparison.difference import Change, Place
from engine.comparison.wording import say_terms
from engine.conditions.sets import integers
from engine.coordinates.beside import DAYS_OVERDUE

_FIRST_DAY = re.compile(r"(\d+)\.\.(\d*)")
_MOST_NAMED = 3
_OUTSIDE = {
    "covered": "is covered",
    "not_covered": "is not covered",
    "refused": "is refused for a fact that is missing or not allowed",
    "decided": "is decided",
}


class Headliner:
    """Writes the headlines of a comparison; the changes tell by how many days a rule was moved."""

    def __init__(self, changes: Sequence[Change], renamed: Mapping[str, str]) -> None:
        """Take what is written otherwise, and the renamed rules by old id."""
        self._renamed = renamed
        moves = {change.name: move for change in changes if (move := _find_move(change)) is not None}
        self._moves: Mapping[str, tuple[int, int]] = moves

    def say(self, zone: Zone, places: Sequence[Place]) -> str:
        """Return what happens, and the facts that all places ask for."""
        moved = self._say_move(zone)
        said = moved or self._say_outcomes(zone.was, zone.becomes)
        whom = _say_whom(places, without=DAYS_OVERDUE if moved else None)
        return f"{said} ({whom})" if whom else said

    def _say_move(self, zone: Zone) -> str | None:
        """Tell of a rule whose first day overdue was moved, where all of the row lies between the two days."""
        for behaviours, is_later in ((zone.was, True), (zone.becomes, False)):
            rule = behaviours[0] if len(behaviours) == 1 else None
            if rule is None or rule.kind != "act" or rule.id is None:
                continue
            first, now = self._moves.get(self._renamed.get(rule.id, rule.id), (0, 0))
            if (now > first) is not is_later or first == now:
                continue
            between = integers((min(first, now), max(first, now) - 1))
            sides = [box.sides.get(DAYS_OVERDUE) for part in zone.parts for box in part.region]
            if all(side is not None and side.is_subset(between) for side in sides):
                days = abs(now - first)
                return f"{_name(rule)} comes {days} day{'s' if days > 1 else ''} {'later' if is_later else 'earlier'}"
        return None

    def _say_outcomes(self, was: Sequence[Behaviour], becomes: Sequence[Behaviour]) -> str:
        if len(was) == len(becomes) == 1:
            return self._say_pair(was[0], becomes[0])
        if len(becomes) == 1 and becomes[0].kind == "blocked":
            return f"block {becomes[0].id} now stops {_list(was)}"
        return f"{_list(becomes)} in the place of {_list(was)}"

    def _say_pair(self, was: Behaviour, becomes: Behaviour) -> str:
        if becomes.kind in _OUTSIDE or was.kind in _OUTSIDE:
            return f"the account {_OUTSIDE.get(becomes.kind, 'is decided')} now"
        if becomes.kind == "blocked":
            return f"block {becomes.id} now stops {_name(was)}" if was.id else f"block {becomes.id} now blocks"
        if was.kind == "blocked":
            return f"block {was.id} blocks no more: {_name(becomes)} comes"
        if was.id is None or becomes.id is None:
            return self._say_rule_and_none(was, becomes)
        if self._renamed.get(was.id, was.id) == becomes.id:
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
        return f"{_name(becomes)} in the place of {_name(was)}"


def _find_move(change: Change) -> tuple[int, int] | None:
    """Return the first day overdue of a rule before and now, where its last day is what it was."""
    details = {each.path: (each.was, each.becomes) for each in change.details}
    was, becomes = details.get("when.days_overdue", (None, None))
    old, new = _FIRST_DAY.fullmatch(was or ""), _FIRST_DAY.fullmatch(becomes or "")
    if change.part != "rule" or old is None or new is None or old[2] != new[2]:
        return None
    return int(old[1]), int(new[1])


def _say_whom(places: Sequence[Place], *, without: str | None) -> str:
    """Return the facts that every place asks for; history is told in the places alone."""
    first, *others = (place.conditions for place in places)
    asked = (
        words
        for key, words in first.items()
        if not key.startswith("@") and key != without and all(other.get(key) == words for other in others)
    )
    return "; ".join(asked)


def _name(behaviour: Behaviour) -> str:
    if behaviour.kind in _OUTSIDE:
        return f"the account {_OUTSIDE[behaviour.kind]}"
    if behaviour.kind == "blocked":
        return f"block {behaviour.id}"
    if behaviour.id is None:
        return "nothing" if behaviour.action is None else "otherwise"
    return behaviour.id if behaviour.title is None else f"“{behaviour.title}”"


def _list(behaviours: Sequence[Behaviour]) -> str:
    names = list(dict.fromkeys(_name(each) for each in behaviours))
    shown = names if len(names) <= _MOST_NAMED else [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
