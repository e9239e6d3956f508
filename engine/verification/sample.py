"""A box turned into a question: an account, a history and a day that may lie in it; whoever asks confirms it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.conditions.boxes import Box
from engine.conditions.sets import BooleanSet, IntegerSet, ValueSet
from engine.coordinates import keys
from engine.coordinates.snapshot import variant_of
from engine.evaluation.accounts import AccountReader
from engine.evaluation.program import Program
from engine.model.account import AccountInvalid
from engine.model.ruleset import Rule
from engine.model.vocabulary import NUMERIC_TYPES, PREFERRED, Fact, Value
from engine.verification.run import Ask
from engine.verification.suite import NAMELESS
from engine.words.values import format_number

_LONG_AGO_DAYS = 40
_MOST_ENTRIES = 30
_MOST_IDS = 2000
_DEFAULT_CHANNEL = "email"
_ANNOUNCED_AMOUNT = "40"
_USUAL_AMOUNT = 10_000


class Sampler:
    """Builds questions in one currency, with values that the suites' own accounts have where they fit."""

    def __init__(self, code: Program, accounts: Sequence[Mapping[str, object]], as_of: dt.date) -> None:
        self._code = code
        self._as_of = as_of
        self._usual = _list_values(code, accounts)

    def sample(self, box: Box, *, is_high: bool = False) -> Ask | None:
        """Return a question that should lie in the box, or None where nothing could.

        ``is_high`` puts the account on the highest level that the box allows, so that lower rules step aside.
        """
        return _Sample(self._code, self._usual, self._as_of, box, is_high=is_high).build()


def _list_values(code: Program, accounts: Iterable[Mapping[str, object]]) -> dict[str, list[Value]]:
    """Return the typed values that the accounts give each fact, in the order met."""
    found: dict[str, list[Value]] = {}
    zone = ZoneInfo(code.ruleset.timezone)
    readers = AccountReader(code.edition, frozenset())
    for account in accounts:
        if account.get("currency") != code.edition.currency:
            continue
        try:
            read = readers.read(account, zone, known_elsewhere=frozenset())
        except AccountInvalid:
            continue
        for name, value in read.given.items():
            if value not in found.setdefault(name, []):
                found[name].append(value)
    return found


