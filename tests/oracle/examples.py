"""Texts that the oracle's own tests ask: the example of language.md section 1, and a builder of small ones."""

from typing import Any

NL_CONSUMER = """
ruleset: nl-consumer-subscription
title: Dutch consumer subscriptions
currency: EUR
timezone: Europe/Amsterdam
effective: {from: 2026-01-01}
applies_to: {country: NL, segment: consumer}
ladder: catch_up
dunning_interval_days: 5
calendar:
  country: NL
  categories: [public, optional]
  weekend: [sunday]
  deadline_weekend: [saturday, sunday]
  delivery: {letter: {days: 2, not_counting: [sunday, monday]}}
  hours: {default: "07:00-20:00", phone: "09:00-20:00"}
  bank: XECB
  paydays: [25]
facts:
  contract_term: {type: enum, values: [monthly, annual], optional: true}
conditions:
  high_value: {customer_value: {at_least: 5000}}
fees:
  wik:
    basis: overdue_balance
    tiers: [{up_to: 2500, percent: 15}, {up_to: 5000, percent: 10}, {up_to: 10000, percent: 5},
            {up_to: 200000, percent: 1}, {percent: 0.5}]
    at_least: 40
    at_most: 6775
contact_limits:
  - {channel: phone, at_most: 2, per_days: 7}
  - {at_most: 3, per_days: 7}
blocks:
  - {id: insolvency, when: {insolvent: true}, reason: The debtor is insolvent; only the trustee may be written to.}
  - {id: open-dispute, when: {disputed: true}, reason: "Disputed: {dispute_reason}"}
rules:
  - id: friendly-reminder
    level: 1
    when: {days_overdue: 3.., overdue_balance: {at_least: 10}}
    then: {action: send_reminder, channel: [preferred, email, sms], template: nl.reminder.friendly, tone: friendly}
  - id: fourteen-day-letter
    level: 2
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: [letter, email], template: nl.wik.14days, pay_within_days: 14,
           announce_fee: wik}
  - id: charge-costs
    level: 3
    after: {rule: fourteen-day-letter, days: 1, from: pay_by}
    then: {action: charge_fee, fee: announced}
  - id: soft-decline-retry
    when: {payment_method: card, decline_category: soft}
    repeat: {every_days: 3, at_most: 4}
    then: {action: retry_payment, schedule: {day: payday}}
otherwise: {action: none}
"""

SMALL = """
ruleset: small
title: Small
currency: EUR
timezone: Europe/Amsterdam
"""


def account_nl(**facts: Any) -> dict[str, Any]:
    """A Dutch consumer with one invoice of 49.95."""
    return {
        "id": "A-1001",
        "country": "NL",
        "segment": "consumer",
        "currency": "EUR",
        "channels": ["letter", "email"],
        "invoices": [{"id": "I-7", "due_on": "2026-11-06", "open": "49.95"}],
        **facts,
    }


def account_small(**facts: Any) -> dict[str, Any]:
    """An account of the small rulesets, with e-mail and ten days overdue on 2026-03-11."""
    return {
        "id": "A",
        "currency": "EUR",
        "channels": ["email", "phone"],
        "invoices": [{"id": "I1", "due_on": "2026-03-01", "open": "100.00"}],
        **facts,
    }
