"""The evidence of a period, written into one archive as it is gathered."""

import datetime as dt
import json
import zipfile
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from api.exporting import Masks
from api.proving import write_hashes
from api.shelf import Shelf
from cli.evidence import decisions, versions
from cli.evidence.decisions import DecisionEvidence
from cli.evidence.page import Contents, write_page
from cli.evidence.versions import VersionEvidence
from store.auditlog import OtherLine
from store.checkpoints import CheckpointInvalid, Signer
from store.store import Store
from store.verifying import Verification

_MOST_LINES = 10_000
_VERIFIER = "verify_evidence.py"

Progress = Callable[[str], None]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is packed."""

    since: dt.datetime | None
    until: dt.datetime | None
    sample_count: int
    masks: Masks
    made_at: dt.datetime


async def write_pack(
    store: Store, signer: Signer, verification: Verification, wanted: Wanted, file: Path, progress: Progress
) -> Contents:
    """Gather the evidence and write it; the file appears whole or not at all."""
    draft = file.with_name(f"{file.name}.draft")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            contents = await _Packing(store, signer, wanted, archive, progress).run(verification)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return contents


class _Packing:
    """One pack being written."""

    def __init__(
        self, store: Store, signer: Signer, wanted: Wanted, archive: zipfile.ZipFile, progress: Progress
    ) -> None:
        self._store = store
        self._signer = signer
        self._wanted = wanted
        self._archive = archive
        self._progress = progress

    async def run(self, verification: Verification) -> Contents:
        """Write every part, the page that shows them last."""
        wanted, store = self._wanted, self._store
        head = await store.log.read_head()
        note = self._signer.sign(head.size, head.root)
        await store.log.keep_checkpoint(head.size, self._signer.verifier.name, note)
        self._put("checkpoint.txt", note)
        self._put("key.txt", f"{self._signer.verifier}\n")
        self._put(
            "verification.json", _write_json(msgspec.to_builtins(verification) | {"root": verification.root.hex()})
        )
        counts = await store.decisions.summarise(since=wanted.since, until=wanted.until)
        self._put("decided.json", _write_json(msgspec.to_builtins(counts)))
        used = {(each.ruleset_id, each.version) for each in counts if each.ruleset_id and each.version}
        contents = Contents(
            since=wanted.since,
            until=wanted.until,
            made_at=wanted.made_at,
            checkpoint=note,
            key=str(self._signer.verifier),
            checkpoints_count=await self._pack_checkpoints(head.size),
            verification=verification,
            counts=counts,
            lines=await self._pack_lines(),
            versions=await self._pack_versions([(name, number) for name, number in used if name and number]),
            decisions=await self._pack_decisions(head.size),
        )
        self._put(_VERIFIER, resources.files("cli.evidence").joinpath(_VERIFIER).read_text("utf-8"))
        self._put("index.html", write_page(contents))
        return contents

    async def _pack_checkpoints(self, size: int) -> int:
        """Pack the checkpoints handed out in the period, each with the proof that the log only grew since."""
        kept = await self._store.log.list_checkpoints(since=self._wanted.since, until=self._wanted.until)
        count = 0
        for each in kept:
            try:
                checkpoint = self._signer.verifier.open(each.note)
            except CheckpointInvalid:
                continue  # another key's: whoever has that key has the checkpoint
            if checkpoint.size == size:
                continue  # this is checkpoint.txt
            hashes = write_hashes(await self._store.log.prove_consistency(checkpoint.size, size))
            told = {"checkpoint": each.note, "at": each.at.isoformat(), "old_size": checkpoint.size, "new_size": size}
            self._put(f"checkpoints/{checkpoint.size:012}.json", _write_json(told | {"hashes": hashes}))
            count += 1
        return count

    async def _pack_lines(self) -> tuple[OtherLine, ...]:
        """Pack what happened to versions and which facts were erased in the period."""
        since, until = self._wanted.since, self._wanted.until
        found: list[OtherLine] = []
        async for line in self._store.log.stream_others():
            at = dt.datetime.fromisoformat(line.fields["at"])
            if (since is None or at >= since) and (until is None or at < until) and len(found) < _MOST_LINES:
                found.append(line)
        masks = self._wanted.masks
        shown = tuple(_name_account(line, masks) for line in found)
        self._put("events.ndjson", "".join(f"{json.dumps(line.fields, ensure_ascii=False)}\n" for line in shown))
        return shown

    async def _pack_versions(self, used: Sequence[versions.Key]) -> tuple[VersionEvidence, ...]:
        wanted = self._wanted
        found = []
        for key in await versions.find_versions(self._store.rulesets, used, since=wanted.since, until=wanted.until):
            self._progress(f"{key[0]} version {key[1]}")
            evidence = await versions.gather(self._store.rulesets, key)
            if evidence is not None:
                self._put_version(evidence)
                found.append(evidence)
        return tuple(found)

    def _put_version(self, evidence: VersionEvidence) -> None:
        draft, number = evidence.version.draft, evidence.version.number
        folder = f"rulesets/{draft.ruleset_id}/version-{number}"
        texts = {
            f"{draft.ruleset_id}.yaml": draft.text,
            "facts.yaml": draft.facts_text,
            f"{draft.ruleset_id}_test.yaml": draft.suite_text,
            "canonical.json": draft.canonical,
            "holidays.json": draft.holidays,
            f"diff-from-version-{number - 1}.diff": evidence.text_difference,
            f"diff-from-version-{number - 1}.md": evidence.difference,
        }
        for name, text in texts.items():
            if text is not None:
                self._put(f"{folder}/{name}", text)
        told = msgspec.to_builtins(evidence.head) | {
            "events": msgspec.to_builtins(evidence.events),
            "warnings": msgspec.json.decode(draft.diagnostics),
            "suite": msgspec.to_builtins(evidence.suite),
        }
        self._put(f"{folder}/version.json", _write_json(told))

    async def _pack_decisions(self, size: int) -> tuple[DecisionEvidence, ...]:
        wanted = self._wanted
        ids = await self._store.decisions.sample(wanted.sample_count, since=wanted.since, until=wanted.until)
        shelf = Shelf(self._store.rulesets)
        found = []
        for decision_id in ids:
            self._progress(f"decision {decision_id}")
            evidence = await decisions.gather(self._store, shelf, decision_id, size=size, masks=wanted.masks)
            if evidence is not None:
                self._put(f"decisions/{decision_id}.json", _write_json(evidence.record))
                self._put(f"explained/{decision_id}.json", _write_json(evidence.explained))
                found.append(evidence)
        shelf.close()
        return tuple(found)

    def _put(self, name: str, text: str) -> None:
        moment = self._wanted.made_at.timetuple()[:6]
        self._archive.writestr(zipfile.ZipInfo(name, moment), text.encode(), zipfile.ZIP_DEFLATED)


def _name_account(line: OtherLine, masks: Masks) -> OtherLine:
    account_id = line.fields.get("account_id")
    if account_id is None:
        return line
    return msgspec.structs.replace(line, fields=line.fields | {"account_id": masks.name_account(account_id)})


def _write_json(value: Any) -> str:  # noqa: ANN401  any JSON value
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
