"""A step of the ladder that waits is reported where a higher one can take its place for good, and only there."""

import pytest

from tests.analysis.reading import check, codes, only

NOTICE = (
    "  - {id: notice, level: 1, when: {days_overdue: 14..},"
    " then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}}\n"
)
WAITING = "  - {id: suspend, level: 2, after: {rule: notice, days: 1, from: pay_by}, then: {action: suspend_service}}\n"


def a_ladder(*higher: str, head: str = "") -> str:
    """A notice, a suspension that waits for its term, and what comes above."""
    return f"{head}rules:\n{NOTICE}{WAITING}" + "".join(f"  - {{{each}}}\n" for each in higher)


def is_overtaken(text: str) -> bool:
    """Tell whether a step is reported as overtaken."""
    return "level-overtaken" in codes(check(text))


def test_the_account_and_what_comes_of_it_are_shown() -> None:
    """The finding names both rules, at the wait, and shows day by day what comes and what never does."""
    text = a_ladder("id: call, level: 3, when: {days_overdue: 40..}, then: {action: assign_task, assign_to: office}")
    found = only(check(text), "level-overtaken")
    assert found.subject == "suspend"
    assert found.diagnostic.line == 3
    assert found.diagnostic.message == (
        "While the rule “suspend” waits, “call” of level 3 can overtake it; then “suspend” never comes for this debt."
    )
    assert found.diagnostic.witness
    assert found.diagnostic.witness.shows == (
        "“suspend” would have its turn on 2026-01-06; asked every day, what comes is “call” on 2026-01-05,"
        " and never “suspend”."
    )


@pytest.mark.parametrize(
    ("higher", "expected"),
    [
        ("id: call, level: 3, after: {rule: notice, days: 3}, then: {action: credit_hold}", True),
        ("id: call, level: 3, after: {rule: notice, from: pay_by}, then: {action: credit_hold}", True),
        ("id: call, level: 3, after: {rule: notice, days: 1, from: pay_by}, then: {action: credit_hold}", False),
        ("id: call, level: 3, after: {rule: suspend}, then: {action: credit_hold}", False),
        ("id: call, after: {rule: notice}, then: {action: credit_hold}", False),
        ("id: call, level: 3, when: {days_overdue: ..13}, then: {action: credit_hold}", False),
        ("id: call, level: 3, when: {days_overdue: 40..}, then: {action: write_off}", False),
    ],
)
def test_whoever_comes_sooner_overtakes(higher: str, *, expected: bool) -> None:
    """A level that waits for less overtakes; not one that waits as long, has no level, or ends the debt."""
    assert is_overtaken(a_ladder(higher)) is expected


@pytest.mark.parametrize(
    ("ladder", "expected"), [("catch_up", True), ("strict", False), ("most_severe", False), ("none", False)]
)
def test_only_catch_up_loses_what_was_meant_to_come(ladder: str, *, expected: bool) -> None:
    """On strict nobody overtakes, on most_severe it is what was asked for, and without a ladder nothing is lost."""
    call = "id: call, level: 3, when: {days_overdue: 40..}, then: {action: credit_hold}"
    assert is_overtaken(a_ladder(call, head=f"ladder: {ladder}\n")) is expected


def test_the_interval_of_the_ladder_counts() -> None:
    """Where the rest between steps is as long as the wait, the waiting step is ready first."""
    text = (
        "dunning_interval_days: {}\nrules:\n  - {{id: a, level: 1, then: {{action: credit_hold}}}}\n"
        "  - {{id: b, level: 2, after: {{rule: a, days: 5}}, then: {{action: suspend_service}}}}\n"
        "  - {{id: c, level: 3, then: {{action: block_changes}}}}\n"
    )
    assert is_overtaken(text.format(4))
    assert not is_overtaken(text.format(5))


def test_what_would_not_come_anyway_is_not_reported() -> None:
    """A rule whose own days are over before its wait is loses nothing."""
    text = (
        "rules:\n  - {id: a, level: 1, when: {days_overdue: 7..}, then: {action: credit_hold}}\n"
        "  - {id: b, level: 2, when: {days_overdue: ..9}, after: {rule: a, days: 5}, then: {action: suspend_service}}\n"
        "  - {id: c, level: 3, when: {days_overdue: 7..}, then: {action: block_changes}}\n"
    )
    assert not is_overtaken(text)
