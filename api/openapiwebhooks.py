"""The `webhooks` of the OpenAPI document: what is sent to an endpoint for each type of event."""

from api.eventmessages import MEDIA_TYPE, CloudEvent
from api.schemas import REFERENCE, Schema
from store.events import EVENTS, Event

_TEXT: Schema = {"type": "string"}
_HEADERS = {
    "webhook-id": ("The event's `id`: the same is the same event, however often it is sent.", _TEXT),
    "webhook-timestamp": (
        "When it was sent, in seconds since 1970; refuse what is older than five minutes.",
        {"type": "string", "pattern": "^[0-9]+$"},
    ),
    "webhook-signature": (
        "Of `{webhook-id}.{webhook-timestamp}.{body}`: `v1a,` and Ed25519, or `v1,` and HMAC-SHA256; one must verify.",
        _TEXT,
    ),
}


def write_webhooks() -> Schema:
    """Write what is sent of each type."""
    return {event.type: {"post": _write_delivery(event)} for event in EVENTS}


def _write_delivery(event: type[Event]) -> Schema:
    own = {"type": {"const": event.type}, "data": {"$ref": REFERENCE.format(name=event.__name__)}}
    schema = {"allOf": [{"$ref": REFERENCE.format(name=CloudEvent.__name__)}, {"type": "object", "properties": own}]}
    return {
        "operationId": f"on{event.__name__}",
        "tags": ["events"],
        "summary": event.__doc__,
        "description": "Sent to webhooks (POST /v1/webhooks) that want this type, signed as Standard Webhooks are.",
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": about, "schema": header}
            for name, (about, header) in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "description": "The event.",
            "content": {MEDIA_TYPE: {"schema": schema}},
        },
        "responses": {
            "2XX": {"description": "Taken. Answer within 15 seconds; do the work afterwards."},
            "410": {"description": "Send nothing any more: the webhook ends."},
            "default": {"description": "Sent again later, after `Retry-After` at least."},
        },
    }
