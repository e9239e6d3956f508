"""Two decisions and two ladders of one account beside each other."""

import datetime as dt
from typing import Any

from pages.decisionchange import PartChange, list_changes
from pages.ladder import Ladder, Rung
from pages.ladderchange import pair_ladders


def make_ladder(*steps: tuple[str, int]) -> Ladder:
    """Make a ladder of titles and days of March."""
    rungs = tuple(
        Rung(
            on=dt.date(2026, 3, day),
            asked_on=dt.date(2026, 3, day),
            day=day,
            level=None,
            title=title,
            action="send_reminder",
            channel="email",
            pay_by=None,
            money="",
            claim="",
            with_others=(),
        )
        for title, day in steps
    )
    return Ladder(account="anna", title="", rungs=rungs)


def tell(was: Ladder | None, becomes: Ladder | None) -> list[tuple[str, int | None, int | None, bool]]:
    """Return title, both days and whether it changed, of each step."""
    days: list[tuple[str, int | None, int | None, bool]] = []
    for step in pair_ladders(was, becomes):
        before, after = (None if rung is None else rung.day for rung in (step.was, step.becomes))
        days.append((step.title, before, after, step.is_changed))
    return days


def test_steps_stand_by_the_day_on_which_they_first_come() -> None:
    """On either side; of repeated ones the first beside the first."""
    was = make_ladder(("call", 1), ("mail", 2), ("mail", 9), ("letter", 5))
    becomes = make_ladder(("mail", 4), ("letter", 5), ("visit", 3))
    assert tell(was, becomes) == [
        ("call", 1, None, True),
        ("mail", 2, 4, True),
        ("visit", None, 3, True),
        ("letter", 5, 5, False),
        ("mail", 9, None, True),
    ]
    assert tell(None, make_ladder(("mail", 2))) == [("mail", None, 2, True)]
    assert tell(None, None) == []


def test_a_decision_differs_in_its_parts_and_not_in_who_made_it() -> None:
    """A part is named by its path, actions along with it by their number; which version decided is no part."""
    was: dict[str, Any] = {
        "ruleset": {"version": 1},
        "as_of": "2026-03-01",
        "outcome": "act",
        "action": {"type": "place_call", "pay_by": None},
        "along_with": [{"type": "notify_team"}],
        "warnings": [],
    }
    becomes = was | {"ruleset": {"version": 2}, "action": {"type": "place_call", "pay_by": "2026-03-09"}}
    assert list_changes(was, was | {"ruleset": None}) == ()
    assert list_changes(was, becomes) == (PartChange(part="action: pay by", was=None, becomes="2026-03-09"),)
    gone = list_changes(was, becomes | {"along_with": []})
    assert gone[-1] == PartChange(part="along with 1: type", was="notify_team", becomes=None)
