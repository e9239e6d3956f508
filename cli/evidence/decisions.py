"""The sample of an evidence pack: each decision as logged, made again with its full explanation, and proven."""

import base64
from typing import Any

import msgspec

from api.exporting import Masks, export_decision
from api.replaying import FactsErased, remember, replay
from api.shelf import Shelf
from api.versions import UnusableVersion
from store.decisionrecords import LoggedDecision
from store.store import Store


class DecisionEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A decision of the sample.

    `record` is the file for machines; `explained` the same decision with its full explanation, None where its facts
    were erased; `replay` says how making it again came out.
    """

    decision_id: str
    record: dict[str, Any]
    explained: dict[str, Any] | None
    replay: str


async def gather(store: Store, shelf: Shelf, decision_id: str, *, size: int, masks: Masks) -> DecisionEvidence | None:
    """Gather what is known of a decision, with the proof that it is in the tree of `size` lines."""
    logged = await store.decisions.read(decision_id)
    if logged is None or logged.leaf_index >= size:
        return None
    explained, said = await _replay(shelf, logged, masks)
    proof = await store.log.prove_inclusion(logged.leaf_index, size)
    exported = export_decision(logged, masks)
    record: dict[str, Any] = msgspec.to_builtins(exported)
    record["line"] = None if masks.hides_accounts else logged.line.decode()
    record["proof"] = [base64.b64encode(each).decode() for each in proof]
    record["replay"] = said
    return DecisionEvidence(decision_id=decision_id, record=record, explained=explained, replay=said)


async def _replay(shelf: Shelf, logged: LoggedDecision, masks: Masks) -> tuple[dict[str, Any] | None, str]:
    try:
        remembered = remember(logged)
        rulesets = await shelf.take(remembered.rulesets)
    except (FactsErased, UnusableVersion) as problem:
        return None, f"not made again: {problem}"
    again = replay(remembered, rulesets)
    explained = replay(remembered, rulesets, explain="full").answer
    shown = masks.hide("answer", explained)
    said = "equal, byte for byte" if again.is_equal else "differs from what was logged"
    return (None if shown is None else _read(shown)), said


def _read(text: str) -> dict[str, Any]:
    read: object = msgspec.json.decode(text) if text.startswith("{") else {}
    return read if isinstance(read, dict) else {}
