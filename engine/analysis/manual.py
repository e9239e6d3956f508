"""The pages of docs/authors/checks/: each check's docstring, below its title, code and severity."""

import re
from collections.abc import Iterator

import msgspec

from engine.analysis.catalogue import CHECKS, FOLDER_CHECKS, NOTES, PAGES
from engine.analysis.finding import Check, FolderCheck, Note

_FENCE = re.compile(r"^```yaml(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_DEFAULT_FILE = "example.yaml"
_INTRODUCTION = """\
# What `dunning check` finds

A ruleset that loads can still be wrong. These checks prove what is wrong with it, for every account and every history
there can be, without running its rules. None of them guesses: where a check cannot tell, it says nothing.

- **Example.** With a finding stands an account that shows it, with what was carried out before and the day on which it
  is asked; a comment says what comes out. Each was asked before it is shown, and none is shown that does not show what
  is said. It can be pasted into a case of a suite, or into a file: `dunning decide --ruleset . --account example.yaml`.
  About the comments that silence findings, and where the analysis was not finished, there is no account to show.
- **Severity.** Put a file `.dunning.yaml` into the folder: `checks: {gap: warning, overlap: off}`. A check can be
  `error`, `warning`, `info` or `off`. Only errors make `dunning check` fail and keep a ruleset from being published.
- **Silence.** A comment on the line of the finding, or right above it, silences one finding and says why:
  `# dunning: ignore gap small sums are written off by the other system`. A comment without a reason, or one that
  silences nothing, is itself a finding.

| check | severity | what |
|---|---|---|
"""


class PageExample(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one example; ``is_bad`` where the check finds something in it."""

    is_bad: bool
    files: dict[str, str]


def write_pages() -> dict[str, str]:
    """Return the pages by their file's name."""
    notes = sorted(_notes(), key=lambda note: note.code)
    pages = {f"{note.code}.md": _write_page(note) for note in notes}
    rows = [f"| [{note.code}]({note.code}.md) | {note.severity} | {note.title} |\n" for note in notes]
    return {"README.md": _INTRODUCTION + "".join(rows), **pages}


def read_examples(code: str) -> list[PageExample]:
    """Return the bad and the good examples of a check."""
    _, bad, good = re.split(r"^\*\*(?:Bad|Good)\*\*$", _docstring(code), flags=re.MULTILINE)
    return [PageExample(is_bad=True, files=_read_files(bad)), PageExample(is_bad=False, files=_read_files(good))]


def _read_files(text: str) -> dict[str, str]:
    return {match["file"] or _DEFAULT_FILE: match["text"] for match in _FENCE.finditer(text)}


def _notes() -> Iterator[Check | FolderCheck | Note]:
    yield from CHECKS
    yield from FOLDER_CHECKS
    yield from NOTES


def _write_page(note: Check | FolderCheck | Note) -> str:
    _, _, below = _docstring(note.code).partition("\n")  # its first line says what the title says
    text = _FENCE.sub(_write_fence, below)
    return f"# {note.title}\n\n`{note.code}`, {note.severity} unless [set otherwise](README.md).\n\n{text.strip()}\n"


def _write_fence(match: re.Match[str]) -> str:
    name = f"*{match['file']}*\n\n" if match["file"] else ""
    return f"{name}```yaml\n{match['text']}```"


def _docstring(code: str) -> str:
    return PAGES[code].__doc__ or ""
