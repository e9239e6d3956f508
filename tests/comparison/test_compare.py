"""What counts as the same behaviour, and how a difference is told."""

import copy
import random
from collections.abc import Mapping

import pytest
import yaml

from engine.comparison.compare import DEFAULT_BUDGET, compare
from engine.comparison.difference import Difference, Sample
from engine.comparison.verdict import UNUSUAL, say_verdict
from engine.evaluation.decide import next_action
from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.decision import Decision
from engine.model.ruleset import Ruleset
from tests.comparison.rulesets import HEAD, LADDER, REMIND, differ, load, rows_of, where


def test_same_text_is_the_same() -> None:
    """A ruleset compared with itself has nothing to tell."""
    difference = differ(LADDER, LADDER)
    assert difference.is_text_same
    assert difference.is_behaviour_same


def test_white_space_and_comments_do_not_count() -> None:
    """Comments, white space and the order of keys change nothing that is written."""
    difference = differ(LADDER, "# a comment\n" + LADDER.replace("id: remind, level: 1", "level: 1,   id: remind"))
    assert difference.is_text_same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("when: {days_overdue: 3..}", "when: {any: [{days_overdue: 3..9}, {days_overdue: 10..}]}"),
        ("when: {days_overdue: 3..}", "when: {days_overdue: {more_than: 2}}"),
        ("id: remind, level: 1", "id: remind, title: Friendly, basis: [practice], level: 1"),
        ("channel: letter", "channel: [letter]"),
    ],
)
def test_the_same_said_otherwise_is_no_change(old: str, new: str) -> None:
    """Another wording of a condition, a title or a legal basis: proved to change no decision."""
    difference = differ(LADDER, LADDER.replace(old, new))
    assert difference.changes
    assert difference.is_behaviour_same


def test_rule_that_can_never_win_may_go() -> None:
    """Taking away a rule that others always go before changes nothing."""
    text = """stateless: true
rules:
  - {id: all, when: {days_overdue: 3..}, then: {action: notify_team}}
  - {id: never, when: {days_overdue: 20..}, then: {action: assign_task}}
"""
    assert differ(text, text.rpartition("  - ")[0]).is_behaviour_same


def test_stateless_rule_split_in_two_is_no_change() -> None:
    """Where what was executed does not matter, two rules for the halves are as good as one for both."""
    one = "stateless: true\nrules:\n  - {id: a, when: {days_overdue: 3..}, then: {action: notify_team}}\n"
    two = """stateless: true
rules:
  - {id: a-vip, when: {days_overdue: 3.., vip: true}, then: {action: notify_team}}
  - {id: a-rest, when: {days_overdue: 3.., vip: false}, then: {action: notify_team}}
"""
    assert differ(one, two).is_behaviour_same


def test_step_split_in_two_differs_only_in_the_unusual() -> None:
    """On a ladder the halves stand in for the whole, unless the level was set lower by hand."""
    rule = f"  - {{id: remind, level: 1, when: {{days_overdue: 3..}}, {REMIND}}}\n"
    vip, rest = (rule.replace("3..}", f"3.., vip: {word}}}") for word in ("true", "false"))
    halves = vip + rest.replace("remind,", "rest,", 1)
    difference = differ(LADDER, LADDER.replace(rule, halves))
    assert not difference.is_behaviour_same
    assert difference.is_usually_same


def test_rule_without_level_split_in_two_may_come_twice() -> None:
    """Without a level, whoever had the whole and is in the other half now gets the same once more: a real change."""
    one = "rules:\n  - {id: a, when: {days_overdue: 3..}, then: {action: notify_team}}\n"
    two = one.replace("3..}", "3.., vip: true}") + one.replace("rules:\n", "").replace("id: a", "id: rest").replace(
        "3..}", "3.., vip: false}"
    )
    difference = differ(one, two)
    usual = [row for row in rows_of(difference) if not row.is_unusual]
    assert [(row.was, row.becomes) for row in usual] == [
        (("no rule wins (it waits, or there is nothing to do)",), ("rest: notify team",))
    ]
    assert "@done:a" in where(usual[0])[0]


