"""What was executed, as it counts for one account on one day (language.md 5.3 to 5.5, undoes, 7.2)."""

import datetime as dt
from typing import Any

import msgspec

from tests.oracle.clock import to_date, to_instant
from tests.oracle.invoices import Invoice
from tests.oracle.ruleset import Action, Ruleset
from tests.oracle.values import exponent, scale
from tests.oracle.vocabulary import CONTACT_ACTIONS

BETWEEN = "none"  # the name of the episode in which nothing is open (5.4a)


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A fee of an entry, announced or charged."""

    name: str
    amount: int


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """An executed entry of this account and ruleset.

    Of an entry of the episode, `counts` is false where none of its invoices is open any more (5.4), and `answers` is
    false where it satisfies no `after` and is no announcement (5.4a).
    """

    on: dt.date
    rule: str
    action: str | None
    level: int | None
    channels: tuple[str, ...]
    also_count: int
    in_episode: bool
    counts: bool
    answers: bool
    invoices: tuple[str, ...] | None
    pay_by: dt.date | None
    announced: Charge | None
    fee: Charge | None


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that sets the account's level."""

    level: int


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """What of a day decides which entries count: equal ones give an equal Past."""

    episode: str
    open_ids: frozenset[str] | None  # None where the account carries no invoices
    issued_from: dt.date | None  # the earliest `issued_on`, where every open undisputed invoice names one
    first_days: tuple[tuple[str, dt.date], ...]  # the first day that counts, of each rule with a window (5.4b)

    @classmethod
    def of(
        cls,
        episode: str,
        invoices: tuple[Invoice, ...],
        windows: tuple[tuple[str, dt.date], ...],
        *,
        has_invoices: bool,
    ) -> "Now":
        """Tell it from the invoices open and undisputed on the day."""
        issued = [item.issued_on for item in invoices]
        known = [on for on in issued if on is not None]
        return cls(
            episode=episode,
            open_ids=frozenset(item.id for item in invoices) if has_invoices else None,
            issued_from=min(known) if known and len(known) == len(issued) else None,
            first_days=windows,
        )

    @property
    def windows(self) -> dict[str, dt.date]:
        """The first days by rule."""
        return dict(self.first_days)


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that history says; nothing here depends on the day asked but through its dates and `Now`."""

    contacts: tuple[tuple[dt.date, str], ...] = ()
    attempts: tuple[dt.date, ...] = ()
    executions: tuple[Execution, ...] = ()  # of this episode, since the last reset
    standing: tuple[Execution, ...] = ()  # those of them that were not undone
    level: int = 0
    last_levelled_on: dt.date | None = None  # the day of the last executed levelled rule of the episode
    charges: tuple[Execution, ...] = ()  # entries with a fee above nothing, any episode, since the last reset
    old_charges: tuple[Execution, ...] = ()  # the same, those before the last reset and of no episode too

    @property
    def last_rule(self) -> str | None:
        """The last executed rule of the episode."""
        return self.executions[-1].rule if self.executions else None

    @property
    def last_announced(self) -> Charge | None:
        """The last announced fee among the episode's entries."""
        return next((entry.announced for entry in reversed(self.executions) if entry.answers and entry.announced), None)

    @property
    def sent_before(self) -> int:
        """How many contact actions were executed in this episode."""
        return sum((entry.action in CONTACT_ACTIONS) + entry.also_count for entry in self.executions)


