"""A history in which as much was executed, and as long ago, as a box asks."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from engine.analysis.study import Study
from engine.conditions.sets import IntegerSet, ValueSet, WordSet
from engine.coordinates import keys
from engine.model.money import format_amount
from engine.model.ruleset import Rule
from engine.model.vocabulary import ACTIONS, PREFERRED

_LONG_AGO_DAYS = 20
_MOST_ENTRIES = 20
_EARLIER_VERSION = "of-an-earlier-version"
# What another ruleset has executed counts for limits and contacts only.
_ELSEWHERE: dict[str, object] = {"rule": "another", "ruleset": "another-ruleset"}
# Of each counted window, how long it is and how many days ago a contact is put into it.
_WINDOWS = {"contacts_last_7_days": (7, 0), "contacts_last_30_days": (30, 10)}


def write_history(
    study: Study, sides: Mapping[str, ValueSet], as_of: dt.date, *, channels: Sequence[str], open_days: int
) -> list[dict[str, object]]:
    """Return the entries that the sides of a box ask for, oldest first.

    Where the box leaves it open how long ago something was, it is ``open_days`` ago.
    """
    return _Historian(study, sides, as_of, channels, open_days=open_days).write()


class _Historian:
    def __init__(
        self, study: Study, sides: Mapping[str, ValueSet], as_of: dt.date, channels: Sequence[str], *, open_days: int
    ) -> None:
        self._study = study
        self._sides = sides
        self._as_of = as_of
        self._channels = channels
        self._open_days = open_days
        # Days ago, whether it may be undone by a later one, and the entry.
        self._entries: list[tuple[int, bool, dict[str, object]]] = []
        self._levels = [0]

    def write(self) -> list[dict[str, object]]:
        """Return the entries in the order of their instants; of one day those come first that undo others."""
        rules = list(self._executed())
        rests = keys.RESTED in self._sides and not self._side(keys.RESTED).contains(None)
        if rests and all(rule.level is None for rule, _ in rules):
            rules += self._some_levelled()
        for rule, times in rules:
            self._execute(rule, min(times, _MOST_ENTRIES))
        if rests and all(rule.level is None for rule, _ in rules):
            level = self._least(keys.LEVEL) or 0
            self._add(self._least(keys.RESTED) or 0, self._earlier(level=level))
            self._levels.append(level)
        self._announce()
        self._attempt()
        self._contact()
        ordered = [entry for _, _, entry in sorted(self._entries, key=lambda each: (-each[0], each[1]))]
        return [*ordered, *self._set_level()]

    def _side(self, key: str) -> ValueSet:
        return self._sides[key]

    def _earlier(self, **carried: object) -> dict[str, object]:
        """Return the entry of a rule that this ruleset once had."""
        return {"rule": _EARLIER_VERSION, "ruleset": self._study.ruleset.id, **carried}

    def _add(self, days: int, entry: dict[str, object], *, is_undoable: bool = True) -> None:
        dated = {key: value for key, value in entry.items() if key == "rule"}
        at = (self._as_of - dt.timedelta(days=days)).isoformat()
        self._entries.append((days, is_undoable, dated | {"at": at} | entry))

    def _executed(self) -> Iterator[tuple[Rule, int]]:
        """Yield each rule to be executed and how often; for a level one of its rules, if no such rule is already."""
        asked: dict[str, int] = {}
        for key, side in self._sides.items():
            kind, _, target = key.partition(":")
            if kind == "@done" and isinstance(side, IntegerSet) and side.intervals:
                asked[target] = max(asked.get(target, 0), side.intervals[0][0] or 0)
            elif kind in {"@ago", "@pay_by"} and not side.contains(None):
                asked[target] = max(asked.get(target, 0), 1)
        done: dict[str, int] = {}
        for target, times in sorted(asked.items(), key=lambda each: " " in each[0]):
            executors = self._study.executions.executors(target)
            missing = times - sum(done.get(rule.id, 0) for rule in executors)
            rule = next((rule for rule in executors if self._allows(rule)), None)
            if missing > 0 and rule is not None:
                done[rule.id] = done.get(rule.id, 0) + missing
        last = self._last_rule()
        if last is not None and last not in done:
            done[last] = 1
        for name, times in done.items():
            rule = self._study.rule_of(name)
            if rule is not None:
                yield rule, times

    def _allows(self, rule: Rule) -> bool:
        """Tell whether the box lets a rule have been executed."""
        side = self._sides.get(keys.done_key(rule.id))
        return not isinstance(side, IntegerSet) or not side.intervals or side.intervals[-1][1] != 0

    def _last_rule(self) -> str | None:
        side = self._sides.get("last_rule")
        if not isinstance(side, WordSet) or side.cofinite or side.contains(None):
            return None
        return next((name for name in sorted(side.words) if name in self._study.indices), None)

    def _some_levelled(self) -> Iterator[tuple[Rule, int]]:
        """Yield a rule of the level that the account is to have, if there is one that may have been executed."""
        level = self._least(keys.LEVEL)
        fitting = (r for r in self._study.rules if r.level is not None and level in {None, r.level})
        yield from ((rule, 1) for rule in [next((r for r in fitting if self._allows(r)), None)] if rule is not None)

    def _execute(self, rule: Rule, times: int) -> None:
        days = self._days_since(rule)
        entry: dict[str, object] = {"rule": rule.id}
        pay_by = self._pay_by(rule, days)
        if pay_by is not None:
            entry["pay_by"] = pay_by.isoformat()
        is_last = rule.id == self._last_rule()
        for _ in range(times):
            self._add(days, dict(entry), is_undoable=is_last or not rule.undoes)
        if rule.level is not None:
            self._levels.append(rule.level)

    def _days_since(self, rule: Rule) -> int:
        """Return how long ago a rule was executed, as the box asks of it, of its level and of its deadline."""
        targets = [rule.id, *([keys.level_target(rule.level)] if rule.level is not None else [])]
        since = [keys.ago_key(target) for target in targets]
        if rule.level is not None:
            since.append(keys.RESTED)
        least, most = 0, None
        for side in (self._sides[key] for key in since if key in self._sides):
            if isinstance(side, IntegerSet) and side.intervals:
                low, high = side.intervals[0]
                least = max(least, low or 0)
                most = high if most is None else most if high is None else min(most, high)
        overdue = max((self._least(keys.overdue_key(target)) or 0 for target in targets), default=0)
        if any(keys.overdue_key(target) in self._sides for target in targets):
            least = max(least, overdue + (rule.action.pay_within_days or 0))
        wanted = max(least, self._open_days + int(bool(rule.undoes)))
        if rule.id == self._last_rule():
            wanted = least
        return wanted if most is None else min(wanted, most)

    def _pay_by(self, rule: Rule, days: int) -> dt.date | None:
        """Return the deadline that the box asks for, or that the rule would have set; None where it asks for none."""
        targets = [rule.id, *([keys.level_target(rule.level)] if rule.level is not None else [])]
        for target in targets:
            side = self._sides.get(keys.overdue_key(target))
            if side is not None:
                overdue = self._least(keys.overdue_key(target))
                return None if overdue is None else self._as_of - dt.timedelta(days=overdue)
        within = rule.action.pay_within_days
        return None if within is None else self._as_of - dt.timedelta(days=days - within)

    def _announce(self) -> None:
        side = self._sides.get(keys.ANNOUNCED)
        if side is None or side.contains(value=False):
            return
        names = {rule.id: rule.action.announce_fee for rule in self._study.rules}
        currency = self._study.edition.currency
        for _, _, entry in self._entries:
            name = names.get(str(entry.get("rule")))
            if name is not None:
                entry["announced_fee"] = {"name": name, "amount": format_amount(1, currency), "currency": currency}
                return
        name = next(iter(self._study.edition.fees), "fee")
        fee = {"name": name, "amount": format_amount(1, currency), "currency": currency}
        self._add(_LONG_AGO_DAYS, self._earlier(announced_fee=fee))

    def _attempt(self) -> None:
        counts = [self._least(key) or 0 for key in self._sides if key.startswith("@attempts:")]
        for _ in range(min(max(counts, default=0), _MOST_ENTRIES)):
            self._add(0, {**_ELSEWHERE, "action": "retry_payment"})

    def _contact(self) -> None:
        """Add contacts where some are counted, or close a channel, that executed actions have not made."""
        channel = next(iter(self._channels), "email")
        for limit in self._study.ruleset.contact_limits:
            for name in self._limited_channels():
                if limit.channel in {None, name}:
                    for _ in range(min(limit.at_most, _MOST_ENTRIES)):
                        self._add_contact(0, name)
        level = self._sides.get(keys.LEVEL)
        if not self._entries and (level is None or level.contains(0)):
            return  # these facts can then be given as they are
        since = self._least("days_since_last_contact")
        if since is not None:
            self._add_contact(since, channel)
        for name, (length, days) in _WINDOWS.items():
            wanted = min(self._least(name) or 0, _MOST_ENTRIES)
            for _ in range(wanted - self._count_contacts(length)):
                self._add_contact(max(days, since or 0), channel)

    def _add_contact(self, days: int, channel: str) -> None:
        self._add(days, {**_ELSEWHERE, "action": "send_reminder", "channel": channel})

    def _count_contacts(self, length: int) -> int:
        """Return how many contacts the entries make on the last so many days."""
        count = 0
        for days, _, entry in self._entries:
            rule = self._study.rule_of(str(entry.get("rule")))
            actions = () if rule is None else (rule.action, *rule.action.along_with)
            made = sum(ACTIONS[action.type].is_contact for action in actions) + ("channel" in entry)
            count += made if days < length else 0
        return count

    def _limited_channels(self) -> set[str]:
        """Return the account's channels that contact limits are to close."""
        found: set[str] = set()
        for key, side in self._sides.items():
            if key.startswith("@limited:") and not side.contains(value=False):
                order = key.partition(":")[2].split("|")
                found |= {name for name in self._channels if name in order or PREFERRED in order}
        return found

    def _set_level(self) -> Iterator[dict[str, object]]:
        """Yield the entry that sets the level by hand, where what was executed has not."""
        side = self._sides.get(keys.LEVEL)
        if side is not None and not side.contains(max(self._levels)):
            yield {"level": self._least(keys.LEVEL) or 0, "at": self._as_of.isoformat()}

    def _least(self, key: str) -> int | None:
        """Return the number of a side that is nearest to 0, None where it may be missing or is not asked about."""
        side = self._sides.get(key)
        if side is None or side.contains(None):
            return None
        value = side.witness()
        return value if isinstance(value, int) else None
