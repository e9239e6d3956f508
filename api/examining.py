"""A ruleset brought for publication: read, analysed, its suite run, and held against the rulesets in use.

Nothing here waits for anything or changes anything: `python -m api.examining` does it in a process of its own.
"""

import contextlib
import datetime as dt
import os
import resource
import struct
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from api.overlaps import Standing, find_overlaps
from api.versions import UnusableVersion, load_version, make_ready, write_dates
from engine.analysis.checks import guarantee_refuted, not_finished
from engine.conditions.boxes import BudgetExceeded
from engine.examination.examine import Examination, examine_text
from engine.loading.load import has_errors
from engine.model.diagnostic import Diagnostic, sort_by_place
from engine.model.language import LANGUAGE_EDITION
from engine.model.ruleset import Ruleset
from engine.proofs.guarantees import Judged, tell
from store.rulesets import RulesetDraft, RulesetVersion

MOST_CPU_SECONDS = 19
"""A second less than the twenty by which an answer is promised: starting and telling take some too."""
MOST_BYTES = 4 << 30
EXHAUSTED = 3
"""The exit code of a process that used up what it may."""
LENGTH = struct.Struct("!Q")
"""What stands before the question: how many bytes of JSON follow."""

Refusal = Literal["invalid-ruleset", "suite-failed", "rulesets-overlap"]


