"""Executions, days since, counts, levels, channels and timings are part of the proof."""

import pytest

from engine.model.diagnostic import Witness
from tests.analysis.reading import check, codes, only

SUSPEND = "then: {action: suspend_service}"
HOLD = "then: {action: credit_hold}"
REMIND = "then: {action: send_reminder, channel: email}"


def rules(*written: str, head: str = "") -> str:
    """A ruleset of those rules, one a line."""
    return f"{head}rules:\n" + "".join(f"  - {{{rule}}}\n" for rule in written)


def test_an_earlier_rule_steps_aside() -> None:
    """A rule wholly behind another wins once that one is carried out, so it is no rule that never wins."""
    text = rules(f"id: a, {SUSPEND}", f"id: b, when: {{vip: true}}, {HOLD}")
    found = check(text)
    assert codes(found) == ["only-after-others"]
    assert only(found, "only-after-others").subject == "b"


def test_a_rule_behind_one_that_never_rests_never_wins() -> None:
    """An earlier rule that may be repeated every day, however often, never steps aside for good, but rests that day."""
    repeated = rules(f"id: a, repeat: {{every_days: 1}}, {SUSPEND}", f"id: b, {HOLD}")
    assert codes(check(repeated)) == ["only-after-others"]


def test_stateless_rules_never_step_aside() -> None:
    """Without history the rule behind never wins, and the rule in front is named."""
    found = only(check(rules(f"id: a, {SUSPEND}", f"id: b, {HOLD}", head="stateless: true\n")), "never-wins")
    assert found.diagnostic.message == "The rule “b” never wins: the rule “a” covers it."
    assert (found.diagnostic.line, found.diagnostic.column) == (4, 5)


def test_covering_rules_are_named_together() -> None:
    """Of the rules in front only those are named without which the rule could win."""
    text = rules(
        f"id: early, when: {{days_overdue: ..9}}, {SUSPEND}",
        f"id: vip, when: {{vip: true}}, {SUSPEND}",
        f"id: late, when: {{days_overdue: 5..}}, {SUSPEND}",
        f"id: never, when: {{days_overdue: 3..}}, {HOLD}",
        head="stateless: true\n",
    )
    message = only(check(text), "never-wins").diagnostic.message
    assert message == "The rule “never” never wins: the rules “early” and “late” cover it together."


def test_a_block_covers_a_rule() -> None:
    """A rule that a block always goes before is said to be covered by the block."""
    head = "blocks:\n  - {id: dispute, when: {disputed: true}, reason: Disputed}\n"
    found = only(check(rules(f"id: a, when: {{disputed: true}}, {SUSPEND}", head=head)), "never-wins")
    assert found.diagnostic.message == "The rule “a” never wins: the block “dispute” covers it."


def test_applies_to_excludes_a_rule() -> None:
    """A rule for accounts that the ruleset does not cover never wins."""
    found = check(rules(f"id: a, when: {{country: BE}}, {SUSPEND}", head="applies_to: {country: NL}\n"))
    assert "no account of “applies_to”" in only(found, "never-wins").diagnostic.message


@pytest.mark.parametrize(
    ("ladder", "expected"), [("catch_up", []), ("most_severe", []), ("strict", []), ("none", ["only-after-others"])]
)
def test_the_order_of_levels_is_no_finding(ladder: str, expected: list[str]) -> None:
    """That a higher level waits for a lower one is what a ladder is for; where levels are labels it is not."""
    text = rules(
        f"id: a, level: 1, {SUSPEND}",
        f"id: b, level: 2, when: {{days_overdue: 30..}}, {HOLD}",
        head=f"ladder: {ladder}\n",
    )
    assert codes(check(text)) == expected


def test_a_waiting_rule_has_the_days_of_its_forerunner_behind_it() -> None:
    """The days overdue after an execution are at least its own and those gone by, through a chain of rules as well."""
    text = rules(
        f"id: a, when: {{days_overdue: 10..}}, {SUSPEND}",
        f"id: b, after: {{rule: a, days: 10}}, {HOLD}",
        "id: c, when: {days_overdue: ..29}, after: {rule: b, days: 10}, then: {action: write_off}",
        "id: d, when: {days_overdue: ..30}, after: {rule: b, days: 10}, then: {action: block_changes}",
    )
    found = only(check(text), "after-never-met")
    assert found.subject == "c"
    assert found.diagnostic.message == (
        "The rule “c” waits for “b”, which comes so late that days_overdue is 30 by then, and “when” ends at 29."
    )


