"""A concrete account for a part of a difference, asked of both rulesets before it is shown."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

import msgspec

from engine.comparison.decisions import Part
from engine.comparison.difference import Sample
from engine.comparison.joint import Joint
from engine.comparison.naming import NEW, OLD, PREFERRED_FACT, SIDES, own_part
from engine.comparison.points import point_of
from engine.comparison.samplechannels import OF_MEANS, Means, find_means
from engine.comparison.samplehistory import HistoryMaker, name_rules
from engine.conditions import boxes
from engine.conditions.boxes import Box, BudgetExceeded, Region
from engine.conditions.sets import IntegerSet, Value, ValueSet, integers
from engine.coordinates import keys
from engine.coordinates.snapshot import variant_of
from engine.evaluation.choosing import channel_of
from engine.evaluation.program import Choice, Compiled
from engine.evaluation.routing import Route
from engine.evaluation.view import View
from engine.model.account import AccountInvalid
from engine.model.vocabulary import NUMERIC_TYPES, Fact
from engine.words.values import format_number

Document = dict[str, object]
_ACCOUNT_KEYS = frozenset({"id", "currency", "timezone", "party", "facts_on", "invoices"})
_USUAL_DAY = dt.date(2026, 3, 2)
_USUAL_DAYS_OVERDUE = 30
_PIECES = 40
_NATURAL = 3
_TRIED = 60
_STEPS = 3_000
_PARTS = 6
_IDS = 4_000
_DAYS_OVERDUE = "days_overdue"
_HISTORY_FACTS = ("contacts_last_7_days", "contacts_last_30_days", "days_since_last_contact")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one side says of an account, and the account as it reads it, unless it refuses it."""

    words: str
    moment: View | None


