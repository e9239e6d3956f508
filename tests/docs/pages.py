"""Reads the documents as the tests see them: fenced blocks, each with the mark right above it.

A mark is an HTML comment on the line before a block:

- ``<!-- file: NAME -->``: the block is a file of this name in the page's own folder;
- ``<!-- run -->``: the commands are run in that folder, and what is shown is what they print; ``…`` stands for
  anything within a line, a line of ``…`` for any lines;
- ``<!-- live -->``: the commands are run in a shell, beside a service of the test's own (tests/docs/test_operating.py);
- ``<!-- fails: CODE at LINE:COLUMN, … -->``: the YAML is refused with exactly these errors.

Several marks of one block are separated by semicolons.
"""

import re
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
# Generated from checks, whose own tests prove their examples; what failed in the past is no example either.
_OTHERS = ("docs/authors/checks/",)
_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?^(?P<indent> *)```(?P<language>[a-z]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One fenced block; ``line`` is where its text begins."""

    page: str
    line: int
    language: str
    mark: str
    text: str

    @property
    def place(self) -> str:
        """Return where the block begins."""
        return f"{self.page}:{self.line}"

    def marked(self, word: str) -> str | None:
        """Return what follows a mark's word, or None where the block is not marked with it."""
        for mark in self.mark.split(";"):
            name, _, rest = mark.partition(":")
            if name.strip() == word:
                return rest.strip()
        return None


def list_pages() -> tuple[str, ...]:
    """Return every document, by its path from the root."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "rulesets" / "README.md"]
    found += sorted((ROOT / "docs").rglob("*.md"))
    names = (path.relative_to(ROOT).as_posix() for path in found)
    return tuple(name for name in names if not name.startswith(_OTHERS))


def read_page(name: str) -> str:
    """Return a document's text."""
    return (ROOT / name).read_text(encoding="utf-8")


def read_blocks(page: str) -> tuple[Block, ...]:
    """Return the fenced blocks of a page, in order."""
    text = read_page(page)
    return tuple(
        Block(
            page=page,
            line=text.count("\n", 0, match.start("text")) + 1,
            language=match["language"],
            mark=match["mark"] or "",
            text=re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE),
        )
        for match in _FENCE.finditer(text)
    )


def all_blocks(language: str) -> tuple[Block, ...]:
    """Return the blocks of all pages that are of this language."""
    return tuple(block for page in list_pages() for block in read_blocks(page) if block.language == language)


def without_blocks(text: str) -> str:
    """Return a page's text with its fenced blocks emptied, every other line where it was."""
    return _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
