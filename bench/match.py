"""(match) From an account's facts in a dictionary to the winning rule: ours beside zen-engine, masks and a chain.

For two shapes of rules of five conditions:

- grid: every rule tests the same five facts, three by equality, a range of days and a least balance. zen-engine
  indexes such a table, so its time hardly grows with the rules.
- mixed: each rule tests five of twelve facts, drawn evenly, by equality, list, negation, range or threshold, and leaves
  the others blank; accounts have twelve to fifteen facts, four of which may be missing.

Three accounts in five lie on or beside the bounds of a rule, the others anywhere; zen-engine gets the same dictionary
of all facts. Each account that is timed is timed once, and new to everyone; ours keeps how its events begin, so some
thousand others are asked before. On all of them all contestants must agree, and so must the whole decision on some.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from bench.grid import GRID
from bench.harness import Contestant, check_agreement, race
from bench.mixed import MIXED
from bench.sample import Shape, draw_accounts
from bench.subjects import (
    Prepare,
    prepare_chain,
    prepare_masks,
    prepare_network,
    prepare_next_action,
    prepare_zen_loader,
    prepare_zen_static,
    write_document,
)
from bench.targets import report_at_least, report_at_most

OURS = "durable_rules network"
ZEN = ("zen-engine, loader", "zen-engine, static loader")
CONTESTANTS: Mapping[str, Prepare] = {
    OURS: prepare_network,
    ZEN[0]: prepare_zen_loader,
    ZEN[1]: prepare_zen_static,
    "masks": prepare_masks,
    "plain Python chain": prepare_chain,
}
RULE_COUNTS = (20, 50, 200, 1_000)
# Asked before the clock runs.
UNTIMED_COUNT = 5_000
TIMED_COUNT = 1_000
WHOLE_COUNT = 500
ROUNDS = 30
# How many times as fast as zen-engine in its best form we mean to be.
TARGETS = {50: 2.5, 200: 2.5, 1_000: 2.5}
MOST_GROWTH = 4.0


def main() -> None:
    """Print a table for each shape, and how it stands with the targets."""
    for shape in (GRID, MIXED):
        report(shape, {count: measure(shape, count) for count in RULE_COUNTS})


def measure(shape: Shape, rule_count: int) -> dict[str, float]:
    """Return each contestant's median microseconds a decision among so many rules."""
    random = Random(rule_count)
    rules = [shape.draw_rule(random) for _ in range(rule_count)]
    accounts = draw_accounts(shape, rules, UNTIMED_COUNT + ROUNDS * TIMED_COUNT, random)
    contestants = [
        Contestant(name=name, ask=prepare(rules, shape.dimensions), questions=accounts, timed_count=TIMED_COUNT)
        for name, prepare in CONTESTANTS.items()
    ]
    whole = Contestant(
        name="whole decision",
        ask=prepare_next_action(rules, shape.dimensions),
        questions=[write_document(account) for account in accounts[:WHOLE_COUNT]],
        timed_count=WHOLE_COUNT,
    )
    check_agreement(contestants, slice(UNTIMED_COUNT))
    found = race(contestants, ROUNDS, UNTIMED_COUNT)
    check_agreement(contestants, slice(UNTIMED_COUNT, None))
    check_agreement([contestants[0], whole], slice(WHOLE_COUNT))
    return found


def report(shape: Shape, results: Mapping[int, Mapping[str, float]]) -> None:
    """Print one shape's table and its targets."""
    print(f"{shape.name}: {shape.about}")
    print(f"Median microseconds a decision, {ROUNDS} interleaved rounds; in brackets: how many times ours takes")
    print(f"{'rules':<30}" + "".join(f"{count:>17,}" for count in RULE_COUNTS))
    for name in CONTESTANTS:
        cells = (f"{result[name]:.2f} ({result[name] / result[OURS]:.2f})" for result in results.values())
        print(f"{name:<30}" + "".join(f"{cell:>17}" for cell in cells))
    for count, target in TARGETS.items():
        best = min(results[count][name] for name in ZEN)
        name = f"{count:,} rules: so many times as fast as zen-engine in its better form"
        report_at_least(name, best / results[count][OURS], target)
    growth = results[RULE_COUNTS[-1]][OURS] / results[RULE_COUNTS[0]][OURS]
    report_at_most("1,000 rules take so many times as long as 20", growth, MOST_GROWTH)
    print()
