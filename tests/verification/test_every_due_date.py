"""Every step that an example announces comes, however late an account is first seen, or the debt ends.

Accounts that never pay are walked through the six examples: from every due date of three years, first seen on day 0,
10, 20, 40, 60 and 80. The steps and their distances are those of the law and the practice that the rulesets name; a
step's ``to_day`` binds where the account is seen from the beginning, all else always.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec
import pytest

from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from tests.verification.examples import FIRST_DUE, THREE_YEARS, compile_examples
from tests.verification.walking import ACCOUNT_ID, Came, Walker, list_dated

SEEN = (0, 10, 20, 40, 60, 80)


class Wait(msgspec.Struct, frozen=True):
    """What a step comes after, and how many days at least, and at most, from when that was sent or from its term."""

    step: str
    least: int
    most: int | None = None
    is_from_term: bool = False


class Step(msgspec.Struct, frozen=True):
    """A step, the days overdue that it has, and what it waits for; ``is_beside`` has no place among the others.

    ``gone_after``: an account first seen later misses it. ``every`` and ``times``: it comes again, so many times in all
    where the account is seen from the beginning.
    """

    rule: str
    from_day: int
    to_day: int | None = None
    after: tuple[Wait, ...] = ()
    is_beside: bool = False
    gone_after: int | None = None
    every: int | None = None
    times: int = 1


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """An account of a ruleset, and all the steps that come; a charge that failed was tried on the due date."""

    name: str
    ruleset: str
    account: Mapping[str, object]
    open: str
    steps: tuple[Step, ...]
    is_charged: bool = False


NL: Mapping[str, object] = {"currency": "EUR", "country": "NL", "channels": ["email", "letter", "phone", "sms"]}
SE: Mapping[str, object] = {"currency": "SEK", "country": "SE", "channels": ["email", "letter", "phone", "sms"]}
UK: Mapping[str, object] = {"currency": "GBP", "country": "GB", "channels": ["email", "letter", "phone"]}
EU: Mapping[str, object] = {
    "currency": "EUR",
    "country": "DE",
    "customer_type": "business",
    "channels": ["email", "letter", "phone"],
}
SAAS: Mapping[str, object] = {
    "currency": "EUR",
    "country": "NL",
    "customer_type": "business",
    "channels": ["email", "letter", "phone"],
    "customer_value": "50000",
    "contract_term": "annual",
    "notice_address_verified": True,
}
US: Mapping[str, object] = {
    "currency": "USD",
    "country": "US",
    "payment_method": "card",
    "channels": ["email", "letter", "sms"],
    "decline_category": "hard",
    "failed_attempts": 1,
    "zone_known": True,
    "scra_checked": True,
}


def nl_letter(letter: str = "fourteen-day-letter", second: str = "second-reminder") -> tuple[Step, ...]:
    """The Dutch ladder up to the costs, which the letter announces."""
    return (
        Step("friendly-reminder", 2, 4),
        Step(second, 8, 12),
        Step(letter, 21, 28),
        Step("charge-costs", 36, None, (Wait(letter, 1, 3, is_from_term=True),)),
    )


def nl_cut(*letters: str) -> tuple[Step, ...]:
    """The same, and the suspension that is announced next."""
    return (
        *nl_letter(*letters),
        Step("suspension-warning", 39, None, (Wait("charge-costs", 3, 7),)),
        Step("suspend-service", 47, None, (Wait("suspension-warning", 8, 14),)),
    )


def nl_end(letter: str = "fourteen-day-letter") -> tuple[Step, ...]:
    """The call beside the Dutch ladder and the hand-over at its end."""
    term = Wait(letter, 1, is_from_term=True)
    return (
        Step("plan-call", 50, 60, (term,), is_beside=True),
        Step("hand-over", 75, 90, (term, Wait("suspend-service", 1))),
    )


def se_ladder(reminder: str, demand: str) -> tuple[Step, ...]:
    """The Swedish ladder with one of its reminders and one of its demands."""
    return (
        Step("nudge", 3, 5),
        Step(reminder, 8, 12),
        Step("plan-call", 14, 18),
        Step(demand, 22, 28, (Wait(reminder, 1, is_from_term=True),)),
        Step("last-chance", 34, None, (Wait(demand, 12, 14),)),
        Step("payment-order", 37, None, (Wait(demand, 15, 45), Wait(demand, 4, is_from_term=True))),
    )


def eu_ladder(of_country: str, *, reminder: str = "") -> tuple[Step, ...]:
    """The ladder of European businesses with the rules of one country's interest."""
    second, formal, final = (f"{name}{of_country}" for name in ("second-reminder", "formal-notice", "final-demand"))
    second += reminder
    return (
        Step("due-today", 0, 0, is_beside=True, gone_after=0),
        Step("first-reminder", 3, 5),
        Step(second, 10, 12),
        Step("call-accounts-payable", 15, 20),
        Step(formal, 30, 35, (Wait(second, 5),)),
        Step("escalate", 40, 45, (Wait(formal, 0),)),
        Step("credit-hold", 45, 50, (Wait(formal, 1, is_from_term=True),)),
        Step(final, 60, 65, (Wait(formal, 1, is_from_term=True),)),
        Step("hand-over", 75, 90, (Wait(final, 1, is_from_term=True),)),
    )