def test_threshold_moved_is_told_in_one_row() -> None:
    """A later first day shows as the days between, with what was done and what is now."""
    difference = differ(LADDER, LADDER.replace("days_overdue: 14..", "days_overdue: 16.."))
    row = next(row for row in rows_of(difference) if not row.is_unusual)
    assert [place["days_overdue"] for place in where(row)] == ["days overdue 14 to 15"]
    assert row.was == ("warn: send dunning notice by letter, level 2",)
    assert row.becomes == ("no rule wins (it waits, or there is nothing to do)",)
    assert "remind" in row.unless


def test_changed_parameter_is_spelt_out() -> None:
    """Of two like actions only what differs is said."""
    row = rows_of(differ(LADDER, LADDER.replace("tone: friendly", "tone: firm")))[0]
    assert row.was[0].endswith("tone friendly")
    assert row.becomes[0].endswith("tone firm")


def test_order_of_channels_matters_only_where_both_are_open() -> None:
    """Another order of channels changes the decision just for accounts on which both are open."""
    row = rows_of(differ(LADDER, LADDER.replace("[email, sms]", "[sms, email]")))[0]
    assert {"@reach:email", "@reach:sms"} <= where(row)[0].keys()
    assert row.sample is not None
    assert (row.sample.was, row.sample.becomes) == (
        "remind: send reminder by email",
        "remind: send reminder by sms",
    )


def test_contact_limit_raised_is_told_by_the_contacts() -> None:
    """A limit that allows one contact more shows as accounts with just that many contacts."""
    old, new = (f"contact_limits: [{{channel: email, at_most: {most}, per_days: 7}}]\n" for most in (1, 2))
    rows = rows_of(differ(old + LADDER, new + LADDER))
    told = {place["@contacts:email:7"] for row in rows for place in where(row) if "@contacts:email:7" in place}
    assert "contacts by email in 7 days 1" in told


def test_coverage_is_compared_first() -> None:
    """Accounts that are no longer covered are one row, whatever was decided for them."""
    difference = differ("applies_to: {country: [NL, BE]}\n" + LADDER, "applies_to: {country: NL}\n" + LADDER)
    (row,) = rows_of(difference)
    assert (row.was, row.becomes) == (("covered",), ("not covered",))
    assert where(row) == [{"country": "country BE"}]


def test_fact_that_must_be_given_is_a_refusal() -> None:
    """A fact that may no longer be left out shows as accounts that are refused."""
    rules = "rules: [{id: a, when: {mood: good}, then: {action: notify_team}}]\n"
    old = "facts: {mood: {type: enum, values: [good, bad], optional: true}}\n" + rules
    (row,) = rows_of(differ(old, old.replace(", optional: true", "")))
    assert row.becomes == ("refused: a fact is missing or has a value that is not allowed",)
    assert where(row) == [{"mood": "mood not given"}]


def test_other_default_is_told_for_whoever_leaves_the_fact_out() -> None:
    """Where a default changes, accounts without the fact are decided otherwise, and only they."""
    rules = "rules: [{id: a, when: {keen: true}, then: {action: notify_team}}]\n"
    old = "facts: {keen: {type: boolean, default: false}}\n" + rules
    rows = rows_of(differ(old, old.replace("default: false", "default: true")))
    assert [where(row)[0]["keen"] for row in rows] == ["keen not given"]


def test_block_that_is_new_is_one_row() -> None:
    """Many rules that give way to one new block are told together."""
    difference = differ(LADDER, "blocks: [{id: vip, when: {vip: true}, reason: Ask sales.}]\n" + LADDER)
    (row,) = rows_of(difference)
    assert row.becomes == ("blocked by vip",)
    assert where(row) == [{"vip": "vip"}]


def test_reason_of_a_block_is_only_text() -> None:
    """Other words for the same block change no decision."""
    old = "blocks: [{id: vip, when: {vip: true}, reason: Ask sales.}]\n" + LADDER
    assert differ(old, old.replace("Ask sales.", "Ask the sales team.")).is_behaviour_same


