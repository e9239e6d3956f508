"""A portfolio is decided as its accounts would be, one by one."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.evaluation.decide import next_action
from engine.evaluation.rulesets import UnknownRuleset
from engine.model.account import AccountInvalid
from engine.model.decision import encode_decision
from engine.model.exactjson import FREE_JSON
from engine.portfolio.asking import Ask
from engine.portfolio.decisions import COLUMNS, DECISIONS, REFUSED
from engine.portfolio.kernel import Kernel
from engine.portfolio.singly import ALL_SINGLY, decide_singly
from tests.portfolio.batches import compile_text, examples, rows, sample_documents, small

AS_OF = dt.datetime.fromisoformat("2026-11-20T09:00:00+01:00")
ASK = Ask(as_of=AS_OF)
ANNA = {"id": "anna", "currency": "EUR", "channels": ["email"], "days_overdue": 5}


def plain(row: dict[str, Any], name: str) -> object:
    """A column's value as JSON writes it, None where it is empty."""
    value = row[name]
    if isinstance(value, Decimal):
        return value
    return value.isoformat() if isinstance(value, dt.date) else value or None


def test_the_samples_are_decided_as_one_by_one() -> None:
    """Every sample account comes out in its row as `next_action` says it, or is refused with the same reasons."""
    documents = sample_documents()
    decided = decide_singly(rows(examples(), *documents), examples(), ASK)
    came = {row["account_id"]: row for row in decided.decisions.to_pylist()}
    refused = {(row["account_id"], row["pointer"], row["message"]) for row in decided.refused.to_pylist()}
    for text in documents:
        account: Any = FREE_JSON.decode(text)
        history = account.pop("history")
        if account["id"] not in came:
            with pytest.raises(AccountInvalid) as caught:
                next_action(examples(), account, history, as_of=AS_OF)
            assert {(account["id"], each.pointer, each.message) for each in caught.value.problems} <= refused
            continue
        decision = next_action(examples(), account, history, as_of=AS_OF)
        row, answer = came[account["id"]], json.loads(encode_decision(decision))
        for name in ("outcome", "episode", "reason", "review_on", "track", "as_of", "warnings"):
            assert plain(row, name) == (answer[name] or None), name
        assert row["sent_before"] == answer["sent_before"]
        assert row["rule"] == (answer["rule"] or {}).get("id")
        action, claim = answer["action"] or {}, answer["claim"] or {}
        for name in ("channel", "template", "tone", "language", "pay_by", "scheduled_for", "approval", "to", "method"):
            assert plain(row, name) == action.get(name), name
        assert row["action"] == action.get("type")
        for name in ("fee", "announced_fee", "interest"):
            amount = action.get(name, {}).get("amount")
            assert row[name] == (None if amount is None else Decimal(amount)), name
        for name in ("amount", "fee", "interest", "total"):
            amount = claim.get(name, {}).get("amount")
            assert row[f"claim_{name}"] == (None if amount is None else Decimal(amount)), name
        assert (json.loads(row["along_with"]) if row["along_with"] else []) == answer["along_with"]
        assert (json.loads(row["variants"]) if row["variants"] else {}) == answer["variants"]
    assert len(came) + len({row["account_id"] for row in decided.refused.to_pylist()}) == len(documents)
    assert decided.singly == {ALL_SINGLY: len(documents)}


