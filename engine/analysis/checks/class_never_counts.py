"""A class of a scorecard whose points nobody gets.

The first class that holds counts, and those above it leave no value to this one: their points count for all that it
asks for. Often the classes stand in the wrong order, or a range begins where another has not ended.

**Bad**

```yaml scorecard.yaml
scorecards:
  risk_score:
    points:
      broken_promises:
        classes:
          - {when: 1.., points: 15}
          - {when: 3.., points: 40}
        otherwise: 0
```

```yaml one.yaml
rules:
  - {id: risky, when: {days_overdue: 3.., risk_score: 15..}, then: {action: hand_over, to: agency}}
```

**Good**

```yaml scorecard.yaml
scorecards:
  risk_score:
    points:
      broken_promises:
        classes:
          - {when: 1..2, points: 15}
          - {when: 3.., points: 40}
        otherwise: 0
```

```yaml one.yaml
rules:
  - {id: risky, when: {days_overdue: 3.., risk_score: 15..}, then: {action: hand_over, to: agency}}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Finding, FolderCheck
from engine.analysis.folder import Folder
from engine.analysis.showing import meets
from engine.conditions import boxes
from engine.conditions.boxes import NOTHING
from engine.coordinates.plan import Planner
from engine.model.diagnostic import Position
from engine.model.scorecard import FactPoints, Scorecard
from engine.proofs.examples import Example, list_questions
from engine.proofs.prover import Prover


def find(folder: Folder) -> Iterator[Finding]:
    """Yield each class that those above it leave no value, once however many rulesets stand beside its scorecard."""
    told: set[tuple[str, Position]] = set()
    for prover in folder.provers:
        for card in prover.edition.scorecards.values():
            for points in card.points:
                for finding in _examine(prover, card, points):
                    if (card.file, finding.at) not in told:
                        told.add((card.file, finding.at))
                        yield finding


def _examine(prover: Prover, card: Scorecard, points: FactPoints) -> Iterator[Finding]:
    planner, above = Planner(prover.ruleset, prover.edition), NOTHING
    for each in points.classes:
        region = planner.region(each.when)
        if boxes.is_subset(region, above, planner.dimensions):
            says = f"The account has one of its values, and the points of a class above count for {points.fact}"
            questions = list_questions(prover, region, more=planner.dimensions)
            yield Finding(
                at=each.at,
                file=card.file,
                subject=points.fact,
                message=f"Nobody gets the {each.points} points of this class: the classes above it hold for all of it.",
                hint="Put it above them, write a narrower class there, or take it away.",
                examples=(Example(shows=meets(each.when, says=says), questions=questions),),
            )
        above = boxes.union(above, region, planner.dimensions)


CHECK = FolderCheck(
    code="class-never-counts", severity="warning", title="A class of a scorecard whose points nobody gets", find=find
)
