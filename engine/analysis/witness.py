"""A point of a box as an account and a history that a test suite would take."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property

from engine.analysis.relations import DAYS, is_side_missing
from engine.analysis.study import Study
from engine.analysis.wording import format_number
from engine.conditions import plan
from engine.conditions.boxes import Box
from engine.conditions.sets import IntegerSet, Value, ValueSet
from engine.model.money import format_amount
from engine.model.ruleset import Experiment
from engine.model.vocabulary import ACTIONS, CHANNELS, PREFERRED, Fact

_SOME_MONDAY = dt.date(2026, 1, 5)
_USUAL_DAYS_OVERDUE = 30
_LONGEST_ALIGNMENT_DAYS = 45
_MOST_NAMES = 20_000
_MOST_ENTRIES = 20
# What YAML, read strictly, takes for a word without quotes.
_PLAIN_WORD = re.compile(r"(?!(true|false|null)$)[A-Za-z_][A-Za-z0-9_.-]*|\d{4}-\d{2}-\d{2}", re.IGNORECASE)


def write_witness(study: Study, box: Box, *, as_of: dt.date | None = None) -> dict[str, object]:
    """Return ``{as_of, account, history}``, ready for YAML; a history that would be empty is left out."""
    return _Writer(study, box, as_of or pick_day(study)).write()


def pick_day(study: Study) -> dt.date:
    """Return a day on which the ruleset is effective."""
    effective = study.ruleset.effective
    if effective.from_on is not None:
        return effective.from_on
    if effective.until_on is not None and effective.until_on <= _SOME_MONDAY:
        return effective.until_on - dt.timedelta(days=1)
    return _SOME_MONDAY


def write_flow(value: object) -> str:
    """Write a witness as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {write_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write_flow(each) for each in value) + "]"
    if isinstance(value, str):
        return value if _PLAIN_WORD.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else format(value, "")


