"""The bodies about stored accounts: documents, history, imports."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.messages import Amount, AsOf, Instant
from engine.loading.rules import HIGHEST_LEVEL
from engine.model.calls import WINDOWS, Whose
from engine.model.episode import EpisodeName
from engine.model.outcome import OUTCOME_TYPES
from engine.model.vocabulary import ACTIONS, CHANNELS

Result = Literal["done", "failed", "declined"]
MOST_OUTCOMES = 1000
Name = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^\x00]*\Z")]
OutcomeAt = Annotated[
    str,
    Meta(
        description="When it happened: an instant with its offset, or a date: its first moment in the account's zone.",
        extra_json_schema={"pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}([Tt ].+)?$"},
        examples=["2026-11-20T09:00:00+01:00", "2026-11-20"],
    ),
]


class Payment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part payment of an invoice: when, and how much, above 0."""

    on: dt.date
    amount: Amount


class Invoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issued invoice; `open` is what is still unpaid, below 0 a credit from `issued_on` on; `kind: fee` marks costs.

    It counts as disputed before `held_until`; `payments` brought it down to `open`, and only interest reads them.
    """

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    due_on: dt.date
    open: Amount
    issued_on: dt.date | None = None
    amount: Amount | None = None
    disputed: bool = False
    held_until: dt.date | None = None
    kind: str | None = None
    payments: list[Payment] | None = None


class HourCalls(msgspec.Struct, frozen=True, kw_only=True):
    """Calls in two hours of the local time: the account's own, those to its segment, or to all accounts."""

    window: Annotated[str, Meta(extra_json_schema={"enum": list(WINDOWS)})]
    of: Whose
    answered: Annotated[int, Meta(ge=0)]
    calls: Annotated[int, Meta(ge=0)]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account document; every other key is a fact, which the ruleset that covers the account gives its type."""

    id: Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^/\x00-\x1f\x7f]*\Z")]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]
    timezone: str | None = None
    party: Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^\x00]*\Z")] | None = None
    facts_on: dt.date | None = None
    invoices: list[Invoice] | None = None
    call_hours: (
        Annotated[
            list[HourCalls],
            Meta(description="How often calls were answered, for calls at the best hour (`schedule: {time: best}`)."),
        ]
        | None
    ) = None


class PutQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the facts are checked before the account is stored."""

    check: Annotated[
        Literal["true", "false"],
        Meta(
            description="`true`: refused, and not stored, is what a decision would refuse now: a fact that a ruleset"
            " does not know, needs, or cannot read."
        ),
    ] = "false"


class AccountsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accounts; all that is given must hold."""

    prefix: Annotated[Name, Meta(description="Those whose id begins so.")] | None = None
    party: Annotated[Name, Meta(description="Those of this party.")] | None = None
    country: Annotated[Name, Meta(description="Those of this country.", examples=["NL"])] | None = None
    segment: Annotated[Name, Meta(description="Those of this segment.")] | None = None
    ruleset: Annotated[Name, Meta(description="Those that this ruleset answered last, in any track.")] | None = None
    due_by: Annotated[Instant, Meta(description="Those that are to be asked about by then, in any track.")] | None = (
        None
    )
    cursor: Annotated[Name, Meta(description="The `next_cursor` of the page before.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many a page holds at most.")] = 100


class AskAbout(msgspec.Struct, frozen=True, kw_only=True):
    """When an account is to be asked about in a track (null: not unless something changes), and who answered last."""

    track: str
    ask_at: dt.datetime | None
    ruleset: str | None


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is found by; its document is read by its id."""

    id: str
    party: str | None
    country: str | None
    segment: str | None
    updated_at: dt.datetime
    asks: tuple[AskAbout, ...]


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """A page, by id; `next_cursor` is null on the last."""

    accounts: tuple[ListedAccount, ...]
    next_cursor: str | None


class AccountPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of an account that change, facts included; null takes a key away."""

    timezone: str | UnsetType | None = UNSET
    party: str | UnsetType | None = UNSET
    facts_on: dt.date | UnsetType | None = UNSET
    invoices: list[Invoice] | UnsetType | None = UNSET


DecisionId = Annotated[str, Meta(description="The `decision_id` of an answer.")]
ActionName = Annotated[str, Meta(extra_json_schema={"enum": sorted(ACTIONS)})]
Channel = Annotated[str, Meta(extra_json_schema={"enum": sorted(CHANNELS)})]


class NamedFee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee as charged or announced."""

    name: Name
    amount: Amount
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was executed; what is left out is taken from the rule of that id, or from the decision named.

    Without `episode` and `invoices` it gets those that the stored account has on the local day of `at`.
    """

    at: AsOf | UnsetType = UNSET
    decision_id: DecisionId | UnsetType = UNSET
    rule: Name | UnsetType = UNSET
    action: ActionName | UnsetType = UNSET
    ruleset: Name | UnsetType = UNSET
    account: Name | UnsetType = UNSET
    level: Annotated[int, Meta(ge=0, le=HIGHEST_LEVEL)] | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    also: list[Channel] | UnsetType = UNSET
    episode: EpisodeName | UnsetType = UNSET
    invoices: list[Name] | UnsetType = UNSET
    pay_by: dt.date | UnsetType = UNSET
    announced_fee: NamedFee | UnsetType = UNSET
    fee: NamedFee | UnsetType = UNSET
    result: Result | UnsetType = UNSET
    reset: bool | UnsetType = UNSET


class RecordedEntry(HistoryEntry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as it is kept, and when it was recorded."""

    recorded_at: Instant


class HistoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was executed for an account, oldest first."""

    history: tuple[RecordedEntry, ...]


class RecordRequest(HistoryEntry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry to record; `force` records a step that another decision executed meanwhile, because it happened."""

    force: bool | UnsetType = UNSET


OutcomeName = Annotated[str, Meta(extra_json_schema={"enum": [*OUTCOME_TYPES]})]


class Outcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of a debt; it changes nothing in the account, whose document stays the truth about what is open.

    `by` is the last day of a promise; a promise or a write-off without `amount` is about what the stored account owes.
    """

    id: Name
    type: OutcomeName
    at: OutcomeAt
    amount: Annotated[Amount, Meta(description="In the account's currency, above 0.")] | UnsetType = UNSET
    invoice: Name | UnsetType = UNSET
    by: dt.date | UnsetType = UNSET
    promise: Annotated[Name, Meta(description="Which promise is withdrawn.")] | UnsetType = UNSET
    dispute: Annotated[Name, Meta(description="Which dispute is closed.")] | UnsetType = UNSET
    origin: Name | UnsetType = UNSET
    attempt: Name | UnsetType = UNSET


class StatedOutcome(Outcome, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome of an account that is sent with the question; left out, `recorded_at` is its `at`."""

    recorded_at: Instant | UnsetType = UNSET


class RecordedOutcome(Outcome, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome as it is kept; it counts from `recorded_at` on, by its `at`."""

    recorded_at: Instant


class OutcomesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Outcomes, in the order they were sent or, asked for, in the order they were recorded."""

    outcomes: tuple[RecordedOutcome, ...]


OneOrMoreOutcomes = Outcome | Annotated[list[Outcome], Meta(min_length=1, max_length=MOST_OUTCOMES)]


class MergeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Which account goes over to the one of the path."""

    from_: Name


class MergeAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What went over, and when."""

    account_id: str
    from_: str
    entries_count: int
    outcomes_count: int
    merged_at: dt.datetime


class LineProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an import that was not stored, counted from 1, and why."""

    line: int
    pointer: str
    message: str


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an import's lines; `skipped_count` were stored by an earlier attempt of the same `import`."""

    lines_count: int
    new_count: int
    replaced_count: int
    skipped_count: int
    refused_count: int
    problems: tuple[LineProblem, ...]


class ImportQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an import is told from another."""

    id: (
        Annotated[
            str,
            Meta(
                pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
                description="A UUID of the caller's choice. Sent again with the same file after an interruption, the"
                " lines already stored are skipped.",
            ),
        ]
        | None
    ) = None
