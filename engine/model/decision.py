"""A decision as it is answered, logged and replayed; key order is the order of the fields."""

import datetime as dt
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from engine.model.episode import EpisodeName

Outcome = Literal["act", "wait", "blocked", "none", "not_covered"]


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """An amount with its currency's places, such as 40.00 EUR."""

    amount: str
    currency: str


class WorkedMoney(msgspec.Struct, frozen=True, kw_only=True):
    """A fee or interest with the basis and the formula in words, so that a letter and an auditor can repeat it."""

    name: str
    amount: str
    currency: str
    basis: str | UnsetType = UNSET
    formula: str


class RulesetRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which ruleset decided; ``version`` and ``commit`` are null for a file that was never published."""

    id: str
    version: int | None = None
    digest: str
    effective_from: dt.date | None = None
    law_checked_to: dt.date | None = None
    commit: str | None = None


class RuleRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which rule won."""

    id: str
    title: str | None = None
    level: int | None = None
    basis: tuple[str, ...] = ()


class BlockRef(msgspec.Struct, frozen=True, kw_only=True):
    """What forbids dunning, and why."""

    id: str
    reason: str


class Upcoming(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that wins next by time alone, and the day."""

    rule: str
    on: dt.date


class BestHour(msgspec.Struct, frozen=True, kw_only=True):
    """The two-hour window that a call waits for, and what is known of it in a sentence.

    ``explored`` says that it was drawn, to learn how often calls are answered then.
    """

    window: str
    explored: bool
    says: str


class NextAction(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, on which channel, when; a key that does not apply is left out."""

    type: str
    channel: str | UnsetType = UNSET
    template: str | UnsetType = UNSET
    tone: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    include: tuple[str, ...] | UnsetType = UNSET
    pay_by: dt.date | UnsetType = UNSET
    fee: WorkedMoney | UnsetType = UNSET
    announced_fee: WorkedMoney | UnsetType = UNSET
    interest: WorkedMoney | UnsetType = UNSET
    method: str | UnsetType = UNSET
    assign_to: str | UnsetType = UNSET
    script: str | UnsetType = UNSET
    instalments: int | UnsetType = UNSET
    every: str | UnsetType = UNSET
    down_payment_percent: str | UnsetType = UNSET
    percent: str | UnsetType = UNSET
    amount: Money | UnsetType = UNSET
    valid_days: int | UnsetType = UNSET
    at: str | UnsetType = UNSET
    to: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    metadata: dict[str, object] | UnsetType = UNSET
    scheduled_for: dt.datetime | UnsetType = UNSET
    best_hour: BestHour | UnsetType = UNSET
    approval: Literal["required", "not_required"] | UnsetType = UNSET


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed: the invoices' open sum, this decision's fee and interest, and their total.

    ``credits`` are those of which a part was set against what is open, left out if there are none.
    """

    invoices: tuple[str, ...]
    credits: tuple[str, ...] | UnsetType = UNSET
    amount: Money
    fee: Money | UnsetType = UNSET
    interest: Money | UnsetType = UNSET
    total: Money


class Unmet(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that did not win and the first condition that failed: the fact's value and what was required.

    Of a row of a table the ``line`` is told as well; other rules are found by their id.
    """

    rule: str
    line: int | UnsetType = UNSET
    fact: str
    value: str
    required: str


class UsedFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact's value as words and its source: given, moved, default, invoices, history, scorecard or missing."""

    fact: str
    value: str
    source: str


class EarnedPoints(msgspec.Struct, frozen=True, kw_only=True):
    """The points that an account has for a fact, whose value stands there as words."""

    value: str
    points: int


class ScoreSheet(msgspec.Struct, frozen=True, kw_only=True):
    """How a score came about: what it starts at, and the points for each fact, which add up to its value."""

    value: int
    base: int
    points: dict[str, EarnedPoints]


class ClosedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that could not be used now, and why."""

    channel: str
    reason: str


class UncountedInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or a credit that does not count today, or not with all that is open of it, and why."""

    invoice: str
    reason: str


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that lacked least, and what it lacked."""

    rule: str
    lacks: tuple[Unmet, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why this decision came out; all but ``rules`` and ``scores`` only at level full.

    ``scores`` are those that the ruleset asks about, left out where it asks about none.

    ``uncounted_invoices`` is left out where every invoice counts with all that is open of it, but for disputed ones.
    """

    rules: tuple[Unmet, ...]
    facts: tuple[UsedFact, ...] | UnsetType = UNSET
    scores: dict[str, ScoreSheet] | UnsetType = UNSET
    closed_channels: tuple[ClosedChannel, ...] | UnsetType = UNSET
    uncounted_invoices: tuple[UncountedInvoice, ...] | UnsetType = UNSET
    nearest_miss: NearMiss | UnsetType | None = UNSET


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The next dunning action of one account at one instant."""

    decision_id: str | UnsetType = UNSET
    account_id: str
    track: str
    as_of: dt.datetime
    outcome: Outcome
    ruleset: RulesetRef | None
    rule: RuleRef | None
    action: NextAction | None
    along_with: tuple[NextAction, ...]
    block: BlockRef | UnsetType = UNSET
    claim: Claim | None
    episode: EpisodeName | None
    sent_before: int
    reason: str | None
    review_on: dt.date | None
    upcoming: Upcoming | None
    variants: dict[str, str]
    warnings: tuple[str, ...]
    explanation: Explanation | UnsetType = UNSET


def encode_decision(decision: Decision) -> bytes:
    """Return the decision's one JSON form."""
    return _encoder.encode(decision)


_encoder = msgspec.json.Encoder()
