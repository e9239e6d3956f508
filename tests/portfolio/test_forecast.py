"""What the next days bring if nobody pays: as each account asked alone on every day, each action carried out."""

import datetime as dt
from collections import Counter
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from engine.evaluation.decide import next_action
from engine.evaluation.rulesets import Rulesets
from engine.evaluation.timeline import execute
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.portfolio.forecast import OTHER, Forecast, Volume
from tests.portfolio.batches import compile_text, examples, rows, sample_documents

FIRST = dt.date(2026, 11, 20)
DAYS = 30
CHARGING = """
ruleset: charging
title: Charging
currency: EUR
timezone: Europe/Amsterdam
calendar: {country: NL, weekend: [sunday], hours: {default: "09:00-18:00"}}
fees:
  late: {fixed: 10, once_per: episode}
contact_limits:
  - {channel: email, at_most: 2, per_days: 7}
rules:
  - id: warn
    level: 1
    when: {days_overdue: 3..}
    then:
      action: send_reminder
      channel: [email, letter]
      along_with: [{action: charge_fee, fee: late}, {action: send_reminder, channel: letter}]
  - id: again
    level: 2
    when: {days_overdue: 5..}
    repeat: {every_days: 4, at_most: 3}
    then: {action: send_dunning_notice, channel: [email, letter], pay_within_days: 7, announce_fee: late}
  - id: stop
    level: 3
    after: {rule: again, days: 1, from: pay_by}
    then: {action: suspend_service}
"""


def foretell(rulesets: Rulesets, text: str) -> Volume:
    """Ask an account alone at the first moment of every day, and carry out what wins as it is scheduled."""
    account: dict[str, Any] = msgspec.json.decode(text)
    history, outcomes = account.pop("history", []), account.pop("outcomes", [])
    account.setdefault("facts_on", FIRST.isoformat())
    found: Volume = Counter()
    waits_until = FIRST
    for number in range(DAYS):
        day = FIRST + dt.timedelta(days=number)
        if day < waits_until:
            continue
        try:
            decision = next_action(rulesets, account, history, outcomes=outcomes, as_of=day, is_live=False)
        except (AccountInvalid, RulesetsOverlap):
            break
        action = decision.action
        if decision.outcome != "act" or decision.rule is None or action is None:
            continue
        assert action.scheduled_for is not UNSET
        on = action.scheduled_for.date()
        waits_until = on + dt.timedelta(days=1)
        history.append(execute(decision) | {"at": action.scheduled_for.isoformat()})
        also = [each.channel for each in decision.along_with if each.channel is not UNSET]
        channels = also if action.channel is UNSET else [action.channel, *also]
        if on <= FIRST + dt.timedelta(days=DAYS - 1):
            found.update((on, channel) for channel in channels or [OTHER])
    return found


def forecast(rulesets: Rulesets, documents: tuple[str, ...]) -> Volume:
    """Ask all of them at once."""
    made = Forecast(rulesets, first=FIRST, days_count=DAYS, track="dunning")
    made.add(rows(rulesets, *documents))
    return made.volume


def write(name: str, **keys: Any) -> str:
    """An account that owes something."""
    invoices = [{"id": "I-1", "due_on": "2026-11-14", "open": "49.95"}]
    account = {"id": name, "currency": "EUR", "channels": ["email", "letter"], "invoices": invoices}
    return msgspec.json.encode(account | keys).decode()


ODD = (
    write("plain"),
    write("in-the-middle", history=[{"rule": "warn", "at": "2026-11-18", "level": 1, "channel": "email"}]),
    write("given", invoices=None, days_overdue=-3, overdue_balance="20.00", open_balance="20.00"),
    write("promised", outcomes=[{"id": "P", "type": "payment", "at": "2026-11-19", "amount": "1.00"}]),
    write("elsewhere", timezone="America/New_York"),
    write("refused", channels=["fax"]),
    write("later", invoices=[{"id": "I-9", "due_on": "2026-12-10", "open": "10.00"}]),
)


@pytest.mark.parametrize("text", ODD)
def test_an_account_is_foretold_as_though_it_were_asked_every_day(text: str) -> None:
    """Fees along with an action, announced ones, limits, repetitions, outcomes, given facts that move, other zones."""
    rulesets = compile_text(CHARGING)
    assert forecast(rulesets, (text.replace('"invoices":null,', ""),)) == foretell(
        rulesets, text.replace('"invoices":null,', "")
    )


def test_all_accounts_come_to_the_sum_of_each() -> None:
    """The sample accounts under the example rulesets, with their histories."""
    documents = sample_documents()[:40]
    expected: Volume = Counter()
    for text in documents:
        expected.update(foretell(examples(), text))
    assert forecast(examples(), documents) == expected
    assert len(expected) > DAYS
