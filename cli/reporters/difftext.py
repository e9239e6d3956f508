"""A difference as text for a terminal."""

from collections.abc import Iterator, Sequence

import rich_click as click

from engine.comparison.difference import Change, Difference, EditionDifference, Effect, Row
from engine.comparison.verdict import UNUSUAL, say_verdict
from pages.diffwords import (
    NOT_FINISHED,
    group_rows,
    name_change,
    name_edition,
    say_detail,
    say_more_outcomes,
    say_more_places,
    say_places,
    say_pledge,
    say_unless,
    usual_rows,
    write_sample,
)

_MARKS = {"added": ("+", "green"), "removed": ("-", "red")}
_MOST_DETAILS = 8
_MOST_PLACES = 3
_MOST_OUTCOMES = 6


def write_text(differences: Sequence[Difference], *, is_all: bool) -> str:
    """Return every difference; ``is_all`` tells of every place, however many and unusual."""
    return "\n".join(line for each in differences for line in (*_write(each, is_all=is_all), ""))


def _write(difference: Difference, *, is_all: bool) -> Iterator[str]:
    yield click.style(difference.id, bold=True)
    yield f"  {say_verdict(difference)}"
    if difference.changes:
        yield click.style("  What is written", bold=True)
        for change in difference.changes:
            yield from _write_change(change)
    if difference.guarantees:
        yield click.style("  What is guaranteed", bold=True)
    for pledge in difference.guarantees:
        mark, colour = ("+", "green") if pledge.kinds == ("added",) else ("-", "red")
        yield f"    {click.style(f'{mark} {say_pledge(pledge)}', fg=colour)}"
    for effect in difference.effects:
        yield from _write_effect(effect)
    for edition in difference.editions:
        yield from _write_edition(edition, is_all=is_all)


def _write_change(change: Change) -> Iterator[str]:
    mark, colour = _MARKS.get(change.kinds[0], ("~", "yellow"))
    place = f"  (line {change.line})" if change.line is not None else ""
    yield f"    {click.style(f'{mark} {name_change(change)}', fg=colour)}{place}"
    for detail in change.details[:_MOST_DETAILS]:
        yield f"        {say_detail(change, detail)}"
    if len(change.details) > _MOST_DETAILS:
        yield f"        … and {len(change.details) - _MOST_DETAILS} more"


def _write_effect(effect: Effect) -> Iterator[str]:
    word = "  Affects" if effect.kind == "effect" else "  Mind"
    change = f": {effect.was} → {effect.becomes}" if effect.was is not None and effect.kind == "effect" else ""
    yield f"{click.style(word, bold=True)} {effect.affects} ({effect.what}{change})"


def _write_edition(edition: EditionDifference, *, is_all: bool) -> Iterator[str]:
    rows = edition.rows if is_all else usual_rows(edition)
    if rows:
        yield click.style(f"  What is decided ({name_edition(edition)})", bold=True)
    for number, (headline, group) in enumerate(group_rows(rows).items(), start=1):
        yield f"{number:>5}. {click.style(headline, bold=True)}"
        for row in group:
            yield from _write_row(row, is_all=is_all)
    hidden = len(edition.rows) - len(rows)
    if hidden:
        yield f"  {hidden} more ({name_edition(edition)}), {UNUSUAL}; --all shows them"
    if not edition.is_finished:
        yield f"  {NOT_FINISHED} ({name_edition(edition)})"


def _write_row(row: Row, *, is_all: bool) -> Iterator[str]:
    yield from _write_outcomes("       was     ", row.was, "red", is_all=is_all)
    yield from _write_outcomes("       becomes ", row.becomes, "green", is_all=is_all)
    yield from _write_places(row, is_all=is_all)
    if unless := say_unless(row):
        yield f"       unless  {unless}"
    if row.is_unusual:
        yield f"       {UNUSUAL}"
    if row.sample is not None:
        yield f"       sample  was {row.sample.was}; becomes {row.sample.becomes}"
        yield from (f"         {line}" for line in write_sample(row.sample))


def _write_places(row: Row, *, is_all: bool) -> Iterator[str]:
    first, *more = say_places(row)
    shown = more if is_all else more[:_MOST_PLACES]
    for index, words in enumerate(first.split("; ")):
        yield f"       {'for     ' if index == 0 else '        '}{words}"
    yield from (f"               {words}" for words in shown)
    if len(more) > len(shown):
        yield f"               {say_more_places(len(more) - len(shown))}; --all shows them"


def _write_outcomes(label: str, outcomes: Sequence[str], colour: str, *, is_all: bool) -> Iterator[str]:
    shown = outcomes if is_all else outcomes[:_MOST_OUTCOMES]
    yield f"{label}{click.style(shown[0], fg=colour)}"
    yield from (f"               {click.style(each, fg=colour)}" for each in shown[1:])
    if len(outcomes) > len(shown):
        yield f"               {say_more_outcomes(len(outcomes) - len(shown))}"
