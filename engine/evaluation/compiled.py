"""A ruleset made ready to decide: for each currency its boxes, its networks and its bitmap tables."""

import datetime as dt
import logging
import threading
from collections.abc import Iterable
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from engine.conditions import boxes, plan
from engine.conditions.plan import Plan, plan_edition
from engine.conditions.sets import Value
from engine.evaluation.movements import Movements
from engine.model.condition import AllOf, AnyOf, Condition, InVariant, IsNamed, NoneOf
from engine.model.ruleset import Edition, Rule, Ruleset
from engine.model.vocabulary import ACTIONS, Fact
from engine.network.bitmap import BitmapTable
from engine.network.network import Network
from engine.network.session import EngineFault

_log = logging.getLogger("dunning.engine")

# What history adds to the dimensions and a later day does not change.
_UNMOVED = frozenset({plan.LEVEL, plan.TURN, plan.ANNOUNCED, "@done", "@stopped"})
# Facts that a later day changes though they do not count days.
_COUNTED_BY_DAY = frozenset({"overdue_balance", "overdue_invoices", "contacts_last_7_days", "contacts_last_30_days"})

# One live decision in so many is decided twice, by the network and by the bitmap table.
SAMPLE_EVERY = 16


class Counters(msgspec.Struct):
    """What the process has seen of the engine's health; ``differences`` and ``faults`` are expected to stay 0."""

    decisions: int = 0
    comparisons: int = 0
    differences: int = 0
    faults: int = 0


counters = Counters()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say at one point: the block that ends the search, or the rule that wins, or neither."""

    block: int | None = None
    stops: tuple[int, ...] = ()
    rule: int | None = None


class Narrowed(msgspec.Struct, frozen=True, kw_only=True):
    """The boxes of the blocks and of the rules that an account's unmoved coordinates leave, as bits."""

    blocks: int
    rules: int


