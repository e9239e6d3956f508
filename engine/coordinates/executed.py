"""What was executed, as far as decisions ask: the entries of a history, counted."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.coordinates.episode import Episode, Part
from engine.model.account import Entry, NamedFee
from engine.model.money import Charge
from engine.model.ruleset import After, Rule
from engine.model.vocabulary import ACTIONS


def level_target(level: int) -> str:
    """Name "any rule of exactly this level" as a target; no rule id contains a space."""
    return f"level {level}"


def table_target(table: str) -> str:
    """Name "any row of this table" as a target."""
    return f"table {table}"


def action_target(action: str) -> str:
    """Name "any rule whose own action is of this type" as a target."""
    return f"action {action}"


def target_of(after: After) -> str:
    """Return whose executions an ``after`` counts."""
    if after.action is not None:
        return action_target(after.action)
    if after.table is not None:
        return table_target(after.table)
    return after.rule if after.rule is not None else level_target(after.level or 0)


def targets_of(rule: Rule) -> tuple[str, ...]:
    """Return the targets that count a rule's executions: its own, its table's, its level's and its action's."""
    table = () if rule.table is None else (table_target(rule.table),)
    level = () if rule.level is None else (level_target(rule.level),)
    return (rule.id, *table, *level, action_target(rule.action.type))


def executors_of(target: str, rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules whose executions a target counts."""
    return [rule for rule in rules if target in targets_of(rule)]


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """What the seen entries amount to; targets are rule ids, "table x", "level n" and "action a".

    ``contacts`` and ``attempts`` are of all history, the rest is of the current episode, but the charges, which say
    whether they are; ``older_charges`` lie before a reset or belong to no episode. ``done`` and ``last_on`` are what
    holds a rule back, ``met``, ``met_on`` and ``last_pay_by`` what an ``after`` counts; they differ between episodes
    only. ``days`` are those of all executions, in order, of the rules that are asked for them. ``shape`` is alike where
    all but days is: the level, whether a step of the ladder was executed, and each target with its count and whether it
    has a deadline.
    """

    level: int = 0
    done: dict[str, int] = {}
    last_on: dict[str, dt.date] = {}
    met: dict[str, int] = {}
    met_on: dict[str, dt.date] = {}
    last_pay_by: dict[str, dt.date | None] = {}
    last_levelled_on: dt.date | None = None
    last_rule: str | None = None
    days: Mapping[str, Sequence[dt.date]] = {}
    contacts: tuple[tuple[dt.date, str], ...] = ()
    attempts: tuple[dt.date, ...] = ()
    announced: NamedFee | None = None
    charges: tuple[Charge, ...] = ()
    older_charges: tuple[Charge, ...] = ()
    sent_before: int = 0
    shape: tuple[object, ...] = (0,)


Groups: TypeAlias = Mapping[str, tuple[str, ...]]
"""By a rule's id the targets, besides itself and its level, that count its executions."""

NOTHING_EXECUTED = Executed()
NO_BEGINS: Mapping[str, dt.date] = {}


def tally(
    entries: Sequence[Entry],
    *,
    episode: Episode,
    rules: Mapping[str, Rule],
    groups: Groups,
    given_level: int | None,
    currency: str,
    dated: frozenset[str] = frozenset(),
    begins: Mapping[str, dt.date] = NO_BEGINS,
) -> Executed:
    """Count the entries (language.md 5.3 to 5.4b and the undoing of section 5).

    ``groups`` are the targets of several rules, ``dated`` rules asked for all days, ``begins`` the first days of the
    windows of rules that have one.
    """
    contacts: list[tuple[dt.date, str]] = []
    attempts: list[dt.date] = []
    own: list[Entry] = []
    for entry in entries:
        contacts += [(entry.day, channel) for channel in entry.channels]
        if not entry.is_foreign_account:
            if entry.action == "retry_payment":
                attempts.append(entry.day)
            if not entry.is_foreign_ruleset:
                own.append(entry)
    count = _Count(rules, groups, currency)
    for entry, part in episode.parts(own):
        begin = begins.get(entry.rule or "") if begins else None
        count.add(entry, part if begin is None else "full" if entry.day >= begin else "other")
    return count.executed(contacts, attempts, given_level, dated)


