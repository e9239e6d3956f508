"""What the network sends to durable_rules, and what it refuses to send."""

from __future__ import annotations

from functools import partial
from itertools import chain, product

import msgspec
import pytest
from durable_rules_engine import assert_event

from engine.conditions.boxes import EVERYTHING, NOTHING, Region, region_of
from engine.conditions.sets import (
    INTEGER_LIMIT,
    Dimension,
    Value,
    ValueSet,
    booleans,
    integers,
    words,
    words_except,
)
from engine.network import events, session
from engine.network.masks import MaskTable
from engine.network.names import FACTS, GROUP_FLAGS, RESERVED, RULE_FLAGS, WARM_UP, hash_name
from engine.network.network import Network
from engine.network.pool import Pool
from engine.network.values import UnfitValue
from tests.network.samples import DIMENSIONS

# Names that durable_rules cannot tell apart, or takes for words of its own.
COLLIDING = (
    ("week_product", "count_value_interest"),
    ("broken_hour_owner", "level_interest_num"),
    ("amount_pct_plan", "max_language_amount"),
    ("sms_dunning_action", "product_open_broken"),
    ("sp_nqxc", "sid"),
    ("pjsvxnd", "$forward"),
    ("vhjyom", "$or"),
    ("evniptc", "$s"),
    ("phvdmvd", "$and"),
    ("hc_cujf", "$neq"),
)


def one(**sides: ValueSet) -> Region:
    """Return the region of one box."""
    return region_of(sides, DIMENSIONS)


@pytest.mark.parametrize(("left", "right"), COLLIDING)
def test_names_of_equal_hash_are_two_facts(left: str, right: str) -> None:
    """Facts whose names collide in the engine's 32-bit hash, with each other or with its own words, decide rightly."""
    assert hash_name(left) == hash_name(right)
    universe = integers((0, 9), missing=True)
    dimensions = {key: Dimension(key=key, kind="integer", universe=universe) for key in (left, right)}
    regions = [
        region_of({left: integers((1, 3)), right: integers((5, 5))}, dimensions),
        region_of({right: integers((1, 3))}, dimensions),
        region_of({left: integers((5, 5), missing=True)}, dimensions),
    ]
    network, table = Network(regions, dimensions), MaskTable(regions, dimensions)
    values: list[int | None] = [None, *range(10)]
    for one_value, other_value in product(values, values):
        for point in ({left: one_value, right: other_value}, {right: other_value, left: one_value}):
            assert network.first(point) == table.first(point)


def test_generated_names_collide_with_nothing() -> None:
    """No generated name has the hash of a reserved word or of another."""
    names = [WARM_UP, *GROUP_FLAGS, *chain.from_iterable(RULE_FLAGS), *FACTS]
    assert len({hash_name(name) for name in (*names, *RESERVED)}) == len(names) + len(set(RESERVED))


def test_names_that_meet_stand_apart() -> None:
    """A name is looked for up to the next free place: flags are in even places, one each, and numbers in odd ones."""
    for flags in ([WARM_UP, *GROUP_FLAGS], *RULE_FLAGS):
        places = [hash_name(flag) % 32 for flag in (*flags, "id")]
        assert len(set(places)) == len(places)
        assert all(place % 2 == 0 for place in places)
    assert all(hash_name(fact) % 2 == 1 for fact in FACTS)


def test_empty_and_universal_regions() -> None:
    """An empty region never holds, a universal one always does, and what comes after it never."""
    regions = [NOTHING, one(vip=booleans(True)), EVERYTHING, one(vip=booleans(False))]
    network = Network(regions, DIMENSIONS)
    assert network.first({"vip": True}) == 1
    assert network.first({"vip": False}) == 2
    assert Network([], DIMENSIONS).first({}) is None
    assert Network([NOTHING], DIMENSIONS).first({}) is None
    assert Network([EVERYTHING], DIMENSIONS).first({}) == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("days", INTEGER_LIMIT + 1),
        ("days", -(2**60)),
        ("days", True),
        ("days", 1.5),
        ("days", "3"),
        ("balance", -1),
        ("balance", None),
        ("count", 5),
        ("count", 21),
        ("segment", "g"),
        ("segment", None),
        ("segment", 1),
        ("country", 7),
        ("country", True),
        ("vip", 1),
        ("vip", 0),
        ("vip", None),
        ("vip", "true"),
        ("consent", 2),
    ],
)
def test_a_value_that_the_fact_cannot_have_is_refused(key: str, value: Value) -> None:
    """A wrong type, a number out of bounds or an unknown word raises before anything is sent."""
    values: dict[str, ValueSet] = {"integer": integers((1, 3)), "word": words("a"), "boolean": booleans(True)}
    regions = [one(**{key: values[DIMENSIONS[key].kind]})]
    for executor in (Network(regions, DIMENSIONS), MaskTable(regions, DIMENSIONS)):
        with pytest.raises(UnfitValue, match=f"is not a value of {key}"):
            executor.first({key: value})


