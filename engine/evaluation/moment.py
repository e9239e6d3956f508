"""An account at an instant: the point that the boxes are asked about."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from engine.conditions import plan
from engine.conditions.sets import Value as Coordinate
from engine.evaluation.compiled import EditionCode, Narrowed
from engine.evaluation.history import NOTHING_EXECUTED, Executed, tally
from engine.evaluation.invoices import OpenInvoices
from engine.evaluation.reading import is_reckoned
from engine.evaluation.schedule import first_moment_of, timing_day
from engine.model.account import Account, Entry
from engine.model.ruleset import ContactLimit, Experiment
from engine.model.vocabulary import LARGEST_INTEGER, PREFERRED, Fact, Value

_CONTACT_WINDOWS = {"contacts_last_7_days": 7, "contacts_last_30_days": 30}
_BUCKETS = 10_000
_BUCKETS_A_PERCENT = 100


class Situation:
    """What is known of an account, whatever the day: its facts as given, its invoices and its history.

    ``oldest_due_on`` names the episode, None if nothing is known to be open. Of ``executed``, entries after the instant
    asked about are not seen, on later days neither.
    """

    def __init__(
        self,
        code: EditionCode,
        account: Account,
        entries: Sequence[Entry],
        *,
        as_of: dt.datetime,
    ) -> None:
        self.code = code
        self.account = account
        self.entries = [entry for entry in entries if entry.at <= as_of]
        self.as_of = as_of.astimezone(account.zone)
        self.day = self.as_of.date()
        self.facts_on = account.facts_on or self.day
        self.open = OpenInvoices(account.invoices) if account.invoices is not None else None
        self.oldest_due_on = self._find_oldest_due_on()
        self.executed = self._tally()
        self.is_contact_barred = self._given("do_not_contact") is True
        channels, preferred = self._given("channels"), self._given("preferred_channel")
        self.channels = channels if isinstance(channels, tuple) else ()
        self.preferred = preferred if isinstance(preferred, str) else None
        self._unmoved: dict[str, Coordinate] | None = None
        self._by_open_channels: dict[tuple[frozenset[str], frozenset[str]], Mapping[str, Coordinate]] = {}
        self._narrowed: Narrowed | None = None

    def _given(self, name: str) -> Value | None:
        """Return the value of a fact that is the same on every day."""
        value = self.account.given.get(name)
        return self.code.edition.facts[name].default if value is None else value

    def _find_oldest_due_on(self) -> dt.date | None:
        if self.open is not None:
            return self.open.oldest_due_on
        days = self.account.given.get("days_overdue")
        if not isinstance(days, int):
            return None
        try:
            due_on = self.facts_on - dt.timedelta(days=days)
        except OverflowError:
            return None
        return due_on if is_reckoned(due_on) else None

    def _tally(self) -> Executed:
        level = self.account.given.get("dunning_level")
        given_level = level if isinstance(level, int) else None
        if not self.entries:
            return NOTHING_EXECUTED if given_level is None else Executed(level=given_level)
        return tally(
            self.entries,
            episode=self.oldest_due_on.isoformat() if self.oldest_due_on is not None else None,
            rules=self.code.rules,
            given_level=given_level,
            currency=self.account.currency,
        )

    def at(self, instant: dt.datetime) -> "Moment":
        """Return the account at an instant."""
        return Moment(self, instant)

    def on(self, day: dt.date) -> "Moment":
        """Return the account at the first moment of a later day."""
        return Moment(self, first_moment_of(day, self.account.zone))

    def unmoved(self, moment: "Moment") -> Mapping[str, Coordinate]:
        """Return the coordinates that are the same on every day, read at one of them."""
        if self._unmoved is None:
            defaults, given = self.code.defaults, self.account.given
            # A fact that is no set has no tuple for a value.
            said = {name: value for name, value in given.items() if name in defaults and not isinstance(value, tuple)}
            self._unmoved = {**defaults, **said, **moment.coordinates(self.code.worked_out_keys)}
        return self._unmoved

    def of_channels(self, moment: "Moment") -> Mapping[str, Coordinate]:
        """Return the coordinates that say which rules reach the account; they are alike where the open channels are."""
        channels = moment.open_channels, frozenset(moment.over_limit)
        if channels not in self._by_open_channels:
            self._by_open_channels[channels] = moment.coordinates(self.code.channel_keys)
        return self._by_open_channels[channels]

    def narrowed(self, moment: "Moment | None" = None) -> Narrowed:
        """Return what these coordinates leave of the ruleset, read at any moment."""
        if self._narrowed is None:
            self._narrowed = self.code.narrow((moment or self.at(self.as_of)).point)
        return self._narrowed


class Moment:
    """An account at one instant of one local day."""

    def __init__(self, situation: Situation, instant: dt.datetime) -> None:
        self.situation = situation
        self.code = situation.code
        self.instant = instant
        self.day = instant.astimezone(situation.account.zone).date()
        self.executed = situation.executed
        self.channels = situation.channels
        self.preferred = situation.preferred
        self.over_limit = self._find_over_limit() if self.code.ruleset.contact_limits else {}
        self.open_channels = self._find_open_channels()
        self.variants = self._draw_variants() if self.code.experiments else {}
        self._point: dict[str, Coordinate] | None = None

    def fact(self, name: str) -> Value | None:
        """Return a fact's typed value, None for missing."""
        return fact_value(self.situation, self.code.edition.facts[name], self.day, self.executed)

    def _find_over_limit(self) -> dict[str, ContactLimit]:
        """Return the account's channels that a contact limit closes now, with the limit."""
        closed: dict[str, ContactLimit] = {}
        contacts = self.executed.contacts
        for limit in self.code.ruleset.contact_limits:
            since = self.day - dt.timedelta(days=limit.per_days - 1)
            counted = (since <= day <= self.day and limit.channel in {None, channel} for day, channel in contacts)
            used = sum(counted) if contacts else 0
            if used >= limit.at_most:
                for channel in self.channels if limit.channel is None else (limit.channel,):
                    closed.setdefault(channel, limit)
        return closed

    def _find_open_channels(self) -> frozenset[str]:
        """Return the channels open now (language.md 5.5)."""
        if self.situation.is_contact_barred:
            return frozenset()
        return frozenset(self.channels).difference(self.over_limit)

    def first_open(self, order: Iterable[str]) -> str | None:
        """Return the first open channel of a rule's order (language.md 6.3)."""
        return _first(order, self.open_channels, self.preferred)

    def is_limited(self, order: Sequence[str]) -> bool:
        """Tell whether only contact limits keep every channel of a rule's order closed."""
        if not self.over_limit or self.situation.is_contact_barred or self.first_open(order) is not None:
            return False
        return _first(order, frozenset(self.channels), self.preferred) is not None

    def attempts_in(self, per_days: int) -> int:
        """Count the payment attempts of today and the days before, so many days in all."""
        if not self.executed.attempts:
            return 0
        since = self.day - dt.timedelta(days=per_days - 1)
        return sum(since <= day <= self.day for day in self.executed.attempts)

    def _draw_variants(self) -> dict[str, str]:
        """Return the account's variant of each experiment that the ruleset asks about."""
        used = self.code.experiments
        return {
            experiment.id: variant_of(experiment, self.situation.account.id, self.day)
            for experiment in self.code.ruleset.experiments
            if experiment.id in used
        }

    @property
    def point(self) -> dict[str, Coordinate]:
        """Return the coordinate of every dimension of the plan."""
        if self._point is None:
            settled = {**self.situation.unmoved(self), **self.situation.of_channels(self)}
            self._point = settled | self.coordinates(self.code.moved_keys)
        return self._point

    def coordinates(self, keys: Iterable[str]) -> dict[str, Coordinate]:
        """Return the coordinates of some dimensions."""
        return {key: read(self) for key, read in _readers_of(tuple(keys))}


