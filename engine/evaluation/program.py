"""A ruleset made ready to decide: for each currency its boxes, its networks and its masks."""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from threading import RLock
from zoneinfo import ZoneInfo

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import Box, Region
from engine.conditions.sets import Value
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.countdowns import find_windows
from engine.coordinates.facts import Given, fact_of
from engine.coordinates.ladder import TURN
from engine.coordinates.plan import Plan, Planner
from engine.coordinates.point import Point
from engine.coordinates.scores import made_of
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.coordinates.stops import stopped
from engine.coordinates.terms import Terms
from engine.coordinates.windows import Windows
from engine.evaluation.accounts import AccountReader
from engine.evaluation.history import HistoryReader
from engine.evaluation.once import MadeOnce
from engine.model.businessdays import ONE_DAY
from engine.model.outcome import DRAWN_FACTS, PROMISE_FACTS
from engine.model.ruleset import Action, Edition, Rule, Ruleset
from engine.model.vocabulary import ACTIONS
from engine.network.masks import MOST_REMEMBERED, Column, Columns, MaskTable
from engine.network.network import Network
from engine.network.pool import Pool
from engine.network.session import EngineFault

_log = logging.getLogger("dunning.engine")

# Comparisons of boxes until a ruleset's regions are made simple, all its currencies together: a few seconds.
_MOST_COMPARISONS = 10_000_000
# One live decision in so many is decided twice, by the network and by the masks.
SAMPLE_EVERY = 16


# Its key, the boxes that it touches, its drift (0: it hangs on the account; None: it counts no days), it, its column.
Moving = tuple[str, int, int | None, Coordinate, Column]


class Counters(msgspec.Struct):
    """What the process has seen of the engine's health; ``differences`` and ``faults`` are expected to stay 0."""

    decisions: int = 0
    comparisons: int = 0
    differences: int = 0
    faults: int = 0


