"""A fact of facts.yaml that no ruleset uses.

It is declared for all rulesets of the folder, and none of them reads it. Accounts may still carry it; nothing comes
of it. Standard facts that are only narrowed there are not reported.

**Bad**

```yaml facts.yaml
facts:
  contract_end: {type: days, optional: true}
```

```yaml one.yaml
rules:
  - {id: reminder, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
```

**Good**

```yaml facts.yaml
facts:
  contract_end: {type: days, optional: true}
```

```yaml one.yaml
rules:
  - {id: reminder, when: {days_overdue: 3.., contract_end: 30..}, then: {action: send_reminder, channel: email}}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Finding, FolderCheck
from engine.analysis.folder import Folder
from engine.analysis.showing import ignores
from engine.model.vocabulary import STANDARD_FACTS
from engine.proofs.examples import Example, list_with_fact
from engine.proofs.sources import facts_used


def find(folder: Folder) -> Iterator[Finding]:
    """Yield each fact of a facts.yaml that no ruleset beside it reads."""
    for each in folder.facts_files:
        file = each.file
        beside = [prover for prover in folder.provers if _folder_of(prover.ruleset.file) == _folder_of(file)]
        used = {name for prover in beside for name in facts_used(prover.edition)}
        for name, place in each.places.below("facts").items():
            if beside and name not in used and name not in STANDARD_FACTS:
                yield Finding(
                    at=place,
                    file=file,
                    subject=name,
                    message=f"The fact “{name}” is declared for all rulesets here, and none uses it.",
                    hint="Use it, or take the declaration away.",
                    examples=(
                        Example(
                            shows=ignores(name),
                            questions=list_with_fact(beside[0], name),
                        ),
                    ),
                )


def _folder_of(file: str) -> str:
    return file.rpartition("/")[0]


CHECK = FolderCheck(
    code="unused-shared-fact", severity="info", title="A fact of facts.yaml that no ruleset uses", find=find
)
