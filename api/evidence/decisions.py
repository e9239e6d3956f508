"""The sample of an evidence pack: each decision as logged, made again with its full explanation, and proven."""

from typing import Any

import msgspec

from api.exporting import export_decision
from api.masking import Masks
from api.proving import write_hashes
from api.replaying import FactsErased, remember, replay
from api.shelf import Shelf
from api.versions import UnusableVersion
from engine.model.language import say_edition
from store.decisionrecords import LoggedDecision
from store.store import Store


class DecisionEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A decision of the sample.

    `record` is the file for machines; `explained` the same decision with its full explanation, None where its facts
    were erased; `replay` says how making it again came out; `erased` are the accounts, its own or others of the party,
    one of which was erased where something is gone.
    """

    decision_id: str
    record: dict[str, Any]
    explained: dict[str, Any] | None
    replay: str
    erased: frozenset[str]


async def gather(store: Store, shelf: Shelf, decision_id: str, *, size: int, masks: Masks) -> DecisionEvidence | None:
    """Gather what is known of a decision, with the proof that it is in the tree of `size` lines."""
    logged = await store.decisions.read(decision_id)
    if logged is None or logged.leaf_index >= size:
        return None
    explained, said = await _replay(shelf, logged, masks)
    proof = await store.log.prove_inclusion(logged.leaf_index, size)
    exported = export_decision(logged, masks)
    record: dict[str, Any] = msgspec.to_builtins(exported)
    record["line"] = None if masks.hides_lines else logged.line.decode()
    record["proof"] = write_hashes(proof)
    record["replay"] = said
    record["executed"] = executed = None if masks.hides_lines else await _prove_executed(store, logged, size, masks)
    erased = _find_erased(logged)
    if executed is not None and executed["entry"] is None:
        erased |= {logged.account_id}
    return DecisionEvidence(decision_id=decision_id, record=record, explained=explained, replay=said, erased=erased)


async def _prove_executed(store: Store, logged: LoggedDecision, size: int, masks: Masks) -> dict[str, Any] | None:
    """Prove that a decision was carried out, and as what where nothing is masked; None if the log says nothing."""
    found = await store.log.find_executed(logged.id)
    if found is None or found.leaf_index >= size:
        return None
    return {
        "line": found.line.decode(),
        "proof": write_hashes(await store.log.prove_inclusion(found.leaf_index, size)),
        "entry": None if masks else found.entry,
        "salt": None if masks or found.salt is None else found.salt.hex(),
    }


def _find_erased(decision: LoggedDecision) -> frozenset[str]:
    is_related_gone = decision.related_commitment is not None and decision.related is None
    if decision.answer is not None and decision.input is not None and not is_related_gone:
        return frozenset()
    return frozenset({decision.account_id, *decision.related_accounts})


async def _replay(shelf: Shelf, logged: LoggedDecision, masks: Masks) -> tuple[dict[str, Any] | None, str]:
    try:
        remembered = remember(logged)
        rulesets = await shelf.take(remembered.rulesets)
    except (FactsErased, UnusableVersion) as problem:
        return None, f"not made again: {problem}"
    again = replay(remembered, rulesets)
    explained = replay(remembered, rulesets, explain="full").answer
    shown = masks.of(logged).hide("answer", explained)
    said = "equal, byte for byte" if again.is_equal else "differs from what was logged"
    if again.is_of_earlier_edition:
        said = f"made under {say_edition(again.language_edition)}, and would not be made so today"
    return (None if shown is None else _read(shown)), said


def _read(text: str) -> dict[str, Any]:
    read: object = msgspec.json.decode(text) if text.startswith("{") else {}
    return read if isinstance(read, dict) else {}
