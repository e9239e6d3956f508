"""The evidence of a period, written into one archive as it is gathered."""

import contextlib
import datetime as dt
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import IO, Any

import msgspec

from api.exporting import Masks
from api.proving import write_hashes
from api.shelf import Shelf
from cli.evidence import decisions, versions
from cli.evidence.decisions import DecisionEvidence
from cli.evidence.events import Events, is_within, name_account
from cli.evidence.page import Contents, write_page
from cli.evidence.versions import VersionEvidence
from store.auditlog import OtherLine
from store.checkpoints import CheckpointInvalid, Signer
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
        used = [(each.ruleset_id, each.version) for each in counts if each.ruleset_id and each.version]
        events = await self._pack_events(head.size)
        contents = Contents(
            since=wanted.since,
            until=wanted.until,
            made_at=wanted.made_at,
            checkpoint=note,
            key=str(self._signer.verifier),
            checkpoints_count=await self._pack_checkpoints(head.size),
            verification=verification,
            counts=counts,
            events=events,
            versions=await self._pack_versions(used, events, head.size),
            decisions=await self._pack_decisions(head.size),
            names={token.id: token.name for token in await store.tokens.list()},
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

    async def _pack_events(self, size: int) -> Events:
        """Pack what happened to versions and which facts were erased in the period, each line as it was logged."""
        events, wanted = Events(), self._wanted
        with self._open("events.ndjson") as file:
            async for line in self._store.log.stream_others():
                if line.index >= size:
                    break  # logged since this log was signed
                shown = name_account(line, wanted.masks)
                is_shown = is_within(line, since=wanted.since, until=wanted.until)
                events.add(shown, is_shown=is_shown)
                if is_shown:
                    file.write(shown.line + b"\n")
        return events

    async def _pack_versions(
        self, used: Iterable[versions.Key], events: Events, size: int
    ) -> tuple[VersionEvidence, ...]:
        wanted = self._wanted
        found = []
        for key in await versions.find_versions(self._store.rulesets, used, since=wanted.since, until=wanted.until):
            self._progress(f"{key[0]} version {key[1]}")
            evidence = await versions.gather(self._store.rulesets, key)
            if evidence is not None:
                folder = f"rulesets/{key[0]}/version-{key[1]}"
                self._put_version(folder, evidence)
                self._put(f"{folder}/lines.json", _write_json(await self._prove(events.of_versions[key], size)))
                found.append(evidence)
        return tuple(found)

    async def _prove(self, lines: Sequence[OtherLine], size: int) -> list[dict[str, Any]]:
        """Show what the log says of a version, each line with the proof that it is there."""
        prove = self._store.log.prove_inclusion
        return [{"line": each.line.decode(), "proof": write_hashes(await prove(each.index, size))} for each in lines]

    def _put_version(self, folder: str, evidence: VersionEvidence) -> None:
        draft, number, change = evidence.version.draft, evidence.version.number, evidence.change
        texts = {
            f"{draft.ruleset_id}.yaml": draft.text,
            "facts.yaml": draft.facts_text,
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
        with self._open(name) as file:
            file.write(text.encode())

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        entry = zipfile.ZipInfo(name, self._wanted.made_at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        with self._archive.open(entry, "w", force_zip64=True) as file:
            yield file


def _write_json(value: Any) -> str:  # noqa: ANN401  any JSON value
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
