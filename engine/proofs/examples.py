"""Accounts that are to show what a check finds: boxes turned into questions, the plainest first."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice, product

import msgspec

from engine.conditions.boxes import Box, Region
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.timing import TimingReached
from engine.coordinates.variants import Variant
from engine.evaluation.program import Program
from engine.model.question import Question
from engine.model.ruleset import Effective
from engine.proofs.prover import Prover
from engine.worlds.asking import Asking
from engine.worlds.setting import setting_of
from engine.worlds.sketch import Sketcher
from engine.worlds.wishes import wishes_of

Shows = Callable[[Asking], str | None]
"""Returns in a sentence what comes out of a question, None where that is not what was said."""

_NONE: Mapping[str, Coordinate] = {}
_SOME_MONDAY = dt.date(2026, 1, 5)
_DAYS_A_WEEK = 7
_OTHER_DAYS = (0, 1, 4, 5, 12, 25)
_OPEN_DAYS = (1, 20, 60)
_MOST_BOXES = 8
_MOST_RULES = 20
_SOME_VALUES: dict[str, object] = {"boolean": True, "text": "some"}


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that are likely to show what is found, each worked out when it is asked for, once."""

    shows: Shows
    questions: Iterator[Question]


def list_questions(
    prover: Prover,
    boxes: Iterable[Box],
    *,
    as_of: dt.date | None = None,
    has_invoices: bool = False,
    more: Mapping[str, Coordinate] = _NONE,
) -> Iterator[Question]:
    """Yield accounts of some boxes, the plainest of each first, then others and on other days.

    ``more`` are coordinates of the boxes that no condition of the ruleset asks about.
    """
    coordinates = {**more, **prover.every_dimension}
    yield from sketch_boxes(prover.program, coordinates, boxes, as_of=as_of, has_invoices=has_invoices)


def sketch_boxes(
    program: Program,
    coordinates: Mapping[str, Coordinate],
    boxes: Iterable[Box],
    *,
    as_of: dt.date | None = None,
    has_invoices: bool = False,
    most: int = _MOST_BOXES,
) -> Iterator[Question]:
    """Yield accounts of some boxes over coordinates, the plainest of each first, then others and on other days.

    A box knows nothing of the calendar, and not of all that an entry of history brings along: one of them may fail
    where the next does not. An account without history, timing and experiment is the same on every day.
    """
    kept: list[Box] = []
    sketcher = Sketcher(setting_of(program), "A-{}".format)
    days = [as_of] if as_of is not None else [*_list_days(program.ruleset.effective), *_list_last_days(program)]
    for number, (day, open_days) in enumerate(product(days, _OPEN_DAYS)):
        for box in kept if number else islice(boxes, most):
            wishes = wishes_of(box, coordinates)
            question = sketcher.sketch(wishes, as_of=day, open_days=open_days, has_invoices=has_invoices)
            hangs_on_days = bool(wishes.of(TimingReached)) or bool(wishes.of(Variant))
            if not number and (question.history or hangs_on_days):
                kept.append(box)
            yield question


def list_meeting(prover: Prover, region: Region) -> Iterator[Question]:
    """Yield accounts of a region, first such as rules win for."""
    wins = (box for index in islice(prover.reached, _MOST_RULES) for box in islice(prover.show_win(index), 1))
    both = (met for win in wins for box in region if (met := win.intersection(box)) is not None)
    yield from list_questions(prover, islice(both, _MOST_BOXES))
    yield from list_questions(prover, region)


def list_with_fact(prover: Prover, name: str) -> Iterator[Question]:
    """Yield accounts for which rules win, and which give a fact besides."""
    fact = prover.edition.facts[name]
    value: object = _SOME_VALUES.get(fact.type, 1)
    if fact.type in {"enum", "set"}:
        word = next(iter(fact.values or ("some",)))
        value = [word] if fact.type == "set" else word
    wins = (box for index in islice(prover.reached, _MOST_RULES) for box in islice(prover.show_win(index), 1))
    for question in list_questions(prover, chain(wins, [Box(sides={})])):
        yield msgspec.structs.replace(question, account={**question.account, name: value})


def pick_day(prover: Prover) -> dt.date:
    """Return a day on which the ruleset is effective, a Monday if there is one at its beginning or end."""
    return next(_list_days(prover.ruleset.effective))


def _list_last_days(program: Program) -> Iterator[dt.date]:
    """Yield the last day of each experiment that is asked about, if the ruleset is effective then."""
    effective, experiments = program.ruleset.effective, program.terms.experiments
    for day in (each.until - dt.timedelta(days=1) for each in experiments if each.until is not None):
        is_begun = effective.from_on is None or effective.from_on <= day
        if is_begun and (effective.until_on is None or day < effective.until_on):
            yield day


def _list_days(effective: Effective) -> Iterator[dt.date]:
    first = _SOME_MONDAY
    if effective.from_on is not None and effective.from_on > first:
        first = effective.from_on + dt.timedelta(days=-effective.from_on.weekday() % _DAYS_A_WEEK)
    days = [first + dt.timedelta(days=offset) for offset in _OTHER_DAYS]
    until = effective.until_on
    fitting = [day for day in days if until is None or day < until]
    if until is not None and not fitting:
        fitting = [until - dt.timedelta(days=1)]
    yield from fitting
