"""The oracle against cases of the third edition worked out by hand: invoices, repeats, hold-outs and tables."""

from typing import Any

import pytest

from tests.oracle.examples import SMALL, account_small
from tests.oracle.oracle import OracleRuleset

ASK = "rules: [{id: r, when: {overdue_balance: {more_than: 0}}, then: {action: send_reminder, channel: email}}]"
TABLE = """
rules:
  - table: t
    when: {days_overdue: 1..}
    then: {action: send_reminder, tone: friendly}
    columns: [id, segment, customer_value, level, channel, then.language]
    rows:
      - [low, consumer, ..499.99, 1, email, nl]
      - [high, [smb, "-"], -, 2, [phone, email], -]
  - {id: stop, level: 3, after: {rule: t, times: 2, days: 1}, then: {action: suspend_service}}
"""


def ask(text: str, history: list[dict[str, Any]] | None = None, on: str = "2026-03-11", **facts: Any) -> dict[str, Any]:
    """The decision of a small ruleset."""
    return OracleRuleset(SMALL + text).decide(account_small(**facts), history, on, look_ahead=False)


def claim(*invoices: tuple[str, str, str], text: str = ASK, on: str = "2026-03-11") -> tuple[list[str], str, list[str]]:
    """The claimed invoices, their sum, and the credits used, of invoices `(id, due_on, open)`."""
    nodes = [{"id": name, "due_on": due_on, "open": amount} for name, due_on, amount in invoices]
    found = ask(text, on=on, invoices=nodes)["claim"]
    return found["invoices"], found["amount"]["amount"], found.get("credits", [])


def test_credits_are_set_against_the_oldest_first() -> None:
    """The oldest invoice is covered first, by the oldest credit; a credit that is not needed is not named."""
    owed = [("B", "2026-03-02", "50"), ("A", "2026-03-02", "30"), ("C", "2026-04-01", "10")]
    assert claim(*owed) == (["A", "B"], "80.00", [])
    assert claim(*owed, ("K", "2026-05-01", "-40")) == (["B"], "40.00", ["K"])
    assert claim(*owed, ("K", "2026-05-01", "-79"), ("L", "2026-01-01", "-1")) == (["C"], "10.00", ["L", "K"])
    assert claim(*owed, ("K", "2026-05-01", "-90"), ("L", "2026-01-01", "-90"))[2] == ["L"]


def test_small_rests_are_not_open() -> None:
    """A rest below the limit is passed over, one on it is not; credits go against small rests too."""
    text = "ignore_below: 1\n" + ASK
    owed = [("A", "2026-02-01", "0.99"), ("B", "2026-03-02", "1")]
    assert claim(*owed, text=text) == (["B"], "1.00", [])
    assert claim(*owed, ("K", "2026-05-01", "-0.99"), text=text) == (["B"], "1.00", ["K"])
    assert claim(*owed, ("K", "2026-05-01", "-1"), text=text) == ([], "0.00", ["K"])


def test_holds_and_credits_begin_and_end_on_a_day() -> None:
    """A held invoice is disputed until its day; a credit is one from the day of its issue."""
    held = [{"id": "I", "due_on": "2026-03-01", "open": 5, "held_until": "2026-03-11"}]
    assert [ask(ASK, on=on, invoices=held)["rule"] for on in ("2026-03-10", "2026-03-11")] == [None, "r"]
    credited = [
        {"id": "I", "due_on": "2026-03-01", "open": 5},
        {"id": "K", "due_on": "2026-03-01", "open": -5, "issued_on": "2026-03-11"},
    ]
    assert [ask(ASK, on=on, invoices=credited)["rule"] for on in ("2026-03-10", "2026-03-11")] == ["r", None]


@pytest.mark.parametrize(
    ("day_count", "compounding", "expected"),
    [
        ("act/365", "none", "17.23"),  # 1000 for 30 days, 800 for 28
        ("30/360", "none", "17.13"),  # 1000 from 1 January to the 31st, which is its 30th: 29 days; 800 for 28
        ("act/365", "yearly", "17.23"),
    ],
)
def test_interest_on_what_was_open(day_count: str, compounding: str, expected: str) -> None:
    """A payment lowers the sum from the day after it; one of a later day has lowered nothing yet."""
    text = f"""
interest: {{late: {{rates: [{{from: 2020-01-01, percent: 12}}], known_until: 2030-12-31, day_count: {day_count},
  compounding: {compounding}}}}}
rules: [{{id: r, then: {{action: send_dunning_notice, channel: email, interest: late}}}}]
"""
    paid = [{"on": "2026-01-31", "amount": 200}, {"on": "2026-03-01", "amount": 500}]
    invoices = [{"id": "I", "due_on": "2026-01-01", "open": 800, "payments": paid}]
    assert ask(text, on="2026-02-28", invoices=invoices)["action"]["interest"]["amount"] == expected


