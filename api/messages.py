"""The bodies of requests and answers, as OpenAPI shows them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.problems import ProblemDetails
from engine.loading.rules import HIGHEST_LEVEL
from engine.model.decision import Decision
from engine.model.diagnostic import Diagnostic
from engine.model.vocabulary import ACTIONS, CHANNELS

HIGHEST_VERSION = (1 << 31) - 1
Approval = Literal["not_required", "pending", "approved"]
Result = Literal["done", "failed", "declined"]
Explain = Literal["none", "reason", "rules", "full"]
HowMuch = Annotated[
    Explain,
    Meta(
        description="How much is explained: nothing, the reason in a sentence, for each earlier rule what failed, or"
        " every fact as well."
    ),
]
Amount = Annotated[
    Decimal,
    Meta(
        description="A decimal in the account's currency, as text or number.",
        examples=["49.95"],
    ),
]
Document = Annotated[
    msgspec.Raw,
    Meta(
        description="The account document (schema Account).", extra_json_schema={"$ref": "#/components/schemas/Account"}
    ),
]
Entries = Annotated[
    msgspec.Raw,
    Meta(
        description="What was executed so far, in order (schema HistoryEntry).",
        extra_json_schema={"type": "array", "items": {"$ref": "#/components/schemas/HistoryEntry"}},
    ),
]
_YEARS = "^(19|20|21)"
Instant = Annotated[
    dt.datetime, Meta(tz=True, description="An instant with its offset.", extra_json_schema={"pattern": _YEARS})
]
LoggedText = Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/Decision"})]
AsOf = Annotated[
    str,
    Meta(
        description="An instant with its offset, or a date: its first moment in the account's zone. Left out: now.",
        extra_json_schema={"pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}([Tt ].+)?$"},
        examples=["2026-11-20T09:00:00+01:00", "2026-11-20"],
    ),
]
Track = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=r"\A[^\x00]*\Z",
        description="Which of the tracks that may cover one account.",
    ),
]
RulesetId = Annotated[str, Meta(min_length=1, description="Ask this ruleset only.")]
Version = Annotated[
    int,
    Meta(
        ge=1, le=HIGHEST_VERSION, description="Ask this published version of `ruleset`, whatever its effective period."
    ),
]


_TEXT = Meta(min_length=1, pattern=r"\A[^\x00]*\Z")
OfAccount = Annotated[str, _TEXT, Meta(description="Those of this account only.")]
OfRuleset = Annotated[str, _TEXT, Meta(description="Those of this ruleset only.")]
OfVersion = Annotated[int, Meta(ge=1, le=HIGHEST_VERSION, description="Those of this version only.")]
OfRule = Annotated[str, _TEXT, Meta(description="Those in which this rule won.")]
OfOutcome = Annotated[
    Literal["act", "wait", "blocked", "none", "not_covered"], Meta(description="Those with this outcome only.")
]
Limit = Annotated[int, Meta(ge=1, le=1000, description="How many a page holds at most.")]


class NextActionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An account as the caller knows it, and the question."""

    account: Document
    history: Entries | UnsetType = UNSET
    as_of: AsOf | None = None
    track: Track = "dunning"
    ruleset: RulesetId | None = None
    version: Version | None = None
    explain: HowMuch = "reason"


Item = Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/NextActionRequest"})]


class NextActionsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to 1,000 questions."""

    items: Annotated[list[Item], Meta(min_length=1, max_length=1000)]


class NextActionsItem(msgspec.Struct, frozen=True, kw_only=True):
    """The decision, or the problem with this one question."""

    decision: Decision | UnsetType = UNSET
    problem: ProblemDetails | UnsetType = UNSET


class NextActionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One item for each question, in the order of the questions."""

    items: list[NextActionsItem]


class NextActionQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The question about a stored account.

    With `known_at` it is answered with the rulesets that were published and the history that was recorded by then;
    `as_of` left out is then that instant. The account is as it is stored now.
    """

    as_of: AsOf | None = None
    known_at: Instant | None = None
    track: Track = "dunning"
    ruleset: RulesetId | None = None
    version: Version | None = None
    explain: HowMuch = "reason"


class Invoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issued invoice; `open` is what is still unpaid, `kind: fee` marks dunning costs."""

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    due_on: dt.date
    open: Amount
    issued_on: dt.date | None = None
    amount: Amount | None = None
    disputed: bool = False
    kind: str | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account document; every other key is a fact, which the ruleset that covers the account gives its type."""

    id: Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^/\x00-\x1f\x7f]*\Z")]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]
    timezone: str | None = None
    party: Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^\x00]*\Z")] | None = None
    facts_on: dt.date | None = None
    invoices: list[Invoice] | None = None


class AccountPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of an account that change, facts included; null takes a key away."""

    timezone: str | UnsetType | None = UNSET
    party: str | UnsetType | None = UNSET
    facts_on: dt.date | UnsetType | None = UNSET
    invoices: list[Invoice] | UnsetType | None = UNSET


Name = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^\x00]*\Z")]
DecisionId = Annotated[str, Meta(description="The `decision_id` of an answer.")]
ActionName = Annotated[str, Meta(extra_json_schema={"enum": sorted(ACTIONS)})]
Channel = Annotated[str, Meta(extra_json_schema={"enum": sorted(CHANNELS)})]


class NamedFee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee as charged or announced."""

    name: str
    amount: Amount
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was executed; what is left out is taken from the rule of that id, or from the decision named."""

    at: AsOf | UnsetType = UNSET
    decision_id: DecisionId | UnsetType = UNSET
    rule: Name | UnsetType = UNSET
    action: ActionName | UnsetType = UNSET
    ruleset: Name | UnsetType = UNSET
    account: Name | UnsetType = UNSET
    level: Annotated[int, Meta(ge=0, le=HIGHEST_LEVEL)] | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    also: list[Channel] | UnsetType = UNSET
    episode: dt.date | UnsetType = UNSET
    invoices: list[str] | UnsetType = UNSET
    pay_by: dt.date | UnsetType = UNSET
    announced_fee: NamedFee | UnsetType = UNSET
    fee: NamedFee | UnsetType = UNSET
    result: Result | UnsetType = UNSET
    reset: bool | UnsetType = UNSET


class RecordRequest(HistoryEntry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry to record; `force` records a step that another decision executed meanwhile, because it happened."""

    force: bool | UnsetType = UNSET


class TimelineQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when to when, and which rulesets."""

    as_of: Annotated[dt.date, Meta(description="The first day asked; left out: today.")] | None = None
    until: Annotated[dt.date, Meta(description="The last day asked; left out: to the end of the ladder.")] | None = None
    track: Track = "dunning"
    ruleset: RulesetId | None = None
    version: Version | None = None


class TimelineStep(msgspec.Struct, frozen=True, kw_only=True):
    """What would be carried out on a day."""

    on: dt.date
    decision: Decision


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """What happens if nobody pays: each action on the day it would be carried out. Nothing of it is logged."""

    account_id: str
    track: str
    steps: tuple[TimelineStep, ...]


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


_ALLOW_OVERLAP = "Publish it also where another ruleset in use covers one of its accounts; those get no answer then."


File = Annotated[str, Meta(min_length=1, description="The file's name, for messages.")]
Repository = Annotated[str, Meta(min_length=1, description="The repository that the text comes from.")]
Commit = Annotated[str, Meta(min_length=1, description="The commit that the text was taken at.")]
Author = Annotated[str, Meta(min_length=1, description="Who wrote it, by the commit.")]
Committer = Annotated[str, Meta(min_length=1, description="Who committed it.")]
CommittedAt = Annotated[Instant, Meta(description="When it was committed, with the offset.")]


class PublishRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A ruleset's text with what belongs to it, and where it came from."""

    text: str
    facts: str | None = None
    suite: str | None = None
    file: File | None = None
    repository: Repository | None = None
    commit: Commit | None = None
    author: Author | None = None
    committer: Committer | None = None
    committed_at: CommittedAt | None = None
    allow_overlap: Annotated[bool, Meta(description=_ALLOW_OVERLAP)] = False


class PublishQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a ruleset sent as plain YAML came from."""

    file: File | None = None
    repository: Repository | None = None
    commit: Commit | None = None
    author: Author | None = None
    committer: Committer | None = None
    committed_at: CommittedAt | None = None
    allow_overlap: Annotated[Literal["true", "false"], Meta(description=_ALLOW_OVERLAP)] = "false"


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
    approval: Approval
    approved_by: str | None
    approved_at: dt.datetime | None
    approval_note: str | None


class VersionEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a version after it was published, to which content, by whom, when and why."""

    kind: Literal["approve", "retire", "activate"]
    at: dt.datetime
    actor: str
    note: str | None
    digest: str | None


class VersionWhole(VersionHead, frozen=True, kw_only=True):
    """A published version with its text as written, its canonical form and the warnings it was published with."""

    events: tuple[VersionEvent, ...]

    text: str
    facts: str | None
    suite: str | None
    canonical: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]
    holidays: Annotated[msgspec.Raw, Meta(description="The holiday dates this version decides with, for ever.")]
    diagnostics: tuple[Diagnostic, ...]


