"""Fees and interest of many accounts (language.md 7), each different reckoning worked out once by the single path's."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa

from engine.evaluation.fees import covered_invoices, is_covered, sum_charges, work_out_fee
from engine.evaluation.interest import Reckoning, add_up, bear, reckon, work_out_interest
from engine.model.account import NamedFee
from engine.model.money import Charge, Debt, Fee, Interest, InterestUnknown, Worked, exponent, format_amount
from engine.model.vocabulary import ANNOUNCED_BEFORE
from engine.portfolio.arrays import spans, unique, write_decimals
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.columns import AMOUNT
from engine.portfolio.feeamounts import work_out_amounts
from engine.portfolio.joining import Coded
from engine.portfolio.standing import Standings

NONE = -1
_MOST_KNOWN = 250_000
"""Fees that are known, so that an amount that comes again is not reckoned again."""
_LARGEST = np.iinfo(np.int64).max


class WorkedColumn:
    """What a fee or interest comes to for each row; the reckoning in words is made where it is asked for."""

    def __init__(self, count: int) -> None:
        self.amounts = np.zeros(count, dtype=np.int64)
        self.basis = np.zeros(count, dtype=np.int64)
        self.has_basis = np.zeros(count, dtype=np.bool_)
        self.names: list[str] = []
        self.codes = np.full(count, NONE, dtype=np.int64)
        self._said: list[str] = []
        self._formulas = np.full(count, NONE, dtype=np.int64)
        self._later: list[tuple[Ints, Callable[[int], Worked]]] = []

    @property
    def present(self) -> Truths:
        """Tell which rows have one."""
        return self.codes != NONE

    def put(self, name: str, rows: Ints, found: Sequence[Worked]) -> None:
        """Note what comes out for some rows, one each."""
        self._name(name, rows)
        self.amounts[rows] = [each.amount for each in found]
        self.basis[rows] = [each.basis or 0 for each in found]
        self.has_basis[rows] = [each.basis is not None for each in found]
        self._formulas[rows] = np.arange(len(self._said), len(self._said) + len(found))
        self._said += [each.formula for each in found]

    def put_amounts(self, fee: Fee, rows: Ints, amounts: Ints, basis: Ints, work_out: Callable[[int], Worked]) -> None:
        """Note what a fee comes to on a basis, which says all else of it as well."""
        self._name(fee.name, rows)
        self.amounts[rows], self.basis[rows], self.has_basis[rows] = amounts, basis, fee.basis is not None
        self._later.append((rows, work_out))

    def _name(self, name: str, rows: Ints) -> None:
        if name not in self.names:
            self.names.append(name)
        self.codes[rows] = self.names.index(name)

    def formulas(self) -> Coded:
        """Return how each was worked out, in words."""
        for rows, work_out in self._later:
            values, places = unique(self.basis[rows])
            self._formulas[rows] = places + len(self._said)
            self._said += [work_out(value).formula for value in values.tolist()]
        self._later = []
        return Coded(pa.array(self._said, pa.string()), self._formulas)


class Money:
    """The money of the actions of a batch; ``unread`` are rows whose basis is missing, to be refused one by one."""

    def __init__(self, standings: Standings, fees: dict[tuple[str, int], Worked]) -> None:
        self._standings = standings
        self._fees = fees
        self._edition = standings.program.edition
        self._currency = self._edition.currency
        self.fee, self.announced, self.interest = (WorkedColumn(standings.count) for _ in range(3))
        self.unread = np.zeros(standings.count, dtype=np.bool_)
        self.warnings: dict[int, list[str]] = {}
        self._dates: dict[int, dt.date] = {}
        self._reckonings: dict[tuple[str, dt.date, dt.date], Reckoning] = {}

    def charge(self, name: str, rows: Ints) -> None:
        """Work out the fee that some rows' actions charge."""
        if name == ANNOUNCED_BEFORE:
            self._charge_announced(rows)
        else:
            self._put(self.fee, name, rows)

    def announce(self, name: str, rows: Ints) -> None:
        """Work out the fee that some rows' actions announce."""
        self._put(self.announced, name, rows)

    def _put(self, column: WorkedColumn, name: str, rows: Ints) -> None:
        fee, standings = self._edition.fees[name], self._standings
        basis, known = self._basis(fee, rows)
        alone = standings.past.has_charges[rows] | (fee.each_invoice & standings.debts.carried[rows])
        self.unread[rows[~known & ~alone]] = True
        plain = known & ~alone
        amounts = None if fee.each_invoice else work_out_amounts(fee, basis[plain])
        if amounts is None:
            found = [self._work_out_plain(fee, value) for value in basis[plain].tolist()]
            column.put(name, rows[plain], found)
        else:
            column.put_amounts(fee, rows[plain], amounts, basis[plain], lambda value: self._work_out_plain(fee, value))
        own = [(row, worked) for row in rows[alone].tolist() if (worked := self._work_out(fee, row)) is not None]
        column.put(name, np.array([row for row, _ in own], dtype=np.int64), [worked for _, worked in own])

    def _work_out_plain(self, fee: Fee, basis: int) -> Worked:
        """Return a fee before which nothing was charged; those worked out last are known."""
        known = self._fees
        found = known.get((fee.name, basis))
        if found is None:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            found = known[fee.name, basis] = work_out_fee(fee, self._currency, basis=basis)
        return found

    def _basis(self, fee: Fee, rows: Ints) -> tuple[Ints, Truths]:
        """Return what a fee is reckoned on, and who has it."""
        if fee.basis is None:
            return np.zeros(len(rows), dtype=np.int64), np.ones(len(rows), dtype=np.bool_)
        standings = self._standings
        days = standings.days[rows]
        fact = self._edition.facts[fee.basis]
        given = standings.fact(fact, rows, days)
        if fact.source != "invoices":
            return given.values, given.present
        values, present = standings.debts.value(fact.name, rows, days, with_costs=False)
        if fact.name in {"largest_invoice", "last_invoice"}:
            values, present = np.where(present, values, 0), np.ones(len(rows), dtype=np.bool_)
        carried = standings.debts.carried[rows]
        return np.where(carried, values, given.values), np.where(carried, present, given.present)

    def _charge_announced(self, rows: Ints) -> None:
        """Charge the smaller of what was announced and what the fee comes to now (language.md 6.2)."""
        standings = self._standings
        announced = standings.past.announced(rows)
        names = np.array([each.name for each in announced], dtype=object)
        for name in sorted(set(names.tolist())):
            own = np.flatnonzero(names == name)
            fee = self._edition.fees.get(name)
            known: dict[tuple[int, int], Worked] = {}
            basis, has_basis = (None, None) if fee is None else self._basis(fee, rows[own])
            is_alone = standings.past.has_charges | (standings.debts.carried & (fee is not None and fee.each_invoice))
            found: list[Worked] = []
            for at, (row, place) in enumerate(zip(rows[own].tolist(), own.tolist(), strict=True)):
                fresh: Worked | None = None
                if fee is not None and basis is not None and has_basis is not None:
                    key = (announced[place].amount, int(basis[at]))
                    if not is_alone[row] and key in known:
                        found.append(known[key])
                        continue
                    fresh = self._work_out(fee, row) if is_alone[row] or not has_basis[at] else None
                    if fresh is None and has_basis[at]:
                        fresh = self._work_out_plain(fee, int(basis[at]))
                found.append(self._least(announced[place], fresh))
                if fee is not None and basis is not None and not is_alone[row]:
                    known[announced[place].amount, int(basis[at])] = found[-1]
            self.fee.put(name, rows[own], found)

    def _least(self, announced: NamedFee, now: Worked | None) -> Worked:
        said = f"{format_amount(announced.amount, self._currency)} as announced"
        if now is not None and now.amount < announced.amount:
            return Worked(amount=now.amount, basis=now.basis, formula=f"{now.formula}; {said} was more")
        return Worked(amount=announced.amount, formula=said)

    def _work_out(self, fee: Fee, row: int) -> Worked | None:
        """Return a fee of one row, what was charged before counted; None where its basis is missing."""
        standings = self._standings
        one, day = np.array([row]), dt.date.fromordinal(int(standings.days[row]))
        recent, older = standings.past.charges(row)
        overdue = [] if not standings.debts.carried[row] else self._overdue(row)
        ids = [name for name, _ in overdue]
        charges: tuple[Charge, ...] = (*older, *recent) if fee.once_per == "six_months" else recent
        if is_covered(fee, charges, overdue=ids, on=day):
            said = f"once per {(fee.once_per or '').replace('_', ' ')}"
            self.warnings.setdefault(row, []).append(f"the fee {fee.name} was already charged: {said}")
            return Worked(amount=0, formula=f"already charged, {said}")
        charged = sum_charges(recent)
        if fee.each_invoice and standings.debts.carried[row]:
            done = covered_invoices(fee, recent, overdue=ids) if fee.once_per == "invoice" else frozenset()
            parts = self._parts(fee, row, [(name, place) for name, place in overdue if name not in done])
            if parts is None:
                self.unread[row] = True
                return None
            return work_out_fee(fee, self._currency, invoices=parts, charged=charged)
        basis, known = self._basis(fee, one)
        if not known[0]:
            self.unread[row] = True
            return None
        return work_out_fee(fee, self._currency, basis=int(basis[0]), charged=charged)

    def _overdue(self, row: int) -> list[tuple[str, int]]:
        """Return the overdue invoices of a row that are no dunning costs, by id and place among the lines."""
        debts = self._standings.debts
        start = int(debts.starts[row])
        count = int(debts.overdue(np.array([row]), self._standings.days[[row]])[0])
        places = [place for place in range(start, start + count) if not debts.lines.is_cost[place]]
        return list(zip(debts.name(np.array(places, dtype=np.int64)), places, strict=True))

    def _parts(self, fee: Fee, row: int, overdue: list[tuple[str, int]]) -> dict[str, int] | None:
        """Return what each invoice contributes to a fee's basis, an amount; None where one lacks it."""
        lines, name = self._standings.debts.lines, fee.basis
        if name is None:
            return dict.fromkeys((each for each, _ in overdue), 0)
        if self._edition.facts[name].source != "invoices":
            basis, known = self._basis(fee, np.array([row]))
            return dict.fromkeys((each for each, _ in overdue), int(basis[0])) if known[0] or not overdue else None
        if name == "original_balance":
            if not all(lines.has_amount[place] for _, place in overdue):
                return None
            return {each: int(lines.amount[place]) for each, place in overdue}
        return {each: int(lines.open[place]) for each, place in overdue}

    def claim_interest(self, name: str, rows: Ints) -> None:
        """Work out the interest that an action claims; where it is not known the action is not carried out."""
        found = self._interests(name, rows)
        known = [place for place, worked in enumerate(found) if isinstance(worked, Worked)]
        self.interest.put(name, rows[known], [worked for worked in found if isinstance(worked, Worked)])

    def interest_of(self, name: str, row: int) -> Worked | InterestUnknown:
        """Work out an interest on what is overdue in a row."""
        return self._interests(name, np.array([row]))[0]

    def _interests(self, name: str, rows: Ints) -> list[Worked | InterestUnknown]:
        standings, debts = self._standings, self._standings.debts
        interest = self._edition.interest[name]
        counts = debts.overdue(rows, standings.days[rows])
        places = spans(debts.starts[rows], counts)
        are_paid = debts.invoices.are_paid
        owed = [
            Debt(
                invoice=invoice,
                due_on=self._date(due_on),
                amount=amount,
                payments=debts.invoices.payments_of(place) if are_paid else (),
            )
            for invoice, due_on, amount, place in zip(
                debts.name(places),
                debts.lines.due_on[places].tolist(),
                debts.lines.open[places].tolist(),
                debts.lines.places[places].tolist(),
                strict=True,
            )
        ]
        found, begin = [], 0
        for day, count in zip(standings.days[rows].tolist(), counts.tolist(), strict=True):
            found.append(self._bear(interest, owed[begin : begin + count], self._date(day)))
            begin += count
        return found

    def _date(self, day: int) -> dt.date:
        if day not in self._dates:
            self._dates[day] = dt.date.fromordinal(day)
        return self._dates[day]

    def _bear(self, interest: Interest, owed: Sequence[Debt], day: dt.date) -> Worked | InterestUnknown:
        """Work out an interest; how it is reckoned hangs on the days alone, mostly, and is kept by them."""
        if interest.compounding != "none" or not owed or any(debt.payments for debt in owed):
            return work_out_interest(interest, self._currency, owed, day)
        parts = []
        for debt in owed:
            key = (interest.name, debt.due_on, day)
            if key not in self._reckonings:
                if isinstance(work_out_interest(interest, self._currency, [debt], day), InterestUnknown):
                    return work_out_interest(interest, self._currency, owed, day)
                self._reckonings[key] = reckon(interest, debt.due_on, day)
            parts.append(bear(self._reckonings[key], self._currency, debt))
        return add_up(parts, self._currency)


def write_amounts(values: Ints, present: Truths, currency: str) -> pa.Array:
    """Return minor units as exact decimals."""
    unit = 10 ** (AMOUNT.scale - exponent(currency))
    if len(values) and int(np.abs(values).max()) > _LARGEST // unit:
        places = exponent(currency)
        exact = [
            Decimal(value).scaleb(-places) if is_there else None
            for value, is_there in zip(values.tolist(), present.tolist(), strict=True)
        ]
        return pa.array(exact, AMOUNT)
    return write_decimals(np.where(present, values * unit, 0), AMOUNT, present)
