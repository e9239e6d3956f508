"""Scorecards in plain words: what each class of a fact is worth."""

from collections.abc import Iterator, Mapping

from engine.model.ruleset import Edition
from pages.page import Block, Table, Text
from pages.words import Wording, plain

Document = Mapping[str, object]


def score_blocks(cards: Document, edition: Edition, used: frozenset[str], words: Wording) -> Iterator[Block]:
    """Yield the scorecards, as written, whose scores a ruleset asks for, each as a table."""
    for name, card in cards.items():
        if name in used and isinstance(card, dict):
            begins = f"{plain(name).capitalize()} begins with {edition.scorecards[name].base} points"
            about = card.get("about")
            yield Text(words=f"{begins}, and each fact adds those of the first class that fits. {about or ''}".rstrip())
            yield Table(headings=("class", "points"), rows=tuple(_rows(card["points"], words)))


def _rows(points: Mapping[str, Document], words: Wording) -> Iterator[tuple[str, ...]]:
    for fact, of_fact in points.items():
        classes = of_fact["classes"]
        for each in classes if isinstance(classes, list) else []:
            yield words.condition({fact: each["when"]}), str(each["points"])
        yield f"{plain(fact)} otherwise", str(of_fact["otherwise"])
