"""The records of requests and answers.

Written by `make generate` from schemas/openapi.json; not edited by hand.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

Account = dict[str, Any]
AccountPatch = dict[str, Any]


class AccessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who read personal data (a token's id and name, or who ran a command), when, and what."""

    at: dt.datetime
    actor: str
    name: str
    what: str


class Accesses(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next_cursor` is null on the last."""

    accesses: list[AccessRecord]
    next_cursor: int | None


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """A page, by id; `next_cursor` is null on the last."""

    accounts: list[ListedAccount]
    next_cursor: str | None


class ActionAbout(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of action."""

    name: str
    about: str
    is_contact: bool
    parameters: dict[str, Any]


class ActionApproved(msgspec.Struct, frozen=True, kw_only=True):
    """A person approved an action."""

    account_id: str
    decision_id: str


class ActionExecuted(msgspec.Struct, frozen=True, kw_only=True):
    """An action was recorded as carried out; by its decision, or by a rule or action alone."""

    account_id: str
    decision_id: str | None
    rule: str | None
    action: str | None


class ActionRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A person refused an action."""

    account_id: str
    decision_id: str


class AgeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed of one age."""

    bucket: str
    invoices: int
    amount: str
    disputed: str


class ApprovalRequested(msgspec.Struct, frozen=True, kw_only=True):
    """An action waits for a person's approval."""

    account_id: str
    decision_id: str
    track: str
    ruleset: str
    version: int
    rule: str | None
    action: str


class ApproveRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing more is to be said."""


class ApproveRunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose items are approved; left out, all that are proposed, but not those that are held."""

    accounts: list[str] | UnsetType | None = UNSET


class AskAbout(msgspec.Struct, frozen=True, kw_only=True):
    """When an account is to be asked about in a track (null: not unless something changes), and who answered last."""

    track: str
    ask_at: dt.datetime | None
    ruleset: str | None


class AssignRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose an item is from now on; null: nobody's."""

    to: str | None


class BestHour(msgspec.Struct, frozen=True, kw_only=True):
    """The two-hour window that a call waits for, and what is known of it in a sentence."""

    window: str
    explored: bool
    says: str


class BlockRef(msgspec.Struct, frozen=True, kw_only=True):
    """What forbids dunning, and why."""

    id: str
    reason: str


class CalendarAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the feed is read, below the service's own address; who knows it needs no token."""

    path: str


class CalendarRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose calls the feed shows."""

    assigned_to: str


class CaseClosed(msgspec.Struct, frozen=True, kw_only=True):
    """What an account owed of a currency and due date is owed no more."""

    account_id: str
    currency: str
    due_on: dt.date


class CaseOpened(msgspec.Struct, frozen=True, kw_only=True):
    """What an account owes of a currency and due date became overdue."""

    account_id: str
    currency: str
    due_on: dt.date


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one named part of the file; ``line`` is its place in the new file, or else in the old one."""

    part: str
    name: str
    kinds: list[str]
    was_name: str | UnsetType | None = UNSET
    line: int | UnsetType | None = UNSET
    details: list[Detail] | UnsetType = UNSET


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed: the invoices' open sum, this decision's fee and interest, and their total."""

    invoices: list[str]
    credits: list[str] | UnsetType = UNSET
    amount: Money
    fee: Money | UnsetType = UNSET
    interest: Money | UnsetType = UNSET
    total: Money


class ClosedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that could not be used now, and why."""

    channel: str
    reason: str


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event; the same `id` is the same event, however often it is delivered."""

    specversion: str | UnsetType = UNSET
    id: str
    source: str | UnsetType = UNSET
    type: str
    subject: str
    time: dt.datetime
    datacontenttype: str | UnsetType = UNSET
    sequence: str
    data: Any


class ConfirmRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The lease by which the item was taken, where it was."""

    lease: str | UnsetType | None = UNSET


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a decision still holds with today's facts, else what changed; and the decision that holds now."""

    result: str
    changes: list[str]
    decision: Decision


class ConsistencyProof(msgspec.Struct, frozen=True, kw_only=True):
    """That the log of `new_size` lines begins with that of `old_size`: RFC 6962's consistency proof."""

    old_size: int
    new_size: int
    hashes: list[str]
    checkpoint: str | None


class CurrencyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one currency; currencies are never added up."""

    currency: str
    total: RecoveryFigures
    rows: list[RecoveryRow]
    months: list[RecoveryRow]
    hold_outs: list[RecoveryRow]
    portfolio: PortfolioFigures


class DaysOutstanding(msgspec.Struct, frozen=True, kw_only=True):
    """Days of billing; more than that where the billing that is known does not cover what is owed."""

    days: float
    is_more: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The next dunning action of one account at one instant."""

    decision_id: str | UnsetType = UNSET
    account_id: str
    track: str
    as_of: dt.datetime
    outcome: str
    ruleset: Any
    rule: Any
    action: Any
    along_with: list[NextAction]
    block: BlockRef | UnsetType = UNSET
    claim: Any
    episode: str | None
    sent_before: int
    reason: str | None
    review_on: dt.date | None
    upcoming: Any
    variants: dict[str, str]
    warnings: list[str]
    explanation: Explanation | UnsetType = UNSET


class DecisionDue(msgspec.Struct, frozen=True, kw_only=True):
    """A stored account was due to be asked about, and there is something to do."""

    account_id: str
    decision_id: str
    track: str
    ruleset: str
    version: int
    rule: str | None
    action: str


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next_cursor` is null on the last."""

    decisions: list[LoggedHead]
    next_cursor: str | None


class Deliveries(msgspec.Struct, frozen=True, kw_only=True):
    """Some deliveries, newest event first; `next_cursor` asks for those before them."""

    deliveries: list[Delivery]
    next_cursor: str | None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way to an endpoint: `next_at` is when it is sent while it waits."""

    event_id: str
    sequence: str
    type: str
    subject: str
    state: str
    attempts: int
    next_at: dt.datetime | None
    last_at: dt.datetime | None
    last_status: int | None
    last_error: str | None


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """One place in the text that is not as it was; None where there was, or is, nothing."""

    path: str
    was: str | None
    becomes: str | None


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, where, why it is wrong and how to mend it; ``code`` is stable and has a page in docs/."""

    code: str
    severity: str | UnsetType = UNSET
    file: str
    line: int
    column: int
    message: str
    hint: str | UnsetType | None = UNSET
    witness: Witness | UnsetType = UNSET


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs between two rulesets; a side is None where the ruleset is new or gone."""

    old: Any
    new: Any
    changes: list[Change] | UnsetType = UNSET
    effects: list[Effect] | UnsetType = UNSET
    editions: list[EditionDifference] | UnsetType = UNSET
    guarantees: list[Pledge] | UnsetType = UNSET
    are_levels_lost: bool | UnsetType = UNSET


class DifferenceFound(msgspec.Struct, frozen=True, kw_only=True):
    """A place (JSON pointer) where the decision made again differs; what one of them lacks is absent."""

    pointer: str
    logged: Any | UnsetType = UNSET
    replayed: Any | UnsetType = UNSET


class EarnedPoints(msgspec.Struct, frozen=True, kw_only=True):
    """The points that an account has for a fact, whose value stands there as words."""

    value: str
    points: int


class EditionDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs in one currency; where it is not finished, the rows are true but not all."""

    currency: str
    rows: list[Row]
    is_finished: bool | UnsetType = UNSET
    is_running: bool | UnsetType = UNSET


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What no box can show: a term that every decision of a kind carries, or (a caution) how old history is read."""

    kind: str
    what: str
    was: str | UnsetType | None = UNSET
    becomes: str | UnsetType | None = UNSET
    affects: str


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """Some events in order; `next_after` asks for those behind them, now or later."""

    events: list[CloudEvent]
    next_after: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why this decision came out; all but ``rules`` and ``scores`` only at level full."""

    rules: list[Unmet]
    facts: list[UsedFact] | UnsetType = UNSET
    scores: dict[str, ScoreSheet] | UnsetType = UNSET
    closed_channels: list[ClosedChannel] | UnsetType = UNSET
    uncounted_invoices: list[UncountedInvoice] | UnsetType = UNSET
    nearest_miss: Any | UnsetType = UNSET


class ExportedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in an export; `answer`, `input` and `related` are JSON texts, byte for byte as logged, or erased."""

    index: int
    decision_id: str
    logged_at: str
    account_id: str
    track: str | None
    outcome: str | None
    ruleset: str | None
    version: int | None
    digest: str | None
    rule: str | None
    action: str | None
    channel: str | None
    as_of: str | None
    leaf_hash: str
    answer: str | None
    input: str | None
    related: str | None
    salt: str | None
    related_salt: str | None


class FactAbout(msgspec.Struct, frozen=True, kw_only=True):
    """One standard fact."""

    name: str
    type: str
    about: str
    values: list[str] | None
    places: int
    unit: str | None
    optional: bool
    default: Any
    moves: int
    source: str


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where in the body (JSON pointer) or in which parameter or header, and why."""

    pointer: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET
    header: str | UnsetType = UNSET
    message: str
    fact: str | UnsetType = UNSET


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """That the process answers."""

    status: str | UnsetType = UNSET


class HistoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was executed for an account, oldest first."""

    history: list[RecordedEntry]


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What was executed; what is left out is taken from the rule of that id, or from the decision named."""

    at: str | UnsetType = UNSET
    decision_id: str | UnsetType = UNSET
    rule: str | UnsetType = UNSET
    action: str | UnsetType = UNSET
    ruleset: str | UnsetType = UNSET
    account: str | UnsetType = UNSET
    level: int | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    also: list[str] | UnsetType = UNSET
    episode: str | UnsetType = UNSET
    invoices: list[str] | UnsetType = UNSET
    pay_by: dt.date | UnsetType = UNSET
    announced_fee: NamedFee | UnsetType = UNSET
    fee: NamedFee | UnsetType = UNSET
    result: str | UnsetType = UNSET
    reset: bool | UnsetType = UNSET


class HourCalls(msgspec.Struct, frozen=True, kw_only=True):
    """Calls in two hours of the local time: the account's own, those to its segment, or to all accounts."""

    window: str
    of: str
    answered: int
    calls: int


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an import's lines; `skipped_count` were stored by an earlier attempt of the same `import`."""

    lines_count: int
    new_count: int
    replaced_count: int
    skipped_count: int
    refused_count: int
    problems: list[LineProblem]


class InUse(msgspec.Struct, frozen=True, kw_only=True):
    """Since when a version of a ruleset is in use."""

    ruleset: str
    version: int
    at: dt.datetime


class InclusionProof(msgspec.Struct, frozen=True, kw_only=True):
    """That a line about a decision is in the log: RFC 6962's audit path, from the leaf up."""

    decision_id: str
    index: int
    size: int
    line: str
    leaf_hash: str
    hashes: list[str]
    checkpoint: str | None
    entry: str | UnsetType | None = UNSET
    salt: str | UnsetType | None = UNSET


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """An issued invoice; `open` is what is still unpaid, below 0 a credit from `issued_on` on; `kind: fee` marks costs."""

    id: str
    due_on: dt.date
    open: str | float | int
    issued_on: dt.date | UnsetType | None = UNSET
    amount: str | float | int | UnsetType | None = UNSET
    disputed: bool | UnsetType = UNSET
    held_until: dt.date | UnsetType | None = UNSET
    kind: str | UnsetType | None = UNSET
    payments: list[Payment] | UnsetType | None = UNSET


class LineProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an import that was not stored, counted from 1, and why."""

    line: int
    pointer: str
    message: str


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is found by; its document is read by its id."""

    id: str
    party: str | None
    country: str | None
    segment: str | None
    updated_at: dt.datetime
    asks: list[AskAbout]


class LoggedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The decision as it was answered, when it was made, and what it was made from."""

    decision_id: str | UnsetType = UNSET
    account_id: str
    track: str
    as_of: dt.datetime
    outcome: str
    ruleset: Any
    rule: Any
    action: Any
    along_with: list[NextAction]
    block: BlockRef | UnsetType = UNSET
    claim: Any
    episode: str | None
    sent_before: int
    reason: str | None
    review_on: dt.date | None
    upcoming: Any
    variants: dict[str, str]
    warnings: list[str]
    explanation: Explanation | UnsetType = UNSET
    logged_at: dt.datetime
    input: LoggedInput


class LoggedHead(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in the log; `decision` is absent once the account's facts were erased."""

    decision_id: str
    logged_at: dt.datetime
    account_id: str
    outcome: str
    ruleset: str | None
    version: int | None
    rule: str | None
    decision: Decision | UnsetType = UNSET


class LoggedInput(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision was made from: the documents as sent, the question, and the versions that could answer."""

    account: dict[str, Any]
    history: list[dict[str, Any]]
    outcomes: list[dict[str, Any]] | UnsetType = UNSET
    options: dict[str, Any]
    rulesets: list[list[str | int]]


class MergeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What went over, and when."""

    account_id: str
    from_: str = msgspec.field(name="from")
    entries_count: int
    outcomes_count: int
    merged_at: dt.datetime


class MergeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which account goes over to the one of the path."""

    from_: str = msgspec.field(name="from")


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """An amount with its currency's places, such as 40.00 EUR."""

    amount: str
    currency: str


class NamedFee(msgspec.Struct, frozen=True, kw_only=True):
    """A fee as charged or announced."""

    name: str
    amount: str | float | int
    currency: str


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that lacked least, and what it lacked."""

    rule: str
    lacks: list[Unmet]


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription with a new key; `secret`, of v1, is shown this once."""

    id: str
    url: str
    types: list[str] | None
    in_order: bool
    signature: str
    allow_private: bool
    created_at: dt.datetime
    public_key: str | UnsetType = UNSET
    failing_since: dt.datetime | None
    ended_at: dt.datetime | None
    ended_why: str | None
    secret: str | UnsetType = UNSET


class NextAction(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, on which channel, when; a key that does not apply is left out."""

    type: str
    channel: str | UnsetType = UNSET
    template: str | UnsetType = UNSET
    tone: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    include: list[str] | UnsetType = UNSET
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
    metadata: dict[str, Any] | UnsetType = UNSET
    scheduled_for: dt.datetime | UnsetType = UNSET
    best_hour: BestHour | UnsetType = UNSET
    approval: str | UnsetType = UNSET


class NextActionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An account as the caller knows it, and the question."""

    account: Account
    history: list[HistoryEntry] | UnsetType = UNSET
    outcomes: list[StatedOutcome] | UnsetType = UNSET
    as_of: str | UnsetType | None = UNSET
    track: str | UnsetType = UNSET
    ruleset: str | UnsetType | None = UNSET
    version: int | UnsetType | None = UNSET
    explain: Literal["full", "none", "reason", "rules"] | UnsetType = UNSET


class NextActionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One item for each question, in the order of the questions."""

    items: list[NextActionsItem]


class NextActionsItem(msgspec.Struct, frozen=True, kw_only=True):
    """The decision, or the problem with this one question."""

    decision: Decision | UnsetType = UNSET
    problem: ProblemDetails | UnsetType = UNSET


class NextActionsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Up to 1,000 questions, each with its account or with the `account_id` of a stored one."""

    items: list[Any]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a debt; it changes nothing in the account, whose document stays the truth about what is open."""

    id: str
    type: Literal[
        "payment",
        "refund",
        "chargeback",
        "promise",
        "promise_withdrawn",
        "dispute_opened",
        "dispute_closed",
        "written_off",
        "complaint",
        "reached",
        "not_reached",
    ]
    at: str
    amount: str | float | int | UnsetType = UNSET
    invoice: str | UnsetType = UNSET
    by: dt.date | UnsetType = UNSET
    promise: str | UnsetType = UNSET
    dispute: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    attempt: str | UnsetType = UNSET


class OutcomesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Outcomes, in the order they were sent or, asked for, in the order they were recorded."""

    outcomes: list[RecordedOutcome]


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A part payment of an invoice: when, and how much, above 0."""

    on: dt.date
    amount: str | float | int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One box in words: each condition by the fact or the kind of history it is about."""

    conditions: dict[str, str]


class Pledge(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a guarantee; its verdicts are None where there is none."""

    id: str
    says: str | None
    kinds: list[str]
    was: str | None
    becomes: str | None


class PortfolioFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All that is owed; `rolls` and `effectiveness` are since the end of the day before `since`."""

    since: dt.date
    receivables: str
    current: str
    disputed: str
    ages: list[AgeFigures]
    rolls: list[RollFigures]
    days_sales_outstanding: Any
    best_possible_days: Any
    effectiveness: float | None
    days_beyond_terms: float | None
    unbilled_invoices: int


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error; the last three say more where there is more to say."""

    type: str
    title: str
    status: int
    detail: str
    problems: list[Fault] | UnsetType = UNSET
    diagnostics: list[Diagnostic] | UnsetType = UNSET
    rulesets: list[str] | UnsetType = UNSET


class PromiseBroken(msgspec.Struct, frozen=True, kw_only=True):
    """A promise to pay was not kept."""

    account_id: str
    promise: str


class PromiseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Promises by how they stand; rates are of those that are kept, partly kept or broken."""

    open: int
    kept: int
    partly_kept: int
    broken: int
    withdrawn: int
    kept_rate: float | None
    kept_money_rate: float | None


class PublishAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The version, new or, for a digest published before, as it was; with the warnings of the analysis."""

    ruleset: str
    version: int
    digest: str
    is_active: bool
    effective_from: dt.date | None
    effective_until: dt.date | None
    repository: str | None
    commit: str | None
    author: str | None
    committer: str | None
    committed_at: dt.datetime | None
    publisher: str
    published_at: dt.datetime
    language_edition: int
    approval: str
    approved_by: str | None
    approved_at: dt.datetime | None
    approval_note: str | None
    waiting: str | None
    waiting_by: str | None
    is_new: bool
    diagnostics: list[Diagnostic]


class PublishRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset's text with what belongs to it, and where it came from."""

    text: str
    facts: str | UnsetType | None = UNSET
    scorecard: str | UnsetType | None = UNSET
    guarantees: str | UnsetType | None = UNSET
    suite: str | UnsetType | None = UNSET
    file: str | UnsetType | None = UNSET
    repository: str | UnsetType | None = UNSET
    commit: str | UnsetType | None = UNSET
    author: str | UnsetType | None = UNSET
    committer: str | UnsetType | None = UNSET
    committed_at: dt.datetime | UnsetType | None = UNSET
    allow_overlap: bool | UnsetType = UNSET


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service can decide; `problems` stop it, `notices` (a broken file, say) do not."""

    status: str
    problems: list[str]
    notices: list[str]
    due_lag_seconds: float | None


class RecordRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An entry to record; `force` records a step that another decision executed meanwhile, because it happened."""

    at: str | UnsetType = UNSET
    decision_id: str | UnsetType = UNSET
    rule: str | UnsetType = UNSET
    action: (
        Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | UnsetType
    ) = UNSET
    ruleset: str | UnsetType = UNSET
    account: str | UnsetType = UNSET
    level: int | UnsetType = UNSET
    channel: (
        Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"] | UnsetType
    ) = UNSET
    also: (
        list[Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"]] | UnsetType
    ) = UNSET
    episode: str | UnsetType = UNSET
    invoices: list[str] | UnsetType = UNSET
    pay_by: dt.date | UnsetType = UNSET
    announced_fee: NamedFee | UnsetType = UNSET
    fee: NamedFee | UnsetType = UNSET
    result: Literal["declined", "done", "failed"] | UnsetType = UNSET
    reset: bool | UnsetType = UNSET
    force: bool | UnsetType = UNSET


class RecordedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it is kept, and when it was recorded."""

    at: str | UnsetType = UNSET
    decision_id: str | UnsetType = UNSET
    rule: str | UnsetType = UNSET
    action: str | UnsetType = UNSET
    ruleset: str | UnsetType = UNSET
    account: str | UnsetType = UNSET
    level: int | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    also: list[str] | UnsetType = UNSET
    episode: str | UnsetType = UNSET
    invoices: list[str] | UnsetType = UNSET
    pay_by: dt.date | UnsetType = UNSET
    announced_fee: NamedFee | UnsetType = UNSET
    fee: NamedFee | UnsetType = UNSET
    result: str | UnsetType = UNSET
    reset: bool | UnsetType = UNSET
    recorded_at: dt.datetime


class RecordedOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome as it is kept; it counts from `recorded_at` on, by its `at`."""

    id: str
    type: str
    at: str
    amount: str | float | int | UnsetType = UNSET
    invoice: str | UnsetType = UNSET
    by: dt.date | UnsetType = UNSET
    promise: str | UnsetType = UNSET
    dispute: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    attempt: str | UnsetType = UNSET
    recorded_at: dt.datetime


class RecoveredAt(msgspec.Struct, frozen=True, kw_only=True):
    """What came in up to so many days after the opening day, that day included; what is not mature may still grow."""

    days: int
    recovered: str
    rate: float | None
    paid: int
    paid_rate: float | None
    is_mature: bool


class RecoveryFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of cases: money net of what went back, *after* and *with* an action, which is not because of it."""

    cases: int
    opened: str
    recovered: str
    rate: float | None
    paid: int
    written_off: int
    written_off_money: str
    handed_over: int
    at: list[RecoveredAt]
    median_days: int | None
    contacts: int
    contacts_a_case: float | None
    fees: str
    fees_a_case: str | None
    complaints: int
    promises: PromiseFigures
    reached: int
    not_reached: int
    reach_rate: float | None
    after: str
    with_action: str
    because_of: None


class RecoveryReport(msgspec.Struct, frozen=True, kw_only=True):
    """The figures as of the end of a day; the same question about a past day has the same answer for ever."""

    as_of: dt.date
    by: str | None
    from_: dt.date | None = msgspec.field(name="from")
    to: dt.date
    within_days: int
    accounts: int
    unreadable: int
    unreadable_first: list[Unreadable]
    because_of: str
    currencies: list[CurrencyFigures]
    versions: list[InUse]


class RecoveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one line; a case may stand in several."""

    key: str
    figures: RecoveryFigures


class RefuseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Why an action is not to be carried out; without `until` it waits until the account's facts change."""

    reason: str
    until: dt.datetime | UnsetType | None = UNSET


class ReplayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again; `problem` says why no decision came out, where none did."""

    decision_id: str
    is_equal: bool
    language_edition: int
    differences: list[DifferenceFound]
    replayed: Any
    problem: str | None


class RollFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money of one age went since the period began, in percent."""

    bucket: str
    amount: str
    into: dict[str, float | None]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Where the decision differs, exactly: in one of the places, unless something in ``unless`` decides first."""

    headline: str
    was: list[str]
    becomes: list[str]
    places: list[Place]
    unless: list[str] | UnsetType = UNSET
    same: list[str] | UnsetType = UNSET
    is_unusual: bool | UnsetType = UNSET
    sample: Any | UnsetType = UNSET


class RuleRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which rule won."""

    id: str
    title: str | UnsetType | None = UNSET
    level: int | UnsetType | None = UNSET
    basis: list[str] | UnsetType = UNSET


class RulesetInUse(msgspec.Struct, frozen=True, kw_only=True):
    """A version decides from now on, on the days that it is effective: published, approved or activated again."""

    ruleset: str
    version: int
    digest: str


class RulesetPublished(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a ruleset was published; with four eyes it waits for its approval."""

    ruleset: str
    version: int
    digest: str


class RulesetRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which ruleset decided; ``version`` and ``commit`` are null for a file that was never published."""

    id: str
    version: int | UnsetType | None = UNSET
    digest: str
    effective_from: dt.date | UnsetType | None = UNSET
    law_checked_to: dt.date | UnsetType | None = UNSET
    commit: str | UnsetType | None = UNSET


class RulesetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset, and its versions' heads, newest first."""

    ruleset: str
    versions: list[VersionHead]


class Rulesets(msgspec.Struct, frozen=True, kw_only=True):
    """Every ruleset ever published."""

    rulesets: list[RulesetSummary]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run, and what is in it."""

    id: str
    state: str
    track: str
    as_of: str
    at_most: dict[str, int]
    rulesets: list[RunVersion] | None
    accounts_total: int
    accounts_done: int
    digest: str | None
    problem: str | None
    proposed_by: str
    proposed_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None
    released_by: str | None
    released_at: dt.datetime | None
    ended_at: dt.datetime | None
    totals: list[RunTotal]
    days: list[RunDay]


class RunDay(msgspec.Struct, frozen=True, kw_only=True):
    """How many contacts a run makes by a channel on a day, those along with an action included, and what it leaves."""

    day: dt.date | None
    channel: str
    count: int
    carried_over: int


class RunDeedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing more is to be said."""


class RunFinished(msgspec.Struct, frozen=True, kw_only=True):
    """A dunning run ended and was logged; `run` is the `subject` of its line."""

    run: str


class RunHead(msgspec.Struct, frozen=True, kw_only=True):
    """A run: what was asked for, how far it came, and who did what."""

    id: str
    state: str
    track: str
    as_of: str
    at_most: dict[str, int]
    rulesets: list[RunVersion] | None
    accounts_total: int
    accounts_done: int
    digest: str | None
    problem: str | None
    proposed_by: str
    proposed_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None
    released_by: str | None
    released_at: dt.datetime | None
    ended_at: dt.datetime | None


class RunItem(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a run: what would be done, or why nothing is; `note` is what a person or the release said of it."""

    account_id: str
    state: str
    outcome: str
    ruleset: str | None
    version: int | None
    rule: str | None
    title: str | None
    level: int | None
    action: str | None
    channel: str | None
    also: list[str]
    scheduled_for: str | None
    episode: str | None
    reason: str | None
    claim: Any
    fee: Any
    note: str | None
    noted_by: str | None
    decision_id: str | None


class RunItems(msgspec.Struct, frozen=True, kw_only=True):
    """A page; `order` says how it is ordered, `next_cursor` is null on the last."""

    order: str
    items: list[RunItem]
    next_cursor: str | None


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next_cursor` is null on the last."""

    runs: list[RunHead]
    next_cursor: str | None


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """For when a run is, which rulesets it asks, and how many contacts of a channel a day can hold."""

    as_of: str | UnsetType | None = UNSET
    track: str | UnsetType = UNSET
    at_most: dict[str, int] | UnsetType = UNSET


class RunTotal(msgspec.Struct, frozen=True, kw_only=True):
    """How many items there are of a kind, and what they claim together; money is null where nothing is claimed."""

    state: str
    outcome: str
    count: int
    claim: Any
    fee: Any


class RunVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that decides in a run."""

    ruleset: str
    version: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A concrete account on which the decision differs; both rulesets were asked."""

    account: dict[str, Any]
    history: list[dict[str, Any]]
    as_of: dt.date
    was: str
    becomes: str


class ScoreSheet(msgspec.Struct, frozen=True, kw_only=True):
    """How a score came about: what it starts at, and the points for each fact, which add up to its value."""

    value: int
    base: int
    points: dict[str, EarnedPoints]


class SendAgainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many will be sent: those that are kept, and of a type that the webhook wants."""

    count: int


class SendAgainRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are to be sent again, or for the first time: those named, or all behind `after` up to `until`."""

    events: list[str] | UnsetType | None = UNSET
    after: str | UnsetType | None = UNSET
    until: str | UnsetType | None = UNSET


class SetAsideRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose items are meant, and why."""

    accounts: list[str]
    reason: str


class ShadowAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of which something else would have been done, with the decision that was made."""

    account_id: str
    decision_id: str
    at: dt.datetime
    champion: ShadowStep
    challenger: ShadowStep
    claimed: Any


class ShadowCell(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts, each as last asked, got one decision and would have got the other, and what they are claimed."""

    champion: ShadowStep
    challenger: ShadowStep
    accounts: int
    different: int
    claimed: Any


class ShadowReport(msgspec.Struct, frozen=True, kw_only=True):
    """The last shadow of a ruleset and what it would have changed so far; `first` shows 20 accounts at most."""

    ruleset: str
    version: int
    percent: int
    begun_at: dt.datetime
    until: dt.datetime
    is_over: bool
    accounts: int
    different: int
    matrix: list[ShadowCell]
    first: list[ShadowAccount]


class ShadowRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which version is asked as well, about how many percent of accounts (drawn by their ids), until when."""

    version: int
    until: dt.datetime
    percent: int | UnsetType = UNSET


class ShadowStep(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided; the outcome is `refused` where the version could not decide at all."""

    outcome: str
    rule: str | None
    action: str | None
    channel: str | None


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """Which ruleset was compared."""

    id: str
    title: str
    file: str
    digest: str


class SnoozeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Until when an item rests, and why."""

    until: dt.datetime
    reason: str | UnsetType | None = UNSET


class StatedOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome of an account that is sent with the question; left out, `recorded_at` is its `at`."""

    id: str
    type: Literal[
        "payment",
        "refund",
        "chargeback",
        "promise",
        "promise_withdrawn",
        "dispute_opened",
        "dispute_closed",
        "written_off",
        "complaint",
        "reached",
        "not_reached",
    ]
    at: str
    amount: str | float | int | UnsetType = UNSET
    invoice: str | UnsetType = UNSET
    by: dt.date | UnsetType = UNSET
    promise: str | UnsetType = UNSET
    dispute: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    attempt: str | UnsetType = UNSET
    recorded_at: dt.datetime | UnsetType = UNSET


class StoredAccountRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A stored account, with the history and the outcomes that are recorded of it, and the question."""

    account_id: str
    as_of: str | UnsetType | None = UNSET
    track: str | UnsetType = UNSET
    ruleset: str | UnsetType | None = UNSET
    version: int | UnsetType | None = UNSET
    explain: Literal["full", "none", "reason", "rules"] | UnsetType = UNSET


class TakeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to take, and for how long; what is assigned is taken only where `assigned_to` names whose it is."""

    action: (
        Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | UnsetType
        | None
    ) = UNSET
    channel: (
        Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"] | UnsetType | None
    ) = UNSET
    ruleset: str | UnsetType | None = UNSET
    rule: str | UnsetType | None = UNSET
    track: str | UnsetType | None = UNSET
    assigned_to: str | UnsetType | None = UNSET
    due_by: dt.datetime | UnsetType | None = UNSET
    min_amount: str | UnsetType | None = UNSET
    run: str | UnsetType | None = UNSET
    state: Literal["approval", "ready"] | UnsetType = UNSET
    most: int | UnsetType = UNSET
    for_seconds: int | UnsetType = UNSET


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken, each with its lease, and until when nobody else gets it."""

    order: str
    items: list[WorkItem]
    taken_until: dt.datetime


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """What happens if nobody pays, in order. Nothing of it is logged."""

    account_id: str
    track: str
    steps: list[TimelineStep]


class TimelineStep(msgspec.Struct, frozen=True, kw_only=True):
    """What would be carried out, the day it was asked for, and the local day on which it happens."""

    on: dt.date
    happens_on: dt.date
    decision: Decision


class TokenAbout(msgspec.Struct, frozen=True, kw_only=True):
    """A token; `person` is whose it is, where it is a person's."""

    id: str
    name: str
    person: str | None
    scopes: list[str]
    expires_at: dt.datetime | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee with its verdict, for machines."""

    id: str
    says: str | None
    verdict: str
    actions: int


class UncountedInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or a credit that does not count today, or not with all that is open of it, and why."""

    invoice: str
    reason: str


class Unmet(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that did not win and the first condition that failed: the fact's value and what was required."""

    rule: str
    line: int | UnsetType = UNSET
    fact: str
    value: str
    required: str


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """An account that no figure counts, and why."""

    account_id: str
    message: str


class Upcoming(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that wins next by time alone, and the day."""

    rule: str
    on: dt.date


class UsedFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact's value as words and its source: given, moved, default, invoices, history, scorecard or missing."""

    fact: str
    value: str
    source: str


class VersionDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one version to another."""

    ruleset: str
    from_: int = msgspec.field(name="from")
    to: int
    texts: str
    verdict: str
    is_behaviour_same: bool
    is_finished: bool
    difference: Difference


class VersionEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a version after it was published, to which content, by whom, when and why."""

    kind: str
    at: dt.datetime
    actor: str
    note: str | None
    digest: str | None


class VersionEventRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Why, and of which content: with `digest` nothing happens to a version that is not the one that was read."""

    note: str | UnsetType | None = UNSET
    digest: str | UnsetType | None = UNSET
    allow_overlap: bool | UnsetType = UNSET


class VersionHead(msgspec.Struct, frozen=True, kw_only=True):
    """A published version without its text."""

    ruleset: str
    version: int
    digest: str
    is_active: bool
    effective_from: dt.date | None
    effective_until: dt.date | None
    repository: str | None
    commit: str | None
    author: str | None
    committer: str | None
    committed_at: dt.datetime | None
    publisher: str
    published_at: dt.datetime
    language_edition: int
    approval: str
    approved_by: str | None
    approved_at: dt.datetime | None
    approval_note: str | None
    waiting: str | None
    waiting_by: str | None


class VersionWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A published version with its text as written, its canonical form and the warnings it was published with."""

    ruleset: str
    version: int
    digest: str
    is_active: bool
    effective_from: dt.date | None
    effective_until: dt.date | None
    repository: str | None
    commit: str | None
    author: str | None
    committer: str | None
    committed_at: dt.datetime | None
    publisher: str
    published_at: dt.datetime
    language_edition: int
    approval: str
    approved_by: str | None
    approved_at: dt.datetime | None
    approval_note: str | None
    waiting: str | None
    waiting_by: str | None
    events: list[VersionEvent]
    text: str
    facts: str | None
    scorecard: str | None
    guarantees: str | None
    verdicts: list[Told]
    suite: str | None
    canonical: dict[str, Any]
    holidays: Any
    diagnostics: list[Diagnostic]


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The words that every ruleset shares."""

    facts: list[FactAbout]
    actions: list[ActionAbout]
    channels: dict[str, str]


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription; `public_key` verifies what v1a signs. Once `ended_at` nothing is sent any more."""

    id: str
    url: str
    types: list[str] | None
    in_order: bool
    signature: str
    allow_private: bool
    created_at: dt.datetime
    public_key: str | UnsetType = UNSET
    failing_since: dt.datetime | None
    ended_at: dt.datetime | None
    ended_why: str | None


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Where events are to be sent, and which."""

    url: str
    types: (
        list[
            Literal[
                "decision.due",
                "approval.requested",
                "action.approved",
                "action.refused",
                "action.executed",
                "promise.broken",
                "case.opened",
                "case.closed",
                "ruleset.published",
                "ruleset.in_use",
                "run.finished",
            ]
        ]
        | UnsetType
        | None
    ) = UNSET
    in_order: bool | UnsetType = UNSET
    signature: Literal["v1", "v1a"] | UnsetType = UNSET
    allow_private: bool | UnsetType = UNSET


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """Every subscription, oldest first."""

    webhooks: list[Webhook]


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """An account, with what was executed for it and the day on which it is asked, for which a diagnostic is so."""

    shows: str | UnsetType = UNSET
    as_of: dt.date
    account: dict[str, Any]
    history: list[dict[str, Any]] | UnsetType = UNSET


class WorkItem(msgspec.Struct, frozen=True, kw_only=True):
    """An action that the last answer about an account asks for."""

    account_id: str
    track: str
    state: str | None
    decision_id: str
    ruleset: str | None
    version: int | None
    rule: str | None
    title: str | None
    level: int | None
    action: str | None
    channel: str | None
    scheduled_for: dt.datetime | None
    reason: str | None
    episode: str | None
    claim: Any
    to_be_collected: Any
    promised: Any
    promised_by: dt.date | None
    broken_promises: int | None
    last_contact_at: dt.datetime | None
    assigned_to: str | None
    approved_by: str | None
    taken_by: str | None
    taken_until: dt.datetime | None
    snoozed_until: dt.datetime | None
    snooze_reason: str | None
    is_refused: bool
    run: str | None
    lease: str | UnsetType = UNSET


class WorkedMoney(msgspec.Struct, frozen=True, kw_only=True):
    """A fee or interest with the basis and the formula in words, so that a letter and an auditor can repeat it."""

    name: str
    amount: str
    currency: str
    basis: str | UnsetType = UNSET
    formula: str


class Worklist(msgspec.Struct, frozen=True, kw_only=True):
    """A page; `order` says how it is ordered, `next_cursor` is null on the last."""

    order: str
    items: list[WorkItem]
    next_cursor: str | None
