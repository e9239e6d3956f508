"""How the next action is found, step by step (language.md 5.5 to 5.10)."""

import datetime as dt
import hashlib
import re

import msgspec

from tests.oracle.account import Subject, count_within
from tests.oracle.calendars import business_day_after, timing_day
from tests.oracle.clock import add_months, days_between
from tests.oracle.invoices import overdue
from tests.oracle.money import RateUnknown, check_rates
from tests.oracle.past import Execution, Past
from tests.oracle.ruleset import Action, After, Block, Experiment, Repeat, Rule, Ruleset
from tests.oracle.values import money

HELD_OUT = "hold_out"
CLIMBS_IN_TURN = ("strict", "catch_up")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one day decides: 5.10 compares two of these, `wait` apart."""

    outcome: str  # act, blocked, none or not_covered; wait needs a look ahead
    rule: Rule | None = None
    action: Action | None = None
    channel: str | None = None
    block: tuple[str, str] | None = None
    variants: tuple[tuple[str, str], ...] = ()
    along_with: tuple[tuple[str, str | None], ...] = ()
    found_no_rule: bool = False  # the search ran to its end: `wait` goes before what `otherwise` says

    @property
    def compared(self) -> tuple[object, ...]:
        """What a later day must differ in to be worth a review."""
        return (
            self.outcome,
            self.rule and self.rule.id,
            self.channel,
            self.block and self.block[0],
            self.variants,
        )


def variant_of(experiment: Experiment, account_id: str, today: dt.date) -> str:
    """The account's variant (8)."""
    if experiment.until is not None and today >= experiment.until:
        return experiment.variants[0][0]
    if _bucket(f"{experiment.id}/hold-out:{account_id}") < experiment.hold_out * 100:
        return HELD_OUT
    bucket = _bucket(f"{experiment.id}:{account_id}")
    end = 0
    for variant, percent in experiment.variants:
        end += percent * 100
        if bucket < end:
            return variant
    message = "the percents of an experiment add up to 100"
    raise AssertionError(message)


