"""What was executed, as far as decisions ask: the entries of a history, counted."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from engine.model.account import Entry, NamedFee
from engine.model.money import Charge
from engine.model.ruleset import After, Rule
from engine.model.vocabulary import ACTIONS


def level_target(level: int) -> str:
    """Name "any rule of exactly this level" as a target; no rule id contains a space."""
    return f"level {level}"


def target_of(after: After) -> str:
    """Return whose executions an ``after`` counts."""
    return after.rule if after.rule is not None else level_target(after.level or 0)


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """What the seen entries amount to; targets are rule ids and "level n".

    ``contacts`` and ``attempts`` are of all history, the rest is of the current episode, but the charges, which name
    their own; ``older_charges`` lie before a reset.
    """

    level: int = 0
    done: dict[str, int] = {}
    last_on: dict[str, dt.date] = {}
    last_pay_by: dict[str, dt.date | None] = {}
    last_levelled_on: dt.date | None = None
    last_rule: str | None = None
    contacts: tuple[tuple[dt.date, str], ...] = ()
    attempts: tuple[dt.date, ...] = ()
    announced: NamedFee | None = None
    charges: tuple[Charge, ...] = ()
    older_charges: tuple[Charge, ...] = ()
    sent_before: int = 0


NOTHING_EXECUTED = Executed()


def tally(
    entries: Sequence[Entry],
    *,
    episode: str | None,
    rules: Mapping[str, Rule],
    given_level: int | None,
    currency: str,
) -> Executed:
    """Count the entries (language.md 5.3, 5.4 and the undoing of section 5)."""
    own = [entry for entry in entries if not entry.is_foreign_account]
    ours = [entry for entry in own if not entry.is_foreign_ruleset]
    count = _Count()
    for entry in ours:
        count.add(entry, episode, rules, currency)
    is_counted = given_level is None
    return Executed(
        level=count.level() if is_counted else given_level or 0,
        done=count.done() if is_counted else {},
        last_on=count.last_on() if is_counted else {},
        last_pay_by=count.last_pay_by() if is_counted else {},
        last_levelled_on=count.last_levelled_on if is_counted else None,
        last_rule=count.last_rule,
        contacts=tuple((entry.day, channel) for entry in entries for channel in entry.channels),
        attempts=tuple(entry.day for entry in own if entry.action == "retry_payment"),
        announced=count.announced,
        charges=tuple(count.charges),
        older_charges=tuple(count.older_charges),
        sent_before=count.sent_before,
    )


class _Count:
    """The entries of this ruleset and account, added one by one."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._base_level = 0
        self._climbed: list[tuple[str | None, int]] = []
        self.last_levelled_on: dt.date | None = None
        self.last_rule: str | None = None
        self.announced: NamedFee | None = None
        self.charges: list[Charge] = []
        self.older_charges: list[Charge] = []
        self.sent_before = 0

    def add(self, entry: Entry, episode: str | None, rules: Mapping[str, Rule], currency: str) -> None:
        if entry.is_reset:
            self._reset()
            return
        if entry.fee is not None and entry.fee.currency == currency:
            self.charges.append(_charge(entry, entry.fee, episode))
        if episode is None or (entry.episode is not None and entry.episode != episode):
            return
        if entry.rule is None and entry.action is None and not entry.channels and entry.level is not None:
            self._base_level = entry.level
            self._climbed = []
            return
        self._execute(entry, rules, currency)

    def _execute(self, entry: Entry, rules: Mapping[str, Rule], currency: str) -> None:
        rule = rules.get(entry.rule or "")
        if rule is not None and rule.undoes:
            undone = set(rule.undoes)
            self._entries = [other for other in self._entries if other.rule not in undone]
            self._climbed = [(name, level) for name, level in self._climbed if name not in undone]
        if entry.rule is not None:
            self._entries.append(entry)
            self.last_rule = entry.rule
        if entry.level is not None:
            self._climbed.append((entry.rule, entry.level))
            self.last_levelled_on = entry.day
        if entry.announced_fee is not None and entry.announced_fee.currency == currency:
            self.announced = entry.announced_fee
        is_contact = entry.action in ACTIONS and ACTIONS[entry.action or ""].is_contact
        self.sent_before += entry.also_count + int(is_contact)

    def _reset(self) -> None:
        self._entries = []
        self._base_level = 0
        self._climbed = []
        self.last_levelled_on = self.last_rule = self.announced = None
        self.older_charges.extend(self.charges)
        self.charges = []
        self.sent_before = 0

    def level(self) -> int:
        return max([self._base_level, *(level for _, level in self._climbed)])

    def _by_target(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._entries:
            found.setdefault(entry.rule or "", []).append(entry)
            if entry.level is not None:
                found.setdefault(level_target(entry.level), []).append(entry)
        return found

    def done(self) -> dict[str, int]:
        return {target: len(entries) for target, entries in self._by_target().items()}

    def last_on(self) -> dict[str, dt.date]:
        return {target: entries[-1].day for target, entries in self._by_target().items()}

    def last_pay_by(self) -> dict[str, dt.date | None]:
        return {target: entries[-1].pay_by for target, entries in self._by_target().items()}


def _charge(entry: Entry, fee: NamedFee, episode: str | None) -> Charge:
    named = entry.episode if entry.episode is not None else episode
    return Charge(
        name=fee.name,
        amount=fee.amount,
        charged_on=entry.day,
        episode_on=dt.date.fromisoformat(named) if named is not None else None,
        invoices=entry.invoices,
    )
