"""Write rulesets/samples: two hundred accounts spread over the six example rulesets, and what was done to them so far.

The same seed and day always give the same bytes. Run it as `python scripts/make_sample_accounts.py [--day 2026-11-20]`.
"""

import argparse
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

SAMPLES = Path(__file__).resolve().parent.parent / "rulesets" / "samples"
DAY = dt.date(2026, 11, 20)
SEED = 20261120

Document = dict[str, object]


class Step(NamedTuple):
    """One executed step of a ladder: its rule, the day after the due date, its channel, the days it gave to pay."""

    rule: str
    day: int
    channel: str | None = None
    pay_within: int | None = None


class Market(NamedTuple):
    """One ruleset's accounts: how many, what they look like, and the ladder they have climbed."""

    ruleset: str
    account_count: int
    describe: Callable[[Random], Document]
    amounts: tuple[str, ...]
    ladder: Callable[[Document], tuple[Step, ...]]
    latest_day: int


def _pick(random: Random, *choices: str) -> str:
    return random.choice(choices)


def _channels(random: Random, *always: str) -> list[str]:
    return sorted({*always, *random.sample(["email", "letter", "phone", "sms", "in_app"], k=random.randint(1, 4))})


def _describe_dutch(random: Random) -> Document:
    facts: Document = {
        "country": "NL",
        "customer_type": _pick(random, "consumer", "consumer", "consumer", "unknown"),
        "currency": "EUR",
        "language": _pick(random, "nl", "nl", "nl", "en"),
        "channels": _channels(random, "email", "letter"),
        "plan": _pick(random, "basic", "family", "plus"),
        "customer_value": _pick(random, "180.00", "320.00", "640.00", "1400.00"),
    }
    if random.random() < 0.4:
        code = _pick(random, "AM04", "AM04", "MS03", "MD06", "AC04")
        facts |= {"payment_method": "sepa_debit", "decline_code": code, "failed_attempts": random.randint(1, 2)}
        facts |= {"prenotification": _pick(random, "shorter", "fourteen_days")}
        facts["days_since_last_attempt"] = random.randint(1, 12)
    return facts


def _describe_swedish(random: Random) -> Document:
    return {
        "country": "SE",
        "customer_type": "consumer",
        "currency": "SEK",
        "language": "sv",
        "channels": _channels(random, "email", "letter"),
        "due_date_agreed": random.random() < 0.7,
        "reminder_fee_agreed": random.random() < 0.6,
    }


def _describe_business(random: Random) -> Document:
    country = _pick(random, "DE", "NL", "FR", "BE", "AT", "IT")
    return {
        "country": country,
        "customer_type": _pick(random, "business", "business", "business", "public_body"),
        "currency": "EUR",
        "language": {"DE": "de", "AT": "de", "NL": "nl", "FR": "fr", "BE": "nl", "IT": "it"}[country],
        "channels": _channels(random, "email", "letter"),
        "contract_term": _pick(random, "monthly", "annual"),
        "customer_value": _pick(random, "900.00", "2400.00", "8000.00"),
    }


def _describe_american(random: Random) -> Document:
    facts: Document = {
        "country": "US",
        "customer_type": "consumer",
        "currency": "USD",
        "subdivision": _pick(random, "CA", "NY", "TX", "MA", "FL", "IL"),
        "timezone": _pick(random, "America/New_York", "America/Chicago", "America/Los_Angeles"),
        "zone_known": random.random() < 0.8,
        "channels": _channels(random, "email"),
        "failed_attempts": random.randint(1, 3),
        "days_since_last_attempt": random.randint(0, 6),
    }
    if random.random() < 0.2:
        return facts | {"payment_method": "ach_debit", "decline_code": _pick(random, "R01", "R09", "R03", "R10")}
    codes = ("insufficient_funds", "issuer_not_available", "do_not_honor", "expired_card", "lost_card", "51", "91")
    network = _pick(random, "visa", "visa", "mastercard", "amex")
    return facts | {"payment_method": "card", "card_network": network, "decline_code": _pick(random, *codes)}


