"""Publishing a ruleset: read, checked, analysed, its suite run, and stored as an immutable version with its dates."""

import asyncio
import datetime as dt

import msgspec

from api.problems import ProblemError
from engine.analysis.analyse import analyse
from engine.evaluation.compiled import compile_ruleset
from engine.loading.calendars import StoredDates
from engine.loading.load import Loaded, has_errors, load_ruleset, load_shared_facts
from engine.model.diagnostic import Diagnostic, sort_by_place
from engine.model.ruleset import Ruleset
from engine.verification.demonstrate import demonstrate
from engine.verification.reading import parse_suite, read_suite
from engine.verification.run import run_suite
from store.rulesets import Provenance, Publication, RulesetDraft, Rulesets


class Manuscript(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset as it is brought: its text, the facts.yaml and the suite beside it, and the file's name."""

    text: str
    facts: str | None = None
    suite: str | None = None
    file: str = "ruleset.yaml"


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; ``diagnostics`` are warnings only."""

    publication: Publication
    diagnostics: tuple[Diagnostic, ...]


async def publish(
    rulesets: Rulesets, manuscript: Manuscript, provenance: Provenance, *, approval_required: bool = False
) -> Published:
    """Publish a ruleset, once for a digest; an error in it, or in a case of its suite, is refused with all of them."""
    loaded = await asyncio.to_thread(load_manuscript, manuscript)
    if loaded.ruleset is None:
        raise _refuse("invalid-ruleset", manuscript.file, loaded.diagnostics)
    known = await rulesets.read_by_digest(loaded.ruleset.id, loaded.ruleset.digest)
    if known is not None:
        return Published(publication=Publication(version=known, is_new=False), diagnostics=loaded.diagnostics)
    diagnostics = await asyncio.to_thread(examine, loaded, on=dt.datetime.now(dt.UTC).date())
    if has_errors(diagnostics):
        raise _refuse("invalid-ruleset", manuscript.file, diagnostics)
    failures = await asyncio.to_thread(run_suite_beside, loaded.ruleset, manuscript)
    if failures:
        raise _refuse("suite-failed", name_suite(manuscript), failures)
    draft = make_draft(loaded.ruleset, diagnostics, manuscript)
    publication = await rulesets.publish(draft, provenance, approval_required=approval_required)
    return Published(publication=publication, diagnostics=diagnostics)


def examine(loaded: Loaded, *, on: dt.date) -> tuple[Diagnostic, ...]:
    """Say of a ruleset that could be read what analysis finds too; ``on`` is today, for what ends soon."""
    if loaded.ruleset is None:
        return loaded.diagnostics
    shown = demonstrate(analyse(loaded.ruleset, on=on), [loaded.ruleset])
    return sort_by_place([*loaded.diagnostics, *shown])


def run_suite_beside(ruleset: Ruleset, manuscript: Manuscript) -> tuple[Diagnostic, ...]:
    """Ask every case of the suite beside a ruleset, and say which failed, or why it cannot be asked."""
    if manuscript.suite is None:
        return ()
    file = name_suite(manuscript)
    parsed = parse_suite(manuscript.suite, file)
    if parsed.root is None or parsed.ruleset is None:
        return parsed.diagnostics
    loaded = read_suite(parsed, ruleset)
    if loaded.suite is None:
        return loaded.diagnostics
    compiled = compile_ruleset(ruleset)
    cases = run_suite(loaded.suite, compiled).cases
    compiled.close()
    return tuple(
        Diagnostic(
            code="case-failed",
            file=file,
            line=mismatch.at.line,
            column=mismatch.at.column,
            message=f"{case.name}: {mismatch.what} is {mismatch.came}, and {mismatch.expected} is expected.",
        )
        for case in cases
        for mismatch in case.mismatches
    )


def name_suite(manuscript: Manuscript) -> str:
    """Name the suite that belongs to a ruleset's file."""
    return f"{manuscript.file.removesuffix('.yaml').removesuffix('.yml')}_test.yaml"


def _refuse(name: str, file: str, diagnostics: tuple[Diagnostic, ...]) -> ProblemError:
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    detail = f"{file} has {errors} error{'s' if errors != 1 else ''}; nothing was published."
    return ProblemError(name, detail, diagnostics=diagnostics)


def load_manuscript(manuscript: Manuscript) -> Loaded:
    """Read a ruleset with the facts beside it; broken facts make it unusable."""
    if manuscript.facts is None:
        return load_ruleset(manuscript.text, file=manuscript.file)
    facts = load_shared_facts(manuscript.facts, file="facts.yaml")
    loaded = load_ruleset(manuscript.text, file=manuscript.file, shared_facts=facts.shared)
    if not has_errors(facts.diagnostics):
        return loaded
    return Loaded(file=loaded.file, ruleset=None, diagnostics=(*facts.diagnostics, *loaded.diagnostics))


def make_draft(ruleset: Ruleset, diagnostics: tuple[Diagnostic, ...], manuscript: Manuscript) -> RulesetDraft:
    """Write a checked ruleset as it is stored."""
    return RulesetDraft(
        ruleset_id=ruleset.id,
        digest=ruleset.digest,
        text=manuscript.text,
        canonical=ruleset.canonical.decode(),
        facts_text=manuscript.facts,
        suite_text=manuscript.suite,
        holidays=write_dates(ruleset),
        diagnostics=msgspec.json.encode(diagnostics).decode(),
        effective_from=ruleset.effective.from_on,
        effective_until=ruleset.effective.until_on,
    )


def write_dates(ruleset: Ruleset) -> str:
    """Write the holiday dates that a version keeps; null where it has no calendar."""
    calendar = ruleset.calendar
    if calendar is None or calendar.stored_until is None:
        return "null"
    dates = StoredDates(
        holidays=calendar.holidays,
        bank_holidays=calendar.bank_holidays,
        stored_until=calendar.stored_until,
    )
    return msgspec.json.encode(dates, order="sorted").decode()


def read_dates(text: str) -> StoredDates | None:
    """Read the holiday dates stored with a version."""
    return msgspec.json.decode(text, type=StoredDates | None)
