"""Shares of cohorts over time as lines, and upright lines where something changed."""

import datetime as dt
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

import msgspec

from pages.colours import CALL, FEE, MESSAGE, PAYMENT, SERVICE, svg_style

_WIDTH, _HEIGHT = 1000, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 900, 60, 350
_FAMILIES = (MESSAGE, CALL, PAYMENT, FEE, SERVICE)
_SHARES = (0, 25, 50, 75, 100)
_MOST_LABELS = 14
_LINE = 14


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A share in percent of one cohort; one that is not final may still grow."""

    percent: float
    is_final: bool


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """The shares of each cohort in turn, None where there is none."""

    name: str
    points: tuple[Point | None, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What changed on a day."""

    name: str
    on: dt.date


def draw_cohorts(months: Sequence[str], curves: Sequence[Curve], changes: Sequence[Change], *, about: str) -> str:
    """Return the curves as SVG; ``months`` are the cohorts in order, such as 2026-03."""
    return "\n".join(_elements(months, curves, changes, about)) + "\n"


def _elements(months: Sequence[str], curves: Sequence[Curve], changes: Sequence[Change], about: str) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' role="img" aria-label="{escape(about)}">'
    )
    yield f"<style>{svg_style()}</style>"
    yield f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}"/>'
    for percent in _SHARES:
        y = _y(percent)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{_RIGHT}" y2="{y}"/>'
        yield f'<text class="t" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{percent} %</text>'
    step = -(-len(months) // _MOST_LABELS)
    for place, month in enumerate(months):
        if place % step == 0:
            yield f'<text class="t" x="{_x(place, months)}" y="{_BOTTOM + 22}" text-anchor="middle">{month}</text>'
    yield from _draw_changes(months, changes)
    for number, curve in enumerate(curves):
        yield from _draw_curve(curve, months, _FAMILIES[number % len(_FAMILIES)])
    yield from _name_curves(curves, months)
    yield "</svg>"


def _draw_curve(curve: Curve, months: Sequence[str], family: str) -> Iterator[str]:
    places = [(_x(place, months), _y(point.percent), point) for place, point in enumerate(curve.points) if point]
    for (x1, y1, _), (x2, y2, point) in pairwise(places):
        dashes = "" if point.is_final else ' stroke-dasharray="4 5"'
        yield f'<line class="{family}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke-width="2"{dashes}/>'
    for x, y, point in places:
        hollow = "" if point.is_final else ' style="fill:var(--ground)"'
        yield f'<circle class="{family}" cx="{x}" cy="{y}" r="4"{hollow}/>'


def _name_curves(curves: Sequence[Curve], months: Sequence[str]) -> Iterator[str]:
    """Write the name of each curve behind its last point, no two over each other."""
    lasts = []
    for number, curve in enumerate(curves):
        places = [(place, point) for place, point in enumerate(curve.points) if point is not None]
        if places:
            place, point = places[-1]
            lasts.append((_y(point.percent), number, _x(place, months), curve.name))
    lasts.sort()
    for y, (*_, x, name) in zip(_spread([last[0] for last in lasts]), lasts, strict=True):
        yield f'<text class="t" x="{x + 10}" y="{y + 4}">{escape(name)}</text>'


def _spread(heights: Sequence[float]) -> list[float]:
    """Move heights, which rise, as far apart as lines of text are, none below the last line of the grid."""
    spread: list[float] = []
    for height in heights:
        spread.append(max(height, spread[-1] + _LINE) if spread else height)
    lowest = float(_BOTTOM)
    for place in reversed(range(len(spread))):
        spread[place] = min(spread[place], lowest)
        lowest = spread[place] - _LINE
    return spread


def _draw_changes(months: Sequence[str], changes: Sequence[Change]) -> Iterator[str]:
    """Draw a line in the month of each change, as far into it as its day; several of one day share it."""
    found: dict[float, list[str]] = {}
    for change in changes:
        month = f"{change.on:%Y-%m}"
        if month in months:
            width = (_RIGHT - _LEFT) / max(len(months), 1)
            x = round(_x(months.index(month), months) - width / 2 + width * (change.on.day - 1) / 31, 1)
            found.setdefault(x, []).append(change.name)
    for number, (x, names) in enumerate(sorted(found.items())):
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        side, aside = ("end", -4) if x > (_LEFT + _RIGHT) / 2 else ("start", 4)
        yield f'<line class="zero" x1="{x}" y1="{_TOP - 6}" x2="{x}" y2="{_BOTTOM}" stroke-dasharray="2 3"/>'
        place = f'x="{x + aside}" y="{_TOP - 10 - 14 * (number % 3)}" text-anchor="{side}"'
        yield f'<text class="t" {place}>{escape(names[0])}{more}</text>'


def _x(place: int, months: Sequence[str]) -> float:
    width = (_RIGHT - _LEFT) / max(len(months), 1)
    return round(_LEFT + width * (place + 0.5), 1)


def _y(percent: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * min(max(percent, 0), 100) / 100, 1)
