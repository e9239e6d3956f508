"""What time alone will change: the days on which the answer can differ (language.md 5.10).

Between now and a later day few coordinates change. What the others leave of the boxes is worked out once, and each
later day on which a value passes into another class costs the AND of what changed: asking these days is asking every
day.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from engine.coordinates.coordinate import Coordinate
from engine.coordinates.facts import window_ends
from engine.evaluation.choosing import NOT_COVERED, Verdict, conclude, judge
from engine.evaluation.routing import Candidate, Route
from engine.evaluation.view import View
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.businessdays import ONE_DAY
from engine.model.decision import Upcoming
from engine.network.masks import Column

SHORTEST_HORIZON_DAYS = 1100


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """When to ask again, and what wins next by time alone."""

    review_on: dt.date | None
    upcoming: Upcoming | None


def look_ahead(route: Route, today: Candidate | None, view: View | None, verdict: Verdict) -> Outlook:
    """Return the first later day with another answer and, where nothing wins now, the rule that will."""
    differs_on: dt.date | None = None
    otherwise_differs_on: dt.date | None = None
    is_idle = verdict.kind == "nothing"
    key, otherwise_key = verdict.key, verdict.otherwise_key
    for day, later in _list_later(route, today, view):
        if differs_on is None and later.key != key:
            differs_on = day
        if not is_idle:
            if differs_on is not None:
                break
            continue
        if otherwise_differs_on is None and later.otherwise_key != otherwise_key:
            otherwise_differs_on = day
        if later.kind == "act" and later.rule is not None:
            return Outlook(review_on=differs_on, upcoming=Upcoming(rule=later.rule, on=day))
    return Outlook(review_on=otherwise_differs_on if is_idle else differs_on, upcoming=None)


def judge_on(route: Route, day: dt.date) -> Verdict:
    """Return what would be decided at the first moment of a later day, with nothing executed, paid or changed."""
    _, verdict = _ask(route, day)
    return verdict


def _ask(route: Route, day: dt.date) -> tuple[View | None, Verdict]:
    try:
        candidate = route.covering(day)
        if candidate is None:
            return None, NOT_COVERED
        view = candidate.view(day)
        return view, judge(view)
    except (AccountInvalid, RulesetsOverlap) as problem:
        return None, Verdict(kind="refused", block=type(problem).__name__)


def _list_later(route: Route, today: Candidate | None, view: View | None) -> Iterator[tuple[dt.date, Verdict]]:
    """Yield the later days on which the answer can differ from the day before, in order, with the answer."""
    first_day = today.as_of.date() if today is not None else route.local_as_of.date()
    horizon = SHORTEST_HORIZON_DAYS
    calendar = today.compiled.ruleset.calendar if today is not None else None
    if calendar is not None and calendar.stored_until is not None:
        horizon = max(horizon, (calendar.stored_until - first_day).days)
    last = _add_days(first_day, horizon)
    turns = sorted(day for day in _coverage_days(route, first_day, last) if first_day < day <= last)
    for place, begin in enumerate([first_day, *turns]):
        if place:
            view, verdict = _ask(route, begin)
            yield begin, verdict
        if view is not None:
            end = turns[place] - ONE_DAY if place < len(turns) else last
            yield from _changes(view, end)


def _coverage_days(route: Route, first_day: dt.date, last: dt.date) -> set[dt.date]:
    """Return the days on which another ruleset may cover the account, or none any more."""
    found: set[dt.date] = set()
    for candidate in route.possible:
        effective, program = candidate.compiled.ruleset.effective, candidate.program
        found.update(day for day in (effective.from_on, effective.until_on) if day is not None)
        if program.can_coverage_change:
            view = candidate.glimpse(first_day)
            walk = _Walk(program.coverage_table.everything, (last - first_day).days)
            for key, column in program.coverage_table.columns.items():
                if program.plan.dimensions[key].motion != "fixed":
                    walk.take(program.plan.dimensions[key], column, view)
            found.update(first_day + dt.timedelta(days=offset) for offset in walk.steps)
    return found


def _add_days(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return dt.date.max


def _changes(view: View, last: dt.date) -> Iterator[tuple[dt.date, Verdict]]:
    """Yield the days after a view's, up to a last one, on which what is decided can change, with what is decided."""
    masks, first = view.program.masks, view.day
    walk = _Walk(masks.fixed.holding(view.point, masks.table.everything), (last - first).days)
    for coordinate, column in masks.moving:
        if walk.settled & column.touched:
            walk.take(coordinate, column, view)
    asked_anew = _days_to_ask(view, walk.horizon)
    before = walk.holding
    for offset in sorted(walk.steps.keys() | asked_anew):
        day = first + dt.timedelta(days=offset)
        is_asked_anew = offset in asked_anew or walk.reads(offset)
        if is_asked_anew:
            view = view.on(day)
        holding = walk.step(offset, view)
        if holding != before or is_asked_anew:
            before = holding
            yield day, conclude(view, masks.choose(holding))