def test_terms_of_a_fee_affect_every_decision_that_carries_it() -> None:
    """What a fee comes to is no box: it is said which rules carry it, and each term as it was and is."""
    fee = "fees: {late: {fixed: 40}}\n"
    charged = LADDER.replace("pay_within_days: 14", "pay_within_days: 14, fee: late")
    difference = differ(fee + charged, fee.replace("40", "45") + charged)
    (effect,) = difference.effects
    assert effect.affects == "every decision that carries it (warn)"
    assert (effect.what, effect.was, effect.becomes) == ("fee late (EUR)", "fixed 40", "fixed 45")
    assert not rows_of(difference)
    assert not difference.is_behaviour_same


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("timezone: Europe/Paris", "timezone"),
        ("timezone: Europe/Amsterdam\neffective: {from: 2026-01-01}", "effective"),
        ("timezone: Europe/Amsterdam\ncalendar: {country: NL}", "calendar"),
        ("timezone: Europe/Amsterdam\ntrack: other", "track"),
        ("timezone: Europe/Amsterdam\nignore_below: 1", "ignore_below (EUR)"),
        ("timezone: Europe/Amsterdam\ntolerance_days: 3", "tolerance_days"),
    ],
)
def test_what_no_box_shows_is_an_effect(change: str, what: str) -> None:
    """Zone, period, calendar and track are told as what they affect."""
    old, new = load_ruleset(HEAD + LADDER), load_ruleset(HEAD.replace("timezone: Europe/Amsterdam", change) + LADDER)
    assert old.ruleset is not None
    assert new.ruleset is not None
    difference = compare(old.ruleset, new.ruleset)
    assert [effect.what for effect in difference.effects] == [what]
    assert not difference.is_behaviour_same


LIMITS = "contact_limits: [{channel: phone, at_most: 2, per_days: 7}, {channel: sms, at_most: 1, per_days: 7}]\n"


def test_who_loses_the_only_open_channel_is_told() -> None:
    """A stricter limit of the channel that an account prefers leaves another open, or none: each is a row."""
    rule = "{id: r, when: {days_overdue: 1..}, then: {action: send_reminder, channel: [preferred, email]}}"
    old = f"{LIMITS}rules: [{rule}]\n"
    rows = rows_of(differ(old, old.replace("at_most: 2", "at_most: 1")))
    assert [row.becomes[0].partition(":")[0] for row in rows] == [
        "r",
        "no rule wins (it waits, or there is nothing to do)",
    ]
    assert [row.sample.becomes for row in rows if row.sample] == ["r: send reminder by email", "nothing now"]


@pytest.mark.parametrize(
    ("old", "new", "affects", "was", "becomes"),
    [
        (
            'phone: "09:00-20:00"',
            'phone: "09:00-18:00"',
            "when contacts by phone are scheduled: at what time, and on the next day if it is late",
            "hours.phone 09:00-20:00",
            "hours.phone 09:00-18:00",
        ),
        (
            'default: "08:00-20:00"',
            'default: "08:00-19:00"',
            "when contacts are scheduled: at what time, and on the next day if it is late",
            "hours.default 08:00-20:00",
            "hours.default 08:00-19:00",
        ),
        (
            "paydays: [25]",
            "paydays: [1]",
            "when actions that wait for a payday are scheduled, and their pay_by",
            "paydays [25]",
            "paydays [1]",
        ),
    ],
)
def test_of_a_calendar_it_is_said_what_moves(old: str, new: str, affects: str, was: str, becomes: str) -> None:
    """Hours name the channels that they are of, and each key is told as it was and is."""
    calendar = 'calendar: {country: NL, hours: {default: "08:00-20:00", phone: "09:00-20:00"}, paydays: [25]}\n'
    (effect,) = differ(calendar + LADDER, calendar.replace(old, new) + LADDER).effects
    assert (effect.affects, effect.was, effect.becomes) == (affects, was, becomes)


def test_terms_in_another_currency_are_left_out_of_an_effect() -> None:
    """An amount that moved in one of two currencies is told of that one alone."""
    fee = "fees: {late: {fixed: {EUR: 40, SEK: 450}}}\n"
    text = HEAD.replace("EUR", "[EUR, SEK]") + fee + LADDER.replace("pay_within_days: 14", "fee: late")
    old, new = (load_ruleset(each).ruleset for each in (text, text.replace("450", "500")))
    assert old is not None
    assert new is not None
    (effect,) = compare(old, new).effects
    assert (effect.what, effect.was, effect.becomes) == ("fee late (SEK)", "fixed.SEK 450", "fixed.SEK 500")


