"""What is sent is what the OpenAPI document says of its webhooks."""

import datetime as dt
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from api.answers import encode
from api.eventmessages import MEDIA_TYPE, write_event
from store.events import EVENTS, Event
from store.outbox import ToldEvent

DOCUMENT: dict[str, Any] = msgspec.json.decode((Path(__file__).parents[2] / "schemas" / "openapi.json").read_bytes())
SAMPLES: dict[type, object] = {str: "x", int: 3, dt.date: dt.date(2026, 11, 6)}


def make(kind: type[Event]) -> Event:
    """Make an event with something in each field."""
    return kind(**{field.name: SAMPLES.get(field.type) for field in msgspec.structs.fields(kind)})


def write(event: Event) -> dict[str, Any]:
    """Write an event as it is sent."""
    told = ToldEvent(
        id="01a224ec-775a-7476-8a00-c89173e7f588",
        sequence=1,
        type=event.type,
        subject=event.subject,
        at=dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
        data=msgspec.json.encode(event),
    )
    written: dict[str, Any] = msgspec.json.decode(encode(write_event(told)))
    return written


def find_schema(name: str) -> dict[str, Any]:
    """Find what the document says is sent of a type."""
    (content,) = DOCUMENT["webhooks"][name]["post"]["requestBody"]["content"].items()
    assert content[0] == MEDIA_TYPE
    return {**content[1]["schema"], "components": DOCUMENT["components"]}


def test_the_document_has_every_type() -> None:
    """Each type of event is a webhook of the document, and no other is."""
    assert list(DOCUMENT["webhooks"]) == [event.type for event in EVENTS]


@pytest.mark.parametrize("kind", EVENTS)
def test_what_is_sent_is_as_described(kind: type[Event]) -> None:
    """An event fits the schema of its type; with a field of another name, or of another type, it does not."""
    event = write(make(kind))
    schema = find_schema(kind.type)
    jsonschema.validate(event, schema)
    for spoiled in ({**event, "data": {**event["data"], "open": "49.95"}}, {**event, "type": "other"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoiled, schema)
