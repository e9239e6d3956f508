"""A timeline as a picture: one row an action, days to the right, so that the ladder runs down like stairs."""

import datetime as dt
from collections.abc import Iterator
from html import escape

from pages.ladder import Ladder, Rung

_WIDTH = 1220
_TOP = 118
_ROW = 46
_LINE = 15
_CHART = (196, 660)
_WORDS_AT = 688
_LONGEST_TITLE = 46
_LONGEST_DETAILS = 68
_TICKS = (1, 2, 5, 7, 10, 14, 20, 30, 60, 90, 120, 180, 365)
_MOST_TICKS = 12
_SHORTEST_DAYS = 14

# (colour, what it stands for), by action; what is not listed is work inside the house.
_MESSAGE = ("#2563eb", "message")
_CALL = ("#0d9488", "call")
_PAYMENT = ("#7c3aed", "payment attempt")
_FEE = ("#d97706", "fee")
_SERVICE = ("#dc2626", "service")
_END = ("#7f1d1d", "end of the ladder")
_WORK = ("#64748b", "work, events")
_FAMILIES = {
    "send_reminder": _MESSAGE,
    "send_dunning_notice": _MESSAGE,
    "request_payment_method": _MESSAGE,
    "offer_payment_plan": _MESSAGE,
    "offer_discount": _MESSAGE,
    "place_call": _CALL,
    "retry_payment": _PAYMENT,
    "charge_fee": _FEE,
    "restrict_service": _SERVICE,
    "suspend_service": _SERVICE,
    "restore_service": _SERVICE,
    "block_changes": _SERVICE,
    "credit_hold": _SERVICE,
    "cancel_subscription": _END,
    "hand_over": _END,
    "mark_uncollectible": _END,
    "write_off": _END,
}
_STYLE = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:#0f172a}"
    ".h{font-size:20px;font-weight:650}.s{font-size:13px;fill:#475569}.b{font-size:13.5px;font-weight:600}"
    ".t{font-size:12px;fill:#64748b}.n{font-size:11.5px;font-weight:700;fill:#fff}"
)


def write_svg(ladder: Ladder) -> str:
    """Return the picture; it needs nothing but itself."""
    return "\n".join(_elements(ladder)) + "\n"


def _elements(ladder: Ladder) -> Iterator[str]:
    scale = _Scale(ladder)
    heights = [_height(rung) for rung in ladder.rungs]
    height = _TOP + sum(heights) + 64
    heading = f"{ladder.title}: what happens if nobody pays"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="heading about">'
    )
    yield f'<title id="heading">{escape(heading)}</title>'
    yield f'<desc id="about">{escape(_describe(ladder))}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
    yield f'<text class="h" x="28" y="42">{escape(heading)}</text>'
    yield f'<text class="s" x="28" y="64">{escape(_describe(ladder))}</text>'
    yield from _axis(scale, height)
    for index, rung in enumerate(ladder.rungs):
        yield from _row(rung, scale, _TOP + sum(heights[:index]))
    yield from _legend(ladder, height - 26)
    yield "</svg>"


def _describe(ladder: Ladder) -> str:
    if not ladder.rungs:
        return f"Account {ladder.account}: nothing happens"
    first, last = ladder.rungs[0], ladder.rungs[-1]
    days = (last.on - first.on).days
    count = len(ladder.rungs)
    actions = "1 action" if count == 1 else f"{count} actions"
    return f"Account {ladder.account}: {actions} in {days} days, {first.on:%-d %B %Y} to {last.on:%-d %B %Y}"


