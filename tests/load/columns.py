"""Accounts by the million, answered alike by columns, one by one and by the oracle: `make columns`, for hours.

Each row is compared in every column of a decision: those of random rulesets of the whole language three ways, those of
the six examples two ways. It prints how many were, and stops at the first that differs.
"""

import argparse
import sys

from tests.portfolio.threeways import Compared, compare_examples, compare_ruleset

USUAL_COUNT = 1_000_000
USUAL_RULESETS = 300
EXAMPLES_AT_ONCE = 20_000
SAID_EVERY = 20


def main() -> None:
    """Compare, and say how far it has come now and then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=USUAL_COUNT, help="of random rulesets, shared out among them")
    parser.add_argument("--rulesets", type=int, default=USUAL_RULESETS, help="that are made by chance")
    parser.add_argument("--examples", type=int, default=USUAL_COUNT, help="rows of the six examples")
    parser.add_argument("--seed", type=int, default=0, help="of the first ruleset")
    arguments = parser.parse_args()
    found, each = Compared(), -(-arguments.rows // max(arguments.rulesets, 1))
    for number in range(arguments.seed, arguments.seed + arguments.rulesets):
        found.add(compare_ruleset(number, each))
        if number % SAID_EVERY == SAID_EVERY - 1:
            say(f"{number - arguments.seed + 1} rulesets", found)
    say("random rulesets", found)
    found = Compared()
    while found.rows < arguments.examples:
        found.add(compare_examples(found.rows, min(EXAMPLES_AT_ONCE, arguments.examples - found.rows)))
        say("the six examples", found)


def say(of: str, found: Compared) -> None:
    """Print what was compared so far."""
    share = sum(found.singly.values()) / max(found.rows, 1)
    sys.stdout.write(
        f"{of}: {found.rows:,} rows alike by columns and one by one, {found.with_oracle:,} of them by the oracle too"
        f" ({found.looked_ahead:,} with the days to come); the columns left {share:.2%} to the single path\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
