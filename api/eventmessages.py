"""The bodies of events, as OpenAPI shows them: CloudEvents 1.0 in their JSON form."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from store.events import EVENTS
from store.outbox import ToldEvent

MEDIA_TYPE = "application/cloudevents+json"
MOST_EVENTS = 1000

EventType = Annotated[
    str, Meta(description="What happened.", extra_json_schema={"enum": [event.type for event in EVENTS]})
]
Data = Annotated[
    msgspec.Raw,
    Meta(
        description="Ids, types and versions, each type's own; never facts.",
        extra_json_schema={"anyOf": [{"$ref": f"#/components/schemas/{event.__name__}"} for event in EVENTS]},
    ),
]
Sequence = Annotated[
    str,
    Meta(pattern="^[0-9]{19}$", description="The event's place among all; of two texts the later event's is greater."),
]


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event; the same `id` is the same event, however often it is delivered."""

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
    source: Literal["urn:dunning"] = "urn:dunning"
    type: EventType
    subject: Annotated[str, Meta(description="What it happened to.", examples=["accounts/A-1001"])]
    time: dt.datetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: Sequence
    data: Data


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """Some events in order; `next_after` asks for those behind them, now or later."""

    events: tuple[CloudEvent, ...]
    next_after: Annotated[str, Meta(pattern="^[0-9]{19}$")]


class EventsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events."""

    after: (
        Annotated[
            str,
            Meta(
                pattern="^[0-9]{1,19}$",
                description="The `next_after` of the answer before, or the `sequence` of the last event that was"
                " handled. Left out: from the first that is kept.",
            ),
        ]
        | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=MOST_EVENTS, description="How many at most.")] = 100


def write_event(event: ToldEvent) -> CloudEvent:
    """Write an event as it is told."""
    return CloudEvent(
        id=event.id,
        type=event.type,
        subject=event.subject,
        time=event.at,
        sequence=write_sequence(event.sequence),
        data=msgspec.Raw(event.data),
    )


def write_sequence(place: int) -> str:
    """Write a place so that texts are ordered as places are."""
    return f"{place:019}"
