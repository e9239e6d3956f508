"""A decision differs exactly in the zones that the comparison reports."""

import os
import random

import pytest

from engine.comparison.decisions import Contrast, contrast_editions, refused_by
from engine.comparison.naming import NEW, OLD, SIDES
from engine.comparison.points import SideReader, point_of
from engine.conditions import boxes
from engine.conditions.boxes import Point
from engine.evaluation.compiled import Compiled, compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.loading.load import load_ruleset
from engine.network.bitmap import BitmapTable
from tests.comparison.deciding import decide, describe, first_open_of, read_candidate, read_moment
from tests.comparison.mutating import edit_randomly
from tests.comparison.points import PointMaker
from tests.oracle.generate_accounts import AccountMaker
from tests.oracle.generate_rulesets import Blueprint, random_ruleset

# The full run, 300 pairs with 100,000 points each, is DUNNING_PROPERTY_COUNT=30000000.
COUNT = int(os.environ.get("DUNNING_PROPERTY_COUNT", "6000"))
PAIRS = max(24, min(300, COUNT // 150))
POINTS = COUNT // PAIRS
ACCOUNTS = max(15, min(200, POINTS // 20))
CHUNKS = 8
# The pairs are small; whatever they take, they are to be finished.
BUDGET = 2_000_000


class Pair:
    """A random ruleset, and the same a few edits later."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.blueprint: Blueprint = random_ruleset(self.rng)
        loaded = load_ruleset(self.blueprint.text, file="random.yaml")
        assert loaded.ruleset is not None
        edited = edit_randomly(self.rng, self.blueprint)
        self.sides: tuple[Compiled, Compiled] = compile_ruleset(loaded.ruleset), compile_ruleset(edited)

    def contrast(self, currency: str) -> Contrast:
        """Compare the pair in one currency."""
        old, new = (side.codes[currency] for side in self.sides)
        blocks = frozenset((block.id, block.id) for block in old.edition.blocks)
        return contrast_editions(old, new, renamed={}, twin_blocks=blocks, budget=BUDGET)


class Zones:
    """The zones of a contrast, asked about many points."""

    def __init__(self, contrast: Contrast) -> None:
        parts = [part for zone in contrast.zones for part in zone.parts]
        self._count = len(parts)
        self._table = BitmapTable(
            [*(part.region for part in parts), *(part.unless for part in parts)], contrast.joint.dimensions
        )

    def hold(self, point: Point) -> bool:
        """Tell whether the point is in a zone."""
        found = self._table.matching(point)
        return bool(found & ~(found >> self._count) & (1 << self._count) - 1)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_decisions_differ_exactly_in_the_zones(chunk: int) -> None:
    """Whatever is edited, an account lies in a reported zone if and only if the two rulesets decide it otherwise."""
    for seed in range(chunk, PAIRS, CHUNKS):
        pair = Pair(seed)
        contrasts = {currency: pair.contrast(currency) for currency in pair.blueprint.currencies}
        for contrast in contrasts.values():
            assert contrast.is_finished
            check_points(pair, contrast, POINTS // len(contrasts))
        for _ in range(ACCOUNTS):
            check_account(pair, contrasts)


def check_account(pair: Pair, contrasts: dict[str, Contrast]) -> None:
    """Draw an account beside the ruleset's thresholds, let both sides read and decide it in full, and compare."""
    account, history, as_of = AccountMaker(pair.rng, pair.blueprint).make()
    contrast = contrasts.get(account["currency"])
    candidates = [read_candidate(side, account, history or (), parse_as_of(as_of)) for side in pair.sides]
    known = [candidate for candidate in candidates if candidate is not None]
    moments = [moment for candidate in known if (moment := read_moment(candidate)) is not None]
    if contrast is None or len(moments) < len(SIDES):
        return
    point = point_of(contrast.joint, (moments[OLD], moments[NEW]))
    if any(SideReader(contrast.joint, side).read(point) != moments[side].point for side in SIDES):
        return  # entries without a level of their own are read with the rule's new level: a caution says so
    was, becomes = (decide(known[side], moments[side]) for side in SIDES)
    is_inside = any(zone.contains(point) for zone in contrast.zones)
    assert is_inside is (was != becomes), f"{account} {history} {as_of} {was} {becomes}"


def check_points(pair: Pair, contrast: Contrast, count: int) -> None:
    """Draw points on and beside every boundary, choose by the bitmap tables of both rulesets, and compare."""
    joint, zones, maker = contrast.joint, Zones(contrast), PointMaker(pair.rng, contrast.joint)
    readers = [SideReader(joint, side) for side in SIDES]
    covers = [joint.lift(side, joint.codes[side].plan.coverage) for side in SIDES]
    refused = [refused_by(joint, side) for side in SIDES]
    for _ in range(count):
        point, state = maker.make()
        if any(boxes.contains(region, point) for region in refused):
            continue
        decided = []
        for side in SIDES:
            code = joint.codes[side]
            usable = state.open_to(code.ruleset.contact_limits)
            choice = code.choose_by_bitmap(readers[side].read(point))
            said = describe(code, choice, first_open_of(usable, state.preferred))
            decided.append(said if boxes.contains(covers[side], point) else ("not_covered",))
        assert zones.hold(point) is (decided[OLD] != decided[NEW]), f"{point} {decided}"
