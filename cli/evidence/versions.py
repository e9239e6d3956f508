"""The ruleset versions of a period, each with its texts, its suite's outcome, and what it changed."""

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence

import msgspec

from api.rulesets_live import UnusableVersion, compile_version
from cli.reporters.diffmarkdown import write_markdown
from engine.comparison.compare import compare
from engine.evaluation.compiled import Compiled
from engine.verification.coverage import Observer, measure
from engine.verification.reading import parse_suite, read_suite
from engine.verification.run import run_suite
from store.rulesets import RulesetEvent, Rulesets, RulesetVersion, VersionHead

Key = tuple[str, int]


class SuiteOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How the suite beside a version comes out today, and how much of the ruleset it has seen."""

    cases_count: int
    failed: tuple[str, ...]
    skipped_count: int
    coverage_percent: float
    untested: tuple[str, ...]


class VersionEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A version with everything that is said of it; `difference` is against the version before it, as two texts."""

    head: VersionHead
    version: RulesetVersion
    events: tuple[RulesetEvent, ...]
    suite: SuiteOutcome | None
    text_difference: str | None
    difference: str | None


async def find_versions(
    rulesets: Rulesets, used: Iterable[Key], *, since: dt.datetime | None, until: dt.datetime | None
) -> tuple[Key, ...]:
    """Find the versions that were in use at any time of a period, or that decided in it."""
    heads = await rulesets.list_versions()
    found = {*used}
    if since is not None:
        found |= {(each.draft.ruleset_id, each.number) for each in await rulesets.active_at(since)}
    for head in heads:
        key = (head.ruleset_id, head.number)
        events = await rulesets.list_events(*key)
        starts = [head.published_at, *(event.at for event in events if event.kind != "retire")]
        if any((since is None or at >= since) and (until is None or at < until) for at in starts):
            found.add(key)
    return tuple(sorted(found))


async def gather(rulesets: Rulesets, key: Key) -> VersionEvidence | None:
    """Gather what is known of a version; None where it is not stored."""
    version = await rulesets.read_version(*key)
    if version is None:
        return None
    head = next(head for head in await rulesets.list_versions(key[0]) if head.number == key[1])
    before = await rulesets.read_version(key[0], key[1] - 1)
    return VersionEvidence(
        head=head,
        version=version,
        events=await rulesets.list_events(*key),
        suite=run(version),
        text_difference=None if before is None else write_text_difference(before, version),
        difference=None if before is None else write_difference(before, version),
    )


def run(version: RulesetVersion) -> SuiteOutcome | None:
    """Run a version's suite and measure its coverage."""
    compiled = _compile(version)
    if version.draft.suite_text is None or compiled is None:
        return None
    suite = f"{version.draft.ruleset_id}_test.yaml"
    loaded = read_suite(parse_suite(version.draft.suite_text, suite), compiled.ruleset)
    if loaded.suite is None:
        failed = tuple(diagnostic.message for diagnostic in loaded.diagnostics)
        return SuiteOutcome(cases_count=0, failed=failed, skipped_count=0, coverage_percent=0.0, untested=())
    result = run_suite(loaded.suite, compiled)
    coverage = measure(Observer(compiled), [result])
    return SuiteOutcome(
        cases_count=len(result.cases),
        failed=tuple(case.name for case in result.cases if case.status == "failed"),
        skipped_count=sum(case.status == "skipped" for case in result.cases),
        coverage_percent=round(coverage.percent(), 1),
        untested=tuple(goal.what for goal in coverage.unmet),
    )


def write_text_difference(before: RulesetVersion, after: RulesetVersion) -> str:
    """Write what changed in the texts, as `diff` does."""
    parts: list[str] = []
    for name, old, new in _pair_texts(before, after):
        older, newer = (f"{name} of version {version.number}" for version in (before, after))
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), older, newer, lineterm="")
        parts += [f"{line}\n" for line in lines]
    return "".join(parts)


def write_difference(before: RulesetVersion, after: RulesetVersion) -> str | None:
    """Write what changed in what is decided, as Markdown; None where this program cannot read one of the two."""
    old, new = _compile(before), _compile(after)
    if old is None or new is None:
        return None
    return write_markdown([compare(old.ruleset, new.ruleset)], is_all=True)


def _pair_texts(before: RulesetVersion, after: RulesetVersion) -> Sequence[tuple[str, str, str]]:
    return [
        ("ruleset.yaml", before.draft.text, after.draft.text),
        ("facts.yaml", before.draft.facts_text or "", after.draft.facts_text or ""),
        ("ruleset_test.yaml", before.draft.suite_text or "", after.draft.suite_text or ""),
    ]


def _compile(version: RulesetVersion) -> Compiled | None:
    try:
        return compile_version(version)
    except UnusableVersion:
        return None
