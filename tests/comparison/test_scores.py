"""Other points: what changed in the scorecard, and which decisions, for which accounts."""

from engine.comparison.compare import compare
from engine.comparison.difference import Difference
from engine.loading.folder import load_folder
from engine.model.ruleset import Ruleset

RULESET = """\
ruleset: scored
title: Scored
currency: EUR
timezone: UTC
stateless: true
rules:
  - {id: agency, when: {days_overdue: 3.., risk_score: 60..}, then: {action: hand_over, to: agency}}
  - {id: event, when: {days_overdue: 3..}, then: {action: raise_event, name: x}}
"""
CARD = """\
never_score: [country, language]
scorecards:
  risk_score:
    base: 10
    points:
      segment: {classes: [{when: consumer, points: 0}, {when: smb, points: 20}], otherwise: 30}
      broken_promises: {classes: [{when: 0, points: 0}, {when: 1..2, points: 20}], otherwise: 40}
"""


def load(card: str) -> Ruleset:
    """Return the ruleset with a scorecard."""
    (loaded,) = load_folder({"scorecard.yaml": card.encode(), "r.yaml": RULESET.encode()}).loaded
    assert loaded.ruleset is not None, loaded.diagnostics
    return loaded.ruleset


def change(*replaced: tuple[str, str]) -> Difference:
    """Compare the scorecard with a changed one."""
    changed = CARD
    for was, becomes in replaced:
        assert was in changed
        changed = changed.replace(was, becomes)
    return compare(load(CARD), load(changed))


def test_a_change_names_the_class_and_the_list() -> None:
    """Points are told by their class, and a fact that may be scored again by the list that it was taken off."""
    difference = change(("1..2, points: 20", "1..2, points: 30"), ("[country, language]", "[country]"))
    told = {(each.part, each.name): [(d.path, d.was, d.becomes) for d in each.details] for each in difference.changes}
    assert told == {
        ("setting", "never_score"): [("", "[country, language]", "[country]")],
        ("scorecard", "risk_score"): [("broken_promises.1..2", "20", "30")],
    }


def test_another_order_of_classes_is_told() -> None:
    """The first class that holds counts, so their order is part of what is written."""
    swapped = change(("{when: consumer, points: 0}, {when: smb, points: 20}", SWAPPED))
    (found,) = swapped.changes
    assert [each.path for each in found.details] == ["segment.classes"]
    assert swapped.is_behaviour_same


SWAPPED = "{when: smb, points: 20}, {when: consumer, points: 0}"


def test_only_accounts_whose_points_pass_a_bound_are_decided_otherwise() -> None:
    """More points lead only from the lower rule to the higher one, shown by an account that was asked."""
    difference = change(("1..2, points: 20", "1..2, points: 30"))
    (row,) = difference.editions[0].rows
    assert (row.was, row.becomes) == (("event: raise event",), ("agency: hand over",))
    assert row.sample is not None
    assert row.sample.account["broken_promises"] in {1, 2}
    assert row.sample.account["segment"] == "smb"


def test_points_that_pass_no_bound_change_nothing() -> None:
    """It is proved that no account is decided otherwise, for which facts ever add up to more or less."""
    difference = change(("consumer, points: 0", "consumer, points: 9"))
    assert difference.changes
    assert difference.is_behaviour_same
    assert not change(("consumer, points: 0", "consumer, points: 10")).is_behaviour_same
