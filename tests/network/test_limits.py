"""Lists of rules at and beyond what one durable_rules network holds."""

from __future__ import annotations

from random import Random

from engine.conditions.boxes import Region, region_of
from engine.conditions.sets import Dimension, ValueSet, booleans, integers, words, words_except
from engine.network.atoms import Atom, Conjunction
from engine.network.bitmap import BitmapTable
from engine.network.network import Network

from tests.network.samples import DIMENSIONS, draw_point, number_dimensions


def test_three_hundred_equal_rules() -> None:
    """Rules with the same conditions, more than durable_rules holds, are won by the first."""
    regions = [region_of({"days": integers((3, 9)), "vip": booleans(True)}, DIMENSIONS)] * 300
    network = Network(regions, DIMENSIONS)
    assert network.first({"days": 3, "vip": True}) == 0
    assert network.first({"days": 10, "vip": True}) is None


def test_six_hundred_rules_of_one_test_each() -> None:
    """More different constants of one fact than a node has places for are all found."""
    regions = [region_of({"days": integers((number, number))}, DIMENSIONS) for number in range(600)]
    network = Network(regions, DIMENSIONS)
    assert [network.first({"days": number}) for number in range(-1, 601)] == [None, *range(600), None]
    codes = [region_of({"code": words(f"R{number}")}, DIMENSIONS) for number in range(600)]
    network = Network(codes, DIMENSIONS)
    assert [network.first({"code": f"R{number}"}) for number in range(601)] == [*range(600), None]


def test_a_thousand_ranges_that_hold_together() -> None:
    """A thousand rules that only test ranges, all true at once, are won by the first that holds."""
    dimensions = number_dimensions("days", "balance")
    regions = [
        region_of({"days": integers((1_000 - number, None)), "balance": integers((None, number * 2))}, dimensions)
        for number in range(1_000)
    ]
    network, table = Network(regions, dimensions), BitmapTable(regions, dimensions)
    random = Random(3)
    for _ in range(300):
        point = {"days": random.randint(-5, 1_100), "balance": random.randint(-5, 2_100)}
        assert network.first(point) == table.first(point)
    assert network.first({"days": 5_000, "balance": -5}) == 0
    assert network.resets == 0


def test_rules_of_many_facts() -> None:
    """More facts than one event has room for are spread over several."""
    keys = [f"fact_{number}" for number in range(500)]
    universe = words_except(missing=True)
    dimensions = {key: Dimension(key=key, kind="word", universe=universe) for key in keys}
    regions = [region_of({key: words_except("x", missing=True)}, dimensions) for key in keys]
    network = Network(regions, dimensions)
    everything_barred = dict.fromkeys(keys, "x")
    assert network.first(everything_barred) is None
    assert network.first(everything_barred | {"fact_499": "y"}) == 499
    assert network.first(everything_barred | {"fact_0": None, "fact_499": "y"}) == 0


def test_a_long_mixed_list() -> None:
    """A thousand rules, a fifth of them with ranges only, agree with the table of bits."""
    random = Random(11)
    regions: list[Region] = []
    for number in range(1_000):
        low = random.randint(-3, 12)
        sides: dict[str, ValueSet] = {
            "days": integers((low, low + 2)),
            "balance": integers((random.randint(0, 13), None)),
        }
        if number % 5:
            sides |= {"segment": words(random.choice("abcdef")), "country": words(random.choice(("NL", "a", "b")))}
        if number % 3:
            sides["consent"] = random.choice((booleans(True), booleans(missing=True)))
        regions.append(region_of(sides, DIMENSIONS))
    network, table = Network(regions, DIMENSIONS), BitmapTable(regions, DIMENSIONS)
    for _ in range(1_500):
        point = draw_point(random)
        assert network.first(point) == table.first(point)


def test_every_part_is_inside_the_limits() -> None:
    """Cutting a list keeps its order and makes parts that are as long as the limits allow."""
    ranges: list[tuple[int, Conjunction]] = [(number, (Atom("$gte", "f0", number),)) for number in range(200)]
    parts = cut(ranges)
    assert [rule for part in parts for rule in part] == ranges
    assert [len(part) for part in parts] == [MAX_WIDTH] * 3 + [200 - 3 * MAX_WIDTH]
    equalities: list[tuple[int, Conjunction]] = [(number, (Atom("==", "f0", number),)) for number in range(1_200)]
    assert [len(part) for part in cut(equalities)] == [MAX_CHILDREN, MAX_CHILDREN, 1_200 - 2 * MAX_CHILDREN]
    nested: list[tuple[int, Conjunction]] = [
        (number, (Atom("==", "f0", number % 100), Atom("==", "f1", number))) for number in range(5_000)
    ]
    assert [len(part) for part in cut(nested)] == [MAX_RULES, MAX_RULES, 5_000 - 2 * MAX_RULES]
    wide: list[tuple[int, Conjunction]] = [(number, (Atom("==", f"f{number}", 1),)) for number in range(300)]
    assert max(len(part) for part in cut(wide)) <= min(MAX_FACTS, MAX_WIDTH)


def test_width_counts_what_can_hold_together() -> None:
    """Of equalities on one fact the widest counts, of anything else the sum."""
    tree = WidthTree()
    for country in range(10):
        for day in range(MAX_WIDTH):
            assert tree.add((Atom("==", "f0", country), Atom("$gte", "f1", day)))
    assert not tree.add((Atom("$gte", "f1", 0),))