class EditionCode:
    """One currency's reading of a ruleset, compiled."""

    def __init__(self, ruleset: Ruleset, edition: Edition) -> None:
        self.ruleset = ruleset
        self.edition = edition
        self.plan: Plan = plan_edition(ruleset, edition)
        self.rules: dict[str, Rule] = {rule.id: rule for rule in edition.rules}
        self.stop_blocks = [i for i, block in enumerate(edition.blocks) if block.stops is not None]
        self.full_blocks = [i for i, block in enumerate(edition.blocks) if block.stops is None]
        self.used_facts = _used_facts(edition, self.plan)
        self.needed_facts = _needed_facts(edition, self.used_facts)
        self.coverage_keys = boxes.keys_of([self.plan.coverage])
        self.coverage_facts = _facts_of(edition, self.coverage_keys)
        self.can_coverage_change = any(_is_moved(key, edition) for key in self.coverage_keys)
        # A later day changes some coordinates, and some only where a channel reaches its limit or comes free again.
        self.channel_keys = tuple(key for key in self.plan.dimensions if key.startswith(("@reach", "@limited")))
        moved = {key for key in self.plan.dimensions if _is_moved(key, edition)}
        self.moved_keys = tuple(key for key in self.plan.dimensions if key in moved)
        self.unmoved_keys = tuple(key for key in self.plan.dimensions if key not in {*moved, *self.channel_keys})
        self.defaults = {key: _default_of(edition.facts[key]) for key in self.unmoved_keys if _is_given(key, edition)}
        self.worked_out_keys = tuple(key for key in self.unmoved_keys if key not in self.defaults)
        # What stopping blocks say is written into the point while it is decided.
        self._settled = frozenset(key for key in self.unmoved_keys if not key.startswith("@stopped"))
        self.experiments = _experiments_of(edition)
        self._lock = threading.Lock()

    @cached_property
    def movements(self) -> Movements:
        """Return what time alone can change."""
        return Movements(self.plan, self.edition)

    @cached_property
    def blocks_table(self) -> BitmapTable:
        """Return the bitmap table of the blocks, in written order."""
        return BitmapTable(self.plan.blocks, self.plan.dimensions, self._settled)

    @cached_property
    def rules_table(self) -> BitmapTable:
        """Return the bitmap table of the rules: all first wins, then all repetitions, then all turns kept."""
        p = self.plan
        return BitmapTable((*p.first, *p.again, *p.turns), p.dimensions, self._settled)

    @cached_property
    def ladder_order(self) -> tuple[tuple[int, bool], ...]:
        """Return (rule, whether a repetition) of every levelled rule, the one the ladder prefers first."""
        levelled = [(i, rule.level) for i, rule in enumerate(self.edition.rules) if rule.level is not None]
        if self.ruleset.ladder == "most_severe":
            ranked = sorted(((-level, i, again) for i, level in levelled for again in (False, True)))
            return tuple((i, again) for _, i, again in ranked)
        climbing = sorted((level, i) for i, level in levelled)
        return (*((i, False) for _, i in climbing), *((i, True) for i, _ in levelled))

    @cached_property
    def is_ladder_written(self) -> bool:
        """Tell whether the first eligible rule in written order is always the one that wins."""
        if self.ruleset.stateless or self.ruleset.ladder == "none":
            return True
        order = [i for i, again in self.ladder_order if (self.plan.again if again else self.plan.first)[i]]
        return order == sorted(order) and len(order) == len(set(order))

    @cached_property
    def networks(self) -> "Networks":
        """Return the durable_rules networks, built when first asked for."""
        return Networks(self)

    def narrow(self, point: dict[str, Value]) -> Narrowed:
        """Return what the coordinates that are the same on every day leave of the blocks and the rules."""
        return Narrowed(blocks=self.blocks_table.narrow(point), rules=self.rules_table.narrow(point))

    def choose(self, point: dict[str, Value], *, is_live: bool, narrowed: Narrowed | None = None) -> Choice:
        """Return what wins at a point; a live one goes through the network, and a sample through both."""
        if not is_live:
            return self.choose_by_bitmap(point, narrowed)
        counters.decisions += 1
        try:
            with self._lock:
                choice = self.networks.choose(dict(point))
        except EngineFault:
            counters.faults += 1
            _log.exception("the network failed; the bitmap table decides: ruleset %s", self.ruleset.id)
            return self.choose_by_bitmap(point)
        if choice.block is None:  # the network had a copy of the point; an explanation reads this one
            self.note_stops(point, choice.stops)
        if counters.decisions % SAMPLE_EVERY == 0:
            counters.comparisons += 1
            checked = self.choose_by_bitmap(point)
            if checked != choice:
                counters.differences += 1
                _log.error("network %s and bitmap %s differ: ruleset %s, %s", choice, checked, self.ruleset.id, point)
                return checked
        return choice

    def choose_by_bitmap(self, point: dict[str, Value], narrowed: Narrowed | None = None) -> Choice:
        """Return what wins at a point by the bitmap tables alone."""
        narrowed = narrowed or self.narrow(point)
        held = self.blocks_table.matching(point, narrowed.blocks) if self.edition.blocks else 0
        block = next((i for i in self.full_blocks if held >> i & 1), None)
        stops = tuple(i for i in self.stop_blocks if held >> i & 1 and (block is None or i < block))
        if block is not None:
            return Choice(block=block, stops=stops)
        self.note_stops(point, stops)
        count = len(self.edition.rules)
        bits = self.rules_table.matching(point, narrowed.rules)
        turns = bits >> 2 * count
        if turns:
            turn = min(self.edition.rules[i].level or 0 for i in _bits(turns))
            bits = self._without_above(bits & (1 << 2 * count) - 1, turn)
        mask = (1 << count) - 1
        return Choice(stops=stops, rule=self._winner(bits & mask, bits >> count & mask))

    def _without_above(self, bits: int, level: int) -> int:
        count = len(self.edition.rules)
        for i, rule in enumerate(self.edition.rules):
            if rule.level is not None and rule.level > level:
                bits &= ~(1 << i | 1 << i + count)
        return bits

    def _winner(self, first: int, again: int) -> int | None:
        eligible = first | again
        if not eligible:
            return None
        lowest = (eligible & -eligible).bit_length() - 1
        if self.is_ladder_written or self.edition.rules[lowest].level is None:
            return lowest
        return next(i for i, repeated in self.ladder_order if (again if repeated else first) >> i & 1)

    def note_stops(self, point: dict[str, Value], stops: Iterable[int]) -> None:
        """Write into the point which action types the stopping blocks take out of the running."""
        for i in stops:
            for action in self.edition.blocks[i].stops or ():
                point[plan.stopped_key(action)] = True

    def close(self) -> None:
        """Free the networks."""
        if "networks" in self.__dict__:
            self.networks.close()


