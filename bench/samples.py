"""The example rulesets and the sample accounts with their history, as files have them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.folder import load_folder
from engine.model.exactjson import FREE_JSON
from store.accounts import ImportedLine
from store.store import Store

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


async def store_samples(store: Store) -> None:
    """Store the sample accounts with their history."""
    samples = read_samples()
    await store.accounts.import_lines(
        [ImportedLine(id=each.account["id"], document=msgspec.json.encode(each.account)) for each in samples]
    )
    for each in samples:
        for entry in each.history:
            at = dt.datetime.fromisoformat(entry["at"])
            await store.history.record(each.account["id"], msgspec.json.encode(entry), at=at)


def _read_lines(name: str) -> list[bytes]:
    return [line for line in (SAMPLES / name).read_bytes().splitlines() if line.strip()]
