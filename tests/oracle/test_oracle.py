"""The oracle against cases worked out by hand from language.md."""

import datetime as dt
from typing import Any

import pytest

from tests.oracle.examples import NL_CONSUMER, SMALL, account_nl, account_small
from tests.oracle.oracle import OracleConflict, OracleRuleset, decide_among
from tests.oracle.values import OracleInputError

REMINDED = {"rule": "friendly-reminder", "at": "2026-11-11T10:00:00+01:00", "channel": "email"}
LADDER = """
rules:
  - {id: one, level: 1, then: {action: send_reminder, channel: email}}
  - {id: three, level: 3, then: {action: suspend_service}}
  - {id: two, level: 2, then: {action: place_call, channel: phone}}
"""


def small(text: str) -> OracleRuleset:
    """A ruleset of those rules."""
    return OracleRuleset(SMALL + text)


def winner(text: str, history: list[dict[str, Any]] | None = None, on: str = "2026-03-11", **facts: Any) -> str | None:
    """The rule that wins on a day."""
    found: str | None = small(text).decide(account_small(**facts), history, on, look_ahead=False)["rule"]
    return found


def test_decision_of_the_page() -> None:
    """The example decision of the outer surface comes out, from the example ruleset."""
    decision = OracleRuleset(NL_CONSUMER).decide(account_nl(), [REMINDED], "2026-11-20T09:00:00+01:00")
    assert decision == {
        "outcome": "act",
        "rule": "fourteen-day-letter",
        "level": 2,
        "action": {
            "type": "send_dunning_notice",
            "channel": "letter",
            "scheduled_for": "2026-11-20T09:00:00+01:00",
            "pay_by": "2026-12-08",
            "fee": None,
            "announced_fee": {"amount": "40.00", "currency": "EUR"},
            "interest": None,
        },
        "along_with": [],
        "block": None,
        "upcoming": None,
        "review_on": None,
        "variants": {},
        "episode": "2026-11-06",
        "claim": {
            "invoices": ["I-7"],
            "amount": {"amount": "49.95", "currency": "EUR"},
            "fee": None,
            "interest": None,
            "total": {"amount": "49.95", "currency": "EUR"},
        },
        "sent_before": 1,
        "announced_name": None,
    }


@pytest.mark.parametrize(
    ("sent_on", "last_free_day"),
    [
        ("2026-11-16", "2026-12-02"),
        ("2026-11-19", "2026-12-07"),
        ("2026-11-20", "2026-12-08"),
        ("2026-12-09", "2026-12-28"),
        ("2026-12-24", "2027-01-13"),
        ("2027-04-20", "2027-05-07"),
    ],
)
def test_letter_deadlines(sent_on: str, last_free_day: str) -> None:
    """Delivery skips Sundays, Mondays and holidays; the deadline rolls forward."""
    account = account_nl(invoices=[{"id": "I", "due_on": "2026-10-01", "open": 100}])
    decision = OracleRuleset(NL_CONSUMER).decide(
        account, [{"rule": "friendly-reminder", "at": "2026-10-10"}], f"{sent_on}T10:00:00+01:00", look_ahead=False
    )
    assert decision["action"]["pay_by"] == last_free_day


def test_timeline_of_the_page() -> None:
    """Anna is reminded on day 3 and gets the letter on day 14."""
    anna = account_nl(id="anna", channels=["email"], invoices=[{"id": "I1", "due_on": "2026-03-01", "open": 49.95}])
    anna["invoices"][0]["open"] = "49.95"
    executed = OracleRuleset(NL_CONSUMER).timeline(anna, "2026-03-04", "2026-04-05")
    assert [(item["on"].isoformat(), item["rule"]) for item in executed] == [
        ("2026-03-04", "friendly-reminder"),
        ("2026-03-15", "fourteen-day-letter"),  # a Sunday: sent on Monday, 14 days to the 30th
        ("2026-03-31", "charge-costs"),
    ]
    assert executed[1]["entry"]["pay_by"] == "2026-03-30"
    assert executed[2]["entry"]["fee"] == {"name": "wik", "amount": "40.00", "currency": "EUR"}