class PublishAnswer(VersionHead, frozen=True, kw_only=True):
    """The version, new or, for a digest published before, as it was; with the warnings of the analysis."""

    is_new: bool
    diagnostics: tuple[Diagnostic, ...]


class RulesetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset, and its versions' heads, newest first."""

    ruleset: str
    versions: tuple[VersionHead, ...]


class Rulesets(msgspec.Struct, frozen=True, kw_only=True):
    """Every ruleset ever published."""

    rulesets: tuple[RulesetSummary, ...]


class DecisionsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions; `since` inclusive, `until` exclusive, by the instant they were made."""

    account: OfAccount | None = None
    ruleset: OfRuleset | None = None
    version: OfVersion | None = None
    rule: OfRule | None = None
    outcome: OfOutcome | None = None
    since: Instant | None = None
    until: Instant | None = None
    cursor: Annotated[str, Meta(min_length=1, description="The `next_cursor` of the page before.")] | None = None
    limit: Limit = 100


class LoggedInput(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision was made from: the documents as sent, the question, and the versions that could answer.

    Of an account that no ruleset covers nothing more was read than what told so.
    """

    account: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]
    history: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "array", "items": {"type": "object"}})]
    options: dict[str, Any]
    rulesets: list[tuple[str, int]]


class LoggedDecision(Decision, frozen=True, kw_only=True):
    """The decision as it was answered, when it was made, and what it was made from."""

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
    decision: LoggedText | UnsetType = UNSET


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next_cursor` is null on the last."""

    decisions: tuple[LoggedHead, ...]
    next_cursor: str | None


class FactAbout(msgspec.Struct, frozen=True, kw_only=True):
    """One standard fact."""

    name: str
    type: str
    about: str
    values: tuple[str, ...] | None
    places: int
    unit: str | None
    optional: bool
    default: Any
    moves: int
    source: str


class ActionAbout(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of action."""

    name: str
    about: str
    is_contact: bool
    parameters: dict[str, Any]


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The words that every ruleset shares."""

    facts: tuple[FactAbout, ...]
    actions: tuple[ActionAbout, ...]
    channels: dict[str, str]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """That the process answers."""

    status: Literal["alive"] = "alive"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service can decide; `problems` stop it, `notices` (a broken file, say) do not."""

    status: Literal["ready", "not_ready"]
    problems: tuple[str, ...]
    notices: tuple[str, ...]
