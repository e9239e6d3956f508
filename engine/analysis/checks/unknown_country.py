"""A country that no account has.

Accounts give their country as in ISO 3166-1 alpha-2: two capital letters, `GB` for the United Kingdom. A condition on
another word, `UK` or `nl` or a name, never holds of them. Not reported where the ruleset or `facts.yaml` declares the
fact `country` with values of its own.

**Bad**

```yaml
rules:
  - {id: reminder, when: {days_overdue: 3.., country: [UK, IE]}, then: {action: send_reminder, channel: email}}
```

**Good**

```yaml
rules:
  - {id: reminder, when: {days_overdue: 3.., country: [GB, IE]}, then: {action: send_reminder, channel: email}}
```
"""

from collections.abc import Iterator

from engine.analysis.finding import Check, Finding
from engine.analysis.showing import meets
from engine.model.condition import AllOf, IsNoneOf, IsOneOf, walk
from engine.model.countries import CODES, find_meant_code
from engine.proofs.examples import Example, list_meeting
from engine.proofs.prover import Prover
from engine.proofs.sources import list_sources

_FACT = "country"


def find(prover: Prover) -> Iterator[Finding]:
    """Yield each word that a condition compares the country with and that is no country's code."""
    if prover.edition.facts[_FACT].values is not None:
        return
    for source in list_sources(prover.edition, prover.places):
        for part in walk(source.condition):
            if isinstance(part, IsOneOf | IsNoneOf) and part.fact == _FACT:
                words = (item for item in part.items if isinstance(item, str) and item not in CODES)
                yield from (_report(prover, part, word) for word in words)


def _report(prover: Prover, part: IsOneOf | IsNoneOf, word: str) -> Finding:
    meant = find_meant_code(word)
    examples: tuple[Example, ...] = ()
    if meant is not None:
        asked = IsOneOf(fact=_FACT, items=(word,), at=part.at)
        country = IsOneOf(fact=_FACT, items=(meant,), at=part.at)
        claim = meets(AllOf(conditions=(country,)), fails=asked, says=f"“country: {word}” does not hold here.")
        examples = (Example(shows=claim, questions=list_meeting(prover, prover.region_of(country))),)
    return Finding(
        at=part.at,
        subject=word,
        message=f"“{word}” is not a country's code, so no account has it.",
        hint=f"Write {meant}." if meant is not None else "Write the code of ISO 3166-1 alpha-2, such as NL or GB.",
        examples=examples,
    )


CHECK = Check(code="unknown-country", severity="warning", title="A country that no account has", find=find)
