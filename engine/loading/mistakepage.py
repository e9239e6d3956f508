"""The page that explains every diagnostic of loading to the authors of rulesets."""

from engine.loading.mistakes import MISTAKES

_INTRODUCTION = """\
# What is wrong with my ruleset?

Every complaint names a file, a line and a column, says what was found, and how to mend it. The word at its end is its
code; this page has a section for each. A file with an error is never used; what is published already keeps its force.

This page is generated from `engine/loading/mistakes.py`.
"""


def write_mistake_page() -> str:
    """Return docs/authors/diagnostics.md."""
    sections = [
        f"## {code}\n\n**{mistake.title}.** {mistake.why}\n\n*What to do:* {mistake.mend}\n"
        for code, mistake in sorted(MISTAKES.items())
    ]
    return "\n".join([_INTRODUCTION, *sections])