def fact_value(situation: Situation, fact: Fact, day: dt.date, executed: Executed) -> Value | None:
    """Return a fact's typed value on a day, None for missing (language.md 3.4 to 3.9)."""
    given = situation.account.given.get(fact.name)
    if given is not None:
        if fact.moves and isinstance(given, int):
            moved = given + fact.moves * (day - situation.facts_on).days
            # No constant lies beyond 2^53, so no test can tell what lies there apart.
            return max(-LARGEST_INTEGER, min(moved, LARGEST_INTEGER))
        return given
    if fact.source == "invoices" and situation.open is not None:
        return situation.open.value(fact.name, day)
    if fact.source == "history":
        return _from_history(fact.name, day, executed)
    return fact.default


def _from_history(name: str, day: dt.date, executed: Executed) -> Value | None:
    if name == "dunning_level":
        return executed.level
    if name == "last_rule":
        return executed.last_rule
    if name in _CONTACT_WINDOWS:
        since = day - dt.timedelta(days=_CONTACT_WINDOWS[name] - 1)
        return sum(since <= contacted <= day for contacted, _ in executed.contacts)
    return (day - executed.contacts[-1][0]).days if executed.contacts else None


def variant_of(experiment: Experiment, account: str, day: dt.date) -> str:
    """Return an account's variant (language.md 8): SHA-256, first 8 bytes big-endian, modulo 10,000."""
    if experiment.until is not None and day >= experiment.until:
        return experiment.variants[0][0]
    digest = hashlib.sha256(f"{experiment.id}:{account}".encode()).digest()
    bucket = int.from_bytes(digest[:8], "big") % _BUCKETS
    end = 0
    for name, percent in experiment.variants:
        end += percent * _BUCKETS_A_PERCENT
        if bucket < end:
            return name
    return experiment.variants[-1][0]


