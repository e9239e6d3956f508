"""(whole) The whole decision of the six example rulesets about the 200 sample accounts with their history.

From the documents of account and history to the bytes of the answer: read, routed, decided, looked ahead, said and
written. It is divided by what zen-engine takes, in the form its manual advises, to find the row of a table of 50 rules
in a dictionary: a match, and nothing around it. Each round asks on another day, so that no answer was given before.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from random import Random
from time import process_time
from typing import Any

from bench.harness import Contestant, race
from bench.mixed import MIXED
from bench.sample import draw_accounts
from bench.samples import compile_examples, read_samples
from bench.subjects import prepare_zen_loader
from bench.targets import report_at_most
from bench.watching import Part, watching
from engine.evaluation import decide, routing
from engine.evaluation.rulesets import Rulesets
from engine.model.decision import encode_decision

MOST_MATCHES = 6.0
RULE_COUNT = 50
MATCH_COUNT = 1_000
ROUNDS = 20
WARM_ROUNDS = 2
FIRST_MOMENT = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)
OURS, ZEN = "whole decision", "zen-engine, loader"
# Where the time goes: the part, and what is timed for it; a part within another counts for the outer one.
PARTS: tuple[Part, ...] = (
    ("read", routing.Candidate, "read"),
    ("route", decide, "Route"),
    ("route", routing.Route, "covering"),
    ("decide", decide, "judge"),
    ("look ahead", decide, "look_ahead"),
)
WRITE, REST = "write", "carry out, say why"

Ask = tuple[dict[str, Any], list[dict[str, Any]], dt.datetime]


def main() -> None:
    """Print how many of zen-engine's matches a whole decision takes, and of which parts it is made."""
    rulesets = Rulesets(compile_examples())
    asks = list_asks()

    def ask(question: Ask) -> bytes:
        account, history, as_of = question
        return encode_decision(decide.next_action(rulesets, account, history, as_of=as_of))

    random = Random(RULE_COUNT)
    rules = [MIXED.draw_rule(random) for _ in range(RULE_COUNT)]
    accounts = draw_accounts(MIXED, rules, (WARM_ROUNDS + ROUNDS) * MATCH_COUNT, random)
    zen = prepare_zen_loader(rules, MIXED.dimensions)
    whole_count = len(asks) // (WARM_ROUNDS + ROUNDS)
    whole = Contestant(name=OURS, ask=ask, questions=asks, timed_count=whole_count)
    match = Contestant(name=ZEN, ask=zen, questions=accounts, timed_count=MATCH_COUNT)
    race([whole], WARM_ROUNDS, 0)
    race([match], WARM_ROUNDS, 0)
    found = {
        **race([whole], ROUNDS, WARM_ROUNDS * whole_count),
        **race([match], ROUNDS, WARM_ROUNDS * MATCH_COUNT),
    }
    print("whole: six example rulesets, 200 accounts with history, from documents to the answer's bytes")
    print(
        f"{found[OURS]:.1f} microseconds a decision; zen-engine matches one of {RULE_COUNT} rules in {found[ZEN]:.1f}"
    )
    print(", ".join(f"{part} {share:.0%}" for part, share in measure_parts(rulesets, asks).items()))
    report_at_most("a whole decision takes so many matches of zen-engine", found[OURS] / found[ZEN], MOST_MATCHES)
    print()


def list_asks() -> list[Ask]:
    """Return all samples on one day, then on the next, for each round."""
    samples = read_samples()
    moments = [FIRST_MOMENT + dt.timedelta(days=number) for number in range(WARM_ROUNDS + ROUNDS)]
    return [(sample.account, sample.history, moment) for moment in moments for sample in samples]


def measure_parts(rulesets: Rulesets, asks: list[Ask]) -> dict[str, float]:
    """Return each part's share of the time, the watch on, with which all takes a little longer."""
    seconds: defaultdict[str, float] = defaultdict(float)
    begun = process_time()
    with watching(PARTS, seconds):
        for account, history, as_of in asks:
            decision = decide.next_action(rulesets, account, history, as_of=as_of)
            before = process_time()
            encode_decision(decision)
            seconds[WRITE] += process_time() - before
    whole = process_time() - begun
    named = {part: seconds[part] / whole for part in dict.fromkeys([*(part for part, _, _ in PARTS), WRITE])}
    return {**named, REST: 1 - sum(named.values())}
