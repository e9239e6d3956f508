"""A history in which as much was executed, and as long ago, as a box asks."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from engine.conditions.sets import IntegerSet, ValueSet, WordSet, integers
from engine.coordinates.attempts import Attempts
from engine.coordinates.executed import executors_of, level_target, targets_of
from engine.coordinates.executions import (
    ANNOUNCED,
    ANNOUNCED_FEE,
    NEVER,
    DaysPastDeadline,
    Done,
    Since,
    done,
    met,
    past_deadline,
    since_executed,
    since_met,
)
from engine.coordinates.facts import WINDOWS
from engine.coordinates.ladder import LEVEL, RESTED
from engine.coordinates.repetition import Recent, Rest
from engine.model.episode import BETWEEN_EPISODES
from engine.model.money import exponent, format_amount
from engine.model.ruleset import Rule
from engine.model.vocabulary import ACTIONS
from engine.worlds.setting import Setting
from engine.worlds.wishes import Wishes, least, nearest

Entry = dict[str, object]

FORMER_RULE = "of-an-earlier-version"
_MOST_ENTRIES = 20
_DAYS_A_STEP = 5
_USUAL_FEE = 40
_LONG_AGO_DAYS = 20
_LONGEST_REST_DAYS = 800
_PAST = integers((0, None))
# What another ruleset has executed counts for limits and contacts only.
_ELSEWHERE: Entry = {"rule": "another", "ruleset": "another-ruleset"}
# How many days ago a contact is put into a counted window, so that a shorter one does not hold it.
_CONTACTED_AGO = {"contacts_last_7_days": 0, "contacts_last_30_days": 10}


class HistoryWriter:
    """Writes the entries that a box asks for.

    Where it leaves open how long ago something was, that is ``open_days`` ago, and longer where it stands lower on the
    ladder. ``contacts`` are the channels used today by another ruleset, ``channel`` one that can be used.
    """

    def __init__(
        self,
        setting: Setting,
        wishes: Wishes,
        as_of: dt.date,
        *,
        open_days: int,
        contacts: Sequence[str],
        channel: str,
        is_high: bool,
    ) -> None:
        self._setting = setting
        self._wishes = wishes
        self._as_of = as_of
        self._open_days = open_days
        self._contacts = contacts
        self._channel = channel
        self._is_high = is_high
        # Between episodes an entry that names none holds back and does no more.
        self._naming: Entry = {"episode": BETWEEN_EPISODES} if wishes.is_without_debt else {}
        self._last_rule = self._find_last_rule()
        # What only rules that are gone have executed: the target, its level, how often.
        self._of_former: list[tuple[str, int, int]] = []
        self._rules = self._find_executed()
        self._highest = max((rule.level or 0 for rule, _ in self._rules), default=0)
        # Days ago, whether it may be undone by a later one, and the entry.
        self._entries: list[tuple[int, bool, Entry]] = []
        self._levels = [0]

    def write(self) -> tuple[Entry, ...]:
        """Return the entries in the order of their instants; of one day those come first that undo others."""
        for rule, times in self._rules:
            self._execute(rule, min(times, _MOST_ENTRIES))
        for target, level, times in self._of_former:
            self._execute_former(target, level, times)
        self._supersede()
        self._rest()
        self._announce()
        self._attempt()
        self._contact()
        ordered = [entry for _, _, entry in sorted(self._entries, key=lambda each: (-each[0], each[1]))]
        return (*ordered, *self._set_level())

    def _add(self, days: int, entry: Entry, *, is_undoable: bool = True, is_named: bool = True) -> None:
        dated = {key: value for key, value in entry.items() if key == "rule"}
        naming = self._naming if is_named and entry.get("ruleset") != _ELSEWHERE["ruleset"] else {}
        at = (self._as_of - dt.timedelta(days=days)).isoformat()
        self._entries.append((days, is_undoable, dated | {"at": at} | naming | entry))

    def _former(self, **carried: object) -> Entry:
        """Return the entry of a rule that there once was."""
        ruleset: Entry = {} if self._setting.former is None else {"ruleset": self._setting.former}
        return {"rule": FORMER_RULE, **ruleset, **carried}

    def _find_last_rule(self) -> Rule | None:
        asked = self._wishes.fact("last_rule")
        if not isinstance(asked, WordSet) or asked.cofinite or asked.missing:
            return None
        return next((self._setting.rules[name] for name in sorted(asked.words) if name in self._setting.rules), None)

    def _find_executed(self) -> list[tuple[Rule, int]]:
        """Return each rule to be executed and how often; for a level one of its rules, if none is already."""
        asked: dict[str, int] = {}
        for count, values in self._wishes.of(Done):
            asked[count.target] = max(asked.get(count.target, 0), least(values) or 0)
        for recent, values in self._wishes.of(Recent):
            asked[recent.target] = max(asked.get(recent.target, 0), least(values) or 0)
        for since, values in self._wishes.of(Since):
            if not values.missing:
                asked[since.target] = max(asked.get(since.target, 0), 1)
        times: dict[str, int] = {}
        for target in sorted(asked, key=lambda target: target not in self._setting.rules):
            executors = self._executors(target)
            missing = asked[target] - sum(times.get(rule.id, 0) for rule in executors)
            rule = next((rule for rule in executors if self._allows(rule)), None)
            if missing > 0 and rule is not None:
                times[rule.id] = times.get(rule.id, 0) + missing
            elif missing > 0 and (level := _level_of(target, executors)) is not None:
                self._of_former.append((target, level, missing))
        if self._last_rule is not None:
            times.setdefault(self._last_rule.id, 1)
        found = [(self._named(name), count) for name, count in times.items()]
        rested = self._wishes.find(RESTED)
        is_levelled = bool(self._of_former) or any(rule.level is not None for rule, _ in found)
        if rested is not None and not rested.missing and not is_levelled:
            found += [(rule, 1) for rule in self._levelled()]
        return found

    def _named(self, name: str) -> Rule:
        return next(rule for rule in self._setting.rules.values() if rule.id == name)

    def _executors(self, target: str) -> list[Rule]:
        """Return the rules whose executions a target counts: one, or all of a table, a level or an action."""
        named = self._setting.rules.get(target)
        return [named] if named is not None else executors_of(target, self._setting.rules.values())

    def _allows(self, rule: Rule) -> bool:
        """Tell whether the box lets a rule have been executed."""
        values = self._wishes.find(done(rule.id))
        return not isinstance(values, IntegerSet) or values != integers((0, 0))

    def _levelled(self) -> Iterator[Rule]:
        """Yield a rule of the level that the account is to have, if there is one that may have been executed."""
        level = least(self._wishes.find(LEVEL))
        fitting = (r for r in self._setting.rules.values() if r.level is not None and level in {None, r.level})
        yield from [rule for rule in fitting if self._allows(rule)][:1]

    def _execute(self, rule: Rule, times: int) -> None:
        named = times
        if self._naming:
            named = min(times, *(self._most_met(target, times) for target in targets_of(rule)))
            self._hold(rule, times - named)
        if named:
            self._execute_named(rule, named, is_last=named == times)
        self._levels.append(self._level_of(rule) or 0)

    def _level_of(self, rule: Rule) -> int | None:
        """Return the level that a rule had when it was executed: another, where nothing of its own level was."""
        if rule.level is not None and self._wishes.find(met(level_target(rule.level))) == NEVER:
            return 0
        return rule.level

    def _most_met(self, target: str, times: int) -> int:
        """Return how often at most an ``after`` is to count what was executed so often."""
        most = nearest(self._wishes.find(met(target)), times)
        return times if most is None else most

    def _hold(self, rule: Rule, times: int) -> None:
        """Let a rule have been executed so that this holds it back and does no more."""
        days = self._nearest_days([self._wishes.find(since_executed(rule.id)), self._wishes.find(RESTED)], 0)
        for number in range(times):
            self._add(days + times - 1 - number, {"rule": rule.id}, is_undoable=not rule.undoes, is_named=False)

    def _execute_named(self, rule: Rule, times: int, *, is_last: bool) -> None:
        days = self._days_since(rule, times, is_last=is_last)
        entry: Entry = {"rule": rule.id}
        level = self._level_of(rule)
        if level is not None and (self._setting.are_levels_written or level != rule.level):
            entry["level"] = level
        pay_by = self._pay_by(rule, days)
        if pay_by is not None:
            entry["pay_by"] = pay_by.isoformat()
        for ago in reversed(self._place(rule, times, days)):
            is_undoable = rule is self._last_rule or not rule.undoes
            self._add(ago, dict(entry), is_undoable=is_undoable)

    def _execute_former(self, target: str, level: int, times: int) -> None:
        """Let a rule that is gone have executed a level of which no rule of today may have been executed."""
        days = self._nearest_days([self._wishes.find(since_met(target)), self._wishes.find(RESTED)], self._open_days)
        for number in range(min(times, _MOST_ENTRIES)):
            self._add(days + number, self._former(level=level))
        self._levels.append(level)

    def _is_last_of(self, target: str, rule: Rule) -> bool:
        """Tell whether of all that a target counts this rule is to be the last, by the deadlines that are asked for."""
        of_all, own = self._wishes.find(past_deadline(target)), self._wishes.find(past_deadline(rule.id))
        return of_all is not None and own is not None and not of_all.intersection(own).is_empty()

    def _supersede(self) -> None:
        """Let a rule that is gone have been the last of a level whose deadline is that of no rule of today."""
        for each, values in self._wishes.of(DaysPastDeadline):
            executed = [rule for rule, _ in self._rules if each.target in targets_of(rule)]
            levels = {rule.level for rule in executed if rule.level and level_target(rule.level) == each.target}
            if not levels or any(self._is_last_of(each.target, rule) for rule in executed):
                continue
            asked = [self._wishes.find(past_deadline(rule.id)) for rule in executed]
            if None in asked:
                continue
            since = [self._wishes.find(since_met(each.target)), self._wishes.find(RESTED)]
            overdue, days, level = least(values), self._nearest_days(since, 0), levels.pop()
            entry = self._former(level=level)
            if overdue is not None:
                entry["pay_by"] = (self._as_of - dt.timedelta(days=overdue)).isoformat()
            self._add(days, entry)
            self._levels.append(level or 0)

    def _nearest_days(self, asked: Iterable[ValueSet | None], wanted: int) -> int:
        """Return the number of days that fits all that is asked, as far as that can be, nearest to the one wanted."""
        allowed = _PAST
        for values in asked:
            both = allowed if values is None else allowed.intersection(values)
            allowed = both if both.intervals else allowed
        return nearest(allowed, wanted) or 0

    def _place(self, rule: Rule, times: int, days: int) -> list[int]:
        """Return how many days ago a rule was executed so many times, the last time first: day after day, if it may."""
        for each, values in self._wishes.of(Recent):
            if each.target == rule.id:
                recent = nearest(values, times) or 0
                within = [min(days + number, max(days, each.per_days - 1)) for number in range(min(recent, times))]
                return [*within, *(max(each.per_days, days) + number for number in range(times - len(within)))]
        return [days + number for number in range(times)]

    def _days_since(self, rule: Rule, times: int, *, is_last: bool) -> int:
        """Return how long ago a rule was executed, as the box asks of it, of its level and of its deadline."""
        targets = targets_of(rule)
        asked = [self._wishes.find(since_met(target)) for target in targets]
        if is_last:
            asked.append(self._wishes.find(since_executed(rule.id)))
        if rule.level is not None and is_last:
            asked.append(self._wishes.find(RESTED))
        for each, counts in self._wishes.of(Recent):
            if each.target == rule.id and not counts.contains(0):
                asked.append(integers((0, each.per_days - 1)))
            elif each.target == rule.id and not counts.contains(1):
                asked.append(integers((each.per_days, None)))
        deadlines = [values for t in targets if (values := self._wishes.find(past_deadline(t))) is not None]
        if deadlines:
            overdue = max(least(values) or 0 for values in deadlines)
            asked.append(integers((overdue + (rule.action.pay_within_days or 0), None)))
        if any(self._is_last_of(target, rule) for target in targets[1:]):
            return self._nearest_days(asked, 0)
        steps = max(0, self._highest - rule.level) if rule.level is not None else 0
        wanted = self._open_days + _DAYS_A_STEP * steps + int(bool(rule.undoes))
        found = self._nearest_days(asked, 0 if rule is self._last_rule else wanted)
        for rest, values in self._wishes.of(Rest):
            if rest.target == rule.id:
                days_ago = sorted(range(_LONGEST_REST_DAYS), key=lambda days: abs(days - found))
                fitting = (days for days in days_ago if self._has_rested(rest, values, self._place(rule, times, days)))
                return next(fitting, found)
        return found

    def _has_rested(self, rest: Rest, values: ValueSet, placed: Sequence[int]) -> bool:
        """Tell whether a rule that was executed so many days ago, the last time first, has rested as a box asks."""
        days = [self._as_of - dt.timedelta(days=ago) for ago in reversed(placed)]
        over_on = rest.over_on(days, self._setting.terms.ruleset.calendar)
        return values.contains((self._as_of - over_on).days)

    def _pay_by(self, rule: Rule, days: int) -> dt.date | None:
        """Return the deadline that the box asks for, or that the rule would have set; None where it asks for none."""
        asked = [values for t in targets_of(rule) if (values := self._wishes.find(past_deadline(t))) is not None]
        if asked:
            overdue = least(_meet_in_turn(asked))
            return None if overdue is None else self._as_of - dt.timedelta(days=overdue)
        within = rule.action.pay_within_days
        return None if within is None else self._as_of - dt.timedelta(days=days - within)

    def _rest(self) -> None:
        """Let a step of the ladder have been taken where one must have been."""
        rested = self._wishes.find(RESTED)
        is_levelled = bool(self._of_former) or any(rule.level is not None for rule, _ in self._rules)
        if rested is not None and not rested.missing and not is_levelled:
            level = least(self._wishes.find(LEVEL)) or 0
            self._add(least(rested) or 0, self._former(level=level))
            self._levels.append(level)

    def _announce(self) -> None:
        announced = self._wishes.find(ANNOUNCED)
        if announced is None or announced.contains(value=False):
            return
        currency = self._setting.currency
        amount = format_amount(_USUAL_FEE * 10 ** exponent(currency), currency)
        named = self._wishes.find(ANNOUNCED_FEE)
        known = [*(rule.action.announce_fee for rule, _ in self._rules), *self._setting.terms.edition.fees]
        fitting = (name for name in known if name is not None and named is not None and named.contains(name))
        wanted = None if named is None else next(fitting, named.witness())
        for rule, _ in self._rules:
            if rule.action.announce_fee is not None:
                fee = {"name": wanted or rule.action.announce_fee, "amount": amount, "currency": currency}
                entry = next(entry for _, _, entry in self._entries if entry.get("rule") == rule.id)
                entry["announced_fee"] = fee
                return
        name = wanted or next(iter(self._setting.terms.edition.fees), "fee")
        fee = {"name": name, "amount": amount, "currency": currency}
        self._add(_LONG_AGO_DAYS, self._former(announced_fee=fee))

    def _attempt(self) -> None:
        made = 0
        for each, values in sorted(self._wishes.of(Attempts), key=lambda asked: asked[0].per_days):
            wanted = min(least(values) or 0, _MOST_ENTRIES)
            for _ in range(wanted - made):
                self._add(each.per_days - 1, {**_ELSEWHERE, "action": "retry_payment"})
            made = max(made, wanted)

    def _contact(self) -> None:
        """Add contacts where some are counted, or close a channel, that executed actions have not made."""
        for channel in self._contacts[:_MOST_ENTRIES]:
            self._add_contact(0, channel)
        level = self._wishes.find(LEVEL)
        if not self._entries and (level is None or level.contains(0)):
            return  # these facts can then be given as they are
        since = least(self._wishes.fact("days_since_last_contact"))
        if since is not None:
            self._add_contact(since, self._channel)
        for name, length in WINDOWS.items():
            wanted = min(least(self._wishes.fact(name)) or 0, _MOST_ENTRIES)
            for _ in range(wanted - self._count_contacts(length)):
                self._add_contact(max(_CONTACTED_AGO[name], since or 0), self._channel)

    def _add_contact(self, days: int, channel: str) -> None:
        self._add(days, {**_ELSEWHERE, "action": "send_reminder", "channel": channel})

    def _count_contacts(self, length: int) -> int:
        """Return how many contacts the entries make on the last so many days."""
        count = 0
        for days, _, entry in self._entries:
            rule = next((rule for rule, _ in self._rules if rule.id == entry.get("rule")), None)
            actions = () if rule is None else (rule.action, *rule.action.along_with)
            made = sum(ACTIONS[action.type].is_contact for action in actions) + ("channel" in entry)
            count += made if days < length else 0
        return count

    def _set_level(self) -> Iterator[Entry]:
        """Yield the entry that sets the level by hand, where what was executed has not."""
        asked = self._wishes.find(LEVEL)
        if asked is None:
            return
        level = self._highest_of(asked) if self._is_high else max(self._levels)
        if not asked.contains(level):
            level = nearest(asked, 0) or 0
        if level != max(self._levels):
            yield {"level": level, "at": self._as_of.isoformat()}

    def _highest_of(self, values: ValueSet) -> int:
        highs = [high for _, high in values.intervals if high is not None] if isinstance(values, IntegerSet) else []
        return max(highs, default=max(self._levels))


def _level_of(target: str, executors: Sequence[Rule]) -> int | None:
    """Return the level of which a target counts the rules, None where it counts others."""
    level = executors[0].level if executors else None
    return level if level is not None and level_target(level) == target else None


def _meet_in_turn(asked: Sequence[ValueSet]) -> ValueSet:
    """Return what is in all of some sets, but for those that share nothing with the ones before."""
    found = asked[0]
    for values in asked[1:]:
        both = found.intersection(values)
        found = found if both.is_empty() else both
    return found
