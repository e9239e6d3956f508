"""Signatures of Standard Webhooks: Ed25519 (v1a), or HMAC (v1) where it was asked for; one for each secret."""

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from store.loglines import Scheme


def sign(scheme: Scheme, secrets: Sequence[bytes], event_id: str, now: dt.datetime, body: bytes) -> dict[str, str]:
    """Write the three headers that say what is sent, when, and that it is ours."""
    timestamp = str(int(now.timestamp()))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"{scheme},{_encode(_sign(scheme, each, signed))}" for each in secrets),
    }


def write_secret(secret: bytes) -> str:
    """Write a key of HMAC as the receiver needs it."""
    return f"whsec_{_encode(secret)}"


def write_public_key(seed: bytes) -> str:
    """Write the public key of an Ed25519 seed as the receiver needs it."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return f"whpk_{_encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw))}"


def _sign(scheme: Scheme, secret: bytes, signed: bytes) -> bytes:
    if scheme == "v1a":
        return Ed25519PrivateKey.from_private_bytes(secret).sign(signed)
    return hmac.new(secret, signed, hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
