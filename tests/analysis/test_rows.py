"""Findings about a table of rules name its rows, each by its id and its line, and what stands in the table once."""

import pytest

from engine.analysis.analyse import analyse
from tests.analysis.reading import load

HEAD = "ruleset: sample\ntitle: Sample\ncurrency: EUR\ntimezone: Europe/Amsterdam\n"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            # A row that another hides is named by its own line.
            """\
stateless: true
rules:
  - table: t
    when: {days_overdue: 3..}
    then: {action: notify_team}
    columns: [id, segment]
    rows:
      - [any, -]
      - [some, x]
""",
            [("never-wins", 13, "“t-some”")],
        ),
        (
            # What stands in the table once is told once, at its place.
            """\
rules:
  - table: t
    when: {vip: {is: missing}}
    then: {action: notify_team}
    columns: [id, segment]
    rows:
      - [a, x]
      - [b, y]
""",
            [("never-holds", 7, "“t-a”")],
        ),
        (
            # A cell is told at the cell.
            """\
rules:
  - table: t
    then: {action: notify_team}
    columns: [id, vip]
    rows:
      - [a, true]
      - [b, {is: missing}]
""",
            [("never-holds", 11, "“t-b”")],
        ),
        (
            # Waiting for a table is waiting for one of its rows.
            """\
rules:
  - table: t
    when: {days_overdue: ..9}
    then: {action: notify_team}
    columns: [id, segment]
    rows:
      - [a, x]
      - [b, y]
  - {id: later, after: {rule: t, days: 3}, then: {action: pause_billing}}
  - {id: never, after: {rule: t, times: 3}, then: {action: pause_billing}}
""",
            [
                ("follow-up-lost", 13, "past 9 and no row of “t” was carried out."),
                ("after-never-met", 14, "waits for a row of “t”, which is executed 2 times at most"),
            ],
        ),
    ],
    ids=["a row that never wins", "a condition of the table", "a cell", "a table that is waited for"],
)
def test_findings_name_rows(rules: str, expected: list[tuple[str, int, str]]) -> None:
    """Each finding of these checks stands at the line, and says what it is about."""
    codes = {code for code, _, _ in expected}
    found = [each.diagnostic for each in analyse(load(HEAD + rules)) if each.diagnostic.code in codes]
    assert [(each.code, each.line) for each in found] == [(code, line) for code, line, _ in expected]
    assert all(words in each.message for each, (_, _, words) in zip(found, expected, strict=True)), found
