"""A folder of rulesets kept published: at the start, and whenever a file in it changes."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

import msgspec
from watchfiles import awatch

from api.apart import ExaminationFailed, Examiner
from api.examining import Manuscript
from api.problems import PROBLEM_TYPES, ProblemError
from api.publishing import Published, publish
from cli.gitprovenance import read_provenance
from cli.users import find_user, name_actor
from engine.loading.files import read_folder
from engine.loading.folder import SHARED_FILES, load_folder
from engine.loading.load import Loaded
from engine.model.diagnostic import Diagnostic
from engine.model.ruleset import Ruleset
from store.errors import StoreError
from store.rulesets import Provenance, Publication, Rulesets, VersionHead

_DEBOUNCE_MILLISECONDS = 200
_RETRY_MILLISECONDS = 2000
_START_SECONDS = 2.0


class RulesetFolder:
    """What a folder holds and what of it is published.

    At the start a text that is a version already changes nothing, so that a restart does not undo what was published
    otherwise. A file that changes while it is watched becomes the version in use, also if it goes back to an old text.
    """

    def __init__(
        self,
        folder: Path,
        rulesets: Rulesets,
        examiner: Examiner,
        say: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._rulesets = rulesets
        self._examiner = examiner
        self._say = say
        self._publisher = name_actor()
        self._digests: dict[str, str] = {}
        self._refused: dict[str, tuple[Manuscript | None, str | None]] = {}
        self._said: dict[str, tuple[Diagnostic, ...]] = {}
        self._overlapping: dict[str, tuple[Diagnostic, ...]] = {}
        self._first: asyncio.Task[None]

    async def publish(self) -> tuple[str, ...]:
        """Publish what changed; answers what is wrong with the folder, a sentence a file."""
        files = await asyncio.to_thread(self._read)
        folder = await asyncio.to_thread(load_folder, files)
        notices = {each.file: await self._take(each, files) for each in folder.loaded}
        # What overlapped another file's last version may not overlap the one that was published after it.
        while waiting := [each for each in folder.loaded if each.file in self._overlapping]:
            again = {each.file: await self._take(each, files) for each in waiting}
            notices |= again
            if all(again.values()):
                break
        gone = sorted(self._digests.keys() - files.keys())
        return (
            *(notice for notice in notices.values() if notice is not None),
            *(f"{file} is gone; its last version stays in use until it is retired" for file in gone),
        )

    async def begin(self, status: Path) -> None:
        """Publish for the first time; what takes long is not waited for where older versions can answer meanwhile."""
        self._first = asyncio.create_task(self._publish_and_note(status))
        if await self._rulesets.active_at():
            await asyncio.wait([self._first], timeout=_START_SECONDS)
        else:
            await self._first

    async def watch(self, stop: asyncio.Event, status: Path) -> None:
        """Publish whatever changes until told to stop, and leave what is wrong where /readyz finds it."""
        is_due = not await self._try(self._first)
        changes = awatch(
            self._folder,
            stop_event=stop,
            debounce=_DEBOUNCE_MILLISECONDS,
            rust_timeout=_RETRY_MILLISECONDS,
            yield_on_timeout=True,
        )
        async for change in changes:
            if change or is_due:
                is_due = not await self._try(self._publish_and_note(status))

    async def _publish_and_note(self, status: Path) -> None:
        write_status(status, await self.publish())

    async def _try(self, publishing: Awaitable[None]) -> bool:
        """Tell whether it could be published, whatever came of each file."""
        try:
            await publishing
        except (StoreError, OSError) as problem:
            self._say(f"{self._folder}: {problem}; this is tried again")
            return False
        return True

    def _read(self) -> dict[str, bytes]:
        prefix = f"{self._folder}/"
        return {path.removeprefix(prefix): text for path, text in read_folder(self._folder).items()}

    async def _take(self, loaded: Loaded, files: dict[str, bytes]) -> str | None:
        if loaded.diagnostics and self._said.get(loaded.file) != loaded.diagnostics:
            for diagnostic in loaded.diagnostics:
                self._say(write_diagnostic(diagnostic))
        self._said[loaded.file] = loaded.diagnostics
        if loaded.ruleset is None:
            errors = [diagnostic for diagnostic in loaded.diagnostics if diagnostic.severity == "error"]
            counted = f"{len(errors)} error{'s' if len(errors) != 1 else ''}"
            first = f"{errors[0].line}:{errors[0].column}: {errors[0].message}" if errors else ""
            return f"{loaded.file} has {counted} ({first}); the last good version stays in use"
        if self._digests.get(loaded.file) == loaded.ruleset.digest:
            return None
        manuscript = write_manuscript(loaded.file, loaded.ruleset, files)
        refused, notice = self._refused.get(loaded.file, (None, None))
        if refused != manuscript:
            notice = await self._publish(manuscript, loaded.ruleset, files)
            if loaded.file not in self._overlapping:  # else it depends on other files too
                self._refused[loaded.file] = (manuscript, notice)
        if notice is None:
            self._refused.pop(loaded.file, None)
            self._digests[loaded.file] = loaded.ruleset.digest
        return notice

    async def _take_up(self, manuscript: Manuscript, ruleset: Ruleset, provenance: Provenance) -> Published:
        """Publish a ruleset; one that is a version already needs no examination."""
        known = await self._rulesets.read_by_digest(ruleset.id, ruleset.digest)
        if known is not None:
            return Published(publication=Publication(version=known, is_new=False), diagnostics=())
        examine = functools.partial(self._examiner.examine, may_wait=True)
        return await publish(self._rulesets, manuscript, provenance, examine)

    async def _publish(self, manuscript: Manuscript, ruleset: Ruleset, files: dict[str, bytes]) -> str | None:
        """Publish a file that changed; answers why it was refused, if it was."""
        file = manuscript.file
        names = (file, *(_name_shared(file, shared) for shared in SHARED_FILES))
        sources = [self._folder / name for name in names if name in files]
        provenance = await asyncio.to_thread(read_provenance, self._publisher, sources)
        try:
            published = await self._take_up(manuscript, ruleset, provenance)
        except ProblemError as refusal:
            found = refusal.details.diagnostics or ()
            if self._overlapping.get(file) != found:
                for diagnostic in found:
                    self._say(write_diagnostic(diagnostic))
            self._overlapping.pop(file, None)
            if refusal.details.type == PROBLEM_TYPES["rulesets-overlap"].urn:
                self._overlapping[file] = found
            return f"{refusal.details.detail.split(';')[0]}; the last good version stays in use"
        except ExaminationFailed as failure:  # one file that we cannot cope with must not end the watch over all
            self._say(f"{failure}")
            return f"{failure}; the last good version stays in use"
        self._overlapping.pop(file, None)
        version = published.publication.version
        if published.publication.is_new:
            warnings = sum(diagnostic.severity == "warning" for diagnostic in published.diagnostics)
            more = f"; `dunning check` shows {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
            more += "; it waits until somebody approves it" if version.approval_required else ""
            self._say(f"{ruleset.id}: version {version.number} published from {file}{more}")
        elif file in self._digests:
            await self._go_back(published.publication)
        else:
            await self._say_if_older(published.publication, file)
        return None

    async def _go_back(self, publication: Publication) -> None:
        """Make an old version the one in use again: newer ones are retired, it is activated."""
        version = publication.version
        name = version.draft.ruleset_id
        waits = False
        for head in await self._rulesets.list_versions(name):
            if head.number > version.number and head.is_active:
                waits |= await self._switch(head, "retire", to=version.number)
            if head.number == version.number and not head.is_active:
                waits |= await self._switch(head, "activate", to=version.number)
        more = "; it waits until somebody approves it" if waits else ""
        self._say(f"{name}: back to version {version.number}{more}")

    async def _switch(self, head: VersionHead, kind: Literal["retire", "activate"], *, to: int) -> bool:
        """Retire or activate a version; answers whether that waits for another."""
        if (head.waiting, head.waiting_by) == (kind, self._publisher):
            return True
        note = f"the watched folder went back to version {to}"
        event = await self._rulesets.record_event(
            head.ruleset_id, head.number, kind, actor=self._publisher, name=find_user(), note=note
        )
        return event.approval == "waits"

    async def _say_if_older(self, publication: Publication, file: str) -> None:
        version = publication.version
        heads = await self._rulesets.list_versions(version.draft.ruleset_id)
        newest = next((head for head in heads if head.is_active), None)
        if newest is not None and newest.number != version.number:
            self._say(
                f"{version.draft.ruleset_id}: {file} is version {version.number}, version {newest.number} is in use;"
                " a change of the file will take its place"
            )


def write_manuscript(file: str, ruleset: Ruleset, files: dict[str, bytes]) -> Manuscript:
    """Take a file with what lies beside it."""
    suite = f"{file.rpartition('.')[0]}_test.yaml"
    facts, scorecard, guarantees = (_decode(files.get(_name_shared(file, shared))) for shared in SHARED_FILES)
    return Manuscript(
        text=ruleset.text,
        facts=facts,
        scorecard=scorecard,
        guarantees=guarantees,
        suite=_decode(files.get(suite)),
        file=file,
    )


def _name_shared(file: str, shared: str) -> str:
    folder = file.rpartition("/")[0]
    return f"{folder}/{shared}" if folder else shared


def write_diagnostic(diagnostic: Diagnostic) -> str:
    """Write a diagnostic as compilers do."""
    place = f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}"
    hint = f" ({diagnostic.hint})" if diagnostic.hint else ""
    return f"{place}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}{hint}"


def write_status(status: Path, notices: tuple[str, ...]) -> None:
    """Leave what is wrong for the workers, in one step."""
    draft = status.with_suffix(".draft")
    draft.write_bytes(msgspec.json.encode(notices))
    draft.replace(status)


def _decode(text: bytes | None) -> str | None:
    return None if text is None else text.decode(errors="replace")
