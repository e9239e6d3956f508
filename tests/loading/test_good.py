"""Rulesets without fault load without a word, and mean what they say."""

import datetime as dt
from pathlib import Path

import pytest

from engine.loading.calendars import StoredDates
from engine.loading.folder import is_ruleset_file
from engine.loading.load import load_ruleset, load_shared_facts
from engine.model.calendar import Hours
from engine.model.condition import (
    ALWAYS,
    AllOf,
    AnyOf,
    Condition,
    HasAll,
    HasAny,
    HasNone,
    InVariant,
    IsMissing,
    IsNamed,
    IsNoneOf,
    IsOneOf,
    IsPresent,
    NoneOf,
    Span,
)
from engine.model.diagnostic import Position
from engine.model.ruleset import Action, Ruleset

WHOLE = (Path(__file__).parent / "good" / "whole.yaml").read_text(encoding="utf-8")
RULESETS = sorted((Path(__file__).parents[2] / "rulesets").glob("*.yaml"))
HEAD = "ruleset: a\ntitle: A\ntimezone: UTC\nrules: []\n"


def load(text: str) -> Ruleset:
    """Load what must be without fault."""
    loaded = load_ruleset(text, file="good.yaml")
    assert loaded.diagnostics == ()
    assert loaded.ruleset is not None
    return loaded.ruleset


def load_condition(written: str, more: str = "", currency: str = "EUR") -> tuple[Condition, ...]:
    """Load one condition; places are left out of the comparison by putting it on a known line."""
    ruleset = load(f"{HEAD}currency: {currency}\n{more}applies_to: {written}\n")
    condition = next(iter(ruleset.editions.values())).applies_to
    assert isinstance(condition, AllOf)
    return condition.conditions


def place(column: int, line: int = 6) -> Position:
    """The place of a key of the condition on line 6."""
    return Position(line, 13 + column)


def test_loads_the_example_of_the_language_page() -> None:
    """The whole ruleset that the language page shows is without fault."""
    ruleset = load(WHOLE)
    assert (ruleset.id, ruleset.track, ruleset.ladder, ruleset.dunning_interval_days) == (
        "nl-consumer-subscription",
        "dunning",
        "catch_up",
        5,
    )
    edition = ruleset.editions["EUR"]
    assert [rule.id for rule in edition.rules] == [
        "friendly-reminder",
        "fourteen-day-letter",
        "charge-costs",
        "soft-decline-retry",
    ]
    assert edition.facts["contract_term"].values == ("monthly", "annual")
    assert edition.fees["wik"].at_most == 677_500
    assert edition.otherwise == Action(type="none")
    assert ruleset.calendar is not None
    assert ruleset.calendar.hours["phone"] == Hours(start=540, end=1200)
    assert dt.date(2026, 12, 25) in ruleset.calendar.holidays
    assert dt.date(2026, 5, 1) in ruleset.calendar.bank_holidays


@pytest.mark.parametrize("path", [path for path in RULESETS if is_ruleset_file(path.name)])
def test_loads_the_example_rulesets(path: Path) -> None:
    """Every ruleset that ships is without fault."""
    shared = load_shared_facts((path.parent / "facts.yaml").read_bytes())
    assert shared.diagnostics == ()
    assert load_ruleset(path.read_bytes(), shared_facts=shared.shared).diagnostics == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{}", ()),
        ("{days_overdue: 14}", (IsOneOf(fact="days_overdue", items=(14,), at=place(1)),)),
        ('{days_overdue: "14"}', (IsOneOf(fact="days_overdue", items=(14,), at=place(1)),)),
        ("{days_overdue: 3..13}", (IsOneOf(fact="days_overdue", items=(Span(3, 13),), at=place(1)),)),
        (
            "{days_overdue: [..0, 5, 14..]}",
            (IsOneOf(fact="days_overdue", items=(Span(None, 0), 5, Span(14, None)), at=place(1)),),
        ),
        ("{days_overdue: -14..-1}", (IsOneOf(fact="days_overdue", items=(Span(-14, -1),), at=place(1)),)),
        (
            "{days_overdue: {more_than: 3, less_than: 14}}",
            (IsOneOf(fact="days_overdue", items=(Span(4, 13),), at=place(16)),),
        ),
        (
            "{days_overdue: {at_least: 5, at_most: 3}}",
            (
                IsOneOf(fact="days_overdue", items=(Span(5, None),), at=place(16)),
                IsOneOf(fact="days_overdue", items=(Span(None, 3),), at=place(29)),
            ),
        ),
        (
            "{days_overdue: {at_least: 3, not: [5, 7..9]}}",
            (
                IsOneOf(fact="days_overdue", items=(Span(3, None),), at=place(16)),
                IsNoneOf(fact="days_overdue", items=(5, Span(7, 9)), at=place(29)),
            ),
        ),
        ("{open_balance: {at_least: 10}}", (IsOneOf(fact="open_balance", items=(Span(1000, None),), at=place(16)),)),
        ("{open_balance: 49.95..50}", (IsOneOf(fact="open_balance", items=(Span(4995, 5000),), at=place(1)),)),
        ("{open_balance: {more_than: 49.9}}", (IsOneOf(fact="open_balance", items=(Span(4991, None),), at=place(16)),)),
        ("{risk_score: {less_than: 0.75}}", (IsOneOf(fact="risk_score", items=(Span(None, 7499),), at=place(14)),)),
        ("{country: NO}", (IsOneOf(fact="country", items=("NO",), at=place(1)),)),
        ('{decline_code: ["51", "3..5"]}', (IsOneOf(fact="decline_code", items=("51", "3..5"), at=place(1)),)),
        ("{vip: true}", (IsOneOf(fact="vip", items=(True,), at=place(1)),)),
        ("{plan: {is: missing}}", (IsMissing(fact="plan", at=place(8)),)),
        ("{plan: {is: present}}", (IsPresent(fact="plan", at=place(8)),)),
        ("{tags: a}", (HasAny(fact="tags", items=("a",), at=place(1)),)),
        (
            "{tags: {all: [a, b], none: c}}",
            (HasAll(fact="tags", items=("a", "b"), at=place(8)), HasNone(fact="tags", items=("c",), at=place(21))),
        ),
        ("{any: []}", (AnyOf(conditions=(), at=place(1)),)),
        ("{none: [{}]}", (NoneOf(conditions=(ALWAYS,), at=place(1)),)),
    ],
)
def test_reads_conditions(written: str, expected: tuple[Condition, ...]) -> None:
    """Each form of a condition becomes its typed record, amounts in minor units and decimals scaled."""
    assert load_condition(written) == expected


