"""A ruleset read for one currency (language.md 1, 5 and 6): records that the other modules read."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from tests.oracle.calendars import Calendar, read_calendar, to_time
from tests.oracle.clock import to_date
from tests.oracle.conditions import Condition, Scope
from tests.oracle.countdowns import read_countdowns
from tests.oracle.money import Fee, Interest, read_fee, read_interest
from tests.oracle.scorecards import Card, read_card
from tests.oracle.tables import write_out
from tests.oracle.values import Value, amount_in, value_written
from tests.oracle.vocabulary import CONTACT_ACTIONS, INVOICE_FACTS, STANDARD, Declaration, declared


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What a `then:` says (6.2); parameters that nothing here reads stay out."""

    type: str
    channels: tuple[str, ...] = ()
    pay_within_days: int | None = None
    fee: str | None = None
    announce_fee: str | None = None
    interest: str | None = None
    day: str = "any"
    time: dt.time | None = None
    is_best_hour: bool = False
    along_with: tuple["Action", ...] = ()

    @property
    def is_contact(self) -> bool:
        """Whether it reaches the customer over a channel."""
        return self.type in CONTACT_ACTIONS


class After(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `after:`."""

    rules: frozenset[str]  # one, or the rows of a table; none where a level is named
    level: int | None
    days: int
    times: int
    from_pay_by: bool


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """How long a rule rests after it was executed, by one of three counts, and how often it may be."""

    every_days: int | None
    every_business_days: int | None
    every_months: int | None
    at_most: int | None
    per_days: int | None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule."""

    id: str
    level: int | None
    when: Condition
    after: tuple[After, ...]
    repeat: Repeat | None
    days_after_due: int | None
    align: str | None
    undoes: frozenset[str]
    voluntary: bool
    countdowns: tuple[tuple[str, int], ...]  # facts that count down with their highest values (5.4b)
    action: Action


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One block; `stops` is None where it ends the search."""

    id: str
    when: Condition
    stops: frozenset[str] | None
    reason: str


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A contact limit or an attempt limit."""

    channel: str | None
    when: Condition
    at_most: int
    per_days: int


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """Variants with their percents, in written order, and the percent held out."""

    id: str
    variants: tuple[tuple[str, int], ...]
    hold_out: int
    until: dt.date | None
    is_named: bool  # by a condition


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset in one currency, ready to be asked."""

    id: str
    currency: str
    timezone: str
    ignore_below: int
    stateless: bool
    ladder: str
    interval: int
    declarations: Mapping[str, Declaration]
    defaults: Mapping[str, Value]
    cards: Mapping[str, Card]
    used: frozenset[str]
    needs_channels: bool
    coverage_facts: frozenset[str]
    applies_to: Condition
    effective_from: dt.date | None
    effective_until: dt.date | None
    blocks: tuple[Block, ...]
    rules: tuple[Rule, ...]
    by_id: Mapping[str, Rule]
    otherwise: Action
    contact_limits: tuple[Limit, ...]
    attempt_limits: tuple[Limit, ...]
    calendar: Calendar | None
    fees: Mapping[str, Fee]
    interests: Mapping[str, Interest]
    experiments: tuple[Experiment, ...]

    def is_effective(self, today: dt.date) -> bool:
        """Whether it is in force on that local date (1.4)."""
        begun = self.effective_from is None or today >= self.effective_from
        return begun and (self.effective_until is None or today < self.effective_until)

    def names_variant_of(self, experiment: Experiment) -> bool:
        """Whether a decision names the variant (8): a condition reads it, or it holds out from a voluntary rule."""
        return experiment.is_named or (experiment.hold_out > 0 and any(rule.voluntary for rule in self.rules))


def read_ruleset(
    doc: dict[str, Any], shared_facts: dict[str, Any], currency: str, scorecards: dict[str, Any]
) -> Ruleset:
    """Read a parsed ruleset, every scalar a string, for accounts in that currency."""
    doc = write_out(doc, {**shared_facts, **scorecards})
    own = {**shared_facts, **doc.get("facts", {})}
    declarations = STANDARD | {name: declared(node) for name, node in own.items()}
    cards = {name: read_card(node, Scope(dict(declarations), {}, currency)) for name, node in scorecards.items()}
    declarations |= {name: Declaration(type="integer") for name in cards}
    scope = Scope(declarations, doc.get("conditions", {}), currency)
    coverage = Scope(declarations, doc.get("conditions", {}), currency)
    fees = {name: read_fee(name, node, currency) for name, node in doc.get("fees", {}).items()}
    blocks = tuple(_read_block(node, scope) for node in doc.get("blocks", []))
    rules = tuple(_read_rule(node, scope) for node in doc.get("rules", []))
    attempt_limits = tuple(_read_limit(node, scope) for node in doc.get("attempt_limits", []))
    applies_to = coverage.condition(doc.get("applies_to"))
    bases = {fee.basis for fee in fees.values() if fee.basis is not None and fee.basis not in INVOICE_FACTS}
    effective = doc.get("effective", {})
    return Ruleset(
        id=doc["ruleset"],
        currency=currency,
        timezone=doc["timezone"],
        ignore_below=amount_in(doc.get("ignore_below", "0"), currency),
        stateless=doc.get("stateless") == "true",
        ladder=doc.get("ladder", "catch_up"),
        interval=int(doc.get("dunning_interval_days", 1)),
        declarations=declarations,
        defaults={
            name: value_written(declaration, declaration.default, currency)
            for name, declaration in declarations.items()
            if declaration.default is not None
        },
        cards=cards,
        used=_with_scored(scope.used | coverage.used | bases, cards),
        needs_channels=any(rule.action.is_contact for rule in rules),
        coverage_facts=_with_scored(coverage.used, cards),
        applies_to=applies_to,
        effective_from=to_date(effective["from"]) if "from" in effective else None,
        effective_until=to_date(effective["until"]) if "until" in effective else None,
        blocks=blocks,
        rules=rules,
        by_id={rule.id: rule for rule in rules},
        otherwise=_read_action(doc.get("otherwise", {"action": "none"})),
        contact_limits=tuple(_read_limit(node, scope) for node in doc.get("contact_limits", [])),
        attempt_limits=attempt_limits,
        calendar=read_calendar(doc["calendar"]) if "calendar" in doc else None,
        fees=fees,
        interests={name: read_interest(node) for name, node in doc.get("interest", {}).items()},
        experiments=tuple(
            _read_experiment(name, node, is_named=name in scope.experiments)
            for name, node in doc.get("experiments", {}).items()
        ),
    )


def _with_scored(names: set[str], cards: Mapping[str, Card]) -> frozenset[str]:
    """Facts, and those that the scores among them are made of."""
    return frozenset(names).union(*(cards[name].facts for name in names & cards.keys()))


def _read_block(node: dict[str, Any], scope: Scope) -> Block:
    return Block(
        id=node["id"],
        when=scope.condition(node.get("when")),
        stops=frozenset(node["stops"]) if "stops" in node else None,
        reason=node.get("reason", ""),
    )


def _read_rule(node: dict[str, Any], scope: Scope) -> Rule:
    after = node.get("after", [])
    timing = node.get("timing", {})
    return Rule(
        id=node["id"],
        level=_integer(node.get("level")),
        when=scope.condition(node.get("when")),
        after=tuple(_read_after(item) for item in (after if isinstance(after, list) else [after])),
        repeat=_read_repeat(node["repeat"]) if "repeat" in node else None,
        days_after_due=int(timing.get("days_after_due", 0)) if timing else None,
        align=timing.get("align"),
        undoes=frozenset(node.get("undoes", [])),
        voluntary=node.get("voluntary") == "true",
        countdowns=() if "level" in node else read_countdowns(node.get("when"), scope),
        action=_read_action(node["then"]),
    )


def _read_repeat(node: dict[str, Any]) -> Repeat:
    return Repeat(
        every_days=_integer(node.get("every_days")),
        every_business_days=_integer(node.get("every_business_days")),
        every_months=_integer(node.get("every_months")),
        at_most=_integer(node.get("at_most")),
        per_days=_integer(node.get("per_days")),
    )


def _read_after(node: dict[str, Any]) -> After:
    return After(
        rules=frozenset(node.get("rule", ())),
        level=_integer(node.get("level")),
        days=int(node.get("days", 0)),
        times=int(node.get("times", 1)),
        from_pay_by=node.get("from") == "pay_by",
    )


def _read_action(node: dict[str, Any]) -> Action:
    channel = node.get("channel", [])
    schedule = node.get("schedule", {})
    return Action(
        type=node["action"],
        channels=tuple(channel) if isinstance(channel, list) else (channel,),
        pay_within_days=_integer(node.get("pay_within_days")),
        fee=node.get("fee"),
        announce_fee=node.get("announce_fee"),
        interest=node.get("interest"),
        day=schedule.get("day", "any"),
        time=to_time(schedule["time"]) if schedule.get("time", "best") != "best" else None,
        is_best_hour=schedule.get("time") == "best",
        along_with=tuple(_read_action(item) for item in node.get("along_with", [])),
    )


def _read_limit(node: dict[str, Any], scope: Scope) -> Limit:
    return Limit(
        channel=node.get("channel"),
        when=scope.condition(node.get("when")),
        at_most=int(node["at_most"]),
        per_days=int(node["per_days"]),
    )


def _read_experiment(name: str, node: dict[str, Any], *, is_named: bool) -> Experiment:
    return Experiment(
        id=name,
        variants=tuple((variant, int(percent)) for variant, percent in node["variants"].items()),
        hold_out=int(node.get("hold_out", 0)),
        until=to_date(node["until"]) if "until" in node else None,
        is_named=is_named,
    )


def _integer(text: str | None) -> int | None:
    return None if text is None else int(text)