def test_whoever_is_refused_stands_apart() -> None:
    """One account that cannot be decided on is refused with its row and every reason; the others keep their order."""
    bad = {"id": "bad", "currency": "EUR", "channels": ["fax"], "days_overdue": 5, "customer_value": "1.234"}
    decided = decide_singly(rows(small(), ANNA, bad, ANNA | {"id": "bert"}), small(), ASK)
    assert decided.decisions["account_id"].to_pylist() == ["anna", "bert"]
    assert decided.decisions.schema == DECISIONS
    assert decided.refused.schema == REFUSED
    assert {(each["row"], each["account_id"], each["pointer"]) for each in decided.refused.to_pylist()} == {
        (1, "bad", "/account/channels"),
        (1, "bad", "/account/customer_value"),
    }


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "the account is no JSON"),
        ("[]", "an account is a mapping"),
        ('{"id": "a", "currency": "EUR", "history": {}}', "history is a list"),
        ('{"id": "a", "currency": "EUR", "channels": [], "shade": "red"}', "shade is no fact"),
        ('{"id": "a", "currency": "EUR", "channels": [], "days_overdue": 1.5}', "days_overdue is a whole number"),
        ('{"currency": "EUR", "channels": []}', "id is missing"),
    ],
)
def test_a_document_that_is_none_is_refused(document: str, said: str) -> None:
    """What cannot be an account is said of its row, and stops nobody else."""
    decided = decide_singly(rows(small(), document, ANNA), small(), ASK)
    assert decided.decisions["account_id"].to_pylist() == ["anna"]
    assert said in decided.refused["message"][0].as_py()


def test_a_share_is_a_text() -> None:
    """A percentage is written by its digits, whole or not."""
    text = """
ruleset: small
title: Small
currency: EUR
timezone: UTC
rules:
  - {id: half, when: {vip: true}, then: {action: offer_discount, channel: email, percent: 12.5}}
  - {id: whole, then: {action: offer_payment_plan, channel: email, instalments: 3, down_payment_percent: 20}}
"""
    rulesets = compile_text(text)
    decided = decide_singly(rows(rulesets, ANNA, ANNA | {"vip": True}), rulesets, ASK).decisions
    assert decided["down_payment_percent"].to_pylist() == ["20", None]
    assert decided["percent"].to_pylist() == [None, "12.5"]
    assert Kernel(rulesets, ASK).decide(rows(rulesets, ANNA, ANNA | {"vip": True})).decisions == decided


def test_two_rulesets_that_cover_an_account_refuse_it() -> None:
    """Where more than one ruleset covers an account, its row says which."""
    text = "ruleset: {}\ntitle: T\ncurrency: EUR\ntimezone: UTC\nrules: []\n"
    one, two = (compile_text(text.format(name)).compiled for name in ("one", "two"))
    decided = decide_singly(rows(small(), ANNA), type(small())([*one, *two]), ASK)
    assert decided.refused["message"].to_pylist() == ["more than one ruleset covers this account: one, two"]


def test_only_the_columns_asked_come_out() -> None:
    """Columns are chosen by name, in the order asked; nobody decided leaves none of them out."""
    ask = msgspec.structs.replace(ASK, columns=("rule", "account_id"), with_reason=False)
    assert decide_singly(rows(small(), ANNA), small(), ask).decisions.to_pylist() == [
        {"rule": "remind", "account_id": "anna"}
    ]
    assert decide_singly(rows(small()), small(), ask).decisions.schema.names == ["rule", "account_id"]


def test_a_ruleset_that_is_not_there_is_an_error() -> None:
    """Naming a ruleset that nobody knows is no reason to refuse accounts one by one."""
    with pytest.raises(UnknownRuleset):
        decide_singly(rows(small(), ANNA), small(), msgspec.structs.replace(ASK, ruleset="other"))


def test_every_part_of_a_decision_has_its_column() -> None:
    """No part of a decision or of an action is left out of the columns."""
    from engine.model.decision import Claim, Decision, NextAction  # noqa: PLC0415  their fields are the list

    elsewhere = {"decision_id", "explanation", "claim", "upcoming"}
    renamed = {"type": "action", "name": "event_name", "amount": "discount"}
    parts = {*Decision.__struct_fields__, *(renamed.get(name, name) for name in NextAction.__struct_fields__)}
    parts |= {f"claim_{name}" for name in Claim.__struct_fields__} | {"upcoming_rule", "upcoming_on"}
    assert parts - elsewhere <= COLUMNS.keys()
