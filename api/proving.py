"""Signed checkpoints and the proofs that go with them."""

import base64
from collections.abc import Sequence

from api.problems import ProblemError
from api.service import Service
from store.auditlog import Head
from store.checkpoints import Signer


def find_signer(service: Service) -> Signer:
    """Find the key that signs checkpoints, or refuse."""
    if service.signer is None:
        raise ProblemError("no-log-key", "This server was started without a key for its log.")
    return service.signer


async def sign_head(service: Service) -> tuple[Head, str]:
    """Sign the log as it is now, and remember that it was signed."""
    return await service.store.log.sign(find_signer(service))


def write_hashes(hashes: Sequence[bytes]) -> tuple[str, ...]:
    """Write hashes as proofs show them."""
    return tuple(base64.b64encode(each).decode() for each in hashes)