def _days_to_ask(view: View, horizon: int) -> set[int]:
    """Return in how many days more may change than the boxes tell: open channels, variants, interest that is known."""
    standing, edition = view.standing, view.program.edition
    days: set[dt.date] = set()
    if standing.executed.contacts:
        contacts = {day for day, _ in standing.executed.contacts}
        for limit in standing.terms.contact_limits:
            days.update(window_ends(contacts, limit.per_days))
    days.update(each.until for each in standing.terms.experiments if each.until is not None)
    if edition.interest:
        days.update(each.known_until + ONE_DAY for each in edition.interest.values() if each.known_until is not None)
        if standing.open is not None:
            days.update(invoice.due_on + ONE_DAY for invoice in standing.open.all)
    offsets = ((day - view.day).days for day in days)
    return {offset for offset in offsets if 0 < offset <= horizon}


class _Walk:
    """The boxes that are left day by day; ``settled`` are those that the coordinates leave that stand still.

    ``steps`` are the later days, counted from now, each with what it changes: a slot, and its mask or who reads it.
    """

    def __init__(self, settled: int, horizon: int) -> None:
        self.settled = settled
        self.horizon = horizon
        self.steps: dict[int, list[tuple[int, int | tuple[Coordinate, Column]]]] = {}
        self._masks: list[int] = []

    def take(self, coordinate: Coordinate, column: Column, view: View) -> None:
        """Take in a coordinate that passing days may change."""
        value = view.point[coordinate.key]
        if coordinate.motion == "counted":
            drift = coordinate.drift(view.standing) if type(value) is int else 0
            if drift and type(value) is int:
                self._count(column, value, drift)
            else:
                self.settled &= column.holding(value)
            return
        offsets = {(day - view.day).days for day in coordinate.days_of_change(view.standing)}
        later = [offset for offset in offsets if 0 < offset <= self.horizon]
        if not later:
            self.settled &= column.holding(value)
            return
        slot = self._add(column.holding(value))
        for offset in later:
            self.steps.setdefault(offset, []).append((slot, (coordinate, column)))

    def _count(self, column: Column, value: int, drift: int) -> None:
        starts, masks = column.starts, column.masks
        band = bisect_right(starts, value)
        if drift > 0:
            passed = ((starts[i] - value, masks[i + 1]) for i in range(band, len(starts)))
        else:
            passed = ((value - starts[i] + 1, masks[i]) for i in range(band - 1, -1, -1))
        mask = masks[band]
        slot = self._add(mask)
        for offset, then in passed:
            if offset > self.horizon:
                break
            if (mask ^ then) & self.settled:
                self.steps.setdefault(offset, []).append((slot, then))
                mask = then

    def _add(self, mask: int) -> int:
        self._masks.append(mask)
        return len(self._masks) - 1

    @property
    def holding(self) -> int:
        """Return the boxes that are left now."""
        holding = self.settled
        for mask in self._masks:
            holding &= mask
        return holding

    def reads(self, offset: int) -> bool:
        """Tell whether a day changes something that must be read anew."""
        return any(not isinstance(change, int) for _, change in self.steps.get(offset, ()))

    def step(self, offset: int, view: View) -> int:
        """Return the boxes that are left from a day on."""
        for slot, change in self.steps.get(offset, ()):
            if isinstance(change, int):
                self._masks[slot] = change
            else:
                coordinate, column = change
                self._masks[slot] = column.holding(coordinate.read(view.snapshot))
        return self.holding
