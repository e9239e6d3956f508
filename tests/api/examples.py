"""A ruleset, an account it covers, and the instant the tests ask about."""

from typing import Any

REMINDER = """\
ruleset: nl-consumer
title: Dutch consumers
currency: EUR
timezone: Europe/Amsterdam
effective: {from: 2026-01-01}
applies_to: {country: NL}
blocks:
  - {id: open-dispute, when: {disputed: true}, reason: The debt is disputed.}
rules:
  - id: friendly-reminder
    title: Friendly reminder
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: [preferred, email, sms], template: nl.reminder}
  - id: notice
    level: 2
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: [letter, email], pay_within_days: 14}
"""
ANNA: dict[str, Any] = {
    "id": "anna",
    "currency": "EUR",
    "country": "NL",
    "channels": ["email"],
    "invoices": [{"id": "I-1", "due_on": "2026-11-01", "open": 49.95}],
}
AS_OF = "2026-11-06T09:00:00+01:00"
