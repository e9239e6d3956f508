"""The worked example of how a model becomes points, worked out again with plain arithmetic."""

import datetime as dt
import math
import re

import pytest

from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset, load_shared_scores
from engine.model.question import Question
from engine.worlds.asking import Asking
from tests.docs.pages import read_blocks, read_page

PAGE = "docs/authors/from-a-model.md"
EVEN, DOUBLING = 200, 40
FACTOR = DOUBLING / math.log(2)
_ROW = re.compile(r"^\| ([a-z_]*) ?\| (\S+) \| (-?[\d.]+) \| (-?[\d.]+) \| (-?\d+) \|$", re.MULTILINE)
ROWS = [
    (fact, name, float(each), float(scaled), int(points))
    for fact, name, each, scaled, points in _ROW.findall(read_page(PAGE))
]
RULESET = """\
ruleset: r
title: r
currency: EUR
timezone: UTC
rules: [{id: a, when: {risk_score: 0..}, then: {action: raise_event, name: x}}]
"""


def test_the_table_is_worked_out_right() -> None:
    """Each coefficient times the factor is what the table says, and its points are that rounded."""
    assert len(ROWS) == 9
    for fact, name, coefficient, scaled, points in ROWS:
        assert round(FACTOR * coefficient, 2) == pytest.approx(scaled, abs=0.0051), name
        assert round(FACTOR * coefficient + (0 if fact else EVEN)) == points, name


def score(**facts: object) -> int:
    """Return the score that the scorecard of the page gives an account."""
    (card,) = [block.text for block in read_blocks(PAGE) if "scorecards:" in block.text]
    loaded = load_ruleset(RULESET, shared_scores=load_shared_scores(card).shared)
    assert loaded.ruleset is not None
    question = Question(account={"id": "a", "currency": "EUR", **facts}, history=(), as_of=dt.date(2026, 3, 1))
    explanation = Asking(compile_ruleset(loaded.ruleset), question).decide("full", is_live=False).explanation
    assert explanation
    assert explanation.scores
    return explanation.scores["risk_score"].value


COEFFICIENTS = {(fact, name): each for fact, name, each, _, _ in ROWS}


@pytest.mark.parametrize(
    ("facts", "classes"),
    [
        ({"broken_promises": 3, "tenure_days": 100, "payment_method": "card"}, ("otherwise", "..364", "otherwise")),
        ({"broken_promises": 2, "payment_method": "sepa_debit"}, ("1..2", "missing", "sepa_debit")),
        ({"tenure_days": 365}, ("0", "otherwise", "otherwise")),
    ],
)
def test_the_points_say_what_the_model_says(facts: dict[str, object], classes: tuple[str, ...]) -> None:
    """Back on the scale of the model a score is within two points of the coefficients' sum."""
    names = zip(("broken_promises", "tenure_days", "payment_method"), classes, strict=True)
    exact = COEFFICIENTS["", "intercept"] + sum(COEFFICIENTS[name] for name in names)
    assert abs(score(**facts) - (EVEN + FACTOR * exact)) <= 2


def test_the_account_of_the_page_has_its_points_and_its_chance() -> None:
    """210 points are odds of 1.19, 54 %, as the model's own sum is."""
    assert score(broken_promises=3, tenure_days=100, payment_method="card") == 210
    odds = 2 ** ((210 - EVEN) / DOUBLING)
    assert (round(odds, 2), round(100 * odds / (1 + odds))) == (1.19, 54)
    exact = -1.386 + 1.214 + 0.347
    assert (round(exact, 3), round(100 / (1 + math.exp(-exact)))) == (0.175, 54)
    assert round(2 ** (2 / DOUBLING), 3) == 1.035
