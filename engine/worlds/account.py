"""The document of an account that has the facts, the debt and the id that a box asks for."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from engine.conditions.sets import IntegerSet, ValueSet, integers
from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.facts import NEVER_MISSING
from engine.coordinates.snapshot import variant_of
from engine.coordinates.timing import TimingReached
from engine.coordinates.variants import Variant
from engine.model.money import exponent
from engine.model.ruleset import Experiment
from engine.model.vocabulary import NUMERIC_TYPES, Fact, Value
from engine.words.values import format_number
from engine.worlds.setting import Setting
from engine.worlds.wishes import Wishes

Usual = Mapping[str, Sequence[Value]]

_USUAL_DAYS_OVERDUE = 30
_USUAL_AMOUNT = 100
_LONGEST_WAIT_DAYS = 800
_MOST_NAMES = 4_000
_OF_MEANS = frozenset({"channels", "preferred_channel"})


class AccountWriter:
    """Writes an account with the plainest values that a box allows.

    Of values that fit, those of ``usual`` come first. Facts that invoices or history yield are left to them.
    """

    def __init__(
        self,
        setting: Setting,
        wishes: Wishes,
        as_of: dt.date,
        *,
        history: Sequence[Mapping[str, object]],
        usual: Usual,
        has_invoices: bool,
    ) -> None:
        self._setting = setting
        self._wishes = wishes
        self._as_of = as_of
        self._history = history
        self._usual = usual
        self._has_invoices = has_invoices

    def write(self, name: Callable[[int], str]) -> dict[str, object]:
        """Return the document, without what means of contact say."""
        wanted = tuple((each.experiment, values) for each, values in self._wishes.of(Variant))
        account: dict[str, object] = {"id": _find_id(wanted, self._as_of, name), "currency": self._setting.currency}
        account |= dict(self._facts())
        if self._has_invoices:
            account["invoices"] = [] if self._wishes.is_without_debt else [self._invoice()]
        return account

    def _facts(self) -> Iterator[tuple[str, object]]:
        named = self._wishes.facts | self._setting.bases | self._setting.needed
        if (self._history or self._wishes.of(TimingReached)) and not self._wishes.is_without_debt:
            named.add(DAYS_OVERDUE)
        for name, fact in self._setting.facts.items():
            is_from_elsewhere = (
                fact.source == "scorecard"
                or (fact.source == "history" and self._history)
                or (fact.source == "invoices" and self._has_invoices)
            )
            if name not in named or name in _OF_MEANS or is_from_elsewhere:
                continue
            value = self._choose(fact)
            is_usual = value == fact.default or (value == 0 and name in NEVER_MISSING)
            if value is not None and (not is_usual or name in self._setting.needed):
                yield name, self._write(fact, value)

    def _choose(self, fact: Fact) -> Value | None:
        """Return missing (None) if that fits, else the default, a usual value, or any."""
        if fact.type == "set":
            return self._choose_items(fact)
        if fact.name == DAYS_OVERDUE:
            return self.days_overdue
        values, usual = self._counted(fact), self._usual.get(fact.name, ())
        if fact.name in self._setting.bases and (values is None or values.missing):
            return self._some_amount(fact, None if values is None else values)
        if values is None:
            return (usual[0] if usual else _some_value(fact)) if fact.name in self._setting.needed else None
        if values.missing and fact.name not in self._setting.needed:
            return None
        plain = (v for v in (fact.default, *usual) if v is not None and not isinstance(v, tuple) and values.contains(v))
        return next(plain, values.witness())

    def _counted(self, fact: Fact) -> ValueSet | None:
        """Return what is asked of a fact and, if it can be, what lets executions count that a countdown must."""
        values = self._wishes.fact(fact.name)
        if values is None and fact.name not in self._setting.needed:
            return None
        windows = self._setting.terms.windows
        highs = [
            each.highest - (self._as_of - dt.date.fromisoformat(str(entry["at"]))).days
            for entry in (self._history if windows else ())
            for each in windows.get(str(entry.get("rule")), ())
            if each.fact == fact
        ]
        if not highs:
            return values
        allowed = integers((None, None)) if values is None else values
        low = allowed.intersection(integers((None, min(highs))))
        return values if low.is_empty() else low

    def _some_amount(self, fact: Fact, values: ValueSet | None) -> Value | None:
        plain = (*self._usual.get(fact.name, ()), _USUAL_AMOUNT * 10 ** exponent(self._setting.currency))
        fitting = (v for v in plain if not isinstance(v, tuple) and (values is None or values.contains(v)))
        return next(fitting, None if values is None else values.witness())

    def _choose_items(self, fact: Fact) -> tuple[str, ...]:
        asked = self._wishes.items(fact.name)
        plain = (*self._usual.get(fact.name, ()), fact.default)
        usual = next((value for value in plain if isinstance(value, tuple)), ())
        held = {item for item in usual if item not in asked or asked[item].contains(value=True)}
        return tuple(sorted(held | {item for item, values in asked.items() if not values.contains(value=False)}))

    @property
    def days_overdue(self) -> int | None:
        """Return days that reach the timings asked for and no others, and past executions; None for no debt."""
        asked, timings = self._wishes.fact(DAYS_OVERDUE), self._wishes.of(TimingReached)
        if self._wishes.is_without_debt:
            return None
        past = [(self._as_of - dt.date.fromisoformat(str(entry["at"]))).days for entry in self._history]
        if not past and not timings and (asked is None or asked.missing):
            is_needed = DAYS_OVERDUE in self._setting.needed
            return None if asked is not None or not is_needed else _USUAL_DAYS_OVERDUE
        allowed = integers((None, None)) if asked is None else asked
        since = max(past, default=None)
        usual = _USUAL_DAYS_OVERDUE if asked is None and past else None
        for begin in (max((d for d in (since, usual) if d is not None), default=None), since, None):
            for days in _list_days(allowed, begin):
                if self._reaches(days):
                    return days
        return next(_list_days(allowed, None), None)

    def _reaches(self, days: int) -> bool:
        """Tell whether a debt that old reaches the timings as asked."""
        calendar = self._setting.terms.ruleset.calendar
        due_on = self._as_of - dt.timedelta(days=days)
        timings = self._wishes.of(TimingReached)
        return all(values.contains(self._as_of >= each.reached_on(due_on, calendar)) for each, values in timings)

    def _invoice(self) -> dict[str, object]:
        """Return one invoice that makes the account overdue as it should be, and owe what it should."""
        days = self.days_overdue
        due_on = self._as_of - dt.timedelta(days=_USUAL_DAYS_OVERDUE if days is None else days)
        facts = self._setting.facts
        names = (name for name, fact in facts.items() if fact.source == "invoices" and fact.type == "amount")
        amounts = [values for name in names if (values := self._wishes.fact(name)) is not None]
        usual = _USUAL_AMOUNT * 10 ** exponent(self._setting.currency)
        owed = next((values.witness() for values in amounts if not values.contains(usual)), usual)
        return {"id": "I-1", "due_on": due_on.isoformat(), "open": self._write(facts["open_balance"], owed or 0)}

    def _write(self, fact: Fact, value: Value) -> object:
        """Return a typed value as a document holds it."""
        if isinstance(value, tuple):
            return list(value)
        if fact.type in {"amount", "decimal"} and not isinstance(value, str | bool):
            return Decimal(format_number(fact, value, self._setting.currency))
        return value


@lru_cache(maxsize=256)
def _find_id(wanted: tuple[tuple[Experiment, ValueSet], ...], as_of: dt.date, name: Callable[[int], str]) -> str:
    """Return an id that the experiments put into the variants asked for, the first where none of many is."""
    names = (name(number) for number in range(1, _MOST_NAMES))
    fitting = (each for each in names if all(v.contains(variant_of(e, each, as_of)) for e, v in wanted))
    return next(fitting, name(1))


def _list_days(allowed: ValueSet, begin: int | None) -> Iterator[int]:
    """Yield the days of a set from one on, those nearest to it first; the plainest one first where there is none."""
    if not isinstance(allowed, IntegerSet):
        return
    if begin is None:
        value = allowed.witness() if allowed.intervals else None
        if value is None:
            return
        yield value
        begin = value
    reached = allowed.intersection(integers((begin, begin + _LONGEST_WAIT_DAYS)))
    yield from (day for low, high in reached.intervals for day in range(low or 0, (high or 0) + 1))
    before = allowed.intersection(integers((begin - _LONGEST_WAIT_DAYS, begin - 1)))
    yield from (day for low, high in before.intervals[::-1] for day in range(high or 0, (low or 0) - 1, -1))


def _some_value(fact: Fact) -> Value:
    if fact.type == "boolean":
        return False
    if fact.type in NUMERIC_TYPES:
        return 0
    return fact.values[0] if fact.values else "other"