def test_a_deadline_is_counted_from_the_day_it_was_set() -> None:
    """Days after a deadline are days after the notice and the days it gave."""
    text = rules(
        "id: a, when: {days_overdue: 14..}, then: {action: send_dunning_notice, channel: letter, pay_within_days: 14}",
        f"id: b, when: {{days_overdue: ..28}}, after: {{rule: a, days: 1, from: pay_by}}, {SUSPEND}",
        f"id: c, when: {{days_overdue: ..29}}, after: {{rule: a, days: 1, from: pay_by}}, {HOLD}",
    )
    assert only(check(text), "after-never-met").subject == "b"


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("{rule: a, from: pay_by}", "sets no deadline: its action has no pay_within_days"),
        ("{rule: a, times: 2}", "is executed once at most, and 2 times are asked for"),
    ],
)
def test_why_an_after_is_never_met(after: str, why: str) -> None:
    """The message says what the rule waited for does not do."""
    text = rules(
        f"id: a, when: {{days_overdue: 3..}}, {SUSPEND}",
        f"id: b, after: {after}, {HOLD}",
    )
    assert only(check(text), "after-never-met").diagnostic.message.endswith(f", which {why}.")


def test_rules_that_wait_for_each_other_are_never_reached() -> None:
    """Rules in a circle can never begin, though any one of them could be history: one mistake, told at the first."""
    text = rules(
        f"id: a, after: {{rule: c}}, {SUSPEND}",
        f"id: b, after: {{rule: a}}, {HOLD}",
        f"id: c, after: {{rule: b}}, {REMIND}",
        f"id: d, after: {{rule: c}}, {SUSPEND}",
    )
    found = [each.diagnostic.message for each in check(text) if each.diagnostic.code == "after-never-met"]
    in_turn = "in turn, so that none of them can ever come first."
    assert found == [
        f"The rule “a” waits for “c”, which waits for “b” and that for “a” {in_turn}",
    ]


def test_one_mistake_is_one_finding() -> None:
    """Who follows a rule that never wins, and who asks for a condition that never holds, is not accused as well."""
    text = rules(
        f"id: dead, when: {{vip: {{is: missing}}}}, {SUSPEND}",
        f"id: b, after: {{rule: dead}}, {HOLD}",
        f"id: c, after: {{rule: b}}, {HOLD}",
        f"id: d, when: {{days_overdue: 3.., nobody: true}}, {REMIND}",
        f"id: e, when: {{any: [{{nobody: true}}]}}, {REMIND}",
        head="conditions: {nobody: {days_overdue: {at_least: 9, at_most: 5}}}\n",
    )
    assert [each.subject for each in check(text)] == ["nobody", "dead"]


@pytest.mark.parametrize(("level", "said"), [(1, "has level 2;"), (2, "has level 2 too;")])
def test_a_step_below_the_one_it_follows_has_its_level_named(level: int, said: str) -> None:
    """What the step asks is right, and its level is passed by then."""
    text = rules(
        f"id: first, level: 2, when: {{days_overdue: 3..}}, {SUSPEND}",
        f"id: next, level: {level}, after: {{rule: first, days: 3}}, {HOLD}",
    )
    found = only(check(text), "never-wins").diagnostic
    assert said in found.message
    assert found.hint == "Give it a level above 2."


def test_repeats_are_counted() -> None:
    """A rule that may be repeated twice meets an `after` of two times, not of three."""
    text = rules(
        f"id: a, when: {{days_overdue: 3..}}, repeat: {{every_days: 7, at_most: 2}}, {REMIND}",
        f"id: b, after: {{rule: a, times: 2}}, {SUSPEND}",
        f"id: c, after: {{rule: a, times: 3}}, {HOLD}",
    )
    assert only(check(text), "after-never-met").subject == "c"


def test_what_is_undone_can_be_done_again() -> None:
    """A rule that another undoes is not thought to be done for good."""
    text = rules(
        f"id: suspend, when: {{overdue_balance: {{at_least: 10}}}}, {SUSPEND}",
        "id: restore, when: {overdue_balance: 0}, undoes: [suspend], repeat: {every_days: 1}, "
        "then: {action: restore_service}",
    )
    assert codes(check(text)) == []


def test_a_timing_is_days_overdue() -> None:
    """A rule that is not before day 30 and ends on day 20 has nothing that meets all it asks; what clashes is named."""
    text = rules(f"id: a, when: {{days_overdue: ..20}}, timing: {{days_after_due: 30}}, {SUSPEND}")
    assert only(check(text), "never-wins").diagnostic.message == (
        "The rule “a” never wins: its “when” and its “timing” never hold together."
    )


