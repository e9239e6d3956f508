"""Write the pictures of the console that the documents show (`make screenshots`); look at them afterwards."""

import sys
from pathlib import Path
from typing import Any

from tests.browser.chromium import Missing, open_chromium, sign_in
from tests.browser.demo import Demo
from tests.browser.screens import fill
from tests.browser.visitor import Visitor
from tests.folders import make_open_folder

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "operators" / "pictures"
SIZE = {"width": 1180, "height": 760}
SCREENS = {
    "today": "",
    "account": "/accounts/{account_id:str}",
    "decision": "/decisions/{decision_id:str}",
    "rulesets": "/rulesets",
    "version": "/rulesets/{ruleset_id:str}/versions/{number:int}",
    "sandbox": "/sandbox",
    "figures": "/figures",
    "run": "/runs/{run_id:str}",
    "audit": "/audit",
}
BY_NIGHT = ("today", "account", "figures")


def main() -> None:
    """Start a demo, look at each screen, and write what is seen."""
    PICTURES.mkdir(exist_ok=True)
    try:
        with open_chromium() as chromium, make_open_folder() as folder:
            demo = Demo(folder)
            try:
                _look(chromium, demo)
            finally:
                demo.end()
    except Missing as missing:
        sys.exit(f"{missing}: no picture was made")


def _look(chromium: Any, demo: Demo) -> None:
    kept = sign_in(chromium, demo.address, demo.secret)
    for scheme in ("light", "dark"):
        context = chromium.new_context(storage_state=kept, base_url=demo.address, viewport=SIZE, color_scheme=scheme)
        visitor = Visitor(context, demo.address)
        for name, screen in SCREENS.items():
            if scheme == "light" or name in BY_NIGHT:
                page = visitor.go(fill(demo, screen))
                page.wait_for_load_state("networkidle")
                page.screenshot(path=PICTURES / f"{name}{'-dark' if scheme == 'dark' else ''}.png")
        context.close()


if __name__ == "__main__":
    main()
