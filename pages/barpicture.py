"""Amounts or counts of several things as bars, the words beside them."""

from collections.abc import Iterator, Sequence
from html import escape

import msgspec

from pages.colours import MESSAGE, svg_style

_WIDTH = 1000
_LEAST_LABEL, _MOST_LABEL = 90, 340
_A_LETTER, _LONGEST_WORDS = 7.2, 200
_ROW, _BAR = 26, 16
_LONGEST_LABEL = 46


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar: what it is of, how long it is beside the others, and what it says at its end."""

    label: str
    length: int
    words: str
    family: str = MESSAGE


def draw_bars(bars: Sequence[Bar], *, about: str) -> str:
    """Return the bars as SVG, the longest as long as there is room; ``about`` says what they show."""
    return "\n".join(_elements(bars, about)) + "\n"


def _elements(bars: Sequence[Bar], about: str) -> Iterator[str]:
    height = _ROW * len(bars) + 12
    longest_label = max((len(bar.label) for bar in bars), default=0)
    left = round(min(max(longest_label * _A_LETTER + 24, _LEAST_LABEL), _MOST_LABEL))
    longest_bar = _WIDTH - left - _LONGEST_WORDS
    longest = max((bar.length for bar in bars), default=0) or 1
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(about)}">'
    )
    yield f"<style>{svg_style()}</style>"
    yield f'<rect class="ground" width="{_WIDTH}" height="{height}"/>'
    for number, bar in enumerate(bars):
        top = 6 + _ROW * number
        width = max(bar.length * longest_bar // longest, 1)
        middle = top + _BAR - 3
        label = bar.label if len(bar.label) <= _LONGEST_LABEL else bar.label[: _LONGEST_LABEL - 1] + "…"
        yield f'<text class="s" x="{left - 12}" y="{middle}" text-anchor="end">{escape(label)}</text>'
        yield f'<rect class="{bar.family}" x="{left}" y="{top}" width="{width}" height="{_BAR}" rx="3"/>'
        yield f'<text class="t" x="{left + width + 8}" y="{middle}">{escape(bar.words)}</text>'
    yield "</svg>"
