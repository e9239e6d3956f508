"""Every screen of the console with an address in the demo; one that is added to the console is tried by itself."""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from api.console.routing import CONSOLE
from api.console.screen import HOME, SCREEN_KEY, Screen

_PLACE = re.compile(r"\{(\w+):\w+\}")
_NO_PAGE = re.compile(r"\.(svg|json|txt|zip)$|/(pictures|tables|file)(/|$)")


def list_screens() -> Iterator[str]:
    """Yield the path of each page that one may look at once signed in, below the console's own."""
    for route in CONSOLE.routes:
        assert isinstance(route, HTTPRoute)
        for each in route.route_handlers:
            own: Screen | None = each.opt.get(SCREEN_KEY)  # None: what Litestar answers OPTIONS with
            is_page = "GET" in each.http_methods and _NO_PAGE.search(route.path) is None
            if is_page and own is not None and (own.scope is not None or not own.is_open):
                yield route.path.removeprefix(HOME)


SCREENS = tuple(dict.fromkeys(list_screens()))
SHOWN: Mapping[str, Callable[[Any], str]] = {
    "account_id": lambda _demo: "A-1001",
    "decision_id": lambda demo: demo.ask("/v1/decisions?account=A-1001&limit=1")["decisions"][0]["decision_id"],
    "ruleset_id": lambda _demo: "nl-consumer-subscription",
    "number": lambda _demo: "2",
    "run_id": lambda demo: demo.ask("/v1/runs")["runs"][0]["id"],
}
"""What stands in the place of each variable of an address."""


def fill(demo: Any, screen: str) -> str:
    """Return a screen's path in the demo."""
    unknown = set(_PLACE.findall(screen)) - SHOWN.keys()
    if unknown:
        pytest.skip(f"the demo has nothing that stands for {', '.join(sorted(unknown))} (tests/browser/screens.py)")
    return _PLACE.sub(functools.partial(_show, demo), screen)


def _show(demo: Any, place: re.Match[str]) -> str:
    return SHOWN[place[1]](demo)
