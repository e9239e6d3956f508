"""What was executed, of each account: histories counted side by side, as `engine.coordinates.executed` counts one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import proxy

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.coordinates.executed import level_target
from engine.coordinates.facts import WINDOWS
from engine.coordinates.repetition import Rest
from engine.model.account import NamedFee
from engine.model.money import Charge, exponent
from engine.model.vocabulary import ACTIONS, CHANNELS, LARGEST_INTEGER, Fact
from engine.portfolio.arrays import NO_DAY, Column, scaled_of, unique
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.debts import NEVER
from engine.portfolio.entries import Entries
from engine.portfolio.events import Events
from engine.portfolio.histories import NONE
from engine.portfolio.parts import FULL, HOLDING, NO_PART, OTHER, STALE, find_parts

if TYPE_CHECKING:
    from engine.portfolio.standing import Standings

_CHANNELS = tuple(CHANNELS)
_RETRY = list(ACTIONS).index("retry_payment")


class Past:
    """The histories of a batch; ``unread`` are the rows whose history is read one by one, by why."""

    def __init__(self, standings: Standings) -> None:
        self._standings = proxy(standings)  # which holds this: a batch is let go of at once, not when cycles are sought
        self._count = standings.count
        histories = standings.sheet.histories
        self.carried = np.zeros(self._count, dtype=np.bool_)
        if histories is not None:
            self.carried = histories.lengths[standings.rows] > 0
        self.unread: dict[str, Truths] = {}
        self._known_events: dict[tuple[str, str | None, int], Events] = {}
        self._known: dict[tuple[str, str, bool], Ints] = {}
        self.entries = Entries(standings, histories) if histories is not None and self.carried.any() else None
        if self.entries is not None:
            self.unread["an entry that cannot be read"] = self.entries.unread
            self._tally(self.entries)

    def _tally(self, entries: Entries) -> None:
        """Say which entries count for what, each by its place among the entries."""
        own = ~entries.is_foreign_account & ~entries.is_foreign_ruleset
        self.part, lapses = find_parts(entries, self._standings, own)
        self.unread["a window that moves with a default"] = lapses
        order = np.arange(len(entries.rows))
        self._since = self._last(order, own & entries.is_reset)[entries.rows] < order
        live = own & ~entries.is_reset & self._since
        counted = live & ((self.part == FULL) | (self.part == HOLDING))
        undoing = live & ~entries.is_level_alone & (counted | (self.part == STALE))
        self._undone = self._find_undone(entries, undoing, order)
        self._done = counted & ~entries.is_level_alone & (entries.rule != NONE) & ~self._undone
        self._executed = counted & ~entries.is_level_alone
        self._levelled = undoing & (entries.level != NONE)
        self._set_level = counted & entries.is_level_alone
        self._own = own

    def _last(self, values: Ints, where: Truths) -> Ints:
        """Return by row the last of some entries' values, -1 for none."""
        found = np.full(self._count, NONE, dtype=np.int64)
        if self.entries is not None:
            found[self.entries.rows[where]] = values[where]
        return found

    def _find_undone(self, entries: Entries, undoing: Truths, order: Ints) -> Truths:
        """Tell which entries a later one undoes."""
        rules = self._standings.program.edition.rules
        found = np.zeros(len(order), dtype=np.bool_)
        ids = {word: code for code, word in enumerate(entries.words)}
        for place, rule in enumerate(rules):
            if not rule.undoes:
                continue
            last = self._last(order, undoing & (entries.known == place))[entries.rows]
            undone = [ids[name] for name in rule.undoes if name in ids]
            found |= np.isin(entries.rule, undone) & (order < last)
        return found

    # the ladder

    @cached_property
    def level(self) -> Ints:
        """Return each account's level."""
        given = self._standings.facts.column("dunning_level")
        level = np.zeros(self._count, dtype=np.int64)
        if self.entries is not None:
            entries, order = self.entries, np.arange(len(self.entries.rows))
            set_at = self._last(order, self._set_level)
            level = np.where(set_at == NONE, 0, self._last(entries.level, self._set_level))
            climbed = self._executed & ~self._undone & (entries.level != NONE) & (order > set_at[entries.rows])
            np.maximum.at(level, entries.rows[climbed], entries.level[climbed])
        return level if given is None else np.where(given.present, given.values, level)

    @cached_property
    def last_levelled_on(self) -> Ints:
        """Return the day of the last step of the ladder, `NO_DAY` for none."""
        return self._nothing if self.entries is None else self._last(self.entries.days, self._levelled)

    @cached_property
    def _nothing(self) -> Ints:
        return np.full(self._count, NO_DAY, dtype=np.int64)

    # executions of a target

    def _of(self, target: str, *, met: bool) -> Truths:
        """Tell which entries a target counts, as far as they hold it back or an ``after`` counts them."""
        entries, program = self.entries, self._standings.program
        assert entries is not None  # noqa: S101  asked only where there are entries
        counted = self._done & (self.part == FULL) if met else self._done
        if target.startswith("level "):
            return counted & (entries.level == int(target.removeprefix(level_target(0)[:-1])))
        if " " in target:
            names = [name for name, groups in program.terms.groups.items() if target in groups]
        else:
            names = [target]
        codes = [entries.words.index(name) for name in names if name in entries.words]
        return counted & np.isin(entries.rule, codes)

    def _keep(self, what: str, target: str, *, met: bool, work_out: Callable[[], Ints]) -> Ints:
        """Return what is asked of a target, worked out once."""
        key = (what, target, met)
        if key not in self._known:
            self._known[key] = work_out()
        return self._known[key]

    def times(self, target: str, *, met: bool) -> Ints:
        """Count the executions of a target."""
        entries = self.entries
        if entries is None:
            return np.zeros(self._count, dtype=np.int64)
        return self._keep(
            "times",
            target,
            met=met,
            work_out=lambda: np.bincount(entries.rows[self._of(target, met=met)], minlength=self._count),
        )

    def last_on(self, target: str, *, met: bool) -> Ints:
        """Return the day of the last of them."""
        entries = self.entries
        if entries is None:
            return self._nothing
        return self._keep("last", target, met=met, work_out=lambda: self._last(entries.days, self._of(target, met=met)))

    def last_pay_by(self, target: str) -> Ints:
        """Return the deadline of the last one that an ``after`` counts."""
        entries = self.entries
        if entries is None:
            return self._nothing
        return self._keep(
            "pay_by", target, met=True, work_out=lambda: self._last(entries.pay_by, self._of(target, met=True))
        )

    def over_on(self, rest: Rest) -> Ints:
        """Return the day on which the rest after the last execution is over."""
        return self._keep("rest", rest.key, met=False, work_out=lambda: self._find_over(rest))

    def _find_over(self, rest: Rest) -> Ints:
        """Work it out once for all that are alike."""
        if self.entries is None:
            return self._nothing
        which = np.flatnonzero(self._of(rest.target, met=False))
        last = self.last_on(rest.target, met=False)
        first = self._nothing.copy()
        first[self.entries.rows[which[::-1]]] = self.entries.days[which[::-1]]
        found = self._nothing.copy()
        rows = np.flatnonzero(last != NO_DAY)
        if rest.unit != "month":
            first = last
        pairs, places = unique(first[rows] * (1 << 32) + last[rows])
        calendar = self._standings.program.ruleset.calendar
        days = [(dt.date.fromordinal(pair >> 32), dt.date.fromordinal(pair & 0xFFFFFFFF)) for pair in pairs.tolist()]
        over = np.array([rest.over_on(pair, calendar).toordinal() for pair in days], dtype=np.int64)
        found[rows] = over[places]
        return found

    @cached_property
    def last_rules(self) -> tuple[Ints, Ints]:
        """Return the rule of the edition that was executed last, the first written of one day, and when."""
        last, by = self._nothing.copy(), np.full(self._count, NONE, dtype=np.int64)
        if self.entries is not None:
            for place, rule in enumerate(self._standings.program.edition.rules):
                if rule.id in self.entries.words:
                    on = self.last_on(rule.id, met=False)
                    by = np.where(on > last, place, by)
                    last = np.maximum(on, last)
        return by, last

    # counts in windows of days

    @cached_property
    def _contacts(self) -> tuple[Ints, Ints, Ints]:
        """Return the contacts: their rows, days and channels."""
        if self.entries is None:
            return (np.zeros(0, dtype=np.int64),) * 3
        entries = self.entries
        return (
            entries.rows[entries.contact_entries],
            entries.days[entries.contact_entries],
            entries.contact_channels,
        )

    @cached_property
    def _attempts(self) -> tuple[Ints, Ints]:
        """Return the payment attempts: their rows and days."""
        if self.entries is None:
            return (np.zeros(0, dtype=np.int64),) * 2
        entries = self.entries
        tried = (entries.action == _RETRY) & ~entries.is_reset & ~entries.is_foreign_account
        return entries.rows[tried], entries.days[tried]

    @cached_property
    def has_contacts(self) -> Truths:
        """Tell who was ever contacted."""
        return np.bincount(self._contacts[0], minlength=self._count) > 0

    def events(self, kind: str, name: str | None, per_days: int) -> Events:
        """Return events that windows of so many days count: contacts, attempts or executions of a rule."""
        key = kind, name, per_days
        if key not in self._known_events:
            if kind == "contacts":
                rows, days, by = self._contacts
                if name is not None:
                    kept = by == _CHANNELS.index(name)
                    rows, days = rows[kept], days[kept]
            else:
                rows, days = self._attempts if kind == "attempts" else self._executions(name or "")
            self._known_events[key] = Events(rows, days, per_days, self._standings.days)
        return self._known_events[key]

    def count_contacts(self, channel: str | None, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Count the contacts of some rows on a channel, or on all, in the days up to theirs, so many in all."""
        return self.events("contacts", channel, per_days).count(rows, days)

    def count_attempts(self, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Count the payment attempts of some rows in the days up to theirs, so many in all."""
        return self.events("attempts", None, per_days).count(rows, days)

    def count_recent(self, target: str, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Count the executions of a rule in the days up to some rows' own, so many in all."""
        return self.events("executions", target, per_days).count(rows, days)

    def _executions(self, target: str) -> tuple[Ints, Ints]:
        if self.entries is None:
            return (np.zeros(0, dtype=np.int64),) * 2
        which = self._of(target, met=False)
        return self.entries.rows[which], self.entries.days[which]

    def next_contact_end(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which a contact leaves the window of a limit."""
        found = np.full(len(rows), NEVER, dtype=np.int64)
        for window in self._standings.program.terms.contact_windows:
            found = np.minimum(found, self.next_window_end(window.days, rows, days))
        return found

    def next_window_end(self, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which a contact leaves a window of so many days."""
        return self.events("contacts", None, per_days).next_end(rows, days)

    def next_attempt_end(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which an attempt leaves the window of a limit."""
        found = np.full(len(rows), NEVER, dtype=np.int64)
        for window in self._standings.program.terms.attempt_windows:
            found = np.minimum(found, self.events("attempts", None, window.days).next_end(rows, days))
        return found

    def next_recent_end(self, target: str, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which an execution of a rule leaves a window of so many days."""
        return self.events("executions", target, per_days).next_end(rows, days)

    # facts

    def fact(self, fact: Fact, rows: Ints, days: Ints) -> Column:
        """Return a fact that is given or that history yields."""
        found = self._from_history(fact.name, rows, days)
        given = self._standings.facts.column(fact.name)
        if given is None:
            return found
        own, is_given, words = given.values[rows], given.present[rows], given.words
        if fact.moves:
            moved = own + fact.moves * (days - self._standings.facts_on[rows])
            own = np.clip(moved, -LARGEST_INTEGER, LARGEST_INTEGER)
        if found.words:
            own, words = own + len(found.words), [*found.words, *given.words]
        return Column(np.where(is_given, own, found.values), found.present | is_given, words)

    def _from_history(self, name: str, rows: Ints, days: Ints) -> Column:
        everywhere = np.ones(len(rows), dtype=np.bool_)
        if name == "dunning_level":
            return Column(self.level[rows], everywhere)
        if name in WINDOWS:
            return Column(self.count_contacts(None, WINDOWS[name], rows, days), everywhere)
        if self.entries is None:
            return Column(np.zeros(len(rows), dtype=np.int64), ~everywhere)
        if name == "last_rule":
            last = self._last(self.entries.rule, self._executed & (self.entries.rule != NONE))[rows]
            return Column(np.where(last == NONE, 0, last), last != NONE, self.entries.words)
        last_on = self._nothing.copy()
        of, on, _ = self._contacts
        last_on[of] = on
        return Column(days - last_on[rows], self.has_contacts[rows])

    # money and messages

    @cached_property
    def sent_before(self) -> Ints:
        """Count the contact actions executed in the episode."""
        found = np.zeros(self._count, dtype=np.int64)
        if self.entries is not None:
            entries = self.entries
            is_contact = np.array([*(each.is_contact for each in ACTIONS.values()), False], dtype=np.bool_)
            sent = entries.also_count + is_contact[entries.action]
            np.add.at(found, entries.rows[self._executed], sent[self._executed])
        return found

    @cached_property
    def _announcing(self) -> Ints:
        """Return by row the entry that announced a fee last."""
        if self.entries is None:
            return self._nothing
        announcing = self._executed & (self.part == FULL) & self.entries.announced
        return self._last(np.arange(len(self.entries.rows)), announcing)

    @property
    def is_announced(self) -> Truths:
        """Tell for whom a fee was announced."""
        return self._announcing != NONE

    def announced(self, rows: Ints) -> list[NamedFee]:
        """Return the fee that was announced last in the episode of some rows, each of which has one."""
        if self.entries is None:
            return []
        places = pa.array(self.entries.places[self._announcing[rows]])
        written = self.entries.fields["announced_fee"].take(places)
        currency = self._standings.program.edition.currency
        amounts, _ = scaled_of(pc.struct_field(written, "amount"), exponent(currency))
        names = pc.struct_field(written, "name").to_pylist()
        pairs = zip(names, amounts.tolist(), strict=True)
        return [NamedFee(name=name, amount=amount, currency=currency) for name, amount in pairs]

    @cached_property
    def _charging(self) -> Truths:
        if self.entries is None:
            return np.zeros(0, dtype=np.bool_)
        return self._own & ~self.entries.is_reset & self.entries.fee

    @cached_property
    def has_charges(self) -> Truths:
        """Tell to whom a fee was ever charged."""
        if self.entries is None:
            return np.zeros(self._count, dtype=np.bool_)
        return np.bincount(self.entries.rows[self._charging], minlength=self._count) > 0

    def charges(self, row: int) -> tuple[tuple[Charge, ...], tuple[Charge, ...]]:
        """Return what was charged before in one row: what still counts, and what lies before a reset or elsewhere."""
        recent: list[Charge] = []
        older: list[Charge] = []
        if self.entries is None or not self.has_charges[row]:
            return (), ()
        begin, end = np.searchsorted(self.entries.rows, (row, row + 1)).tolist()
        for entry in range(begin, end):
            if self._charging[entry]:
                part = self.part[entry]
                (recent if self._since[entry] and part != NO_PART else older).append(self._charge(entry))
        return tuple(recent), tuple(older)

    def _charge(self, entry: int) -> Charge:
        assert self.entries is not None  # noqa: S101  there is an entry
        fee = self._fee_of("fee", entry)
        invoices = self.entries.fields["invoices"][int(self.entries.places[entry])].as_py()
        return Charge(
            name=fee.name,
            amount=fee.amount,
            charged_on=dt.date.fromordinal(int(self.entries.days[entry])),
            is_of_episode=self.part[entry] not in {OTHER, NO_PART},
            invoices=None if invoices is None else tuple(invoices),
        )

    def _fee_of(self, field: str, entry: int) -> NamedFee:
        assert self.entries is not None  # noqa: S101  there is an entry
        written = self.entries.fields[field][int(self.entries.places[entry])].as_py()
        currency = written["currency"]
        return NamedFee(
            name=written["name"], amount=int(written["amount"].scaleb(exponent(currency))), currency=currency
        )