class _Sample:
    """One question in the making."""

    def __init__(
        self, code: Program, usual: Mapping[str, list[Value]], as_of: dt.date, box: Box, *, is_high: bool
    ) -> None:
        self._is_high = is_high
        self._code = code
        self._usual = usual
        self._as_of = as_of
        self._sides = {**_needed_sides(code), **box.sides}
        self._facts: dict[str, Value] = {}
        self._done: dict[str, int] = {}
        self._ago: dict[str, int] = {}
        self._pay_by: dict[str, dt.date] = {}
        self._history: list[dict[str, object]] = []
        self._id = NAMELESS

    def build(self) -> Ask | None:
        """Return the question, if every side of the box could be met."""
        self._give_facts()
        self._give_channels()
        if not self._give_variants():
            return None
        self._note_executions()
        self._give_timing()
        self._write_executions()
        self._give_level()
        self._give_attempts()
        if self._history and "days_overdue" not in self._facts:
            self._facts["days_overdue"] = self._choose("days_overdue", usually=_LONG_AGO_DAYS)
        if len(self._history) > _MOST_ENTRIES:
            return None
        facts = {name: self._write(self._code.edition.facts[name], value) for name, value in self._facts.items()}
        account = {"id": self._id, "currency": self._code.edition.currency, **facts}
        history = tuple(sorted(self._history, key=lambda entry: str(entry["at"])))
        return Ask(account=account, history=history, as_of=self._as_of)

    def _give_facts(self) -> None:
        for key in self._sides:
            name, _, item = key.partition(":")
            fact = self._code.edition.facts.get(name)
            if fact is None:
                continue
            if item or fact.type == "set":
                self._facts[name] = self._choose_set(fact)
            elif (value := self._choose_side(key, self._sides[key])) is not None and value != fact.default:
                self._facts[name] = value
        for name in sorted(self._code.needed_facts - self._facts.keys()):
            self._facts[name] = self._default_of(self._code.edition.facts[name])
        for name in sorted({fee.basis for fee in self._code.edition.fees.values() if fee.basis is not None}):
            if name not in self._sides:
                self._facts.setdefault(name, self._usual.get(name, [_USUAL_AMOUNT])[0])

    def _choose(self, name: str, *, usually: int) -> Value:
        side = self._sides.get(name)
        value = usually if side is None or side.contains(usually) else side.witness()
        return usually if value is None else value

    def _choose_side(self, name: str, side: ValueSet) -> Value | None:
        """Return missing (None) if that fits, else a value that the suites use, else any."""
        if side.missing and name not in self._code.needed_facts:
            return None
        for value in self._usual.get(name, ()):
            if not isinstance(value, tuple) and side.contains(value):
                return value
        return side.witness()

    def _choose_set(self, fact: Fact) -> tuple[str, ...]:
        sides = {key.partition(":")[2]: side for key, side in self._sides.items() if key.startswith(f"{fact.name}:")}
        usual = next((value for value in self._usual.get(fact.name, ()) if isinstance(value, tuple)), ())
        held = {item for item in usual if item not in sides or sides[item].contains(True)}  # noqa: FBT003
        held |= {item for item, side in sides.items() if not side.contains(False)}  # noqa: FBT003
        return tuple(sorted(held))

    def _default_of(self, fact: Fact) -> Value:
        if self._usual.get(fact.name):
            return self._usual[fact.name][0]
        if fact.type == "set":
            return (_DEFAULT_CHANNEL,) if fact.name == "channels" else ()
        if fact.type == "boolean":
            return False
        if fact.type in NUMERIC_TYPES:
            return 0
        return fact.values[0] if fact.values else "other"

    def _give_channels(self) -> None:
        """Make the rule's channels open, or all of them closed, as the box asks."""
        for key, side in self._sides.items():
            kind, _, order = key.partition(":")
            if kind != "@reach" or not isinstance(side, BooleanSet):
                continue
            held = self._facts.get("channels", (_DEFAULT_CHANNEL,))
            channels = held if isinstance(held, tuple) else ()
            named = [name for name in order.split("|") if name != PREFERRED]
            if not side.contains(True):  # noqa: FBT003
                self._facts["channels"] = tuple(name for name in channels if name not in named)
            elif not set(named) & set(channels):
                added = named[0] if named else (channels[0] if channels else _DEFAULT_CHANNEL)
                self._facts["channels"] = tuple(sorted({*channels, added}))
                if not named:
                    self._facts.setdefault("preferred_channel", added)

    def _give_variants(self) -> bool:
        """Find an account id that falls into the variants that the box asks for."""
        wanted = {key.partition(":")[2]: side for key, side in self._sides.items() if key.startswith("@variant:")}
        if not wanted:
            return True
        experiments = [e for e in self._code.ruleset.experiments if e.id in wanted]
        for number in range(_MOST_IDS):
            name = NAMELESS if number == 0 else f"{NAMELESS}-{number}"
            if all(wanted[e.id].contains(variant_of(e, name, self._as_of)) for e in experiments):
                self._id = name
                return True
        return False

    def _note_executions(self) -> None:
        """Read from the box what must have been executed, how often, and how long ago."""
        for key, side in self._sides.items():
            kind, _, target = key.partition(":")
            if not isinstance(side, IntegerSet) or side.missing or kind not in {"@done", "@ago", "@pay_by"}:
                continue
            value = side.witness() or 0
            if kind == "@done":
                self._done[target] = value
            elif kind == "@ago":
                self._ago[target] = max(value, 0)
            else:
                self._pay_by[target] = self._as_of - dt.timedelta(days=value)
        rested = self._sides.get(keys.RESTED)
        least = _least(rested) if isinstance(rested, IntegerSet) else 0
        for target in {*self._ago, *self._pay_by, *(name for name, count in self._done.items() if count)}:
            self._done[target] = max(self._done.get(target, 1), 1)
            self._ago.setdefault(target, max(least, 1))
        announced = self._sides.get(keys.ANNOUNCED)
        if announced is not None and announced.contains(True):  # noqa: FBT003
            self._announce(max(least, 1))

    def _announce(self, days: int) -> None:
        done = [self._rule_of(target) for target, count in self._done.items() if count]
        if any(rule is not None and rule.action.announce_fee is not None for rule in done):
            return
        rule = next((rule for rule in self._code.edition.rules if rule.action.announce_fee is not None), None)
        if rule is not None:
            self._done[rule.id] = 1
            self._ago.setdefault(rule.id, days)

    def _give_timing(self) -> None:
        """Make the oldest invoice old enough, or too young, for the rules' timing and for what was executed."""
        for key, side in self._sides.items():
            kind, _, name = key.partition(":")
            timing = self._code.rules[name].timing if kind == "@timing" else None
            if timing is not None and "days_overdue" not in self._sides:
                is_reached = side.contains(True)  # noqa: FBT003
                days = timing.days_after_due + (_LONG_AGO_DAYS if is_reached else -1)
                self._facts["days_overdue"] = max(days, self._number("days_overdue")) if is_reached else days

    def _number(self, name: str) -> int:
        value = self._facts.get(name, 0)
        return value if isinstance(value, int) else 0

    def _write_executions(self) -> None:
        for target, count in self._done.items():
            rule = self._rule_of(target)
            if rule is None:
                continue
            for number in range(count):
                on = self._as_of - dt.timedelta(days=self._ago.get(target, 1) + count - 1 - number)
                self._history.append(self._execution(rule, on, self._pay_by.get(target)))

    def _rule_of(self, target: str) -> Rule | None:
        rules = self._code.edition.rules
        named = self._code.rules.get(target)
        return named or next((r for r in rules if r.level is not None and keys.level_target(r.level) == target), None)

    def _execution(self, rule: Rule, on: dt.date, pay_by: dt.date | None) -> dict[str, object]:
        entry: dict[str, object] = {"rule": rule.id, "at": on.isoformat()}
        if pay_by is not None:
            entry["pay_by"] = pay_by.isoformat()
        if rule.action.announce_fee is not None:
            fee = {"name": rule.action.announce_fee, "amount": _ANNOUNCED_AMOUNT}
            entry["announced_fee"] = fee | {"currency": self._code.edition.currency}
        return entry

    def _give_level(self) -> None:
        """Put the account on the level that the box asks for, where what was executed has not."""
        side = self._sides.get(keys.LEVEL)
        rules = [self._rule_of(target) for target, count in self._done.items() if count]
        reached = [rule.level or 0 for rule in rules if rule is not None]
        level = max(reached, default=0)
        if not isinstance(side, IntegerSet):
            return
        highest = max((high for _, high in side.intervals if high is not None), default=level)
        wanted = highest if self._is_high else level if side.contains(level) else side.witness() or 0
        if wanted != level:
            self._history.append({"level": wanted, "at": self._as_of.isoformat()})

    def _give_attempts(self) -> None:
        for key, side in self._sides.items():
            if key.startswith("@attempts:") and isinstance(side, IntegerSet):
                yesterday = (self._as_of - dt.timedelta(days=1)).isoformat()
                self._history += [{"action": "retry_payment", "at": yesterday} for _ in range(_least(side))]

    def _write(self, fact: Fact, value: Value) -> object:
        """Return a typed value as a document holds it."""
        if isinstance(value, bool) or not isinstance(value, int):
            return list(value) if isinstance(value, tuple) else value
        number = Decimal(format_number(fact, value, self._code.edition.currency))
        return int(number) if fact.type in {"integer", "days"} else number


def _needed_sides(code: Program) -> dict[str, ValueSet]:
    """Return the sides of the first box that is covered, so that what a box leaves open is covered too."""
    coverage = code.plan.coverage
    return dict(coverage[0].sides) if coverage else {}


def _least(side: IntegerSet) -> int:
    lows = [low for low, _ in side.intervals if low is not None]
    return max(min(lows, default=0), 0)
