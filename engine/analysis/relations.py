"""What no account and no history can be: how the dimensions of a plan hang together (language.md 3, 5)."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice, product

import msgspec

from engine.conditions.boxes import Box, BudgetExceeded, Region, complement
from engine.conditions.sets import Dimension, IntegerSet, ValueSet, WordSet, booleans, integers, words
from engine.coordinates import keys
from engine.coordinates.keys import NO_TURN
from engine.coordinates.plan import Plan
from engine.model.ruleset import Edition, Experiment, Ruleset
from engine.model.vocabulary import CHANNELS, PREFERRED, Fact

NEVER_MISSING = frozenset({"dunning_level", "contacts_last_7_days", "contacts_last_30_days"})
MISSING = integers(missing=True)
DAYS = "days_overdue"
# Some 270 years, either way: the due dates of all debts that there can be.
LONGEST_DEBT_DAYS = 100_000
_TRUE = booleans(*(True,))
_FALSE = booleans(*(False,))
_FEW_STEPS = 500
_MOST_CHOICES = 50
# The most days by which an alignment moves a day; business days are sparse in some calendars.
_LATEST_ALIGNED = {None: 0, "end_of_month": 30, "business_day": 366}
_COUNTS = (
    "open_invoices",
    "overdue_invoices",
    "contacts_last_7_days",
    "contacts_last_30_days",
    "dunning_level",
    "failed_attempts",
    "broken_promises",
    "payment_plan_missed",
)
_PARTS = (
    ("overdue_balance", "open_balance"),
    ("overdue_invoices", "open_invoices"),
    ("largest_invoice", "open_balance"),
    ("last_invoice", "largest_invoice"),
)


def narrow_dimensions(ruleset: Ruleset, edition: Edition, compiled: Plan) -> dict[str, Dimension]:
    """Return the plan's dimensions, each with only the values that a decision can meet.

    A needed fact is given, days since something are not negative, somebody's turn is that of a level that has one.
    """
    turns = {rule.level for rule, turn in zip(edition.rules, compiled.turns, strict=True) if turn}
    turn_levels = [level for level in turns if level is not None] if ruleset.contact_limits else []
    since = integers((0, None), missing=True)
    universes: dict[str, ValueSet] = {
        keys.RESTED: since,
        keys.TURN: integers((NO_TURN, NO_TURN), *((level, level) for level in turn_levels)),
    }
    for experiment in ruleset.experiments:
        universes[keys.variant_key(experiment.id)] = words(*_possible_variants(experiment))
    found: dict[str, Dimension] = {}
    for key, dimension in compiled.dimensions.items():
        universe = universes.get(key)
        if universe is None and key.startswith("@ago:"):
            universe = since
        if universe is None:
            universe = _of_fact(edition.facts.get(key), dimension)
        found[key] = msgspec.structs.replace(dimension, universe=universe)
    return found


def _of_fact(fact: Fact | None, dimension: Dimension) -> ValueSet:
    if fact is None:
        return dimension.universe
    universe = dimension.universe
    if fact.name == DAYS:
        universe = integers((-LONGEST_DEBT_DAYS, LONGEST_DEBT_DAYS), missing=universe.contains(None))
    is_given = not fact.optional and fact.default is None
    if is_given or fact.name in NEVER_MISSING:
        return msgspec.structs.replace(universe, missing=False)
    return universe


def _possible_variants(experiment: Experiment) -> list[str]:
    """Return the variants that have accounts; the first has all from the last day on."""
    first = experiment.variants[0][0]
    return [name for name, percent in experiment.variants if percent or (name == first and experiment.until)]


class Relations:
    """The impossible boxes of an edition's dimensions."""

    def __init__(self, ruleset: Ruleset, edition: Edition, compiled: Plan, dimensions: Mapping[str, Dimension]) -> None:
        self._ruleset = ruleset
        self._edition = edition
        self._plan = compiled
        self._dimensions = dimensions

    def impossible(self) -> list[Box]:
        """Return boxes that no account is in, whatever its history."""
        parts: tuple[Callable[[], Iterator[Box]], ...] = (
            self._executions,
            self._episode,
            self._level,
            self._timings,
            self._turns,
            self._channels,
            self._limits,
            self._stops,
        )
        return [box for part in parts for box in part()]

    def _has(self, *keys: str) -> bool:
        return all(key in self._dimensions for key in keys)

    def _keys(self, kind: str) -> list[str]:
        return [key for key in self._dimensions if key.startswith(f"{kind}:")]

    def _executions(self) -> Iterator[Box]:
        """What was never executed is no days ago; what was, is some."""
        never, some = integers((0, 0)), integers((1, None))
        for done in self._keys("@done"):
            target = done.partition(":")[2]
            since, overdue = keys.ago_key(target), keys.overdue_key(target)
            if self._has(since):
                yield Box(sides={done: never, since: integers((None, None))})
                yield Box(sides={done: some, since: MISSING})
            if self._has(overdue):
                yield Box(sides={done: never, overdue: integers((None, None))})
            if self._has(keys.RESTED) and self._is_levelled(target):
                yield Box(sides={done: some, keys.RESTED: MISSING})

    def _is_levelled(self, target: str) -> bool:
        """Tell whether every entry of the target has a level; no rule id contains a space."""
        return " " in target or target in self._levelled

    @cached_property
    def _levelled(self) -> frozenset[str]:
        return frozenset(rule.id for rule in self._edition.rules if rule.level is not None)

    def _episode(self) -> Iterator[Box]:
        """Without an open invoice there is no episode, and nothing counts as executed."""
        if not self._has(DAYS):
            return
        for done in self._keys("@done"):
            yield Box(sides={DAYS: MISSING, done: integers((1, None))})
        if self._has(keys.RESTED):
            yield Box(sides={DAYS: MISSING, keys.RESTED: integers((None, None))})

    def _level(self) -> Iterator[Box]:
        """The level is the fact of that name."""
        if not self._has(keys.LEVEL, "dunning_level"):
            return
        for cut in sorted(self.cuts(keys.LEVEL) | self.cuts("dunning_level")):
            below, above = integers((None, cut - 1)), integers((cut, None))
            yield Box(sides={keys.LEVEL: below, "dunning_level": above})
            yield Box(sides={keys.LEVEL: above, "dunning_level": below})

    def cuts(self, key: str) -> set[int]:
        """Return the numbers at which some region's values begin, or have just ended."""
        return self._cuts.get(key, set())

    @cached_property
    def _cuts(self) -> dict[str, set[int]]:
        p = self._plan
        found: dict[str, set[int]] = {}
        for region in (p.coverage, *p.blocks, *p.first, *p.again, *p.turns):
            for box in region:
                for key, side in box.sides.items():
                    if isinstance(side, IntegerSet):
                        ends = found.setdefault(key, set())
                        ends.update(low for low, _ in side.intervals if low is not None)
                        ends.update(high + 1 for _, high in side.intervals if high is not None)
        return found

    def _timings(self) -> Iterator[Box]:
        """A timing is reached on its day or, aligned, some days later, and never without an open invoice."""
        for rule in self._edition.rules:
            key = keys.timing_key(rule.id)
            if rule.timing is not None and self._has(key, DAYS):
                day = rule.timing.days_after_due
                yield Box(sides={key: _TRUE, DAYS: integers((None, day - 1), missing=True)})
                late = integers((day + _LATEST_ALIGNED[rule.timing.align], None))
                yield Box(sides={key: _FALSE, DAYS: late})

    def _turns(self) -> Iterator[Box]:
        """It is a level's turn only where a rule of it waits for a channel over its limit."""
        waiting: dict[int, list[str]] = {}
        for rule, turn in zip(self._edition.rules, self._plan.turns, strict=True):
            if turn and rule.level is not None:
                waiting.setdefault(rule.level, []).append(keys.limited_key(rule.action.channels))
        if self._has(keys.TURN):
            for level, limits in waiting.items():
                yield Box(sides={keys.TURN: integers((level, level)), **dict.fromkeys(limits, _FALSE)})

    def _channels(self) -> Iterator[Box]:
        """A channel is open only where the account has it and may be contacted; a list if one of it is."""
        reaches = {key: key.partition(":")[2].split("|") for key in self._keys("@reach")}
        for key, order in reaches.items():
            usable = self.usable_channels(order)
            if not usable:
                yield Box(sides={key: _TRUE})
            if self._has("do_not_contact"):
                yield Box(sides={key: _TRUE, "do_not_contact": _TRUE})
            elements = [keys.element_key("channels", channel) for channel in usable]
            if PREFERRED not in order and self._has(*elements):
                yield Box(sides={key: _TRUE, **dict.fromkeys(elements, _FALSE)})
            closing = [[other for other in reaches if other != key and name in reaches[other]] for name in order]
            for choice in islice(product(*closing), _MOST_CHOICES):
                yield Box(sides={key: _TRUE, **dict.fromkeys(choice, _FALSE)})

    def usable_channels(self, order: Iterable[str]) -> list[str]:
        """Return the channels of a rule's order that some account can have and some contact limit leaves open."""
        known = self._edition.facts["channels"].values or tuple(CHANNELS)
        preferred = self._edition.facts["preferred_channel"].values or tuple(CHANNELS)
        closed = {limit.channel for limit in self._ruleset.contact_limits if limit.at_most == 0}
        named = [channel for name in order for channel in (preferred if name == PREFERRED else (name,))]
        return [] if None in closed else [name for name in dict.fromkeys(named) if name in known and name not in closed]

    def _limits(self) -> Iterator[Box]:
        """Only a channel that the account has, and that a limit concerns, is closed by a limit."""
        for key in self._keys("@limited"):
            order = key.partition(":")[2].split("|")
            reach = keys.reach_key(order)
            concerned = any(
                limit.channel is None or limit.channel in order or PREFERRED in order
                for limit in self._ruleset.contact_limits
            )
            if not concerned:
                yield Box(sides={key: _TRUE})
            if self._has(reach):
                yield Box(sides={key: _TRUE, reach: _TRUE})
            if self._has("do_not_contact"):
                yield Box(sides={key: _TRUE, "do_not_contact": _TRUE})

    def _stops(self) -> Iterator[Box]:
        """An action is stopped where, and only where, a block that stops it holds."""
        for key in self._keys("@stopped"):
            action = key.partition(":")[2]
            pairs = zip(self._edition.blocks, self._plan.blocks, strict=True)
            stopping = tuple(box for block, region in pairs if action in (block.stops or ()) for box in region)
            yield from (Box(sides={**box.sides, key: _FALSE}) for box in stopping)
            with contextlib.suppress(BudgetExceeded):  # without these boxes more is thought possible, never less
                elsewhere = complement(stopping, self._plan.dimensions, budget=_FEW_STEPS)
                yield from (Box(sides={**box.sides, key: _TRUE}) for box in elsewhere)


