"""The bodies of dunning runs over the stored accounts: what is proposed, what is said of it, and how far it came."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from api.accountmessages import ActionName, Channel, Name
from api.messages import AsOf, Track
from api.workmessages import MOST_ITEMS, Reason
from engine.model.decision import Money
from store.runs import ItemOutcome, ItemState, RunState

ITEM_ORDER = "claim, most first; then account_id"
MOST_CONTACTS = 1_000_000_000

Counted = Annotated[int, Meta(ge=0, le=MOST_CONTACTS)]
WhatRunState = Annotated[
    RunState,
    Meta(
        description="`proposing`, `rationing`: it is being worked out. `proposed`: people may speak of its items."
        " `releasing`: it is frozen, and goes to the worklist. `failed`: `problem` says why."
    ),
]
WhatItemState = Annotated[
    ItemState,
    Meta(
        description="`carried_over`: its channel is full that day. `left_out`: nothing is to be done, and `reason` says"
        " why. `excluded`, `held`, `approved`: as people said. `changed`: something else would be done by now, and"
        " `note` says what."
    ),
]
Accounts = Annotated[
    list[Name],
    Meta(min_length=1, max_length=MOST_ITEMS, description="The accounts whose items are meant.", examples=[["A-1001"]]),
]


class RunRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """For when a run is, which rulesets it asks, and how many contacts of a channel a day can hold."""

    as_of: AsOf | None = None
    track: Track = "dunning"
    at_most: Annotated[dict[str, Counted], Meta(examples=[{"phone": 200}])] = {}


class RunsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From where on."""

    cursor: Annotated[str, Meta(min_length=1, description="The `next_cursor` of the page before.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_ITEMS, description="How many a page holds at most.")] = 100


class ItemsQuery(RunsQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items, and from where on; what is left out does not matter."""

    state: WhatItemState | None = None
    outcome: Annotated[ItemOutcome, Meta(description="Those with this answer.")] | None = None
    rule: Annotated[Name, Meta(description="Those that this rule asks for.")] | None = None
    action: Annotated[ActionName, Meta(description="Actions of this type only.")] | None = None
    channel: Annotated[Channel, Meta(description="Those by this channel only.")] | None = None


class RunVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that decides in a run."""

    ruleset: str
    version: int


class RunTotal(msgspec.Struct, frozen=True, kw_only=True):
    """How many items there are of a kind, and what they claim together; money is null where nothing is claimed."""

    state: WhatItemState
    outcome: ItemOutcome
    count: int
    claim: Money | None
    fee: Money | None


class RunDay(msgspec.Struct, frozen=True, kw_only=True):
    """How many contacts a run makes by a channel on a day, those along with an action included, and what it leaves."""

    day: dt.date | None
    channel: str
    count: int
    carried_over: int


class RunHead(msgspec.Struct, frozen=True, kw_only=True):
    """A run: what was asked for, how far it came, and who did what.

    `digest` names the proposal: the same accounts, rulesets and request give the same. `approved_by` approved it whole;
    an item that was approved by name says so itself.
    """

    id: str
    state: WhatRunState
    track: str
    as_of: str
    at_most: dict[str, int]
    rulesets: tuple[RunVersion, ...] | None
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


class Run(RunHead, frozen=True, kw_only=True):
    """A run, and what is in it."""

    totals: tuple[RunTotal, ...]
    days: tuple[RunDay, ...]


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next_cursor` is null on the last."""

    runs: tuple[RunHead, ...]
    next_cursor: str | None


class RunItem(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a run: what would be done, or why nothing is; `note` is what a person or the release said of it."""

    account_id: str
    state: WhatItemState
    outcome: ItemOutcome
    ruleset: str | None
    version: int | None
    rule: str | None
    title: str | None
    level: int | None
    action: str | None
    channel: str | None
    also: tuple[str, ...]
    scheduled_for: str | None
    episode: str | None
    reason: str | None
    claim: Money | None
    fee: Money | None
    note: str | None
    noted_by: str | None
    decision_id: str | None


class RunItems(msgspec.Struct, frozen=True, kw_only=True):
    """A page; `order` says how it is ordered, `next_cursor` is null on the last."""

    order: str
    items: tuple[RunItem, ...]
    next_cursor: str | None


class SetAsideRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose items are meant, and why."""

    accounts: Accounts
    reason: Reason


class ApproveRunRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whose items are approved; left out, all that are proposed, but not those that are held."""

    accounts: Accounts | None = None


class RunDeedRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing more is to be said."""
