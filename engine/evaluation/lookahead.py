"""What time alone will change: the days on which the answer can differ (language.md 5.10).

Between now and a later day few coordinates change. What the others leave of the boxes is worked out once, and each
later day on which a value passes into another class costs the AND of what changed: asking these days is asking every
day.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from engine.conditions.sets import Value
from engine.coordinates.coordinate import Coordinate
from engine.evaluation.choosing import NOT_COVERED, Verdict, conclude, judge
from engine.evaluation.program import Choice, Moving, list_moving
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


def _ask(route: Route, day: dt.date) -> tuple[View | None, Verdict]:
    """Return what would be decided at the first moment of a later day, with nothing executed, paid or changed."""
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
            yield from _changes_over_turns(view, end)


def _changes_over_turns(view: View, last: dt.date) -> Iterator[tuple[dt.date, Verdict]]:
    """Yield what `_changes` does, asking anew with another standing where a credit begins or a hold ends."""
    for day in view.standing.turns_until(last):
        yield from _changes(view, day - ONE_DAY)
        view = view.on(day)
        yield day, judge(view)
    yield from _changes(view, last)


def _coverage_days(route: Route, first_day: dt.date, last: dt.date) -> set[dt.date]:
    """Return the days on which another ruleset may cover the account, or none any more."""
    found: set[dt.date] = set()
    for candidate in route.possible:
        program = candidate.program
        found.update(candidate.compiled.bounds)
        if program.can_coverage_change:
            table = program.coverage_table
            moving = list_moving(table, program.plan.dimensions)
            now = candidate.glimpse(first_day)
            for begin in (first_day, *now.standing.turns_until(last)):
                walk = walk_from(table.everything, moving, now.on(begin), (last - begin).days)
                found.update(begin + dt.timedelta(days=offset) for offset in (0, *walk.steps))
    return found


def _add_days(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return dt.date.max


def _changes(view: View, last: dt.date) -> Iterator[tuple[dt.date, Verdict]]:
    """Yield the days after a view's, up to a last one, on which what is decided can change, with what is decided."""
    masks, first, horizon = view.program.masks, view.day, (last - view.day).days
    walk = walk_from(*masks.settle(view.point, view.standing), view, horizon)
    anew = _days_to_ask(view, walk.settled, horizon)
    holding = walk.holding
    choice: Choice | None = None
    for offset in sorted({*walk.steps, *anew}) if anew else sorted(walk.steps):
        day = first + dt.timedelta(days=offset)
        is_read = offset in anew or offset in walk.read_on
        if is_read:
            view = view.on(day)
        left = walk.step(offset, view)
        if left == holding and not is_read:
            continue
        holding, before, choice = left, choice, masks.choose(left)
        if choice != before or is_read:
            yield day, conclude(view, choice)


def _days_to_ask(view: View, left: int, horizon: int) -> list[int]:
    """Return in how many days more may change than the boxes tell: open channels, variants, interest that is known."""
    standing, program = view.standing, view.program
    days = [*program.experiment_ends]
    if standing.contact_window_ends and left & program.masks.of_contacts:
        days += standing.contact_window_ends
    if left & program.masks.of_interest:
        days += program.interest_ends
        if standing.open is not None:
            days += [invoice.due_on + ONE_DAY for invoice in standing.open.all if invoice.due_on >= view.day]
    return _later(days, view.day, horizon)


class Walk:
    """The boxes that are left day by day; ``settled`` are those that the coordinates leave that stand still.

    ``steps`` are the later days, counted from now, each with the slots it changes: to a mask, or to what is read on
    the days of ``read_on``.
    """

    def __init__(self, settled: int) -> None:
        self.settled = settled
        self.steps: dict[int, list[tuple[int, int]]] = {}
        self.read_on: dict[int, list[tuple[int, Coordinate, Column]]] = {}
        self.masks: list[int] = []

    def read(self, coordinate: Coordinate, column: Column, point: Mapping[str, Value], offsets: Iterable[int]) -> None:
        """Take in a coordinate that is read anew on some days."""
        slot = len(self.masks)
        self.masks.append(column.holding(point[coordinate.key]))
        for offset in offsets:
            self.steps.setdefault(offset, [])
            self.read_on.setdefault(offset, []).append((slot, coordinate, column))

    @property
    def holding(self) -> int:
        """Return the boxes that are left now."""
        holding = self.settled
        for mask in self.masks:
            holding &= mask
        return holding

    def step(self, offset: int, view: View) -> int:
        """Return the boxes that are left from a day on."""
        masks = self.masks
        for slot, mask in self.steps.get(offset, ()):
            masks[slot] = mask
        for slot, coordinate, column in self.read_on.get(offset, ()):
            masks[slot] = column.holding(coordinate.read(view.snapshot))
        holding = self.settled
        for mask in masks:
            holding &= mask
        return holding


def walk_from(settled: int, moving: Iterable[Moving], view: View, horizon: int) -> Walk:
    """Return what passing days do to the boxes that are left; ``moving`` are the coordinates that days may change."""
    point, standing = view.point, view.standing
    counting: list[tuple[Column, int, int]] = []
    stepping: list[tuple[Coordinate, Column, list[int]]] = []
    for key, touched, drift, coordinate, column in moving:
        if not settled & touched:
            continue
        value = point[key]
        if drift is None:
            later = _later(coordinate.days_of_change(standing), view.day, horizon)
            if later:
                stepping.append((coordinate, column, later))
                continue
        elif type(value) is int and (daily := drift or coordinate.drift(standing)):
            counting.append((column, value, daily))
            continue
        settled &= column.holding(value)
    walk = Walk(settled)
    for column, value, daily in counting:
        if settled & column.touched:
            _count(walk, column, value, daily, horizon)
    for coordinate, column, later in stepping:
        if settled & column.touched:
            walk.read(coordinate, column, point, later)
    return walk


def _later(days: Iterable[dt.date], today: dt.date, horizon: int) -> list[int]:
    """Return the days after today, up to a horizon, counted from now."""
    now = today.toordinal()
    return [offset for day in days if 0 < (offset := day.toordinal() - now) <= horizon]


def _count(walk: Walk, column: Column, value: int, drift: int, horizon: int) -> None:
    """Note when a number that counts the days passes into another band."""
    starts, masks, settled, steps = column.starts, column.masks, walk.settled, walk.steps
    band = bisect_right(starts, value)
    mask, slot = masks[band], len(walk.masks)
    walk.masks.append(mask)
    while True:
        if drift > 0:
            if band == len(starts):
                return
            offset = starts[band] - value
            band += 1
        else:
            band -= 1
            if band < 0:
                return
            offset = value - starts[band] + 1
        if offset > horizon:
            return
        if (mask ^ masks[band]) & settled:
            mask = masks[band]
            if offset in steps:
                steps[offset].append((slot, mask))
            else:
                steps[offset] = [(slot, mask)]