def test_a_stopped_action_is_no_cover() -> None:
    """Where a block stops the action of the rule in front, the rule behind wins."""
    head = "stateless: true\nblocks:\n  - {id: b, when: {vulnerable: true}, stops: [suspend_service], reason: Care}\n"
    assert "never-wins" not in codes(check(rules(f"id: a, {SUSPEND}", f"id: b, {HOLD}", head=head)))
    same = rules(f"id: a, {SUSPEND}", f"id: b, when: {{vip: true}}, {SUSPEND}", head=head)
    assert only(check(same), "never-wins").subject == "b"


def test_a_closed_channel_is_no_cover() -> None:
    """A contact rule in front covers only accounts that have one of its channels."""
    head = "stateless: true\n"
    other = rules(f"id: a, {REMIND}", "id: b, then: {action: send_reminder, channel: letter}", head=head)
    assert "never-wins" not in codes(check(other))
    fewer = rules(
        "id: a, then: {action: send_reminder, channel: [email, letter]}",
        "id: b, then: {action: place_call, channel: letter}",
        head=head,
    )
    assert only(check(fewer), "never-wins").subject == "b"


def test_a_level_cut_off_is_told_once() -> None:
    """Where a strict ladder is cut off, the level above is told, and not each of its rules."""
    text = rules(
        f"id: a, level: 1, when: {{days_overdue: {{at_least: 9, at_most: 3}}}}, {SUSPEND}",
        f"id: b, level: 2, {HOLD}",
        f"id: c, level: 2, when: {{vip: true}}, {HOLD}",
        head="ladder: strict\n",
    )
    found = check(text)
    assert [each.subject for each in found if each.diagnostic.code == "level-unreachable"] == ["b"]
    assert "never-wins" not in codes(found)


def test_days_before_the_first_rule_are_no_gap() -> None:
    """An ordinary ladder leaves nobody out: waiting brings every account to it."""
    text = rules(f"id: a, level: 1, when: {{days_overdue: 3..}}, {REMIND}")
    assert codes(check(text)) == []
    ended = rules(f"id: a, level: 1, when: {{days_overdue: 3..10}}, {REMIND}")
    found = only(check(ended), "gap")
    assert found.diagnostic.severity == "info"
    assert found.diagnostic.message == "Nothing is ever done for accounts with “days_overdue: 11..”."


def test_what_is_ignored_is_no_gap() -> None:
    """Nobody owes less than what the ruleset ignores; a cent more than that is still left out."""
    text = rules(f"id: a, when: {{open_balance: {{at_least: 5}}}}, {SUSPEND}")
    assert only(check(text), "gap").diagnostic.message.endswith("“open_balance: 0.01..4.99”.")
    assert (
        codes(check(rules(f"id: a, when: {{open_balance: {{at_least: 5}}}}, {SUSPEND}", head="ignore_below: 5\n")))
        == []
    )
    found = check(rules(f"id: a, when: {{open_balance: {{at_least: 5.01}}}}, {SUSPEND}", head="ignore_below: 5\n"))
    assert only(found, "gap").diagnostic.message.endswith("“open_balance: 5.00”.")


def test_a_closed_channel_is_told_as_such() -> None:
    """A stateless rule covers whom it can reach: only the others are said to be left out."""
    told = {
        "": "that email does not reach",
        "when: {vip: true}, ": "with “vip: false”, nor those that email does not reach",
        "when: {days_overdue: 3..}, ": "with “days_overdue: ..2 or missing”, nor those that email does not reach",
    }
    for when, kinds in told.items():
        found = check(rules(f"id: a, {when}{REMIND}", head="stateless: true\n"))
        assert only(found, "gap").diagnostic.message == f"No rule covers accounts {kinds}."


def test_an_otherwise_leaves_no_gap() -> None:
    """Where something is done otherwise nobody is left out."""
    text = rules(f"id: a, when: {{vip: true}}, {SUSPEND}", head="otherwise: {action: notify_team, assign_to: us}\n")
    assert codes(check(text)) == []


