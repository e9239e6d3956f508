"""A ruleset that begins before the one it follows has ended.

Both cover exactly the same accounts, so the later is the successor of the earlier. On the days of both the service
answers with an error (409). End the earlier one on the day on which the later begins: `until` is the first day on
which a ruleset no longer applies.

**Bad**

```yaml one.yaml
ruleset: dutch-2026
effective: {from: 2026-01-01, until: 2027-02-01}
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

from collections.abc import Iterator
from itertools import combinations

from engine.analysis.checks.coverage_overlap import do_periods_meet, is_successor
from engine.analysis.finding import Finding, FolderCheck
from engine.analysis.folder import Folder
from engine.analysis.showing import covered_twice
from engine.proofs.examples import Example, list_questions


def find(folder: Folder) -> Iterator[Finding]:
    """Yield each ruleset that is still effective when its successor begins."""
    for covers in folder.tracks:
        for pair in combinations(covers, 2):
            earlier, later = sorted(pair, key=lambda cover: cover.from_on)
            if not do_periods_meet(earlier, later) or not is_successor(folder, earlier, later):
                continue
            places = earlier.prover.places
            yield Finding(
                at=places.find("effective", "until") or places.find_near("effective", "from"),
                file=earlier.ruleset.file,
                subject=earlier.ruleset.id,
                message=(
                    f"“{earlier.ruleset.id}” is still effective when “{later.ruleset.id}” ({later.ruleset.file}), for"
                    f" the same accounts, begins on {later.from_on}."
                ),
                hint=f"Write “until: {later.from_on}” under “effective”.",
                examples=(
                    Example(
                        shows=covered_twice((earlier.ruleset.id, later.ruleset.id)),
                        questions=list_questions(
                            earlier.prover, later.region, as_of=later.from_on, more=later.prover.dimensions
                        ),
                    ),
                ),
            )


CHECK = FolderCheck(
    code="effective-overlap", severity="error", title="A ruleset that begins before its forerunner ends", find=find
)