counters = Counters()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say at one point: the block that ends the search, or the rule that wins, or neither.

    ``can_do_otherwise`` tells whether the ``otherwise`` action may be carried out where neither is the case. ``turn``
    is the lowest level of which a rule waits only for a channel over its limit.
    """

    block: int | None = None
    stops: tuple[int, ...] = ()
    rule: int | None = None
    turn: int | None = None
    can_do_otherwise: bool = False


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    """What takes long to work out of one currency's reading of a ruleset.

    ``either`` is where each rule may win for the first time or be repeated, empty for one that is not repeated; None
    where nobody has asked yet.
    """

    plan: Plan
    windows: Windows
    either: tuple[Region, ...] | None = None


def draw_blueprint(planner: Planner) -> Blueprint:
    """Work it out; a planner that knows parts of it already saves time."""
    plan = planner.plan()
    return Blueprint(plan=plan, windows=find_windows(planner.edition, planner))


class Program:
    """One currency's reading of a ruleset, compiled."""

    def __init__(self, ruleset: Ruleset, edition: Edition, blueprint: Blueprint) -> None:
        self.ruleset = ruleset
        self.edition = edition
        self.blueprint = blueprint
        self.making: dict[str, RLock] = {}
        self.plan = blueprint.plan
        self.terms = Terms(ruleset, edition, blueprint.windows, scores=self.plan.scores)
        self.rules: dict[str, Rule] = self.terms.rules
        self.stop_blocks = [i for i, block in enumerate(edition.blocks) if block.stops is not None]
        self.full_blocks = [i for i, block in enumerate(edition.blocks) if block.stops is None]
        self.used_facts = _used_facts(edition, self.plan)
        self.needed_facts = _needed_facts(edition, self.used_facts)
        dimensions = self.plan.dimensions
        known = (each.known_until for each in edition.interest.values())
        self.experiment_ends = tuple(each.until for each in self.terms.experiments if each.until is not None)
        self.interest_ends = tuple(day + ONE_DAY for day in known if day is not None)
        self.coverage_coordinates = tuple(dimensions[key] for key in boxes.keys_of([self.plan.coverage]))
        coverage = tuple(made_of(self.coverage_coordinates))
        self.coverage_facts = _facts_of(coverage)
        self.is_coverage_drawn = any(map(_can_be_drawn, coverage))
        self.can_coverage_change = any(map(_can_change, coverage))
        self.accounts = AccountReader(edition, self.needed_facts)
        self.histories = HistoryReader(ruleset.id, self.rules)
        self.facts_from_history = frozenset(name for name, fact in edition.facts.items() if fact.source == "history")
        later = [each for each in dimensions.values() if each.kind == "integer" and not isinstance(each, Given)]
        at_once = [each for each in dimensions.values() if each.kind != "integer" or isinstance(each, Given)]
        self._readers = tuple(kind.reader(of_kind) for kind, of_kind in _by_kind(at_once))
        self._later_readers = {
            each.key: read for kind, of_kind in _by_kind(later) for read in (kind.reader(of_kind),) for each in of_kind
        }

    def read(self, snapshot: Snapshot) -> Point:
        """Return the value of every coordinate at a snapshot."""
        point = Point(snapshot, self._later_readers)
        for read in self._readers:
            point.update(read(snapshot))
        return point

    @MadeOnce
    def coverage_table(self) -> MaskTable:
        """Return the masks of where the ruleset covers an account."""
        return MaskTable([self.plan.coverage], self.plan.dimensions)

    @MadeOnce
    def masks(self) -> "Masks":
        """Return the masks of the program's boxes."""
        return Masks(self)

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

    @MadeOnce
    def either(self) -> tuple[Region, ...]:
        """Return where each rule that may be repeated is eligible at all, empty for the others."""
        plan, known = self.plan, self.blueprint.either
        pairs = zip(plan.first, plan.again, strict=True)
        return known or tuple(boxes.union(f, a, plan.dimensions) if a else () for f, a in pairs)

    @MadeOnce
    def networks(self) -> "Networks":
        """Return the durable_rules networks."""
        return Networks(self)

    def choose(self, point: dict[str, Value], *, is_live: bool) -> Choice:
        """Return what wins at a point; a live one goes through the network, and a sample through both.

        What stopping blocks say, and whose turn it is, is written into the point; an explanation reads it there.
        """
        if not is_live:
            return self._note(point, self.masks.choose(self.masks.holding(point)))
        counters.decisions += 1
        try:
            choice = self.networks.choose(point)
        except EngineFault:
            counters.faults += 1
            _log.exception("the network failed; the masks decide: ruleset %s", self.ruleset.id)
            return self._note(point, self.masks.choose(self.masks.holding(point)))
        if counters.decisions % SAMPLE_EVERY == 0:
            counters.comparisons += 1
            checked = self.masks.choose(self.masks.holding(point))
            if checked != choice:
                counters.differences += 1
                _log.error("network %s and masks %s differ: ruleset %s, %s", choice, checked, self.ruleset.id, point)
                choice = checked
        return self._note(point, choice)

    def _note(self, point: dict[str, Value], choice: Choice) -> Choice:
        if self.plan.parts:
            point.update(self.masks.work_out(self.masks.holding(point))[1])
        if choice.stops and choice.block is None:
            note_stops(self.edition, point, choice.stops)
        if choice.turn is not None:
            point[TURN.key] = choice.turn
        return choice

    def close(self) -> None:
        """Free the networks."""
        if "networks" in self.__dict__:
            self.networks.close()


