"""Lists of rules at and beyond what one durable_rules network holds."""

from __future__ import annotations

from random import Random

import pytest

from engine.conditions.boxes import Region, region_of
from engine.conditions.sets import Dimension, ValueSet, booleans, integers, words, words_except
from engine.network import pool
from engine.network.atoms import Conjunction
from engine.network.masks import MaskTable
from engine.network.names import FACTS
from engine.network.network import MOST_NUMBERS, Network
from engine.network.session import Session
from tests.network.samples import DIMENSIONS, draw_point, draw_region, number_dimensions

# With the rule for warming up these are what durable-rules 2.0.28 holds whatever the rules test.
MAX_RULES = 63
MAX_FACTS = 250


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
    network, table = Network(regions, dimensions), MaskTable(regions, dimensions)
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
    network, table = Network(regions, DIMENSIONS), MaskTable(regions, DIMENSIONS)
    for _ in range(1_500):
        point = draw_point(random)
        assert network.first(point) == table.first(point)


def test_rules_of_many_numbers() -> None:
    """More numbers than one event has room for are asked about one list after another."""
    keys = [f"fact_{number}" for number in range(500)]
    dimensions = number_dimensions(*keys)
    regions = [region_of({key: integers((7, None))}, dimensions) for key in keys]
    network = Network(regions, dimensions)
    low = dict.fromkeys(keys, 6)
    assert network.first(low) is None
    assert [network.first(low | {f"fact_{number}": 7}) for number in (0, 180, 499)] == [0, 180, 499]
    assert network.first(low | {"fact_499": 8, "fact_300": 9}) == 300


def test_a_rule_of_more_numbers_than_an_event_has_room_for() -> None:
    """What the event has no room for is tested before it."""
    keys = [f"fact_{number}" for number in range(MOST_NUMBERS + 120)]
    dimensions = number_dimensions(*keys)
    network = Network([region_of({key: integers((7, None)) for key in keys}, dimensions)], dimensions)
    high = dict.fromkeys(keys, 7)
    assert network.first(high) == 0
    assert [network.first(high | {key: 6}) for key in keys] == [None] * len(keys)
    assert network.resets == 0
    assert len(FACTS) >= MOST_NUMBERS


def test_every_session_is_inside_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No session has more rules than durable_rules holds in any case, and no rule is without a test."""
    contents: list[list[Conjunction]] = []

    class Recorded(Session):
        def __init__(self) -> None:
            super().__init__()
            contents.append(self._rules)

    monkeypatch.setattr(pool, "Session", Recorded)
    random = Random(7)
    for length in (1, 5, 30, 300):
        regions = [draw_region(random) for _ in range(length)]
        Network(regions, DIMENSIONS)
    assert max(len(rules) for rules in contents) <= MAX_RULES
    assert all(tests for rules in contents for tests in rules)
    assert max(len({atom.fact for tests in rules for atom in tests}) for rules in contents) <= MAX_FACTS


def test_lists_that_are_alike_are_the_same_rules() -> None:
    """A thousand rules that differ by words and thresholds only take few sessions."""
    random = Random(13)
    regions = [
        region_of(
            {
                "code": words(f"R{number // 2}"),
                "segment": words(random.choice("abc")),
                "days": integers((number % 9, None)),
            },
            DIMENSIONS,
        )
        for number in range(1_000)
    ]
    shared = pool.Pool()
    network, table = Network(regions, DIMENSIONS, shared), MaskTable(regions, DIMENSIONS)
    network.grow()
    shared.open()
    assert len(shared.sessions) == 1
    for _ in range(1_000):
        point = draw_point(random) | {"code": f"R{random.randint(0, 500)}", "segment": random.choice("abcd")}
        assert network.first(point) == table.first(point)


def test_what_is_asked_before_the_rest_is_placed_has_a_session_of_its_own() -> None:
    """A list finds its place at its first question; the others are placed later, and all answer as they should."""
    shared = pool.Pool()
    ranges = ((3, None), (5, 9), (None, 6))
    first, asked, last = (Network([region_of({"days": integers(r)}, DIMENSIONS)], DIMENSIONS, shared) for r in ranges)
    assert [asked.first({"days": days}) for days in (4, 5, 10)] == [None, 0, None]
    for network in (first, asked, last):
        network.grow()
    shared.open()
    assert len(shared.sessions) == 2
    for days in range(12):
        expected = [0 if low <= days <= high else None for low, high in ((3, 99), (5, 9), (0, 6))]
        assert [each.first({"days": days}) for each in (first, asked, last)] == expected
    assert first.resets == 0
