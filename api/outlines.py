"""What a version covers, without what it decides: ready in moments, whatever the rest of it takes to prepare."""

from collections.abc import Mapping
from typing import Any

import msgspec

from api.versions import UnusableVersion, name_version, read_dates
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset, load_shared_facts, load_shared_scores
from engine.model.vocabulary import STANDARD_FACTS
from store.rulesets import RulesetVersion

_STATED = frozenset({"guarantees", "guarantees.yaml"})
_DECIDING = frozenset(
    {
        "attempt_limits",
        "blocks",
        "conditions",
        "contact_limits",
        "fees",
        "interest",
        "otherwise",
        "rules",
    }
)
_OF_HISTORY = frozenset(fact.name for fact in STANDARD_FACTS.values() if fact.source == "history")


class _Tracked(msgspec.Struct):
    track: str = "dunning"


def outline_version(version: RulesetVersion) -> Compiled:
    """Make ready what routes accounts to a version; raises UnusableVersion.

    The canonical form is JSON, read at once; of it only what says whom it covers is read as a ruleset. Where that hangs
    on history the rules are read too: what was executed is told by them.
    """
    name = name_version(version.draft.ruleset_id, version.number)
    try:
        whole = msgspec.json.decode(version.draft.canonical)
    except msgspec.DecodeError as problem:
        raise UnusableVersion(f"what {name} covers cannot be read by this program: {problem}") from None
    shared, cards = whole.pop("facts.yaml", None), whole.pop("scorecard.yaml", {})
    named = whole.get("conditions", {})
    used = _name_words(whole.get("applies_to"), named)
    used |= {fact for name, card in cards.get("scorecards", {}).items() if name in used for fact in card["points"]}
    part = {key: value for key, value in whole.items() if key not in _STATED}
    if not used & _OF_HISTORY:
        part = {key: value for key, value in part.items() if key not in _DECIDING} | {"rules": []}
        if used & named.keys():
            part["conditions"] = {key: condition for key, condition in named.items() if key in used}
    facts = None if shared is None else load_shared_facts(_write({"facts": shared})).shared
    scores = load_shared_scores(_write(cards), shared_facts=facts).shared if cards else None
    dates = read_dates(version.draft.holidays)
    loaded = load_ruleset(_write(part), file=name, shared_facts=facts, shared_scores=scores, holiday_dates=dates)
    if loaded.ruleset is None:
        said = "; ".join(d.message for d in loaded.diagnostics if d.severity == "error")
        raise UnusableVersion(f"what {name} covers cannot be read by this program: {said}")
    try:
        return compile_ruleset(loaded.ruleset, version=version.number)
    except BudgetExceeded as problem:
        raise UnusableVersion(f"{name} covers what is too large to be told apart") from problem


def find_track(version: RulesetVersion) -> str | None:
    """Return the track of a version whose outline cannot be read; None where that cannot be read either."""
    try:
        return msgspec.json.decode(version.draft.canonical, type=_Tracked).track
    except msgspec.DecodeError:
        return None


def _name_words(condition: object, named: Mapping[str, Any]) -> set[str]:
    """Name the facts and conditions that a condition is made of, directly or not; each is looked into once."""
    found = set[str]()
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += [*part.values(), *(named[key] for key in (part.keys() & named.keys()) - found)]
            found |= part.keys()
        elif isinstance(part, list):
            waiting += part
    return found


def _write(document: Mapping[str, object]) -> str:
    return msgspec.json.encode(document).decode()