def test_another_window_is_an_effect() -> None:
    """What a countdown lets count hangs on history: it is said which executions count, in both directions."""
    old = "rules: [{id: renewal, when: {days_until_renewal: 0..30}, then: {action: notify_team}}]\n"
    wider, by_debt = old.replace("0..30", "0..45"), old.replace("0..30", "0..30, days_overdue: 1..")
    told = [[(e.what, e.was, e.becomes) for e in differ(old, new).effects] for new in (wider, by_debt)]
    what, at_30 = "rule renewal counts anew", "each time days_until_renewal comes down to 30"
    assert told == [
        [(what, at_30, "each time days_until_renewal comes down to 45")],
        [(what, at_30, "with each episode")],
    ]
    assert not differ(old, old.replace("0..30", "1..30")).effects


AT_ONCE = "rules: [{id: a, when: {days_overdue: 3..}, then: {action: notify_team}}]\n"


def test_renaming_is_told_for_accounts_in_an_episode() -> None:
    """A rule that is waited for is renamed: whoever has the old name in history waits for good, with an account."""
    difference = differ(LADDER, LADDER.replace("rule: warn", "rule: notice").replace("id: warn", "id: notice"))
    assert not difference.is_behaviour_same
    fresh, running = difference.editions
    assert (fresh.rows, fresh.is_running, running.is_running) == ((), False, True)
    (row,) = (row for row in running.rows if not row.is_unusual)
    assert row.was == ("hand-over: hand over, level 3",)
    assert row.sample is not None
    assert "warn" in [entry.get("rule") for entry in row.sample.history]
    assert (row.sample.was, row.sample.becomes) == ("hand-over: hand over", "nothing now")
    assert say_verdict(difference) == (
        "Behaviour changes for accounts in the middle of an episode, in 1 way. "
        "For new episodes no behaviour change: proved."
    )
    assert [(effect.kind, effect.was, effect.becomes) for effect in difference.effects] == [
        ("caution", "warn", "notice")
    ]


def test_a_step_with_another_name_is_no_proof_for_entries_without_level() -> None:
    """What was recorded by its rule alone has the level of that rule, and none where it has another name."""
    difference = differ(LADDER, LADDER.replace("id: remind", "id: first"))
    assert not difference.is_behaviour_same
    assert say_verdict(difference) == (
        f"No behaviour change, {UNUSUAL.replace('only', 'but', 1)}: "
        "proved for every account and every history whose entries carry their levels."
    )
    (caution,) = difference.effects
    assert "its level does where the entry carries one" in caution.affects
    labels = "ladder: none\nrules: [{id: a, level: 1, repeat: {every_days: 1}, then: {action: notify_team}}]\n"
    assert not differ(labels, labels.replace("id: a", "id: b")).are_levels_lost


def test_a_step_that_is_gone_is_told_for_entries_without_level() -> None:
    """Its entries raised the level as long as the rule was there."""
    caution = differ(LADDER, "rules:\n" + LADDER.partition("\n  - {id: remind")[2].partition("\n")[2]).effects[-1]
    assert (caution.kind, caution.what) == ("caution", "rule remind is gone")


def test_renamed_rule_that_no_history_is_asked_about_is_the_same() -> None:
    """Where what was executed does not matter, another name is proved to change nothing, running accounts included."""
    text = "stateless: true\n" + AT_ONCE
    difference = differ(text, text.replace("id: a", "id: b"))
    assert difference.changes
    assert difference.is_behaviour_same


def test_what_waits_for_what_went_before_differs_where_no_episode_is_named() -> None:
    """What names no episode between episodes holds back and satisfies no “after”; the headline and the row say so."""
    text = """\
rules:
  - {id: x, then: {action: notify_team, assign_to: a}}
  - {id: y, then: {action: notify_team, assign_to: b}}
"""
    difference = differ(text, text.replace("{id: y,", "{id: y, after: {rule: x},"))
    (row,) = difference.editions[0].rows
    assert row.is_unusual
    assert "between episodes, no episode" in say_verdict(difference)
    said = list(row.places[0].conditions.values())
    assert said == ["x not yet executed, with its episode named", "y not yet executed"]
    assert row.sample is not None
    assert [(entry["rule"], "episode" in entry) for entry in row.sample.history] == [("x", False)]


