"""Publishing a ruleset: read, checked, and stored as an immutable version with the dates it may use."""

import asyncio

import msgspec

from api.problems import ProblemError
from engine.loading.calendars import StoredDates
from engine.loading.load import Loaded, has_errors, load_ruleset, load_shared_facts
from engine.model.diagnostic import Diagnostic
from engine.model.ruleset import Ruleset
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


async def publish(rulesets: Rulesets, manuscript: Manuscript, provenance: Provenance) -> Published:
    """Publish a ruleset, once for a digest; an error in it is refused with every diagnostic."""
    loaded = await asyncio.to_thread(load_manuscript, manuscript)
    if loaded.ruleset is None:
        errors = sum(diagnostic.severity == "error" for diagnostic in loaded.diagnostics)
        detail = f"{manuscript.file} has {errors} error{'s' if errors != 1 else ''}; nothing was published."
        raise ProblemError("invalid-ruleset", detail, diagnostics=loaded.diagnostics)
    draft = make_draft(loaded.ruleset, loaded.diagnostics, manuscript)
    return Published(publication=await rulesets.publish(draft, provenance), diagnostics=loaded.diagnostics)


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
