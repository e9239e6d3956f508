"""Two rulesets of one track that cover one account on one day.

Exactly one ruleset of a track may cover an account; where two do, the service answers with an error (409) and
nothing is done. Give them different tracks, or narrow one `applies_to`.

**Bad**

```yaml one.yaml
ruleset: consumers
applies_to: {segment: consumer}
rules: []
```

```yaml two.yaml
ruleset: dutch
applies_to: {country: NL}
rules: []
```

**Good**

```yaml one.yaml
ruleset: consumers
applies_to: {segment: consumer, none: [{country: NL}]}
rules: []
```

```yaml two.yaml
ruleset: dutch
applies_to: {country: NL}
rules: []
```
"""

from collections.abc import Iterator
from itertools import combinations

from engine.analysis.finding import Finding, FolderCheck
from engine.analysis.folder import Cover, Folder
from engine.analysis.showing import covered_twice
from engine.coordinates.facts import write_box
from engine.proofs.examples import Example, list_questions, pick_day


def find(folder: Folder) -> Iterator[Finding]:
    """Yield each pair whose covers meet on some day and are not one and the same."""
    for covers in folder.tracks:
        for one, other in combinations(covers, 2):
            if do_periods_meet(one, other):
                yield from _compare(folder, one, other)


def do_periods_meet(one: Cover, other: Cover) -> bool:
    """Tell whether both are effective on some day."""
    return max(one.from_on, other.from_on) < min(one.until_on, other.until_on)


def is_successor(folder: Folder, one: Cover, other: Cover) -> bool:
    """Tell whether two covers are of the same accounts, and one begins after the other."""
    both = folder.compare([one, other])
    left, right = both.packed
    return one.from_on != other.from_on and both.space.is_covered(left, right) and both.space.is_covered(right, left)


def _compare(folder: Folder, one: Cover, other: Cover) -> Iterator[Finding]:
    both = folder.compare([one, other])
    shared = both.space.common(*both.packed)
    if not shared or is_successor(folder, one, other):
        return
    boxes = both.space.unpack_all(shared)
    later = max((one, other), key=lambda cover: cover.from_on)
    yield Finding(
        at=other.prover.places.find("applies_to") or other.prover.places.find_near("ruleset"),
        file=other.ruleset.file,
        subject=other.ruleset.id,
        message=(
            f"“{other.ruleset.id}” and “{one.ruleset.id}” ({one.ruleset.file}) cover the same accounts on the track"
            f" “{one.ruleset.track}”: {_tell(write_box(boxes[0], both.dimensions, other.prover.edition.currency))}."
        ),
        hint="Narrow one “applies_to”, end one before the other begins, or give one a track of its own.",
        examples=(
            Example(
                shows=covered_twice((one.ruleset.id, other.ruleset.id)),
                questions=list_questions(other.prover, boxes, as_of=pick_day(later.prover), more=both.dimensions),
            ),
        ),
    )


def _tell(kind: str) -> str:
    return f"those with “{kind}”" if kind else "all there are"


CHECK = FolderCheck(code="coverage-overlap", severity="error", title="Two rulesets that cover one account", find=find)
