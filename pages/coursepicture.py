"""How an account goes, as a picture: its ladder down, days to the right; what is done is filled, what comes is not."""

import datetime as dt
from collections.abc import Iterator, Sequence
from html import escape

from pages.colours import NAMES, family_of, svg_style
from pages.course import Course, Mark, MarkKind, Step
from pages.dayscale import DayScale

_WIDTH = 1220
_CHART = (176, 700)
_WORDS_AT = 724
_TOP = 44
_LANE = 26
_ROW = 42
_FOOT = 46
_SHORTEST_DAYS = 14
_LONGEST_TITLE = 44
_LONGEST_DETAILS = 72
_MOST_APART = 4
_LANES: tuple[tuple[str, tuple[MarkKind, ...]], ...] = (
    ("invoices due", ("due",)),
    ("money", ("payment", "returned")),
    ("promises", ("promise", "broken")),
    ("disputes", ("dispute",)),
)
_STYLE = (
    ".due,.dispute{fill:var(--quiet);stroke:var(--quiet)}.payment{fill:var(--call);stroke:var(--call)}"
    ".promise{fill:var(--message);stroke:var(--message)}.broken,.returned{fill:var(--service);stroke:var(--service)}"
    ".open{fill:var(--ground);stroke-width:2.5}.later{fill:var(--ink)}"
    ".today{stroke:var(--message);stroke-width:1.5;stroke-dasharray:3 3}.now{font-size:12px;font-weight:650}"
)


def draw_course(course: Course) -> str:
    """Return the picture; it needs nothing but itself."""
    return "\n".join(_Drawing(course).elements()) + "\n"


def describe_course(course: Course) -> str:
    """Return what the picture shows, in one sentence for who cannot see it."""
    done = [step for step in course.steps if step.is_done]
    to_come = [step for step in course.steps if not step.is_done]
    parts = [_describe("done", done), _describe("to come if nobody pays", to_come)]
    return f"Account {course.account} on {course.today}. {' '.join(parts)} The tables below say the same."


def _describe(word: str, steps: Sequence[Step]) -> str:
    if not steps:
        return f"Nothing {word}."
    return f"{word.capitalize()}: {'; '.join(f'{step.on} {step.title}' for step in steps)}."