def test_what_was_executed_on_a_lower_level_is_unusual_too() -> None:
    """An entry names the level that its rule had; what hangs on that is not “set by hand”, and is not left out."""
    text = """\
rules:
  - {id: a, level: 1, repeat: {every_days: 1}, then: {action: notify_team, assign_to: a}}
  - {id: b, level: 2, then: {action: notify_team, assign_to: b}}
"""
    difference = differ(text, text.replace("every_days: 1", "every_days: 2"))
    assert difference.is_usually_same
    assert not difference.is_behaviour_same
    assert "where the level stands lower than what was executed" in say_verdict(difference)


def test_renamed_step_of_a_ladder_differs_only_in_the_unusual() -> None:
    """The level stands in for the old name, unless it was set lower by hand; the headline says so."""
    difference = differ(LADDER, LADDER.replace("id: remind", "id: nudge"))
    assert not difference.is_behaviour_same
    assert difference.is_usually_same
    assert "the level stands lower" in say_verdict(difference)


def test_renamed_and_changed_tells_both() -> None:
    """A rename does not hide what else changed, nor is that told again for running accounts."""
    renamed = LADDER.replace("rule: warn", "rule: notice").replace("id: warn", "id: notice")
    difference = differ(LADDER, renamed.replace("tone: friendly", "tone: firm"))
    fresh, running = difference.editions
    assert [row.becomes[0][-4:] for row in fresh.rows] == ["firm"]
    assert not any("firm" in words for row in running.rows if not row.is_unusual for words in row.becomes)
    assert say_verdict(difference) == (
        "1 way in which decisions differ, 1 way in which they do for accounts in the middle of an episode."
    )


WRITTEN_OUT = """
rules:
  - {id: t-a, when: {segment: x}, then: {action: send_reminder, channel: email, tone: firm}}
  - {id: t-b, when: {segment: y}, then: {action: send_reminder, channel: email, tone: final}}
  - {id: last, after: {rule: t-a}, then: {action: hand_over, to: agency}}
"""
TABLE = """
rules:
  - table: t
    then: {action: send_reminder, channel: email}
    columns: [id, segment, tone]
    rows:
      - [a, x, firm]
      - [b, y, final]
  - {id: last, after: {rule: t-a}, then: {action: hand_over, to: agency}}
"""
AWAITED = TABLE.replace("after: {rule: t-a}", "after: {rule: t}")


def test_rules_put_into_a_table_decide_the_same() -> None:
    """Rows are told from rules by what is written alone: there is a table now."""
    difference = differ(WRITTEN_OUT, TABLE)
    assert difference.is_behaviour_same
    assert [(each.part, each.name, each.kinds) for each in difference.changes] == [("table", "t", ("added",))]


def test_what_changes_in_all_rows_is_a_change_of_the_table() -> None:
    """It is told once; what changes in one of them besides is told of that row."""
    changed = TABLE.replace("channel: email", "channel: sms").replace("y, final", "y, firm")
    found = [(each.part, each.name, [d.path for d in each.details]) for each in differ(TABLE, changed).changes]
    assert found == [("table", "t", ["then.channel"]), ("rule", "t-b", ["then.tone"])]
    renamed = differ(AWAITED, AWAITED.replace("table: t", "table: u").replace("rule: t}", "rule: u}")).changes
    assert [(each.part, each.name, each.kinds, each.was_name) for each in renamed] == [
        ("table", "u", ("renamed",), "t"),
        ("rule", "u-a", ("renamed",), "t-a"),
        ("rule", "u-b", ("renamed",), "t-b"),
        ("rule", "last", ("changed",), None),
    ]


def test_a_moved_cell_is_the_change_of_its_row() -> None:
    """What changed is named by the row's id, with the line of the row and the key that the cell stands for."""
    difference = differ(TABLE, TABLE.replace("y, final", "y, firm"))
    changed = [(each.name, each.line, [detail.path for detail in each.details]) for each in difference.changes]
    assert changed == [("t-b", 12, ["then.tone"])]
    assert [(row.was, row.becomes) for row in rows_of(difference)] == [
        (("t-b: send reminder by email, tone final",), ("t-b: send reminder by email, tone firm",))
    ]


