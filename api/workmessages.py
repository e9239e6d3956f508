"""The bodies of the worklist: what is to be done, how it is taken, and what is said of it."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.accountmessages import ActionName, Channel, Name
from api.messages import Instant
from engine.model.decision import Decision, Money
from store.worklist import State

ORDER = "to_be_collected, most first; then episode, oldest first; then account_id"
MOST_ITEMS = 1000
_LONGEST_LEASE = 86_400
_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

WhatState = Annotated[
    State,
    Meta(
        description="`ready`: its moment has come. `scheduled`: it has yet to come. `approval`: it waits for a person."
        " `taken`: somebody has it. `snoozed`: it rests, or was refused."
    ),
]
AmountText = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$",
        description="At least so much is to be collected, in the account's own currency.",
        examples=["50"],
    ),
]
Reason = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\A[^\x00]*\Z")]


class WorkKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items; what is left out does not matter."""

    action: Annotated[ActionName, Meta(description="Actions of this type only.")] | None = None
    channel: Annotated[Channel, Meta(description="Those by this channel only.")] | None = None
    ruleset: Annotated[Name, Meta(description="Those that this ruleset asks for.")] | None = None
    rule: Annotated[Name, Meta(description="Those that this rule asks for.")] | None = None
    track: Annotated[Name, Meta(description="Those of this track only.")] | None = None
    assigned_to: Annotated[Name, Meta(description="Those that are assigned to this one.")] | None = None
    due_by: Instant | None = None
    min_amount: AmountText | None = None
    run: Annotated[str, Meta(pattern=_UUID, description="Those that this run released.")] | None = None


class WorklistQuery(WorkKind, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items, and from where on."""

    state: WhatState | None = None
    cursor: Annotated[str, Meta(min_length=1, description="The `next_cursor` of the page before.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_ITEMS, description="How many a page holds at most.")] = 100


class TakeRequest(WorkKind, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What to take, and for how long; what is assigned is taken only where `assigned_to` names whose it is."""

    state: Literal["ready", "approval"] = "ready"
    most: Annotated[int, Meta(ge=1, le=MOST_ITEMS)] = 100
    for_seconds: Annotated[int, Meta(ge=1, le=_LONGEST_LEASE)] = 900


class WorkItem(msgspec.Struct, frozen=True, kw_only=True):
    """An action that the last answer about an account asks for.

    `to_be_collected` is what is overdue less what is disputed and what is left of open promises.
    """

    account_id: str
    track: str
    state: WhatState | None
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
    claim: Money | None
    to_be_collected: Money | None
    promised: Money | None
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


class Worklist(msgspec.Struct, frozen=True, kw_only=True):
    """A page; `order` says how it is ordered, `next_cursor` is null on the last."""

    order: str
    items: tuple[WorkItem, ...]
    next_cursor: str | None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken, each with its lease, and until when nobody else gets it."""

    order: str
    items: tuple[WorkItem, ...]
    taken_until: dt.datetime


class SnoozeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Until when an item rests, and why."""

    until: Instant
    reason: Reason | None = None


class AssignRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose an item is from now on; null: nobody's."""

    to: Name | None


class ApproveRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing more is to be said."""


class RefuseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Why an action is not to be carried out; without `until` it waits until the account's facts change."""

    reason: Reason
    until: Instant | None = None


class CalendarRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose calls the feed shows."""

    assigned_to: Name


class CalendarAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the feed is read, below the service's own address; who knows it needs no token."""

    path: str


class ConfirmRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The lease by which the item was taken, where it was."""

    lease: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


Change = Literal[
    "executed",
    "taken",
    "snoozed",
    "approval",
    "paid",
    "disputed",
    "blocked",
    "limit",
    "rule",
    "channel",
    "amount",
    "schedule",
    "version",
    "nothing",
]


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a decision still holds with today's facts, else what changed; and the decision that holds now.

    `executed`: the step was carried out meanwhile. `taken`: somebody else has it. `snoozed`: it rests or was refused.
    `approval`: it waits for a person. `limit`: a contact was made since. `schedule`: its moment has yet to come.
    `nothing`: nothing is to be done any more.
    """

    result: Literal["valid", "changed"]
    changes: tuple[Change, ...]
    decision: Decision