# The parts hold nothing of their program that holds them, so a version that is dropped is freed at once: the garbage
# collector, which would find a circle, does not look among what a server read at its start.
class Masks:
    """One program's boxes as masks: rules (first wins, repetitions, turns kept), blocks and the ``otherwise``."""

    def __init__(self, program: Program) -> None:
        p, edition = program.plan, program.edition
        self._rules = edition.rules
        self._stop_blocks, self._full_blocks = program.stop_blocks, program.full_blocks
        self._is_ladder_written = program.is_ladder_written
        self._count = count = len(edition.rules)
        self.table = MaskTable((*p.first, *p.again, *p.turns, *p.blocks, p.otherwise, *p.parts.values()), p.dimensions)
        region = self.table.region_mask
        self._first, self._again, self._turns = (region(i * count, (i + 1) * count) for i in range(3))
        self._blocks = region(3 * count, 3 * count + len(edition.blocks))
        self._otherwise = region(3 * count + len(edition.blocks), 3 * count + len(edition.blocks) + 1)
        self.of_contacts = self._of_actions(program, lambda action: ACTIONS[action.type].is_contact)
        self.of_interest = self._of_actions(program, lambda action: action.interest is not None)
        columns = self.table.columns
        read = {key: column for key, column in columns.items() if not p.dimensions[key].is_worked_out}
        parts = enumerate(p.parts, 3 * count + len(edition.blocks) + 1)
        self._parts = tuple((key, region(i, i + 1), columns[key]) for i, key in parts if key in columns)
        self._of_episode = [(p.dimensions[key], c) for key, c in read.items() if p.dimensions[key].is_of_episode]
        self._by_shape: dict[tuple[object, ...], tuple[int, tuple[Moving, ...]]] = {}
        others = {key: column for key, column in read.items() if not p.dimensions[key].is_of_episode}
        self._fixed = Columns(column for key, column in others.items() if p.dimensions[key].motion == "fixed")
        self._moving = tuple(each for each in list_moving(self.table, p.dimensions) if each[0] in others)
        self._moving_alone = tuple(each for each in self._moving if not each[3].hangs_on_windows)
        self._of_windows = Columns(column for *_, coordinate, column in self._moving if coordinate.hangs_on_windows)
        self._read = Columns(read.values())
        self._stopped = {
            i: self.table.everything & ~_barred(columns, edition.blocks[i].stops or ()) for i in program.stop_blocks
        }
        self._ranked = tuple(
            (i, region((count if again else 0) + i, (count if again else 0) + i + 1))
            for i, again in program.ladder_order
        )
        self._below: dict[int, int] = {}
        self._columns_by_boxes: dict[int, list[Column]] = {}

    def settle(self, point: dict[str, Value], standing: Standing) -> tuple[int, tuple[Moving, ...]]:
        """Return the boxes left by the coordinates that are the same on every day, and the coordinates that are not."""
        left, counting = self._by_shape.get(standing.executed.shape) or self._read_episode(point, standing)
        left = self._fixed.holding(point, left)
        if standing.contact_window_ends or standing.attempt_window_ends:
            return left, (*self._moving, *counting)
        return self._of_windows.holding(point, left), (*self._moving_alone, *counting)

    def _read_episode(self, point: dict[str, Value], standing: Standing) -> tuple[int, tuple[Moving, ...]]:
        """Return what settle does, for the coordinates of which what was executed says all but days."""
        left, counting = self.table.everything, []
        for coordinate, column in self._of_episode:
            value = point[coordinate.key]
            if value is None or coordinate.motion == "fixed":
                left &= column.holding(value)
            else:
                counting.append(_moving_of(coordinate, column))
        if len(self._by_shape) >= MOST_REMEMBERED:
            self._by_shape.clear()
        found = self._by_shape[standing.executed.shape] = left, tuple(counting)
        return found

    def _of_actions(self, program: Program, is_asked: Callable[[Action], bool]) -> int:
        """Return the boxes of the rules, and of the ``otherwise``, whose own action is asked for."""
        found = self._otherwise if is_asked(program.edition.otherwise) else 0
        for i, rule in enumerate(program.edition.rules):
            if is_asked(rule.action):
                found |= self._box_mask(i, again=False) | self._box_mask(i, again=True)
        return found

    def _box_mask(self, rule: int, *, again: bool) -> int:
        place = rule + (self._count if again else 0)
        return self.table.region_mask(place, place + 1)

    def box_of(self, rule: int, point: dict[str, Value]) -> Box | None:
        """Return the first box of a rule that holds a point, those for a first win first."""
        for again in (False, True):
            left = self._box_mask(rule, again=again)
            for column in self._columns_of(left):
                left &= column.holding(point[column.key])
            if left:
                return self.table.box(left)
        return None

    def _columns_of(self, boxes: int) -> list[Column]:
        """Return the columns that some boxes hang on, kept for those of each rule."""
        found = self._columns_by_boxes.get(boxes)
        if found is None:
            found = [column for column in self.table.columns.values() if boxes & column.touched]
            self._columns_by_boxes[boxes] = found
        return found

    def holding(self, point: dict[str, Value]) -> int:
        """Return the boxes that hold a point, as far as it is read from the account."""
        return self._read.holding(point, self.table.everything)

    def work_out(self, holding: int) -> tuple[int, dict[str, Value]]:
        """Return the boxes that are left when the parts of conditions are worked out, and which of the parts hold."""
        found: dict[str, Value] = {}
        for key, region, column in self._parts:
            found[key] = bool(holding & region)
            holding &= column.holding(found[key])
        return holding, found

    def choose(self, holding: int) -> Choice:
        """Return what wins where these boxes hold; which actions are stopped and whose turn it is is worked out."""
        if self._parts:
            holding, _ = self.work_out(holding)
        stops: tuple[int, ...] = ()
        if holding & self._blocks:
            held = {region - 3 * self._count for region in self.table.owners_of(holding & self._blocks)}
            block = next((i for i in self._full_blocks if i in held), None)
            stops = tuple(i for i in self._stop_blocks if i in held and (block is None or i < block))
            if block is not None:
                return Choice(block=block, stops=stops)
            for i in stops:
                holding &= self._stopped[i]
        turn: int | None = None
        if holding & self._turns:
            waiting = (region - 2 * self._count for region in self.table.owners_of(holding & self._turns))
            turn = min(self._rules[i].level or 0 for i in waiting)
            holding &= self._up_to(turn)
        rule = self._winner(holding)
        can_do_otherwise = rule is None and bool(holding & self._otherwise)
        return Choice(stops=stops, rule=rule, turn=turn, can_do_otherwise=can_do_otherwise)

    def _up_to(self, level: int) -> int:
        """Return the boxes that are not those of rules above a level."""
        if level not in self._below:
            above = 0
            for i, rule in enumerate(self._rules):
                if rule.level is not None and rule.level > level:
                    above |= self.table.region_mask(i, i + 1) | self.table.region_mask(
                        self._count + i, self._count + i + 1
                    )
            self._below[level] = self.table.everything & ~above
        return self._below[level]

    def _winner(self, holding: int) -> int | None:
        first, again = holding & self._first, holding & self._again
        if not first and not again:
            return None
        owners, count = self.table.owners, self._count
        lowest = owners[(first & -first).bit_length() - 1] if first else count
        if again:
            lowest = min(lowest, owners[(again & -again).bit_length() - 1] - count)
        if self._is_ladder_written or self._rules[lowest].level is None:
            return lowest
        return next(i for i, mask in self._ranked if holding & mask)


