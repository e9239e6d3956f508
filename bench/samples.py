"""The example rulesets and the sample accounts with their history, as files have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.folder import load_folder
from engine.model.exactjson import FREE_JSON

RULESETS = Path(__file__).resolve().parent.parent / "rulesets"
SAMPLES = RULESETS / "samples"


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account and what was done to it, as documents of the engine."""

    account: dict[str, Any]
    history: list[dict[str, Any]]


def compile_examples() -> list[Compiled]:
    """Return the six example rulesets, ready to decide, as their first published versions."""
    names = sorted(path.name.replace("_test.yaml", ".yaml") for path in RULESETS.glob("*_test.yaml"))
    folder = load_folder({name: (RULESETS / name).read_bytes() for name in (*names, "facts.yaml")})
    rulesets = [each.ruleset for each in folder.loaded if each.ruleset is not None]
    if len(rulesets) != len(names):
        raise ValueError(f"the examples cannot be read: {folder.diagnostics[:3]}")
    return [compile_ruleset(ruleset, version=1) for ruleset in rulesets]


def read_samples() -> list[Sample]:
    """Return the sample accounts, each with its history, oldest entry first."""
    accounts = [FREE_JSON.decode(line) for line in _read_lines("accounts.ndjson")]
    entries: dict[str, list[dict[str, Any]]] = {account["id"]: [] for account in accounts}
    for line in _read_lines("history.ndjson"):
        entry = FREE_JSON.decode(line)
        entries[entry.pop("account_id")].append(entry)
    return [Sample(account=account, history=entries[account["id"]]) for account in accounts]


def _read_lines(name: str) -> list[bytes]:
    return [line for line in (SAMPLES / name).read_bytes().splitlines() if line.strip()]
