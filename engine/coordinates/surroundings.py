"""The coordinates of a plan beside each other."""

from collections.abc import Iterable, Mapping

import msgspec

from engine.conditions.boxes import Region
from engine.conditions.sets import ValueSet, integers
from engine.coordinates.beside import DAYS_OVERDUE, Beside
from engine.coordinates.channels import limited
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executed import table_target, targets_of
from engine.coordinates.facts import FactCoordinate
from engine.coordinates.plan import Plan
from engine.coordinates.stops import Stopped
from engine.coordinates.windows import Windows
from engine.model.ruleset import Edition, Ruleset
from engine.model.vocabulary import CHANNELS

# Some 270 years, either way: the due dates of all debts that there can be.
LONGEST_DEBT_DAYS = 100_000


def narrow(coordinates: Mapping[str, Coordinate], needed: frozenset[str] | None = None) -> dict[str, Coordinate]:
    """Return coordinates, each with only the values that a decision can meet: a needed fact is given.

    Needed are, where nothing else is said, all facts that are neither optional nor defaulted.
    """
    return {key: msgspec.structs.replace(each, universe=_met(each, needed)) for key, each in coordinates.items()}


def _met(coordinate: Coordinate, needed: frozenset[str] | None) -> ValueSet:
    found = coordinate.possible
    if not isinstance(coordinate, FactCoordinate):
        return found
    if coordinate.fact.name == DAYS_OVERDUE:
        found = found.intersection(integers((-LONGEST_DEBT_DAYS, LONGEST_DEBT_DAYS), missing=True))
    is_needed = not coordinate.fact.optional and coordinate.fact.default is None
    is_needed = is_needed and (needed is None or coordinate.fact.name in needed)
    return msgspec.structs.replace(found, missing=False) if is_needed else found


def surroundings_of(
    ruleset: Ruleset,
    edition: Edition,
    plan: Plan,
    windows: Windows,
    coordinates: Mapping[str, Coordinate] | None = None,
    *,
    more: Iterable[Region] = (),
    groups: dict[str, tuple[str, ...]] | None = None,
) -> Beside:
    """Return what stands beside each coordinate of a plan; ``coordinates`` are the plan's, narrowed.

    ``more`` are further regions that are asked about, and ``groups`` the rules of the targets in them that are several
    and no table.
    """
    known = plan.dimensions if coordinates is None else coordinates
    waiting: dict[int, tuple[str, ...]] = {}
    for rule, turn in zip(edition.rules, plan.turns, strict=True):
        if turn and rule.level is not None:
            waiting[rule.level] = (*waiting.get(rule.level, ()), limited(rule.action.channels).key)
    return Beside(
        known,
        (plan.coverage, *plan.blocks, *plan.first, *plan.again, *plan.turns, *plan.parts.values(), *more),
        limits=ruleset.contact_limits,
        known_channels=edition.facts["channels"].values or CHANNELS,
        preferable=edition.facts["preferred_channel"].values or CHANNELS,
        levelled=_levelled_targets(edition),
        holds=plan.parts
        | {each.key: _stopping(edition, plan, each) for each in known.values() if isinstance(each, Stopped)},
        waiting=waiting,
        groups=_tables_of(edition) | (groups or {}),
        windows=windows,
    )


def _tables_of(edition: Edition) -> dict[str, tuple[str, ...]]:
    """Return the rows of every table, by what counts them all."""
    rows: dict[str, tuple[str, ...]] = {}
    for rule in edition.rules:
        if rule.table is not None:
            target = table_target(rule.table)
            rows[target] = (*rows.get(target, ()), rule.id)
    return rows


def _levelled_targets(edition: Edition) -> frozenset[str]:
    """Return the targets that count rules with a level alone."""
    others = {target for rule in edition.rules if rule.level is None for target in targets_of(rule)}
    return frozenset(target for rule in edition.rules for target in targets_of(rule) if target not in others)


def _stopping(edition: Edition, plan: Plan, stopped: Stopped) -> Region:
    """Return where a block stops an action."""
    pairs = zip(edition.blocks, plan.blocks, strict=True)
    return tuple(box for block, region in pairs if stopped.action in (block.stops or ()) for box in region)
