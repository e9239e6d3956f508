"""The page that explains every diagnostic of loading to the authors of rulesets."""

from engine.loading.codes import CODES

_INTRODUCTION = """\
# What is wrong with my ruleset?

Every complaint names a file, a line and a column, says what was found, and how to mend it. The word at its end is its
code; this page has a section for each. A file with an error is never used; what is published already keeps its force.

This page is generated from `engine/loading/codes.py`.
"""


def write_code_page() -> str:
    """Return docs/authors/diagnostics.md."""
    sections = [
        f"## {name}\n\n**{code.title}.** {code.why}\n\n*What to do:* {code.mend}\n"
        for name, code in sorted(CODES.items())
    ]
    return "\n".join([_INTRODUCTION, *sections])
