"""The sample accounts of rulesets/samples: on which day they are, and the one that shows best what the service does."""

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from api.histories import join_history, join_outcomes
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.exactjson import FREE_JSON
from store.store import Store

ACCOUNTS_FILE = "accounts.ndjson"
HISTORY_FILE = "history.ndjson"
DAY = dt.date(2026, 11, 20)
AS_OF = "2026-11-20T09:00:00+01:00"
"""The instant the samples are about: their dates stand around it."""

_DATE = re.compile(rb"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")  # of an instant too


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """The samples with their dates around a day: accounts, and what was done for them."""

    day: dt.date
    accounts: tuple[dict[str, object], ...]
    history: tuple[dict[str, object], ...]

    @property
    def as_of(self) -> str:
        """The instant to ask about."""
        return AS_OF.replace(f"{DAY}", f"{self.day}")


class _Head(msgspec.Struct):
    facts_on: str


async def read_samples(store: Store, folder: Path, today: dt.date) -> Samples:
    """Read the samples, moved to the day on which they were stored here first; today, and never back, if they were not.

    So they are as fresh as on their own day, whenever the demo is tried; before that day the rulesets say nothing.
    """
    accounts, history = (folder / name for name in (ACCOUNTS_FILE, HISTORY_FILE))
    first = FREE_JSON.decode(next(iter(_read_lines(accounts))))
    stored = await store.accounts.read(first["id"])
    known = None if stored is None else msgspec.json.decode(stored.document, type=_Head).facts_on
    day = max(today, DAY) if known is None else dt.date.fromisoformat(known)
    return Samples(
        day=day,
        accounts=tuple(FREE_JSON.decode(_move(line, day - DAY)) for line in _read_lines(accounts)),
        history=tuple(FREE_JSON.decode(_move(line, day - DAY)) for line in _read_lines(history)),
    )


async def find_showpiece(store: Store, samples: Samples, compiled: Sequence[Compiled]) -> str:
    """Find the sample whose decision shows most: a notice to be sent, with a day to ask again."""
    best, best_rank = "", -1
    async for account_id, decision in _decide_all(store, samples, compiled):
        action = decision.action.type if decision.action is not None else ""
        shown = (decision.outcome == "act" and decision.rule is not None, decision.review_on is not None)
        rank = 4 * shown[0] + 2 * all(shown) + (all(shown) and action == "send_dunning_notice")
        if rank > best_rank:
            best, best_rank = account_id, rank
    return best


async def _decide_all(store: Store, samples: Samples, compiled: Sequence[Compiled]) -> AsyncIterator[tuple[str, Any]]:
    as_of = dt.datetime.fromisoformat(samples.as_of)
    for each in samples.accounts:
        stored = await store.accounts.read_with_history(f"{each['id']}")
        if stored is None:
            continue
        account, history = FREE_JSON.decode(stored.account.document), FREE_JSON.decode(join_history(stored))
        try:
            outcomes = FREE_JSON.decode(join_outcomes(stored) or b"[]")
            decision = next_action(compiled, account, history, outcomes=outcomes, as_of=as_of, is_live=False)
            yield stored.account.id, decision
        except (AccountInvalid, RulesetsOverlap):
            continue


def _move(line: bytes, by: dt.timedelta) -> bytes:
    """Move every date of a line by some days."""
    if not by:
        return line
    return _DATE.sub(lambda found: f"{dt.date.fromisoformat(found[0].decode()) + by}".encode(), line)


def _read_lines(path: Path) -> Iterable[bytes]:
    return [line for line in path.read_bytes().split(b"\n") if line.strip()] if path.exists() else []
