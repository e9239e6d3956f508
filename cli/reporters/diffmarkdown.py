"""A difference as Markdown for a pull request."""

import re
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

MARKER = "<!-- dunning diff -->"
_MOST_ROWS = 30
_MOST_PLACES = 4
_MOST_OUTCOMES = 5
_HEAD = "## What this changes in dunning"
# Kept free for each ruleset of which the comment has room for no more than the verdict.
_LONGEST_VERDICT = 600
# GitHub takes comments up to 65,536 characters.
_MOST_CHARACTERS = 60_000


def write_markdown(differences: Sequence[Difference], *, is_all: bool) -> str:
    """Return every difference, those that change nothing in a word; a mark at its head lets it be found again."""
    telling = [each for each in differences if not each.is_text_same]
    same = len(differences) - len(telling)
    lines = [MARKER, _HEAD, ""]
    if not telling:
        lines += ["No ruleset differs.", ""]
    room = _MOST_CHARACTERS - len(telling) * _LONGEST_VERDICT
    for each in telling:
        told = [*_write(each, is_all=is_all)]
        length = sum(len(line) + 1 for line in told)
        if length > room and not is_all:
            lines += [*_write_verdict(each), "How it differs is too long for a comment; `dunning diff` tells it.", ""]
            continue
        lines += told
        room -= length
    if same and telling:
        lines += [f"{same} other ruleset{'s' if same > 1 else ''}: no difference.", ""]
    return "\n".join(lines)


def write_broken(message: str) -> str:
    """Return what stands where nothing could be compared, under the same mark."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", message)), default=0))
    said = click.unstyle(message).rstrip("\n")[:_MOST_CHARACTERS]
    head = "**Nothing could be compared: what an earlier comment said is true no more.**"
    return "\n".join([MARKER, _HEAD, "", head, "", f"{fence}text", said, fence, ""])


def _write_verdict(difference: Difference) -> Iterator[str]:
    yield from (f"### `{difference.id}`", "", f"**{say_verdict(difference)}**", "")


def _write(difference: Difference, *, is_all: bool) -> Iterator[str]:
    yield from _write_verdict(difference)
    for pledge in difference.guarantees:
        yield f"- {'' if pledge.kinds == ('added',) else '⚠ '}{_cell(say_pledge(pledge))}"
    if difference.guarantees:
        yield ""
    for edition in difference.editions:
        yield from _write_edition(edition, is_all=is_all)
    for effect in difference.effects:
        yield f"- {_write_effect(effect)}"
    if difference.effects:
        yield ""
    if difference.changes:
        yield from ("<details><summary>What is written</summary>", "")
        for change in difference.changes:
            yield from _write_change(change)
        yield from ("", "</details>", "")


def _write_effect(effect: Effect) -> str:
    change = f": {_code(effect.was)} → {_code(effect.becomes or '')}" if effect.was and effect.kind == "effect" else ""
    word = "Affects" if effect.kind == "effect" else "Mind"
    return f"**{word}** {effect.affects} ({effect.what}{change})"


def _write_change(change: Change) -> Iterator[str]:
    line = f", line {change.line}" if change.line is not None else ""
    yield f"- {name_change(change)}{line}"
    yield from (f"  - {_code(say_detail(change, detail))}" for detail in change.details)


def _write_edition(edition: EditionDifference, *, is_all: bool) -> Iterator[str]:
    rows = edition.rows if is_all else usual_rows(edition)[:_MOST_ROWS]
    for number, (headline, group) in enumerate(group_rows(rows).items(), start=1):
        yield from (f"**{number}. {_cell(headline)}**", "")
        yield from ("<details><summary>Exactly where, and a sample account</summary>", "")
        for row in group:
            yield from (f"| {name_edition(edition)}: for | was | becomes |", "|---|---|---|")
            yield from (_write_row(row, is_all=is_all), "")
            yield from _write_sample(row)
        yield from ("</details>", "")
    if not is_all:
        yield from _write_hidden(edition, len(rows))
    if not edition.is_finished:
        yield from (f"⚠ {NOT_FINISHED} ({name_edition(edition)})", "")


def _write_hidden(edition: EditionDifference, shown: int) -> Iterator[str]:
    """Say what is left out and why: what can happen in the usual course of things, and what cannot."""
    usual = len(usual_rows(edition))
    if usual > shown:
        yield from (
            f"⚠ {usual - shown} more ({name_edition(edition)}) are left out; `dunning diff --all` tells them.",
            "",
        )
    unusual = len(edition.rows) - usual
    if unusual:
        where = UNUSUAL.removeprefix("only ")
        yield from (f"{unusual} more ({name_edition(edition)}), {where}; `dunning diff --all` tells them.", "")


def _write_row(row: Row, *, is_all: bool) -> str:
    places = say_places(row)
    shown = places if is_all else places[: _MOST_PLACES + 1]
    where = "<br>".join(_cell(words) for words in shown)
    if len(places) > len(shown):
        where += f"<br>{say_more_places(len(places) - len(shown))}"
    if unless := say_unless(row):
        where += f"<br>_unless {_cell(unless)}_"
    if row.is_unusual:
        where += f"<br>_{UNUSUAL}_"
    return f"| {where} | {_outcomes(row.was, is_all=is_all)} | {_outcomes(row.becomes, is_all=is_all)} |"


def _outcomes(outcomes: Sequence[str], *, is_all: bool) -> str:
    shown = outcomes if is_all else outcomes[:_MOST_OUTCOMES]
    words = "<br>".join(_cell(each) for each in shown)
    return words if len(shown) == len(outcomes) else f"{words}<br>{say_more_outcomes(len(outcomes) - len(shown))}"


def _write_sample(row: Row) -> Iterator[str]:
    if row.sample is not None:
        yield from (f"was {_cell(row.sample.was)}; becomes {_cell(row.sample.becomes)}", "", "```yaml")
        yield from write_sample(row.sample)
        yield from ("```", "")


def _code(words: str) -> str:
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def _cell(words: str) -> str:
    """Return words that a table takes as they are."""
    return words.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").replace("_", "\\_").replace("*", "\\*")
