"""Verifying what a webhook brought: Standard Webhooks, signed with Ed25519 (v1a) or HMAC (v1)."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence

import msgspec

from dunning_client.records import CloudEvent

TOLERANCE_SECONDS = 300
_SECRET, _PUBLIC_KEY = "whsec_", "whpk_"


class WebhookInvalid(Exception):
    """A request is not what the service sent, or not now."""


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    *keys: str,
    now: float | None = None,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> CloudEvent:
    """Return the event that a request brings; raises WebhookInvalid unless one of the keys signed it just now.

    A key is a `public_key` (`whpk_…`; needs the extra `webhooks`) or a `secret` (`whsec_…`); in a rotation give both.
    Handle an event once: another request of the same `id` brings the same.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
        signatures = [each.partition(",")[::2] for each in given["webhook-signature"].split()]
        apart = abs((time.time() if now is None else now) - int(timestamp))
    except (KeyError, ValueError):
        raise WebhookInvalid("the headers of Standard Webhooks are missing, or are none") from None
    if apart > tolerance_seconds:
        raise WebhookInvalid("it was not sent just now: it may be a repetition by somebody else, or a clock is wrong")
    signed = f"{event_id}.{timestamp}.".encode() + body
    if not any(_is_signed(signed, signatures, key) for key in keys):
        raise WebhookInvalid("none of its signatures is by one of the keys")
    return msgspec.json.decode(body, type=CloudEvent)


def _is_signed(signed: bytes, signatures: Sequence[tuple[str, str] | Sequence[str]], key: str) -> bool:
    if key.startswith(_SECRET):
        expected = hmac.new(base64.b64decode(key.removeprefix(_SECRET)), signed, hashlib.sha256).digest()
        return any(kind == "v1" and hmac.compare_digest(_decode(text), expected) for kind, text in signatures)
    if not key.startswith(_PUBLIC_KEY):
        raise ValueError(f"a key begins with {_SECRET} or {_PUBLIC_KEY}")
    public_key = base64.b64decode(key.removeprefix(_PUBLIC_KEY))
    return any(kind == "v1a" and _verifies(public_key, _decode(text), signed) for kind, text in signatures)


def _verifies(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  only the extra `webhooks` brings it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  as above

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