def _first(order: Iterable[str], usable: frozenset[str], preferred: str | None) -> str | None:
    for name in order:
        channel = preferred if name == PREFERRED else name
        if channel is not None and channel in usable:
            return channel
    return None


def _since(last: Mapping[str, dt.date | None], target: str, day: dt.date) -> int | None:
    on = last.get(target)
    return (day - on).days if on is not None else None


Reader = Callable[[Moment], Coordinate]


def _read_element(key: str) -> Reader:
    fact, _, item = key.partition(":")

    def read(moment: Moment) -> bool:
        held = moment.fact(fact)
        return isinstance(held, tuple) and item in held

    return read


def _read_scalar(key: str) -> Reader:
    def read(moment: Moment) -> Coordinate:
        value = moment.fact(key)
        return None if isinstance(value, tuple) else value

    return read


def _read_rested(moment: Moment) -> int | None:
    last = moment.executed.last_levelled_on
    return (moment.day - last).days if last is not None else None


def _read_timing(rule_id: str) -> Reader:
    def read(moment: Moment) -> bool:
        rule = moment.code.rules[rule_id]
        due_on = moment.situation.oldest_due_on
        if due_on is None or rule.timing is None:
            return False
        is_retry = rule.action.type == "retry_payment"
        return moment.day >= timing_day(moment.code.ruleset.calendar, due_on, rule.timing, is_retry=is_retry)

    return read


def _read_reach(order: str) -> Reader:
    channels = tuple(order.split("|"))
    return lambda moment: moment.first_open(channels) is not None


def _read_limited(order: str) -> Reader:
    channels = tuple(order.split("|"))
    return lambda moment: moment.is_limited(channels)


def _read_attempts(index: str) -> Reader:
    return lambda moment: moment.attempts_in(moment.code.edition.attempt_limits[int(index)].per_days)


_READERS: dict[str, Callable[[str], Reader]] = {
    plan.LEVEL: lambda _: lambda moment: moment.executed.level,
    plan.RESTED: lambda _: _read_rested,
    plan.TURN: lambda _: lambda _moment: plan.NO_TURN,
    plan.ANNOUNCED: lambda _: (
        lambda moment: moment.executed.announced is not None and not moment.code.ruleset.stateless
    ),
    "@done": lambda target: lambda moment: moment.executed.done.get(target, 0),
    "@ago": lambda target: lambda moment: _since(moment.executed.last_on, target, moment.day),
    "@pay_by": lambda target: lambda moment: _since(moment.executed.last_pay_by, target, moment.day),
    "@timing": _read_timing,
    "@stopped": lambda _: lambda _moment: False,
    "@reach": _read_reach,
    "@limited": _read_limited,
    "@attempts": _read_attempts,
    "@variant": lambda experiment: lambda moment: moment.variants[experiment],
}


@lru_cache(maxsize=1_024)
def _readers_of(keys: tuple[str, ...]) -> tuple[tuple[str, Reader], ...]:
    """Return what reads the coordinate of each dimension."""
    return tuple((key, _reader_of(key)) for key in keys)


def _reader_of(key: str) -> Reader:
    if key.startswith("@"):
        kind, _, argument = key.partition(":")
        return _READERS[kind](argument)
    return _read_element(key) if ":" in key else _read_scalar(key)
