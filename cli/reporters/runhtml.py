"""What a run decided, as a page for a manager: how much is to be done, on which day, for how much money."""

from collections.abc import Mapping

from cli.bulk.running import Ran
from cli.bulk.tally import Line
from cli.reporters.runtext import name_line, say_singly, write_amounts
from pages.barpicture import Bar, draw_bars
from pages.colours import MESSAGE, WORK, family_of
from pages.html import write_html
from pages.page import Block, Page, Picture, Section, Table, Text

_MOST_BARS = 25
_CHAPTERS = {
    "outcome": ("What is to be done", "Outcome", "Accounts by outcome."),
    "day": ("Day by day", "day and channel", "What is to be done on each day, by channel: calls, letters, messages."),
    "action": ("By action", "action", "Accounts by the action to be taken."),
    "rule": ("By rule", "ruleset and rule", "Accounts by the rule that won."),
    "segment": ("By segment", "segment", "Accounts with an action, by segment."),
    "block": ("Who is left alone", "ruleset and block", "Accounts that a block keeps from being dunned."),
}
_BY_DAY = "day"


def write_report(ran: Ran, *, refused: str) -> str:
    """Return the report; it needs nothing but itself."""
    tally = ran.tally
    facts = (
        ("as of", ran.plan.as_of),
        ("accounts", f"{tally.rows_count:,} of {ran.plan.source}"),
        ("not decided", f"{tally.refused_count:,}" + (f", see {refused}" if tally.refused_count else "")),
        ("rulesets", ", ".join(sorted(ran.plan.rulesets))),
    )
    sections = [
        Section(heading=heading, blocks=_write_chapter(dimension, tally.lines[dimension], first, about))
        for dimension, (heading, first, about) in _CHAPTERS.items()
        if tally.lines.get(dimension)
    ]
    if tally.contacts:
        sections.insert(1, Section(heading="Contacts", blocks=_write_contacts(tally.contacts)))
    sections.append(Section(heading="How it was decided", blocks=(Text(words=say_singly(tally)),)))
    return write_html(Page(name="run", title=f"Dunning run of {ran.plan.as_of}", facts=facts, sections=tuple(sections)))


def _write_chapter(dimension: str, lines: Mapping[str, Line], first: str, about: str) -> tuple[Block, ...]:
    if dimension == _BY_DAY:
        ordered = sorted(lines.items())
    else:
        ordered = sorted(lines.items(), key=lambda item: (-item[1].count, item[0]))
    bars = [
        Bar(label=name_line(name), length=line.count, words=f"{line.count:,}", family=_family_of(dimension, name))
        for name, line in ordered[:_MOST_BARS]
    ]
    rows = tuple(
        (name_line(name), f"{line.count:,}", write_amounts(line.claimed), write_amounts(line.fees))
        for name, line in ordered
    )
    table = Table(headings=(first, "accounts", "claimed", "fees"), rows=rows, right=frozenset({1, 2, 3}))
    return (Text(words=about), Picture(name=dimension, svg=draw_bars(bars, about=about), about=about), table)


def _write_contacts(contacts: Mapping[str, int]) -> tuple[Block, ...]:
    about = "Contacts by channel, those along with an action included."
    bars = [Bar(label=name, length=count, words=f"{count:,}") for name, count in sorted(contacts.items())]
    return (Text(words=about), Picture(name="contacts", svg=draw_bars(bars, about=about), about=about))


def _family_of(dimension: str, name: str) -> str:
    if dimension == "action":
        return family_of(name)
    return WORK if dimension == "block" else MESSAGE
