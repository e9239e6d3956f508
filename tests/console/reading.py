"""Reading a page of the console as a browser does."""

from html.parser import HTMLParser

import httpx

VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})


class Reader(HTMLParser):
    """Reads a page as a browser does, and notices what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Take it off again."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take note of words."""
        self.words.append(data.strip())

    @property
    def said(self) -> str:
        """All words."""
        return " ".join(filter(None, self.words))


async def read(browser: httpx.AsyncClient, path: str) -> Reader:
    """Read a page of the console."""
    answer = await browser.get(f"/console{path}")
    assert answer.status_code == 200, answer.text
    return Reader(answer.text)
