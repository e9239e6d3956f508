"""A page as Markdown; its pictures are files beside it."""

from collections.abc import Iterator

from pages.page import Block, Items, Page, Picture, Table, Text


def write_markdown(page: Page) -> str:
    """Return the page."""
    return "\n".join(_lines(page)).rstrip() + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield from (f"# {_escape(page.title)}", "")
    yield from _table(Table(headings=("", ""), rows=page.facts))
    for section in page.sections:
        yield from (f"## {section.heading}", "")
        for block in section.blocks:
            yield from write_block(block)


def write_block(block: Block) -> Iterator[str]:
    """Yield the lines of a part of a page."""
    match block:
        case Text():
            yield from (_escape(block.words), "")
        case Items():
            yield from (f"- {_escape(item)}" for item in block.items)
            yield ""
        case Table():
            yield from _table(block)
        case Picture():
            yield from (f"![{_escape(block.about)}]({block.name}.svg)", "")


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(_escape(heading) for heading in table.headings)} |"
    yield f"|{'|'.join('---:' if index in table.right else '---' for index in range(len(table.headings)))}|"
    yield from (f"| {' | '.join(_cell(cell) for cell in row)} |" for row in table.rows)
    yield ""


def _cell(words: str) -> str:
    return "<br>".join(_escape(line) for line in words.split("\n"))


def _escape(words: str) -> str:
    """Return words that Markdown takes as they are."""
    for mark in ("\\", "|", "*", "_", "<", "[", "`"):
        words = words.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return words
