"""A history for an account that lies in a box: what must have been executed, when, and what must not."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from engine.comparison.joint import Joint
from engine.comparison.naming import LAST_RULE, NEW
from engine.conditions.boxes import Box
from engine.conditions.sets import IntegerSet, ValueSet, WordSet, integers
from engine.coordinates import keys
from engine.model.ruleset import Rule

Entry = dict[str, object]
FORMER_RULE = "former-rule"
_ELSEWHERE = "another-ruleset"
_USUAL_DAYS = 7
_DAYS_A_STEP = 5
_PAST = integers((0, None))


class HistoryMaker:
    """Writes the entries that a box asks for, the latest last."""

    def __init__(self, joint: Joint, rules: Mapping[str, Rule], box: Box, as_of: dt.date) -> None:
        """Take the rules of both sides by their joint names."""
        self._joint = joint
        self._rules = rules
        self._sides = box.sides
        self._as_of = as_of
        self._targets = self._find_targets()
        self._highest = max((self._level_of(target) for target in self._targets), default=0)

    def make(self, contacts: Sequence[str]) -> list[Entry]:
        """Return the entries; ``contacts`` are channels used today by another ruleset."""
        entries = [entry for target in self._targets for entry in self._executions(target)]
        entries += self._rest(entries)
        entries += self._announcement()
        entries.sort(key=lambda entry: str(entry["at"]))
        entries += [self._elsewhere("send_reminder", 0, channel=channel) for channel in contacts]
        entries += self._attempts()
        entries += self._last_rule(entries)
        return [*entries, *self._level(entries)]

    def _find_targets(self) -> list[str]:
        """Return whose executions are asked for, rules before levels, which rules may fulfil."""
        found = dict.fromkeys(
            key.partition(":")[2]
            for key, values in self._sides.items()
            if (key.startswith("@done:") and not values.contains(0))
            or (key.startswith(("@ago:", "@pay_by:")) and not values.missing)
        )
        return sorted(found, key=lambda target: (" " in target, target))

    def _executions(self, target: str) -> Iterator[Entry]:
        rule = self._rules.get(target)
        level = rule.level if rule is not None else None
        name = target
        if " " in target:
            name, level = FORMER_RULE, int(target.rpartition(" ")[2])
        ago = self._days_ago(target, is_levelled=level is not None)
        count = max(1, self._pick(keys.done_key(target), 1) or 1)
        for number in range(count):
            entry: Entry = {"rule": name, "at": self._day(ago + count - 1 - number)}
            if level is not None:
                entry["level"] = level
            since = self._pick(keys.overdue_key(target), 1)
            if since is not None:
                entry["pay_by"] = self._day(since)
            yield entry

    def _usual_days(self, target: str) -> int:
        """Return some days, more for what stands lower on the ladder."""
        return _USUAL_DAYS + _DAYS_A_STEP * max(0, self._highest - self._level_of(target))

    def _level_of(self, target: str) -> int:
        rule = self._rules.get(target)
        return rule.level or 0 if rule is not None else 0

    def _days_ago(self, target: str, *, is_levelled: bool) -> int:
        asked: ValueSet = self._sides.get(keys.ago_key(target), _PAST).intersection(_PAST)
        rested = self._sides.get(keys.RESTED)
        if is_levelled and rested is not None:
            both = asked.intersection(rested)
            asked = both if isinstance(both, IntegerSet) and both.intervals else asked
        return _nearest(asked, self._usual_days(target)) or 0

    def _pick(self, key: str, usual: int) -> int | None:
        side = self._sides.get(key)
        return None if side is None else _nearest(side, usual)

    def _day(self, ago: int) -> str:
        return (self._as_of - dt.timedelta(days=ago)).isoformat()

    def _rest(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Let a step of the ladder have been taken where one must have been."""
        rested = self._sides.get(keys.RESTED)
        if rested is not None and not rested.missing and not any("level" in entry for entry in entries):
            level = self._pick(keys.LEVEL, 0) or 0
            yield {"rule": FORMER_RULE, "level": level, "at": self._day(_nearest(rested, _USUAL_DAYS) or 0)}

    def _announcement(self) -> Iterator[Entry]:
        announced = self._sides.get(keys.ANNOUNCED)
        if announced is not None and not announced.contains(value=False):
            edition = self._joint.programs[NEW].edition
            fee = {"name": next(iter(edition.fees), "fee"), "amount": "10", "currency": edition.currency}
            yield {"rule": FORMER_RULE, "at": self._day(_USUAL_DAYS), "announced_fee": fee}

    def _elsewhere(self, action: str, ago: int, *, channel: str | None = None) -> Entry:
        entry: Entry = {"ruleset": _ELSEWHERE, "rule": "step", "at": self._day(ago), "action": action}
        return entry if channel is None else entry | {"channel": channel}

    def _attempts(self) -> Iterator[Entry]:
        windows = sorted(int(key.partition(":")[2]) for key in self._sides if key.startswith("@attempts:"))
        done = 0
        for days in windows:
            needed = self._pick(f"@attempts:{days}", done) or 0
            yield from (self._elsewhere("retry_payment", days - 1) for _ in range(needed - done))
            done = max(done, needed)

    def _last_rule(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        wanted = self._sides.get(LAST_RULE)
        last = next((entry["rule"] for entry in reversed(entries) if "rule" in entry and "ruleset" not in entry), None)
        is_fine = wanted is None or wanted.contains(str(last) if last is not None else None)
        if not is_fine and isinstance(wanted, WordSet):
            yield {"rule": wanted.witness() or FORMER_RULE, "at": self._day(0)}

    def _level(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Set the level by hand where what was executed comes to another."""
        wanted = self._sides.get(keys.LEVEL)
        levels = [level for entry in entries if isinstance(level := entry.get("level"), int)]
        if wanted is not None and not wanted.contains(max([0, *levels])):
            yield {"level": _nearest(wanted, 0), "at": self._day(0)}


def name_rules(joint: Joint) -> dict[str, Rule]:
    """Return the rules of both sides by their joint names."""
    return {
        joint.names.joint_rule(side, rule.id): rule
        for side, code in enumerate(joint.programs)
        for rule in code.edition.rules
    }


def _nearest(values: ValueSet, usual: int) -> int | None:
    """Return the number of a set that is nearest to the usual one."""
    if not isinstance(values, IntegerSet):
        return None
    ends = [_clip(usual, low, high) for low, high in values.intervals]
    return min(ends, key=lambda value: abs(value - usual), default=None)


def _clip(value: int, low: int | None, high: int | None) -> int:
    raised = value if low is None else max(value, low)
    return raised if high is None else min(raised, high)
