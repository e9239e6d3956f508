"""The bodies about logged decisions, and the parameters that choose some of them."""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.accountmessages import ActionName, Channel
from api.messages import HIGHEST_VERSION, Instant
from engine.model.decision import Decision

LoggedText = Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/Decision"})]
_TEXT = Meta(min_length=1, pattern=r"\A[^\x00]*\Z")
OfAccount = Annotated[str, _TEXT, Meta(description="Those of this account only.")]
OfRuleset = Annotated[str, _TEXT, Meta(description="Those of this ruleset only.")]
OfVersion = Annotated[int, Meta(ge=1, le=HIGHEST_VERSION, description="Those of this version only.")]
OfRule = Annotated[str, _TEXT, Meta(description="Those in which this rule won.")]
OfOutcome = Annotated[
    Literal["act", "wait", "blocked", "none", "not_covered"], Meta(description="Those with this outcome only.")
]
OfAction = Annotated[ActionName, Meta(description="Those that decided to do this.")]
OfChannel = Annotated[Channel, Meta(description="Those by this channel.")]
OfVariant = Annotated[
    str,
    Meta(
        pattern="^[^:]+:[^:]+$",
        description="Those in which the account was in this variant: `experiment:variant`.",
        examples=["tone-test:friendly"],
    ),
]
Limit = Annotated[int, Meta(ge=1, le=1000, description="How many a page holds at most.")]


class DecisionsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions; `since` inclusive, `until` exclusive, by the instant they were made."""

    account: OfAccount | None = None
    ruleset: OfRuleset | None = None
    version: OfVersion | None = None
    rule: OfRule | None = None
    outcome: OfOutcome | None = None
    action: OfAction | None = None
    channel: OfChannel | None = None
    variant: OfVariant | None = None
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
    outcomes: (
        Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "array", "items": {"type": "object"}})] | UnsetType
    ) = UNSET
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