class Sampler:
    """Draws accounts that lie in a part of a difference between two rulesets in one currency."""

    def __init__(self, joint: Joint, compiled: tuple[Compiled, Compiled], impossible: Region) -> None:
        self._joint = joint
        self._compiled = compiled
        self._impossible = impossible
        self._as_of = _common_day(compiled)
        self._rules = name_rules(joint)
        self._means: dict[tuple[frozenset[tuple[str, ValueSet]], bool], Means | None] = {}
        covered = [joint.lift(side, joint.programs[side].plan.coverage) for side in SIDES]
        self._coverage = boxes.intersection(covered[OLD], covered[NEW], joint.dimensions)
        levels = {rule.level for rule in joint.programs[NEW].edition.rules if rule.level is not None}
        self._levels = [0, *sorted(levels)] if keys.LEVEL in joint.dimensions else [0]

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
        shown = part.shown.sides.get(keys.LEVEL)
        levels = sorted(self._levels, key=lambda level: shown is not None and not shown.contains(level))
        for box in part.region[:_NATURAL]:
            for covered in self._coverage[:_NATURAL]:
                met = box.intersection(covered)
                if met is not None and not any(met.is_subset(other) for other in part.unless):
                    yield from (climbed for level in levels if (climbed := self._climb(met, level)) is not None)

    def _climb(self, box: Box, level: int) -> Box | None:
        """Return the part of a box in which every step up to a level was carried out, where it allows that."""
        sides: dict[str, ValueSet] = {keys.LEVEL: integers((level, level))}
        found = box.intersection(Box(sides=sides))
        for rule in self._joint.programs[NEW].edition.rules:
            done = keys.done_key(rule.id)
            if found is not None and rule.level is not None and rule.level <= level and done in self._joint.dimensions:
                found = found.intersection(Box(sides={done: integers((1, None))})) or found
        return found

    def _weigh(self, box: Box) -> int:
        asked = (key for key, values in box.sides.items() if not self._is_plain(key, values))
        return sum(4 if key.startswith("@") else 1 for key in asked)

    def _is_plain(self, key: str, values: ValueSet) -> bool:
        """Tell whether an account of which nothing is said has such a value."""
        kind = key.partition(":")[0]
        if kind in {"@done", "@attempts", "@level"}:
            return values.contains(0)
        if kind in {"@ago", "@pay_by", "@rested"}:
            return values.missing
        if key.startswith("@"):
            return True
        fact = self._fact(key)
        return values.missing or (fact is not None and _holds_default(fact, key, values))

    def _fact(self, key: str) -> Fact | None:
        own, side = own_part(key)
        sides = (NEW, OLD) if side is None else (side,)
        found = (self._joint.programs[each].edition.facts.get(own.partition(":")[0]) for each in sides)
        return next((fact for fact in found if fact is not None), None)

    # One account

    def _try(self, part: Part, box: Box) -> Sample | None:
        silence = box.sides.get("do_not_contact")
        is_silent = silence is not None and not silence.contains(value=False)
        means = self._find_means(box, is_silent=is_silent)
        if means is None:
            return None
        history = HistoryMaker(self._joint, self._rules, box, self._as_of).make(means.contacts)
        account = self._write_account(box, means, has_history=bool(history))
        answers = [self._ask(side, account, history) for side in SIDES]
        old, new = answers[OLD].moment, answers[NEW].moment
        if old is not None and new is not None and not part.contains(point_of(self._joint, (old, new))):
            return None
        if (old is None or new is None) and answers[OLD].words == answers[NEW].words:
            return None
        return Sample(
            account=account,
            history=tuple(history),
            as_of=self._as_of,
            was=answers[OLD].words,
            becomes=answers[NEW].words,
        )

    def _find_means(self, box: Box, *, is_silent: bool) -> Means | None:
        """Find channels and contacts for a box, once for all boxes that ask for the same."""
        asked = frozenset((key, side) for key, side in box.sides.items() if key.startswith(OF_MEANS))
        if (asked, is_silent) not in self._means:
            self._means[asked, is_silent] = find_means(self._joint, Box(sides=dict(asked)), is_silent=is_silent)
        return self._means[asked, is_silent]

    def _write_account(self, box: Box, means: Means, *, has_history: bool) -> Document:
        currency = self._joint.programs[NEW].edition.currency
        account: Document = {"id": self._find_id(box), "currency": currency}
        for key in sorted(key for key in box.sides if not key.startswith("@")):
            self._write_fact(account, box, key, has_history=has_history)
        for name in sorted(self._joint.programs[OLD].needed_facts | self._joint.programs[NEW].needed_facts):
            fact = self._fact(name)
            is_left_out = name in box.sides and box.sides[name].contains(None) and box.sides[name].size() == 1
            if name not in account and fact is not None and name != "channels" and not is_left_out:
                account[name] = _some_value(fact, currency)
        days = self._days_overdue(box, has_history=has_history)
        if days is not None:
            account[_DAYS_OVERDUE] = days
        if means.preferred is not None:
            account[PREFERRED_FACT] = means.preferred
        account["channels"] = list(means.channels)
        return account

    def _write_fact(self, account: Document, box: Box, key: str, *, has_history: bool) -> None:
        own, _ = own_part(key)
        name, _, item = own.partition(":")
        values, fact = box.sides[key], self._fact(key)
        if fact is None or name in {"channels", PREFERRED_FACT, _DAYS_OVERDUE, "last_rule"}:
            return
        if item:
            held = account.get(name, [*fact.default] if isinstance(fact.default, tuple) else [])
            if isinstance(held, list) and values.contains(value=True) and item not in held:
                account[name] = sorted([*held, item])
            return
        is_of_history = name in _HISTORY_FACTS
        if self._is_plain(key, values) or (is_of_history and (has_history or values.contains(0))):
            return
        account[name] = _write_value(fact, values.witness(), self._joint.programs[NEW].edition.currency)

    def _days_overdue(self, box: Box, *, has_history: bool) -> int | None:
        """Return how late the account is; what was executed, and a timing, need a due date."""
        side = box.sides.get(_DAYS_OVERDUE)
        timings = [
            (int(key.split(":")[1]), values.contains(value=True))
            for key, values in box.sides.items()
            if key.startswith("@timing:")
        ]
        if side is None and not has_history and not timings:
            return None
        if side is not None and side.missing and not has_history and not any(holds for _, holds in timings):
            return None
        least = max((days + 40 for days, holds in timings if holds), default=None)
        most = min((days - 1 for days, holds in timings if not holds), default=None)
        wish = IntegerSet(intervals=((least, most),))
        both = wish if side is None else side.intersection(wish)
        asked = both if isinstance(both, IntegerSet) and both.intervals else side
        if asked is None or (side is None and not timings):
            return _USUAL_DAYS_OVERDUE
        found = asked.witness()
        return found if isinstance(found, int) else None

    def _find_id(self, box: Box) -> str:
        """Return an id that falls into the variants asked for."""
        wanted = [(own_part(key), values) for key, values in box.sides.items() if key.startswith("@variant:")]
        for number in range(1, _IDS):
            name = f"sample-{number}"
            if all(self._is_in_variant(name, key, side, values) for (key, side), values in wanted):
                return name
        return "sample"

    def _is_in_variant(self, account: str, key: str, side: int | None, values: ValueSet) -> bool:
        ruleset = self._joint.programs[NEW if side is None else side].ruleset
        experiment = next((each for each in ruleset.experiments if each.id == key.partition(":")[2]), None)
        return experiment is None or values.contains(variant_of(experiment, account, self._as_of))

    # Both rulesets asked

    def _rename(self, side: int, entry: Document) -> Document:
        name = entry.get("rule")
        return {**entry, "rule": self._joint.names.own_rule(side, name)} if isinstance(name, str) else entry

    def _ask(self, side: int, account: Document, history: Sequence[Document]) -> Answer:
        compiled = self._compiled[side]
        known = compiled.fact_names | _ACCOUNT_KEYS
        document = {key: value for key, value in account.items() if key in known}
        question = Route(
            [compiled],
            document,
            [self._rename(side, entry) for entry in history],
            as_of=self._as_of,
            track=compiled.ruleset.track,
            ruleset=None,
        )
        candidate = question.candidates[0]
        try:
            moment = candidate.view(candidate.as_of.date())
        except AccountInvalid as invalid:
            return Answer(words=f"refused: {invalid}", moment=None)
        if not candidate.is_covering(candidate.as_of):
            return Answer(words="not covered", moment=moment)
        return Answer(words=_say(moment, moment.program.choose(dict(moment.point), is_live=False)), moment=moment)