class _Writer:
    def __init__(self, study: Study, box: Box, as_of: dt.date) -> None:
        self._study = study
        self._edition = study.edition
        self._sides: Mapping[str, ValueSet] = box.sides
        self._as_of = as_of

    def write(self) -> dict[str, object]:
        account: dict[str, object] = {"id": self._name(), "currency": self._edition.currency}
        account |= dict(self._facts())
        if self._needs_channels():
            account["channels"], preferred = self._reachable
            if preferred is not None:
                account["preferred_channel"] = preferred
        found: dict[str, object] = {"as_of": self._as_of.isoformat(), "account": account}
        if self._history:
            found["history"] = self._history
        return found

    def _name(self) -> str:
        """Return an id that the experiments put into the variants asked for."""
        wanted = [
            (experiment, side)
            for experiment in self._study.ruleset.experiments
            if (side := self._sides.get(plan.variant_key(experiment.id))) is not None
        ]
        names = (f"A-{number}" for number in range(1, _MOST_NAMES))
        fitting = (name for name in names if all(side.contains(_variant_of(e, name)) for e, side in wanted))
        return next(fitting, "A-1")

    def _facts(self) -> Iterator[tuple[str, object]]:
        for name in self._names_of_facts():
            fact = self._edition.facts[name]
            if fact.type == "set":
                if name != "channels":
                    yield name, self._items(name)
                continue
            if name == "preferred_channel":
                continue
            if fact.source == "history" and self._history:
                continue
            value = self._value(fact)
            if value is not None and value != fact.default:
                yield name, self._write(fact, value)

    def _names_of_facts(self) -> list[str]:
        """Return the facts that the box speaks of or that must be given, in the order of the vocabulary."""
        facts = self._edition.facts
        asked = {key.partition(":")[0] for key in self._sides}
        used = {key.partition(":")[0] for key in self._study.dimensions}
        used |= {fee.basis for fee in self._edition.fees.values() if fee.basis is not None}
        needed = {name for name in used & facts.keys() if not facts[name].optional and facts[name].default is None}
        if self._history or any(key.startswith("@timing:") for key in self._sides):
            asked.add(DAYS)
        return [name for name in facts if name in asked | needed]

    def _value(self, fact: Fact) -> Value:
        side = self._sides.get(fact.name)
        if fact.name == DAYS:
            return self._days_overdue(side)
        if side is not None:
            return None if side.contains(None) else side.witness()
        if fact.optional or fact.default is not None:
            return None
        dimension = self._study.dimensions.get(fact.name)
        return dimension.universe.witness() if dimension is not None else 0

    def _days_overdue(self, side: ValueSet | None) -> Value:
        """Return days that reach the timings asked for, and past executions where there are some."""
        reached = [
            rule.timing.days_after_due + _LONGEST_ALIGNMENT_DAYS
            for rule in self._study.rules
            if rule.timing is not None and self._is_true(plan.timing_key(rule.id))
        ]
        least = max([*reached, *([_USUAL_DAYS_OVERDUE] if self._history else [])], default=None)
        if not isinstance(side, IntegerSet):
            return least
        if least is None or is_side_missing(side):
            return side.witness()
        ends = [high for low, high in side.intervals if high is None or high >= least]
        return max(least, _low_above(side, least)) if ends else side.intervals[-1][1]

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
        prefix = plan.element_key(name, "")
        return [key.removeprefix(prefix) for key in self._sides if key.startswith(prefix) and self._is_true(key)]

    def _needs_channels(self) -> bool:
        return any(ACTIONS[rule.action.type].is_contact for rule in self._study.rules) or any(
            key.startswith("channels:") or key == "preferred_channel" for key in self._sides
        )

    @cached_property
    def _reachable(self) -> tuple[list[str], str | None]:
        """Return channels of which each list that is to be open has one, and the preferred one where that is needed."""
        side = self._sides.get("preferred_channel")
        known = self._edition.facts["preferred_channel"].values or tuple(CHANNELS)
        wanted = [name for name in (None, *known) if side is None or side.contains(name)]
        found = ((self._open_by(preferred), preferred) for preferred in wanted)
        return next(((channels, name) for channels, name in found if channels is not None), ([], None))

    def _open_by(self, preferred: str | None) -> list[str] | None:
        """Return channels that open and close the lists as asked, given the preferred one; None if none do."""
        known = self._edition.facts["channels"].values or tuple(CHANNELS)
        lists = {
            key: [preferred if name == PREFERRED else name for name in key.partition(":")[2].split("|")]
            for key in self._sides
            if key.startswith(plan.reach_key(()))
        }
        closed = {name for key, order in lists.items() if self._is_false(key) for name in order}
        closed |= {name for name in known if self._is_false(plan.element_key("channels", name))}
        chosen = self._items("channels")
        for key, order in lists.items():
            usable = [name for name in order if name in known and name not in closed]
            if self._is_true(key) and not set(usable) & set(chosen):
                if not usable:
                    return None
                chosen.append(str(usable[0]))
        return chosen or [name for name in known if name not in closed][:1]

    @cached_property
    def _history(self) -> list[dict[str, object]]:
        """Return the executions that the box asks for, oldest first."""
        return sorted(self._entries(), key=lambda entry: str(entry["at"]))

    def _entries(self) -> Iterator[dict[str, object]]:
        last_levelled = self._least(plan.RESTED)
        levels = [0]
        is_levelled = False
        for target, times in self._executed_targets():
            rule = self._study.executions.executors(target)[0]
            is_levelled |= rule.level is not None
            levels.append(rule.level or 0)
            since = max(self._least(plan.ago_key(target)) or 0, (last_levelled or 0) if rule.level else 0)
            entry: dict[str, object] = {"rule": rule.id, "at": self._ago(since)}
            overdue = self._least(plan.overdue_key(target))
            if overdue is not None:
                entry["pay_by"] = self._ago(overdue)
            yield from [entry] * times
        level = self._least(plan.LEVEL)
        if last_levelled is not None and not is_levelled:
            yield {"rule": "of-an-earlier-version", "level": max(level or 0, 0), "at": self._ago(last_levelled)}
            levels.append(level or 0)
        if level is not None and level != max(levels):
            yield {"level": level, "at": self._ago(0)}
        if self._is_true(plan.ANNOUNCED):
            yield {"rule": "of-an-earlier-version", "at": self._ago(_USUAL_DAYS_OVERDUE), "announced_fee": self._fee()}
        yield from self._attempts()

    def _executed_targets(self) -> Iterator[tuple[str, int]]:
        """Yield each rule that the box asks to have been executed, and how often; a level only if no rule of it is."""
        asked = {
            key.partition(":")[2]: side.intervals[0][0] or 0
            for key, side in self._sides.items()
            if key.startswith("@done:") and isinstance(side, IntegerSet) and side.intervals
        }
        counts = {target: min(times, _MOST_ENTRIES) for target, times in asked.items() if times}
        for target, times in counts.items():
            executors = {rule.id for rule in self._study.executions.executors(target)}
            if target in executors or not executors & counts.keys():
                yield target, times

    def _attempts(self) -> Iterator[dict[str, object]]:
        counts = [self._least(key) or 0 for key in self._sides if key.startswith("@attempts:")]
        entry: dict[str, object] = {"action": "retry_payment", "at": self._ago(0)}
        yield from [entry] * min(max(counts, default=0), _MOST_ENTRIES)

    def _least(self, key: str) -> int | None:
        """Return the number of a side that is nearest to 0, None where it may be missing or is not asked about."""
        side = self._sides.get(key)
        if side is None or side.contains(None):
            return None
        value = side.witness()
        return value if isinstance(value, int) else None

    def _ago(self, days: int) -> str:
        return (self._as_of - dt.timedelta(days=days)).isoformat()

    def _fee(self) -> dict[str, object]:
        currency = self._edition.currency
        name = next(iter(self._edition.fees), "fee")
        return {"name": name, "amount": format_amount(1, currency), "currency": currency}


def _low_above(side: IntegerSet, least: int) -> int:
    """Return where the first interval that reaches past a number begins."""
    return next(low or least for low, high in side.intervals if high is None or high >= least)


def _variant_of(experiment: Experiment, account: str) -> str:
    """Return an account's variant (language.md 8)."""
    bucket = int.from_bytes(hashlib.sha256(f"{experiment.id}:{account}".encode()).digest()[:8], "big") % 10_000
    end = 0
    for name, percent in experiment.variants:
        end += percent * 100
        if bucket < end:
            return name
    return experiment.variants[-1][0]