class _Count:
    """The entries of this ruleset and account, added one by one, each with what it is to the episode."""

    def __init__(self, rules: Mapping[str, Rule], groups: Groups, currency: str) -> None:
        self._rules = rules
        self._groups = groups
        self._currency = currency
        self._entries: list[tuple[Entry, Part]] = []
        self._base_level = 0
        self._climbed: list[tuple[str | None, int]] = []
        self._last_levelled_on: dt.date | None = None
        self._last_rule: str | None = None
        self._announced: NamedFee | None = None
        self._charges: list[Charge] = []
        self._older_charges: list[Charge] = []
        self._sent_before = 0

    def add(self, entry: Entry, part: Part) -> None:
        if entry.is_reset:
            self._reset()
            return
        if entry.fee is not None and entry.fee.currency == self._currency:
            charges = self._older_charges if part == "none" else self._charges
            charges.append(_charge(entry, entry.fee, is_of_episode=part not in {"other", "none"}))
        if part in {"full", "holding"}:
            self._count(entry, part)
        elif part == "stale":
            self._undo(entry)
            self._rest(entry)

    def _count(self, entry: Entry, part: Part) -> None:
        if _is_level_alone(entry):
            self._base_level = entry.level or 0
            self._climbed = []
            return
        self._undo(entry)
        self._rest(entry)
        if entry.rule is not None:
            self._entries.append((entry, part))
            self._last_rule = entry.rule
        if entry.level is not None:
            self._climbed.append((entry.rule, entry.level))
        if part == "full" and entry.announced_fee is not None and entry.announced_fee.currency == self._currency:
            self._announced = entry.announced_fee
        action = ACTIONS.get(entry.action or "")
        self._sent_before += entry.also_count + (action is not None and action.is_contact)

    def _undo(self, entry: Entry) -> None:
        rule = self._rules.get(entry.rule) if entry.rule is not None else None
        if rule is not None and rule.undoes:
            undone = set(rule.undoes)
            self._entries = [other for other in self._entries if other[0].rule not in undone]
            self._climbed = [(name, level) for name, level in self._climbed if name not in undone]

    def _rest(self, entry: Entry) -> None:
        if entry.level is not None and not _is_level_alone(entry):
            self._last_levelled_on = entry.day

    def _targets_of(self, entry: Entry) -> tuple[str, ...]:
        """Return the targets that count an entry, by the level it was executed on and the groups its rule is in now."""
        name = entry.rule or ""
        own = (name, *self._groups[name]) if name in self._groups else (name,)
        return own if entry.level is None else (*own, level_target(entry.level))

    def _reset(self) -> None:
        self._entries = []
        self._base_level = 0
        self._climbed = []
        self._last_levelled_on = self._last_rule = self._announced = None
        self._older_charges.extend(self._charges)
        self._charges = []
        self._sent_before = 0

    def executed(
        self,
        contacts: list[tuple[dt.date, str]],
        attempts: list[dt.date],
        given_level: int | None,
        dated: frozenset[str],
    ) -> Executed:
        entries = self._entries if given_level is None else []
        done, last_on, last_pay_by = self._sum_up(entry for entry, _ in entries)
        met, met_on = done, last_on
        if any(part == "holding" for _, part in entries):
            met, met_on, last_pay_by = self._sum_up(entry for entry, part in entries if part == "full")
        days: dict[str, list[dt.date]] = {}
        for entry, _ in entries if dated else ():
            if entry.rule in dated:
                days.setdefault(entry.rule, []).append(entry.day)
        climbed = max((level for _, level in self._climbed), default=0)
        level = max(self._base_level, climbed) if given_level is None else given_level
        last_levelled_on = self._last_levelled_on if given_level is None else None
        told = [(target, times, last_pay_by.get(target) is None) for target, times in done.items()]
        return Executed(
            level=level,
            done=done,
            last_on=last_on,
            met=met,
            met_on=met_on,
            last_pay_by=last_pay_by,
            last_levelled_on=last_levelled_on,
            last_rule=self._last_rule,
            days=days,
            contacts=tuple(contacts),
            attempts=tuple(attempts),
            announced=self._announced,
            charges=tuple(self._charges),
            older_charges=tuple(self._older_charges),
            sent_before=self._sent_before,
            shape=(level, last_levelled_on is None, *told, *(() if met is done else (tuple(met.items()),))),
        )

    def _sum_up(self, entries: Iterable[Entry]) -> tuple[dict[str, int], dict[str, dt.date], dict[str, dt.date | None]]:
        """Return by target how often it was executed, on which day last, and the last deadline."""
        done: dict[str, int] = {}
        last_on: dict[str, dt.date] = {}
        last_pay_by: dict[str, dt.date | None] = {}
        for entry in entries:
            for target in self._targets_of(entry):
                done[target] = done.get(target, 0) + 1
                last_on[target] = entry.day
                last_pay_by[target] = entry.pay_by
        return done, last_on, last_pay_by


def _is_level_alone(entry: Entry) -> bool:
    """Tell whether an entry sets the level by hand."""
    return entry.rule is None and entry.action is None and not entry.channels and entry.level is not None


def _charge(entry: Entry, fee: NamedFee, *, is_of_episode: bool) -> Charge:
    return Charge(
        name=fee.name,
        amount=fee.amount,
        charged_on=entry.day,
        is_of_episode=is_of_episode,
        invoices=entry.invoices,
    )
