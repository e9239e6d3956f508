"""A difference as a page for a browser, with a picture of the ladder before and after."""

from collections.abc import Iterator, Sequence
from html import escape

import msgspec

from engine.comparison.difference import Change, Difference, EditionDifference, Effect, Row, Sample
from engine.comparison.verdict import UNUSUAL, say_verdict
from engine.evaluation.program import compile_ruleset
from engine.model.ruleset import Ruleset
from pages.diffpicture import draw_lanes, run_lane
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
    write_sample,
)
from pages.html import write_document

_MOST_OUTCOMES = 5
_MOST_PLACES = 3


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Two versions of a ruleset, None where there is none, and what differs."""

    old: Ruleset | None
    new: Ruleset | None
    difference: Difference


def write_html(compared: Sequence[Compared], *, old: str, new: str, more: Sequence[str] = ()) -> str:
    """Return the page, with ready parts at its end; it needs nothing but itself."""
    body = [f"<h1>What changes from {escape(old)} to {escape(new)}</h1>"]
    for each in compared:
        body += _write(each)
    body += more
    return write_document(f"{old} to {new}", body)


def _write(compared: Compared) -> Iterator[str]:
    difference = compared.difference
    yield f"<h2>{escape(difference.id)}</h2>"
    yield f'<p class="verdict">{escape(say_verdict(difference))}</p>'
    picture = _draw(compared)
    if picture is not None:
        yield "<p>The same account before and after, if nobody pays:</p>"
        yield f"<figure>{picture}</figure>"
    for edition in difference.editions:
        yield from _write_edition(edition)
    if difference.guarantees:
        yield f"<ul>{''.join(f'<li>{escape(say_pledge(each))}</li>' for each in difference.guarantees)}</ul>"
    if difference.effects:
        yield f"<ul>{''.join(f'<li>{_write_effect(effect)}</li>' for effect in difference.effects)}</ul>"
    if difference.changes:
        items = "".join(_write_change(change) for change in difference.changes)
        yield f"<h3>What is written</h3><ul>{items}</ul>"


def _draw(compared: Compared) -> str | None:
    """Draw both ladders for the plainest of the sample accounts."""
    rows = (row for edition in compared.difference.editions for row in edition.rows if not row.is_unusual)
    samples = (row.sample for row in rows if row.sample is not None)
    sample = min(samples, key=lambda each: len(each.account) + len(each.history), default=None)
    if sample is None or compared.old is None or compared.new is None:
        return None
    sides = (("before", compared.old), ("after", compared.new))
    lanes = [run_lane(label, compile_ruleset(side), sample.account, sample.as_of) for label, side in sides]
    found = [lane for lane in lanes if lane is not None and lane.rungs]
    return draw_lanes(found) if len(found) == len(sides) else None


def _write_effect(effect: Effect) -> str:
    change = (
        f": {escape(effect.was)} → {escape(effect.becomes or '')}" if effect.was and effect.kind == "effect" else ""
    )
    word = "Affects" if effect.kind == "effect" else "Mind"
    return f"<b>{word}</b> {escape(effect.affects)} ({escape(effect.what)}{change})"


def _write_change(change: Change) -> str:
    details = "".join(f"<li><code>{escape(say_detail(change, detail))}</code></li>" for detail in change.details)
    line = f' <span class="quiet">line {change.line}</span>' if change.line is not None else ""
    return f"<li>{escape(name_change(change))}{line}{f'<ul>{details}</ul>' if details else ''}</li>"


def _write_edition(edition: EditionDifference) -> Iterator[str]:
    if edition.rows:
        yield f"<h3>What is decided ({escape(name_edition(edition))})</h3>"
        heads = "".join(f"<th>{word}</th>" for word in ("what changes", "was", "becomes", ""))
        rows = "".join(_write_group(headline, group) for headline, group in group_rows(edition.rows).items())
        yield f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    if not edition.is_finished:
        yield f"<p><b>{escape(NOT_FINISHED)}</b></p>"


def _write_group(headline: str, rows: Sequence[Row]) -> str:
    """Write the rows of one headline, which is told once."""
    head = f'<td rowspan="{len(rows)}"><b>{escape(headline)}</b></td>'
    return "".join(f"<tr>{'' if place else head}{_write_row(row)}</tr>" for place, row in enumerate(rows))


def _write_row(row: Row) -> str:
    first, *more = (escape(words) for words in say_places(row))
    where = first + "".join(_more(words) for words in more[:_MOST_PLACES])
    if len(more) > _MOST_PLACES:
        rest = "".join(f"<li>{words}</li>" for words in more[_MOST_PLACES:])
        where += f"<details><summary>{say_more_places(len(more) - _MOST_PLACES)}</summary><ul>{rest}</ul></details>"
    if unless := say_unless(row):
        where += _more(f"unless {escape(unless)}")
    if row.is_unusual:
        where += _more(UNUSUAL)
    if row.sample is not None:
        where += _write_sample(row.sample)
    outcomes = f'<td class="was">{_outcomes(row.was)}</td><td class="becomes">{_outcomes(row.becomes)}</td>'
    return f"{outcomes}<td><details><summary>exactly where</summary>{where}</details></td>"


def _more(words: str) -> str:
    return f'<span class="more">{words}</span>'


def _outcomes(outcomes: Sequence[str]) -> str:
    shown = [escape(each) for each in outcomes[:_MOST_OUTCOMES]]
    more = len(outcomes) - len(shown)
    return "<br>".join([*shown, *([say_more_outcomes(more)] if more else [])])


def _write_sample(sample: Sample) -> str:
    words = escape("\n".join(write_sample(sample)))
    said = escape(f"was {sample.was}; becomes {sample.becomes}")
    return f"<details><summary>a sample account</summary>{said}<pre>{words}</pre></details>"