def test_reads_names_and_variants() -> None:
    """Named conditions and variants keep their names and places."""
    more = "conditions: {big: {vip: true}}\nexperiments: {tone: {variants: {plain: 50, warm: 50}}}\n"
    assert load_condition("{big: false, experiment: {tone: [warm]}}", more) == (
        IsNamed(name="big", holds=False, at=place(1, 8)),
        InVariant(experiment="tone", variants=("warm",), at=place(26, 8)),
    )


def test_reads_an_edition_for_each_currency() -> None:
    """In a file of several currencies each edition has its own amounts, by its own places; 0 is 0 in all."""
    text = HEAD + "currency: [EUR, JPY]\nfees: {late: {fixed: {EUR: 1.50, JPY: 150}, at_least: 0}}\n"
    editions = load(text).editions
    assert list(editions) == ["EUR", "JPY"]
    assert (editions["EUR"].fees["late"].fixed, editions["JPY"].fees["late"].fixed) == (150, 150)


def test_reads_actions() -> None:
    """What the service reads has fields; the rest goes on as JSON, amounts as decisions write them."""
    text = """\
ruleset: a
title: A
currency: EUR
timezone: UTC
rules:
  - id: offer
    then:
      action: offer_discount
      channel: preferred
      template: offer
      amount: 5
      include: [payment_link]
      approval: required
      schedule: {day: business_day, time: 10:00}
      metadata: {campaign: spring, weight: 0.5}
      along_with: [{action: notify_team, assign_to: sales}]
"""
    action = load(text).editions["EUR"].rules[0].action
    assert (action.channels, action.approval_required, action.schedule.time) == (("preferred",), True, dt.time(10))
    assert str(action.parameters["metadata"]) == "{'campaign': 'spring', 'weight': Decimal('0.5')}"
    assert action.parameters["amount"] == {"amount": "5.00", "currency": "EUR"}
    assert [key for key in action.parameters if key != "metadata"] == ["template", "amount", "include"]
    assert action.along_with == (Action(type="notify_team", parameters={"assign_to": "sales"}),)


def test_reads_blocks_without_reason_and_condition() -> None:
    """A block without a condition always holds, and without a reason gives its id."""
    (block,) = load(HEAD + "currency: EUR\nblocks: [{id: holiday, stops: [suspend_service]}]\n").editions["EUR"].blocks
    assert (block.when, block.reason, block.stops) == (ALWAYS, "holiday", ("suspend_service",))


def test_reads_a_stateless_ruleset() -> None:
    """In a stateless ruleset levels are labels and nothing lies between two actions."""
    rules = "rules: [{id: r, level: 3, then: {action: none}}]\n"
    ruleset = load(HEAD.replace("rules: []\n", rules) + "currency: EUR\nstateless: true\n")
    assert (ruleset.stateless, ruleset.ladder, ruleset.dunning_interval_days) == (True, "none", 0)


def test_uses_the_stored_dates() -> None:
    """A published version keeps its holidays, whatever the package knows today."""
    stored = StoredDates(
        holidays=frozenset({dt.date(2026, 3, 3)}), bank_holidays=frozenset(), stored_until=dt.date(2030, 12, 31)
    )
    ruleset = load_ruleset(HEAD + "currency: EUR\ncalendar: {country: NL}\n", holiday_dates=stored).ruleset
    assert ruleset is not None
    assert ruleset.calendar is not None
    assert (ruleset.calendar.holidays, ruleset.calendar.stored_until) == (stored.holidays, stored.stored_until)


def test_narrows_standard_facts() -> None:
    """A narrowed fact keeps what the declaration leaves out."""
    text = "facts:\n  segment: {type: enum, values: [a, b]}\n  risk_score: {type: decimal, default: 0.5}\n"
    shared = load_shared_facts(text)
    assert shared.diagnostics == ()
    ruleset = load_ruleset(HEAD + "currency: EUR\n", shared_facts=shared.shared).ruleset
    assert ruleset is not None
    facts = ruleset.editions["EUR"].facts
    assert (facts["segment"].values, facts["segment"].optional) == (("a", "b"), True)
    assert (facts["risk_score"].places, facts["risk_score"].default, facts["risk_score"].optional) == (4, 5000, False)


def test_declares_sets_that_may_be_left_out() -> None:
    """A set is never missing: one that may be left out is empty."""
    facts = load(HEAD + "currency: EUR\nfacts: {labels: {type: set, optional: true}}\n").editions["EUR"].facts
    assert facts["labels"].default == ()
