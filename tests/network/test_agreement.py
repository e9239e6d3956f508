"""The network, the table of bits and naive membership answer alike."""

from __future__ import annotations

from random import Random

import pytest

from engine.conditions.boxes import contains
from engine.network.masks import MaskTable
from engine.network.network import Network
from tests.network.samples import DIMENSIONS, draw_point, draw_region, find_first

LISTS_A_SEED = 25
POINTS_A_LIST = 500


@pytest.mark.parametrize("seed", range(8))
def test_all_agree_on_critical_points(seed: int) -> None:
    """The first region that contains a point is the same by three ways of finding it."""
    random = Random(seed)
    for _ in range(LISTS_A_SEED):
        regions = [draw_region(random) for _ in range(random.choice((1, 3, 8, 20, 60)))]
        network, table = Network(regions, DIMENSIONS), MaskTable(regions, DIMENSIONS)
        for _ in range(POINTS_A_LIST):
            point = draw_point(random)
            found = network.first(point)
            assert found == table.first(point), (regions, point)
            assert found == find_first(regions, point), (regions, point)
        assert network.resets == 0
        network.close()


@pytest.mark.parametrize("seed", range(4))
def test_the_table_knows_every_region_that_holds(seed: int) -> None:
    """Bit i is set just when region i contains the point, and each box says which facts keep the point out."""
    random = Random(100 + seed)
    regions = [draw_region(random) for _ in range(30)]
    table = MaskTable(regions, DIMENSIONS)
    for _ in range(200):
        point = draw_point(random)
        holding = [contains(region, point) for region in regions]
        assert table.matching(point) == sum(1 << index for index, holds in enumerate(holding) if holds)
        for index, region in enumerate(regions):
            outside = [
                (box, [key for key, values in box.sides.items() if not values.contains(point.get(key))])
                for box in region
            ]
            assert list(table.misfits(index, table.bars(point))) == outside
