"""Three tasks, done by somebody who knows only what the pages say (the names of links, fields and buttons)."""

from collections.abc import Callable
from typing import Any

from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


def click(page: Any, name: str) -> None:
    """Click the link of that name."""
    page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_load_state()


def test_an_auditor_learns_in_three_clicks_why_a_letter_is_sent(visit: Visit) -> None:
    """Why A-1001 gets its letter, under which version, and that the log was not changed."""
    page = visit().go("")
    click(page, "Accounts")
    click(page, "A-1001")
    click(page, "Why")
    said = page.locator("main").inner_text()
    assert "days overdue" in said
    assert "nl-consumer-subscription, version 2" in said
    assert "Proved in the log" in said


def test_a_billing_analyst_sees_what_a_change_does(visit: Visit, demo: Any) -> None:
    """A ruleset in use is changed in the sandbox, and what it decides otherwise is said before it is published."""
    page = visit(java_script_enabled=False).go("/rulesets/nl-consumer-subscription/versions/2")
    click(page, "Try in the sandbox")
    draft = page.get_by_role("textbox", name="The draft")
    draft.fill(draft.input_value().replace("when: {days_overdue: 21..,", "when: {days_overdue: 60..,"))
    page.get_by_label("Stored account").fill("A-1001")
    page.get_by_role("button", name="Take").click()
    page.get_by_label("Day", exact=True).fill(demo.ask("/v1/accounts/A-1001")["facts_on"])
    page.get_by_role("button", name="Ask").click()
    assert "Where the decision differs" in page.locator("main").inner_text()


def test_a_new_colleague_finds_the_calls_of_today(visit: Visit) -> None:
    """One sees what is due first, and a field that is called as what one looks for."""
    page = visit().go("")
    page.get_by_label("Channel").fill("phone")
    page.get_by_role("button", name="Show").click()
    page.wait_for_load_state()
    rows = page.get_by_role("table").get_by_role("row")
    assert rows.count() > 1
    assert all("phone" in row for row in rows.all_inner_texts()[1:])