class Networks:
    """The networks of one edition; each is an ordered list of regions, and the first that holds the point wins."""

    def __init__(self, program: Program) -> None:
        self._edition = program.edition
        self._full_blocks, self._ladder_order = program.full_blocks, program.ladder_order
        self._pool = pool = Pool()
        p = program.plan
        self._parts = {key: Network([region], p.dimensions, pool, decides=False) for key, region in p.parts.items()}
        eligible = [either or first for either, first in zip(program.either, p.first, strict=True)]
        self._main = Network([*(p.blocks[i] for i in program.full_blocks), *eligible, p.otherwise], p.dimensions, pool)
        self._stops = {i: Network([p.blocks[i]], p.dimensions, pool, decides=False) for i in program.stop_blocks}
        ranked = () if program.is_ladder_written else program.ladder_order
        self._ladder = (
            Network([(p.again if again else p.first)[i] for i, again in ranked], p.dimensions, pool) if ranked else None
        )
        turns = sorted((rule.level or 0, i) for i, rule in enumerate(program.edition.rules) if p.turns[i])
        self._turn_levels = [level for level, _ in turns]
        waiting = [p.turns[i] for _, i in turns]
        self._turns = Network(waiting, p.dimensions, pool, decides=False) if turns else None
        several = (self._main, self._ladder, self._turns)
        self._all = (*self._parts.values(), *self._stops.values(), *(each for each in several if each is not None))

    def grow(self) -> None:
        """Build all that is built when it is first asked about."""
        for network in self._all:
            network.grow()
        self._pool.open()

    def choose(self, point: dict[str, Value]) -> Choice:
        """Return what wins at a point."""
        if self._parts:
            point = point.copy()
            for key, network in self._parts.items():
                point[key] = network.first(point) is not None
        held = tuple(i for i, network in self._stops.items() if network.first(point) is not None)
        # What is worked out here is no part of what was read from the account.
        if held:
            point = point.copy()
            note_stops(self._edition, point, held)
        waiting = self._turns.first(point) if self._turns is not None else None
        turn = None if waiting is None else self._turn_levels[waiting]
        if turn is not None:
            point = point.copy()
            point[TURN.key] = turn
        winner = self._main.first(point)
        if winner is None:
            return Choice(stops=held, turn=turn)
        if winner < len(self._full_blocks):
            block = self._full_blocks[winner]
            return Choice(block=block, stops=tuple(i for i in held if i < block))
        rule = winner - len(self._full_blocks)
        if rule == len(self._edition.rules):
            return Choice(stops=held, turn=turn, can_do_otherwise=True)
        if self._ladder is not None and self._edition.rules[rule].level is not None:
            ranked = self._ladder.first(point)
            return Choice(stops=held, rule=self._ladder_order[ranked][0] if ranked is not None else None, turn=turn)
        return Choice(stops=held, rule=rule, turn=turn)

    def close(self) -> None:
        """Free the sessions."""
        self._pool.close()