def test_waiting_and_review() -> None:
    """Before day 3 the outcome is wait, with the day; a dispute blocks with its reason."""
    ruleset = OracleRuleset(NL_CONSUMER)
    early = ruleset.decide(account_nl(), [], "2026-11-07")
    assert (early["outcome"], early["upcoming"]) == ("wait", {"rule": "friendly-reminder", "on": "2026-11-09"})
    assert early["review_on"] == "2026-11-09"
    disputed = ruleset.decide(account_nl(disputed=True, dispute_reason="wrong price"), [], "2026-11-20")
    assert disputed["outcome"] == "blocked"
    assert disputed["block"] == {"id": "open-dispute", "reason": "Disputed: wrong price"}
    assert disputed["review_on"] is None


def test_coverage() -> None:
    """A missing fact of applies_to, another currency or a day before `from` is not covered."""
    ruleset = OracleRuleset(NL_CONSUMER)
    belgian, dollars = account_nl(country="BE"), account_nl(currency="USD")
    before = ruleset.decide(account_nl(), [], "2025-12-30")
    outcomes = [ruleset.decide(item, [], "2026-11-20")["outcome"] for item in (belgian, dollars)]
    assert [*outcomes, before["outcome"], before["review_on"]] == ["not_covered"] * 3 + ["2026-01-01"]
    assert decide_among([ruleset], account_nl(), [], "2026-11-20")["ruleset"] == "nl-consumer-subscription"
    with pytest.raises(OracleConflict):
        decide_among([ruleset, ruleset], account_nl(), [], "2026-11-20")


@pytest.mark.parametrize(
    ("when", "given", "holds"),
    [
        ("{customer_value: 50}", {"customer_value": "50.00"}, True),
        ("{customer_value: {more_than: 50}}", {"customer_value": "50.01"}, True),
        ("{customer_value: 10..50}", {"customer_value": "50.01"}, False),
        ("{customer_value: {not: 50}}", {}, False),
        ("{none: [{customer_value: 50}]}", {}, True),
        ("{customer_value: {is: missing}}", {}, True),
        ("{segment: {not: [a, b]}}", {"segment": "c"}, True),
        ("{failed_attempts: [0, 3..5]}", {}, True),
        ("{failed_attempts: [1, 3..5]}", {"failed_attempts": 2}, False),
        ("{any: []}", {}, False),
        ("{none: []}", {}, True),
        ("{tags: {all: [a, b], none: [c]}}", {"tags": ["a", "b", "d"]}, True),
        ("{tags: {is: present}}", {}, True),
        ("{risk_score: {at_most: 0.75}}", {"risk_score": "0.7500"}, True),
        ("{promise_to_pay_in_days: ..-1}", {"promise_to_pay_in_days": 0, "facts_on": "2026-03-10"}, True),
        ("{tenure_days: 32}", {"tenure_days": 30, "facts_on": "2026-03-09"}, True),
        ("{high: false}", {}, True),
        ("{high: true}", {"customer_value": 70}, True),
    ],
)
def test_conditions(when: str, given: dict[str, Any], *, holds: bool) -> None:
    """Each form of a test holds as the table of section 4 says."""
    text = f"""
conditions: {{high: {{customer_value: {{at_least: 60}}}}}}
rules: [{{id: r, when: {when}, then: {{action: raise_event, name: e}}}}]
"""
    assert (winner(text, **given) == "r") is holds


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"segment": "two words"}, "segment"),
        ({"customer_type": "alien"}, "customer_type"),
        ({"days_overdue": 5}, "days_overdue"),
        ({"vip": "yes"}, "vip"),
        ({"customer_value": "1.005"}, "customer_value"),
        ({"contacts_last_7_days": 1}, "contacts_last_7_days"),
        ({"score": None}, "score"),
    ],
)
def test_bad_input(given: dict[str, Any], named: str) -> None:
    """A wrong, doubled or absent fact is named."""
    text = "facts: {score: {type: integer}}\nrules: [{id: r, when: {score: 1..}, then: {action: pause_billing}}]"
    account = {key: value for key, value in account_small(**{"score": 1, **given}).items() if value is not None}
    history = [{"rule": "r", "at": "2026-03-02"}]
    with pytest.raises(OracleInputError) as caught:
        small(text).decide(account, history, "2026-03-11")
    assert caught.value.fact == named


