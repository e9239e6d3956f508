"""What changed in the texts of a version, as `diff` shows it."""

import difflib
from collections.abc import Iterator

from store.rulesets import RulesetVersion


def write_text_difference(before: RulesetVersion, after: RulesetVersion) -> str:
    """Write the changed lines of the ruleset, and of the shared files and the suite beside it."""
    return "".join(f"{line}\n" for line in _find_lines(before, after))


def _find_lines(before: RulesetVersion, after: RulesetVersion) -> Iterator[str]:
    old, new = before.draft, after.draft
    texts = {
        "ruleset.yaml": (old.text, new.text),
        "facts.yaml": (old.facts_text, new.facts_text),
        "scorecard.yaml": (old.scorecard_text, new.scorecard_text),
        "guarantees.yaml": (old.guarantees_text, new.guarantees_text),
        "ruleset_test.yaml": (old.suite_text, new.suite_text),
    }
    for name, (was, becomes) in texts.items():
        older, newer = (f"{name} of version {version.number}" for version in (before, after))
        lines = (was or "").splitlines(), (becomes or "").splitlines()
        yield from difflib.unified_diff(*lines, fromfile=older, tofile=newer, lineterm="")
