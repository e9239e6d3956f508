"""The evidence of a period, written into one archive as it is gathered."""

import contextlib
import datetime as dt
import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from api.evidence import decisions, versions
from api.evidence.decisions import DecisionEvidence
from api.evidence.events import Events, is_masked, is_within, mask
from api.evidence.manifest import FILE_NAME, write_manifest
from api.evidence.page import Contents, write_page
from api.evidence.versions import VersionEvidence
from api.masking import Masks
from api.proving import write_hashes
from api.shelf import Shelf
from store.auditlog import Head, OtherLine
from store.checkpoints import CheckpointInvalid, Signer, name_keys
from store.store import Store
from store.verifying import Verification

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
        self._hashes: dict[str, str] = {}

    async def run(self, verification: Verification) -> Contents:
        """Write every part, the page that shows them and the list of them all last."""
        wanted, store = self._wanted, self._store
        head, note = await store.log.sign(self._signer)
        self._put("checkpoint.txt", note)
        self._put("key.txt", f"{self._signer.verifier}\n")
        await self._pack_verification(verification, head.size)
        counts = await store.decisions.summarise(since=wanted.since, until=wanted.until)
        self._put("decided.json", _write_json(msgspec.to_builtins(counts)))
        used = [(each.ruleset_id, each.version) for each in counts if each.ruleset_id and each.version]
        sample = await self._pack_decisions(head.size)
        events = await self._pack_events(frozenset().union(*(each.erased for each in sample)), head.size)
        contents = Contents(
            since=wanted.since,
            until=wanted.until,
            made_at=wanted.made_at,
            checkpoint=note,
            key=str(self._signer.verifier),
            checkpoints=await self._pack_checkpoints(head.size),
            masks=str(wanted.masks),
            verification=verification,
            counts=counts,
            events=events,
            versions=await self._pack_versions(used, events, head.size),
            decisions=sample,
            names={token.id: token.name for token in await store.tokens.list()},
        )
        self._put(_VERIFIER, resources.files("api.evidence").joinpath(_VERIFIER).read_text("utf-8"))
        self._put("index.html", write_page(contents))
        about = self._describe(head)
        self._put(FILE_NAME, write_manifest(about, self._hashes, self._signer))
        return contents

    def _describe(self, head: Head) -> dict[str, Any]:
        """Say what the whole pack is about."""
        wanted = self._wanted
        return {
            "made_at": wanted.made_at,
            "since": wanted.since,
            "until": wanted.until,
            "sample": wanted.sample_count,
            "masks": str(wanted.masks),
            "withholds_lines": wanted.masks.hides_lines,
            "size": head.size,
            "root": head.root.hex(),
        }

    async def _pack_verification(self, verification: Verification, size: int) -> None:
        """Pack what came of verifying the log, with the proof that the log that is signed begins with that one."""
        told = msgspec.to_builtins(verification) | {"root": verification.root.hex(), "hashes": ()}
        if not verification.findings_count:
            told["hashes"] = write_hashes(await self._store.log.prove_consistency(verification.size, size))
        self._put("verification.json", _write_json(told))

    async def _pack_checkpoints(self, size: int) -> Counter[str]:
        """Pack the checkpoints handed out in the period, whichever key signed them, with the proof of growth since."""
        kept = await self._store.log.list_checkpoints(since=self._wanted.since, until=self._wanted.until)
        keys: Counter[str] = Counter()
        for each in kept:
            try:
                name = f"{self._signer.verifier.open(each.note).size:012}"
            except CheckpointInvalid:
                name = f"{each.size:012}-{each.origin.replace('/', '_')}"  # an older key's: whoever has it can check it
            if each.size >= size:
                continue  # this is checkpoint.txt, or was signed while the pack was made
            hashes = write_hashes(await self._store.log.prove_consistency(each.size, size))
            told = {
                "checkpoint": each.note,
                "signed_by": name_keys(each.note),
                "at": each.at.isoformat(),
                "old_size": each.size,
                "new_size": size,
                "hashes": hashes,
            }
            self._put(f"checkpoints/{name}.json", _write_json(told))
            keys[name_keys(each.note)] += 1
        return keys

    async def _pack_events(self, erased: frozenset[str], size: int) -> Events:
        """Pack what happened to versions and which facts were erased in the period, each line as it was logged."""
        events, wanted = Events(erased), self._wanted
        with self._open("events.ndjson") as write:
            async for line in self._store.log.stream_others(without=("executed", "outcome")):
                if line.index >= size:
                    break  # logged since this log was signed
                is_shown = is_within(line, since=wanted.since, until=wanted.until)
                hidden = is_masked(line, wanted.masks)
                shown = mask(line, wanted.masks) if hidden else line
                events.add(shown, is_shown=is_shown)
                if is_shown:
                    record = shown.fields if hidden else await self._prove(line, size)
                    write(msgspec.json.encode(record) + b"\n")
        with self._open("erasures.ndjson") as write:
            for line in events.erasures if erased else ():
                write(msgspec.json.encode(await self._prove(line, size)) + b"\n")
        return events

    async def _pack_versions(
        self, used: Iterable[versions.Key], events: Events, size: int
    ) -> tuple[VersionEvidence, ...]:
        wanted = self._wanted
        found = []
        for key in await versions.find_versions(self._store.rulesets, used, since=wanted.since, until=wanted.until):
            self._progress(f"{key[0]} version {key[1]}")
            lines = events.of_versions[key]
            evidence = await versions.gather(self._store.rulesets, key, events_count=len(lines) - 1)
            if evidence is not None and lines:
                folder = f"rulesets/{key[0]}/version-{key[1]}"
                self._put_version(folder, evidence)
                self._put(f"{folder}/lines.json", _write_json([await self._prove(line, size) for line in lines]))
                found.append(evidence)
        return tuple(found)

    async def _prove(self, line: OtherLine, size: int) -> dict[str, Any]:
        """Show a line with the proof that it is in the log."""
        proof = await self._store.log.prove_inclusion(line.index, size)
        return {"line": line.line.decode(), "proof": write_hashes(proof)}

    def _put_version(self, folder: str, evidence: VersionEvidence) -> None:
        draft, number, change = evidence.version.draft, evidence.version.number, evidence.change
        texts = {
            f"{draft.ruleset_id}.yaml": draft.text,
            "facts.yaml": draft.facts_text,
            "scorecard.yaml": draft.scorecard_text,
            "guarantees.yaml": draft.guarantees_text,
            "verdicts.json": draft.verdicts,
            f"{draft.ruleset_id}_test.yaml": draft.suite_text,
            "canonical.json": draft.canonical,
            "holidays.json": draft.holidays,
            "diagnostics.json": draft.diagnostics,
            f"{draft.ruleset_id}.html": evidence.page,
            f"diff-from-version-{number - 1}.diff": None if change is None else change.texts,
            f"diff-from-version-{number - 1}.html": None if change is None else change.page,
        }
        for name, text in texts.items():
            if text is not None:
                self._put(f"{folder}/{name}", text)
        told = msgspec.to_builtins(evidence.head) | {
            "events": msgspec.to_builtins(evidence.events),
            "warnings": msgspec.json.decode(draft.diagnostics),
            "suite": msgspec.to_builtins(evidence.suite),
            "change": None if change is None else change.verdict,
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
        with self._open(name) as write:
            write(text.encode())

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Write a file, a part at a time, and note its hash."""
        entry = zipfile.ZipInfo(name, self._wanted.made_at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        digest = hashlib.sha256()
        with self._archive.open(entry, "w", force_zip64=True) as file:

            def write(part: bytes) -> None:
                file.write(part)
                digest.update(part)

            yield write
        self._hashes[name] = digest.hexdigest()


def _write_json(value: Any) -> str:  # noqa: ANN401  any JSON value
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
