"""A caller's history as entries, or every problem in it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.accounts import Name
from engine.evaluation.reading import LENGTH_OF_A_DAY, Reading, read_day
from engine.loading.rules import HIGHEST_LEVEL
from engine.model.account import Entry, NamedFee
from engine.model.businessdays import first_moment_of, is_reckoned
from engine.model.money import exponent, parse_amount
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
    episode: dt.date | None = None
    invoices: list[str] | None = None
    pay_by: dt.date | None = None
    announced_fee: FeeLine | None = None
    fee: FeeLine | None = None
    result: Name | None = None
    reset: bool | None = None
    decision_id: Name | None = None


_KEYS = frozenset(HistoryLine.__struct_fields__)
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
            reading = Reading()
            examiner = _Examiner(reading, zone)
            examined = [examiner.examine(document, f"/history/{index}") for index, document in enumerate(documents)]
            reading.finish()
            found = [self._make(line, account, zone, preferred) for line in examined if line is not None]
        entries = [entry for entry in found if entry is not None]
        entries.sort(key=_instant_of)
        return tuple(entries)

    def _make(self, line: HistoryLine, account: str, zone: ZoneInfo, preferred: str | None) -> Entry | None:
        """Return an entry, None for one that failed; what it leaves out is taken from the rule as it is now."""
        at = read_instant(line.at, zone)
        if at is None or not _is_sound(line):
            raise _Unusual
        if line.result == "failed":
            return None
        local = at.astimezone(zone)
        is_foreign_ruleset = line.ruleset is not None and line.ruleset != self._ruleset
        is_foreign_account = line.account is not None and line.account != account
        if line.reset:
            return Entry(
                at=local,
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
            channel = _first(rule.action.channels, preferred) if channel is None else channel
            if also is None:
                firsts = (_first(other.channels, preferred) for other in rule.action.along_with)
                also = [first for first in firsts if first is not None]
        also = also or []
        return Entry(
            at=local,
            day=local.date(),
            rule=line.rule,
            action=action,
            level=level,
            channels=(channel, *also) if channel is not None else tuple(also),
            also_count=len(also),
            episode=line.episode.isoformat() if line.episode is not None else None,
            invoices=tuple(line.invoices) if line.invoices is not None else None,
            pay_by=line.pay_by,
            announced_fee=_fee_of(line.announced_fee),
            fee=_fee_of(line.fee),
            is_foreign_ruleset=is_foreign_ruleset,
            is_foreign_account=is_foreign_account,
        )


def check_entry(document: Document, *, zone: ZoneInfo) -> None:
    """Raise AccountInvalid, with every problem, for an entry that no ruleset could read."""
    reading = Reading()
    _Examiner(reading, zone).examine(document, "")
    reading.finish()


def _instant_of(entry: Entry) -> dt.datetime:
    return entry.at


def _is_sound(line: HistoryLine) -> bool:
    """Tell whether what a type cannot say holds."""
    return (
        (line.action is None or line.action in ACTIONS)
        and (line.channel is None or line.channel in CHANNELS)
        and (not line.also or all(channel in CHANNELS for channel in line.also))
        and (line.episode is None or is_reckoned(line.episode))
        and (line.pay_by is None or is_reckoned(line.pay_by))
        and (line.rule is not None or _is_telling(line))
        and "\0" not in f"{line.rule}{line.ruleset}{line.account}{line.result}{line.decision_id}"
    )


def _is_telling(line: HistoryLine) -> bool:
    """Tell whether an entry without a rule says anything."""
    said = (line.level, line.action, line.channel, line.fee)
    return line.reset is True or line.result == "failed" or any(part is not None for part in said)


def _first(channels: Sequence[str], preferred: str | None) -> str | None:
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


class _Examiner:
    """Says all that is wrong with entries."""

    def __init__(self, reading: Reading, zone: ZoneInfo) -> None:
        self._reading = reading
        self._zone = zone

    def examine(self, document: object, pointer: str) -> HistoryLine | None:
        """Return an entry's line; None for one that failed, or that cannot be read."""
        reading = self._reading
        if not isinstance(document, Mapping):
            reading.complain(pointer, "an entry of history is a mapping")
            return None
        for key in document:
            if key not in _KEYS:
                reading.complain(f"{pointer}/{key}", f"{key} is no part of a history entry")
        reading.text(document, "decision_id", pointer, needed=False)
        at = document.get("at")
        if read_instant(at, self._zone) is None:
            said = "at is a date or an instant with its offset, such as 2026-11-20T09:00:00+01:00"
            reading.complain(f"{pointer}/at", f"{said}, not {at!r}")
            return None
        reset = document.get("reset")
        if reset is not None and not isinstance(reset, bool):
            reading.complain(f"{pointer}/reset", f"reset is true or false, not {reset!r}")
        ruleset = reading.text(document, "ruleset", pointer, needed=False)
        account = reading.text(document, "account", pointer, needed=False)
        if reading.text(document, "result", pointer, needed=False) == "failed":
            return None
        if reset is True:
            return HistoryLine(at=at, reset=True, ruleset=ruleset, account=account)
        if not any(document.get(key) is not None for key in ("rule", "level", "action", "channel", "fee")):
            reading.complain(pointer, "an entry names a rule, an action, a level or a reset")
            return None
        return HistoryLine(
            at=at,
            ruleset=ruleset,
            account=account,
            rule=reading.text(document, "rule", pointer, needed=False),
            level=self._level(document, pointer),
            action=self._action(document, pointer),
            episode=reading.day(document, "episode", pointer),
            channel=self._channel(document, pointer),
            also=self._also(document, pointer),
            invoices=self._words(document, "invoices", pointer),
            pay_by=reading.day(document, "pay_by", pointer),
            announced_fee=self._fee(document, "announced_fee", pointer),
            fee=self._fee(document, "fee", pointer),
        )

    def _level(self, document: Document, pointer: str) -> int | None:
        level = document.get("level")
        if level is None:
            return None
        if isinstance(level, int) and not isinstance(level, bool) and 0 <= level <= HIGHEST_LEVEL:
            return level
        self._reading.complain(f"{pointer}/level", f"level is a whole number from 0 to {HIGHEST_LEVEL}, not {level!r}")
        return None

    def _action(self, document: Document, pointer: str) -> str | None:
        action = self._reading.text(document, "action", pointer, needed=False)
        if action is not None and action not in ACTIONS:
            self._reading.complain(f"{pointer}/action", f"{action} is no action: {', '.join(ACTIONS)}")
        return action

    def _channel(self, document: Document, pointer: str) -> str | None:
        channel = self._reading.text(document, "channel", pointer, needed=False)
        self._need_channels(f"{pointer}/channel", () if channel is None else (channel,))
        return channel

    def _also(self, document: Document, pointer: str) -> list[str] | None:
        also = self._words(document, "also", pointer)
        self._need_channels(f"{pointer}/also", also or ())
        return also

    def _need_channels(self, pointer: str, channels: Sequence[str]) -> None:
        for channel in channels:
            if channel not in CHANNELS:
                self._reading.complain(pointer, f"{channel} is no channel: {', '.join(CHANNELS)}")

    def _words(self, document: Document, key: str, pointer: str) -> list[str] | None:
        value = document.get(key)
        if value is None:
            return None
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return list(value)
        self._reading.complain(f"{pointer}/{key}", f"{key} is a list of words, not {value!r}")
        return None

    def _fee(self, document: Document, key: str, pointer: str) -> FeeLine | None:
        value = document.get(key)
        if value is None:
            return None
        if isinstance(value, Mapping):
            name, amount, currency = (value.get(part) for part in ("name", "amount", "currency"))
            try:
                if isinstance(name, str) and isinstance(currency, str) and exponent(currency) >= 0:
                    parse_amount(str(amount), currency)
                    return FeeLine(name=name, amount=amount, currency=currency)
            except ValueError as error:
                self._reading.complain(f"{pointer}/{key}", f"{key}: {error}")
                return None
        self._reading.complain(f"{pointer}/{key}", f"{key} is {{name, amount, currency}}, not {value!r}")
        return None
