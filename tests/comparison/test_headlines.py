"""What a row of a difference says in the author's words."""

import pytest
import rich_click as click

from cli.reporters.difftext import write_text
from pages.diffhtml import Compared, write_html
from tests.comparison.rulesets import LADDER, differ, rows_of

TABLE = """
rules:
  - table: t
    then: {action: send_reminder, channel: email}
    repeat: {every_days: 7}
    columns: [id, segment, days_overdue, level, tone]
    rows:
      - [a, x, 3.., 1, firm]
      - [b, x, 10.., 2, final]
      - [c, z, 9.., 1, final]
"""
BLOCK = "blocks: [{id: vip, when: {vip: true}, reason: Ask sales.}]\n"


def headlines(old: str, new: str) -> list[str]:
    """The headlines of what can happen in the usual course of things."""
    return list(dict.fromkeys(row.headline for row in rows_of(differ(old, new)) if not row.is_unusual))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("days_overdue: 14..", "days_overdue: 21..", "warn comes 7 days later"),
        ("days_overdue: 14..", "days_overdue: 15..", "warn comes 1 day later"),
        ("days_overdue: 14..", "days_overdue: 10..", "warn comes 4 days earlier"),
        ("rule: warn, days: 1", "rule: warn, days: 8", "hand-over comes 7 days later"),
        ("rule: warn, days: 1", "rule: warn, days: 0", "hand-over comes 1 day earlier"),
        (
            "tone: friendly",
            "tone: firm",
            "remind has tone firm in the place of friendly (days overdue at least 3)",
        ),
    ],
)
def test_a_row_begins_with_the_rule_and_what_became_of_it(old: str, new: str, said: str) -> None:
    """A moved day is told in days and which way, another term with both, and for whom."""
    assert headlines(LADDER, LADDER.replace(old, new)) == [said]


COUNTING = """
dunning_interval_days: 0
rules:
  - {id: first, level: 1, when: {days_overdue: 1..}, then: {action: assign_task}}
  - id: again
    when: {days_until_renewal: ..30}
    repeat: {every_days: 7}
    timing: {days_after_due: 5}
    after: [{rule: first, days: 3}, {level: 1, times: 2}]
    then: {action: notify_team}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("..30}", "..14}", "again comes 16 days later"),
        ("..30}", "..31}", "again comes 1 day earlier"),
        ("every_days: 7", "every_days: 9", "again is repeated 2 days later"),
        ("days_after_due: 5", "days_after_due: 12", "again comes 7 days later"),
        ("days_after_due: 5", "days_after_due: 4", "again comes 1 day earlier"),
        ("rule: first, days: 3", "rule: first, days: 10", "again comes 7 days later"),
        ("rule: first, days: 3", "rule: first", "again comes 3 days earlier"),
        ("level: 1, times: 2", "level: 1, times: 2, days: 4", "again comes 4 days later"),
        ("interval_days: 0", "interval_days: 6", "first comes 6 days later"),
    ],
)
def test_whatever_counts_days_is_told_in_days(old: str, new: str, said: str) -> None:
    """What is waited for, a rest, a timing, a countdown and the interval between steps move a rule by days."""
    first, *_ = headlines(COUNTING, COUNTING.replace(old, new))
    assert first.partition(" (")[0] == said


@pytest.mark.parametrize(
    "when", ["{days_overdue: ..20}", "{any: [{tenure_days: ..9}]}", "{hold_days_left: 1..}", "{not_old: true}"]
)
def test_what_may_end_meanwhile_is_not_said_to_come_later(when: str) -> None:
    """A rule that is put off past the days on which it holds never comes."""
    head = "conditions: {not_old: {tenure_days: ..90}}\n"
    text = head + LADDER.replace("id: hand-over, level: 3", f"id: hand-over, level: 3, when: {when}")
    moved = headlines(text, text.replace("rule: warn, days: 1", "rule: warn, days: 8"))
    assert any(said.startswith("hand-over no longer comes in these cases") for said in moved)
    assert not any("later" in said for said in moved)


def test_a_step_that_is_passed_over_meanwhile_is_said_to_come_first() -> None:
    """What waits longer while a higher step is open may be left behind for good; that is said."""
    ladder = """
rules:
  - {id: warn, level: 1, when: {days_overdue: 14..}, then: {action: notify_team}}
  - {id: stop, level: 2, after: {rule: warn, days: 2}, then: {action: suspend_service}}
  - {id: hand-over, level: 3, when: {days_overdue: 60..}, then: {action: hand_over, to: agency}}
"""
    later = ladder.replace("days: 2", "days: 9")
    assert headlines(ladder, later) == [
        "stop comes 7 days later, unless hand-over comes first (days overdue at least 60)",
        "stop comes 7 days later",
    ]
    assert headlines(later, ladder)[0] == "stop comes 7 days earlier, before hand-over (days overdue at least 60)"
    assert headlines(f"ladder: none\n{ladder}", f"ladder: none\n{later}")[0].startswith("stop comes 7 days later (")


MANY = """
rules:
  - {id: first, when: {days_overdue: 3..}, then: {action: notify_team}}
  - {id: second, when: {days_overdue: 4..}, then: {action: assign_task}}
  - {id: third, when: {days_overdue: 5..}, then: {action: pause_billing}}
  - {id: fourth, when: {days_overdue: 6..}, then: {action: credit_hold}}
  - {id: fifth, when: {days_overdue: 7..}, then: {action: resume_billing}}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            MANY,
            MANY.replace("{days_overdue: 3..}", "{days_overdue: 3.., vip: true}"),
            "first no longer comes in these cases, but second, third or 3 more (days overdue at least 3; not vip)",
        ),
        (
            MANY.replace("{days_overdue: 3..}", "{days_overdue: 3.., vip: true}"),
            MANY,
            (
                "first now comes in these cases, in the place of second, third or 3 more"
                " (days overdue at least 3; not vip)"
            ),
        ),
        (BLOCK + MANY, MANY, "block vip blocks no more: first, second or 4 more comes (vip)"),
    ],
)
def test_one_of_many_is_told_by_what_became_of_it(old: str, new: str, said: str) -> None:
    """A rule that gives way to many, or takes the place of many, is the subject of the sentence; so is a block."""
    assert headlines(old, new) == [said]


