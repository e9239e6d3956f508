"""Accounts whose ruleset asks for a score are decided one by one, the others of its folder by columns."""

import datetime as dt

from engine.evaluation.rulesets import Rulesets
from engine.examination.examine import examine_files
from engine.portfolio.asking import Ask
from tests.portfolio.batches import rows
from tests.portfolio.threeways import assert_same

FILES = {
    "scorecard.yaml": "scorecards: {risk_score: {points: {vip: {classes: [{when: true, points: 5}], otherwise: 9}}}}\n",
    "asking.yaml": """\
ruleset: asking
title: Asks for the score
currency: EUR
timezone: UTC
applies_to: {country: NL}
rules: [{id: risky, when: {days_overdue: 3.., risk_score: 9}, then: {action: hand_over, to: agency}}]
""",
    "other.yaml": """\
ruleset: other
title: Does not ask for it
currency: EUR
timezone: UTC
applies_to: {country: SE}
rules: [{id: late, when: {days_overdue: 3..}, then: {action: raise_event, name: x}}]
""",
}


def test_columns_say_what_is_said_one_by_one() -> None:
    """Each account has the same answer both ways; one that gives the score is refused by both rulesets."""
    examination = examine_files({name: text.encode() for name, text in FILES.items()})
    rulesets = Rulesets([examination.compiled(one) for one in examination.rulesets])
    own = {"currency": "EUR", "channels": [], "days_overdue": 5}
    batch = rows(
        rulesets,
        {"id": "a", "country": "NL", **own},
        {"id": "b", "country": "NL", "vip": True, **own},
        {"id": "c", "country": "SE", **own},
        {"id": "d", "country": "SE", "risk_score": 5, **own},
        {"id": "e", "country": "NL", "risk_score": 5, **own},
    )
    decisions, singly = assert_same(batch, rulesets, Ask(as_of=dt.date(2026, 3, 1)))
    assert decisions.column("rule").to_pylist() == ["risky", None, "late"]
    examination.close()
    assert singly == {"a score": 3, "a score that is given": 1}
