"""(growth) The whole decision among 20 rules and among 1,000, for both shapes of rules."""

from __future__ import annotations

from random import Random

from bench.grid import GRID
from bench.harness import Contestant, race
from bench.mixed import MIXED
from bench.sample import Shape, draw_accounts
from bench.subjects import prepare_next_action, write_document
from bench.targets import report_at_most
from engine.conditions.boxes import Point

FEW, MANY = 20, 1_000
MOST_GROWTH = 2.0
ROUNDS = 30
TIMED_COUNT = 50
UNTIMED_COUNT = 500


def main() -> None:
    """Print what a whole decision takes among few and among many rules."""
    print("growth: a whole decision of a stateless ruleset, from the account's document")
    for shape in (GRID, MIXED):
        contestants = [_prepare(shape, count) for count in (FEW, MANY)]
        race(contestants, UNTIMED_COUNT // TIMED_COUNT, 0)
        few, many = race(contestants, ROUNDS, UNTIMED_COUNT).values()
        print(f"{shape.name}: {few:.1f} microseconds among {FEW} rules, {many:.1f} among {MANY:,}")
        report_at_most(f"{shape.name}: {MANY:,} rules take so many times as long as {FEW}", many / few, MOST_GROWTH)
    print()


def _prepare(shape: Shape, rule_count: int) -> Contestant[Point, int | None]:
    random = Random(rule_count)
    rules = [shape.draw_rule(random) for _ in range(rule_count)]
    accounts = draw_accounts(shape, rules, UNTIMED_COUNT + ROUNDS * TIMED_COUNT, random)
    return Contestant(
        name=f"{rule_count} rules",
        ask=prepare_next_action(rules, shape.dimensions),
        questions=[write_document(account) for account in accounts],
        timed_count=TIMED_COUNT,
    )
