"""The ladder of a ruleset over days overdue: one row a rule, from the first day it can come."""

from collections.abc import Iterator, Sequence
from html import escape

from pages.colours import NAMES, family_of, svg_style
from pages.dayscale import DayScale
from pages.steps import Step
from pages.words import plain

_WIDTH = 1080
_CHART = (400, 812)
_ROW = 40
_TOP = 70
_LONGEST_TITLE = 44
_A_LETTER = 7  # no channel is cut: the picture is as wide as its longest action
_SHORTEST_DAYS = 14


def draw_ladder(title: str, steps: Sequence[Step]) -> str | None:
    """Return the picture as SVG, or None where no rule begins on a day."""
    dated = [step for step in steps if step.first_day is not None]
    if not dated:
        return None
    return "\n".join(_Drawing(title, dated).elements()) + "\n"


def describe_ladder(steps: Sequence[Step]) -> str:
    """Return what the picture shows, in one sentence for who cannot see it."""
    dated = (
        f"day {step.first_day}: {step.rule.title or plain(step.rule.id)}"
        for step in steps
        if step.first_day is not None
    )
    return f"The first day of each rule after the due date. {'; '.join(dated)}."


class _Drawing:
    def __init__(self, title: str, steps: Sequence[Step]) -> None:
        self._title = title
        self._steps = steps
        firsts = [step.first_day for step in steps if step.first_day is not None]
        ends = [day for step in steps for day in (step.pay_by_day, _bounded(step)) if day is not None]
        self._low = min(0, *firsts)
        self._high = max(self._low + _SHORTEST_DAYS, *firsts, *(end for end in ends if end < max(firsts) * 2 + 30)) + 3
        self._scale = DayScale(self._low, self._high, *_CHART)
        self._width = max(_WIDTH, _CHART[1] + 38 + _A_LETTER * max(len(_action(step)) for step in steps))
        self._height = _TOP + _ROW * len(steps) + 56

    def elements(self) -> Iterator[str]:
        heading = f"{self._title}: the ladder over days overdue"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self._width} {self._height}" width="{self._width}" '
            f'height="{self._height}" role="img" aria-label="{escape(heading)}">'
        )
        yield f"<style>{svg_style()}</style>"
        yield f"<title>{escape(heading)}</title>"
        yield f'<rect class="ground" width="{self._width}" height="{self._height}"/>'
        yield from self._axis()
        for index, step in enumerate(self._steps):
            yield from self._row(step, _TOP + _ROW * index)
        yield from self._legend()
        yield "</svg>"

    def _axis(self) -> Iterator[str]:
        closer = " (later days are drawn closer together)" if self._scale.is_bent else ""
        yield f'<text class="t" x="{_CHART[0]}" y="24">days after the due date{closer}</text>'
        for day in self._scale.ticks():
            x = self._scale.x(day)
            kind = "zero" if day == 0 else "grid"
            yield f'<line class="{kind}" x1="{x}" y1="{_TOP - 10}" x2="{x}" y2="{self._height - 52}"/>'
            yield f'<text class="t" x="{x}" y="{_TOP - 18}" text-anchor="middle">{"due" if day == 0 else day}</text>'

    def _row(self, step: Step, top: int) -> Iterator[str]:
        rule, first = step.rule, step.first_day or 0
        family, middle, x = family_of(rule.action.type), top + _ROW // 2, self._scale.x(first)
        end = min(_bounded(step) if step.last_day is not None else self._high, self._high)
        title = escape(_shorten(rule.title or plain(rule.id), _LONGEST_TITLE))
        yield f'<text class="b" x="20" y="{middle + 5}">{title}</text>'
        yield _bar(family, x, self._scale.x(end), middle, ".22")
        if step.pay_by_day is not None and step.pay_by_day <= self._high:
            pay_by = self._scale.x(step.pay_by_day)
            yield _bar(family, x, pay_by, middle, ".45")
            yield f'<path class="{family}" d="M{pay_by} {middle - 9}v18" stroke-width="2"/>'
        yield f'<circle class="{family}" cx="{x}" cy="{middle}" r="11"/>'
        if rule.level is not None:
            yield f'<text class="n" x="{x}" y="{middle + 4}" text-anchor="middle">{rule.level}</text>'
        action = escape(_action(step))
        yield f'<text class="b" x="{_CHART[1] + 18}" y="{middle - 2}">day {first}</text>'
        yield f'<text class="t" x="{_CHART[1] + 18}" y="{middle + 14}">{action}</text>'
        below = f'y1="{top + _ROW}" x2="{self._width - 20}" y2="{top + _ROW}"'
        yield f'<line class="grid" x1="20" {below} stroke-opacity=".6"/>'

    def _legend(self) -> Iterator[str]:
        x, y = 20, self._height - 20
        for family in dict.fromkeys(family_of(step.rule.action.type) for step in self._steps):
            yield f'<circle class="{family}" cx="{x + 6}" cy="{y - 4}" r="6"/>'
            yield f'<text class="t" x="{x + 18}" y="{y}">{NAMES[family]}</text>'
            x += 34 + 7 * len(NAMES[family])
        yield (
            f'<text class="t" x="{self._width - 20}" y="{y}" text-anchor="end">'
            "circle: first possible day, with its level · bar: days it can come · dark bar: time to pay</text>"
        )


def _action(step: Step) -> str:
    channels = step.rule.action.channels
    return plain(step.rule.action.type) + (f" by {', '.join(channels)}" if channels else "")


def _bar(family: str, start: float, end: float, middle: int, opacity: str) -> str:
    place = f'x="{start}" y="{middle - 4}" width="{max(end - start, 2):.1f}" height="8" rx="4"'
    return f'<rect class="{family}" {place} opacity="{opacity}"/>'


def _bounded(step: Step) -> int:
    """Return a step's last day; where it has none, its first."""
    return step.last_day if step.last_day is not None else step.first_day or 0


def _shorten(words: str, longest: int) -> str:
    """Cut a text to fit; what stands in brackets at its end tells rules apart, so it is kept."""
    if len(words) <= longest:
        return words
    start, bracket, end = words.rpartition(" (")
    kept = f"{bracket}{end}" if words.endswith(")") and len(end) < longest // 2 else ""
    return f"{(start if kept else words)[: longest - len(kept) - 1].rstrip()}…{kept}"
