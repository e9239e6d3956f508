"""A concrete account for a part of a difference, asked of both rulesets before it is shown."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from engine.comparison.coordinates import NEW, OLD, SIDES, OneSided
from engine.comparison.decisions import Part
from engine.comparison.difference import Sample
from engine.comparison.joint import Joint
from engine.comparison.points import point_of
from engine.conditions import boxes
from engine.conditions.boxes import Box, BudgetExceeded, Region
from engine.conditions.sets import ValueSet, integers
from engine.coordinates.attempts import Attempts
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import SOME, done
from engine.coordinates.facts import Element, FactCoordinate
from engine.coordinates.ladder import LEVEL
from engine.evaluation.choosing import channel_of
from engine.evaluation.program import Compiled
from engine.evaluation.view import View
from engine.loading.grammar.account import ACCOUNT_KEYS
from engine.model.account import AccountInvalid
from engine.model.question import Question
from engine.worlds.asking import Asking
from engine.worlds.setting import Setting
from engine.worlds.sketch import Sketcher
from engine.worlds.wishes import Wishes

Document = dict[str, object]
_USUAL_DAY = dt.date(2026, 3, 2)
_OPEN_DAYS = 7
_PIECES = 40
_NATURAL = 3
_TRIED = 60
_STEPS = 3_000
_PARTS = 6


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one side says of an account, and the account as it reads it, unless it refuses it."""

    words: str
    view: View | None


