"""Conditions that would be the product of many boxes are decided, explained and checked all the same."""

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise, product

import pytest

from engine.analysis.analyse import analyse
from engine.comparison.compare import compare
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.decide import next_action
from engine.evaluation.holding import holds
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.decision import Decision
from engine.model.question import Question
from engine.model.ruleset import Ruleset
from engine.proofs.executions import Executions
from engine.proofs.prover import Prover
from engine.worlds.asking import Asking
from tests.loading.test_cost import count_steps

PAIRS = 40
AS_OF = dt.date(2026, 3, 1)
FACTS = "".join(f"  f{n}: {{type: integer}}\n" for n in range(2 * PAIRS))
CONDITIONS = "".join(f"  c{n}: {{any: [{{f{2 * n}: 1..}}, {{f{2 * n + 1}: 1..}}]}}\n" for n in range(PAIRS))
ALL = "".join(f"      c{n}: true\n" for n in range(PAIRS))
THEN = "    then: {action: send_reminder, channel: email, template: x}\n"
HEAD = (
    f"ruleset: wide\ntitle: Wide\ncurrency: EUR\ntimezone: Europe/Amsterdam\nfacts:\n{FACTS}conditions:\n{CONDITIONS}"
)
BOTH_ZERO: dict[str, object] = {f"f{n}": 0 for n in range(2 * PAIRS)}
ONE_EACH: dict[str, object] = {f"f{n}": n % 2 for n in range(2 * PAIRS)}


def load(text: str) -> Ruleset:
    """Return a ruleset that loads."""
    loaded = load_ruleset(text)
    assert loaded.ruleset is not None, loaded.diagnostics
    return loaded.ruleset


def ask(ruleset: Ruleset | Compiled, facts: Mapping[str, object]) -> Decision:
    """Ask about a debt that is due on 20 February."""
    invoice = {"id": "I", "due_on": "2026-02-20", "open": 100}
    account = {"id": "A", "currency": "EUR", "channels": ["email"], "invoices": [invoice], **facts}
    compiled = compile_ruleset(ruleset) if isinstance(ruleset, Ruleset) else ruleset
    return next_action([compiled], account, as_of=AS_OF, explain="full")


WIDE = load(f"{HEAD}rules:\n  - id: r\n    when:\n{ALL}{THEN}")


def test_all_of_many_alternatives_is_few_boxes_and_decides() -> None:
    """Forty pairs of which one must hold each are not 2^40 boxes, and hold just where each pair does."""
    compiled = compile_ruleset(WIDE)
    program = compiled.programs["EUR"]
    assert len(program.plan.first[0]) == 1
    assert sum(map(len, program.plan.parts.values())) == 2 * PAIRS
    assert ask(compiled, ONE_EACH).rule is not None
    for lacking, value in product(range(PAIRS), (0, 1)):
        decision = ask(compiled, ONE_EACH | {f"f{2 * lacking + 1}": value})
        assert (decision.rule is not None) is bool(value)


def test_an_explanation_names_the_part_that_fails() -> None:
    """What is told of a rule is its condition by the name that the author gave it."""
    (unmet,) = ask(WIDE, ONE_EACH | {"f5": 0}).explanation.rules  # type: ignore[union-attr]  # it was asked for
    assert (unmet.fact, unmet.value, unmet.required) == ("c2", "false", "true")


def test_a_reason_tells_the_facts_that_a_part_stands_on() -> None:
    """A rule that hangs on parts alone does not say that it always holds."""
    assert ask(WIDE, ONE_EACH).reason == "f0 0; f1 1; f10 0; f11 1"


@pytest.mark.parametrize("count", [8, 9, 10, PAIRS])
def test_a_block_stops_a_rule_of_parts_too(count: int) -> None:
    """Nothing that is stopped is done, however many boxes a rule is, with a repetition that doubles them."""
    some = "".join(f"      c{n}: true\n" for n in range(count))
    blocks = "blocks:\n  - {id: b, when: {f79: 7..}, stops: [send_reminder], reason: Not now.}\n"
    repeated = "    repeat: {every_days: 3}\n"
    compiled = compile_ruleset(load(f"{HEAD}{blocks}rules:\n  - id: r\n    when:\n{some}{repeated}{THEN}"))
    assert ask(compiled, ONE_EACH).rule is not None
    assert ask(compiled, ONE_EACH | {"f79": 7}).rule is None
    compiled.close()


def test_whether_a_condition_of_parts_holds_is_worked_out() -> None:
    """What a check shows of an account is told of parts as the decision tells it."""
    compiled = compile_ruleset(WIDE)
    condition = compiled.programs["EUR"].edition.rules[0].when
    invoice = {"id": "I", "due_on": "2026-02-20", "open": 100}
    for facts, is_so in ((ONE_EACH, True), (ONE_EACH | {"f5": 0}, False)):
        account = {"id": "A", "currency": "EUR", "channels": ["email"], "invoices": [invoice], **facts}
        view = Asking(compiled, Question(account=account, history=(), as_of=AS_OF)).view
        assert view is not None
        assert holds(condition, view) is is_so


def test_a_part_is_looked_ahead_through() -> None:
    """A day that a part counts to is the day of the next action."""
    days = "  late: {any: [{days_overdue: 14..}, {f0: 7..}]}\n"
    text = f"{HEAD}{days}rules:\n  - id: r\n    when:\n{ALL}      late: true\n{THEN}"
    decision = ask(load(text), ONE_EACH)
    assert decision.outcome == "wait"
    assert decision.upcoming is not None
    assert decision.upcoming.on == dt.date(2026, 3, 6)


