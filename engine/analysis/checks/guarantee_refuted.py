"""A guarantee that does not hold.

What the guarantee says never happens was asked for and happened: for the account that is shown, with the history that
is shown. The history can be any that could be recorded, also one that these rules would not have made: a level set by
hand, a notice recorded without its `pay_by`, a rule of an earlier version. No version is published while a guarantee
of it is refuted. Mend the rule, say under `unless` when it may happen, or take the guarantee back.

**Bad**

```yaml
rules:
  - id: notice
    level: 1
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}
  - {id: suspend, level: 2, when: {days_overdue: 30..}, then: {action: suspend_service}}
guarantees:
  - id: no-suspension-unwarned
    never: {action: suspend_service}
    unless: {after: {action: send_dunning_notice, days: 1, from: pay_by}}
```

**Good**

```yaml
rules:
  - id: notice
    level: 1
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}
  - {id: suspend, level: 2, after: {rule: notice, days: 1, from: pay_by}, then: {action: suspend_service}}
guarantees:
  - id: no-suspension-unwarned
    never: {action: suspend_service}
    unless: {after: {action: send_dunning_notice, days: 1, from: pay_by}}
```
"""

from engine.analysis.finding import Finding, Note
from engine.model.diagnostic import Witness
from engine.proofs.guarantees import Judged


def report(ruleset: str, judged: Judged) -> Finding:
    """Return the finding that a decision was made that a guarantee of a ruleset forbids."""
    guarantee, question = judged.guarantee, judged.question
    shown = None
    if question is not None:
        shown = Witness(shows=judged.says or "", as_of=question.day, account=question.account, history=question.history)
    said = f": {guarantee.says}" if guarantee.says else "."
    hint = "Mend the rule that the example shows, or say under “unless” when it may happen."
    if judged.lacking:
        hint = f"“unless” waits for {' and '.join(judged.lacking)}, which “{ruleset}” does not have. {hint}"
    return Finding(
        at=guarantee.at,
        subject=f"{ruleset}/{guarantee.id}",
        message=f"The guarantee “{guarantee.id}” does not hold for “{ruleset}”{said}",
        hint=hint,
        witness=shown,
        file=guarantee.file,
    )


NOTE = Note(code="guarantee-refuted", severity="error", title="A guarantee that does not hold")