def test_ladders() -> None:
    """From level 0: catch_up and strict take the lowest, most_severe the highest, none the first written."""
    found = [winner(f"ladder: {name}{LADDER}") for name in ("catch_up", "strict", "most_severe", "none")]
    assert found == ["one", "one", "three", "one"]
    done = [{"rule": "one", "at": "2026-03-02", "channel": "email"}]
    found = [winner(f"ladder: {name}{LADDER}", done) for name in ("catch_up", "strict", "most_severe", "none")]
    assert found == ["two", "two", "three", "three"]


def test_interval() -> None:
    """The interval counts local days from the last levelled rule."""
    done = [{"rule": "one", "at": "2026-03-09T23:59:00+01:00", "channel": "email"}]
    assert winner("dunning_interval_days: 3" + LADDER, done, "2026-03-11") is None
    assert winner("dunning_interval_days: 3" + LADDER, done, "2026-03-12") == "two"


def test_turn_is_kept() -> None:
    """A call over its limit is not overtaken by the suspension; a channel the account lacks is."""
    limits = "contact_limits: [{channel: phone, at_most: 1, per_days: 7}]"
    called = {"rule": "elsewhere", "ruleset": "other", "at": "2026-03-08", "channel": "phone"}
    done = [{"rule": "one", "at": "2026-03-02", "channel": "email"}, called]
    assert winner(limits + LADDER, done, "2026-03-11") is None
    assert winner(limits + LADDER, done, "2026-03-15") == "two"
    assert winner(limits + LADDER, done, "2026-03-11", channels=["email"]) == "three"
    assert winner(limits + "\nladder: most_severe" + LADDER, done, "2026-03-11") == "three"


def test_repeat() -> None:
    """A levelled rule repeats at its own level, after higher ones, so often and no more."""
    text = """
rules:
  - {id: nag, level: 1, repeat: {every_days: 3, at_most: 2}, then: {action: send_reminder, channel: email}}
  - {id: late, level: 2, when: {days_overdue: 12..}, then: {action: suspend_service}}
"""
    once = [{"rule": "nag", "at": "2026-03-08"}]
    assert winner(text, once, "2026-03-10") is None
    assert winner(text, once, "2026-03-11") == "nag"
    assert winner(text, once, "2026-03-13") == "late"
    assert winner(text, [*once, {"rule": "nag", "at": "2026-03-08"}], "2026-03-12") is None


def test_undoes_resets_and_markers() -> None:
    """Undone executions count no more for once-an-episode; a reset and a level entry do what they say."""
    text = """
rules:
  - {id: restore, when: {service_status: active}, undoes: [suspend], then: {action: restore_service}}
  - {id: suspend, level: 2, when: {service_status: suspended}, then: {action: suspend_service}}
"""
    suspended = {"rule": "suspend", "at": "2026-03-03"}
    restored = {"rule": "restore", "at": "2026-03-05"}
    status = {"service_status": "suspended"}
    assert winner(text, [suspended], **status) is None
    assert winner(text, [suspended, restored], **status) == "suspend"
    assert winner(text, [suspended, {"reset": True, "at": "2026-03-04"}], **status) == "suspend"
    assert winner(text, [{"level": 2, "at": "2026-03-04"}], **status) is None
    assert winner(text, [{**suspended, "result": "failed"}], **status) == "suspend"
    assert winner(text, [{**suspended, "result": "declined"}], **status) is None
    assert winner(text, [{**suspended, "episode": "2026-02-01"}], **status) == "suspend"