def test_a_rule_that_is_moved_on_the_ladder_is_not_told_against_itself() -> None:
    """A row of a rule that has another level, and so comes beside others or not at all, says both."""
    old = MANY
    for level, name in enumerate(("first", "second", "third", "fourth", "fifth"), start=1):
        old = old.replace(f"id: {name}", f"id: {name}, level: {level}")
    new = old.replace("id: first, level: 1", "id: first, level: 6")
    others = "second, third or 2 more (days overdue at least 3)"
    assert headlines(old, new)[0] == f"first has level 6 in the place of 1 or gives way to {others}"
    assert headlines(new, old)[0] == f"first has level 1 in the place of 6 and comes in the place of {others}"


def test_rules_are_named_before_blocks_and_nothing() -> None:
    """Of many that a new block stops, those that anyone would miss come first."""
    old = BLOCK + MANY
    new = old.replace("blocks: [", "blocks: [{id: hold, when: {vip: true}, reason: Held.}, ")
    assert headlines(old, new) == ["block hold now blocks in the place of block vip (vip)"]
    others = BLOCK.replace("vip: true", "insolvent: true") + MANY
    assert headlines(
        others, others.replace("blocks: [", "blocks: [{id: all, when: {deceased: true}, reason: Gone.}, ")
    ) == ["block all now stops first, second or 5 more (deceased)"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "otherwise: {action: assign_task}", "where no rule wins, assign task in the place of nothing"),
        ("otherwise: {action: notify_team}", "", "where no rule wins, nothing in the place of notify team"),
    ],
)
def test_another_otherwise_is_told_by_its_action(old: str, new: str, said: str) -> None:
    """What is done where no rule wins has no name but its action."""
    assert [each.partition(" (")[0] for each in headlines(f"{MANY}{old}\n", f"{MANY}{new}\n")] == [said]


def test_of_a_long_list_only_what_differs_is_written() -> None:
    """A table of interest rates is too long for a line; the rate that moved is not cut off."""
    rates = ", ".join(f"{{from: 20{year}-01-01, percent: {year - 9}}}" for year in range(10, 20))
    text = f"interest: {{late: {{rates: [{rates}], known_until: 2030-01-01}}}}\n" + LADDER.replace(
        "pay_within_days: 14", "pay_within_days: 14, interest: late"
    )
    (effect,) = differ(text, text.replace("percent: 10}", "percent: 10.5}")).effects
    assert effect.was == "rates […, {from: 2019-01-01, percent: 10}]"
    assert effect.becomes == "rates […, {from: 2019-01-01, percent: 10.5}]"


def test_channels_in_another_order_are_told_as_they_are_tried() -> None:
    """The first that is open is taken, so the order is told."""
    swapped = headlines(LADDER, LADDER.replace("[email, sms]", "[sms, email]"))
    assert swapped == ["remind has channel sms or email in the place of email or sms (days overdue at least 3)"]


def test_a_rule_is_called_by_its_title() -> None:
    """Who approves knows the title, where there is one."""
    titled = LADDER.replace("id: warn, level", "id: warn, title: Final notice, level")
    moved = titled.replace("days_overdue: 14..", "days_overdue: 21..")
    assert headlines(titled, moved) == ["“Final notice” comes 7 days later"]


def test_a_day_that_moves_with_more_is_not_told_as_a_move_elsewhere() -> None:
    """Where accounts of other days are concerned as well, a row says no number of days that is not theirs."""
    changed = LADDER.replace("days_overdue: 14..}", "days_overdue: 21.., vip: true}")
    assert not any("days later" in said for said in headlines(LADDER, changed))


def test_a_block_is_told_with_what_it_stops() -> None:
    """A new block stops rules, one that is gone lets them come."""
    assert headlines(LADDER, BLOCK + LADDER) == ["block vip now stops remind, warn or 2 more (vip)"]


def test_one_moved_cell_of_a_table_is_one_row() -> None:
    """It is told once for its customers, every set of accounts indented beneath, and counted once."""
    difference = differ(TABLE, TABLE.replace("10..", "17.."))
    assert len([row for row in rows_of(difference) if not row.is_unusual]) > 1
    lines = click.unstyle(write_text([difference], is_all=False)).splitlines()
    assert [line for line in lines if line.strip()[:2] in {"1.", "2."}] == ["    1. t-b comes 7 days later (segment x)"]
    assert lines[1] == "  1 way in which decisions differ."
    page = write_html([Compared(old=None, new=None, difference=difference)], old="a", new="b")
    assert page.count("t-b comes 7 days later") == 1