def test_a_container_is_refused() -> None:
    """A list where a word is needed raises as well."""
    network = Network([one(country=words("NL"))], DIMENSIONS)
    with pytest.raises(TypeError):
        network.first({"country": ["NL"]})  # type: ignore[dict-item]


def test_facts_that_no_rule_tests_are_not_looked_at() -> None:
    """Whatever an account says beside the facts in use does not reach the engine."""
    network = Network([one(country=words("NL"))], DIMENSIONS)
    assert network.first({"country": "NL", "sid": 5, "id": "x", "f0": "=BE", "days": "no number"}) == 0


def test_long_words_are_compared_whole() -> None:
    """A word of any length equals itself only, longer than durable_rules compares strings, too."""
    for longest in ("x" * 9_000, "x" * 70_000):
        network = Network([one(country=words(longest))], DIMENSIONS)
        assert network.first({"country": longest}) == 0
        assert network.first({"country": longest + "x"}) is None
        assert network.first({"country": "x" * (len(longest) % 65_536)}) == (0 if len(longest) < 65_536 else None)
        assert network.first({"country": ""}) is None


def test_long_lists_are_looked_up_before_the_event_is_sent() -> None:
    """A box of lists whose product would be millions of rules decides all the same."""
    codes = [f"R{number:03}" for number in range(300)]
    lists: dict[str, ValueSet] = {
        "country": words(*codes),
        "code": words(*codes[100:], missing=True),
        "days": integers(*((number, number + 1) for number in range(0, 60, 4)), missing=True),
        "segment": words("a", "c"),
    }
    regions = [one(**lists), one(country=words_except(*codes[:150]))]
    network, table = Network(regions, DIMENSIONS), MaskTable(regions, DIMENSIONS)
    for country, code, days, segment in product(
        ("R000", "R160", "R299", "R300", None), ("R099", "R100", "no", None), (None, -1, 0, 2, 57, 58), "abc"
    ):
        point: dict[str, Value] = {"country": country, "code": code, "days": days, "segment": segment}
        assert network.first(point) == table.first(point)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int | str]]:
    """Take down the events that durable_rules is asked about."""
    found: list[dict[str, int | str]] = []

    def record(handle: int | None, event: str) -> tuple[int, int]:
        found.append(msgspec.json.decode(event))
        code: tuple[int, int] = assert_event(handle, event)
        return code

    monkeypatch.setattr(session, "assert_event", record)
    return found


REGIONS = [
    one(country=words("NL"), days=integers((3, 9)), balance=integers((10, None))),
    one(country=words_except("DE"), days=integers((1, None))),
    one(country=words("BE"), days=integers((0, 0)), balance=integers((None, 5))),
    one(vip=booleans(True), country=words("AT")),
]


def test_every_answer_is_asked_for(asked: list[dict[str, int | str]]) -> None:
    """However often the same is asked, and whatever the index leaves, durable_rules is asked at each decision."""
    network, table = Network(REGIONS, DIMENSIONS), MaskTable(REGIONS, DIMENSIONS)
    asked.clear()
    for _ in range(2):
        for country, days, balance in product(("NL", "BE", "DE", "AT"), (0, 2, 3, 9, 10), (0, 5, 9, 10, 70)):
            point: dict[str, Value] = {"country": country, "days": days, "balance": balance, "vip": days > 2}
            before = len(asked)
            assert network.first(point) == table.first(point)
            assert len(asked) > before


def test_what_durable_rules_says_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but durable_rules knows whether a number fits: where it finds no match, none is answered."""
    network = Network(REGIONS, DIMENSIONS)
    points: list[dict[str, Value]] = [
        {"country": "NL", "days": 5, "balance": 20, "vip": False},
        {"country": "AT", "days": 0, "balance": 0, "vip": True},
    ]
    assert [network.first(point) for point in points] == [0, 3]
    monkeypatch.setattr(session, "assert_event", lambda _handle, _event: (1, 1))
    assert [network.first(point) for point in points] == [None, None]


def test_an_event_carries_the_numbers_of_the_rules_it_names(asked: list[dict[str, int | str]]) -> None:
    """A point with other numbers is the same event but for these; one with another word names other rules."""
    network = Network(REGIONS, DIMENSIONS)
    asked.clear()
    for country, days in (("NL", 2), ("NL", 4), ("BE", 2)):
        network.first({"country": country, "days": days, "balance": 20, "vip": False})
    low, high, other = asked
    assert low.keys() == high.keys()
    assert sum(low[name] != high[name] for name in low) == 1
    assert low.keys() != other.keys()


def test_how_events_begin_is_forgotten_when_it_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded, and what was forgotten is written again."""
    monkeypatch.setattr(events, "MOST_HEADS", 5)
    codes = [f"R{number}" for number in range(40)]
    regions = [one(code=words(*codes[number:]), days=integers((3, None))) for number in reversed(range(40))]
    block = events.Block(
        [region[0] for region in regions],
        partial(events.Numbers, ["days"], [region[0] for region in regions], DIMENSIONS),
        Pool(),
        is_named=True,
    )
    heads = [block[1 << number] for number in range(40)]
    assert len(block) <= 5
    assert [block[1 << number] for number in range(40)] == heads
