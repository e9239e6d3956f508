"""From an account's facts in a dictionary to the winning rule: ours beside zen-engine, a table of bits and a chain.

Run by `make bench`. Every contestant first answers every question, and all must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from bench.harness import check_agreement, race
from bench.sample import Rule, make_accounts, make_rules
from bench.subjects import (
    Decide,
    prepare_bitmap,
    prepare_chain,
    prepare_network,
    prepare_zen_loader,
    prepare_zen_static,
)

OURS = "durable_rules network"
ZEN = ("zen-engine, loader", "zen-engine, static loader")
CONTESTANTS: Mapping[str, Callable[[Sequence[Rule]], Decide]] = {
    OURS: prepare_network,
    ZEN[0]: prepare_zen_loader,
    ZEN[1]: prepare_zen_static,
    "bitmap table": prepare_bitmap,
    "plain Python chain": prepare_chain,
}
RULE_COUNTS = (20, 50, 200, 1_000)
ACCOUNT_COUNT = 1_000
TIMED_COUNT = 200
ROUNDS = 60
# How many times as fast as zen-engine with a loader of compiled content we mean to be.
TARGETS = {50: 2.5, 200: 2.5, 1_000: 5.0}
MOST_GROWTH = 4.0


def main() -> None:
    """Print the table, and how it stands with the targets."""
    results = {count: measure(count) for count in RULE_COUNTS}
    print(f"Median microseconds a decision, {ROUNDS} interleaved rounds; in brackets: how many times ours takes")
    print(f"{'rules':<28}" + "".join(f"{count:>16,}" for count in RULE_COUNTS))
    for name in CONTESTANTS:
        cells = (f"{result[name]:.2f} ({result[name] / result[OURS]:.2f})" for result in results.values())
        print(f"{name:<28}" + "".join(f"{cell:>16}" for cell in cells))
    for count, target in TARGETS.items():
        ratio, static = (results[count][name] / results[count][OURS] for name in ZEN)
        verdict = _judge(ratio >= target)
        print(f"{count:>5,} rules: {ratio:.2f} times as fast as zen-engine ({static:.2f}, static), {target}: {verdict}")
    growth = results[RULE_COUNTS[-1]][OURS] / results[RULE_COUNTS[0]][OURS]
    print(f"1,000 rules take {growth:.2f} times as long as 20 (target {MOST_GROWTH}): {_judge(growth <= MOST_GROWTH)}")


def measure(rule_count: int) -> dict[str, float]:
    """Return each contestant's median microseconds a decision among so many rules."""
    random = Random(rule_count)
    rules = make_rules(rule_count, random)
    accounts = make_accounts(rules, ACCOUNT_COUNT, random)
    contestants = {name: prepare(rules) for name, prepare in CONTESTANTS.items()}
    check_agreement(contestants, accounts)
    return race(contestants, accounts[:TIMED_COUNT], ROUNDS)


def _judge(met: bool) -> str:  # noqa: FBT001 - the only argument
    return "met" if met else "missed"


if __name__ == "__main__":
    main()