class Sampler:
    """Draws accounts that lie in a part of a difference between two rulesets in one currency."""

    def __init__(self, joint: Joint, compiled: tuple[Compiled, Compiled], impossible: Region) -> None:
        self._joint = joint
        self._compiled = compiled
        self._impossible = impossible
        self._as_of = _common_day(compiled)
        self._sketcher = Sketcher(_setting_of(joint), "sample-{}".format)
        covered = [joint.lift(side, joint.programs[side].plan.coverage) for side in SIDES]
        self._coverage = boxes.intersection(covered[OLD], covered[NEW], joint.dimensions)
        levels = {rule.level for rule in joint.programs[NEW].edition.rules if rule.level is not None}
        self._levels = [0, *sorted(levels)] if LEVEL.key in joint.dimensions else [0]

    def draw(self, parts: Sequence[Part]) -> Sample | None:
        """Return the plainest account found that is decided otherwise, or None."""
        for part in parts[:_PARTS]:
            for box in islice(self._boxes(part), _TRIED):
                drawn = self._try(part, box)
                if drawn is not None:
                    return drawn
        return None

    def _boxes(self, part: Part) -> Iterator[Box]:
        """Yield boxes that accounts in a part may lie in: natural ones first, then some wholly inside it."""
        yield from islice(self._natural(part), _TRIED // 2)
        found: list[Box] = [part.shown]
        covers = (*part.unless, *self._impossible)
        try:
            pieces = boxes.iterate_difference(part.region, covers, self._joint.dimensions, budget=_STEPS)
            found.extend(islice(pieces, _PIECES))
        except BudgetExceeded:
            pass
        yield from sorted(found, key=self._weigh)

    def _natural(self, part: Part) -> Iterator[Box]:
        """Yield what the part says, for accounts that are covered and have climbed the ladder step by step."""
        shown = part.shown.sides.get(LEVEL.key)
        levels = sorted(self._levels, key=lambda level: shown is not None and not shown.contains(level))
        for box in part.region[:_NATURAL]:
            for covered in self._coverage[:_NATURAL]:
                met = box.intersection(covered)
                if met is not None and not any(met.is_subset(other) for other in part.unless):
                    yield from (climbed for level in levels if (climbed := self._climb(met, level)) is not None)

    def _climb(self, box: Box, level: int) -> Box | None:
        """Return the part of a box in which every step up to a level was carried out, where it allows that."""
        if LEVEL.key not in self._joint.dimensions:
            return box
        found = box.intersection(Box(sides={LEVEL.key: integers((level, level))}))
        for rule in self._joint.programs[NEW].edition.rules:
            count = done(rule.id).key
            if found is not None and rule.level is not None and rule.level <= level and count in self._joint.dimensions:
                found = found.intersection(Box(sides={count: SOME})) or found
        return found

    def _asked(self, box: Box) -> Iterator[tuple[Coordinate, ValueSet]]:
        for key, values in box.sides.items():
            each = self._joint.dimensions[key]
            yield each.own if isinstance(each, OneSided) else each, values

    def _weigh(self, box: Box) -> int:
        """Return how much a box asks; what is drawn from history weighs more."""
        asked = (each for each, values in self._asked(box) if not _is_plain(each, values))
        return sum(1 if isinstance(each, FactCoordinate | Element) else 4 for each in asked)

    # One account

    def _try(self, part: Part, box: Box) -> Sample | None:
        question = self._sketcher.sketch(Wishes(self._asked(box)), as_of=self._as_of, open_days=_OPEN_DAYS)
        answers = [self._ask(side, question) for side in SIDES]
        old, new = answers[OLD].view, answers[NEW].view
        if old is not None and new is not None and not part.contains(point_of(self._joint, (old, new))):
            return None
        if (old is None or new is None) and answers[OLD].words == answers[NEW].words:
            return None
        return Sample(
            account=question.account,
            history=question.history,
            as_of=self._as_of,
            was=answers[OLD].words,
            becomes=answers[NEW].words,
        )

    # Both rulesets asked

    def _rename(self, side: int, entry: Document) -> Document:
        name = entry.get("rule")
        return {**entry, "rule": self._joint.sharing.own_rule(side, name)} if isinstance(name, str) else entry

    def _ask(self, side: int, question: Question) -> Answer:
        compiled = self._compiled[side]
        known = compiled.fact_names | ACCOUNT_KEYS
        account = {key: value for key, value in question.account.items() if key in known}
        history = tuple(self._rename(side, entry) for entry in question.history)
        asking = Asking(compiled, Question(account=account, history=history, as_of=question.as_of))
        try:
            view = asking.read
        except AccountInvalid as invalid:
            return Answer(words=f"refused: {invalid}", view=None)
        if view is None or not asking.is_covered:
            return Answer(words="not covered", view=view)
        return Answer(words=_say(view), view=view)


def _setting_of(joint: Joint) -> Setting:
    """Return what accounts of both rulesets are written for; the rules of both go by their joint names."""
    old, new = joint.programs
    return Setting(
        terms=new.terms,
        rules={
            joint.sharing.joint_rule(side, rule.id): rule
            for side, program in enumerate(joint.programs)
            for rule in program.edition.rules
        },
        facts={**old.edition.facts, **new.edition.facts},
        needed=old.needed_facts | new.needed_facts,
        limits=(*joint.limits.common, *joint.limits.own[OLD], *joint.limits.own[NEW]),
        former=new.ruleset.id if old.ruleset.id == new.ruleset.id else None,
        are_levels_written=True,
    )


def _is_plain(coordinate: Coordinate, values: ValueSet) -> bool:
    """Tell whether an account of which nothing is said has such a value."""
    if isinstance(coordinate, Element):
        default = coordinate.fact.default
        return values.contains(isinstance(default, tuple) and coordinate.item in default)
    if isinstance(coordinate, FactCoordinate):
        default = coordinate.fact.default
        is_default_in = default is not None and not isinstance(default, tuple) and values.contains(default)
        return values.missing or is_default_in
    if isinstance(coordinate, Attempts):
        return values.contains(0)
    return coordinate.unexecuted is None or coordinate.unexecuted.is_subset(values)


def _say(view: View) -> str:
    choice, edition = view.program.choose(view.point, is_live=False), view.program.edition
    if choice.block is not None:
        return f"blocked by {edition.blocks[choice.block].id}"
    if choice.rule is None:
        return "nothing now"
    rule = edition.rules[choice.rule]
    channel = channel_of(view, rule.action)
    return f"{rule.id}: {rule.action.type.replace('_', ' ')}{f' by {channel}' if channel is not None else ''}"


def _common_day(compiled: tuple[Compiled, Compiled]) -> dt.date:
    """Return a day on which both rulesets are effective, if there is one."""
    periods = [each.ruleset.effective for each in compiled]
    begins = [period.from_on for period in periods if period.from_on is not None]
    ends = [period.until_on for period in periods if period.until_on is not None]
    day = max([_USUAL_DAY, *begins])
    return min([day, *(end - dt.timedelta(days=1) for end in ends)])
