"""The outcomes of a batch as the columns of DECISIONS: one function a column, and none for what nobody asked for."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from engine.evaluation.choosing import INTEREST_UNKNOWN as UNKNOWN_BLOCK
from engine.evaluation.decide import ruleset_ref
from engine.evaluation.program import Compiled
from engine.model.decision import NextAction, RuleRef
from engine.portfolio.arrays import NO_DAY
from engine.portfolio.bits import Ints
from engine.portfolio.decisions import COLUMNS
from engine.portfolio.money import WorkedColumn, write_amounts
from engine.portfolio.outcomes import Outcomes, write_days
from engine.portfolio.tables import NOBODY
from engine.portfolio.verdicts import INTEREST_UNKNOWN

_OF_RULE = ("rule", "rule_title", "level", "basis")
_OF_RULESET = ("ruleset", "version", "digest", "effective_from", "law_checked_to", "commit")
_OF_ACTION = (
    "action", "template", "tone", "include", "method", "assign_to", "script", "instalments", "every",
    "down_payment_percent", "percent", "discount", "valid_days", "at", "to", "event_name", "metadata", "approval",
)  # fmt: skip
_MONEY = ("fee", "announced_fee", "interest")


class Writer:
    """Writes the columns of one batch, decided by one program."""

    def __init__(self, outcomes: Outcomes, compiled: Compiled, track: str) -> None:
        self._outcomes, self._compiled, self._track = outcomes, compiled, track
        self._count = outcomes.standings.count
        self._currency = outcomes.edition.currency

    def write(self, name: str) -> pa.Array:
        """Return a column."""
        own = _OWN.get(name)
        if own is not None:
            found = own(self)
            return found if isinstance(found, pa.Array) else pa.array(found, COLUMNS[name].type)
        if name in _OF_RULE:
            rules = [
                RuleRef(id=r.id, title=r.title, level=r.level, basis=r.basis) for r in self._outcomes.edition.rules
            ]
            return self._gather(name, [SimpleNamespace(rule=each) for each in rules], self._outcomes.verdicts.rule)
        if name in _OF_RULESET:
            whole = SimpleNamespace(ruleset=ruleset_ref(self._compiled))
            return self._gather(name, [whole], np.zeros(self._count, dtype=np.int64))
        if name in _OF_ACTION:
            actions = [
                NextAction(type=a.type, approval="required" if a.approval_required else "not_required", **a.parameters)  # type: ignore[arg-type]
                for a in self._outcomes.actions
            ]
            return self._gather(name, [SimpleNamespace(action=each) for each in actions], self._outcomes.acting)
        for kind in _MONEY:
            if name.startswith(kind):
                return self._money(kind, name.removeprefix(kind).removeprefix("_") or "amount")
        raise KeyError(name)

    def _write_track(self) -> pa.Array:
        return _take([self._track], pa.string(), np.zeros(self._count, dtype=np.int64))

    def _gather(self, name: str, parts: Sequence[Any], places: Ints) -> pa.Array:
        """Return what the single path writes of each part, for each row in its place."""
        values = [COLUMNS[name].read(part) for part in parts]
        return _take(values, COLUMNS[name].type, places)

    def _money(self, kind: str, part: str) -> pa.Array:
        money = self._outcomes.money
        column: WorkedColumn = {"fee": money.fee, "announced_fee": money.announced, "interest": money.interest}[kind]
        if part == "amount":
            return write_amounts(column.amounts, column.present, self._currency)
        if part == "basis":
            return write_amounts(column.basis, column.has_basis & column.present, self._currency)
        if part == "name":
            return _take(column.names, pa.string(), column.codes)
        return pa.array(column.formulas(), pa.string())

    def _write_account_id(self) -> pa.Array:
        return self._outcomes.standings.batch.column("id").cast(pa.string())

    def _write_as_of(self) -> pa.Array:
        texts = [_write_instant(each) for each in self._outcomes.moments]
        return _take(texts, pa.string(), self._outcomes.standings.zone_of)

    def _write_outcome(self) -> pa.Array:
        outcomes = self._outcomes
        found = np.where(outcomes.acting != NOBODY, 0, np.where(outcomes.is_blocked, 1, 3))
        return _take(["act", "blocked", "wait", "none"], pa.string(), np.where(outcomes.is_waiting, 2, found))

    def _write_channel(self) -> list[str | None]:
        acting = self._outcomes.acting != NOBODY
        names = self._outcomes.channel_names()
        return [name if acts else None for name, acts in zip(names, acting.tolist(), strict=True)]

    def _write_language(self) -> list[str | None]:
        return self._outcomes.languages()

    def _write_pay_by(self) -> pa.Array:
        return write_days(self._outcomes.pay_by)

    def _write_scheduled_for(self) -> pa.Array:
        moments, places = self._outcomes.scheduled
        return _take([_write_instant(each) for each in moments], pa.string(), places)

    def _write_scheduled_on(self) -> pa.Array:
        moments, places = self._outcomes.scheduled
        return _take([each.date() for each in moments], pa.date32(), places)

    def _write_along_with(self) -> pa.Array:
        made, places, _ = self._outcomes.along
        return _take([msgspec.json.encode(each).decode() if each else None for each in made], pa.string(), places)

    def _write_also(self) -> pa.Array:
        made, places, _ = self._outcomes.along
        also = [[each.channel for each in along if each.channel is not msgspec.UNSET] for along in made]
        return _take(also, pa.list_(pa.string()), places)

    def _write_block(self) -> pa.Array:
        blocks = [block.id for block in self._outcomes.edition.blocks]
        block = np.where(self._outcomes.verdicts.block == INTEREST_UNKNOWN, len(blocks), self._outcomes.verdicts.block)
        return _take([*blocks, UNKNOWN_BLOCK], pa.string(), np.where(self._outcomes.is_blocked, block, NOBODY))

    def _write_block_reason(self) -> list[str | None]:
        return self._outcomes.block_reasons()

    def _write_claim_invoices(self) -> pa.Array:
        return self._outcomes.claim_invoices()

    def _write_claim_credits(self) -> pa.Array:
        debts = self._outcomes.standings.debts
        if not len(debts.credits_used):
            return pa.nulls(self._count, pa.list_(pa.string()))
        offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(debts.credit_counts))).astype(np.int32)
        ids = debts.ids.take(pa.array(debts.credits_used)).cast(pa.string())
        return pa.ListArray.from_arrays(pa.array(offsets), ids, mask=pa.array(debts.credit_counts == 0))

    def _write_claim_amount(self) -> pa.Array:
        return self._everywhere(self._outcomes.claimed[1])

    def _write_claim_fee(self) -> pa.Array:
        fee = self._outcomes.money.fee
        return write_amounts(fee.amounts, fee.present, self._currency)

    def _write_claim_interest(self) -> pa.Array:
        interest = self._outcomes.money.interest
        return write_amounts(interest.amounts, interest.present, self._currency)

    def _write_claim_total(self) -> pa.Array:
        money = self._outcomes.money
        return self._everywhere(self._outcomes.claimed[1] + money.fee.amounts + money.interest.amounts)

    def _everywhere(self, values: Ints) -> pa.Array:
        return write_amounts(values, np.ones(self._count, dtype=np.bool_), self._currency)

    def _write_currency(self) -> pa.Array:
        return pa.array([self._currency]).take(pa.array(np.zeros(self._count, dtype=np.int64)))

    def _write_episode(self) -> pa.Array:
        days, places = np.unique(self._outcomes.standings.oldest_due_on, return_inverse=True)
        texts = ["none" if day == NO_DAY else dt.date.fromordinal(day).isoformat() for day in days.tolist()]
        return _take(texts, pa.string(), places.reshape(-1))

    def _write_sent_before(self) -> pa.Array:
        return pa.array(self._outcomes.standings.past.sent_before.astype(np.int32), pa.int32())

    def _write_reason(self) -> Sequence[str | None]:
        return self._outcomes.reasons()

    def _write_review_on(self) -> pa.Array:
        return write_days(self._outcomes.outlooks.review_on)

    def _write_upcoming_rule(self) -> pa.Array:
        ids = [rule.id for rule in self._outcomes.edition.rules]
        return _take(ids, pa.string(), self._outcomes.outlooks.upcoming)

    def _write_upcoming_on(self) -> pa.Array:
        return write_days(self._outcomes.outlooks.upcoming_on)

    def _write_variants(self) -> list[str | None]:
        return self._outcomes.variants()

    def _write_warnings(self) -> pa.Array:
        return self._outcomes.warnings()


def _take(values: Sequence[Any], type_: pa.DataType, places: Ints) -> pa.Array:
    """Return for each row the value in its place, null for one below 0."""
    return pa.array([*values, None], type_).take(pa.array(np.where(places < 0, len(values), places)))


def _write_instant(moment: object) -> str:
    return msgspec.json.encode(moment).decode().strip('"')


_OWN: Mapping[str, Callable[[Writer], Any]] = {
    name.removeprefix("_write_"): function for name, function in vars(Writer).items() if name.startswith("_write_")
}
