"""Proof: signed checkpoints of the log, that a decision is in it, and that it only ever grew; and who read what."""

from typing import Literal

from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import answer_json
from api.auditmessages import (
    Accesses,
    AccessesQuery,
    AccessRecord,
    ConsistencyProof,
    ConsistencyQuery,
    InclusionProof,
    InclusionQuery,
)
from api.operation import OPT_KEY, Answer, Operation
from api.problems import ProblemError, refuse_parameter
from api.proving import find_signer, sign_head, write_hashes
from api.requests import read_query
from api.service import Service, find_service
from store.auditlog import ExecutedEvidence
from store.decisionrecords import LoggedDecision

_TEXT = "text/plain; charset=utf-8"

CHECKPOINT = Operation(
    name="getCheckpoint",
    summary="The log as it is now, signed: what an auditor keeps elsewhere.",
    scope="audit",
    answers=(Answer(about="A signed note of C2SP tlog-checkpoint: origin, size, root hash.", media_type=_TEXT),),
    problems=("no-log-key", "unavailable"),
)
KEY = Operation(
    name="getLogKey",
    summary="The public key that checkpoints are signed with.",
    scope="audit",
    answers=(Answer(about="A verifier key of C2SP signed-note: name, key id, Ed25519 key.", media_type=_TEXT),),
    problems=("no-log-key",),
)
PROOF = Operation(
    name="getInclusionProof",
    summary="Proof that a decision, or that it was carried out, is in the log.",
    scope="audit",
    reads_personal=True,
    query=InclusionQuery,
    answers=(Answer(about="The proof.", record=InclusionProof),),
    problems=("unknown-decision", "no-log-key", "broken-log", "unavailable"),
)
CONSISTENCY = Operation(
    name="getConsistencyProof",
    summary="Proof that the log of a later checkpoint begins with that of an earlier one.",
    scope="audit",
    query=ConsistencyQuery,
    answers=(Answer(about="The proof.", record=ConsistencyProof),),
    problems=("no-log-key", "broken-log", "unavailable"),
)
ACCESSES = Operation(
    name="listAccesses",
    summary="Who read personal data with the scope audit, newest first.",
    scope="admin",
    query=AccessesQuery,
    answers=(Answer(about="A page; `next_cursor` asks for the one after it.", record=Accesses),),
    problems=("unavailable",),
)


@get("/v1/audit/checkpoint", opt={OPT_KEY: CHECKPOINT})
async def get_checkpoint(scope: Scope) -> Response[bytes]:
    """Sign the log as it is."""
    _, note = await sign_head(find_service(scope))
    return Response(note.encode(), media_type=_TEXT, headers={"Cache-Control": "no-store"})


@get("/v1/audit/key", opt={OPT_KEY: KEY})
async def get_log_key(scope: Scope) -> Response[bytes]:
    """Show the public key."""
    return Response(f"{find_signer(find_service(scope)).verifier}\n".encode(), media_type=_TEXT)


@get("/v1/audit/proof/{decision_id:str}", opt={OPT_KEY: PROOF})
async def get_inclusion_proof(scope: Scope, decision_id: FromPath[str]) -> Response[bytes]:
    """Prove that a decision is in the log."""
    proof = await make_proof(find_service(scope), decision_id, read_query(scope, InclusionQuery))
    return answer_json(proof, headers={"Cache-Control": "no-store"})


async def make_proof(service: Service, decision_id: str, asked: InclusionQuery) -> InclusionProof:
    """Prove that a line about a decision is in a tree, the one signed now where no other is asked for."""
    found = await _find_line(service, decision_id, asked.of)
    size, checkpoint = asked.size, None
    if size is None:
        head, checkpoint = await sign_head(service)
        size = head.size
    elif not found.leaf_index < size <= (await service.store.log.read_head()).size:
        raise refuse_parameter("size", f"it is line {found.leaf_index}; the log of {size} lines does not hold it.")
    recorded = found if isinstance(found, ExecutedEvidence) else None
    return InclusionProof(
        decision_id=decision_id,
        index=found.leaf_index,
        size=size,
        line=found.line.decode(),
        leaf_hash=write_hashes([found.leaf_hash])[0],
        hashes=write_hashes(await service.store.log.prove_inclusion(found.leaf_index, size)),
        checkpoint=checkpoint,
        entry=None if recorded is None else recorded.entry,
        salt=None if recorded is None or recorded.salt is None else recorded.salt.hex(),
    )


async def _find_line(
    service: Service, decision_id: str, of: Literal["decision", "executed"]
) -> LoggedDecision | ExecutedEvidence:
    """Find the line that is to be proven."""
    log, decisions = service.store.log, service.store.decisions
    found = await (log.find_executed(decision_id) if of == "executed" else decisions.read(decision_id))
    if found is None:
        said = "is in the log" if of == "decision" else "was recorded as carried out"
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} {said}.")
    return found


@get("/v1/audit/consistency", opt={OPT_KEY: CONSISTENCY})
async def get_consistency_proof(scope: Scope) -> Response[bytes]:
    """Prove that the log only grew."""
    asked = read_query(scope, ConsistencyQuery)
    service = find_service(scope)
    new_size, checkpoint = asked.new_size, None
    if new_size is None:
        head, checkpoint = await sign_head(service)
        new_size = head.size
    elif new_size > (await service.store.log.read_head()).size:
        raise refuse_parameter("new_size", "the log is not that long.")
    if asked.old_size > new_size:
        raise refuse_parameter("old_size", f"it is more than the {new_size} lines that it is compared with.")
    proof = ConsistencyProof(
        old_size=asked.old_size,
        new_size=new_size,
        hashes=write_hashes(await service.store.log.prove_consistency(asked.old_size, new_size)),
        checkpoint=checkpoint,
    )
    return answer_json(proof, headers={"Cache-Control": "no-store"})


@get("/v1/audit/accesses", opt={OPT_KEY: ACCESSES})
async def list_accesses(scope: Scope) -> Response[bytes]:
    """List who read what."""
    asked = read_query(scope, AccessesQuery)
    page = await find_service(scope).store.accesses.list(
        actor=asked.actor, since=asked.since, until=asked.until, cursor=asked.cursor, limit=asked.limit
    )
    shown = tuple(AccessRecord(at=each.at, actor=each.actor, name=each.name, what=each.what) for each in page.accesses)
    return answer_json(Accesses(accesses=shown, next_cursor=page.next_cursor), headers={"Cache-Control": "no-store"})
