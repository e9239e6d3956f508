"""What covers an account may hang on its history, and history on the debt that there is."""

import datetime as dt

import pytest

from engine.coordinates.episode import Episode
from engine.coordinates.executed import tally
from engine.evaluation.decide import next_action
from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.account import Entry

RULESET = """
ruleset: climbed
title: For accounts that have climbed
currency: EUR
timezone: Europe/Amsterdam
applies_to: {dunning_level: 2..}
rules:
  - {id: second, level: 2, when: {plan: never}, then: {action: raise_event, name: x}}
  - {id: any, then: {action: raise_event, name: x}}
"""
DEBT = [{"id": "I1", "due_on": "2026-03-01", "open": 100}]
OF_THIS = {"rule": "second", "at": "2026-03-10", "episode": "2026-03-01"}


@pytest.mark.parametrize(
    ("invoices", "entry", "is_covered"),
    [
        (DEBT, OF_THIS, True),
        (DEBT, {**OF_THIS, "episode": "2026-01-01"}, False),
        (DEBT, {**OF_THIS, "invoices": ["I0"]}, False),
        (DEBT, {**OF_THIS, "level": 1}, False),
        ([], OF_THIS, False),
        ([], {**OF_THIS, "episode": "none"}, True),
    ],
)
def test_coverage_counts_what_belongs_to_the_episode(
    invoices: list[dict[str, object]], entry: dict[str, object], *, is_covered: bool
) -> None:
    """The invoices name the episode even where coverage asks about history alone."""
    loaded = load_ruleset(RULESET)
    assert loaded.ruleset is not None, loaded.diagnostics
    compiled = compile_ruleset(loaded.ruleset)
    account = {"id": "a", "currency": "EUR", "invoices": invoices}
    decision = next_action([compiled], account, [entry], as_of=dt.date(2026, 3, 20))
    compiled.close()
    assert (decision.outcome == "act") is is_covered


WAITING = """
ruleset: waiting
title: What waits for a notice
currency: EUR
timezone: Europe/Amsterdam
rules:
  - {id: notice, then: {action: raise_event, name: x}}
  - {id: follow, after: {rule: notice}, then: {action: suspend_service}}
"""


def test_an_explanation_says_why_an_entry_satisfies_no_after() -> None:
    """It was executed, and is no execution that the `after` counts: between episodes it would have to name that."""
    loaded = load_ruleset(WAITING)
    assert loaded.ruleset is not None, loaded.diagnostics
    compiled = compile_ruleset(loaded.ruleset)
    account, history = {"id": "a", "currency": "EUR"}, [{"rule": "notice", "at": "2026-03-10"}]
    decision = next_action([compiled], account, history, as_of=dt.date(2026, 3, 20), explain="rules")
    compiled.close()
    assert decision.explanation
    assert [(unmet.fact, unmet.value) for unmet in decision.explanation.rules] == [
        ("times executed: notice", "1"),
        ("days since executed: notice, with its episode named", "never"),
    ]


def test_histories_of_which_an_after_counts_unlike_much_have_unlike_shapes() -> None:
    """What is remembered of the one is not taken for the other."""
    shapes = set()
    for episodes in (("none", "none"), ("none", None), (None, None)):
        at = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
        entries = [Entry(at=at, day=at.date(), rule="notice", episode=episode) for episode in episodes]
        found = tally(entries, episode=Episode(name="none"), rules={}, groups={}, given_level=None, currency="EUR")
        assert found.done == {"notice": 2}
        shapes.add(found.shape)
    assert len(shapes) == len(("both", "one", "none"))
