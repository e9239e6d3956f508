"""Differences with their intervals, on one axis with nothing in its middle."""

import math
from collections.abc import Iterator, Sequence
from html import escape

import msgspec

from pages.colours import CALL, SERVICE, WORK, svg_style

_WIDTH = 1000
_LEFT, _RIGHT, _TOP = 200, 960, 34
_ROW = 34
_LONGEST_LABEL = 26
_STEP = 5  # points: the ends of the axis are a multiple of it


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A difference in percentage points and the ends of its interval."""

    name: str
    value: float
    low: float
    high: float


def draw_intervals(intervals: Sequence[Interval], *, about: str) -> str:
    """Return the intervals as SVG; one that holds nothing is grey."""
    return "\n".join(_elements(intervals, about)) + "\n"


def _elements(intervals: Sequence[Interval], about: str) -> Iterator[str]:
    height = _TOP + _ROW * len(intervals) + 8
    reach = max((max(abs(each.low), abs(each.high)) for each in intervals), default=0)
    end = max(math.ceil(reach / _STEP), 1) * _STEP

    def x(points: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (points + end) / (2 * end), 1)

    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(about)}">'
    )
    yield f"<style>{svg_style()}</style>"
    yield f'<rect class="ground" width="{_WIDTH}" height="{height}"/>'
    for points in (-end, 0, end):
        kind, said = ("grid", f"{points:+g}") if points else ("zero", "0")
        yield f'<line class="{kind}" x1="{x(points)}" y1="{_TOP - 8}" x2="{x(points)}" y2="{height - 8}"/>'
        yield f'<text class="t" x="{x(points)}" y="{_TOP - 14}" text-anchor="middle">{said}</text>'
    for number, each in enumerate(intervals):
        y = _TOP + _ROW * number + _ROW / 2
        family = CALL if each.low > 0 else SERVICE if each.high < 0 else WORK
        label = each.name if len(each.name) <= _LONGEST_LABEL else each.name[: _LONGEST_LABEL - 1] + "…"
        yield f'<text class="s" x="{_LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(label)}</text>'
        yield (
            f'<line class="{family}" x1="{x(each.low)}" y1="{y}" x2="{x(each.high)}" y2="{y}" stroke-width="3"'
            ' stroke-linecap="round"/>'
        )
        yield f'<circle class="{family}" cx="{x(each.value)}" cy="{y}" r="5"/>'
    yield "</svg>"
