"""Scorecards (docs/authors/scorecards.md): a fact that is the sum of points for what other facts are."""

from typing import Any

import msgspec

from tests.oracle.conditions import Condition, Scope


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """What one fact is worth: by the first class that holds, else what is written for all else."""

    fact: str
    classes: tuple[tuple[Condition, int], ...]
    otherwise: int


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One scorecard."""

    base: int
    points: tuple[Points, ...]

    @property
    def facts(self) -> frozenset[str]:
        """The facts that count in it."""
        return frozenset(each.fact for each in self.points)

    def total(self, facts: dict[str, Any]) -> int:
        """What it comes to; a missing fact has no entry."""
        found = self.base
        for each in self.points:
            found += next((worth for holds, worth in each.classes if holds(facts)), each.otherwise)
        return found


def read_card(node: dict[str, Any], scope: Scope) -> Card:
    """Read one scorecard, every scalar a string."""
    return Card(
        base=int(node.get("base", 0)),
        points=tuple(
            Points(
                fact=fact,
                classes=tuple(
                    (scope.condition({fact: each["when"]}), int(each["points"])) for each in of_fact["classes"]
                ),
                otherwise=int(of_fact["otherwise"]),
            )
            for fact, of_fact in node["points"].items()
        ),
    )