def list_negative_counts(dimensions: Mapping[str, Dimension]) -> list[Box]:
    """Return the boxes in which something counted is less than nothing, which only a caller's mistake can be."""
    return [Box(sides={key: integers((None, -1))}) for key in _COUNTS if key in dimensions]


def implausible(dimensions: Mapping[str, Dimension], cuts: Callable[[str], set[int]]) -> Iterator[Box]:
    """Yield boxes that no account is in whose facts come from invoices, all of them debts, and from history."""
    yield from list_negative_counts(dimensions)
    for part, whole in _PARTS:
        if part in dimensions and whole in dimensions:
            for cut in sorted(cuts(part) | cuts(whole)):
                yield Box(sides={part: integers((cut, None)), whole: integers((None, cut - 1))})
    if DAYS in dimensions and "overdue_balance" in dimensions:
        yield Box(sides={DAYS: integers((None, 0)), "overdue_balance": integers((1, None))})
        yield Box(sides={DAYS: integers((1, None)), "overdue_balance": integers((None, 0))})


def narrow_box(box: Box, dimensions: Mapping[str, Dimension]) -> Box | None:
    """Return what of a box lies within the dimensions, or None if nothing does."""
    sides = {key: dimensions[key].universe.intersection(values) for key, values in box.sides.items()}
    return None if any(values.is_empty() for values in sides.values()) else Box(sides=sides)


def narrow_region(region: Region, dimensions: Mapping[str, Dimension]) -> Region:
    """Return what of a region lies within the dimensions."""
    return tuple(box for each in region if (box := narrow_box(each, dimensions)) is not None)


def is_side_missing(values: ValueSet) -> bool:
    """Tell whether "missing" is the set's only value."""
    if isinstance(values, IntegerSet):
        return values.missing and not values.intervals
    if isinstance(values, WordSet):
        return values.missing and not values.words and not values.cofinite
    return values.missing and not values.values


def present(dimension: Dimension) -> ValueSet:
    """Return every value but "missing"."""
    return msgspec.structs.replace(dimension.universe, missing=False)
