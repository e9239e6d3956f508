"""A company lives 120 days: `make company`, or `python -m tests.load.company --help`.

Invoices fall due, are paid, promised and disputed; the ruleset has three versions; two workers take what is due,
confirm it and carry it out, and die at random, and so does the server. At the end nobody got a letter twice, nothing
was done after a payment was known and nothing was left undone, every promise is judged right, every event came under
its one id, and the log is whole: all held against a second reading of the company's life.
"""

import argparse
import time

from tests.load.chaos import say
from tests.load.company.firm import founded
from tests.load.company.judging import judge
from tests.load.company.lives import LAST_DAY


def main() -> None:
    """Live, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.company", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=20_000, help="how many customers")
    parser.add_argument("--stride", type=int, default=1, help="days that pass at once")
    parser.add_argument("--seed", type=int, default=1, help="another life")
    parser.add_argument("--crashes", type=float, default=0.001, help="how often a worker dies at a place in an item")
    parser.add_argument("--kill-server-every", type=int, default=10, help="after so many days one is killed")
    parser.add_argument("--servers", type=int, default=2, help="how many servers of the one database")
    chosen = parser.parse_args()
    begun = time.monotonic()  # noqa: TID251  what is told of a run
    with founded(
        customers_count=chosen.customers,
        stride=chosen.stride,
        seed=chosen.seed,
        crashes=chosen.crashes,
        servers_count=chosen.servers,
    ) as company:
        for day in company.live(kill_server_every=chosen.kill_server_every):
            say(f"day {day}: {time.monotonic() - begun:,.0f} s, kills: {_write(company.kills)}")  # noqa: TID251  so
        found = judge(company)
    lived = f"{chosen.customers:,} customers in {LAST_DAY} days, {time.monotonic() - begun:,.0f} s"  # noqa: TID251  so
    say(f"{lived}; kills: {_write(company.kills)}; {_write(found)}.")


def _write(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


if __name__ == "__main__":
    main()
