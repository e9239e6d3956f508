"""Windows of countdowns and rests are part of the proof, and of the accounts that show it."""

import datetime as dt

import pytest

from engine.analysis.analyse import DEFAULT_BUDGET
from engine.analysis.showing import wins
from engine.conditions.sets import integers
from engine.coordinates.countdowns import find_windows
from engine.coordinates.executions import done, since_executed
from engine.coordinates.facts import fact_coordinate
from engine.coordinates.plan import Planner
from engine.evaluation.program import compile_ruleset
from engine.proofs.examples import list_questions
from engine.proofs.prover import Prover
from engine.worlds.confirming import find_confirmed
from engine.worlds.setting import setting_of
from engine.worlds.sketch import Sketcher
from engine.worlds.wishes import Wishes
from tests.analysis.reading import check, codes, load, only

RENEWAL = "  - {id: renewal, when: {days_until_renewal: 0..30}, then: {action: suspend_service}}\n"
AS_OF = dt.date(2026, 3, 2)
THEN = "then: {action: credit_hold}"


def rules(*written: str) -> str:
    """A ruleset of the renewal notice and rules behind it."""
    return "otherwise: {action: notify_team}\nrules:\n" + RENEWAL + "".join(f"  - {{{rule}}}\n" for rule in written)


def test_a_follow_up_on_the_last_day_is_reached() -> None:
    """Thirty days after the first day of the window the fact is 0, and the follow-up still wins."""
    found = check(rules(f"id: last, when: {{days_until_renewal: 0..}}, after: {{rule: renewal, days: 30}}, {THEN}"))
    assert codes(found) == []


def test_a_follow_up_a_day_later_is_never_met() -> None:
    """What was executed in the window cannot be longer ago than the window is open, and that is said."""
    found = check(rules(f"id: last, when: {{days_until_renewal: 0..}}, after: {{rule: renewal, days: 31}}, {THEN}"))
    assert only(found, "after-never-met").diagnostic.message == (
        "The rule “last” waits for “renewal”, which counts only from the day on which days_until_renewal is 30, "
        "and “when” does not hold 31 days later or after."
    )


def test_a_follow_up_before_the_window_is_never_met() -> None:
    """Where the fact is above the highest value, nothing has been executed in the window yet."""
    found = check(rules(f"id: early, when: {{days_until_renewal: 31..}}, after: {{rule: renewal}}, {THEN}"))
    assert "does not hold from then on" in only(found, "after-never-met").diagnostic.message


def test_a_countdown_that_is_set_back_brings_executions_together() -> None:
    """A rule without repeat may count twice, where the fact was put off in between."""
    found = check(rules(f"id: twice, when: {{vip: true}}, after: {{rule: renewal, times: 2}}, {THEN}"))
    assert "after-never-met" not in codes(found)


@pytest.mark.parametrize(
    "rule",
    [
        f"id: told, when: {{days_until_renewal: 3..10}}, after: {{rule: renewal, days: 7}}, {THEN}",
        f"id: told, when: {{days_overdue: 3..}}, repeat: {{every_months: 2, at_most: 3}}, {THEN}",
        f"id: told, when: {{vip: true}}, repeat: {{every_business_days: 5, at_most: 2, per_days: 30}}, {THEN}",
    ],
)
def test_whoever_is_shown_was_asked(rule: str) -> None:
    """Where a rule wins, first or again, an account is written with such a history, and it wins."""
    compiled = compile_ruleset(load(rules(rule)))
    prover = Prover(compiled.programs["EUR"], budget=DEFAULT_BUDGET)
    boxes = list(prover.show_win(prover.indices["told"]))
    assert boxes
    for box in boxes:
        assert find_confirmed(list_questions(prover, [box]), wins("told"), compiled, most=40) is not None, box


def test_a_countdown_is_written_so_that_what_was_executed_counts() -> None:
    """Twenty days after the notice the fact is 10 at most, though the rule itself would let it be 30."""
    program = compile_ruleset(load(rules())).programs["EUR"]
    until = fact_coordinate(program.edition.facts["days_until_renewal"])
    asked = [(done("renewal"), integers((1, 1))), (since_executed("renewal"), integers((20, None)))]
    wishes = Wishes([*asked, (until, integers((5, 30)))])
    question = Sketcher(setting_of(program), "A-{}".format).sketch(wishes, as_of=AS_OF)
    assert question.history == ({"rule": "renewal", "at": "2026-02-10"},)
    assert question.account["days_until_renewal"] == 5


def test_what_is_written_out_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound a countdown that stands beside the parts of a condition, and in none, has its window still."""
    monkeypatch.setattr("engine.coordinates.plan.MOST_BOXES", 1)
    monkeypatch.setattr("engine.coordinates.countdowns._MOST_STEPS", 0)
    beside = f"  - {{id: a, when: {{days_until_renewal: ..30, any: [{{plan: x}}, {{vip: true}}]}}, {THEN}}}\n"
    within = f"  - {{id: b, when: {{any: [{{days_until_renewal: ..30}}, {{days_until_renewal: 40}}]}}, {THEN}}}\n"
    some = "[{days_until_renewal: ..30, vip: true}, {days_until_renewal: 4}]"
    inside = f"  - {{id: c, when: {{plan: x, any: {some}}}, {THEN}}}\n"
    edition = (ruleset := load(f"rules:\n{beside}{within}{inside}")).editions["EUR"]
    planner = Planner(ruleset, edition)
    planner.plan()
    assert find_windows(edition, planner).keys() == {"a", "b"}


@pytest.mark.parametrize("most", [1_000, 1])
def test_a_window_is_that_of_all_boxes(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conditions over parts of themselves have the windows that they have written out."""
    text = (
        "rules:\n"
        "  - {id: a, when: {plan: x, any: [{plan: y, days_until_renewal: ..90}, {plan: x, days_until_renewal: ..30}]}, "
        f"{THEN}}}\n"
        f"  - {{id: b, when: {{none: [{{days_until_renewal: 31..}}]}}, {THEN}}}\n"
        "  - {id: c, when: {none: [{days_until_renewal: 31..}, {days_until_renewal: {is: missing}}]}, "
        f"{THEN}}}\n"
    )
    monkeypatch.setattr("engine.coordinates.plan.MOST_BOXES", most)
    ruleset = load(text)
    edition = ruleset.editions["EUR"]
    planner = Planner(ruleset, edition)
    planner.plan()
    found = find_windows(edition, planner)
    assert {rule: [each.highest for each in window] for rule, window in found.items()} == {"a": [30], "c": [30]}
