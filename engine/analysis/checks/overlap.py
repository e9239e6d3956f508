"""Two rules that overlap and do different things.

Some accounts meet both, neither rule is the narrower one, and which wins is decided by nothing but the order they
are written in. Often that is an exception that nobody thought of. A rule that stands before a wider one and lies
wholly within it is not reported: that is how exceptions are written. On a ladder only rules of one level are
compared, and outside it only stateless rulesets, for elsewhere the second rule has its turn once the first is
carried out.

**Bad**

```yaml
stateless: true
rules:
  - {id: vip, when: {vip: true, days_overdue: ..30}, then: {action: none}}
  - {id: late, when: {days_overdue: 10..}, then: {action: suspend_service}}
  - {id: rest, then: {action: none}}
```

**Good**

```yaml
stateless: true
rules:
  - {id: vip, when: {vip: true, days_overdue: ..30}, then: {action: none}}
  - {id: late-vip, when: {vip: true, days_overdue: 31..}, then: {action: suspend_service}}
  - {id: late, when: {vip: false, days_overdue: 10..}, then: {action: suspend_service}}
  - {id: rest, then: {action: none}}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.space import Packed
from engine.analysis.study import Study
from engine.analysis.witness import write_witness
from engine.analysis.wording import name_rules

_MOST_NAMED = 3


def find(study: Study) -> Iterator[Finding]:
    """Yield each rule that earlier ones with other actions overlap in part."""
    always = (*study.impossible, *study.blocked)
    for index in sorted(study.reached):
        rule = study.rules[index]
        found: dict[str, int] = {}
        for other in range(index):
            if _are_rivals(study, other, index):
                shared = _shared(study, other, index, always)
                if shared is not None:
                    found[study.rules[other].id] = shared
        if found:
            names = list(found)[:_MOST_NAMED]
            more = f" and {len(found) - len(names)} more" if len(found) > len(names) else ""
            yield Finding(
                at=rule.at,
                subject=rule.id,
                message=(
                    f"The rule “{rule.id}” overlaps {name_rules(names)}{more} and does something else; where both hold,"
                    " only the order they are written in decides."
                ),
                hint="If the order is meant, leave it; else narrow one of them.",
                witness=write_witness(study, study.space.unpack(found[names[0]])),
            )


def _are_rivals(study: Study, earlier: int, later: int) -> bool:
    one, other = study.rules[earlier], study.rules[later]
    if one.action == other.action:
        return False
    return study.ruleset.stateless or (one.level is not None and one.level == other.level and not study.is_plain)


def _shared(study: Study, earlier: int, later: int, always: Packed) -> int | None:
    """Return a box that both rules hold, if neither lies within the other."""
    one, other = study.packed_whens[earlier], study.packed_whens[later]
    both = study.space.common(one, other)
    if not both or study.space.is_covered(one, (*always, *other)) or study.space.is_covered(other, (*always, *one)):
        return None
    return study.space.first_rest(both, always)


CHECK = Check(code="overlap", severity="info", title="Rules that overlap and do different things", find=find)