class Manuscript(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset as it is brought: its text, the shared files and the suite beside it, and the file's name."""

    text: str
    facts: str | None = None
    scorecard: str | None = None
    guarantees: str | None = None
    suite: str | None = None
    file: str = "ruleset.yaml"


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be examined.

    ``on`` is today, for what ends soon; ``known`` are the digests published, ``in_use`` the versions that answer now.
    """

    manuscript: Manuscript
    on: dt.date
    known: frozenset[tuple[str, str]] = frozenset()
    in_use: tuple[RulesetVersion, ...] = ()
    may_overlap: bool = False


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: a refusal with every error, or what is to be stored; ``diagnostics`` are then warnings only.

    Of a ruleset whose digest is known, no more than the draft is worked out.
    """

    refusal: Refusal | None = None
    file: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    rulesets: tuple[str, ...] = ()
    draft: RulesetDraft | None = None


def examine_manuscript(asked: Assignment) -> Examined:
    """Say whether a ruleset can be published, and as what."""
    manuscript = asked.manuscript
    examination = read_manuscript(manuscript)
    if not examination.rulesets:
        return Examined(refusal="invalid-ruleset", file=manuscript.file, diagnostics=examination.diagnostics)
    (ruleset,) = examination.rulesets
    if (ruleset.id, ruleset.digest) in asked.known:
        return Examined(diagnostics=examination.diagnostics, draft=make_draft(ruleset, (), manuscript))
    diagnostics = analyse_for_use(examination, manuscript, on=asked.on)
    if has_errors(diagnostics):
        return Examined(refusal="invalid-ruleset", file=manuscript.file, diagnostics=diagnostics)
    failures = run_suite_beside(examination, manuscript)
    examination.close()
    if failures:
        return Examined(refusal="suite-failed", file=name_suite(manuscript), diagnostics=failures)
    overlaps = find_overlaps(stand_beside(ruleset, asked.in_use), of=ruleset.id)
    found = tuple(overlap.diagnostic for overlap in overlaps)
    if has_errors(found) and not asked.may_overlap:
        names = sorted({name for overlap in overlaps for name in overlap.rulesets if name != ruleset.id})
        return Examined(
            refusal="rulesets-overlap", file=manuscript.file, diagnostics=found, rulesets=(ruleset.id, *names)
        )
    allowed = tuple(msgspec.structs.replace(diagnostic, severity="warning") for diagnostic in found)
    diagnostics = sort_by_place([*examination.diagnostics, *allowed])
    judged = examination.judged.get(ruleset.id, ())
    return Examined(diagnostics=diagnostics, draft=make_draft(ruleset, diagnostics, manuscript, judged))


def read_manuscript(manuscript: Manuscript) -> Examination:
    """Read a ruleset with the shared files beside it; broken ones make it unusable."""
    return examine_text(
        manuscript.text,
        file=manuscript.file,
        facts=manuscript.facts,
        scorecard=manuscript.scorecard,
        guarantees=manuscript.guarantees,
    )


def analyse_for_use(examination: Examination, manuscript: Manuscript, *, on: dt.date) -> tuple[Diagnostic, ...]:
    """Return all that is said of a ruleset that can be read, with what only publishing refuses."""
    (ruleset,) = examination.rulesets
    analysed = examination.analyse(on=on).diagnostics
    return (
        *analysed,
        *_check_size(examination, manuscript.file),
        *_refuse_refuted(examination, ruleset, manuscript.file),
    )


def _check_size(examination: Examination, file: str) -> Iterator[Diagnostic]:
    """Refuse what `dunning check` only warns of: with a ruleset that cannot be compiled nothing could be decided.

    One that every server would need longer to make ready than an examination may take is refused by that.
    """
    try:
        make_ready(examination.compiled(examination.rulesets[0]))
    except BudgetExceeded:
        yield Diagnostic(
            code=not_finished.NOTE.code,
            file=file,
            line=1,
            column=1,
            message="The conditions are too large to be decided with: they have too many combinations of alternatives.",
            hint="Split large “any” conditions, or the ruleset.",
        )


def _refuse_refuted(examination: Examination, ruleset: Ruleset, file: str) -> Iterator[Diagnostic]:
    """Refuse a refuted guarantee whose finding a comment silences: that keeps it from the report, not from being so."""
    said = {(each.file, each.line) for each in examination.diagnostics if each.code == guarantee_refuted.NOTE.code}
    for each in examination.judged.get(ruleset.id, ()):
        at = each.guarantee.at
        if each.verdict == "refuted" and (each.guarantee.file or file, at.line) not in said:
            finding = guarantee_refuted.report(ruleset.id, each)
            yield Diagnostic(
                code=guarantee_refuted.NOTE.code,
                file=each.guarantee.file or file,
                line=at.line,
                column=at.column,
                message=finding.message,
                hint=finding.hint,
            )


def run_suite_beside(examination: Examination, manuscript: Manuscript) -> tuple[Diagnostic, ...]:
    """Ask every case of the suite beside a ruleset, and say which failed, or why it cannot be asked."""
    if manuscript.suite is None:
        return ()
    file = name_suite(manuscript)
    run = examination.run_suite(manuscript.suite, file, examination.rulesets[0])
    if run.result is None:
        return run.diagnostics
    return tuple(
        Diagnostic(
            code="case-failed",
            file=file,
            line=mismatch.at.line,
            column=mismatch.at.column,
            message=f"{case.name}: {mismatch.what} is {mismatch.came}, and {mismatch.expected} is expected.",
        )
        for case in run.cases
        for mismatch in case.mismatches
    )


def name_suite(manuscript: Manuscript) -> str:
    """Name the suite that belongs to a ruleset's file."""
    return f"{manuscript.file.removesuffix('.yaml').removesuffix('.yml')}_test.yaml"


def stand_beside(ruleset: Ruleset, in_use: Sequence[RulesetVersion]) -> list[Standing]:
    """Put a ruleset that would be the newest version of its own beside those in use."""
    newest = max((version.number for version in in_use if version.draft.ruleset_id == ruleset.id), default=0)
    return [*load_standing(in_use), Standing(ruleset=ruleset, number=newest + 1)]


def load_standing(versions: Sequence[RulesetVersion]) -> list[Standing]:
    """Read the versions that can be read; /readyz names the others."""
    standing = []
    for version in versions:
        with contextlib.suppress(UnusableVersion):
            standing.append(Standing(ruleset=load_version(version), number=version.number))
    return standing


def make_draft(
    ruleset: Ruleset,
    diagnostics: tuple[Diagnostic, ...],
    manuscript: Manuscript,
    judged: Sequence[Judged] = (),
) -> RulesetDraft:
    """Write a checked ruleset as it is stored."""
    return RulesetDraft(
        ruleset_id=ruleset.id,
        digest=ruleset.digest,
        text=manuscript.text,
        canonical=ruleset.canonical.decode(),
        facts_text=manuscript.facts,
        scorecard_text=manuscript.scorecard,
        guarantees_text=manuscript.guarantees,
        verdicts=msgspec.json.encode([tell(each) for each in judged]).decode() if judged else None,
        suite_text=manuscript.suite,
        holidays=write_dates(ruleset),
        diagnostics=msgspec.json.encode(diagnostics).decode(),
        effective_from=ruleset.effective.from_on,
        effective_until=ruleset.effective.until_on,
        language_edition=LANGUAGE_EDITION,
    )


def main() -> None:
    """Examine what comes over standard input, within bounds, for as long as whoever asked is there."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    (length,) = LENGTH.unpack(sys.stdin.buffer.read(LENGTH.size))
    question = sys.stdin.buffer.read(length)
    threading.Thread(target=_end_with_asker, daemon=True).start()
    try:
        answer = msgspec.json.encode(examine_manuscript(msgspec.json.decode(question, type=Assignment)))
    except MemoryError:
        os._exit(EXHAUSTED)
    except Exception:  # noqa: BLE001  a fault of ours is told; Python's own end would wait for the thread that listens
        traceback.print_exc()
        os._exit(1)
    sys.stdout.buffer.write(answer)
    sys.stdout.flush()
    os._exit(0)  # the thread that listens has nothing more to say


def _end_with_asker() -> None:
    """End when nobody waits any more: the line is closed then, however the process at its other end ended."""
    sys.stdin.buffer.read()
    os._exit(EXHAUSTED)


if __name__ == "__main__":
    main()
