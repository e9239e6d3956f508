"""The sample accounts of rulesets/samples: stored once, and the one that shows best what the service does."""

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import msgspec

from api.histories import join_history, join_outcomes
from api.versions import compile_version
from engine.evaluation.decide import next_action
from engine.evaluation.history import read_instant
from engine.evaluation.program import Compiled
from engine.evaluation.reading import zone_of
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.exactjson import FREE_JSON
from store.accounts import ImportedLine
from store.store import Store

ACCOUNTS_FILE = "accounts.ndjson"
HISTORY_FILE = "history.ndjson"
AS_OF = "2026-11-20T09:00:00+01:00"
"""The instant the samples are about: their dates stand around it."""

_BATCH = 1000
_UTC = zone_of("UTC")


class _Head(msgspec.Struct):
    id: str


async def store_samples(store: Store, folder: Path) -> int:
    """Store the samples that are not stored yet, with their history; answers how many samples there are."""
    lines = _read_lines(folder / ACCOUNTS_FILE)
    accounts = [ImportedLine(id=msgspec.json.decode(line, type=_Head).id, document=line) for line in lines]
    new = [account for account in accounts if await store.accounts.read(account.id) is None]
    for start in range(0, len(new), _BATCH):
        await store.accounts.import_lines(new[start : start + _BATCH])
    ids = {account.id for account in new}
    for line in _read_lines(folder / HISTORY_FILE):
        entry = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
        account_id = msgspec.json.decode(entry.pop("account_id"), type=str)
        at = read_instant(msgspec.json.decode(entry["at"]), _UTC) if _UTC is not None else None
        if account_id in ids and at is not None:
            await store.history.record(account_id, msgspec.json.encode(entry), at=at)
    return len(accounts)


async def find_showpiece(store: Store, folder: Path) -> str:
    """Find the sample whose decision shows most: a notice to be sent, with a day to ask again."""
    compiled = [compile_version(version) for version in await store.rulesets.active_at()]
    best, best_rank = "", -1
    async for account_id, decision in _decide_all(store, folder, compiled):
        action = decision.action.type if decision.action is not None else ""
        shown = (decision.outcome == "act" and decision.rule is not None, decision.review_on is not None)
        rank = 4 * shown[0] + 2 * all(shown) + (all(shown) and action == "send_dunning_notice")
        if rank > best_rank:
            best, best_rank = account_id, rank
    for one in compiled:
        one.close()
    return best


async def _decide_all(store: Store, folder: Path, compiled: list[Compiled]) -> AsyncIterator[tuple[str, Any]]:
    as_of = dt.datetime.fromisoformat(AS_OF)
    for line in _read_lines(folder / ACCOUNTS_FILE):
        stored = await store.accounts.read_with_history(msgspec.json.decode(line, type=_Head).id)
        if stored is None:
            continue
        account, history = FREE_JSON.decode(stored.account.document), FREE_JSON.decode(join_history(stored))
        try:
            outcomes = FREE_JSON.decode(join_outcomes(stored) or b"[]")
            decision = next_action(compiled, account, history, outcomes=outcomes, as_of=as_of, is_live=False)
            yield stored.account.id, decision
        except (AccountInvalid, RulesetsOverlap):
            continue


def _read_lines(path: Path) -> Iterable[bytes]:
    return [line for line in path.read_bytes().split(b"\n") if line.strip()] if path.exists() else []
