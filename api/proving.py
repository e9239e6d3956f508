"""Signed checkpoints and the proofs that go with them."""

import base64
from collections.abc import Sequence

import msgspec

from api.problems import ProblemError
from api.service import Service
from store.auditlog import AuditLog, Head
from store.checkpoints import Signer
from store.decisionrecords import LoggedDecision
from store.errors import BrokenLog
from store.loglines import commit_to
from store.merkle import follow, hash_leaf


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a decision is in the log as it is now: the hashes from its line up to the root over all lines.

    ``trouble`` says what does not fit, None where all does.
    """

    index: int
    size: int
    root: str
    hashes: tuple[str, ...]
    trouble: str | None


def find_signer(service: Service) -> Signer:
    """Find the key that signs checkpoints, or refuse."""
    if service.signer is None:
        raise ProblemError("no-log-key", "This server was started without a key for its log.")
    return service.signer


async def sign_head(service: Service) -> tuple[Head, str]:
    """Sign the log as it is now, and remember that it was signed."""
    return await service.store.log.sign(find_signer(service))


async def prove_decision(log: AuditLog, logged: LoggedDecision) -> Proven:
    """Prove that a decision is in the log: its facts against its line, its line against the root over all lines."""
    head, place = await log.read_head(), logged.leaf_index
    hashes: tuple[bytes, ...] = ()
    trouble = None
    try:
        hashes = await log.prove_inclusion(place, head.size)
    except (BrokenLog, ValueError) as problem:
        trouble = f"{problem}"
    else:
        if hash_leaf(logged.line) != logged.leaf_hash:
            trouble = "what stands in the table is not what its line was hashed from"
        elif follow(logged.leaf_hash, place, head.size, hashes) != head.root:
            trouble = "the hashes beside its line do not lead to the root over all lines"
        elif not _is_committed_to(logged):
            trouble = "its answer or input is not what its line commits to"
    return Proven(
        index=place,
        size=head.size,
        root=write_hashes([head.root])[0],
        hashes=write_hashes(hashes),
        trouble=trouble,
    )


def _is_committed_to(logged: LoggedDecision) -> bool:
    """Whether the facts are those that were logged; facts that were erased say nothing any more."""
    if logged.salt is None or logged.answer is None or logged.input is None:
        return True
    return commit_to(logged.salt, logged.answer, logged.input) == logged.commitment


def write_hashes(hashes: Sequence[bytes]) -> tuple[str, ...]:
    """Write hashes as proofs show them."""
    return tuple(base64.b64encode(each).decode() for each in hashes)
