"""A table of keys is a schema and a reader at once: one row is all that a new key needs besides its meaning."""

import jsonschema
import msgspec
import pytest

from engine.loading.complaints import Complaints
from engine.loading.grammar.kinds import FLAG, number, one_of, text
from engine.loading.grammar.lists import ListOf, Names, OneOrMore
from engine.loading.grammar.parts import DATE
from engine.loading.grammar.table import AT, Fields, Table, key
from engine.loading.node import Mapping, Scalar, find, to_data
from engine.loading.scope import Scope
from engine.loading.spot import Spot
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, Position


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What the table of this test makes."""

    id: str
    count: int = 1
    kinds: tuple[str, ...] = ()
    is_paid: bool = False
    costs: dict[str, int] = {}  # msgspec copies it
    at: Position


def check_visit(node: Mapping, visit: Visit, spot: Spot) -> None:
    """Complain of a visit that is paid and costs nothing."""
    if visit.is_paid and not visit.costs:
        spot.complain("fee-unclear", find(node, "paid") or node, "The visit is paid and costs nothing.")


def name_animal(node: Scalar, spot: Spot) -> str | None:
    """Complain of every animal but the cat."""
    if node.text != "cat":
        spot.complain("unknown-rule", node, f"“{node.text}” is no animal of this house.")
    return node.text


VISIT = Table(
    make=Visit,
    keys=(
        key("id", text(8, meaning=name_animal), "Whose visit it is.", "cat", needed=True),
        key("count", number(1, 9), "How often."),
        key("kinds", OneOrMore(one_of(("house", "farm")), "Write house, farm or both.")),
        key("paid", FLAG, field="is_paid"),
        key("costs", Names(number(0, 100))),
    ),
    check=check_visit,
    given=AT,
)
VISITS: Table[Fields] = Table(make=dict, keys=(key("visits", ListOf(VISIT)), key("on", DATE)))


def read(written: str) -> tuple[object, tuple[Diagnostic, ...]]:
    """Read one text by the table, and hold the schema against what was said."""
    node = parse_yaml(written, "visits.yaml").node
    assert node is not None
    complaints = Complaints("visits.yaml")
    return VISITS.read(node, Spot(Scope(complaints=complaints))), complaints.found


def test_makes_the_record() -> None:
    """Each value stands in the field of its row, one value for a list of one, with the place of the mapping."""
    made, found = read("visits:\n  - {id: cat, kinds: farm, paid: true, costs: {food: '7'}}\n")
    visit = Visit(id="cat", kinds=("farm",), is_paid=True, costs={"food": 7}, at=Position(2, 5))
    assert (made, found) == ({"visits": (visit,)}, ())


def test_says_all_that_is_wrong_at_once() -> None:
    """Shape, names and what does not fit together: every complaint, each at its place, with what to write."""
    written = """\
visits:
  - {id: dog, count: five, kinds: [house, shed], paid: true, colour: red}
  - {cuont: 3}
on: 2026-02-30
"""
    said = {(each.line, each.column, each.code, each.hint) for each in read(written)[1]}
    assert said == {
        (2, 10, "unknown-rule", "Write the id of a rule of this file."),
        (2, 22, "wrong-type", "Write 5, in digits alone."),
        (2, 43, "unknown-word", "Write one of house, farm."),
        (2, 56, "fee-unclear", "Write “fixed: 40”, or “basis: overdue_balance” with “percent” or “tiers”."),
        (2, 62, "unknown-key", "The keys here are id, count, kinds, paid, costs."),
        (3, 5, "missing-key", "Add “id”: Whose visit it is. For example: “id: cat”."),
        (3, 6, "unknown-key", "Did you mean “count”?"),
        (4, 5, "malformed-date", "Write a date such as 2026-01-31."),
    }


def test_means_no_key_that_is_there_already() -> None:
    """Who wrote both ``count`` and ``counts`` did not mean the first by the second."""
    (found,) = read("visits: [{id: cat, count: 2, costs: {}, counts: 3}]")[1]
    assert (found.code, found.hint) == ("unknown-key", "The keys here are id, count, kinds, paid, costs.")


@pytest.mark.parametrize(
    ("written", "is_right"),
    [
        ("{visits: [{id: cat}]}", True),
        ("{visits: []}", False),
        ("{visits: [{}]}", False),
        ("{visits: [{id: cat, count: 10}]}", False),
        ('{visits: [{id: cat, count: "9"}]}', True),
        ("{visits: [{id: cat, kinds: [farm, farm]}]}", False),
        ("{visits: [{id: cat, costs: {a b: 1}}]}", False),
        ("{visits: [{id: a cat of nine}]}", False),
        ("{on: 1.1.2026}", False),
    ],
)
def test_the_schema_says_the_same(written: str, is_right: bool) -> None:  # noqa: FBT001  # a column of the table
    """What an editor underlines is what the reader refuses, before any meaning."""
    node = parse_yaml(written, "visits.yaml").node
    assert node is not None
    assert jsonschema.Draft202012Validator(VISITS.schema()).is_valid(to_data(node)) is is_right
    assert (read(written)[1] == ()) is is_right
