"""Parts of wholes as bars of one length, each cut where its parts end."""

from collections.abc import Iterator, Sequence
from html import escape

import msgspec

from pages.colours import svg_style

_WIDTH = 1000
_LABEL, _LENGTH = 120, 820
_ROW, _BAR, _TOP = 34, 22, 40
_ROOM_FOR_WORDS = 44
_STRONG = 0.6  # from here on words are light on the colour


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a whole: its share in percent, the colour, and how strong that is from 0 to 1."""

    name: str
    percent: float
    family: str
    strength: float = 1


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A whole and its parts."""

    label: str
    parts: tuple[Part, ...]


def draw_stacks(stacks: Sequence[Stack], *, about: str) -> str:
    """Return the bars as SVG, with what the colours mean; ``about`` says what they show."""
    return "\n".join(_elements(stacks, about)) + "\n"


def _elements(stacks: Sequence[Stack], about: str) -> Iterator[str]:
    height = _TOP + _ROW * len(stacks) + 8
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(about)}">'
    )
    yield f"<style>{svg_style()}</style>"
    yield f'<rect class="ground" width="{_WIDTH}" height="{height}"/>'
    kinds = {part.name: part for stack in stacks for part in stack.parts}
    x = _LABEL
    for part in kinds.values():
        yield f'<rect class="{part.family}" x="{x}" y="12" width="12" height="12" rx="3" opacity="{part.strength}"/>'
        yield f'<text class="t" x="{x + 18}" y="22">{escape(part.name)}</text>'
        x += 40 + 7 * len(part.name)
    for number, stack in enumerate(stacks):
        yield from _draw(stack, _TOP + _ROW * number)
    yield "</svg>"


def _draw(stack: Stack, top: int) -> Iterator[str]:
    middle = top + _BAR - 6
    yield f'<text class="s" x="{_LABEL - 12}" y="{middle}" text-anchor="end">{escape(stack.label)}</text>'
    x = float(_LABEL)
    for part in stack.parts:
        width = round(_LENGTH * part.percent / 100, 1)
        if width:
            place = f'x="{x:.1f}" y="{top}" width="{width}" height="{_BAR}"'
            yield f'<rect class="{part.family}" {place} opacity="{part.strength}"/>'
        if width >= _ROOM_FOR_WORDS:
            place = f'x="{x + width / 2:.1f}" y="{middle}" text-anchor="middle"'
            kind = "n" if part.strength >= _STRONG else "t"
            yield f'<text class="{kind}" {place}>{part.percent:.1f} %</text>'
        x += width
