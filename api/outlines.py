"""What a version covers, without what it decides: ready in moments, whatever the rest of it takes to prepare."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from api.versions import UnusableVersion, name_version, read_dates
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset, load_shared_facts
from store.rulesets import RulesetVersion

_DECIDING = frozenset(
    {
        "blocks",
        "conditions",
        "contact_limits",
        "fees",
        "guarantees",
        "guarantees.yaml",
        "interest",
        "otherwise",
        "rules",
    }
)


def outline_version(version: RulesetVersion) -> Compiled:
    """Make ready what routes accounts to a version; raises UnusableVersion.

    The canonical form is JSON, read at once; of it only what says whom it covers is read as a ruleset.
    """
    name = name_version(version.draft.ruleset_id, version.number)
    whole = msgspec.json.decode(version.draft.canonical)
    shared = whole.pop("facts.yaml", None)
    part = {key: value for key, value in whole.items() if key not in _DECIDING} | {"rules": []}
    named = whole.get("conditions", {})
    used = set(_name_conditions(whole.get("applies_to"), named))
    if used:
        part["conditions"] = {key: condition for key, condition in named.items() if key in used}
    facts = None if shared is None else load_shared_facts(_write({"facts": shared})).shared
    dates = read_dates(version.draft.holidays)
    loaded = load_ruleset(_write(part), file=name, shared_facts=facts, holiday_dates=dates)
    if loaded.ruleset is None:
        said = "; ".join(d.message for d in loaded.diagnostics if d.severity == "error")
        raise UnusableVersion(f"what {name} covers cannot be read by this program: {said}")
    try:
        return compile_ruleset(loaded.ruleset, version=version.number)
    except BudgetExceeded as problem:
        raise UnusableVersion(f"{name} covers what is too large to be told apart") from problem


def _name_conditions(condition: object, named: Mapping[str, Any]) -> Iterator[str]:
    """Name the conditions that a condition is made of, directly or not."""
    if isinstance(condition, dict):
        for key, value in condition.items():
            if key in named:
                yield key
                yield from _name_conditions(named[key], named)
            yield from _name_conditions(value, named)
    elif isinstance(condition, list):
        for each in condition:
            yield from _name_conditions(each, named)


def _write(document: Mapping[str, object]) -> str:
    return msgspec.json.encode(document).decode()