def _describe_british(random: Random) -> Document:
    facts: Document = {
        "country": "GB",
        "customer_type": "consumer",
        "currency": "GBP",
        "subdivision": _pick(random, "ENG", "ENG", "WLS", "SCT"),
        "channels": _channels(random, "email", "letter"),
        "reports_difficulty": random.random() < 0.15,
    }
    if random.random() < 0.5:
        facts |= {"payment_method": "bacs_debit", "decline_code": _pick(random, "0", "0", "1", "B")}
        facts |= {"failed_attempts": 1, "days_since_last_attempt": random.randint(2, 10)}
    return facts


def _describe_large(random: Random) -> Document:
    country, currency = random.choice((("GB", "GBP"), ("US", "USD"), ("NL", "EUR"), ("DE", "EUR"), ("SE", "SEK")))
    return {
        "country": country,
        "customer_type": "business",
        "contract_term": "annual",
        "customer_value": "240000.00" if currency == "SEK" else _pick(random, "12000.00", "40000.00", "90000.00"),
        "currency": currency,
        "channels": _channels(random, "email", "phone"),
        "notice_address_verified": random.random() < 0.7,
    }


def _climb_dutch(_facts: Document) -> tuple[Step, ...]:
    return (
        Step("friendly-reminder", 2, "email"),
        Step("second-reminder", 8, "email"),
        Step("fourteen-day-letter-terms", 21, "letter", 16),
        Step("charge-costs", 38),
        Step("suspension-warning", 41, "email", 7),
        Step("suspend-service", 49),
    )


def _climb_swedish(facts: Document) -> tuple[Step, ...]:
    has_interest = bool(facts["due_date_agreed"])
    has_fee = has_interest and bool(facts["reminder_fee_agreed"])
    reminder = "reminder-with-fee" if has_fee else "reminder-with-interest" if has_interest else "reminder"
    return (
        Step("nudge", 3, "email"),
        Step(reminder, 8, "letter", 10),
        Step("krav" if has_interest else "krav-without-interest", 22, "letter", 10),
        Step("last-chance", 34, "email"),
    )


def _climb_business(facts: Document) -> tuple[Step, ...]:
    suffix = f"-{str(facts['country']).lower()}" if facts["country"] in {"DE", "FR", "NL"} else ""
    return (
        Step("first-reminder", 3, "email"),
        Step(f"second-reminder{suffix}", 10, "email"),
        Step(f"formal-notice{suffix}", 30, "email", 12),
        Step("credit-hold", 45),
        Step(f"final-demand{suffix}", 60, "letter", 12),
    )


def _climb_american(_facts: Document) -> tuple[Step, ...]:
    return (
        Step("payment-failed", 0, "email"),
        Step("second-mail", 4, "email"),
        Step("last-days", 10, "email"),
        Step("suspend-service", 15),
        Step("win-back", 21, "email"),
        Step("cancel", 30),
    )


def _climb_british(_facts: Document) -> tuple[Step, ...]:
    return (
        Step("friendly-reminder", 3, "email"),
        Step("support-reminder", 8, "email"),
        Step("arrears-notice", 28, "letter", 10),
        Step("suspend-service", 40),
        Step("letter-of-claim", 60, "letter", 32),
    )


def _climb_large(_facts: Document) -> tuple[Step, ...]:
    return (
        Step("personal-nudge", 2),
        Step("call-accounts-payable", 7, "phone"),
        Step("second-reminder", 15, "email"),
    )


MARKETS = (
    Market("nl-consumer-subscription", 60, _describe_dutch, ("12.50", "29.95", "49.95", "79.00"), _climb_dutch, 100),
    Market("se-consumer-invoice", 30, _describe_swedish, ("149.00", "499.00", "1200.00"), _climb_swedish, 60),
    Market("eu-b2b-invoice", 35, _describe_business, ("240.00", "1850.00", "12000.00"), _climb_business, 90),
    Market("us-consumer-card-subscription", 40, _describe_american, ("9.99", "59.00", "120.00"), _climb_american, 65),
    Market("uk-consumer", 20, _describe_british, ("18.00", "75.00", "240.00"), _climb_british, 95),
    Market("saas-annual-high-value", 15, _describe_large, ("12000.00", "40000.00"), _climb_large, 45),
)
SITUATIONS: tuple[Document, ...] = (
    {"disputed": True, "dispute_reason": "already paid"},
    {"insolvent": True},
    {"promise_to_pay_in_days": 4},
    {"promise_to_pay_in_days": -2},
    {"hold_days_left": 9, "hold_reason": "moving house"},
    {"payment_in_flight": True},
    {"payment_plan_active": True},
    {"payment_plan_active": True, "payment_plan_missed": 1},
    {"do_not_contact": True},
    {"vip": True},
)


