"""What scorecards mean: the facts they may give points for, the classes of their values, and the facts they yield."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from engine.loading.complaints import suggest
from engine.loading.conditions import KEYWORDS, read_test
from engine.loading.grammar.account import ACCOUNT_KEYS
from engine.loading.node import Entry, Node, Scalar, items_of
from engine.loading.scope import Scope
from engine.model.condition import AllOf
from engine.model.diagnostic import Position
from engine.model.scorecard import FactPoints, PointClass, Scorecard
from engine.model.vocabulary import SCORES, STANDARD_FACTS, Fact


class WrittenClass(msgspec.Struct, frozen=True, kw_only=True):
    """A class as written; its test is read once the type of the fact is known."""

    when: Node
    points: int
    at: Position


class WrittenPoints(msgspec.Struct, frozen=True, kw_only=True):
    """The points of a fact as written, with the key that names it."""

    classes: tuple[WrittenClass, ...] = ()
    otherwise: int
    key: Scalar


class WrittenCard(msgspec.Struct, frozen=True, kw_only=True):
    """A scorecard as written, with the key that names it."""

    about: str = ""
    base: int = 0
    points: dict[str, WrittenPoints]
    key: Scalar


class WrittenScores(msgspec.Struct, frozen=True, kw_only=True):
    """A whole scorecard.yaml as written."""

    scorecards: dict[str, WrittenCard]
    never_score: tuple[str, ...] = ()


def read_scorecards(written: WrittenScores, never_score: Node | None, scope: Scope, file: str) -> dict[str, Scorecard]:
    """Return the scorecards as far as they can be read; ``scope`` has the facts of the folder, without theirs."""
    forbidden = dict(_read_forbidden(never_score, scope))
    found = {}
    for name, card in written.scorecards.items():
        _check_name(card.key, scope)
        points = (_read_points(each, written.scorecards, forbidden, scope) for each in card.points.values())
        found[name] = Scorecard(
            name=name,
            about=card.about,
            base=card.base,
            points=tuple(each for each in points if each is not None),
            at=card.key.at,
            file=file,
        )
    return found


def facts_of_scores(cards: Iterable[Scorecard]) -> dict[str, Fact]:
    """Return the facts that scorecards yield: whole numbers that nobody gives and that are never missing."""
    return {
        each.name: Fact(name=each.name, type="integer", optional=True, source="scorecard", about=each.about)
        for each in cards
    }


def _read_forbidden(node: Node | None, scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the facts that no scorecard may use, each with its line."""
    for item in items_of(node):
        if not isinstance(item, Scalar):
            continue
        if item.text not in scope.facts:
            found = f"“{item.text}” is no fact of this folder, so the list does not keep it out of any scorecard."
            hint = suggest(item.text, scope.facts) or "Declare it in facts.yaml, or take it off the list."
            scope.complaints.add("unknown-fact", item, found, hint)
        yield item.text, item.at.line


def _check_name(key: Scalar, scope: Scope) -> None:
    """Complain of a scorecard that is called like something else."""
    name = key.text
    where = "a word of the language" if name in KEYWORDS else "a key of the account document"
    if name in KEYWORDS or name in ACCOUNT_KEYS:
        scope.complaints.add("name-taken", key, f"“{name}” is {where}, so no scorecard can be called so.")
    elif name in scope.facts and scope.facts[name] != STANDARD_FACTS.get(name):
        scope.complaints.add("name-taken", key, f"“{name}” is declared in facts.yaml, so no scorecard can yield it.")
    elif name in STANDARD_FACTS and name not in SCORES:
        scope.complaints.add("name-taken", key, f"“{name}” is a standard fact that is no score, so none can yield it.")


def _read_points(
    written: WrittenPoints, cards: Mapping[str, WrittenCard], forbidden: Mapping[str, int], scope: Scope
) -> FactPoints | None:
    key = written.key
    if key.text in forbidden:
        found = f"“{key.text}” stands under “never_score” on line {forbidden[key.text]}: no scorecard may use it."
        scope.complaints.add("scored-fact-forbidden", key, found)
        return None
    if key.text in cards:
        scope.complaints.add("score-of-score", key, f"“{key.text}” is a score itself.")
        return None
    fact = scope.facts.get(key.text)
    if fact is None:
        found = f"“{key.text}” is no fact of this folder."
        scope.complaints.add_once("unknown-fact", key, found, lambda: suggest(key.text, scope.facts))
        return None
    classes = tuple(_read_class(fact, each, scope) for each in written.classes)
    return FactPoints(fact=fact.name, classes=classes, otherwise=written.otherwise)


def _read_class(fact: Fact, written: WrittenClass, scope: Scope) -> PointClass:
    key = Scalar(kind="word", text=fact.name, at=written.at)
    test = read_test(fact, Entry(key=key, value=written.when), scope)
    return PointClass(when=AllOf(conditions=test), points=written.points, at=written.at)