class Reader:
    """The history of one question, read for a day."""

    def __init__(
        self,
        history: list[dict[str, Any]],
        ruleset: Ruleset,
        account_id: str,
        zone: dt.tzinfo,
        as_of: dt.datetime,
        preferred: str | None,
    ) -> None:
        dated = [(to_instant(entry["at"], zone), entry) for entry in history if entry.get("result") != "failed"]
        seen = sorted((pair for pair in dated if pair[0] <= as_of), key=lambda pair: pair[0])
        self.seen = [(at.astimezone(zone).date(), entry) for at, entry in seen]
        self.ruleset = ruleset
        self.account_id = account_id
        self.preferred = preferred
        self.between_from = max(
            (
                index + 1
                for index, (_, entry) in enumerate(self.seen)
                if self._is_ours(entry) and entry.get("episode") not in (None, BETWEEN)
            ),
            default=0,
        )

    def _is_mine(self, entry: dict[str, Any]) -> bool:
        return bool(entry.get("account", self.account_id) == self.account_id)

    def _is_ours(self, entry: dict[str, Any]) -> bool:
        return self._is_mine(entry) and entry.get("ruleset", self.ruleset.id) == self.ruleset.id

    def read(self, now: Now) -> Past:
        """Sort out the history as it counts on such a day."""
        contacts: list[tuple[dt.date, str]] = []
        attempts: list[dt.date] = []
        steps: list[Execution | Marker] = []
        charges: list[Execution] = []
        old_charges: list[Execution] = []
        for index, (on, entry) in enumerate(self.seen):
            ours = self._is_ours(entry)
            if "rule" not in entry:
                if ours and entry.get("reset"):
                    steps.clear()
                    charges.clear()
                elif ours and "level" in entry and self._belongs(index, now) and self._counts(index, now):
                    steps.append(Marker(level=entry["level"]))
                continue
            execution = self._read_execution(index, now)
            contacts.extend((on, channel) for channel in execution.channels)
            if self._is_mine(entry) and execution.action == "retry_payment":
                attempts.append(on)
            if not ours:
                continue
            if execution.in_episode:
                steps.append(execution)
            if execution.fee is not None and execution.fee.amount > 0:
                old_charges.append(execution)
                if not self._is_of_no_episode(index, now):
                    charges.append(execution)
        executions = [step for step in steps if isinstance(step, Execution)]
        standing = self._not_undone(steps)
        return Past(
            contacts=tuple(contacts),
            attempts=tuple(attempts),
            executions=tuple(step for step in executions if step.counts),
            standing=tuple(step for step in standing if isinstance(step, Execution)),
            level=_level(standing),
            last_levelled_on=next((step.on for step in reversed(executions) if step.level is not None), None),
            charges=tuple(charges),
            old_charges=tuple(old_charges),
        )

    # Which entries are of the episode

    def _belongs(self, index: int, now: Now) -> bool:
        on, entry = self.seen[index]
        if entry.get("rule") in now.windows:
            return on >= now.windows[entry["rule"]]
        if now.episode == BETWEEN:
            return index >= self.between_from
        named = entry.get("episode")
        return named == now.episode if named is not None else not self._is_of_no_episode(index, now)

    def _is_of_no_episode(self, index: int, now: Now) -> bool:
        """Whether it names no episode and lies before the first of the open invoices was issued."""
        on, entry = self.seen[index]
        if entry.get("episode") is not None or entry.get("rule") in now.windows:
            return False
        return now.issued_from is not None and on < now.issued_from

    def _counts(self, index: int, now: Now) -> bool:
        """Whether it names no invoice, or one that is open and undisputed."""
        _, entry = self.seen[index]
        named = entry.get("invoices")
        if not named or now.open_ids is None or entry.get("rule") in now.windows:
            return True
        return not now.open_ids.isdisjoint(named)

    def _answers(self, index: int, now: Now) -> bool:
        _, entry = self.seen[index]
        return now.episode != BETWEEN or entry.get("episode") == BETWEEN or entry["rule"] in now.windows

    def _read_execution(self, index: int, now: Now) -> Execution:
        """Read an entry; what it leaves out, its channels too, is taken from the rule of that id as it is now."""
        on, entry = self.seen[index]
        ours = self._is_ours(entry)
        known = entry.get("ruleset", self.ruleset.id) == self.ruleset.id
        rule = self.ruleset.by_id.get(entry["rule"]) if known else None
        beside = rule.action.along_with if rule else ()
        channel = entry.get("channel", _first(rule.action, self.preferred) if rule else None)
        firsts = [_first(action, self.preferred) for action in beside]
        also = tuple(entry.get("also", [first for first in firsts if first is not None]))
        return Execution(
            on=on,
            rule=entry["rule"],
            action=entry.get("action", rule.action.type if rule else None),
            level=entry.get("level", rule.level if rule else None),
            channels=((channel,) if channel is not None else ()) + also,
            also_count=len(also),
            in_episode=ours and self._belongs(index, now),
            counts=self._counts(index, now),
            answers=self._answers(index, now),
            invoices=tuple(entry["invoices"]) if entry.get("invoices") is not None else None,
            pay_by=to_date(entry["pay_by"]) if entry.get("pay_by") is not None else None,
            announced=_read_charge(entry.get("announced_fee")),
            fee=_read_charge(entry.get("fee")),
        )

    def _not_undone(self, steps: list[Execution | Marker]) -> list[Execution | Marker]:
        """Leave out what does not count, and each execution that a later one of the episode undoes."""
        standing: list[Execution | Marker] = []
        for step in steps:
            rule = self.ruleset.by_id.get(step.rule) if isinstance(step, Execution) else None
            if rule is not None and rule.undoes:
                standing = [old for old in standing if isinstance(old, Marker) or old.rule not in rule.undoes]
            if isinstance(step, Marker) or step.counts:
                standing.append(step)
        return standing


def _first(action: Action, preferred: str | None) -> str | None:
    wanted = [preferred if channel == "preferred" else channel for channel in action.channels]
    return next((channel for channel in wanted if channel is not None), None)


def _read_charge(node: dict[str, Any] | None) -> Charge | None:
    if node is None:
        return None
    return Charge(name=node["name"], amount=scale(node["amount"], exponent(node["currency"])))


def _level(standing: list[Execution | Marker]) -> int:
    level = 0
    for step in standing:
        if isinstance(step, Marker):
            level = step.level
        elif step.level is not None:
            level = max(level, step.level)
    return level
