"""Days on which nobody covers accounts that are covered before and after.

One ruleset ends, the next for some of the same accounts begins later, and in between no ruleset of the track covers
them: the service answers `not_covered`.

**Bad**

```yaml one.yaml
ruleset: dutch-2026
effective: {from: 2026-01-01, until: 2026-12-31}
applies_to: {country: NL}
rules: []
```

```yaml two.yaml
ruleset: dutch-2027
effective: {from: 2027-01-01}
applies_to: {country: NL}
rules: []
```

**Good**

```yaml one.yaml
ruleset: dutch-2026
effective: {from: 2026-01-01, until: 2027-01-01}
applies_to: {country: NL}
rules: []
```

```yaml two.yaml
ruleset: dutch-2027
effective: {from: 2027-01-01}
applies_to: {country: NL}
rules: []
```
"""

import datetime as dt
from collections.abc import Iterator

from engine.analysis.finding import Finding, FolderCheck
from engine.analysis.folder import Cover, Folder
from engine.proofs.examples import Example, Shows, list_questions
from engine.worlds.asking import Asking


def find(folder: Folder) -> Iterator[Finding]:
    """Yield each ruleset after whose end some of its accounts are uncovered until another begins."""
    for covers in folder.tracks:
        for cover in covers:
            if cover.ruleset.effective.until_on is not None:
                yield from _find_hole(folder, cover, covers)


def _find_hole(folder: Folder, ended: Cover, covers: list[Cover]) -> Iterator[Finding]:
    day = ended.until_on
    compared = folder.compare(covers)
    packed = dict(zip((cover.ruleset.id for cover in covers), compared.packed, strict=True))
    there = [box for cover in covers if cover.is_effective(day) for box in packed[cover.ruleset.id]]
    for later in sorted(covers, key=lambda cover: cover.from_on):
        if later.from_on > day:
            both = compared.space.common(packed[ended.ruleset.id], packed[later.ruleset.id])
            lost = compared.space.first_rest(both, there)
            if lost is not None:
                box = compared.space.unpack(lost)
                yield Finding(
                    at=ended.prover.places.find_near("effective", "until"),
                    file=ended.ruleset.file,
                    subject=ended.ruleset.id,
                    message=(
                        f"From {day} until “{later.ruleset.id}” ({later.ruleset.file}) begins on {later.from_on}, no"
                        f" ruleset covers accounts that “{ended.ruleset.id}” covered."
                    ),
                    hint=f"Write “until: {later.from_on}”, the first day on which this ruleset no longer applies.",
                    examples=(
                        Example(
                            shows=_show_hole(ended.ruleset.id),
                            questions=list_questions(ended.prover, [box], as_of=day, more=compared.dimensions),
                        ),
                    ),
                )
                return


def _show_hole(ruleset: str) -> Shows:
    """Show that no ruleset covers the account, and the day before this one did."""

    def show(asking: Asking) -> str | None:
        day = asking.question.day
        eve = day - dt.timedelta(days=1)
        before = asking.instead(as_of=eve).covering
        if before is None or before.ruleset.id != ruleset or asking.covering is not None:
            return None
        return f"“{ruleset}” covers it until {eve}, and nothing does on {day}."

    return show


CHECK = FolderCheck(
    code="effective-hole", severity="warning", title="Days on which nobody covers an account", find=find
)
