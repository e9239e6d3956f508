"""What is told of the text: added, removed, changed, moved and renamed parts."""

import pytest

from engine.comparison.difference import Change
from tests.comparison.rulesets import LADDER, differ

EXTRA = "  - {id: task, when: {vip: true}, then: {action: assign_task, assign_to: sales}}\n"


def changes(old: str, new: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The changes of two texts, in short."""
    return [(change.part, change.name, change.kinds) for change in differ(old, new).changes]


def only(old: str, new: str) -> Change:
    """The one change."""
    (change,) = differ(old, new).changes
    return change


def test_added_and_removed() -> None:
    """A rule on one side only was added or removed, with its line."""
    assert changes(LADDER, LADDER + EXTRA) == [("rule", "task", ("added",))]
    assert changes(LADDER + EXTRA, LADDER) == [("rule", "task", ("removed",))]
    assert only(LADDER, LADDER + EXTRA).line == 10


def test_changed_names_the_place() -> None:
    """A change names the key and both values."""
    (detail,) = only(LADDER, LADDER.replace("3..}", "5..}")).details
    assert (detail.path, detail.was, detail.becomes) == ("when.days_overdue", "3..", "5..")


def test_moved_is_what_left_the_order() -> None:
    """Of rules in another order only those that moved are told, with their places."""
    lines = LADDER.strip().splitlines()
    moved = "\n".join([lines[0], lines[3], lines[1], lines[2]]) + "\n"
    change = only(LADDER, moved)
    assert (change.name, change.kinds) == ("hand-over", ("moved",))
    assert change.details[-1].becomes == "1, the first"


def test_renamed_is_found_by_likeness() -> None:
    """A rule under another id that says nearly the same is the old one renamed."""
    change = only(LADDER, LADDER.replace("id: remind", "id: nudge").replace("3..}", "4..}"))
    assert (change.was_name, change.name, change.kinds) == ("remind", "nudge", ("renamed", "changed"))


def test_unlike_rules_are_not_paired() -> None:
    """A rule that says something else is new, however much its place is the old one's."""
    new = LADDER.replace(LADDER.strip().splitlines()[1], EXTRA.rstrip("\n"))
    assert changes(LADDER, new) == [("rule", "task", ("added",)), ("rule", "remind", ("removed",))]


@pytest.mark.parametrize(
    ("addition", "told"),
    [
        ("conditions: {big: {open_balance: {at_least: 5}}}\n", ("condition", "big", ("added",))),
        ("fees: {late: {fixed: 5}}\n", ("fee", "late", ("added",))),
        ("facts: {mood: {type: text, optional: true}}\n", ("fact", "mood", ("added",))),
        ("blocks: [{id: vip, when: {vip: true}, reason: No.}]\n", ("block", "vip", ("added",))),
        ("dunning_interval_days: 4\n", ("setting", "dunning_interval_days", ("added",))),
        ("law_checked_to: 2026-11-21\n", ("setting", "law_checked_to", ("added",))),
    ],
)
def test_every_part_is_told(addition: str, told: tuple[str, str, tuple[str, ...]]) -> None:
    """Conditions, fees, facts, blocks and settings are told by their own name."""
    assert changes(LADDER, addition + LADDER) == [told]