def test_who_waits_for_a_table_waits_for_any_row() -> None:
    """Waiting for the table in the place of one row is told as just what it adds, with an account."""
    (row,) = rows_of(differ(TABLE, AWAITED))
    assert row.becomes == ("last: hand over",)
    assert "t-a not yet executed" in where(row)[0].values()
    assert row.sample is not None
    assert [entry["rule"] for entry in row.sample.history] == ["t-b"]


def test_a_row_more_counts_for_who_waits_for_the_table() -> None:
    """A table with another row counts other executions; one of another name the same but under its rows' old names."""
    more = AWAITED.replace("      - [b,", "      - [c, z, firm]\n      - [b,")
    samples = [row.sample for row in rows_of(differ(AWAITED, more))]
    assert [entry["rule"] for sample in samples if sample is not None for entry in sample.history] == ["t-a", "t-c"]
    renamed = differ(AWAITED, AWAITED.replace("table: t", "table: u").replace("rule: t}", "rule: u}"))
    assert [each.is_running for each in renamed.editions if each.rows] == [True]


def test_a_row_more_changes_what_waits_for_the_table_only_where_it_was_executed() -> None:
    """As long as no account has executed the new row, both tables count the same, times and days alike."""
    waited = AWAITED.replace("{rule: t}", "[{rule: t, days: 7}, {rule: t, times: 2}]")
    rows = rows_of(differ(waited, waited.replace("      - [b,", "      - [c, z, firm]\n      - [b,")))
    assert len(rows) > 1
    assert [row.becomes[0][:3] for row in rows if not row.is_unusual] == ["t-c", "t-c"]


def test_a_row_less_changes_what_waits_for_the_table_in_the_usual_course() -> None:
    """What executed the row that is gone waits again."""
    rows = rows_of(differ(AWAITED, AWAITED.replace("      - [b, y, final]\n", "")))
    assert any("last: hand over" in row.was for row in rows if not row.is_unusual)


def test_a_rule_made_voluntary_differs_for_who_is_held_out() -> None:
    """Only accounts that an experiment holds out are treated otherwise, and a sample is one of them."""
    text = (
        "experiments: {offer: {variants: {a: 100}, hold_out: 5}}\nrules: [{id: gift, VOLUNTARYthen: {action: none}}]\n"
    )
    (row,) = rows_of(differ(text.replace("VOLUNTARY", ""), text.replace("VOLUNTARY", "voluntary: true, ")))
    assert "offer variant hold_out" in where(row)[0].values()
    assert row.sample is not None


def test_another_share_held_out_is_told() -> None:
    """Who is held out hangs on the share, so a change of it is told with both."""
    text = "experiments: {offer: {variants: {a: 100}, hold_out: 5}}\nrules: []\n"
    (effect,) = differ(text, text.replace("hold_out: 5", "hold_out: 7")).effects
    assert (effect.was, effect.becomes) == ("a 100 %, held out 5 %", "a 100 %, held out 7 %")


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("{a: 50, b: 50}, hold_out: 20", "{a: 50, b: 50}, hold_out: 10", {("hold_out", "a or b")}),
        ("{a: 50, b: 50}, hold_out: 10", "{a: 50, b: 50}, hold_out: 20", {("a or b", "hold_out")}),
        ("{a: 50, b: 50}, hold_out: 9", "{a: 50, b: 50}, hold_out: 9, until: 2027-01-01", {("hold_out", "a or b")}),
        ("{a: 100}, hold_out: 9, until: 2026-01-01", "{a: 100}, hold_out: 9, until: 2027-01-01", {("a", "hold_out")}),
    ],
)
def test_only_who_is_drawn_otherwise_differs(old: str, new: str, pairs: set[tuple[str, str]]) -> None:
    """Both draw from the same buckets, so a smaller share holds out nobody whom the larger does not."""
    text = "experiments: {e: {variants: SHARES}}\nrules: [{id: g, voluntary: true, then: {action: none}}]\n"
    rows = rows_of(differ(text.replace("SHARES", old), text.replace("SHARES", new)))
    told = [" and ".join(each.values()) for row in rows for each in where(row)]
    assert len(told) == len(pairs)
    for was, becomes in pairs:
        assert any(f"{was} as the old" in each and f"{becomes} as the new" in each for each in told)


