"""Two rulesets compared: what is written, what is decided, and what no box can show."""

from collections.abc import Iterable, Iterator

import msgspec

from engine.comparison.behaviour import Behaviour
from engine.comparison.decisions import Contrast, contrast_editions
from engine.comparison.difference import Difference, EditionDifference, Place, Row, Side
from engine.comparison.documents import Written, compare_documents
from engine.comparison.effects import find_effects
from engine.comparison.headlines import Headliner
from engine.comparison.impossible import find_impossible
from engine.comparison.pledges import compare_guarantees
from engine.comparison.samples import Sampler
from engine.comparison.wording import say_behaviours, say_box
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled, compile_ruleset
from engine.model.ruleset import Ruleset

# Comparisons of boxes for each currency: twice what two rulesets of 200 rules with nothing in common need.
DEFAULT_BUDGET = 30_000_000


def compare(old: Ruleset, new: Ruleset, *, budget: int = DEFAULT_BUDGET) -> Difference:
    """Compare two versions of a ruleset, exactly; ``budget`` bounds the comparisons of boxes for each currency."""
    written = compare_documents(old, new)
    try:
        compiled = compile_ruleset(old), compile_ruleset(new)
    except BudgetExceeded:
        compiled = None
    return Difference(
        old=side_of(old),
        new=side_of(new),
        changes=written.changes,
        effects=find_effects(old, new, compiled, written),
        editions=_compare_editions((old, new), compiled, written, budget),
        guarantees=() if compiled is None else compare_guarantees(compiled, written.renamed_rules),
        are_levels_lost=_are_levels_lost(old, new),
    )


def _are_levels_lost(old: Ruleset, new: Ruleset) -> bool:
    """Tell whether a rule that raised the account's level has no rule of its id any more."""
    if not (old.has_ladder and new.has_ladder):
        return False
    kept = {rule.id for edition in new.editions.values() for rule in edition.rules}
    steps = (rule for edition in old.editions.values() for rule in edition.rules if rule.level is not None)
    return any(rule.id not in kept for rule in steps)


def compare_presence(old: Ruleset | None, new: Ruleset | None) -> Difference:
    """Tell of a ruleset that is new, or gone."""
    return Difference(
        old=None if old is None else side_of(old),
        new=None if new is None else side_of(new),
    )


def side_of(ruleset: Ruleset) -> Side:
    """Name a ruleset."""
    return Side(id=ruleset.id, title=ruleset.title, file=ruleset.file, digest=ruleset.digest)


def _compare_editions(
    rulesets: tuple[Ruleset, Ruleset], compiled: tuple[Compiled, Compiled] | None, written: Written, budget: int
) -> tuple[EditionDifference, ...]:
    old, new = rulesets
    shared = [currency for currency in new.editions if currency in old.editions]
    if compiled is None:
        return tuple(EditionDifference(currency=currency, rows=(), is_finished=False) for currency in shared)
    found = [_compare_edition(compiled, currency, written, budget) for currency in shared]
    return (*found, *_compare_running(compiled, found, written, budget))


def _compare_running(
    compiled: tuple[Compiled, Compiled], found: Iterable[EditionDifference], written: Written, budget: int
) -> Iterator[EditionDifference]:
    """Yield what renaming changes where history has the old names: both names are compared as two rules."""
    if not written.renamed_rules:
        return
    apart = msgspec.structs.replace(written, renamed_rules={})
    for edition in found:
        running = _compare_edition(compiled, edition.currency, apart, budget)
        told = {_without_sample(row) for row in edition.rows}
        rows = tuple(row for row in running.rows if _without_sample(row) not in told)
        if rows or not running.is_finished:
            yield msgspec.structs.replace(running, rows=rows, is_running=True)


def _without_sample(row: Row) -> str:
    """Return what a row says, in a form that can be looked up."""
    return msgspec.json.encode(msgspec.structs.replace(row, sample=None)).decode()


def _compare_edition(
    compiled: tuple[Compiled, Compiled], currency: str, written: Written, budget: int
) -> EditionDifference:
    old, new = (each.programs[currency] for each in compiled)
    if old.plan.parts or new.plan.parts:  # a part of the one is nothing beside a part of the other
        return EditionDifference(currency=currency, rows=(), is_finished=False)
    twins = {(block.id, written.renamed_blocks.get(block.id, block.id)) for block in old.edition.blocks}
    try:
        contrast = contrast_editions(
            old, new, renamed=written.renamed_rules, twin_blocks=frozenset(twins), budget=budget
        )
    except BudgetExceeded:
        return EditionDifference(currency=currency, rows=(), is_finished=False)
    rows = tuple(_tell(contrast, compiled, Headliner(contrast.joint, written.renamed_rules)))
    return EditionDifference(currency=currency, rows=rows, is_finished=contrast.is_finished)


def _tell(contrast: Contrast, compiled: tuple[Compiled, Compiled], headliner: Headliner) -> Iterator[Row]:
    sampler = Sampler(contrast.joint, compiled, find_impossible(contrast.joint))
    for zone in sorted(contrast.zones, key=lambda zone: zone.is_unusual):
        was, becomes = say_behaviours(zone.was, zone.becomes)
        boxes = [box for part in zone.parts for box in part.region]
        places = tuple(Place(conditions=say_box(contrast.joint, box, is_unusual=zone.is_unusual)) for box in boxes)
        yield Row(
            headline=headliner.say(zone, places),
            was=was,
            becomes=becomes,
            places=places,
            unless=_name_all(each for part in zone.parts for each in part.before),
            same=_name_all(each.behaviour for part in zone.parts for each in part.same),
            is_unusual=zone.is_unusual,
            sample=sampler.draw(zone.parts),
        )


def _name_all(behaviours: Iterable[Behaviour]) -> tuple[str, ...]:
    """Name the blocks and rules among them."""
    return tuple(dict.fromkeys(_name(each) for each in behaviours if each.id is not None))


def _name(behaviour: Behaviour) -> str:
    return f"block {behaviour.id}" if behaviour.kind == "blocked" else str(behaviour.id)
