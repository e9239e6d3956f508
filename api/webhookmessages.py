"""The bodies about webhooks and their deliveries."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.eventmessages import EventType
from api.signing import write_public_key, write_secret
from store.deliveries import Delivery as Sent
from store.deliveries import State
from store.events import EVENTS
from store.loglines import Scheme
from store.webhooks import Webhook as Subscription

LONGEST_URL = 2048
Place = Annotated[str, Meta(pattern="^[0-9]{1,18}$", description="The `sequence` of an event.")]


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where events are to be sent, and which."""

    url: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_URL,
            description="https, to the public internet.",
            examples=["https://hooks.example.com/dunning"],
        ),
    ]
    types: Annotated[list[EventType], Meta(min_length=1, max_length=len(EVENTS))] | None = None
    in_order: Annotated[bool, Meta(description="The events of one account one after another.")] = False
    signature: Annotated[
        Scheme, Meta(description="How Standard Webhooks sign: v1a is Ed25519, v1 is HMAC with a shared secret.")
    ] = "v1a"
    allow_private: Annotated[
        bool, Meta(description="Also http, and private or loopback addresses; needs the scope `admin` as well.")
    ] = False


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription; `public_key` verifies what v1a signs. Once `ended_at` nothing is sent any more."""

    id: Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
    url: str
    types: tuple[EventType, ...] | None
    in_order: bool
    signature: Scheme
    allow_private: bool
    created_at: dt.datetime
    public_key: str | UnsetType = UNSET
    failing_since: dt.datetime | None
    ended_at: dt.datetime | None
    ended_why: str | None


class NewWebhook(Webhook, frozen=True, kw_only=True):
    """A subscription with a new key; `secret`, of v1, is shown this once."""

    secret: str | UnsetType = UNSET


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """Every subscription, oldest first."""

    webhooks: tuple[Webhook, ...]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way to an endpoint: `next_at` is when it is sent while it waits."""

    event_id: Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
    sequence: str
    type: EventType
    subject: str
    state: State
    attempts: int
    next_at: dt.datetime | None
    last_at: dt.datetime | None
    last_status: int | None
    last_error: str | None


class Deliveries(msgspec.Struct, frozen=True, kw_only=True):
    """Some deliveries, newest event first; `next_cursor` asks for those before them."""

    deliveries: tuple[Delivery, ...]
    next_cursor: str | None


class DeliveriesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which deliveries."""

    state: Annotated[State, Meta(description="How far they are.")] | None = None
    cursor: Annotated[str, Meta(pattern="^[0-9]{1,18}$", description="Of the page before.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many at most.")] = 100


class SendAgainRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which events are to be sent again, or for the first time: those named, or all behind `after` up to `until`."""

    events: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(min_length=1, max_length=1000)] | None = None
    after: Place | None = None
    until: Place | None = None


class SendAgainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many will be sent: those that are kept, and of a type that the webhook wants."""

    count: int


def show_webhook(webhook: Subscription) -> Webhook:
    """Show a subscription."""
    return Webhook(**_fields_of(webhook))


def show_new_webhook(webhook: Subscription) -> NewWebhook:
    """Show a subscription with its key, this once."""
    secret = write_secret(webhook.secret) if webhook.scheme == "v1" else UNSET
    return NewWebhook(**_fields_of(webhook), secret=secret)


def show_delivery(sent: Sent) -> Delivery:
    """Show a delivery."""
    same = {name: getattr(sent, name) for name in ("type", "subject", "state", "attempts")}
    last = {name: getattr(sent, name) for name in ("last_at", "last_status", "last_error")}
    waits_until = sent.next_at if sent.state == "waiting" else None
    return Delivery(event_id=sent.id, sequence=f"{sent.sequence:019}", next_at=waits_until, **same, **last)


def _fields_of(webhook: Subscription) -> dict[str, Any]:
    same = ("id", "url", "types", "in_order", "allow_private", "created_at", "failing_since", "ended_at", "ended_why")
    public_key = write_public_key(webhook.secret) if webhook.scheme == "v1a" else UNSET
    return {name: getattr(webhook, name) for name in same} | {"signature": webhook.scheme, "public_key": public_key}
