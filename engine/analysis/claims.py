"""What the account shown with a finding shows.

Analysis never runs the rules, so it only says what must come out; whoever shows the account asks it first.
"""

import contextlib
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import BudgetExceeded
from engine.model.condition import Condition
from engine.model.diagnostic import Witness


class Wins(msgspec.Struct, frozen=True, kw_only=True):
    """The rule wins."""

    rule: str


class WinsAfter(msgspec.Struct, frozen=True, kw_only=True):
    """With the history the rule wins, and without it another does."""

    rule: str


class WinsWithout(msgspec.Struct, frozen=True, kw_only=True):
    """The rule wins, and an action along with it is left out."""

    rule: str
    action: str


class WinsOnlyOn(msgspec.Struct, frozen=True, kw_only=True):
    """The rule's ``when`` holds on this day or soon after, and on such days of the week only."""

    rule: str
    weekdays: frozenset[int]


class GivesWay(msgspec.Struct, frozen=True, kw_only=True):
    """The rule could win, and one of these rules or blocks goes before it."""

    rule: str
    before: frozenset[str]


class Lacks(msgspec.Struct, frozen=True, kw_only=True):
    """The rule's ``when`` holds, and the rule is not eligible."""

    rule: str


class NotCovered(msgspec.Struct, frozen=True, kw_only=True):
    """The rule's ``when`` holds, and the ruleset does not cover the account."""

    rule: str


class NeverComes(msgspec.Struct, frozen=True, kw_only=True):
    """Asked day after day, what wins being carried out, none of these rules ever wins."""

    rules: frozenset[str]


class Nothing(msgspec.Struct, frozen=True, kw_only=True):
    """No rule wins and no block holds, on this day or, for good, on a later one either."""

    is_for_good: bool


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    """The decision is blocked for this reason."""

    block: str


class Meets(msgspec.Struct, frozen=True, kw_only=True):
    """A condition holds; another, where there is one, does not. ``says`` tells it, where it is not said plainly."""

    holds: Condition
    fails: Condition | None = None
    says: str = ""


class Ignores(msgspec.Struct, frozen=True, kw_only=True):
    """The account gives the fact, and without it the same comes out."""

    fact: str


class CoveredTwice(msgspec.Struct, frozen=True, kw_only=True):
    """Two rulesets cover the account."""

    rulesets: frozenset[str]


class CoveredUntil(msgspec.Struct, frozen=True, kw_only=True):
    """No ruleset covers the account, and the day before this one did."""

    ruleset: str


Claim: TypeAlias = (
    Wins
    | WinsAfter
    | WinsWithout
    | WinsOnlyOn
    | GivesWay
    | Lacks
    | NotCovered
    | NeverComes
    | Nothing
    | Blocked
    | Meets
    | Ignores
    | CoveredTwice
    | CoveredUntil
)


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that are likely to show what a finding claims, the plainest first.

    ``tries`` works each out when it is asked for, once.
    """

    claim: Claim
    tries: Iterator[Witness]

    def accounts(self) -> Iterator[Witness]:
        """Yield the accounts, as far as the budget of the analysis goes."""
        with contextlib.suppress(BudgetExceeded):
            yield from self.tries