def _bucket(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % 10_000


def is_covered(subject: Subject, today: dt.date, past: Past | None) -> bool:
    """Whether the ruleset covers the account on that day (5.1); the currency is looked at before."""
    ruleset = subject.ruleset
    if not ruleset.is_effective(today):
        return False
    return ruleset.applies_to(subject.facts(today, past, ruleset.coverage_facts))


class Day:
    """One account, one ruleset, one local day."""

    def __init__(self, subject: Subject, past: Past, today: dt.date) -> None:
        self.subject = subject
        self.ruleset: Ruleset = subject.ruleset
        self.past = past
        self.today = today
        variants = [(item, variant_of(item, subject.account["id"], today)) for item in self.ruleset.experiments]
        self.variants = tuple((item.id, variant) for item, variant in variants if self.ruleset.names_variant_of(item))
        self.facts = subject.facts(today, past, self.ruleset.used)
        self.facts.update((f"experiment:{item.id}", variant) for item, variant in variants)
        held_out = any(variant == HELD_OUT for _, variant in variants)
        self.rules = [rule for rule in self.ruleset.rules if not (held_out and rule.voluntary)]
        self.stopped: set[str] = set()

    def verdict(self) -> Verdict:
        """Decide this day."""
        if not is_covered(self.subject, self.today, self.past):
            return Verdict(outcome="not_covered")
        blocked = self._blocked()
        if blocked is not None:
            return Verdict(outcome="blocked", block=(blocked.id, self._reason(blocked)), variants=self.variants)
        self.reachable = self._channels(limited=False)
        self.open = self._channels(limited=True)
        rule = self._chosen()
        action = rule.action if rule else self.ruleset.otherwise
        if rule is None and not self._otherwise_can(action):
            return Verdict(outcome="none", variants=self.variants, found_no_rule=True)
        if action.interest is not None and not self._knows_rates(action.interest):
            return Verdict(
                outcome="blocked",
                block=("interest-unknown", ""),
                variants=self.variants,
                found_no_rule=rule is None,
            )
        return Verdict(
            outcome="act",
            rule=rule,
            action=action,
            channel=self._channel(action, self.open),
            variants=self.variants,
            along_with=tuple(self._along_with(action)),
            found_no_rule=rule is None,
        )

    # 5.6

    def _blocked(self) -> Block | None:
        for block in self.ruleset.blocks:
            if block.when(self.facts):
                if block.stops is None:
                    return block
                self.stopped |= block.stops
        return None

    def _reason(self, block: Block) -> str:
        return re.sub(r"\{([a-z0-9_]+)\}", lambda match: self._in_words(match[1]), block.reason)

    def _in_words(self, name: str) -> str:
        value = self.subject.fact(name, self.today, self.past)
        if value is None:
            return "unknown"
        if isinstance(value, bool):
            return str(value).lower()
        if self.ruleset.declarations[name].type == "amount":
            return money(value, self.ruleset.currency)["amount"]
        return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)

    # 5.5

    def _channels(self, *, limited: bool) -> frozenset[str]:
        """The account's open channels, with or without the contact limits."""
        if self.subject.fact("do_not_contact", self.today, self.past):
            return frozenset()
        channels: frozenset[str] = self.subject.fact("channels", self.today, self.past)
        if not limited:
            return channels
        for limit in self.ruleset.contact_limits:
            days = [on for on, channel in self.past.contacts if limit.channel in (None, channel)]
            if count_within(days, self.today, limit.per_days) >= limit.at_most:
                channels -= channels if limit.channel is None else {limit.channel}
        return channels

    def _channel(self, action: Action, among: frozenset[str]) -> str | None:
        """The first of the action's channels that is open (6.3)."""
        for wanted in action.channels:
            preferred = wanted == "preferred"
            channel = self.subject.fact("preferred_channel", self.today, self.past) if preferred else wanted
            if channel in among:
                return str(channel)
        return None

    # 5.7

    def _fits(self, rule: Rule) -> bool:
        """All of 5.7 but the ladder and the channel."""
        return (
            rule.action.type not in self.stopped
            and rule.when(self.facts)
            and self._may_repeat(rule)
            and all(self._after_holds(after) for after in rule.after)
            and self._timing_holds(rule)
            and self._within_attempts(rule.action)
            and (rule.action.fee != "announced" or self._is_announced())
        )

    def _after_holds(self, after: After) -> bool:
        entries = [
            entry
            for entry in self.past.standing
            if entry.answers and (entry.rule in after.rules if after.level is None else entry.level == after.level)
        ]
        if not entries or len(entries) < after.times:
            return False
        since = entries[-1].pay_by if after.from_pay_by else entries[-1].on
        return since is not None and days_between(since, self.today) >= after.days

    def _may_repeat(self, rule: Rule) -> bool:
        if self.ruleset.stateless:
            return True
        entries = [entry for entry in self.past.standing if entry.rule == rule.id]
        if not entries:
            return True
        repeat = rule.repeat
        if repeat is None:
            return False
        if repeat.at_most is not None:
            days = [entry.on for entry in entries]
            counted = len(days) if repeat.per_days is None else count_within(days, self.today, repeat.per_days)
            if counted >= repeat.at_most:
                return False
        return self.today >= self._rested_on(rule, repeat, entries)

    def _rested_on(self, rule: Rule, repeat: Repeat, entries: list[Execution]) -> dt.date:
        """The first day on which a rule that was executed has rested."""
        first_on, last_on = entries[0].on, entries[-1].on
        if repeat.every_days is not None:
            return last_on + dt.timedelta(days=repeat.every_days)
        if repeat.every_business_days is not None:
            retry = rule.action.type == "retry_payment"
            return business_day_after(self.ruleset.calendar, last_on, repeat.every_business_days, retry=retry)
        step = months = repeat.every_months or 1
        while add_months(first_on, months) <= last_on:
            months += step
        return add_months(first_on, months)

    def _timing_holds(self, rule: Rule) -> bool:
        if rule.days_after_due is None:
            return True
        due_on = self.subject.oldest_due_on(self.today)
        retry = rule.action.type == "retry_payment"
        return due_on is not None and self.today >= timing_day(
            self.ruleset.calendar, due_on, rule.days_after_due, rule.align, retry=retry
        )

    def _is_announced(self) -> bool:
        """Whether a fee was announced; in a stateless ruleset what was executed does not matter (1.3)."""
        return not self.ruleset.stateless and self.past.last_announced is not None

    def _within_attempts(self, action: Action) -> bool:
        return action.type != "retry_payment" or not any(
            limit.when(self.facts)
            and count_within(list(self.past.attempts), self.today, limit.per_days) >= limit.at_most
            for limit in self.ruleset.attempt_limits
        )

    # Ladders

    def _is_repetition(self, rule: Rule) -> bool:
        return (
            rule.repeat is not None
            and rule.level == self.past.level
            and any(entry.rule == rule.id for entry in self.past.standing)
        )

    def _ladder_allows(self, rule: Rule) -> bool:
        ladder = self.ruleset.ladder
        if rule.level is None or ladder == "none" or self.ruleset.stateless:
            return True
        last_on = self.past.last_levelled_on
        if last_on is not None and days_between(last_on, self.today) < self.ruleset.interval:
            return False
        if self._is_repetition(rule):
            return True
        above = [other.level for other in self.rules if other.level and other.level > self.past.level]
        return rule.level in above and (ladder != "strict" or rule.level == min(above))

    # 5.8

    def _chosen(self) -> Rule | None:
        eligible: list[Rule] = []
        kept_turns: list[int] = []
        for rule in self.rules:
            if not self._fits(rule) or not self._ladder_allows(rule):
                continue
            if not rule.action.is_contact or self._channel(rule.action, self.open) is not None:
                eligible.append(rule)
            elif (
                rule.level is not None
                and not self._is_repetition(rule)
                and self._channel(rule.action, self.reachable) is not None
            ):
                kept_turns.append(rule.level)
        climbs = self.ruleset.ladder in CLIMBS_IN_TURN and not self.ruleset.stateless
        if climbs and kept_turns:
            eligible = [rule for rule in eligible if rule.level is None or rule.level <= min(kept_turns)]
        if not eligible or eligible[0].level is None:
            return eligible[0] if eligible else None
        return self._by_ladder([rule for rule in eligible if rule.level is not None])

    def _by_ladder(self, levelled: list[Rule]) -> Rule:
        ladder = "none" if self.ruleset.stateless else self.ruleset.ladder
        if ladder == "none":
            return levelled[0]
        if ladder == "most_severe":
            return max(levelled, key=lambda rule: rule.level or 0)  # max and min keep the first of equals
        higher = [rule for rule in levelled if (rule.level or 0) > self.past.level]
        return min(higher or levelled, key=lambda rule: rule.level or 0)

    # 5.9, 6.2, 7.4

    def _otherwise_can(self, action: Action) -> bool:
        if action.type == "none" or action.type in self.stopped or not self._within_attempts(action):
            return False
        if action.fee == "announced" and not self._is_announced():
            return False
        return not action.is_contact or self._channel(action, self.open) is not None

    def _knows_rates(self, name: str) -> bool:
        try:
            for invoice in overdue(self.subject.invoices_on(self.today), self.today):
                check_rates(self.ruleset.interests[name], invoice.due_on, self.today)
        except RateUnknown:
            return False
        return True

    def _along_with(self, action: Action) -> list[tuple[str, str | None]]:
        kept: list[tuple[str, str | None]] = []
        for beside in action.along_with:
            channel = self._channel(beside, self.open)
            if beside.type not in self.stopped and (channel is not None or not beside.is_contact):
                kept.append((beside.type, channel))
        return kept
