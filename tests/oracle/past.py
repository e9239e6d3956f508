"""What was executed, as it counts for one account at one instant (language.md 5.3 to 5.5, undoes, 7.2)."""

import datetime as dt
from typing import Any

import msgspec

from tests.oracle.clock import to_date, to_instant
from tests.oracle.ruleset import Action, Ruleset
from tests.oracle.values import exponent, scale
from tests.oracle.vocabulary import CONTACT_ACTIONS


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A fee of an entry, announced or charged."""

    name: str
    amount: int


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """An executed entry of this account and ruleset."""

    on: dt.date
    rule: str
    action: str | None
    level: int | None
    channels: tuple[str, ...]
    also_count: int
    in_episode: bool
    invoices: tuple[str, ...] | None
    pay_by: dt.date | None
    announced: Charge | None
    fee: Charge | None


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that sets the account's level."""

    level: int


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that history says; nothing here depends on the day asked but through its dates."""

    contacts: tuple[tuple[dt.date, str], ...] = ()
    attempts: tuple[dt.date, ...] = ()
    executions: tuple[Execution, ...] = ()  # of this episode, since the last reset
    standing: tuple[Execution, ...] = ()  # those of them that were not undone
    level: int = 0
    charges: tuple[Execution, ...] = ()  # entries with a fee above nothing, any episode, since the last reset
    old_charges: tuple[Execution, ...] = ()  # the same, those before the last reset too

    @property
    def last_levelled_on(self) -> dt.date | None:
        """The day of the last executed levelled rule of the episode."""
        return next((entry.on for entry in reversed(self.executions) if entry.level is not None), None)

    @property
    def last_rule(self) -> str | None:
        """The last executed rule of the episode."""
        return self.executions[-1].rule if self.executions else None

    @property
    def last_announced(self) -> Charge | None:
        """The last announced fee among the episode's entries."""
        return next((entry.announced for entry in reversed(self.executions) if entry.announced), None)

    @property
    def sent_before(self) -> int:
        """How many contact actions were executed in this episode."""
        return sum((entry.action in CONTACT_ACTIONS) + entry.also_count for entry in self.executions)


def read_past(
    history: list[dict[str, Any]],
    ruleset: Ruleset,
    account_id: str,
    zone: dt.tzinfo,
    as_of: dt.datetime,
    episode: dt.date | None,
    preferred: str | None,
) -> Past:
    """Sort out the history that is seen at `as_of`."""
    dated = [(to_instant(entry["at"], zone), entry) for entry in history if entry.get("result") != "failed"]
    seen = sorted((pair for pair in dated if pair[0] <= as_of), key=lambda pair: pair[0])
    contacts: list[tuple[dt.date, str]] = []
    attempts: list[dt.date] = []
    steps: list[Execution | Marker] = []
    charges: list[Execution] = []
    old_charges: list[Execution] = []
    for at, entry in seen:
        mine = entry.get("account", account_id) == account_id
        ours = mine and entry.get("ruleset", ruleset.id) == ruleset.id
        if "rule" not in entry:
            if ours and entry.get("reset"):
                steps.clear()
                charges.clear()
            elif ours and "level" in entry and _belongs(entry, episode):
                steps.append(Marker(level=entry["level"]))
            continue
        on = at.astimezone(zone).date()
        known = ruleset if entry.get("ruleset", ruleset.id) == ruleset.id else None
        execution = _read_execution(entry, on, known, preferred, in_episode=ours and _belongs(entry, episode))
        contacts.extend((on, channel) for channel in execution.channels)
        if mine and execution.action == "retry_payment":
            attempts.append(on)
        if not ours:
            continue
        if execution.in_episode:
            steps.append(execution)
        if execution.fee is not None and execution.fee.amount > 0:
            charges.append(execution)
            old_charges.append(execution)
    executions = tuple(step for step in steps if isinstance(step, Execution))
    standing = _not_undone(steps, ruleset)
    return Past(
        contacts=tuple(contacts),
        attempts=tuple(attempts),
        executions=executions,
        standing=tuple(step for step in standing if isinstance(step, Execution)),
        level=_level(standing),
        charges=tuple(charges),
        old_charges=tuple(old_charges),
    )


def _belongs(entry: dict[str, Any], episode: dt.date | None) -> bool:
    if episode is None:
        return False
    named = entry.get("episode")
    return named is None or to_date(named) == episode


def _read_execution(
    entry: dict[str, Any], on: dt.date, ruleset: Ruleset | None, preferred: str | None, *, in_episode: bool
) -> Execution:
    """Read an entry; what it leaves out, its channels too, is taken from the rule of that id as it is now."""
    rule = ruleset.by_id.get(entry["rule"]) if ruleset else None
    beside = rule.action.along_with if rule else ()
    channel = entry.get("channel", _first(rule.action, preferred) if rule else None)
    firsts = [_first(action, preferred) for action in beside]
    also = tuple(entry.get("also", [first for first in firsts if first is not None]))
    return Execution(
        on=on,
        rule=entry["rule"],
        action=entry.get("action", rule.action.type if rule else None),
        level=entry.get("level", rule.level if rule else None),
        channels=((channel,) if channel is not None else ()) + also,
        also_count=len(also),
        in_episode=in_episode,
        invoices=tuple(entry["invoices"]) if entry.get("invoices") is not None else None,
        pay_by=to_date(entry["pay_by"]) if entry.get("pay_by") is not None else None,
        announced=_read_charge(entry.get("announced_fee")),
        fee=_read_charge(entry.get("fee")),
    )


def _first(action: Action, preferred: str | None) -> str | None:
    wanted = [preferred if channel == "preferred" else channel for channel in action.channels]
    return next((channel for channel in wanted if channel is not None), None)


def _read_charge(node: dict[str, Any] | None) -> Charge | None:
    if node is None:
        return None
    return Charge(name=node["name"], amount=scale(node["amount"], exponent(node["currency"])))


def _not_undone(steps: list[Execution | Marker], ruleset: Ruleset) -> list[Execution | Marker]:
    """Leave out each execution that a later one of the episode undoes."""
    standing: list[Execution | Marker] = []
    for step in steps:
        rule = ruleset.by_id.get(step.rule) if isinstance(step, Execution) else None
        if rule is not None and rule.undoes:
            standing = [old for old in standing if isinstance(old, Marker) or old.rule not in rule.undoes]
        standing.append(step)
    return standing


def _level(standing: list[Execution | Marker]) -> int:
    level = 0
    for step in standing:
        if isinstance(step, Marker):
            level = step.level
        elif step.level is not None:
            level = max(level, step.level)
    return level