def us_ladder(first: str, *beside: Step) -> tuple[Step, ...]:
    """The ladder of US subscriptions, its retries beside it."""
    return (
        *beside,
        Step(first, 0, 1),
        Step("second-mail", 3, 4),
        Step("text", 5, 7, gone_after=9),
        Step("last-days", 10, 11),
        Step("suspend-service", 15, 16, (Wait("last-days", 5),)),
        Step("win-back", 21, 22, (Wait("suspend-service", 2),)),
        Step("cancel", 30, 31, (Wait("last-days", 15), Wait("win-back", 8))),
        Step("hand-over", 60, 90, (Wait("cancel", 2), Wait("last-days", 30))),
    )


UK_LADDER = (
    Step("friendly-reminder", 3, 5),
    Step("support-reminder", 8, 12),
    Step("support-call", 14, 18),
    Step("arrears-notice", 28, 32),
    Step("suspend-service", 40, 45, (Wait("arrears-notice", 1, is_from_term=True),)),
    Step("letter-of-claim", 60, 70, (Wait("arrears-notice", 1, is_from_term=True),)),
    Step("hand-over", 95, None, (Wait("letter-of-claim", 5, 20, is_from_term=True),)),
)


def saas_notice(notice: str) -> tuple[Step, ...]:
    """The ladder of large annual contracts up to the offer of instalments."""
    return (
        Step("personal-nudge", 2, 3),
        Step("call-accounts-payable", 7, 8),
        Step("second-reminder", 15, 17),
        Step("executive-sponsor", 21, 23),
        Step(notice, 30, 33),
        Step("instalments", 35, 45, (Wait(notice, 0),)),
    )


def saas_ladder(notice: str) -> tuple[Step, ...]:
    """The same, to its end."""
    term = Wait(notice, 1, is_from_term=True)
    return (
        *saas_notice(notice),
        Step("suspension-warning", 52, None, (Wait(notice, 22, 26),)),
        Step("read-only", 63, None, (term, Wait("suspension-warning", 1, is_from_term=True))),
        Step("hand-over", 90, 120, (term, Wait("read-only", 1))),
    )


def nl(name: str, account: Mapping[str, object], amount: str, *steps: Step, is_charged: bool = False) -> Walk:
    """A Dutch consumer."""
    found = {**NL, **account}
    return Walk(
        name=name, ruleset="nl-consumer-subscription", account=found, open=amount, steps=steps, is_charged=is_charged
    )


def se(name: str, account: Mapping[str, object], *steps: Step) -> Walk:
    """A Swedish consumer."""
    return Walk(name=name, ruleset="se-consumer-invoice", account={**SE, **account}, open="900", steps=steps)


def uk(name: str, account: Mapping[str, object], *steps: Step) -> Walk:
    """A consumer in the United Kingdom."""
    return Walk(name=name, ruleset="uk-consumer", account={**UK, **account}, open="300", steps=steps, is_charged=True)


def eu(name: str, account: Mapping[str, object], amount: str, *steps: Step) -> Walk:
    """A business in the European Union."""
    return Walk(name=name, ruleset="eu-b2b-invoice", account={**EU, **account}, open=amount, steps=steps)


