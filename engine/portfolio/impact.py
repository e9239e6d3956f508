"""What other rulesets would do to the same accounts: from which answer to which, how often, and for how much."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.portfolio.asking import Decided

IMPACT_COLUMNS = (
    *("account_id", "outcome", "rule", "action", "channel", "also", "block", "reason"),
    *("claim_total", "claim_fee", "currency"),
)
"""The columns of decisions that an impact reads."""
MOST_MOVERS = 20
REFUSED = "refused"
_OTHERWISE = "otherwise"
_SIDES = ("was", "becomes")

Money = dict[str, Decimal]


class Cell(msgspec.Struct, kw_only=True):
    """Accounts of one kind: how many, and what is claimed of them and charged to them before and after."""

    count: int = 0
    claimed_before: Money = {}
    claimed_after: Money = {}
    fees_before: Money = {}
    fees_after: Money = {}

    def add(self, other: "Cell") -> None:
        """Add others of the kind."""
        self.count += other.count
        for name in ("claimed_before", "claimed_after", "fees_before", "fees_after"):
            setattr(self, name, add_money(getattr(self, name), getattr(other, name)))


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is answered otherwise, what is claimed of it either way, and why each answer came out."""

    account_id: str
    was: str
    becomes: str
    currency: str
    claimed_before: Decimal
    claimed_after: Decimal
    reason_before: str | None
    reason_after: str | None

    @property
    def stake(self) -> tuple[Decimal, str]:
        """What the movers are ordered by: the larger claim, then the account."""
        return -max(self.claimed_before, self.claimed_after), self.account_id


class Impact(msgspec.Struct, kw_only=True):
    """What a change comes to for a portfolio; ``movers`` are by currency, the largest claims first."""

    rows_count: int = 0
    matrix: dict[tuple[str, str], Cell] = {}
    segments: dict[str, Cell] = {}
    contacts_before: dict[str, int] = {}
    contacts_after: dict[str, int] = {}
    movers: dict[str, list[Mover]] = {}

    @property
    def changed(self) -> Cell:
        """The accounts that are answered otherwise."""
        return join(cell for (was, becomes), cell in self.matrix.items() if was != becomes)

    @property
    def whole(self) -> Cell:
        """All accounts."""
        return join(self.matrix.values())

    def count_into(self, name: str) -> int:
        """Return how many accounts get an answer that begins so and had none that does."""
        return sum(
            cell.count
            for (was, becomes), cell in self.matrix.items()
            if becomes.startswith(name) and not was.startswith(name)
        )

    def add(self, batch: pa.RecordBatch, before: Decided, after: Decided) -> None:
        """Add what both rulesets decided of one batch of accounts, in the columns of IMPACT_COLUMNS."""
        table = _join_sides(batch, before, after)
        self.rows_count += batch.num_rows
        _add_cells(self.matrix, table, _SIDES)
        changed = table.filter(pc.not_equal(table["was"], table["becomes"]))
        segments: dict[tuple[str, ...], Cell] = {}
        _add_cells(segments, changed, ("segment",))
        for (segment,), cell in segments.items():
            self.segments.setdefault(segment, Cell()).add(cell)
        self.contacts_before = _add_contacts(self.contacts_before, before)
        self.contacts_after = _add_contacts(self.contacts_after, after)
        for mover in _list_movers(changed):
            known = self.movers.setdefault(mover.currency, [])
            known.append(mover)
        for known in self.movers.values():
            known.sort(key=lambda mover: mover.stake)
            del known[MOST_MOVERS:]

    def list_movers(self) -> list[Mover]:
        """Return the movers to be shown: the largest of each currency, then the second of each, and so on."""
        ranked = ((rank, currency, each) for currency, known in self.movers.items() for rank, each in enumerate(known))
        return [each for *_, each in sorted(ranked, key=lambda one: one[:2])][:MOST_MOVERS]


