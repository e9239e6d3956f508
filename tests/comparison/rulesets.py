"""Small rulesets for examples."""

from engine.comparison.compare import compare
from engine.comparison.difference import Difference, Row
from engine.loading.load import load_ruleset
from engine.model.ruleset import Ruleset

HEAD = "ruleset: sample\ntitle: Sample\ncurrency: EUR\ntimezone: Europe/Amsterdam\n"
REMIND = "then: {action: send_reminder, channel: [email, sms], tone: friendly}"
WARN = "then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}"
HAND_OVER = "after: {rule: warn, days: 1, from: pay_by}, then: {action: hand_over, to: agency}"
LADDER = f"""
rules:
  - {{id: remind, level: 1, when: {{days_overdue: 3..}}, {REMIND}}}
  - {{id: warn, level: 2, when: {{days_overdue: 14..}}, {WARN}}}
  - {{id: hand-over, level: 3, {HAND_OVER}}}
"""


def load(text: str) -> Ruleset:
    """The ruleset of a text without the usual head."""
    loaded = load_ruleset(HEAD + text)
    assert loaded.ruleset is not None, loaded.diagnostics
    return loaded.ruleset


def differ(old: str, new: str) -> Difference:
    """What differs between two texts."""
    return compare(load(old), load(new))


def rows_of(difference: Difference) -> tuple[Row, ...]:
    """The rows of the first currency."""
    return difference.editions[0].rows


def where(row: Row) -> list[dict[str, str]]:
    """The places of a row in words."""
    return [place.conditions for place in row.places]