@pytest.mark.parametrize(
    ("repeat", "done", "rested_on"),
    [
        ("every_business_days: 3", ["2026-03-06"], "2026-03-11"),  # a Friday: Monday, Tuesday, Wednesday
        ("every_months: 1", ["2026-01-31"], "2026-02-28"),
        ("every_months: 1", ["2026-01-31", "2026-02-28"], "2026-03-31"),
        ("every_months: 1", ["2026-01-31", "2026-03-05"], "2026-03-31"),
        ("every_months: 2", ["2026-01-15", "2026-03-15"], "2026-05-15"),
        ("every_days: 1, at_most: 2, per_days: 7", ["2026-03-01", "2026-03-04"], "2026-03-08"),
    ],
)
def test_repeats_rest(repeat: str, done: list[str], rested_on: str) -> None:
    """A rule wins again on the first day on which it has rested, and not on the day before."""
    text = f"rules: [{{id: r, repeat: {{{repeat}}}, then: {{action: pause_billing}}}}]"
    history = [{"rule": "r", "at": on} for on in done]
    found = OracleRuleset(SMALL + text).decide(account_small(), history, done[-1])
    assert found["upcoming"] == {"rule": "r", "on": rested_on}


def test_held_out_accounts_do_without_voluntary_rules() -> None:
    """About half of the accounts are held out until the day, and for them the voluntary level is not written."""
    text = """
ladder: strict
experiments: {offer: {variants: {a: 100}, hold_out: 50, until: 2026-03-12}}
rules:
  - {id: gift, level: 1, voluntary: true, then: {action: send_reminder, channel: email}}
  - {id: stop, level: 2, then: {action: suspend_service}}
"""
    found = [ask(text, id=f"A{number}") for number in range(60)]
    pairs = {(item["rule"], item["variants"]["offer"]) for item in found}
    assert pairs == {("gift", "a"), ("stop", "hold_out")}
    assert 15 < sum(item["rule"] == "stop" for item in found) < 45
    assert {ask(text, id=f"A{number}", on="2026-03-12")["rule"] for number in range(60)} == {"gift"}


def test_rows_of_a_table_are_rules() -> None:
    """A row is a rule; a bare dash asks nothing and a quoted one is the word; the table's executions count together."""
    consumer: dict[str, Any] = {"segment": "consumer", "customer_value": "499.99"}
    shop: dict[str, Any] = {"segment": "-"}
    assert ask(TABLE, **consumer)["rule"] == "t-low"
    assert ask(TABLE, **{**consumer, "customer_value": 500})["rule"] is None
    assert ask(TABLE, **shop)["rule"] == "t-high"
    assert ask(TABLE, **shop)["action"]["channel"] == "phone"
    both = [{"rule": "t-low", "at": "2026-03-03"}, {"rule": "t-high", "at": "2026-03-10"}]
    assert ask(TABLE, both)["rule"] == "stop"
    assert ask(TABLE, both, on="2026-03-10T23:00:00+01:00")["rule"] is None
    assert ask(TABLE, both[:1])["rule"] is None


STEPS = """
rules:
  - {id: warn, level: 1, then: {action: send_dunning_notice, channel: email, pay_within_days: 3}}
  - {id: stop, level: 2, after: {rule: warn, days: 1, from: pay_by}, then: {action: suspend_service}}
  - {id: back, undoes: [warn], when: {vip: true}, then: {action: restore_service}}
"""
WARNED = {"rule": "warn", "at": "2026-03-05", "pay_by": "2026-03-08"}


