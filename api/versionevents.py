"""What happens to a version after it was published, and which versions come into use by it."""

import asyncio
from collections.abc import Sequence

from api.examining import load_standing
from api.overlaps import Overlap, find_overlaps
from api.publishing import refuse_overlaps, until_unchanged
from store.rulesets import EventKind, LastChange, RulesetEvent, Rulesets, RulesetVersion, VersionHead


async def record_event(
    rulesets: Rulesets,
    ruleset_id: str,
    number: int,
    kind: EventKind,
    *,
    actor: str,
    name: str | None = None,
    note: str | None = None,
    may_overlap: bool = False,
) -> RulesetEvent:
    """Retire, activate or approve a version; refused where another ruleset covers what comes into use by it.

    Retiring, too: an older version of the ruleset may answer again.
    """

    async def try_once(change: LastChange) -> RulesetEvent:
        if not may_overlap:
            overlaps = await _foresee(rulesets, ruleset_id, number, kind)
            if overlaps:
                names = sorted({name for overlap in overlaps for name in overlap.rulesets})
                found = [overlap.diagnostic for overlap in overlaps]
                raise refuse_overlaps(found, names, f"version {number} of “{ruleset_id}” is as it was")
        return await rulesets.record_event(
            ruleset_id, number, kind, actor=actor, name=name, note=note, unchanged_since=change
        )

    return await until_unchanged(rulesets, try_once)


async def _foresee(rulesets: Rulesets, ruleset_id: str, number: int, kind: EventKind) -> tuple[Overlap, ...]:
    """Find what a version that comes into use by an event would cover together with others."""
    in_use = await rulesets.active_at()
    own = {version.number: version for version in in_use if version.draft.ruleset_id == ruleset_id}
    would_be = _list_used(await rulesets.list_versions(ruleset_id), number, kind)
    if not would_be - own.keys():
        return ()
    coming = [own.get(each) or await rulesets.read_version(ruleset_id, each) for each in sorted(would_be)]
    others = [version for version in in_use if version.draft.ruleset_id != ruleset_id]
    versions: Sequence[RulesetVersion] = [*others, *filter(None, coming)]
    found = await asyncio.to_thread(lambda: find_overlaps(load_standing(versions), of=ruleset_id))
    return tuple(overlap for overlap in found if overlap.diagnostic.severity == "error")


def _list_used(heads: Sequence[VersionHead], number: int, kind: EventKind) -> set[int]:
    """List the versions of a ruleset that are in use after an event, as `active_at` will."""
    active = [head for head in heads if _is_active(head, number, kind)]
    return {
        head.number
        for head in active
        if not any(higher.number > head.number and _covers_days(higher, head) for higher in active)
    }


def _is_active(head: VersionHead, number: int, kind: EventKind) -> bool:
    if head.number != number:
        return head.is_active
    waits = head.approval_required and head.approved_by is None
    return kind == "approve" or (kind == "activate" and not waits)


def _covers_days(higher: VersionHead, lower: VersionHead) -> bool:
    begins = higher.effective_from is None or (
        lower.effective_from is not None and higher.effective_from <= lower.effective_from
    )
    ends = higher.effective_until is None or (
        lower.effective_until is not None and higher.effective_until >= lower.effective_until
    )
    return begins and ends
