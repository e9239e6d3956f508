"""`python -m bench [NAME ...]`: what `make bench` runs; names choose some of the measurements."""

import argparse

from bench import growth, http, match, steps, whole

MEASUREMENTS = {"match": match.main, "whole": whole.main, "growth": growth.main, "http": http.main, "steps": steps.main}


def main() -> None:
    """Run the measurements, each of which prints its targets, met or missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, and say which targets are met.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}; left out, all")
    names = parser.parse_args().names or list(MEASUREMENTS)
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        parser.error(f"there is no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    for name in names:
        MEASUREMENTS[name]()


main()
