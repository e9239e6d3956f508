"""The sandbox's editor: what is written is asked at once, findings stand at their lines, and the keyboard leaves it."""

from collections.abc import Callable
from typing import Any

from tests.browser.visitor import Visitor
from tests.waiting import PATIENCE_SECONDS

Visit = Callable[..., Visitor]
PATIENCE = PATIENCE_SECONDS * 1000
SANDBOX = "/sandbox?ruleset=nl-consumer-subscription"


def write_first(page: Any, text: str) -> None:
    """Write into the first line of the draft."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(text)


def test_a_finding_stands_at_its_line_as_one_types(visit: Visit) -> None:
    """In the list, under the words themselves, and gone again with what it found."""
    page = visit().go(SANDBOX)
    write_first(page, "nonsense: 1\n")
    finding = page.locator(".findings .error").filter(has_text="nonsense")
    finding.wait_for(timeout=PATIENCE)
    page.locator(".cm-lintRange-error").filter(has_text="nonsense").wait_for(timeout=PATIENCE)
    finding.get_by_role("button", name="line 1", exact=True).click()
    page.keyboard.press("Shift+End")
    page.keyboard.press("Delete")
    finding.wait_for(state="detached", timeout=PATIENCE)
    page.get_by_role("heading", name="Against what is in use").wait_for(timeout=PATIENCE)


def test_keys_and_values_are_offered(visit: Visit) -> None:
    """Those of the language, with what they mean."""
    page = visit().go(SANDBOX)
    write_first(page, "ladd")
    page.locator(".cm-tooltip-autocomplete li").filter(has_text="ladder").wait_for(timeout=PATIENCE)
    page.keyboard.press("Escape")
    page.keyboard.type("er: most")
    page.locator(".cm-tooltip-autocomplete li").filter(has_text="most_severe").wait_for(timeout=PATIENCE)


def test_the_tab_key_leaves_the_editor(visit: Visit) -> None:
    """It is the page's, so that nobody is caught in the draft."""
    page = visit().go(SANDBOX)
    write_first(page, "#")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Ask"


def test_an_account_that_shows_a_difference_goes_on_the_desk(visit: Visit) -> None:
    """By a button, and is asked about at once; on either side stands what the difference said."""
    page = visit().go(SANDBOX)
    account = page.locator("#account")
    before = account.input_value()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+f")
    page.keyboard.type("days_overdue: 2..")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.type("days_overdue: 6..")
    sample = page.locator("#answer .sample").first
    sample.wait_for(timeout=PATIENCE)
    sample.locator("summary").click()
    sample.get_by_role("button", name="Put it on the desk").click()
    assert account.input_value() != before
    page.get_by_role("table", name="Where the decision differs").wait_for(timeout=PATIENCE)


def test_a_draft_is_handed_on_as_a_file(visit: Visit) -> None:
    """Saved under its ruleset's name as it is written, and opened again by whom it was given to."""
    page = visit().go(SANDBOX)
    write_first(page, "# mine\n")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    assert saved.value.suggested_filename == "nl-consumer-subscription.yaml"
    other = visit().go("/sandbox?ruleset=uk-consumer")
    other.get_by_label("Open a file").set_input_files(saved.value.path())
    other.locator(".cm-line").filter(has_text="# mine").wait_for(timeout=PATIENCE)
    assert other.locator("#text").input_value() == page.locator("#text").input_value()
