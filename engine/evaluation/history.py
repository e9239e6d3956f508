"""A caller's history as entries, or every problem in it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.accounts import Name
from engine.evaluation.reading import LENGTH_OF_A_DAY, read_day
from engine.loading.grammar.documents import find_entry_problems, read_part
from engine.loading.rules import HIGHEST_LEVEL
from engine.model.account import RESULTS, AccountInvalid, Entry, NamedFee, Problem
from engine.model.businessdays import first_moment_of, is_reckoned
from engine.model.episode import BETWEEN_EPISODES
from engine.model.money import parse_amount
from engine.model.ruleset import Rule
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED

Document = Mapping[str, object]


class FeeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A fee as it stands in a document."""

    name: str
    amount: object
    currency: str


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of history as it stands in a document, each part of its type; ``at`` is read in the account's zone."""

    at: object
    rule: Name | None = None
    action: Name | None = None
    ruleset: Name | None = None
    account: Name | None = None
    level: Annotated[int, msgspec.Meta(ge=0, le=HIGHEST_LEVEL)] | None = None
    channel: Name | None = None
    also: list[str] | None = None
    episode: object = None
    invoices: list[str] | None = None
    pay_by: dt.date | None = None
    announced_fee: FeeLine | None = None
    fee: FeeLine | None = None
    result: Name | None = None
    reset: bool | None = None
    decision_id: Name | None = None


_Lines = list[HistoryLine]


class _Unusual(Exception):
    """Something in an entry is not as its type says; what it is, is said when it is examined."""


def read_instant(value: object, zone: ZoneInfo) -> dt.datetime | None:
    """Return an aware instant; a bare date is the first moment of that day in the zone."""
    instant = value
    if type(value) is str and len(value) > LENGTH_OF_A_DAY:
        try:
            instant = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(instant, dt.datetime):
        return instant if instant.tzinfo is not None and is_reckoned(instant) else None
    day = read_day(value)
    return None if day is None else first_moment_of(day, zone)


class HistoryReader:
    """Reads histories as one ruleset in one currency does."""

    def __init__(self, ruleset: str, rules: Mapping[str, Rule]) -> None:
        self._ruleset = ruleset
        self._rules = rules

    def read(
        self, documents: Sequence[Document], *, account: str, zone: ZoneInfo, preferred: str | None
    ) -> tuple[Entry, ...]:
        """Return the entries by instant, those of one instant in the order given; failed ones are left out.

        Raises AccountInvalid with every problem found.
        """
        if not documents:
            return ()
        try:
            lines = msgspec.convert(documents, _Lines)
            found = [self._make(line, account, zone, preferred) for line in lines]
        except (msgspec.ValidationError, _Unusual, ValueError):
            places = (f"/history/{index}" for index in range(len(documents)))
            _refuse(problem for each in zip(documents, places, strict=True) for problem in find_entry_problems(*each))
            lines = msgspec.convert([read_part(document) for document in documents], _Lines)
            found = [self._make(line, account, zone, preferred) for line in lines]
        entries = [entry for entry in found if entry is not None]
        entries.sort(key=_instant_of)
        return tuple(entries)

    def _make(self, line: HistoryLine, account: str, zone: ZoneInfo, preferred: str | None) -> Entry | None:
        """Return an entry, None for one that failed; what it leaves out is taken from the rule as it is now."""
        at, episode = read_instant(line.at, zone), _read_episode(line.episode)
        if at is None or (episode is None and line.episode is not None) or not _is_sound(line):
            raise _Unusual
        if line.result == "failed":
            return None
        local = at.astimezone(zone)
        is_foreign_ruleset = line.ruleset is not None and line.ruleset != self._ruleset
        is_foreign_account = line.account is not None and line.account != account
        if line.reset:
            return Entry(
                at=at,
                day=local.date(),
                is_reset=True,
                is_foreign_ruleset=is_foreign_ruleset,
                is_foreign_account=is_foreign_account,
            )
        rule = None if is_foreign_ruleset or line.rule is None else self._rules.get(line.rule)
        level, action, channel, also = line.level, line.action, line.channel, line.also
        if rule is not None:
            level = rule.level if level is None else level
            action = rule.action.type if action is None else action
            channel = first_channel(rule.action.channels, preferred) if channel is None else channel
            if also is None:
                firsts = (first_channel(other.channels, preferred) for other in rule.action.along_with)
                also = [first for first in firsts if first is not None]
        also = also or []
        return Entry(
            at=at,
            day=local.date(),
            rule=line.rule,
            action=action,
            level=level,
            channels=(channel, *also) if channel is not None else tuple(also),
            also_count=len(also),
            episode=episode,
            invoices=tuple(line.invoices) if line.invoices is not None else None,
            pay_by=line.pay_by,
            announced_fee=_fee_of(line.announced_fee),
            fee=_fee_of(line.fee),
            is_foreign_ruleset=is_foreign_ruleset,
            is_foreign_account=is_foreign_account,
        )


def _read_episode(value: object) -> str | None:
    """Return the name of an episode: a due date, or ``none``."""
    if value is None:
        return None
    if value == BETWEEN_EPISODES:
        return BETWEEN_EPISODES
    due_on = read_day(value)
    return None if due_on is None else due_on.isoformat()


def check_entry(document: Document) -> None:
    """Raise AccountInvalid, with every problem, for an entry that no ruleset could read."""
    _refuse(find_entry_problems(document, ""))


def _refuse(problems: Iterable[Problem]) -> None:
    if found := tuple(problems):
        raise AccountInvalid(found)


def _instant_of(entry: Entry) -> dt.datetime:
    return entry.at


def _is_sound(line: HistoryLine) -> bool:
    """Tell whether what a type cannot say holds."""
    return (
        (line.action is None or line.action in ACTIONS)
        and (line.result is None or line.result in RESULTS)
        and (line.channel is None or line.channel in CHANNELS)
        and (not line.also or all(channel in CHANNELS for channel in line.also))
        and (line.pay_by is None or is_reckoned(line.pay_by))
        and (line.rule is not None or _is_telling(line))
        and "\0" not in f"{line.rule}{line.ruleset}{line.account}{line.decision_id}"
    )


def _is_telling(line: HistoryLine) -> bool:
    """Tell whether an entry without a rule says anything."""
    said = (line.level, line.action, line.channel, line.fee)
    return line.reset is True or line.result == "failed" or any(part is not None for part in said)


def first_channel(channels: Sequence[str], preferred: str | None) -> str | None:
    """Return the channel a rule would try first."""
    for channel in channels:
        if channel != PREFERRED:
            return channel
        if preferred is not None:
            return preferred
    return None


def _fee_of(line: FeeLine | None) -> NamedFee | None:
    """Return a fee; raises ValueError for an amount or a currency that is none."""
    if line is None:
        return None
    return NamedFee(name=line.name, amount=parse_amount(str(line.amount), line.currency), currency=line.currency)