class Networks:
    """The networks of one edition; each is an ordered list of regions, and the first that holds the point wins."""

    def __init__(self, code: EditionCode) -> None:
        self._code = code
        p = code.plan
        eligible = [boxes.union(f, a, p.dimensions) if a else f for f, a in zip(p.first, p.again, strict=True)]
        self._main = Network([*(p.blocks[i] for i in code.full_blocks), *eligible], p.dimensions)
        self._stops = {i: Network([p.blocks[i]], p.dimensions) for i in code.stop_blocks}
        ranked = () if code.is_ladder_written else code.ladder_order
        self._ladder = (
            Network([(p.again if again else p.first)[i] for i, again in ranked], p.dimensions) if ranked else None
        )
        turns = sorted((rule.level or 0, i) for i, rule in enumerate(code.edition.rules) if p.turns[i])
        self._turn_levels = [level for level, _ in turns]
        self._turns = Network([p.turns[i] for _, i in turns], p.dimensions) if turns else None
        self._limited = [key for key in p.dimensions if key.startswith("@limited:")]

    def choose(self, point: dict[str, Value]) -> Choice:
        """Return what wins at a point; writes stops and the turn into it."""
        code = self._code
        held = tuple(i for i, network in self._stops.items() if network.first(point) is not None)
        code.note_stops(point, held)
        if self._turns is not None and any(point[key] for key in self._limited):
            waiting = self._turns.first(point)
            if waiting is not None:
                point[plan.TURN] = self._turn_levels[waiting]
        winner = self._main.first(point)
        if winner is None:
            return Choice(stops=held)
        if winner < len(code.full_blocks):
            block = code.full_blocks[winner]
            return Choice(block=block, stops=tuple(i for i in held if i < block))
        rule = winner - len(code.full_blocks)
        if self._ladder is None or code.edition.rules[rule].level is None:
            return Choice(stops=held, rule=rule)
        ranked = self._ladder.first(point)
        return Choice(stops=held, rule=code.ladder_order[ranked][0] if ranked is not None else None)

    def close(self) -> None:
        """Free every network."""
        for network in (self._main, self._ladder, self._turns, *self._stops.values()):
            if network is not None:
                network.close()


class Compiled:
    """A ruleset ready to decide, with the version it was published as."""

    def __init__(self, ruleset: Ruleset, *, version: int | None = None, commit: str | None = None) -> None:
        self.ruleset = ruleset
        self.version = version
        self.commit = commit
        self.zone = ZoneInfo(ruleset.timezone)
        self.codes = {currency: EditionCode(ruleset, edition) for currency, edition in ruleset.editions.items()}
        self.fact_names = frozenset(name for edition in ruleset.editions.values() for name in edition.facts)

    def is_effective(self, day: dt.date) -> bool:
        """Tell whether the ruleset applies on a local date."""
        effective = self.ruleset.effective
        begun = effective.from_on is None or effective.from_on <= day
        return begun and (effective.until_on is None or day < effective.until_on)

    def close(self) -> None:
        """Free what the engine holds; the ruleset must not decide afterwards."""
        for code in self.codes.values():
            code.close()


def compile_ruleset(ruleset: Ruleset, *, version: int | None = None, commit: str | None = None) -> Compiled:
    """Make a ruleset ready to decide; networks are built when a currency is first asked for."""
    return Compiled(ruleset, version=version, commit=commit)


def _bits(mask: int) -> Iterable[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _facts_of(edition: Edition, keys: Iterable[str]) -> frozenset[str]:
    names = {key.partition(":")[0] for key in keys}
    return frozenset(names & edition.facts.keys())


def _used_facts(edition: Edition, compiled: Plan) -> frozenset[str]:
    """Return the facts that conditions and fees of the ruleset read."""
    used = set(_facts_of(edition, compiled.dimensions))
    used.update(fee.basis for fee in edition.fees.values() if fee.basis is not None)
    if any(_is_contact(rule) for rule in edition.rules):
        used.update({"channels", "do_not_contact", "preferred_channel"})
    return frozenset(used)


def _is_moved(key: str, edition: Edition) -> bool:
    """Tell whether a coordinate can be another one on a later day, be the channels open or not."""
    kind = key.partition(":")[0]
    if kind.startswith("@"):
        return kind not in _UNMOVED and kind not in {"@reach", "@limited"}
    return bool(edition.facts[kind].moves) or kind in _COUNTED_BY_DAY


def _is_given(key: str, edition: Edition) -> bool:
    """Tell whether a coordinate is a fact as it was given, or else its default."""
    return key in edition.facts and edition.facts[key].source == "given" and edition.facts[key].type != "set"


def _default_of(fact: Fact) -> Value:
    return None if isinstance(fact.default, tuple) else fact.default


def _needed_facts(edition: Edition, used: frozenset[str]) -> frozenset[str]:
    needed = {name for name in used if not edition.facts[name].optional and edition.facts[name].default is None}
    if any(ACTIONS[rule.action.type].is_contact for rule in edition.rules):
        needed.add("channels")
    return frozenset(needed)


def _is_contact(rule: Rule) -> bool:
    return any(ACTIONS[action.type].is_contact for action in (rule.action, *rule.action.along_with))


def _experiments_of(edition: Edition) -> tuple[str, ...]:
    """Return the experiments that a condition of the edition asks about, in the order first asked."""
    found: dict[str, None] = {}

    def walk(condition: Condition) -> None:
        if isinstance(condition, InVariant):
            found[condition.experiment] = None
        elif isinstance(condition, IsNamed):
            walk(edition.conditions[condition.name])
        elif isinstance(condition, AllOf | AnyOf | NoneOf):
            for part in condition.conditions:
                walk(part)

    whens = [block.when for block in edition.blocks] + [rule.when for rule in edition.rules]
    for condition in (edition.applies_to, *whens, *(limit.when for limit in edition.attempt_limits)):
        walk(condition)
    return tuple(found)