def us(name: str, account: Mapping[str, object], *steps: Step) -> Walk:
    """A consumer in the United States who pays by card or ACH."""
    found = {key: value for key, value in {**US, **account}.items() if value is not None}
    ruleset = "us-consumer-card-subscription"
    return Walk(name=name, ruleset=ruleset, account=found, open="150", steps=steps, is_charged=True)


def saas(name: str, account: Mapping[str, object], *steps: Step) -> Walk:
    """A business with a large annual contract."""
    found, ruleset = {**SAAS, **account}, "saas-annual-high-value"
    if found["currency"] == "SEK":
        found["customer_value"] = "500000"
    return Walk(
        name=name, ruleset=ruleset, account=found, open="400000" if found["currency"] == "SEK" else "40000", steps=steps
    )


WALKS = (
    nl("nl", {}, "300", *nl_cut(), *nl_end()),
    nl(
        "nl-terms",
        {"vip": True},
        "100",
        *nl_cut("fourteen-day-letter-terms", "courtesy-call"),
        *nl_end("fourteen-day-letter-terms"),
    ),
    nl("nl-small", {"one_agreement": False}, "20", *nl_cut(), Step("write-off", 180)),
    nl(
        "nl-cancelled",
        {"service_status": "cancelled"},
        "300",
        *nl_letter(),
        nl_end()[0],
        Step("hand-over-unserved", 75, 90, (Wait("fourteen-day-letter", 1, is_from_term=True),)),
    ),
    nl(
        "nl-essential",
        {"service_essential": True},
        "300",
        *nl_cut()[:-1],
        Step("essential-service", 47, None, (Wait("suspension-warning", 8, 14),)),
        *nl_end(),
    ),
    nl(
        "nl-debit",
        {"payment_method": "sepa_debit", "decline_code": "AM04", "failed_attempts": 1},
        "300",
        Step("announce-recollection", 5, 8, is_beside=True, gone_after=12),
        Step("recollect-announced", 23, None, (Wait("announce-recollection", 18, 19),), is_beside=True, gone_after=12),
        *nl_cut(),
        *nl_end(),
        is_charged=True,
    ),
    se("se-fee", {"due_date_agreed": True, "reminder_fee_agreed": True}, *se_ladder("reminder-with-fee", "krav")),
    se("se-interest", {"due_date_agreed": True}, *se_ladder("reminder-with-interest", "krav")),
    se("se", {}, *se_ladder("reminder", "krav-without-interest")),
    eu("eu", {"country": "BE"}, "9000", *eu_ladder("")),
    eu("eu-de", {}, "9000", *eu_ladder("-de")),
    eu("eu-fr", {"country": "FR"}, "9000", *eu_ladder("-fr")),
    eu("eu-nl", {"country": "NL"}, "9000", *eu_ladder("-nl")),
    eu("eu-se", {"country": "SE", "currency": "SEK"}, "90000", *eu_ladder("-se")),
    eu(
        "eu-se-fee",
        {"country": "SE", "currency": "SEK", "reminder_fee_agreed": True},
        "90000",
        *eu_ladder("-se", reminder="-fee"),
    ),
    us("us-hard", {}, *us_ladder("new-card")),
    us(
        "us-soft",
        {"decline_category": "soft"},
        *us_ladder("payment-failed", Step("retry-soft", 1, 3, is_beside=True, gone_after=14, every=2, times=7)),
    ),
    us(
        "us-ach",
        {"payment_method": "ach_debit", "decline_category": None, "decline_code": "R01"},
        *us_ladder("payment-failed", Step("retry-ach", 4, 6, is_beside=True, every=6, times=2)),
    ),
    uk("uk", {}, *UK_LADDER),
    uk(
        "uk-debit",
        {"payment_method": "bacs_debit", "decline_code": "0", "failed_attempts": 1},
        Step("present-again", 5, 7, is_beside=True, gone_after=25, every=7, times=2),
        *UK_LADDER,
    ),
    saas("saas", {"country": "US"}, *saas_ladder("notice")),
    saas("saas-eu", {"country": "BE"}, *saas_ladder("notice-eu")),
    saas("saas-de", {"country": "DE"}, *saas_ladder("notice-de")),
    saas("saas-gb", {"country": "GB", "currency": "GBP"}, *saas_ladder("notice-gb")),
    saas("saas-nl", {}, *saas_ladder("notice-nl")),
    saas("saas-se", {"country": "SE", "currency": "SEK"}, *saas_ladder("notice-se")),
    saas(
        "saas-essential",
        {"service_essential": True},
        *saas_notice("notice-nl"),
        Step("hand-over-uncut", 90, 120, (Wait("notice-nl", 1, is_from_term=True),)),
    ),
)