def test_a_variant_that_grows_takes_from_the_next() -> None:
    """Of a 50 that become 60 nobody leaves, so nobody is newly in b."""
    rule = "{id: g, when: {experiment: {e: b}}, then: {action: none}}"
    text = f"experiments: {{e: {{variants: {{a: 50, b: 50}}}}}}\nrules: [{rule}]\n"
    (row,) = rows_of(differ(text, text.replace("a: 50, b: 50", "a: 60, b: 40")))
    assert row.sample is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("every_days: 1, at_most: 5, per_days: 100", "every_days: 1, at_most: 5, per_days: 90"),
        ("every_business_days: 5", "every_business_days: 3"),
    ],
)
def test_a_window_holds_what_a_shorter_one_does(old: str, new: str) -> None:
    """A rule that has to rest for less only comes sooner, and a rest that is longer ends later."""
    text = f"rules: [{{id: a, repeat: {{{old}}}, then: {{action: none}}}}]\n"
    (gained,) = rows_of(differ(text, text.replace(old, new)))
    assert gained.becomes[0].startswith("a")
    (lost,) = rows_of(differ(text.replace(old, new), text))
    assert lost.was[0].startswith("a")


def test_every_currency_is_compared() -> None:
    """An amount that changes in one currency shows in that currency alone."""
    text = "rules: [{id: a, when: {open_balance: {at_least: {EUR: 10, USD: 12}}}, then: {action: notify_team}}]\n"
    both = HEAD.replace("currency: EUR", "currency: [EUR, USD]")
    old, new = load_ruleset(both + text), load_ruleset(both + text.replace("USD: 12", "USD: 15"))
    assert old.ruleset is not None
    assert new.ruleset is not None
    difference = compare(old.ruleset, new.ruleset)
    assert [(edition.currency, bool(edition.rows)) for edition in difference.editions] == [
        ("EUR", False),
        ("USD", True),
    ]
    assert "open balance 12.00 to 14.99 USD" in where(difference.editions[1].rows[0])[0]["open_balance"]


EXAMPLES = (
    LADDER.replace("days_overdue: 14..", "days_overdue: 16.."),
    LADDER.replace("[email, sms]", "[sms, preferred]"),
    LADDER.replace("level: 2", "level: 4"),
    "ladder: most_severe\n" + LADDER,
    "dunning_interval_days: 9\n" + LADDER,
    "contact_limits: [{at_most: 1, per_days: 7}]\n" + LADDER,
    "applies_to: {segment: consumer}\n" + LADDER,
    "blocks: [{id: calm, when: {tags: [calm]}, stops: [send_dunning_notice], reason: Be calm.}]\n" + LADDER,
    LADDER.replace("id: warn, level: 2", "id: warn, level: 2, repeat: {every_days: 7, at_most: 2}"),
    LADDER.replace("id: warn, level: 2", "id: warn, level: 2, repeat: {every_months: 1}"),
    LADDER.replace(
        "id: warn, level: 2", "id: warn, level: 2, repeat: {every_business_days: 3, at_most: 3, per_days: 30}"
    ),
    LADDER.replace("id: warn, level: 2", "id: warn, level: 2, timing: {days_after_due: 20, align: end_of_month}"),
)


@pytest.mark.parametrize("text", EXAMPLES)
def test_samples_are_decided_otherwise(text: str) -> None:
    """Every sample account, asked in full, is decided as the row says by either ruleset, and not the same."""
    old, new = load(LADDER), load(text)
    difference = compare(old, new)
    samples = [row.sample for row in rows_of(difference)]
    assert samples
    for sample in samples:
        assert sample is not None
        was, becomes = ask(old, sample), ask(new, sample)
        assert say(was) == sample.was
        assert say(becomes) == sample.becomes
        assert (was.outcome, was.rule, was.action) != (becomes.outcome, becomes.rule, becomes.action)


def ask(ruleset: Ruleset, sample: Sample) -> Decision:
    """What the product answers for a sample account."""
    compiled = compile_ruleset(ruleset)
    account: Mapping[str, object] = sample.account
    return next_action([compiled], account, sample.history, as_of=sample.as_of, is_live=False)