def test_a_weekend_swallows_only_what_it_can() -> None:
    """Two days can be a weekend, three cannot; where Sunday is the weekend one can, and one in each of some weeks."""
    call = "then: {action: place_call, channel: phone}"
    assert "weekend-skips" in codes(check(rules(f"id: a, when: {{days_overdue: 5..6}}, {call}")))
    assert "weekend-skips" not in codes(check(rules(f"id: a, when: {{days_overdue: 5..7}}, {call}")))
    sunday = "calendar: {weekend: [sunday]}\n"
    assert "weekend-skips" not in codes(check(rules(f"id: a, when: {{days_overdue: 5..6}}, {call}", head=sunday)))
    assert "weekend-skips" in codes(check(rules(f"id: a, when: {{days_overdue: [5, 12, 19]}}, {call}", head=sunday)))
    assert "weekend-skips" not in codes(check(rules(f"id: a, when: {{days_overdue: [5, 13]}}, {call}", head=sunday)))


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("contact_limits: [{channel: sms, at_most: 0, per_days: 7}]\n", " (a contact limit is 0)"),
        ("facts: {channels: {type: set, values: [email]}}\n", " (“channels” is declared with email only)"),
    ],
)
def test_what_closes_a_channel_is_told(head: str, why: str) -> None:
    """The message says why nobody can be reached, for an action and for one along with it."""
    text = rules(
        "id: a, when: {vip: true}, then: {action: send_reminder, channel: sms}",
        "id: b, then: {action: suspend_service, along_with: [{action: place_call, channel: sms}]}",
        head=head,
    )
    messages = [each.diagnostic.message for each in check(text) if each.diagnostic.code == "no-channel"]
    assert messages == [
        f"The rule “a” never wins: no account can be reached by sms{why}.",
        f"The place_call along with “b” is always left out: sms is open to nobody{why}.",
    ]


def test_a_level_that_is_waited_for_and_never_comes() -> None:
    """It is said of the rule of that level, and not of who waits for it."""
    text = rules(
        f"id: a, level: 1, when: {{vip: {{is: missing}}}}, {SUSPEND}",
        f"id: b, after: {{level: 1}}, {HOLD}",
    )
    assert [each.subject for each in check(text)] == ["a"]


NO_DEBT = "when: {days_overdue: {is: missing}}"


def test_what_is_done_between_episodes_steps_aside() -> None:
    """With nothing open a rule wins once as well, so the one behind it has its turn; the account shown names that."""
    found = only(check(rules(f"id: a, {NO_DEBT}, {SUSPEND}", f"id: b, {NO_DEBT}, {HOLD}")), "only-after-others")
    assert found.diagnostic.witness is not None
    assert isinstance(found.diagnostic.witness, Witness)
    assert found.diagnostic.witness.history == ({"rule": "a", "at": "2026-01-04", "episode": "none"},)


def test_what_is_done_about_a_debt_is_not_done_between_episodes() -> None:
    """A rule that waits, with nothing open, for one that only a debt brings never wins; any other can be waited for."""
    waiting = f"id: b, {NO_DEBT}, after: {{rule: a}}, {HOLD}"
    of_debt = check(rules(f"id: a, when: {{days_overdue: 3..}}, {SUSPEND}", waiting))
    assert only(of_debt, "after-never-met").subject == "b"
    of_timing = check(rules(f"id: a, timing: {{days_after_due: 3}}, {SUSPEND}", waiting))
    assert "after-never-met" in codes(of_timing)
    of_neither = check(rules(f"id: a, when: {{card_expires_in_days: 0..20}}, {SUSPEND}", waiting))
    assert "after-never-met" not in codes(of_neither)


def test_a_level_that_only_a_debt_brings_is_none_between_episodes() -> None:
    """A step of the ladder that is taken for a debt leaves the level at 0 where nothing is open."""
    step = f"id: b, level: 2, when: {{days_overdue: {{is: missing}}, dunning_level: 1}}, {HOLD}"
    of_debt = check(rules(f"id: a, level: 1, when: {{days_overdue: 3..}}, {SUSPEND}", step))
    assert only(of_debt, "never-wins").subject == "b"
    of_any = check(rules(f"id: a, level: 1, when: {{vip: true}}, {SUSPEND}", step))
    assert "never-wins" not in codes(of_any)


EXPERIMENT = """\
ladder: strict
experiments: {{e: {{variants: {{a: 50, b: 50}}{until}}}}}
rules:
  - {{id: one, level: 1, then: {{action: assign_task}}}}
  - {{id: two, level: 2, when: {{experiment: {{e: {variant}}}}}, then: {{action: assign_task}}}}
  - {{id: three, level: 3, then: {{action: assign_task}}}}
"""


@pytest.mark.parametrize(
    ("variant", "until", "is_stuck"),
    [("a", "", True), ("a", ", until: 2027-01-01", False), ("b", ", until: 2027-01-01", True)],
)
def test_a_variant_without_a_step_stops_its_accounts_for_good(variant: str, until: str, is_stuck: bool) -> None:  # noqa: FBT001
    """Who is in the other variant stays in it, unless the experiment ends: then all are in the first."""
    found = check(EXPERIMENT.format(variant=variant, until=until))
    assert ("ladder-stuck" in codes(found)) == is_stuck
