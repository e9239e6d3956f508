"""One demo for all tests of this folder, and Debian's chromium that looks at it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.chromium import Missing, open_chromium, sign_in
from tests.browser.demo import Demo
from tests.browser.visitor import Visitor
from tests.folders import make_open_folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; without one nothing here can be tried, and that is said."""
    try:
        with open_chromium() as browser:
            yield browser
    except Missing as missing:
        pytest.skip(f"{missing}: no screen was looked at")


@pytest.fixture(scope="session")
def demo(chromium: Any) -> Iterator[Demo]:
    """The demo, where there is a browser to look at it."""
    del chromium
    with make_open_folder() as folder:
        made = Demo(folder)
        yield made
        made.end()


@pytest.fixture(scope="session")
def signed_in(demo: Demo, chromium: Any) -> Any:
    """What a browser keeps of somebody who signed in with the demo's token."""
    return sign_in(chromium, demo.address, demo.secret)


@pytest.fixture
def visit(demo: Demo, chromium: Any, signed_in: Any) -> Iterator[Callable[..., Visitor]]:
    """Open windows of somebody who is signed in; whatever a page was not allowed to do fails the test."""
    opened: list[Visitor] = []

    def open_window(**looks: Any) -> Visitor:
        context = chromium.new_context(storage_state=signed_in, base_url=demo.address, **looks)
        opened.append(Visitor(context, demo.address))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()
    assert [trouble for each in opened for trouble in each.troubles] == []