class Compiled:
    """A ruleset ready to decide, with the version it was published as; ``blueprints`` are those of its currencies."""

    def __init__(
        self,
        ruleset: Ruleset,
        *,
        blueprints: Mapping[str, Blueprint],
        version: int | None = None,
        commit: str | None = None,
    ) -> None:
        self.ruleset = ruleset
        self.version = version
        self.commit = commit
        self.zone = ZoneInfo(ruleset.timezone)
        self.programs = {
            currency: Program(ruleset, edition, blueprints[currency]) for currency, edition in ruleset.editions.items()
        }
        effective = ruleset.effective
        self.bounds = tuple(day for day in (effective.from_on, effective.until_on) if day is not None)
        self.fact_names = frozenset(name for edition in ruleset.editions.values() for name in edition.facts)

    def is_effective(self, day: dt.date) -> bool:
        """Tell whether the ruleset applies on a local date."""
        effective = self.ruleset.effective
        begun = effective.from_on is None or effective.from_on <= day
        return begun and (effective.until_on is None or day < effective.until_on)

    def close(self) -> None:
        """Free what the engine holds; the ruleset must not decide afterwards."""
        for program in self.programs.values():
            program.close()


def compile_ruleset(ruleset: Ruleset, *, version: int | None = None, commit: str | None = None) -> Compiled:
    """Make a ruleset ready to decide; networks are built when a currency is first asked for.

    Raises BudgetExceeded where its conditions are too large for boxes.
    """
    with boxes.allowing(_MOST_COMPARISONS):
        blueprints = {
            currency: draw_blueprint(Planner(ruleset, edition)) for currency, edition in ruleset.editions.items()
        }
    return Compiled(ruleset, blueprints=blueprints, version=version, commit=commit)


def note_stops(edition: Edition, point: dict[str, Value], stops: Iterable[int]) -> None:
    """Write into the point which action types the stopping blocks take out of the running."""
    for i in stops:
        for action in edition.blocks[i].stops or ():
            point[stopped(action).key] = True


def list_moving(table: MaskTable, dimensions: Mapping[str, Coordinate]) -> tuple[Moving, ...]:
    """Return the columns of the coordinates that passing days may change."""
    found = ((dimensions[key], column) for key, column in table.columns.items())
    return tuple(_moving_of(each, column) for each, column in found if each.motion != "fixed")


def _moving_of(coordinate: Coordinate, column: Column) -> Moving:
    drift = coordinate.steady_drift if coordinate.motion == "counted" else None
    return coordinate.key, column.touched, drift, coordinate, column


def _by_kind(coordinates: Iterable[Coordinate]) -> Iterable[tuple[type[Coordinate], list[Coordinate]]]:
    """Return the coordinates of each kind together."""
    kinds: dict[type[Coordinate], list[Coordinate]] = {}
    for each in coordinates:
        kinds.setdefault(type(each), []).append(each)
    return kinds.items()


def _barred(columns: Mapping[str, Column], actions: Iterable[str]) -> int:
    """Return the boxes of rules whose action is one of these."""
    barred = 0
    for key in (stopped(action).key for action in actions):
        if key in columns:
            barred |= columns[key].touched
    return barred


def _facts_of(coordinates: Iterable[Coordinate]) -> frozenset[str]:
    return frozenset(fact.name for each in coordinates if (fact := fact_of(each)) is not None)


def _can_change(coordinate: Coordinate) -> bool:
    """Tell whether time alone can change a coordinate for some account: what invoices yield turns with them."""
    fact = fact_of(coordinate)
    is_drawn = fact is not None and (fact.source != "given" or fact.name in PROMISE_FACTS)
    return coordinate.motion != "fixed" or is_drawn


def _can_be_drawn(coordinate: Coordinate) -> bool:
    """Tell whether what is recorded of an account can change a coordinate: its promises, or a disputed invoice."""
    fact = fact_of(coordinate)
    return fact is not None and (fact.source == "invoices" or fact.name in DRAWN_FACTS)


def _used_facts(edition: Edition, plan: Plan) -> frozenset[str]:
    """Return the facts that conditions and fees of the ruleset read."""
    used = set(_facts_of(plan.dimensions.values()))
    used.update(fee.basis for fee in edition.fees.values() if fee.basis is not None)
    if any(_is_contact(rule) for rule in edition.rules):
        used.update({"channels", "do_not_contact", "preferred_channel"})
    return frozenset(used)


def _needed_facts(edition: Edition, used: frozenset[str]) -> frozenset[str]:
    needed = {name for name in used if not edition.facts[name].optional and edition.facts[name].default is None}
    if any(ACTIONS[rule.action.type].is_contact for rule in edition.rules):
        needed.add("channels")
    return frozenset(needed)


def _is_contact(rule: Rule) -> bool:
    return any(ACTIONS[action.type].is_contact for action in (rule.action, *rule.action.along_with))