class _Scale:
    """Days to places on the horizontal axis."""

    def __init__(self, ladder: Ladder) -> None:
        days = [rung.on for rung in ladder.rungs] + [rung.pay_by for rung in ladder.rungs if rung.pay_by is not None]
        due = [rung.on - dt.timedelta(days=rung.day) for rung in ladder.rungs if rung.day is not None]
        self.due_on = min(due) if due else None
        self.zero = self.due_on if self.due_on is not None else min(days, default=dt.date.min)
        offsets = [(day - self.zero).days for day in days] or [0]
        self.first = min(0, *offsets)
        self.last = max(self.first + _SHORTEST_DAYS, *offsets)

    def x(self, day: dt.date) -> float:
        return self.x_of((day - self.zero).days)

    def x_of(self, offset: int) -> float:
        left, right = _CHART
        return round(left + (right - left) * (offset - self.first) / (self.last - self.first), 1)

    def ticks(self) -> Iterator[int]:
        span = self.last - self.first
        step = next((tick for tick in _TICKS if span / tick <= _MOST_TICKS), _TICKS[-1])
        yield from range(-(-self.first // step) * step, self.last + 1, step)


def _axis(scale: _Scale, height: int) -> Iterator[str]:
    bottom = height - 58
    unit = "days overdue" if scale.due_on is not None else "days from the first action"
    yield f'<text class="t" x="{_CHART[0]}" y="{_TOP - 30}">{unit}</text>'
    for offset in scale.ticks():
        x = scale.x_of(offset)
        is_due = offset == 0 and scale.due_on is not None
        line = 'stroke="#94a3b8" stroke-width="1.5"' if is_due else 'stroke="#e2e8f0"'
        yield f'<line x1="{x}" y1="{_TOP - 4}" x2="{x}" y2="{bottom}" {line}/>'
        yield f'<text class="t" x="{x}" y="{_TOP - 12}" text-anchor="middle">{"due" if is_due else offset}</text>'


def _height(rung: Rung) -> int:
    return _ROW + _LINE * (len(_details(rung)) - 1)


def _row(rung: Rung, scale: _Scale, top: int) -> Iterator[str]:
    colour, _ = _FAMILIES.get(rung.action, _WORK)
    x, middle = scale.x(rung.on), top + _ROW // 2
    yield f'<line x1="28" y1="{top + _height(rung)}" x2="{_WIDTH - 28}" y2="{top + _height(rung)}" stroke="#f1f5f9"/>'
    yield f'<text class="b" x="28" y="{middle - 3}">{_name_day(rung)}</text>'
    yield f'<text class="t" x="28" y="{middle + 14}">{rung.on:%a %-d %b %Y}</text>'
    if rung.pay_by is not None:
        end = scale.x(rung.pay_by)
        span = f'x="{x}" y="{middle - 5}" width="{max(end - x, 1):.1f}" height="10"'
        yield f'<rect {span} rx="5" fill="{colour}" opacity=".18"/>'
        yield f'<path d="M{end} {middle - 10}v20" stroke="{colour}" stroke-width="2"/>'
    yield f'<path d="M{x + 12} {middle}H{_WORDS_AT - 10}" stroke="#cbd5e1" stroke-dasharray="1 5"/>'
    yield f'<circle cx="{x}" cy="{middle}" r="11" fill="{colour}"/>'
    if rung.level is not None:
        yield f'<text class="n" x="{x}" y="{middle + 4}" text-anchor="middle">{rung.level}</text>'
    yield f'<text class="b" x="{_WORDS_AT}" y="{middle - 3}">{escape(_shorten(rung.title, _LONGEST_TITLE))}</text>'
    for number, line in enumerate(_details(rung)):
        yield f'<text class="t" x="{_WORDS_AT}" y="{middle + 14 + _LINE * number}">{escape(line)}</text>'
    yield f'<text class="s" x="{_WIDTH - 28}" y="{middle - 3}" text-anchor="end">{escape(rung.claim)}</text>'


def _name_day(rung: Rung) -> str:
    if rung.day is None:
        return f"{rung.on:%-d %b}"
    return f"Day {rung.day}" if rung.day >= 0 else f"{-rung.day} before due"


def _details(rung: Rung) -> list[str]:
    """Return what is said beneath a title, in as many lines as it takes: no channel and no amount is cut."""
    pay_by = f"pay by {rung.pay_by:%-d %b}" if rung.pay_by is not None else ""
    action = rung.action.replace("_", " ")
    what = rung.channel or action
    parts = (what, rung.money, pay_by, *rung.with_others)
    lines: list[str] = []
    for part in parts:
        if part and lines and len(f"{lines[-1]} · {part}") <= _LONGEST_DETAILS:
            lines[-1] += f" · {part}"
        elif part:
            lines.append(part)
    return lines


def _shorten(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _legend(ladder: Ladder, y: int) -> Iterator[str]:
    x = 28
    for colour, words in dict.fromkeys(_FAMILIES.get(rung.action, _WORK) for rung in ladder.rungs):
        yield f'<circle cx="{x + 6}" cy="{y - 4}" r="6" fill="{colour}"/>'
        yield f'<text class="t" x="{x + 18}" y="{y}">{words}</text>'
        x += 36 + 7 * len(words)
    yield (
        f'<text class="t" x="{_WIDTH - 28}" y="{y}" text-anchor="end">'
        "number: level of the ladder · bar: time to pay · right: claimed with this action</text>"
    )
