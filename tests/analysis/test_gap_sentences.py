"""What a gap says is true of every account it names: nothing is left out, and its words read back are its boxes."""

import random
import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations

from engine.analysis.analyse import DEFAULT_BUDGET
from engine.analysis.checks.gap import find, find_gaps
from engine.conditions.boxes import Box
from engine.conditions.sets import NO, YES, BooleanSet, IntegerSet, ValueSet, WordSet, booleans, integers, words
from engine.coordinates.channels import Reach
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.facts import Element, FactCoordinate, fact_of, write_box
from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.proofs.prover import Prover
from tests.analysis.reading import check
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.words.reading import read_phrase

RULESETS = 120
FRESH = "nothing executed yet"


def gap_of(text: str) -> str:
    """The one sentence about gaps of a ruleset."""
    (message,) = (each.diagnostic.message for each in check(text) if each.diagnostic.code == "gap")
    return message


def test_a_closed_channel_is_named() -> None:
    """A rule that covers whoever has e-mail is not said to cover nobody."""
    text = (
        "stateless: true\nrules:\n"
        "  - {id: r, when: {days_overdue: 1..}, then: {action: send_reminder, channel: email}}\n"
    )
    assert gap_of(text) == (
        "No rule covers accounts with “days_overdue: ..0 or missing”, nor those that email does not reach."
    )


def test_a_fact_at_its_default_is_named() -> None:
    """Not for every vip is nothing ever done, but for those without a failed attempt."""
    text = (
        "rules:\n"
        "  - {id: a, when: {days_overdue: 1.., vip: true, failed_attempts: 1..}, then: {action: assign_task}}\n"
        "  - {id: b, when: {days_overdue: 1.., vip: false}, then: {action: assign_task}}\n"
    )
    assert gap_of(text) == "Nothing is ever done for accounts with “failed_attempts: 0, vip: true”."


def test_whom_a_rule_means_comes_before_whom_it_cannot_reach() -> None:
    """Buckets that end are told first, and once, whatever channels they use."""
    text = (
        "stateless: true\nrules:\n"
        "  - {id: a, when: {days_overdue: 1..90}, then: {action: send_reminder, channel: email}}\n"
        "  - {id: b, when: {days_overdue: 91..120}, then: {action: send_dunning_notice, channel: letter}}\n"
    )
    assert gap_of(text) == (
        "No rule covers accounts with “days_overdue: [..0, 121..] or missing”, nor those that the channel of their"
        " step does not reach: “days_overdue: 91..120, letter not open” or “days_overdue: 1..90, email not open”."
    )


def test_a_long_list_is_told_whole() -> None:
    """What is cut short cannot be read back: it would be said of accounts that a rule covers."""
    codes = "[a1, a2, a3, a4, a5, a6, a7, a8]"
    text = f"stateless: true\nrules:\n  - {{id: a, when: {{decline_code: {codes}}}, then: {{action: assign_task}}}}\n"
    assert gap_of(text) == f"No rule covers accounts with “decline_code: {{not: {codes}}} or missing”."


def test_every_sentence_is_read_back_as_its_boxes() -> None:
    """The boxes of random rulesets' gaps, written and read, are the same boxes; only “others” are counted."""
    read = 0
    for seed in range(RULESETS):
        ruleset = load_ruleset(random_ruleset(random.Random(seed), ALL_FEATURES).text, file="random.yaml").ruleset
        assert ruleset is not None
        for edition in compile_ruleset(ruleset).programs.values():
            prover = Prover(edition, budget=DEFAULT_BUDGET)
            for finding in find(prover):
                kinds = list(dict.fromkeys(kind for kind, _ in find_gaps(prover).rank()))
                told = list(_read(finding.message, prover))
                assert all(box in kinds for box in told), (seed, finding.message)
                assert len(told) == len(kinds) or "others" in finding.message, (seed, finding.message)
                read += len(told)
    assert read >= RULESETS // 4