@pytest.fixture(scope="module")
def examples() -> Mapping[str, Compiled]:
    """The six examples."""
    return compile_examples()


@pytest.mark.slow
@pytest.mark.parametrize("walk", [pytest.param(walk, id=walk.name) for walk in WALKS])
def test_every_step_that_is_announced_comes(walk: Walk, examples: Mapping[str, Compiled]) -> None:
    """Each comes once, in its order, not before its time; and in time where the account is seen from the beginning."""
    compiled = examples[walk.ruleset]
    for seen in SEEN:
        tried = {"days_since_last_attempt": seen} if walk.is_charged else {}
        walker = Walker(compiled, {**walk.account, **tried}, amount=walk.open, seen=seen)
        for number in range(THREE_YEARS):
            walker.walk(FIRST_DUE + dt.timedelta(days=number))
        for way, dues in walker.ways.items():
            wrong = list(_list_wrong(walk.steps, way, seen, compiled.ruleset.dunning_interval_days))
            assert not wrong, f"due {dues[0]}, first seen on day {seen}: {wrong}"
        assert sum(len(dues) for dues in walker.ways.values()) == THREE_YEARS
        walker.confirm()


def test_only_terms_hang_on_the_calendar(examples: Mapping[str, Compiled]) -> None:
    """Nothing that the examples ask is a date but when an experiment ends: the account is in what all are in then."""
    dated = {name: list_dated(compiled) for name, compiled in examples.items()}
    assert {name: keys for name, keys in dated.items() if keys} == {
        "us-consumer-card-subscription": {"@variant:second-mail-tone"}
    }
    us = examples["us-consumer-card-subscription"]
    account = {"id": ACCOUNT_ID, **US, "invoices": []}
    assert next_action([us], account, as_of=FIRST_DUE).variants == {"second-mail-tone": "control"}


def _list_wrong(announced: Sequence[Step], way: Sequence[Came], seen: int, interval: int) -> Iterator[tuple[str, str]]:
    """Yield each step with what is wrong of it."""
    expected = {step.rule: step for step in announced if step.gone_after is None or seen <= step.gone_after}
    order = [step.rule for step in expected.values() if not step.is_beside]
    climbed = [came for came in way if came.rule not in expected or not expected[came.rule].is_beside]
    if [came.rule for came in climbed] != order:
        yield "the order", ", ".join(came.rule for came in climbed)
    for before, after in pairwise(climbed):
        if after.day - before.day < interval:
            yield after.rule, f"comes {after.day - before.day} days after {before.rule}"
    first = {came.rule: came for came in reversed(way)}
    for step in expected.values():
        if step.rule not in first:
            yield step.rule, "never comes"
            continue
        day = first[step.rule].day
        is_late = seen == 0 and step.to_day is not None and day > step.to_day
        if day < step.from_day or is_late:
            yield step.rule, f"comes on day {day}"
        yield from _list_broken_waits(step, first, is_bound=seen == 0)
        yield from _list_wrong_repetitions(step, way, is_bound=seen == 0)


def _list_broken_waits(step: Step, first: Mapping[str, Came], *, is_bound: bool) -> Iterator[tuple[str, str]]:
    for wait in step.after:
        before = first.get(wait.step)
        if before is None:
            continue
        begin = before.pay_by if wait.is_from_term else before.day
        days = None if begin is None else first[step.rule].day - begin
        if days is None or days < wait.least or (is_bound and wait.most is not None and days > wait.most):
            yield step.rule, f"comes {days} days after {wait.step}"


def _list_wrong_repetitions(step: Step, way: Sequence[Came], *, is_bound: bool) -> Iterator[tuple[str, str]]:
    days = [came.day for came in way if came.rule == step.rule]
    if len(days) > step.times or (is_bound and len(days) < step.times):
        yield step.rule, f"comes {len(days)} times"
    if step.every is not None and any(b - a < step.every for a, b in pairwise(days)):
        yield step.rule, f"comes on the days {days}"
