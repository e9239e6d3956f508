"""The matrix of a replay against another version: what was decided, what would be, how often, and for how much."""

import decimal
from collections import Counter, defaultdict
from typing import Any

import msgspec

NOTHING = "–"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the matrix; amounts are the totals claimed, by currency."""

    was: str
    becomes: str
    decisions_count: int
    claimed_before: dict[str, decimal.Decimal]
    claimed_after: dict[str, decimal.Decimal]

    @property
    def is_change(self) -> bool:
        """Whether something else would be done."""
        return self.was != self.becomes


class Matrix:
    """Counts decisions by what they were and what they become."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.amounts: dict[tuple[str, str, bool, str], decimal.Decimal] = defaultdict(decimal.Decimal)

    def merge(self, other: "Matrix") -> None:
        """Add what another has counted."""
        self.counts.update(other.counts)
        for key, amount in other.amounts.items():
            self.amounts[key] += amount

    def add(self, was: dict[str, Any], becomes: dict[str, Any] | None) -> None:
        """Add a decision; None where none would come out."""
        pair = (_name(was), _name(becomes))
        self.counts[pair] += 1
        for decision, is_after in ((was, False), (becomes, True)):
            claim = (decision or {}).get("claim")
            if claim is not None and decision is not None and decision["outcome"] == "act":
                total = claim["total"]
                self.amounts[*pair, is_after, total["currency"]] += decimal.Decimal(total["amount"])

    @property
    def changed_count(self) -> int:
        """How many decisions would do something else."""
        return sum(count for (was, becomes), count in self.counts.items() if was != becomes)

    def rows(self) -> tuple[Cell, ...]:
        """Return the rows: changes first, the most frequent first."""
        cells = (
            Cell(
                was=was,
                becomes=becomes,
                decisions_count=count,
                claimed_before=self._sum(was, becomes, is_after=False),
                claimed_after=self._sum(was, becomes, is_after=True),
            )
            for (was, becomes), count in self.counts.items()
        )
        return tuple(sorted(cells, key=lambda c: (not c.is_change, -c.decisions_count, c.was, c.becomes)))

    def _sum(self, was: str, becomes: str, *, is_after: bool) -> dict[str, decimal.Decimal]:
        found = {key[3]: amount for key, amount in self.amounts.items() if key[:3] == (was, becomes, is_after)}
        return dict(sorted(found.items()))


def _name(decision: dict[str, Any] | None) -> str:
    """Name what a decision says to do."""
    if decision is None:
        return "refused"
    if decision["outcome"] != "act":
        block = decision.get("block")
        return f"blocked: {block['id']}" if block else str(decision["outcome"])
    action = decision["action"]
    rule = decision["rule"]["id"] if decision["rule"] is not None else "otherwise"
    channel = action.get("channel")
    return f"{rule}: {action['type']}{f' by {channel}' if channel else ''}"