@pytest.mark.parametrize(
    ("entry", "winner"),
    [
        ({}, "stop"),
        ({"episode": "2026-03-01"}, "stop"),
        ({"episode": "2026-02-01"}, "warn"),
        ({"episode": "none"}, "warn"),
        ({"invoices": ["I1", "I9"]}, "stop"),
        ({"invoices": ["I9"]}, "warn"),
        ({"invoices": []}, "stop"),
        ({"at": "2026-02-19"}, "warn"),
        ({"at": "2026-02-19", "episode": "2026-03-01"}, "stop"),
        ({"at": "2026-02-20"}, "stop"),
    ],
)
def test_what_an_entry_counts_for(entry: dict[str, Any], winner: str) -> None:
    """It counts for its episode, without one from the day of issue on, and not where none of its invoices is open."""
    invoices = [{"id": "I1", "due_on": "2026-03-01", "issued_on": "2026-02-20", "open": 100}]
    assert ask(STEPS, [WARNED | entry], invoices=invoices)["rule"] == winner


def test_the_interval_holds_though_no_invoice_is_open_any_more() -> None:
    """An entry about a paid invoice still counts for the days between two steps, within its own episode."""
    paid = {**WARNED, "at": "2026-03-10", "invoices": ["I9"]}
    text = "dunning_interval_days: 5" + STEPS
    assert ask(text, [paid])["rule"] is None
    assert ask(text, [paid | {"episode": "2026-02-01"}])["rule"] == "warn"
    assert ask(text, [paid], on="2026-03-15")["rule"] == "warn"


def test_between_episodes() -> None:
    """What names `none` counts in full, what names nothing only holds back, and what names a date ends it."""
    none, dated = {"episode": "none"}, {"episode": "2026-03-01"}
    found = [ask(STEPS, [WARNED | entry], invoices=[])["rule"] for entry in (none, {}, dated)]
    assert found == ["stop", None, "warn"]
    later = {"rule": "back", "at": "2026-03-09", **dated}
    assert ask(STEPS, [WARNED | none, later], invoices=[])["rule"] == "warn"
    for kept in ({"result": "failed"}, {"ruleset": "other"}, {"account": "B"}):
        assert ask(STEPS, [WARNED | none, later | kept], invoices=[])["rule"] == "stop"
    assert ask(STEPS, invoices=[])["episode"] == "none"


def test_each_invoice_bears_its_fee_once() -> None:
    """Invoices that had theirs are left out of the sum, and dunning costs never bear one."""
    text = """
fees: {lump: {fixed: 40, each: invoice, once_per: invoice}}
rules: [{id: r, repeat: {every_days: 1}, then: {action: charge_fee, fee: lump}}]
"""
    invoices = [{"id": name, "due_on": "2026-03-01", "open": 100} for name in ("I1", "I2")]
    invoices.append({"id": "F", "due_on": "2026-03-01", "open": 40, "kind": "fee"})
    charged = {"rule": "r", "at": "2026-03-09", "fee": {"name": "lump", "amount": "40.00", "currency": "EUR"}}
    histories: Any = ([], [charged | {"invoices": ["I1"]}], [charged | {"invoices": ["I2", "I1"]}], [charged])
    fees = [ask(text, history, invoices=invoices)["action"]["fee"]["amount"] for history in histories]
    assert fees == ["80.00", "40.00", "0.00", "0.00"]


@pytest.mark.parametrize(
    ("when", "facts", "winner"),
    [
        ("{days_until_renewal: 0..20}", {"days_until_renewal": 10}, None),  # open since the 1st, the day of the entry
        ("{days_until_renewal: 0..20}", {"days_until_renewal": 11}, "r"),
        ("{days_until_renewal: 0..20}", {"days_until_renewal": 9, "facts_on": "2026-03-12"}, None),
        ("{any: [{days_until_renewal: ..5}, {days_until_renewal: 20, vip: true}]}", {"days_until_renewal": 5}, None),
        ("{any: [{days_until_renewal: ..20}, {vip: true}]}", {"days_until_renewal": 11}, None),  # one box has no bound
        ("{none: [{days_until_renewal: 21..}]}", {"days_until_renewal": 11}, None),  # it may be missing
        ("{days_until_renewal: ..20, days_overdue: 1..}", {"days_until_renewal": 11}, None),  # a fact of invoices
    ],
)
def test_windows_of_countdowns(when: str, facts: dict[str, Any], winner: str | None) -> None:
    """An entry counts from the first day on which the fact was at most its highest value, whatever it names."""
    text = f"rules: [{{id: r, when: {when}, then: {{action: pause_billing}}}}]"
    done = {"rule": "r", "at": "2026-03-01"}
    assert ask(text, [done], **facts)["rule"] == winner
