"""The analysis was not finished.

Whether a rule can win is a question that can take very long where many rules cut across many facts. A budget bounds
it: what is asked of every account at once is left open here, and nothing is claimed. All decisions are as right as
ever. Fewer alternatives in one condition, or a ruleset split by `applies_to`, bring it back into reach.

**Bad**

```yaml
# with a budget of 20 comparisons
stateless: true
rules:
  - {id: a, when: {any: [{vip: true}, {disputed: true}, {insolvent: true}]}, then: {action: none}}
  - {id: b, when: {any: [{vip: false}, {disputed: false}, {insolvent: false}]}, then: {action: none}}
```

**Good**

```yaml
stateless: true
rules:
  - {id: a, when: {vip: true}, then: {action: none}}
  - {id: b, then: {action: none}}
```
"""

from collections.abc import Sequence

from engine.analysis.finding import Finding, Note
from engine.model.diagnostic import Position
from engine.words.phrases import join, name_rules


def report(ruleset: str, codes: Sequence[str], rules: Sequence[str], at: Position) -> Finding:
    """Return the finding that checks were given up, or the question whether some rules can win."""
    unknown = join([*codes, *([f"whether {name_rules(rules)} can win"] if rules else [])])
    return Finding(
        at=at,
        subject=ruleset,
        message=f"The analysis of “{ruleset}” was not finished within its budget; not known: {unknown}.",
        hint="Split large “any” conditions, or the ruleset.",
    )


NOTE = Note(code="not-finished", severity="warning", title="The analysis was not finished")
