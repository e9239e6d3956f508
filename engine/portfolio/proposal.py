"""A proposed run: what would be done for each account, and why nothing for the others."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import msgspec
import pyarrow as pa

from engine.evaluation.rulesets import Rulesets
from engine.model.decision import Outcome
from engine.portfolio.asking import Ask, Decided
from engine.portfolio.columns import DOCUMENT, FactsDiffer, list_facts, make_schema
from engine.portfolio.kernel import Kernel
from engine.portfolio.singly import decide_singly
from engine.portfolio.spreading import spread

_LONGEST_REASON = 1000
_COLUMNS = (
    *("outcome", "ruleset", "version", "rule", "rule_title", "level", "action", "channel", "also", "scheduled_for"),
    *("scheduled_on", "episode", "reason", "currency", "claim_amount", "claim_fee", "claim_total"),
)
_DOCUMENTS = pa.schema([("id", pa.string()), (DOCUMENT, pa.string())])


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What would be done for an account; `outcome` is `refused` where it cannot be decided on, and `reason` says why.

    `scheduled_for` is an instant in the account's zone.
    """

    outcome: Outcome | Literal["refused"]
    ruleset: str | None = None
    version: int | None = None
    rule: str | None = None
    rule_title: str | None = None
    level: int | None = None
    action: str | None = None
    channel: str | None = None
    also: tuple[str, ...] = ()
    scheduled_for: str | None = None
    scheduled_on: dt.date | None = None
    episode: str | None = None
    reason: str | None = None
    currency: str | None = None
    claim_amount: Decimal | None = None
    claim_fee: Decimal | None = None
    claim_total: Decimal | None = None


class Proposer:
    """Some rulesets, ready to propose for accounts as of one instant."""

    def __init__(self, rulesets: Rulesets, *, as_of: dt.datetime | dt.date, track: str) -> None:
        self._rulesets = rulesets
        self._ask = Ask(as_of=as_of, track=track, columns=_COLUMNS)
        self._kernel = Kernel(rulesets, self._ask)
        try:
            self._wanted: pa.Schema | None = make_schema(list_facts(rulesets))
        except FactsDiffer:
            self._wanted = None  # no columns can hold these accounts: each is decided as its document

    def propose(self, documents: Sequence[str]) -> list[Proposed]:
        """Return what would be done for accounts given as JSON, each with its history and outcomes in it, in order."""
        decided = self._decide(documents)
        why: defaultdict[int, list[str]] = defaultdict(list)
        for row in decided.refused.to_pylist():
            why[row["row"]].append(f"{row['pointer']}: {row['message']}")
        decisions = iter(decided.decisions.to_pylist())
        return [
            Proposed(outcome="refused", reason="; ".join(why[place])[:_LONGEST_REASON])
            if place in why
            else _read(next(decisions))
            for place in range(len(documents))
        ]

    def _decide(self, documents: Sequence[str]) -> Decided:
        if self._wanted is not None:
            return self._kernel.decide(spread(documents, self._wanted))
        ids = [None] * len(documents)
        batch = pa.RecordBatch.from_arrays([pa.array(ids, pa.string()), pa.array(documents, pa.string())], _DOCUMENTS)
        return decide_singly(batch, self._rulesets, self._ask)


def _read(row: dict[str, object]) -> Proposed:
    return msgspec.convert(row | {"also": tuple(row["also"] or ())}, Proposed, strict=False)  # type: ignore[arg-type]
