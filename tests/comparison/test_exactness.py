"""A decision differs exactly in the zones that the comparison reports."""

import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.comparison.coordinates import NEW, OLD, SIDES
from engine.comparison.decisions import Contrast, Part, contrast_editions, refused_by
from engine.comparison.impossible import find_impossible
from engine.comparison.joint import Point
from engine.comparison.points import point_of
from engine.conditions.boxes import Region, contains
from engine.evaluation.program import Choice, Compiled, compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.evaluation.view import View
from engine.loading.load import load_ruleset
from engine.network.masks import MaskTable
from tests.comparison.deciding import decide, describe, first_open_of, read_candidate, read_moment
from tests.comparison.mutating import edit_randomly
from tests.comparison.points import PointMaker
from tests.comparison.reading import SideReader
from tests.oracle.generate_accounts import AccountMaker
from tests.oracle.generate_rulesets import Blueprint, random_ruleset
from tests.properties import CASES

pytestmark = pytest.mark.property

# The full run, 300 pairs with 100,000 points each, is DUNNING_PROPERTY_COUNT=30000000; it takes about an hour.
PROGRESS = Path(os.environ["DUNNING_PROPERTY_LOG"]) if "DUNNING_PROPERTY_LOG" in os.environ else None
PAIRS = max(24, min(300, CASES // 150))
POINTS = CASES // PAIRS
ACCOUNTS = max(15, min(200, POINTS // 20))
CHUNKS = 8
# The pairs are small; whatever they take, they are to be finished.
BUDGET = 1_000_000_000


class Claim(NamedTuple):
    """What a contrast says of one point."""

    is_refused: bool
    covered: tuple[bool, bool]
    is_differing: bool


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
        old, new = (side.programs[currency] for side in self.sides)
        blocks = frozenset((block.id, block.id) for block in old.edition.blocks)
        return contrast_editions(old, new, renamed={}, twin_blocks=blocks, budget=BUDGET)


class Claims:
    """What a contrast says of points: whether each side covers and reads them, and whether its zones hold them."""

    def __init__(self, contrast: Contrast) -> None:
        """Take the contrast."""
        joint = contrast.joint
        self._parts = [part for zone in contrast.zones for part in zone.parts]
        refused = tuple(box for side in SIDES for box in refused_by(joint, side))
        covered = [joint.lift(side, joint.programs[side].plan.coverage) for side in SIDES]
        zones = [region for part in self._parts for region in _regions_of(part)]
        self._table = MaskTable([refused, *covered, *zones], joint.dimensions)
        starts = itertools.accumulate((2 + 2 * len(part.same) for part in self._parts), initial=0)
        self._starts = {1 << start: part for start, part in zip(starts, self._parts, strict=False)}
        self._every_start = sum(self._starts)

    def read(self, point: Point) -> Claim:
        """What is said of a point."""
        found = self._table.matching(point)
        return Claim(
            is_refused=bool(found & 1),
            covered=(bool(found & 2), bool(found & 4)),
            is_differing=self._is_in_some_part(found >> 3),
        )

    def _is_in_some_part(self, found: int) -> bool:
        """Tell it by pairs of bits: a region, and what is taken out of it; the first pair of a part is its own."""
        held = found & ~(found >> 1)
        return any(
            start & held and not any(held & start << 2 * each for each in range(1, len(part.same) + 1))
            for start, part in (self._starts.items() if held & self._every_start else ())
        )


def _regions_of(part: Part) -> Iterator[Region]:
    yield from (part.region, part.unless)
    for same in part.same:
        yield from (same.region, same.unless)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_decisions_differ_exactly_in_the_zones(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is edited, an account lies in a reported zone if and only if the two rulesets decide it otherwise."""
    if chunk % 2:  # tell these as what is large is told: without what is the same, instead of cut into patches
        monkeypatch.setattr("engine.comparison.patches._MOST_PATCHES", 0)
        monkeypatch.setattr("engine.comparison.decisions._TOLD_TOGETHER", 1)
    if chunk % 4 > 1:
        monkeypatch.setattr("engine.comparison.decisions._MOST_CUT", 0)
    for seed in range(chunk, PAIRS, CHUNKS):
        pair = Pair(seed)
        contrasts = {currency: pair.contrast(currency) for currency in pair.blueprint.currencies}
        for contrast in contrasts.values():
            assert contrast.is_finished
            check_points(pair, contrast, POINTS // len(contrasts))
        impossible = {currency: find_impossible(contrast.joint) for currency, contrast in contrasts.items()}
        for _ in range(ACCOUNTS):
            check_account(pair, contrasts, impossible)
        note_progress(seed)


def note_progress(seed: int) -> None:
    """Say in a file how far a long run is, if one is named."""
    if PROGRESS is not None:
        with PROGRESS.open("a") as file:
            file.write(f"pair {seed}: {POINTS} points, {ACCOUNTS} accounts\n")


def check_account(pair: Pair, contrasts: dict[str, Contrast], impossible: dict[str, Region]) -> None:
    """Draw an account beside the ruleset's thresholds, let both sides read and decide it in full, and compare.

    It lies nowhere where no account is said to.
    """
    account, history, as_of = AccountMaker(pair.rng, pair.blueprint).make()
    contrast = contrasts.get(account["currency"])
    candidates = [read_candidate(side, account, history or (), parse_as_of(as_of)) for side in pair.sides]
    known = [candidate for candidate in candidates if candidate is not None]
    moments = [moment for candidate in known if (moment := read_moment(candidate)) is not None]
    if contrast is None or len(moments) < len(SIDES):
        return
    point = point_of(contrast.joint, (moments[OLD], moments[NEW]))
    if any(read_point(contrast, side, point) != read_all(moments[side]) for side in SIDES):
        return  # entries without a level of their own are read with the rule's new level: a caution says so
    assert not contains(impossible[account["currency"]], point), f"{account} {history} {as_of}"
    was, becomes = (decide(known[side], moments[side]) for side in SIDES)
    is_inside = any(zone.contains(point) for zone in contrast.zones)
    assert is_inside is (was != becomes), f"{account} {history} {as_of} {was} {becomes}"


def read_all(view: View) -> Point:
    """Return every coordinate of a view; its own point reads them when they are asked for."""
    return view.read(view.program.plan.dimensions.values())


def read_point(contrast: Contrast, side: int, point: Point) -> Point:
    """Return one point as a side reads it."""
    reader = SideReader(contrast.joint, side, contrast.joint.dimensions.keys())
    reader.settle(point)
    return reader.read(point)


def own_regions(contrast: Contrast) -> Iterator[Region]:
    """Yield where each block and each rule of both rulesets holds."""
    for side in SIDES:
        plan = contrast.joint.programs[side].plan
        yield from (contrast.joint.lift(side, region) for region in (*plan.blocks, *plan.first, *plan.again))


def check_points(pair: Pair, contrast: Contrast, count: int) -> None:
    """Draw points on and beside every boundary, choose by the masks of both rulesets, and compare."""
    zones = [part.region for zone in contrast.zones for part in zone.parts]
    maker = PointMaker(pair.rng, contrast.joint, [*zones, *own_regions(contrast)])
    readers = [SideReader(contrast.joint, side, maker.settled_keys) for side in SIDES]
    claims = Claims(contrast)
    for batch in maker.draw(count):
        usable = []
        for reader in readers:
            reader.settle(batch.settled)
            usable.append(batch.state.open_to(reader.code.ruleset.contact_limits))
        firsts = [first_open_of(channels, batch.state.preferred) for channels in usable]
        said: dict[tuple[int, Choice], Any] = {}
        for point in batch.points:
            claim = claims.read(point)
            if claim.is_refused:
                continue
            decided = []
            for side, reader in enumerate(readers):
                key = side, reader.choose(point)
                if key not in said:  # within a batch the same choice is carried out in the same way
                    said[key] = describe(reader.code, key[1], firsts[side])
                decided.append(said[key] if claim.covered[side] else ("not_covered",))
            assert claim.is_differing is (decided[OLD] != decided[NEW]), f"{point} {decided}"