class _Drawing:
    def __init__(self, course: Course) -> None:
        self._course = course
        days = [course.today, *(step.on for step in course.steps), *(mark.on for mark in course.marks)]
        days += [step.pay_by for step in course.steps if step.pay_by is not None]
        days += [] if course.due_on is None else [course.due_on]
        self._zero = course.due_on or min(days)
        low, high = ((day - self._zero).days for day in (min(days), max(days)))
        self._scale = DayScale(low - 1, max(low + _SHORTEST_DAYS, high + 1), *_CHART)
        shown = {mark.kind for mark in course.marks}
        self._lanes = [(name, kinds) for name, kinds in _LANES if shown & set(kinds)]
        self._steps_top = _TOP + _LANE * len(self._lanes) + 12
        self._height = self._steps_top + _ROW * len(course.steps) + _FOOT

    def elements(self) -> Iterator[str]:
        about = escape(describe_course(self._course))
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {self._height}" width="{_WIDTH}" '
            f'height="{self._height}" role="img" aria-label="{about}">'
        )
        yield f"<style>{svg_style()}{_STYLE}</style>"
        yield f"<title>{about}</title>"
        yield f'<rect class="ground" width="{_WIDTH}" height="{self._height}"/>'
        yield from self._axis()
        for place, (name, kinds) in enumerate(self._lanes):
            yield from self._lane(name, kinds, _TOP + _LANE * place + _LANE // 2 + 6)
        for place, step in enumerate(self._course.steps):
            yield from self._row(step, self._steps_top + _ROW * place)
        yield from self._legend()
        yield "</svg>"

    def _x(self, day: dt.date) -> float:
        return self._scale.x((day - self._zero).days)

    def _axis(self) -> Iterator[str]:
        bottom = self._height - _FOOT + 4
        has_due = self._course.due_on is not None
        unit = "days after the due date" if has_due else "days"
        yield f'<text class="t" x="20" y="24">{unit}{", later ones drawn closer" if self._scale.is_bent else ""}</text>'
        today = self._x(self._course.today)
        for day in self._scale.ticks():
            x, is_due = self._scale.x(day), day == 0 and has_due
            yield f'<line class="{"zero" if is_due else "grid"}" x1="{x}" y1="{_TOP - 8}" x2="{x}" y2="{bottom}"/>'
            if abs(x - today) > _LANE:
                yield f'<text class="t" x="{x}" y="24" text-anchor="middle">{"due" if is_due else day}</text>'
        yield f'<line class="today" x1="{today}" y1="{_TOP - 8}" x2="{today}" y2="{bottom}"/>'
        yield f'<text class="now" x="{today}" y="24" text-anchor="middle">today</text>'

    def _lane(self, name: str, kinds: tuple[MarkKind, ...], middle: int) -> Iterator[str]:
        yield f'<text class="t" x="20" y="{middle + 4}">{name}</text>'
        words: list[str] = []
        for mark in self._course.marks:
            if mark.kind in kinds:
                yield self._mark(mark, middle)
                words.append(mark.words)
        more = f" · {len(words) - _MOST_APART} earlier" if len(words) > _MOST_APART else ""
        said = _shorten(" · ".join(words[-_MOST_APART:]), _LONGEST_DETAILS - len(more)) + more
        yield f'<text class="t" x="{_WORDS_AT}" y="{middle + 4}">{escape(said)}</text>'

    def _mark(self, mark: Mark, middle: int) -> str:
        x, words = self._x(mark.on), f"<title>{escape(f'{mark.on}: {mark.words}')}</title>"
        if mark.kind == "due":
            return f'<path class="due" d="M{x} {middle - 6}v12" stroke-width="3">{words}</path>'
        if mark.kind == "dispute":
            width = max(self._x(mark.until or self._course.today) - x, 3)
            shape = f'x="{x}" y="{middle - 3}" width="{width:.1f}" height="6" rx="3"'
            return f'<rect class="dispute" {shape}>{words}</rect>'
        if mark.kind in {"promise", "broken"}:
            return f'<path class="{mark.kind}" d="M{x} {middle - 7}l7 7l-7 7l-7 -7z">{words}</path>'
        return f'<circle class="{mark.kind}" cx="{x}" cy="{middle}" r="5.5">{words}</circle>'

    def _row(self, step: Step, top: int) -> Iterator[str]:
        family, middle, x = family_of(step.action), top + _ROW // 2, self._x(step.on)
        if self._course.due_on is not None:
            yield f'<text class="b" x="20" y="{middle - 2}">day {(step.on - self._course.due_on).days}</text>'
        yield f'<text class="t" x="20" y="{middle + 14}">{step.on:%a %-d %b %Y}</text>'
        if step.asked_on is not None and step.asked_on != step.on:
            asked = self._x(step.asked_on)
            yield f'<path class="{family}" d="M{asked} {middle}H{x}" stroke-width="1.5" stroke-dasharray="2 3"/>'
        if step.pay_by is not None:
            end = self._x(step.pay_by)
            bar = f'x="{x}" y="{middle - 4}" width="{max(end - x, 2):.1f}" height="8" rx="4"'
            yield f'<rect class="{family}" {bar} opacity=".28" stroke="none"/>'
            yield f'<path class="{family}" d="M{end} {middle - 8}v16" stroke-width="2"/>'
        is_open = "" if step.is_done else " open"
        yield f'<circle class="{family}{is_open}" cx="{x}" cy="{middle}" r="11"/>'
        if step.level is not None:
            kind = "n later" if is_open else "n"
            yield f'<text class="{kind}" x="{x}" y="{middle + 4}" text-anchor="middle">{step.level}</text>'
        title = escape(_shorten(step.title, _LONGEST_TITLE))
        yield f'<text class="b" x="{_WORDS_AT}" y="{middle - 2}">{title}</text>'
        details = escape(_shorten(step.details, _LONGEST_DETAILS))
        yield f'<text class="t" x="{_WORDS_AT}" y="{middle + 14}">{details}</text>'
        if step.money:
            yield f'<text class="s" x="{_WIDTH - 20}" y="{middle - 2}" text-anchor="end">{escape(step.money)}</text>'
        line = f'x1="20" y1="{top + _ROW}" x2="{_WIDTH - 20}" y2="{top + _ROW}"'
        yield f'<line class="grid" {line} stroke-opacity=".6"/>'

    def _legend(self) -> Iterator[str]:
        x, y = 20, self._height - 16
        for family in dict.fromkeys(family_of(step.action) for step in self._course.steps):
            yield f'<circle class="{family}" cx="{x + 6}" cy="{y - 4}" r="6"/>'
            yield f'<text class="t" x="{x + 18}" y="{y}">{NAMES[family]}</text>'
            x += 34 + 7 * len(NAMES[family])
        said = "filled: done · ring: comes if nobody pays · number: level · bar: time to pay"
        yield f'<text class="t" x="{_WIDTH - 20}" y="{y}" text-anchor="end">{said}</text>'


def _shorten(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"