def test_whatever_box_is_written_is_read_back() -> None:
    """Findings write boxes of facts, channels and history in one way: each of random rulesets is read as it is."""
    read = 0
    for seed in range(RULESETS):
        ruleset = load_ruleset(random_ruleset(random.Random(seed), ALL_FEATURES).text, file="random.yaml").ruleset
        assert ruleset is not None
        for currency, program in compile_ruleset(ruleset).programs.items():
            plan = program.plan
            for box in chain(plan.coverage, *plan.first, *plan.again, *plan.blocks, *plan.turns):
                written = f", {write_box(box, plan.dimensions, currency)}, "
                for key, values in box.sides.items():
                    each = plan.dimensions[key]
                    if not isinstance(each, FactCoordinate | Element):
                        phrase = each.say(values, currency)
                        told = read_phrase(phrase, each, currency)
                        assert f", {phrase}, " in written, (seed, key, written)
                        assert told.intersection(each.possible) == values.intersection(each.possible), (seed, phrase)
                        written = written.replace(f", {phrase}, ", ", ", 1)
                facts = {key: v for key, v in box.sides.items() if fact_of(plan.dimensions[key]) is not None}
                assert _read_facts(written, plan.dimensions) == facts, (seed, written)
                read += len(box.sides)
    assert read >= RULESETS


def _read(message: str, prover: Prover) -> Iterator[Box]:
    """The boxes that a sentence names."""
    for part in message.removesuffix(".").split(", nor "):
        if alone := re.search(r"that (.*) do(?:es)? not reach$", part):
            order = alone[1].split(" or ")
            yield Box(
                sides={k: NO for k, c in prover.dimensions.items() if isinstance(c, Reach) and [*c.order] == order}
            )
        for phrase in re.findall("“([^”]+)”", part):
            yield Box(sides=_read_box(phrase, prover))


def _read_box(phrase: str, prover: Prover) -> dict[str, ValueSet]:
    sides: dict[str, ValueSet] = {}
    rest = f", {phrase}, "
    if f", {FRESH}, " in rest:
        rest = rest.replace(f"{FRESH}, ", "")
        sides.update(prover.first_ask_box.sides)
    said = [(each.say(values, "EUR"), key, values) for key, each in prover.dimensions.items() for values in _some(each)]
    for what, key, values in sorted(said, key=lambda one: -len(one[0])):
        if f", {what}, " in rest:
            rest = rest.replace(f", {what}, ", ", ")
            sides[key] = values
    return sides | _read_facts(rest, prover.dimensions)


def _read_facts(rest: str, dimensions: Mapping[str, Coordinate]) -> dict[str, ValueSet]:
    """The facts of a box in the language's notation; nothing else may be left of its words."""
    sides: dict[str, ValueSet] = {}
    for piece in re.findall(r"(\w+: (?:[^,\[{]|\[[^\]]*\]|\{[^}]*\})+)(?:, |$)", rest):
        name, _, value = piece.partition(": ")
        if name in dimensions:
            sides[name] = _read_values(value, dimensions[name])
        else:
            item = value.removeprefix("{none: [").removesuffix("]}")
            sides[f"{name}:{item}"] = YES if item == value else NO
        rest = rest.replace(f"{piece}, ", "", 1)
    assert not rest.strip(", "), f"unread: {rest}"
    return sides


def _some(each: Coordinate) -> list[ValueSet]:
    """What a coordinate that is no fact can be said to have."""
    if isinstance(each, FactCoordinate | Element):
        return []
    universe = each.universe
    if isinstance(universe, WordSet):
        names = sorted(universe.words)
        return [words(*some) for some in chain(*(combinations(names, n) for n in range(1, len(names))))]
    return [YES, NO] if isinstance(universe, BooleanSet) else []


def _read_values(text: str, dimension: Coordinate) -> ValueSet:
    present = re.sub(r"(?: or missing|^\{is: missing\})$", "", text)
    missing = present != text
    universe = dimension.universe
    negated = present.startswith("{not: ")
    items = [each for each in present.removeprefix("{not: ").strip("[]}").split(", ") if each]
    found: ValueSet
    if present == "{is: present}":
        return universe if missing else universe.intersection(_present(universe))
    if isinstance(universe, BooleanSet):
        found = booleans(*(item == "true" for item in items), missing=missing)
    elif isinstance(universe, IntegerSet):
        found = integers(*(_read_span(item) for item in items), missing=missing)
    else:
        found = WordSet(words=frozenset(items), cofinite=negated, missing=missing)
    return universe.intersection(found)


def _present(universe: ValueSet) -> ValueSet:
    if isinstance(universe, IntegerSet):
        return integers((None, None))
    return booleans(True, False) if isinstance(universe, BooleanSet) else WordSet(words=frozenset(), cofinite=True)


def _read_span(item: str) -> tuple[int | None, int | None]:
    """Amounts and decimals have all their places, so that without the point they are typed values."""
    low, dots, high = item.replace("..", "…").replace(".", "").partition("…")
    return (int(low) if low else None, int(high) if high else None) if dots else (int(low), int(low))