def test_none_of_all_of_many_alternatives() -> None:
    """The opposite of such a condition holds where one of the pairs does not."""
    text = f"{HEAD}rules:\n  - id: r\n    when:\n      none:\n        - {{{ALL.replace(chr(10), ',')}}}\n{THEN}"
    ruleset = load(text)
    assert ask(ruleset, ONE_EACH).rule is None
    assert ask(ruleset, ONE_EACH | {"f1": 0}).rule is not None


def test_the_checks_end_and_see_through_parts() -> None:
    """A rule that asks for a part and its opposite can never win; the other one can, and nothing is left open."""
    never = f"  - id: never\n    when:\n{ALL}      f0: ..0\n      f1: ..0\n{THEN}"
    found = analyse(load(f"{HEAD}rules:\n  - id: r\n    when:\n{ALL}{THEN}{never}"))
    assert {(each.diagnostic.code, each.subject) for each in found} >= {("never-wins", "never")}
    assert {each.diagnostic.code for each in found}.isdisjoint({"not-finished"})
    assert ("never-wins", "r") not in {(each.diagnostic.code, each.subject) for each in found}


def test_a_comparison_says_that_it_is_not_finished() -> None:
    """Parts of two versions are not held beside each other, and nothing is claimed."""
    other = load(WIDE.text.replace("f0: 1..", "f0: 2.."))
    (edition,) = compare(WIDE, other).editions
    assert not edition.is_finished
    assert edition.rows == ()


def test_whom_a_ruleset_covers_must_be_few_boxes() -> None:
    """Rulesets are held beside each other by their coverage, so that has no parts."""
    applies = f"applies_to:\n{ALL}rules: []\n".replace("      c", "  c")
    with pytest.raises(BudgetExceeded):
        compile_ruleset(load(f"{HEAD}{applies}"))


def test_a_chain_of_very_many_rules_is_followed_to_its_end() -> None:
    """Each waits a day for the one before: the last is never executed before as many days overdue."""
    names = [f"r{n}" for n in range(1500)]
    rules = [f"  - id: {names[0]}\n    when: {{days_overdue: 1..}}\n{THEN}"]
    rules += [f"  - id: {name}\n    after: {{rule: {before}, days: 1}}\n{THEN}" for before, name in pairwise(names)]
    executions = make_executions(load(f"{HEAD}rules:\n{''.join(rules)}"))
    last = executions.executors(names[-1])[0]
    assert executions.earliest_day(last) == len(names)


def test_rules_that_wait_for_two_each_are_not_followed_along_every_path() -> None:
    """Sixty rules that each wait for the two before them have more paths than could be walked."""
    rules = [f"  - id: r{n}\n    when: {{days_overdue: 1..}}\n{THEN}" for n in range(2)]
    rules += [
        f"  - id: r{n}\n    after: [{{rule: r{n - 1}, days: 1}}, {{rule: r{n - 2}, days: 1}}]\n{THEN}"
        for n in range(2, 60)
    ]
    executions = make_executions(load(f"{HEAD}rules:\n{''.join(rules)}"))
    assert executions.earliest_day(executions.executors("r59")[0]) == 59


def make_executions(ruleset: Ruleset) -> Executions:
    """Return what the only edition's executions can be."""
    (program,) = compile_ruleset(ruleset).programs.values()
    return Prover(program, budget=1_000_000).executions


def test_named_conditions_that_use_others_twice_are_looked_into_once() -> None:
    """Each of sixteen asks twice for the next: that are 65,536 ways to the last, and no more steps for it."""
    few, many = (load(nest(count, "any: [{{{0}: true}}, {{{0}: true, vip: true}}]")) for count in (8, 16))
    assert count_steps(lambda: compile_ruleset(many)) <= 2.1 * count_steps(lambda: compile_ruleset(few))


@pytest.mark.parametrize("condition", ["{0}: true", "{0}: false", "any: [{{{0}: true}}, {{vip: true}}]"])
def test_a_long_chain_of_named_conditions_is_compiled_and_checked(condition: str) -> None:
    """It may be longer than calls may be deep."""
    ruleset = load(nest(1_000, condition))
    assert ask(ruleset, {"country": "NL"}).outcome == "act"
    assert "not-finished" not in {found.diagnostic.code for found in analyse(ruleset)}


def nest(count: int, condition: str) -> str:
    """Write a ruleset whose only rule asks for a named condition, and that for the next, and so on."""
    named = "".join(f"  n{n}: {{{condition.format(f'n{n + 1}')}}}\n" for n in range(count))
    return f"{HEAD}{named}  n{count}: {{country: NL}}\nrules:\n  - id: r\n    when: {{n0: true}}\n{THEN}"


def test_thousands_of_values_are_joined_and_absorbed_without_looking_at_every_pair() -> None:
    """A list of tags is as many boxes as tags, each about a fact of its own, and stays as it is."""
    tags = ", ".join(f"t{n}" for n in range(1500))
    program = compile_ruleset(load(f"{HEAD}rules:\n  - id: r\n    when: {{tags: [{tags}]}}\n{THEN}")).programs["EUR"]
    assert len(program.plan.first[0]) == 1  # a part of its own
    assert sum(map(len, program.plan.parts.values())) == 1500


def test_more_values_than_can_be_told_apart_are_refused_at_once() -> None:
    """Sixty thousand tags, each a fact of its own, would be integers of sixty thousand fields each."""
    tags = ", ".join(f"t{n}" for n in range(60_000))
    with pytest.raises(BudgetExceeded):
        compile_ruleset(load(f"{HEAD}rules:\n  - id: r\n    when: {{tags: [{tags}]}}\n{THEN}"))
