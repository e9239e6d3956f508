"""The ladder before and after, for one account that never pays: two lanes of days, what differs ringed."""

import datetime as dt
from collections.abc import Iterator, Sequence
from html import escape

import msgspec

from engine.evaluation.program import Compiled
from engine.evaluation.timeline import run_timeline
from engine.model.account import AccountInvalid, RulesetsOverlap
from pages.colours import NAMES, family_of, svg_style
from pages.dayscale import DayScale
from pages.ladder import Rung, read_ladder

_WIDTH = 1080
_CHART = (130, 900)
_LANE = 190
_TOP = 74
_LINE = 150
_SLANT = -38
_BETWEEN_LABELS = 24
_LONGEST_TITLE = 30
_SHORTEST_DAYS = 14
_DAYS = 420
_BEFORE_DUE = 5


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """What one side does, day by day."""

    label: str
    rungs: tuple[Rung, ...]


def run_lane(label: str, compiled: Compiled, account: dict[str, object], first: dt.date) -> Lane | None:
    """Ask one side about an account that was just before its due date, or None where it cannot be asked."""
    known = compiled.fact_names | {"id", "currency"}
    document = {key: value for key, value in account.items() if key in known} | {"days_overdue": -_BEFORE_DUE}
    try:
        steps = run_timeline(
            [compiled], document, first=first, until=first + dt.timedelta(days=_DAYS), executed="scheduled"
        )
    except (AccountInvalid, RulesetsOverlap):
        return None
    ladder = read_ladder("sample", {compiled.ruleset.id: compiled.ruleset.title}, steps)
    return Lane(label=label, rungs=ladder.rungs)


def draw_lanes(lanes: Sequence[Lane]) -> str:
    """Return both lanes as SVG."""
    return "\n".join(_elements(lanes)) + "\n"


def _elements(lanes: Sequence[Lane]) -> Iterator[str]:
    days = [rung.day for lane in lanes for rung in lane.rungs if rung.day is not None]
    low = min([0, *days])
    scale = DayScale(low, max([low + _SHORTEST_DAYS, *days]) + 2, *_CHART)
    height = _TOP + _LANE * len(lanes) + 44
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="The ladder before and after">'
    )
    yield f"<style>{svg_style()}.ring{{fill:none;stroke:var(--ink);stroke-width:2.5}}</style>"
    yield f'<rect class="ground" width="{_WIDTH}" height="{height}"/>'
    yield f'<text class="t" x="{_CHART[0]}" y="22">days after the due date</text>'
    for day in scale.ticks():
        x = scale.x(day)
        kind = "zero" if day == 0 else "grid"
        yield f'<line class="{kind}" x1="{x}" y1="50" x2="{x}" y2="{height - 44}"/>'
        yield f'<text class="t" x="{x}" y="42" text-anchor="middle">{"due" if day == 0 else day}</text>'
    seen = [{_key(rung) for rung in lane.rungs} for lane in lanes]
    for index, lane in enumerate(lanes):
        others = set[tuple[object, ...]]().union(*(keys for other, keys in enumerate(seen) if other != index))
        yield from _lane(lane, scale, _TOP + _LANE * index, others)
    yield from _legend(lanes, height - 16)
    yield "</svg>"


def _key(rung: Rung) -> tuple[object, ...]:
    return rung.day, rung.action, rung.channel, rung.level, rung.money


def _lane(lane: Lane, scale: DayScale, top: int, others: set[tuple[object, ...]]) -> Iterator[str]:
    y = top + _LINE
    yield f'<text class="b" x="20" y="{y + 5}">{escape(lane.label)}</text>'
    yield f'<line class="zero" x1="{_CHART[0]}" y1="{y}" x2="{_CHART[1]}" y2="{y}" stroke-opacity=".5"/>'
    free = 0.0
    for rung in lane.rungs:
        if rung.day is None:
            continue
        x = scale.x(rung.day)
        label = max(x + 2, free)
        free = label + _BETWEEN_LABELS
        words = rung.title if len(rung.title) <= _LONGEST_TITLE else rung.title[: _LONGEST_TITLE - 1].rstrip() + "…"
        yield f'<circle class="{family_of(rung.action)}" cx="{x}" cy="{y}" r="10"/>'
        if rung.level is not None:
            yield f'<text class="n" x="{x}" y="{y + 4}" text-anchor="middle">{rung.level}</text>'
        if _key(rung) not in others:
            yield f'<circle class="ring" cx="{x}" cy="{y}" r="14"/>'
        if label > x + 2:
            yield f'<line class="grid" x1="{x}" y1="{y - 10}" x2="{label}" y2="{y - 18}"/>'
        place = f'x="{label}" y="{y - 18}" transform="rotate({_SLANT} {label} {y - 18})"'
        yield f'<text class="{"b" if _key(rung) not in others else "t"}" {place}>{rung.day}: {escape(words)}</text>'


def _legend(lanes: Sequence[Lane], y: int) -> Iterator[str]:
    x = 20
    for family in dict.fromkeys(family_of(rung.action) for lane in lanes for rung in lane.rungs):
        yield f'<circle class="{family}" cx="{x + 6}" cy="{y - 4}" r="6"/>'
        yield f'<text class="t" x="{x + 18}" y="{y}">{NAMES[family]}</text>'
        x += 34 + 7 * len(NAMES[family])
    yield (
        f'<text class="t" x="{_WIDTH - 20}" y="{y}" text-anchor="end">'
        "number: level · ring: not the same on the other side</text>"
    )