def add_money(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> Money:
    """Return the sum, currency by currency."""
    return {code: one.get(code, Decimal(0)) + other.get(code, Decimal(0)) for code in sorted({*one, *other})}


def join(cells: Iterable[Cell]) -> Cell:
    """Return the sum of cells."""
    whole = Cell()
    for cell in cells:
        whole.add(cell)
    return whole


def _join_sides(batch: pa.RecordBatch, before: Decided, after: Decided) -> pa.Table:
    """Return a row an account with both answers; whoever was refused has an answer of that name."""
    columns: dict[str, pa.Array] = {"segment": pc.fill_null(batch["segment"], ""), "account_id": batch["id"]}
    currencies = []
    for name, decided in zip(_SIDES, (before, after), strict=True):
        side = _spread(decided, batch.num_rows)
        acts = pc.fill_null(pc.equal(side["outcome"], "act"), fill_value=False)
        columns[name] = _name_answers(side)
        for part in ("claim_total", "claim_fee"):
            columns[f"{name}_{part}"] = pc.if_else(acts, side[part], None)
        columns[f"{name}_reason"] = side["reason"]
        currencies.append(side["currency"])
    columns["currency"] = pc.fill_null(pc.coalesce(*currencies), "")
    return pa.table(columns)


def _spread(decided: Decided, rows_count: int) -> pa.RecordBatch:
    """Return the decisions with an empty row for whoever was refused."""
    refused = np.unique(decided.refused["row"].to_numpy(zero_copy_only=False))
    places = np.ones(rows_count, dtype=np.int64)
    places[refused] = 0
    at = np.cumsum(places) - 1
    indices = pa.array(at, mask=places == 0)
    return decided.decisions.take(indices)


def _name_answers(side: pa.RecordBatch) -> pa.Array:
    """Return in a few words what is to be done of each account."""
    rule = pc.fill_null(side["rule"], _OTHERWISE)
    by_channel = pc.fill_null(pc.binary_join_element_wise("", side["channel"], " by "), "")
    done = pc.binary_join_element_wise(rule, pc.fill_null(side["action"], ""), ": ")
    acts = pc.binary_join_element_wise(done, by_channel, "")
    blocked = pc.binary_join_element_wise("blocked", pc.fill_null(side["block"], ""), ": ")
    outcome = pc.fill_null(side["outcome"], REFUSED)
    chosen = pc.if_else(pc.equal(outcome, "blocked"), blocked, outcome)
    return pc.if_else(pc.equal(outcome, "act"), acts, chosen)


def _add_cells(cells: dict[Any, Cell], table: pa.Table, keys: tuple[str, ...]) -> None:
    sums = [f"{side}_{part}" for side in _SIDES for part in ("claim_total", "claim_fee")]
    grouped = table.group_by([*keys, "currency"]).aggregate([([], "count_all"), *((name, "sum") for name in sums)])
    for row in grouped.to_pylist():
        cell = Cell(count=row["count_all"])
        names = ("claimed_before", "fees_before", "claimed_after", "fees_after")
        for name, column in zip(names, sums, strict=True):
            if row[f"{column}_sum"]:
                setattr(cell, name, {row["currency"]: row[f"{column}_sum"]})
        cells.setdefault(tuple(row[key] for key in keys), Cell()).add(cell)


def _add_contacts(known: Mapping[str, int], decided: Decided) -> dict[str, int]:
    acts = decided.decisions.filter(pc.equal(decided.decisions["outcome"], "act"))
    channels = [*acts["channel"].drop_null().to_pylist(), *pc.list_flatten(acts["also"]).to_pylist()]
    return dict(sorted((Counter(known) + Counter(channels)).items()))


def _list_movers(changed: pa.Table) -> Iterable[Mover]:
    """Return the largest of those that are answered otherwise, of each currency at most as many as are shown."""
    zero = pa.scalar(Decimal(0), changed["was_claim_total"].type)
    stakes = pc.max_element_wise(changed["was_claim_total"], changed["becomes_claim_total"], zero)
    ordered = changed.append_column("stake", stakes).sort_by([("stake", "descending"), ("account_id", "ascending")])
    for currency in pc.unique(ordered["currency"]).to_pylist():
        for row in ordered.filter(pc.equal(ordered["currency"], currency)).slice(0, MOST_MOVERS).to_pylist():
            yield Mover(
                account_id=row["account_id"] or "",
                was=row["was"],
                becomes=row["becomes"],
                currency=currency,
                claimed_before=row["was_claim_total"] or Decimal(0),
                claimed_after=row["becomes_claim_total"] or Decimal(0),
                reason_before=row["was_reason"],
                reason_after=row["becomes_reason"],
            )
