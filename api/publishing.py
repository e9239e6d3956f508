"""Publishing a ruleset: examined beside those in use, and stored as an immutable version if those are the same yet."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from api.examining import Assignment, Examined, Manuscript
from api.problems import ProblemError
from engine.model.diagnostic import Diagnostic
from store.errors import UseChanged
from store.rulesets import LastChange, Provenance, Publication, RulesetDraft, Rulesets

_TRIES = 5
T = TypeVar("T")


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; ``diagnostics`` are warnings only."""

    publication: Publication
    diagnostics: tuple[Diagnostic, ...]


async def publish(
    rulesets: Rulesets,
    manuscript: Manuscript,
    provenance: Provenance,
    examine: Callable[[Assignment], Awaitable[Examined]],
    *,
    may_overlap: bool = False,
) -> Published:
    """Publish a ruleset, once for a digest.

    An error in it, a case of its suite that fails, and, unless it may, an account that another ruleset in use covers
    too are refused, each with all of its kind.
    """

    async def try_once(change: LastChange) -> Published:
        assignment = Assignment(
            manuscript=manuscript,
            on=dt.datetime.now(dt.UTC).date(),
            known=frozenset((head.ruleset_id, head.digest) for head in await rulesets.list_versions()),
            in_use=await rulesets.active_at(),
            may_overlap=may_overlap,
        )
        examined = await examine(assignment)
        if examined.draft is None:
            raise _refuse(examined)
        missing = await _find_missing_suite(rulesets, examined.draft, manuscript.file)
        diagnostics = (*missing, *examined.diagnostics)
        draft = msgspec.structs.replace(examined.draft, diagnostics=msgspec.json.encode(diagnostics).decode())
        publication = await rulesets.publish(draft, provenance, unchanged_since=change)
        return Published(publication=publication, diagnostics=diagnostics)

    return await until_unchanged(rulesets, try_once)


async def until_unchanged(rulesets: Rulesets, try_once: Callable[[LastChange], Awaitable[T]]) -> T:
    """Try until what is in use did not change while it was examined."""
    for _ in range(_TRIES - 1):
        try:
            return await try_once(await rulesets.last_change())
        except UseChanged:
            continue
    return await try_once(await rulesets.last_change())


async def _find_missing_suite(rulesets: Rulesets, draft: RulesetDraft, file: str) -> tuple[Diagnostic, ...]:
    """Say that a version comes without the suite that the one before it had: nothing showed that it still holds."""
    if draft.suite_text is not None:
        return ()
    newest = next((head.number for head in await rulesets.list_versions(draft.ruleset_id)), None)
    before = None if newest is None else await rulesets.read_version(draft.ruleset_id, newest)
    if before is None or before.draft.suite_text is None or before.draft.digest == draft.digest:
        return ()
    message = f"Version {newest} was published with a suite, and this one comes without; no case was asked."
    hint = "Send the suite beside the ruleset; `dunning publish` takes the one in the same folder."
    return (
        Diagnostic(code="suite-missing", severity="warning", file=file, line=1, column=1, message=message, hint=hint),
    )


def refuse_overlaps(overlaps: Sequence[Diagnostic], rulesets: Sequence[str], outcome: str) -> ProblemError:
    """Make the problem of accounts that would be covered twice; ``outcome`` says what was not done."""
    first = overlaps[0].message.rstrip(".")
    return ProblemError(
        "rulesets-overlap", f"{first}; {outcome}.", diagnostics=tuple(overlaps), rulesets=tuple(rulesets)
    )


def _refuse(examined: Examined) -> ProblemError:
    if examined.refusal == "rulesets-overlap":
        return refuse_overlaps(examined.diagnostics, examined.rulesets, "nothing was published")
    errors = sum(diagnostic.severity == "error" for diagnostic in examined.diagnostics)
    detail = f"{examined.file} has {errors} error{'s' if errors != 1 else ''}; nothing was published."
    return ProblemError(examined.refusal or "invalid-ruleset", detail, diagnostics=examined.diagnostics)
