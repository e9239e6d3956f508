"""A ruleset as a record: one file is one Ruleset with an Edition for each of its currencies."""

import datetime as dt
from typing import Final, Literal

import msgspec

from engine.model.calendar import Calendar
from engine.model.condition import ALWAYS, Condition
from engine.model.diagnostic import Position
from engine.model.money import Fee, Interest
from engine.model.places import Places
from engine.model.scorecard import Scorecard
from engine.model.vocabulary import Fact

Ladder = Literal["strict", "catch_up", "most_severe", "none"]


TOLERANCE_DAYS = 2
"""The local days after its last one on which a promise can still be kept, where a ruleset does not say."""
HOLD_OUT = "hold_out"
"""The variant of the accounts that an experiment does without voluntary rules."""


BEST: Final = "best"
"""How `BestTime` is written."""


class BestTime(msgspec.Struct, frozen=True):
    """In the place of a time: when the account is most likely to answer a call."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When an action may happen (language.md 6.4)."""

    day: Literal["any", "business_day", "payday"] = "any"
    time: dt.time | BestTime | None = None


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What is done; ``parameters`` holds what only the executing application reads, ready for JSON."""

    type: str
    channels: tuple[str, ...] = ()
    fee: str | None = None
    announce_fee: str | None = None
    interest: str | None = None
    pay_within_days: int | None = None
    schedule: Schedule = Schedule()
    approval_required: bool = False
    parameters: dict[str, object] = {}
    along_with: tuple["Action", ...] = ()


def waits_for_best_hour(action: Action) -> bool:
    """Tell whether it, or one along with it, is a call that is scheduled by when it is likely to be answered."""
    return any(isinstance(each.schedule.time, BestTime) for each in (action, *action.along_with))


class After(msgspec.Struct, frozen=True, kw_only=True):
    """What must have been executed before: a rule, any row of a table, or any rule of exactly one level.

    Only a guarantee names an ``action``: any rule whose own it is.
    """

    rule: str | None = None
    table: str | None = None
    level: int | None = None
    action: str | None = None
    days: int = 0
    times: int = 1
    counted_from: Literal["executed", "pay_by"] = "executed"
    at: Position


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """How often a rule may be executed again in one episode: after a rest of one kind, in all or in so many days."""

    every_days: int | None = None
    every_business_days: int | None = None
    every_months: int | None = None
    at_most: int | None = None
    per_days: int | None = None


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Not before this day of the oldest open undisputed invoice."""

    days_after_due: int
    align: Literal["end_of_month", "business_day"] | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule in written order; ``table`` is the one that it is a row of, held-out accounts have no voluntary ones."""

    id: str
    table: str | None = None
    title: str | None = None
    level: int | None = None
    when: Condition = ALWAYS
    after: tuple[After, ...] = ()
    repeat: Repeat | None = None
    timing: Timing | None = None
    undoes: tuple[str, ...] = ()
    voluntary: bool = False
    action: Action
    basis: tuple[str, ...] = ()
    at: Position


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """What forbids dunning, or with ``stops`` only some action types."""

    id: str
    when: Condition
    stops: tuple[str, ...] | None = None
    reason: str
    at: Position


class ContactLimit(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many contacts a window, on one channel or on all together."""

    channel: str | None = None
    at_most: int
    per_days: int


