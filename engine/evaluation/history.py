"""A caller's history as entries, or every problem in it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from engine.evaluation.reading import Reading, read_day
from engine.loading.rules import HIGHEST_LEVEL
from engine.model.account import Entry, NamedFee
from engine.model.businessdays import first_moment_of, is_reckoned
from engine.model.money import exponent, parse_amount
from engine.model.ruleset import Edition, Rule
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED

_KEYS = frozenset(
    {
        "rule",
        "at",
        "action",
        "ruleset",
        "account",
        "level",
        "channel",
        "also",
        "episode",
        "invoices",
        "pay_by",
        "announced_fee",
        "fee",
        "result",
        "reset",
        "decision_id",
    }
)


def read_instant(value: object, zone: ZoneInfo) -> dt.datetime | None:
    """Return an aware instant; a bare date is the first moment of that day in the zone."""
    day = read_day(value)
    if day is not None:
        return first_moment_of(day, zone)
    instant = value
    if isinstance(value, str):
        try:
            instant = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(instant, dt.datetime) or instant.tzinfo is None or not is_reckoned(instant.date()):
        return None
    return instant


def read_history(
    documents: Sequence[Mapping[str, object]],
    *,
    ruleset: str,
    account: str,
    zone: ZoneInfo,
    edition: Edition,
    preferred: str | None,
) -> tuple[Entry, ...]:
    """Return the entries by instant, those of one instant in the order given; failed ones are left out.

    Raises AccountInvalid with every problem found.
    """
    reading = Reading()
    rules = {rule.id: rule for rule in edition.rules}
    reader = _EntryReader(reading, ruleset, account, zone, rules, preferred)
    read = [reader.read(document, f"/history/{index}") for index, document in enumerate(documents)]
    reading.finish()
    return tuple(sorted((entry for entry in read if entry is not None), key=lambda entry: entry.at))


def check_entry(document: Mapping[str, object], *, zone: ZoneInfo) -> None:
    """Raise AccountInvalid, with every problem, for an entry that no ruleset could read."""
    reading = Reading()
    _EntryReader(reading, "", "", zone, {}, None).read(document, "")
    reading.finish()


class _EntryReader:
    def __init__(
        self,
        reading: Reading,
        ruleset: str,
        account: str,
        zone: ZoneInfo,
        rules: dict[str, Rule],
        preferred: str | None,
    ) -> None:
        self._reading = reading
        self._ruleset = ruleset
        self._account = account
        self._zone = zone
        self._rules = rules
        self._preferred = preferred

    def read(self, document: object, pointer: str) -> Entry | None:
        if not isinstance(document, Mapping):
            self._reading.complain(pointer, "an entry of history is a mapping")
            return None
        for key in document:
            if key not in _KEYS:
                self._reading.complain(f"{pointer}/{key}", f"{key} is no part of a history entry")
        self._reading.text(document, "decision_id", pointer, needed=False)
        at = read_instant(document.get("at"), self._zone)
        if at is None:
            said = "at is a date or an instant with its offset, such as 2026-11-20T09:00:00+01:00"
            self._reading.complain(f"{pointer}/at", f"{said}, not {document.get('at')!r}")
            return None
        reset = document.get("reset")
        if reset is not None and not isinstance(reset, bool):
            self._reading.complain(f"{pointer}/reset", f"reset is true or false, not {reset!r}")
        ruleset = self._reading.text(document, "ruleset", pointer, needed=False)
        account = self._reading.text(document, "account", pointer, needed=False)
        if self._reading.text(document, "result", pointer, needed=False) == "failed":
            return None
        local = at.astimezone(self._zone)
        if reset is True:
            return Entry(
                at=local,
                day=local.date(),
                is_reset=True,
                is_foreign_ruleset=ruleset not in (None, self._ruleset),
                is_foreign_account=account not in (None, self._account),
            )
        if not any(document.get(key) is not None for key in ("rule", "level", "action", "channel", "fee")):
            self._reading.complain(pointer, "an entry names a rule, an action, a level or a reset")
            return None
        return self._executed(document, pointer, local, ruleset=ruleset, account=account)

    def _executed(
        self,
        document: Mapping[str, object],
        pointer: str,
        local: dt.datetime,
        *,
        ruleset: str | None,
        account: str | None,
    ) -> Entry:
        name = self._reading.text(document, "rule", pointer, needed=False)
        is_foreign_ruleset = ruleset not in (None, self._ruleset)
        rule = None if is_foreign_ruleset else self._rules.get(name or "")
        level = self._level(document, pointer)
        if level is None and rule is not None:
            level = rule.level
        action = self._reading.text(document, "action", pointer, needed=False)
        if action is not None and action not in ACTIONS:
            self._reading.complain(f"{pointer}/action", f"{action} is no action: {', '.join(ACTIONS)}")
        episode = self._reading.day(document, "episode", pointer)
        main, also = self._channels(document, pointer, rule)
        return Entry(
            at=local,
            day=local.date(),
            rule=name,
            action=action or (rule.action.type if rule is not None else None),
            level=level,
            channels=(*main, *also),
            also_count=len(also),
            episode=episode.isoformat() if episode is not None else None,
            invoices=self._words(document, "invoices", pointer),
            pay_by=self._reading.day(document, "pay_by", pointer),
            announced_fee=self._fee(document, "announced_fee", pointer),
            fee=self._fee(document, "fee", pointer),
            is_foreign_ruleset=is_foreign_ruleset,
            is_foreign_account=account not in (None, self._account),
        )

    def _level(self, document: Mapping[str, object], pointer: str) -> int | None:
        level = document.get("level")
        if level is None or (type(level) is int and 0 <= level <= HIGHEST_LEVEL):
            return level
        self._reading.complain(f"{pointer}/level", f"level is a whole number from 0 to {HIGHEST_LEVEL}, not {level!r}")
        return None

    def _channels(
        self, document: Mapping[str, object], pointer: str, rule: Rule | None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the channel of the action, if it has one, and those of the actions along with it."""
        channel = self._reading.text(document, "channel", pointer, needed=False)
        also = self._words(document, "also", pointer)
        for key, used in (("channel", channel), *(("also", one) for one in also or ())):
            if used is not None and used not in CHANNELS:
                self._reading.complain(f"{pointer}/{key}", f"{used} is no channel: {', '.join(CHANNELS)}")
        if channel is None and rule is not None:
            channel = self._first(rule.action.channels)
        if also is None and rule is not None:
            firsts = (self._first(action.channels) for action in rule.action.along_with)
            also = tuple(first for first in firsts if first is not None)
        return (channel,) if channel is not None else (), also or ()

    def _first(self, channels: Sequence[str]) -> str | None:
        """Return the channel a rule would try first."""
        for channel in channels:
            if channel != PREFERRED:
                return channel
            if self._preferred is not None:
                return self._preferred
        return None

    def _words(self, document: Mapping[str, object], key: str, pointer: str) -> tuple[str, ...] | None:
        value = document.get(key)
        if value is None:
            return None
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self._reading.complain(f"{pointer}/{key}", f"{key} is a list of words, not {value!r}")
        return None

    def _fee(self, document: Mapping[str, object], key: str, pointer: str) -> NamedFee | None:
        value = document.get(key)
        if value is None:
            return None
        if isinstance(value, Mapping):
            name, amount, currency = (value.get(part) for part in ("name", "amount", "currency"))
            try:
                if isinstance(name, str) and isinstance(currency, str) and exponent(currency) >= 0:
                    return NamedFee(name=name, amount=parse_amount(str(amount), currency), currency=currency)
            except ValueError as error:
                self._reading.complain(f"{pointer}/{key}", f"{key}: {error}")
                return None
        self._reading.complain(f"{pointer}/{key}", f"{key} is {{name, amount, currency}}, not {value!r}")
        return None
