"""Two decisions about one account beside each other: every part in which they differ."""

from collections.abc import Iterator, Mapping

import msgspec

_NOT_COMPARED = frozenset({"decision_id", "account_id", "track", "as_of", "ruleset", "explanation"})


class PartChange(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a decision, by its path in words, on both sides; None where a decision does not have it."""

    part: str
    was: object
    becomes: object


def list_changes(was: Mapping[str, object], becomes: Mapping[str, object]) -> tuple[PartChange, ...]:
    """Return the parts in which two decisions (as JSON) differ; which version decided is none of them."""
    before, after = dict(_flatten(was)), dict(_flatten(becomes))
    return tuple(
        PartChange(part=part, was=before.get(part), becomes=after.get(part))
        for part in (*after, *(part for part in before if part not in after))
        if before.get(part) != after.get(part)
    )


def _flatten(node: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, each in node.items():
        if not above and name in _NOT_COMPARED:
            continue
        part = f"{above}{name.replace('_', ' ')}"
        if isinstance(each, Mapping):
            yield from _flatten(each, f"{part}: ")
        elif isinstance(each, list) and any(isinstance(item, Mapping) for item in each):
            numbered = {f"{number}": item for number, item in enumerate(each, start=1)}
            yield from _flatten(numbered, f"{part} ")
        elif each is not None and each != []:
            yield part, each
