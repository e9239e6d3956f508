"""The answers of a batch as the columns of DECISIONS: one function a column, and none for what nobody asked for."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from engine.evaluation.choosing import INTEREST_UNKNOWN as UNKNOWN_BLOCK
from engine.evaluation.decide import ruleset_ref
from engine.evaluation.program import Compiled
from engine.model.decision import NextAction, RuleRef
from engine.model.vocabulary import CHANNELS
from engine.portfolio.answers import Answers, write_days
from engine.portfolio.arrays import NO_DAY, unique
from engine.portfolio.bits import Ints
from engine.portfolio.decisions import COLUMNS
from engine.portfolio.joining import Coded, Part
from engine.portfolio.money import WorkedColumn, write_amounts
from engine.portfolio.tables import NOBODY
from engine.portfolio.verdicts import INTEREST_UNKNOWN

_OF_RULE = ("rule", "rule_title", "level", "basis")
_OF_RULESET = ("ruleset", "version", "digest", "effective_from", "law_checked_to", "commit")
_OF_ACTION = (
    "action", "template", "tone", "include", "method", "assign_to", "script", "instalments", "every",
    "down_payment_percent", "percent", "discount", "valid_days", "at", "to", "event_name", "metadata", "approval",
)  # fmt: skip
_CHANNELS = tuple(CHANNELS)
_MONEY = ("fee", "announced_fee", "interest")


class Writer:
    """Writes the columns of one batch, decided by one program."""

    def __init__(self, answers: Answers, compiled: Compiled, track: str) -> None:
        self._answers, self._compiled, self._track = answers, compiled, track
        self._count = answers.standings.count
        self._currency = answers.edition.currency

    def write(self, name: str) -> Part:
        """Return a column."""
        own = _OWN.get(name)
        if own is not None:
            return own(self)
        if name in _OF_RULE:
            return self._gather(name, self._list_rules, self._answers.verdicts.rule)
        if name in _OF_RULESET:
            return self._gather(name, self._list_ruleset, self._everywhere)
        if name in _OF_ACTION:
            return self._gather(name, self._list_actions, self._answers.acting)
        for kind in _MONEY:
            if name.startswith(kind):
                return self._money(kind, name.removeprefix(kind).removeprefix("_") or "amount")
        raise KeyError(name)

    def _list_rules(self) -> list[Any]:
        rules = self._answers.edition.rules
        return [SimpleNamespace(rule=RuleRef(id=r.id, title=r.title, level=r.level, basis=r.basis)) for r in rules]

    def _list_ruleset(self) -> list[Any]:
        return [SimpleNamespace(ruleset=ruleset_ref(self._compiled))]

    def _list_actions(self) -> list[Any]:
        return [
            SimpleNamespace(
                action=NextAction(
                    type=a.type,
                    approval="required" if a.approval_required else "not_required",
                    **a.parameters,  # type: ignore[arg-type]  # typed by the vocabulary
                )
            )
            for a in self._answers.actions
        ]

    @cached_property
    def _everywhere(self) -> Ints:
        return np.zeros(self._count, dtype=np.int64)

    def _write_track(self) -> Part:
        return _code([self._track], pa.string(), self._everywhere)

    def _gather(self, name: str, parts: Callable[[], list[Any]], places: Ints) -> Part:
        """Return what the single path writes of each part, for each row in its place; that is worked out once."""
        known = self._answers.tables.written
        if name not in known:
            known[name] = pa.array([COLUMNS[name].read(part) for part in parts()], COLUMNS[name].type)
        return Coded(known[name], places)

    def _money(self, kind: str, part: str) -> Part:
        money = self._answers.money
        column: WorkedColumn = {"fee": money.fee, "announced_fee": money.announced, "interest": money.interest}[kind]
        if part == "amount":
            return write_amounts(column.amounts, column.present, self._currency)
        if part == "basis":
            return write_amounts(column.basis, column.has_basis & column.present, self._currency)
        if part == "name":
            return _code(column.names, pa.string(), column.codes)
        return column.formulas()

    def _write_as_of(self) -> Part:
        texts = [_write_instant(each) for each in self._answers.moments]
        return _code(texts, pa.string(), self._answers.standings.zone_of)

    def _write_outcome(self) -> Part:
        answers = self._answers
        found = np.where(answers.acting != NOBODY, 0, np.where(answers.is_blocked, 1, 3))
        return _code(["act", "blocked", "wait", "none"], pa.string(), np.where(answers.is_waiting, 2, found))

    def _write_channel(self) -> Part:
        is_acting = self._answers.acting != NOBODY
        return _code(_CHANNELS, pa.string(), np.where(is_acting, self._answers.verdicts.channel, NOBODY))

    def _write_language(self) -> Part:
        return self._answers.languages()

    def _write_pay_by(self) -> Part:
        return write_days(self._answers.pay_by)

    def _write_scheduled_for(self) -> Part:
        moments, places = self._answers.scheduled
        return _code([_write_instant(each) for each in moments], pa.string(), places)

    def _write_scheduled_on(self) -> Part:
        moments, places = self._answers.scheduled
        return _code([each.date() for each in moments], pa.date32(), places)

    def _write_best_hour(self) -> Part:
        return pa.nulls(self._count, pa.string())  # a call that waits for it is decided one by one

    def _write_along_with(self) -> Part:
        made, places, _ = self._answers.along
        return _code([msgspec.json.encode(each).decode() if each else None for each in made], pa.string(), places)

    def _write_also(self) -> Part:
        made, places, _ = self._answers.along
        also = [[each.channel for each in along if each.channel is not msgspec.UNSET] for along in made]
        return _code(also, pa.list_(pa.string()), places)

    def _write_block(self) -> Part:
        blocks = [block.id for block in self._answers.edition.blocks]
        block = np.where(self._answers.verdicts.block == INTEREST_UNKNOWN, len(blocks), self._answers.verdicts.block)
        return _code([*blocks, UNKNOWN_BLOCK], pa.string(), np.where(self._answers.is_blocked, block, NOBODY))

    def _write_block_reason(self) -> Part:
        return self._answers.block_reasons()

    def _write_claim_invoices(self) -> Part:
        return self._answers.claim_invoices()

    def _write_claim_credits(self) -> Part:
        debts = self._answers.standings.debts
        if not len(debts.credits_used):
            return pa.nulls(self._count, pa.list_(pa.string()))
        offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(debts.credit_counts))).astype(np.int32)
        ids = debts.invoices.ids.take(pa.array(debts.credits_used))
        return pa.ListArray.from_arrays(pa.array(offsets), ids, mask=pa.array(debts.credit_counts == 0))

    def _write_claim_amount(self) -> Part:
        return self._amounts(self._answers.claimed[1])

    def _write_claim_fee(self) -> Part:
        fee = self._answers.money.fee
        return write_amounts(fee.amounts, fee.present, self._currency)

    def _write_claim_interest(self) -> Part:
        interest = self._answers.money.interest
        return write_amounts(interest.amounts, interest.present, self._currency)

    def _write_claim_total(self) -> Part:
        money = self._answers.money
        return self._amounts(self._answers.claimed[1] + money.fee.amounts + money.interest.amounts)

    def _amounts(self, values: Ints) -> Part:
        return write_amounts(values, np.ones(self._count, dtype=np.bool_), self._currency)

    def _write_currency(self) -> Part:
        return _code([self._currency], pa.string(), self._everywhere)

    def _write_episode(self) -> Part:
        days, places = unique(self._answers.standings.oldest_due_on)
        texts = ["none" if day == NO_DAY else dt.date.fromordinal(day).isoformat() for day in days.tolist()]
        return _code(texts, pa.string(), places)

    def _write_sent_before(self) -> Part:
        return pa.array(self._answers.standings.past.sent_before.astype(np.int32), pa.int32())

    def _write_reason(self) -> Part:
        return self._answers.reasons()

    def _write_review_on(self) -> Part:
        return write_days(self._answers.outlooks.review_on)

    def _write_upcoming_rule(self) -> Part:
        ids = [rule.id for rule in self._answers.edition.rules]
        return _code(ids, pa.string(), self._answers.outlooks.upcoming)

    def _write_upcoming_on(self) -> Part:
        return write_days(self._answers.outlooks.upcoming_on)

    def _write_variants(self) -> Part:
        return self._answers.variants()

    def _write_warnings(self) -> Part:
        return self._answers.warnings()


def _code(values: Sequence[Any], type_: pa.DataType, places: Ints) -> Coded:
    """Return for each row the value in its place, null for one below 0."""
    return Coded(pa.array(values, type_), places)


def _write_instant(moment: object) -> str:
    return msgspec.json.encode(moment).decode().strip('"')


_OWN: Mapping[str, Callable[[Writer], Part]] = {
    name.removeprefix("_write_"): function for name, function in vars(Writer).items() if name.startswith("_write_")
}
