"""Every screen: light and dark, narrow and wide, printed, without script, by keyboard alone; and axe finds nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.screens import SCREENS, fill
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
# WCAG 2.2 A and AA, and what axe's authors hold for good practice.
EDITOR = "cm-scroller"  # CodeMirror's: what is written in it has the focus, which axe does not see within a shadow
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Each element that has the focus is marked, so that what was never reached can be told.
FOCUSED = """() => {
    const own = document.activeElement, style = getComputedStyle(own), box = own.getBoundingClientRect();
    own.dataset.reached = true;
    return {
        name: own === document.body ? null : own.outerHTML.slice(0, 160),
        isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        isSeen: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
    };
}"""
UNREACHED = """() => [
    ...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, textarea")
].filter(each => each.checkVisibility() && !each.disabled && !each.dataset.reached).map(each => each.outerHTML)"""
MOVING = re.compile(r"[0-9a-f]{16,}|[0-9]+")
MOST_STOPS = 3000


def find_faults(page: Any, *rules: str) -> list[str]:
    """What axe finds wrong with a page, by all rules or by some: each rule and place."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  a group of its own

    asked = {"type": "rule", "values": [*rules]} if rules else {"type": "tag", "values": TAGS}
    found = Axe().run(page, options={"runOnly": asked, "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {each['help']}: {node['html'][:200]}"
        for each in found.response["violations"]
        for node in each["nodes"]
        if EDITOR not in node["html"]
    ]


def measure_overflow(page: Any) -> int:
    """How far a page reaches beyond the window: one would have to move it sideways to read it."""
    beyond: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return beyond


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_seen_by_everybody(visit: Visit, demo: Any, screen: str) -> None:
    """By day and by night, on a telephone and on a wide screen it keeps to WCAG 2.2 AA and is as wide as the window."""
    page = visit(**WIDE).go(fill(demo, screen))
    assert find_faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert find_faults(page, "color-contrast") == []
    for width, height in ((1920, 1080), (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        assert measure_overflow(page) <= 0
    assert find_faults(page, "target-size", "scrollable-region-focusable") == []


@pytest.mark.parametrize("screen", SCREENS)
def test_a_printed_screen_is_a_document(visit: Visit, demo: Any, screen: str) -> None:
    """On paper it has its heading and tables, no menu and nothing to press."""
    page = visit(**WIDE).go(fill(demo, screen))
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
    assert page.locator("main button:visible").count() == 0
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("screen", SCREENS)
def test_everything_is_reached_by_keyboard_alone(visit: Visit, demo: Any, screen: str) -> None:
    """Tab comes to each link, button and field, first to the one past the menu; each shows that it has the focus."""
    page = visit(**WIDE).go(fill(demo, screen))
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED)
    assert "#main" in focused["name"]
    for _ in range(MOST_STOPS):
        assert focused["isMarked"], focused["name"]
        assert focused["isSeen"], focused["name"]
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["name"] is None:
            break
    assert page.evaluate(UNREACHED) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_without_script_a_screen_says_the_same(visit: Visit, demo: Any, screen: str) -> None:
    """What stands on it is there without script; the sandbox, which goes on asking as one types, asks by a button."""
    path = fill(demo, screen)
    with_script, without = (visit(java_script_enabled=is_on, **WIDE).go(path) for is_on in (True, False))
    assert without.locator("h1").count() == 1
    if screen == "/sandbox":
        assert without.get_by_role("button").count() > 0
        return
    # The log grows while one looks: how long it is, its hash and when that was read may differ.
    said = [MOVING.sub("#", each.locator("main").inner_text()) for each in (without, with_script)]
    assert said[0] == said[1]