def say(decision: Decision) -> str:
    """A decision in the words of a sample."""
    if decision.outcome == "not_covered":
        return "not covered"
    if decision.block:
        return f"blocked by {decision.block.id}"
    if decision.rule is None or decision.action is None:
        return "nothing now"
    channel = f" by {decision.action.channel}" if decision.action.channel else ""
    return f"{decision.rule.id}: {decision.action.type.replace('_', ' ')}{channel}"


def make_large(rng: random.Random, rule_count: int = 200) -> dict[str, object]:
    """A ruleset of many rules over twelve facts."""
    names = [f"f{number}" for number in range(12)]
    enum: dict[str, object] = {"type": "enum", "values": [*"abcd"], "optional": True}
    kinds: list[dict[str, object]] = [
        {"type": "integer", "optional": True},
        enum,
        {"type": "boolean", "default": False},
    ]
    rules = []
    for number in range(rule_count):
        when: dict[str, object] = {}
        for index in rng.sample(range(12), rng.randint(2, 5)):
            low = rng.randint(0, 80)
            choices = (f"{low}..{low + rng.randint(0, 30)}", rng.sample(["a", "b", "c", "d"], 2), rng.random() < 0.5)
            when[names[index]] = choices[index // 4]
        then = {"action": "assign_task", "assign_to": f"team-{number % 40}"}
        rules.append({"id": f"r{number}", "level": number // 10 + 1, "when": when, "then": then})
    facts = {name: copy.deepcopy(kinds[index // 4]) for index, name in enumerate(names)}
    head: dict[str, object] = {"ruleset": "large", "title": "Large", "currency": "EUR", "timezone": "Europe/Amsterdam"}
    return head | {"facts": facts, "rules": rules}


def compare_large(old: dict[str, object], new: dict[str, object], budget: int = DEFAULT_BUDGET) -> Difference:
    """The difference of two documents."""
    loaded = [load_ruleset(yaml.safe_dump(each, sort_keys=False, width=500)).ruleset for each in (old, new)]
    assert loaded[0] is not None
    assert loaded[1] is not None
    return compare(loaded[0], loaded[1], budget=budget)


def test_two_hundred_rules_are_compared_within_the_budget() -> None:
    """Ten of two hundred rules on a ladder changed: finished, every row with a sample, in steps that take seconds."""
    old = make_large(random.Random(1))
    new = yaml.safe_load(yaml.safe_dump(old))
    for rule in new["rules"][::20]:
        rule["when"]["f1"] = "3..40"
    difference = compare_large(old, new)
    assert difference.is_finished
    assert rows_of(difference)
    assert all(row.sample is not None for row in rows_of(difference))


def test_large_rulesets_with_nothing_in_common_are_compared_to_the_end() -> None:
    """A row for each rule, and not one for each pair of rules: what does the same on the other side is named."""
    difference = compare_large(make_large(random.Random(1), 60), make_large(random.Random(2), 60))
    assert difference.is_finished
    rows = rows_of(difference)
    assert len(rows) < 2 * 60
    assert all(row.sample is not None and row.sample.was != row.sample.becomes for row in rows)
    assert any(row.same for row in rows)


def test_budget_ends_what_would_take_too_long() -> None:
    """With too few comparisons for two large rulesets it is not finished and says so; what is told is true."""
    difference = compare_large(make_large(random.Random(1), 60), make_large(random.Random(2), 60), 30_000)
    assert not difference.is_finished
    assert not difference.is_behaviour_same
    rows = rows_of(difference)
    assert rows
    assert all(row.sample is not None and row.sample.was != row.sample.becomes for row in rows)


WAITS = """
rules:
  - {id: warn, when: {vip: true}, then: {action: suspend_service}}
  - {id: last, when: {vip: true}, after: {rule: warn}, then: {action: hand_over, to: agency}}
"""


def test_an_after_that_the_order_implies_decides_only_where_an_episode_is_not_named() -> None:
    """Between episodes an entry that names none holds the first back, and is not what the second waits for."""
    (row,) = rows_of(differ(WAITS, WAITS.replace(", after: {rule: warn}", "")))
    assert row.is_unusual
    assert row.sample is not None
    assert "days_overdue" not in row.sample.account
    assert [(entry["rule"], entry.get("episode")) for entry in row.sample.history] == [("warn", None)]