def test_currencies() -> None:
    """The account's currency chooses the amounts; yen have no places."""
    text = """
ruleset: two
title: Two
currency: [EUR, JPY]
timezone: Asia/Tokyo
fees: {late: {basis: overdue_balance, percent: 1.5, at_least: {EUR: 1, JPY: 100}}}
rules:
  - {id: r, when: {overdue_balance: {at_least: {EUR: 10, JPY: 1000}}}, then: {action: charge_fee, fee: late}}
"""
    yen = account_small(currency="JPY", invoices=[{"id": "I", "due_on": "2026-03-01", "open": "12345"}])
    decision = OracleRuleset(text).decide(yen, [], "2026-03-11", look_ahead=False)
    assert decision["action"]["fee"] == {"amount": "185", "currency": "JPY"}
    assert decision["claim"]["total"] == {"amount": "12530", "currency": "JPY"}


def test_payday_retry() -> None:
    """The 25th of December and what follows are no TARGET days in 2026; the retry waits for the 28th."""
    account = account_nl(payment_method="card", decline_category="soft", invoices=[])
    decision = OracleRuleset(NL_CONSUMER).decide(account, [], "2026-12-23T15:00:00+01:00", look_ahead=False)
    assert decision["action"]["scheduled_for"] == "2026-12-28T00:00:00+01:00"


@pytest.mark.parametrize(
    ("as_of", "scheduled_for"),
    [
        ("2026-11-21T20:00:00+01:00", "2026-11-23T07:00:00+01:00"),  # Saturday evening to Monday
        ("2026-11-20T19:59:59+01:00", "2026-11-20T19:59:59+01:00"),
        ("2026-11-20T05:00:00+00:00", "2026-11-20T07:00:00+01:00"),
    ],
)
def test_contact_hours(as_of: str, scheduled_for: str) -> None:
    """Nothing is sent on a Sunday or out of hours."""
    decision = OracleRuleset(NL_CONSUMER).decide(account_nl(), [REMINDED], as_of, look_ahead=False)
    assert decision["action"]["scheduled_for"] == scheduled_for


def test_gap_and_fold() -> None:
    """02:30 moves to 03:30 in the spring gap, and is the first of two in autumn."""
    text = 'rules: [{id: r, then: {action: write_off, schedule: {time: "02:30"}}}]'
    found = [
        small(text).decide(account_small(), [], day, look_ahead=False)["action"]["scheduled_for"]
        for day in ("2026-03-29", "2026-10-25")
    ]
    assert found == ["2026-03-29T03:30:00+02:00", "2026-10-25T02:30:00+02:00"]


def test_experiment_ends() -> None:
    """From `until` on the first variant holds for all; until then both are seen."""
    text = """
experiments: {tone: {variants: {control: 50, friendly: 50}, until: 2026-03-12}}
rules: [{id: r, when: {experiment: {tone: friendly}}, then: {action: raise_event, name: e}}]
"""
    decisions = [small(text).decide(account_small(id=f"A{item}"), [], "2026-03-11") for item in range(40)]
    friendly = [item for item in decisions if item["variants"] == {"tone": "friendly"}]
    assert 5 < len(friendly) < 35
    assert {item["rule"] for item in friendly} == {"r"}
    assert {item["review_on"] for item in friendly} == {"2026-03-12"}


def test_midnight() -> None:
    """One minute over midnight is a day."""
    text = "rules: [{id: r, when: {days_overdue: 1..}, then: {action: pause_billing}}]"
    assert winner(text, None, "2026-03-01T23:59:00+01:00") is None
    assert winner(text, None, "2026-03-02T00:01:00+01:00") == "r"
    assert dt.date(2026, 3, 2) == dt.datetime.fromisoformat("2026-03-02T00:01:00+01:00").date()