def _say(moment: View, choice: Choice) -> str:
    edition = moment.program.edition
    if choice.block is not None:
        return f"blocked by {edition.blocks[choice.block].id}"
    if choice.rule is None:
        return "nothing now"
    rule = edition.rules[choice.rule]
    channel = channel_of(moment, rule.action)
    return f"{rule.id}: {rule.action.type.replace('_', ' ')}{f' by {channel}' if channel is not None else ''}"


def _holds_default(fact: Fact, key: str, values: ValueSet) -> bool:
    if ":" in key:
        held = key.partition(":")[2] in fact.default if isinstance(fact.default, tuple) else False
        return values.contains(held)
    return fact.default is not None and not isinstance(fact.default, tuple) and values.contains(fact.default)


def _write_value(fact: Fact, value: Value, currency: str) -> object:
    if fact.type in NUMERIC_TYPES and isinstance(value, int):
        words = format_number(fact, value, currency)
        return Decimal(words) if "." in words else value if fact.type not in {"amount", "decimal"} else int(words)
    return value


def _some_value(fact: Fact, currency: str) -> object:
    """Return a value that the fact may have."""
    if fact.type in NUMERIC_TYPES:
        return _write_value(fact, 0, currency)
    if fact.type == "boolean":
        return False
    if fact.type == "set":
        return []
    return fact.values[0] if fact.values else "any"


def _common_day(compiled: tuple[Compiled, Compiled]) -> dt.date:
    """Return a day on which both rulesets are effective, if there is one."""
    periods = [each.ruleset.effective for each in compiled]
    begins = [period.from_on for period in periods if period.from_on is not None]
    ends = [period.until_on for period in periods if period.until_on is not None]
    day = max([_USUAL_DAY, *begins])
    return min([day, *(end - dt.timedelta(days=1) for end in ends)])