class AttemptLimit(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many payment attempts a window, for the accounts of ``when``."""

    when: Condition
    at_most: int
    per_days: int


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """Variants with whole percents that add up to 100, in written order; ``hold_out`` is a percent beside them."""

    id: str
    variants: tuple[tuple[str, int], ...]
    hold_out: int | None = None
    until: dt.date | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the variants that an account can be in."""
        own = tuple(name for name, _ in self.variants)
        return own if self.hold_out is None else (*own, HOLD_OUT)


class Effective(msgspec.Struct, frozen=True, kw_only=True):
    """The local dates a ruleset applies on: ``from_on`` inclusive, ``until_on`` exclusive."""

    from_on: dt.date | None = None
    until_on: dt.date | None = None


class Never(msgspec.Struct, frozen=True, kw_only=True):
    """What one and the same action must not be; an empty tuple asks nothing (language.md 8b.1).

    ``fees`` are names under which a fee is charged.
    """

    actions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    fees: tuple[str, ...] = ()
    when: Condition = ALWAYS


class Unless(msgspec.Struct, frozen=True, kw_only=True):
    """What allows it all the same: a condition, or executions that must all lie back; either is enough."""

    when: Condition | None = None
    after: tuple[After, ...] = ()


class Guarantee(msgspec.Struct, frozen=True, kw_only=True):
    """What can never happen, whoever the account and whatever its history.

    ``file`` is the guarantees.yaml that it stands in, None for the ruleset's own.
    """

    id: str
    says: str | None = None
    never: Never
    unless: Unless = Unless()
    at: Position
    file: str | None = None


class OwnedCondition(msgspec.Struct, frozen=True, kw_only=True):
    """A whole condition and whose it is; ``name`` is an id, a limit's number, or empty for coverage."""

    kind: Literal["coverage", "condition", "block", "attempt limit", "rule"]
    name: str
    condition: Condition
    at: Position | None = None


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset as read in one currency: every amount is in that currency's minor units.

    An invoice of which less than ``ignore_below`` is open counts as not open.
    """

    currency: str
    facts: dict[str, Fact]
    scorecards: dict[str, Scorecard] = {}
    ignore_below: int = 0
    applies_to: Condition = ALWAYS
    conditions: dict[str, Condition] = {}
    fees: dict[str, Fee] = {}
    interest: dict[str, Interest] = {}
    attempt_limits: tuple[AttemptLimit, ...] = ()
    blocks: tuple[Block, ...] = ()
    rules: tuple[Rule, ...] = ()
    otherwise: Action = Action(type="none")
    guarantees: tuple[Guarantee, ...] = ()

    @property
    def waits_for_best_hour(self) -> bool:
        """Whether one of its calls is scheduled by when the account is likely to answer."""
        return any(map(waits_for_best_hour, (self.otherwise, *(rule.action for rule in self.rules))))

    @property
    def owned_conditions(self) -> tuple[OwnedCondition, ...]:
        """Return every condition that is written, each with whose it is."""
        limits = enumerate(self.attempt_limits, start=1)
        return (
            OwnedCondition(kind="coverage", name="", condition=self.applies_to),
            *(OwnedCondition(kind="condition", name=name, condition=each) for name, each in self.conditions.items()),
            *(OwnedCondition(kind="block", name=each.id, condition=each.when, at=each.at) for each in self.blocks),
            *(OwnedCondition(kind="attempt limit", name=str(n), condition=each.when) for n, each in limits),
            *(OwnedCondition(kind="rule", name=each.id, condition=each.when, at=each.at) for each in self.rules),
        )


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """One file; ``digest`` identifies its meaning, whatever its white space and comments."""

    id: str
    title: str
    owner: str | None = None
    track: str = "dunning"
    timezone: str
    effective: Effective = Effective()
    law_checked_to: dt.date | None = None
    stateless: bool = False
    ladder: Ladder = "catch_up"
    dunning_interval_days: int = 1
    tolerance_days: int = TOLERANCE_DAYS
    calendar: Calendar | None = None
    experiments: tuple[Experiment, ...] = ()
    contact_limits: tuple[ContactLimit, ...] = ()
    editions: dict[str, Edition]
    digest: str
    canonical: bytes
    text: str
    places: Places = Places()
    file: str = "<text>"

    @property
    def has_ladder(self) -> bool:
        """Tell whether levels decide what comes first; else the first eligible rule in written order wins."""
        return not self.stateless and self.ladder != "none"


class FactsFile(msgspec.Struct, frozen=True, kw_only=True):
    """A facts.yaml that is whole: its text, and where its keys stand."""

    file: str
    text: str
    places: Places


class ScoresFile(msgspec.Struct, frozen=True, kw_only=True):
    """A scorecard.yaml that is whole, as text."""

    file: str
    text: str


class GuaranteesFile(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantees.yaml that is whole, as text."""

    file: str
    text: str
