"""A point of a box as an account and a history that a test suite, or a question, would take."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import chain, islice, product

import msgspec

from engine.analysis.histories import write_history
from engine.analysis.study import Study
from engine.conditions.boxes import Box, Region
from engine.conditions.sets import IntegerSet, Value, ValueSet, is_only_missing
from engine.coordinates import keys
from engine.coordinates.beside import DAYS_OVERDUE as DAYS
from engine.coordinates.facts import NEVER_MISSING
from engine.model.diagnostic import Witness
from engine.model.money import exponent
from engine.model.ruleset import Experiment
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED, Fact
from engine.words.values import format_number

_SOME_MONDAY = dt.date(2026, 1, 5)
_DAYS_A_WEEK = 7
_OTHER_DAYS = (0, 1, 4, 5, 12, 25)
_OPEN_DAYS = (1, 20, 60)
_MOST_BOXES = 8
_MOST_RULES = 20
_USUAL_DAYS_OVERDUE = 30
_USUAL_AMOUNT = 100
_LONGEST_ALIGNMENT_DAYS = {None: 0, "end_of_month": 30, "business_day": 10}
_MOST_NAMES = 20_000
_SOME_VALUES: dict[str, object] = {"boolean": True, "text": "some"}
# What YAML, read strictly, takes for a word without quotes.
_PLAIN_WORD = re.compile(r"(?!(true|false|null)$)[A-Za-z_][A-Za-z0-9_.-]*|\d{4}-\d{2}-\d{2}", re.IGNORECASE)


def write_witnesses(
    study: Study, boxes: Iterable[Box], *, as_of: dt.date | None = None, has_invoices: bool = False
) -> Iterator[Witness]:
    """Yield accounts of some boxes, the plainest of each first, then others and on other days.

    A box knows nothing of the calendar, and not of all that an entry of history brings along: one of them may fail
    where the next does not. An account without history, and without a timing, is the same on every day.
    """
    kept: list[Box] = []
    days = [as_of] if as_of is not None else list(_list_days(study))
    for number, (day, open_days) in enumerate(product(days, _OPEN_DAYS)):
        for box in kept if number else islice(boxes, _MOST_BOXES):
            witness = _Writer(study, box, day, open_days=open_days, has_invoices=has_invoices).write()
            if not number and (witness.history or any(key.startswith("@timing:") for key in box.sides)):
                kept.append(box)
            yield witness


def write_meeting(study: Study, region: Region) -> Iterator[Witness]:
    """Yield accounts of a region, first such as rules win for."""
    wins = (box for index in islice(study.reached, _MOST_RULES) for box in islice(study.show_win(index), 1))
    both = (met for win in wins for box in region if (met := win.intersection(box)) is not None)
    yield from write_witnesses(study, islice(both, _MOST_BOXES))
    yield from write_witnesses(study, region)


def write_with_fact(study: Study, name: str) -> Iterator[Witness]:
    """Yield accounts for which rules win, and which give a fact besides."""
    fact = study.edition.facts[name]
    value: object = _SOME_VALUES.get(fact.type, 1)
    if fact.type in {"enum", "set"}:
        word = next(iter(fact.values or ("some",)))
        value = [word] if fact.type == "set" else word
    wins = (box for index in islice(study.reached, _MOST_RULES) for box in islice(study.show_win(index), 1))
    for witness in write_witnesses(study, chain(wins, [Box(sides={})])):
        yield msgspec.structs.replace(witness, account={**witness.account, name: value})


def pick_day(study: Study) -> dt.date:
    """Return a day on which the ruleset is effective, a Monday if there is one at its beginning or end."""
    return next(_list_days(study))


def _list_days(study: Study) -> Iterator[dt.date]:
    effective = study.ruleset.effective
    first = _SOME_MONDAY
    if effective.from_on is not None and effective.from_on > first:
        first = effective.from_on + dt.timedelta(days=-effective.from_on.weekday() % _DAYS_A_WEEK)
    days = [first + dt.timedelta(days=offset) for offset in _OTHER_DAYS]
    until = effective.until_on
    fitting = [day for day in days if until is None or day < until]
    if until is not None and not fitting:
        fitting = [until - dt.timedelta(days=1)]
    yield from fitting


def write_flow(value: object) -> str:
    """Write a part of a witness as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {write_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(write_flow(each) for each in value) + "]"
    if isinstance(value, str):
        return value if _PLAIN_WORD.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


class _Writer:
    def __init__(self, study: Study, box: Box, as_of: dt.date, *, open_days: int, has_invoices: bool) -> None:
        self._study = study
        self._edition = study.edition
        self._sides: Mapping[str, ValueSet] = box.sides
        self._as_of = as_of
        self._open_days = open_days
        self._has_invoices = has_invoices

    def write(self) -> Witness:
        account: dict[str, object] = {"id": self._name(), "currency": self._edition.currency}
        account |= dict(self._facts())
        if self._needs_channels():
            account["channels"], preferred = self._reachable
            if preferred is not None:
                account["preferred_channel"] = preferred
        if self._has_invoices:
            account["invoices"] = [self._invoice()]
        return Witness(as_of=self._as_of, account=account, history=self._history)

    @cached_property
    def _history(self) -> tuple[dict[str, object], ...]:
        channels, _ = self._reachable
        return tuple(write_history(self._study, self._sides, self._as_of, channels=channels, open_days=self._open_days))

    def _name(self) -> str:
        """Return an id that the experiments put into the variants asked for."""
        wanted = [
            (experiment, side)
            for experiment in self._study.ruleset.experiments
            if (side := self._sides.get(keys.variant_key(experiment.id))) is not None
        ]
        names = (f"A-{number}" for number in range(1, _MOST_NAMES))
        fitting = (
            name for name in names if all(side.contains(_variant_of(e, name, self._as_of)) for e, side in wanted)
        )
        return next(fitting, "A-1")

    def _facts(self) -> Iterator[tuple[str, object]]:
        for name in self._names_of_facts():
            fact = self._edition.facts[name]
            if fact.type == "set":
                if name != "channels":
                    yield name, self._items(name)
                continue
            is_from_elsewhere = (fact.source == "history" and self._history) or (
                fact.source == "invoices" and self._has_invoices
            )
            if name == "preferred_channel" or is_from_elsewhere:
                continue
            value = self._value(fact)
            is_usual = value == fact.default or (value == 0 and name in NEVER_MISSING)
            if value is not None and not is_usual:
                yield name, self._write(fact, value)

    def _names_of_facts(self) -> list[str]:
        """Return the facts that the box speaks of or that must be given, in the order of the vocabulary."""
        facts = self._edition.facts
        asked = {key.partition(":")[0] for key in self._sides}
        used = {key.partition(":")[0] for key in self._study.dimensions}
        asked |= self._bases
        needed = {name for name in used & facts.keys() if not facts[name].optional and facts[name].default is None}
        if self._history or any(key.startswith("@timing:") for key in self._sides):
            asked.add(DAYS)
        return [name for name in facts if name in asked | needed]

    @cached_property
    def _bases(self) -> set[str]:
        """Return the amounts that fees are worked out on, which must be given where a rule with such a fee wins."""
        return {fee.basis for fee in self._edition.fees.values() if fee.basis is not None}

    def _value(self, fact: Fact) -> Value:
        side = self._sides.get(fact.name)
        if fact.name == DAYS:
            return self._days_overdue(side)
        if fact.name in self._bases and (side is None or side.contains(None)):
            usual = _USUAL_AMOUNT * 10 ** exponent(self._edition.currency)
            return usual if side is None or side.contains(usual) else side.witness()
        if side is not None:
            return None if side.contains(None) else side.witness()
        if fact.optional or fact.default is not None:
            return None
        dimension = self._study.dimensions.get(fact.name)
        return dimension.universe.witness() if dimension is not None else 0

    def _days_overdue(self, side: ValueSet | None) -> Value:
        """Return days that reach the timings asked for, and no others, and past executions where there are some."""
        reached, early = [], []
        for rule in self._study.rules:
            if rule.timing is not None and self._is_true(keys.timing_key(rule.id)):
                reached.append(rule.timing.days_after_due + _LONGEST_ALIGNMENT_DAYS[rule.timing.align])
            if rule.timing is not None and self._is_false(keys.timing_key(rule.id)):
                early.append(rule.timing.days_after_due - 1)
        past = [self._days_since(entry) for entry in self._history]
        least = max([*reached, *past], default=None)
        if not isinstance(side, IntegerSet):
            usual = _USUAL_DAYS_OVERDUE if past and not early else None
            wanted = max((days for days in (least, usual) if days is not None), default=None)
            return min(early) if early and (wanted is None or wanted > min(early)) else wanted
        if least is None or is_only_missing(side):
            return side.witness()
        reaching = [(low, high) for low, high in side.intervals if high is None or high >= least]
        return max(least, reaching[0][0] or least) if reaching else side.intervals[-1][1]

    def _days_since(self, entry: Mapping[str, object]) -> int:
        return (self._as_of - dt.date.fromisoformat(str(entry["at"]))).days

    def _invoice(self) -> dict[str, object]:
        """Return one invoice that makes the account overdue as it should be, and owe what it should."""
        days = self._days_overdue(self._sides.get(DAYS))
        due_on = self._as_of - dt.timedelta(days=days if isinstance(days, int) else _USUAL_DAYS_OVERDUE)
        facts = self._edition.facts
        sides = [s for key, s in self._sides.items() if key in facts and facts[key].source == "invoices"]
        amounts = [s for s in sides if isinstance(s, IntegerSet) and s is not self._sides.get(DAYS)]
        usual = _USUAL_AMOUNT * 10 ** exponent(self._edition.currency)
        owed = next((s.witness() for s in amounts if not s.contains(usual)), usual)
        return {"id": "I-1", "due_on": due_on.isoformat(), "open": self._write(facts["open_balance"], owed)}

    def _write(self, fact: Fact, value: Value) -> object:
        if fact.type in {"amount", "decimal"} and isinstance(value, int):
            return Decimal(format_number(fact, value, self._edition.currency))
        return value

    def _is_true(self, key: str) -> bool:
        side = self._sides.get(key)
        return side is not None and side.contains(value=True) and not side.contains(value=False)

    def _is_false(self, key: str) -> bool:
        side = self._sides.get(key)
        return side is not None and side.contains(value=False) and not side.contains(value=True)

    def _items(self, name: str) -> list[str]:
        prefix = keys.element_key(name, "")
        return [key.removeprefix(prefix) for key in self._sides if key.startswith(prefix) and self._is_true(key)]

    def _needs_channels(self) -> bool:
        actions = [action for rule in self._study.rules for action in (rule.action, *rule.action.along_with)]
        return any(ACTIONS[action.type].is_contact for action in (*actions, self._edition.otherwise)) or any(
            key.startswith("channels:") or key == "preferred_channel" for key in self._sides
        )

    @cached_property
    def _reachable(self) -> tuple[list[str], str | None]:
        """Return channels of which each list that is to be open has one, and the preferred one where that is needed."""
        side = self._sides.get("preferred_channel")
        known = self._edition.facts["preferred_channel"].values or tuple(CHANNELS)
        wanted = [name for name in (None, *known) if side is None or side.contains(name)]
        found = ((self._open_by(preferred), preferred) for preferred in wanted)
        return next(((channels, name) for channels, name in found if channels is not None), ([], wanted[0]))

    def _open_by(self, preferred: str | None) -> list[str] | None:
        """Return channels that open and close the lists as asked, given the preferred one; None if none do.

        A list of which all channels are over a limit has one, which the history closes.
        """
        known = self._edition.facts["channels"].values or tuple(CHANNELS)
        lists: dict[str, list[str]] = {}
        for key in self._sides:
            if key.startswith((keys.reach_key(()), keys.limited_key(()))):
                named = [preferred if name == PREFERRED else name for name in key.partition(":")[2].split("|")]
                lists[key] = [name for name in named if name is not None]
        limited = {key.partition(":")[2] for key in lists if key.startswith("@limited:") and self._is_true(key)}
        closed = {
            name
            for key, order in lists.items()
            if self._is_false(key) and key.startswith("@reach:") and key.partition(":")[2] not in limited
            for name in order
        }
        closed |= {name for name in known if self._is_false(keys.element_key("channels", name))}
        chosen = self._items("channels")
        for key, order in lists.items():
            usable = [name for name in order if name in known and name not in closed]
            if self._is_true(key) and not set(usable) & set(chosen):
                if not usable:
                    return None
                chosen.append(usable[0])
        return chosen or [name for name in known if name not in closed][:1]


def _variant_of(experiment: Experiment, account: str, day: dt.date) -> str:
    """Return an account's variant (language.md 8)."""
    if experiment.until is not None and day >= experiment.until:
        return experiment.variants[0][0]
    bucket = int.from_bytes(hashlib.sha256(f"{experiment.id}:{account}".encode()).digest()[:8], "big") % 10_000
    end = 0
    for name, percent in experiment.variants:
        end += percent * 100
        if bucket < end:
            return name
    return experiment.variants[-1][0]
