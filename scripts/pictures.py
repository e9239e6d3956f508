"""The pictures of the documentation: real ladders, drawn by the command that draws everybody's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from engine.evaluation.program import compile_ruleset
from engine.evaluation.timeline import run_timeline
from engine.loading.load import load_ruleset, load_shared_facts
from pages.ladder import read_ladder
from pages.timelinepicture import write_svg

RULESETS = Path(__file__).resolve().parents[1] / "rulesets"


class Debtor(msgspec.Struct, frozen=True, kw_only=True):
    """A sample account, the ruleset it is drawn by, and the first day asked."""

    account: str
    ruleset: str
    first: dt.date


def draw(debtor: Debtor) -> str:
    """Return the ladder of a debtor who never pays, as SVG."""
    shared = load_shared_facts((RULESETS / "facts.yaml").read_bytes()).shared
    loaded = load_ruleset((RULESETS / f"{debtor.ruleset}.yaml").read_bytes(), shared_facts=shared)
    if loaded.ruleset is None:
        raise SystemExit(f"{debtor.ruleset} has errors; `dunning check rulesets` shows them.")
    account = next(one for one in _read_accounts() if one["id"] == debtor.account)
    steps = run_timeline([compile_ruleset(loaded.ruleset)], account, first=debtor.first, executed="scheduled")
    return write_svg(read_ladder(debtor.account, {loaded.ruleset.id: loaded.ruleset.title}, steps))


def _read_accounts() -> list[dict[str, object]]:
    lines = (RULESETS / "samples" / "accounts.ndjson").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=dict[str, object]) for line in lines]


PICTURES: Mapping[str, Callable[[], str]] = {
    "nl-consumer-subscription.svg": partial(
        draw, Debtor(account="A-1001", ruleset="nl-consumer-subscription", first=dt.date(2026, 10, 20))
    ),
}
