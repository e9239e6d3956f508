"""What a page is made of, before it is Markdown or HTML."""

from typing import TypeAlias

import msgspec


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A paragraph."""

    words: str


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under headings; a new line in a cell is a new line on the page. ``name`` is that of a file of it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    name: str = ""


class Items(msgspec.Struct, frozen=True, kw_only=True):
    """A list of sentences."""

    items: tuple[str, ...]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing as SVG, with what it shows in words."""

    name: str
    svg: str
    about: str


Block: TypeAlias = Text | Table | Items | Picture


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a page under its heading."""

    heading: str
    blocks: tuple[Block, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page; ``facts`` are the few words under the title."""

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