def _show(day: dt.date) -> tuple[Document, list[Document]]:
    """The account that shows a fourteen-day letter: one term open, two reminders sent."""
    due_on = day - dt.timedelta(days=24)
    account: Document = {"id": "A-1001", "country": "NL", "customer_type": "consumer", "currency": "EUR"}
    account |= {"language": "nl", "channels": ["email", "letter", "phone"], "facts_on": day.isoformat()}
    account["invoices"] = [_write_invoice("I-7", due_on, "49.95")]
    steps = (Step("friendly-reminder", 2, "email"), Step("second-reminder", 8, "email"))
    return account, [_write_entry("A-1001", "nl-consumer-subscription", step, due_on) for step in steps]


def _write_invoice(name: str, due_on: dt.date, amount: str) -> Document:
    issued_on = due_on - dt.timedelta(days=14)
    return {"id": name, "due_on": str(due_on), "issued_on": str(issued_on), "amount": amount, "open": amount}


def _write_entry(account: str, ruleset: str, step: Step, due_on: dt.date) -> Document:
    done_on = due_on + dt.timedelta(days=step.day)
    entry: Document = {"account_id": account, "ruleset": ruleset, "rule": step.rule, "at": f"{done_on}T15:00:00Z"}
    entry["episode"] = str(due_on)
    if step.channel is not None:
        entry["channel"] = step.channel
    if step.pay_within is not None:
        entry["pay_by"] = str(done_on + dt.timedelta(days=step.pay_within))
    if step.rule == "fourteen-day-letter-terms":
        entry["announced_fee"] = {"name": "bik_terms", "amount": "40.00", "currency": "EUR"}
    if step.rule == "charge-costs":
        entry["fee"] = {"name": "bik_terms", "amount": "40.00", "currency": "EUR"}
    return entry


def _write_account(random: Random, market: Market, name: str, day: dt.date) -> tuple[Document, list[Document]]:
    due_on = day - dt.timedelta(days=random.randint(-12, market.latest_day))
    facts = market.describe(random)
    amounts = [random.choice(market.amounts) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    invoices = [
        _write_invoice(f"{name}-{number}", due_on + dt.timedelta(days=30 * (number - 1)), amount)
        for number, amount in enumerate(amounts, start=1)
        if number == 1 or due_on + dt.timedelta(days=30 * (number - 1)) <= day + dt.timedelta(days=14)
    ]
    account = {"id": name, "facts_on": day.isoformat()} | facts | {"invoices": invoices}
    if random.random() < 0.2:
        account |= random.choice(SITUATIONS)
    lag = random.randint(0, 4)
    done = [step for step in market.ladder(facts) if due_on + dt.timedelta(days=step.day + lag) < day]
    return account, [_write_entry(name, market.ruleset, step, due_on) for step in done]


def make_samples(day: dt.date, seed: int) -> tuple[list[Document], list[Document]]:
    """The accounts and their history, as documents."""
    random = Random(seed)
    account, history = _show(day)
    accounts, entries = [account], [*history]
    names = (f"A-{number}" for number in range(1002, 10_000))
    for market in MARKETS:
        for _ in range(market.account_count - (market is MARKETS[0])):
            account, history = _write_account(random, market, next(names), day)
            accounts.append(account)
            entries += history
    return accounts, entries


def _lines(documents: list[Document]) -> Iterator[str]:
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n" for document in documents)


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", type=dt.date.fromisoformat, default=DAY, help="the day the samples are about")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=SAMPLES, help="the folder to write to")
    arguments = parser.parse_args()
    accounts, entries = make_samples(arguments.day, arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "accounts.ndjson").write_text("".join(_lines(accounts)), encoding="utf-8")
    (arguments.out / "history.ndjson").write_text("".join(_lines(entries)), encoding="utf-8")
    print(f"{len(accounts)} accounts and {len(entries)} entries of history about {arguments.day}")


if __name__ == "__main__":
    main()
