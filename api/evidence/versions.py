"""The ruleset versions of a period, each with its texts, its page, its suite's outcome, and what it changed."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from api.versions import UnusableVersion, compile_version
from api.versiontexts import write_text_difference
from engine.comparison.compare import compare
from engine.comparison.verdict import say_verdict
from engine.evaluation.program import Compiled
from engine.examination.examine import ask_suite
from engine.verification.coverage import Observer, measure
from engine.verification.reading import parse_suite
from pages import diffhtml, html
from pages.content import Teller
from pages.diffhtml import Compared
from store.rulesets import RulesetEvent, Rulesets, RulesetVersion, VersionHead

Key = tuple[str, int]


class SuiteOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How the suite beside a version comes out today, and how much of the ruleset it has seen."""

    cases_count: int
    failed: tuple[str, ...]
    skipped_count: int
    coverage_percent: float
    untested: tuple[str, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a version changed: in its texts, as `diff` shows it, and in what is decided, in a sentence and as a page.

    The latter are None where this program cannot read one of the two versions.
    """

    texts: str
    verdict: str | None
    page: str | None


class VersionEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A version with everything that is said of it; `page` tells it in plain words, `change` is None for the first."""

    head: VersionHead
    version: RulesetVersion
    events: tuple[RulesetEvent, ...]
    page: str | None
    suite: SuiteOutcome | None
    change: Change | None


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


async def gather(rulesets: Rulesets, key: Key, *, events_count: int) -> VersionEvidence | None:
    """Gather what was known of a version after so many events; None where it is not stored."""
    version = await rulesets.read_version(*key)
    if version is None:
        return None
    head = next(head for head in await rulesets.list_versions(key[0]) if head.number == key[1])
    events = (await rulesets.list_events(*key))[: max(events_count, 0)]
    before = await rulesets.read_version(key[0], key[1] - 1)
    compiled = _compile(version)
    evidence = VersionEvidence(
        head=_rewind(head, events),
        version=version,
        events=events,
        page=None if compiled is None else html.write_html(Teller(compiled.ruleset).tell()),
        suite=None if compiled is None else _run_suite(version, compiled),
        change=None if before is None else _compare(before, version, compiled),
    )
    if compiled is not None:
        compiled.close()
    return evidence


def _rewind(head: VersionHead, events: Sequence[RulesetEvent]) -> VersionHead:
    """Say of a version what these events say, whatever happened to it while the log was packed."""
    approval = next((each for each in events if (each.kind, each.digest) == ("approve", head.digest)), None)
    switches = [each for each in events if each.kind != "approve"]
    done = [each.kind == "activate" for each in switches if each.approval != "waits"]
    waiting = switches[-1] if switches and switches[-1].approval == "waits" else None
    is_approved = approval is not None or not head.approval_required
    return msgspec.structs.replace(
        head,
        approved_by=approval and approval.actor,
        approved_at=approval and approval.at,
        approval_note=approval and approval.note,
        is_active=is_approved and (not done or done[-1]),
        waiting=waiting and waiting.kind,
        waiting_by=waiting and waiting.actor,
    )


def _run_suite(version: RulesetVersion, compiled: Compiled) -> SuiteOutcome | None:
    """Run a version's suite and measure its coverage."""
    if version.draft.suite_text is None:
        return None
    suite = f"{version.draft.ruleset_id}_test.yaml"
    run = ask_suite(parse_suite(version.draft.suite_text, suite), compiled)
    if run.result is None:
        failed = tuple(diagnostic.message for diagnostic in run.diagnostics)
        return SuiteOutcome(cases_count=0, failed=failed, skipped_count=0, coverage_percent=0.0, untested=())
    coverage = measure(Observer(compiled), [run.result])
    return SuiteOutcome(
        cases_count=len(run.cases),
        failed=tuple(case.name for case in run.cases if case.status == "failed"),
        skipped_count=sum(case.status == "skipped" for case in run.cases),
        coverage_percent=round(coverage.percent(), 1),
        untested=tuple(goal.what for goal in coverage.unmet),
    )


def _compare(before: RulesetVersion, after: RulesetVersion, compiled: Compiled | None) -> Change:
    """Say what a version changed."""
    texts, old = write_text_difference(before, after), _compile(before)
    if old is None or compiled is None:
        return Change(texts=texts, verdict=None, page=None)
    difference = compare(old.ruleset, compiled.ruleset)
    compared = Compared(old=old.ruleset, new=compiled.ruleset, difference=difference)
    names = [f"version {version.number}" for version in (before, after)]
    page = diffhtml.write_html([compared], old=names[0], new=names[1])
    old.close()
    return Change(texts=texts, verdict=say_verdict(difference), page=page)


def _compile(version: RulesetVersion) -> Compiled | None:
    try:
        return compile_version(version)
    except UnusableVersion:
        return None
