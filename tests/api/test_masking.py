"""Masks: a value that is hidden is hidden wherever it stands, and what is not a copy stays."""

import datetime as dt
import json
from typing import Any

import pytest

from api.masking import MASKED, MaskInvalid, Masks
from store.decisionrecords import LoggedDecision

ACCOUNT = {
    "id": "A-1",
    "party": "P-7",
    "customer_type": "consumer",
    "customer_value": 640,
    "vulnerable": True,
    "failed_attempts": 2,
    "plan": "plus for two",
    "invoices": [{"id": "I-1", "open": 49.95}],
}
ANSWER = {
    "account_id": "A-1",
    "track": "dunning",
    "outcome": "act",
    "rule": {"id": "care-team", "title": "Care team"},
    "action": {"type": "open_task", "metadata": {"about": ["I-1"]}},
    "claim": {"invoices": ["I-1"], "amount": {"amount": "49.95", "currency": "EUR"}},
    "reason": "Invoice I-1 of a consumer is 49.95 EUR overdue, on plus for two; level 2",
    "explanation": {
        "rules": [{"rule": "care-team", "fact": "vulnerable", "value": "true", "required": "false"}],
        "facts": [
            {"fact": "vulnerable", "value": "true", "source": "given"},
            {"fact": "one_agreement", "value": "true", "source": "default"},
            {"fact": "customer_value", "value": "640.00", "source": "given"},
            {"fact": "failed_attempts", "value": "2", "source": "given"},
            {"fact": "days_overdue", "value": "2", "source": "invoices"},
        ],
    },
    "sent_before": 2,
}
DECISION = LoggedDecision(
    id="01a22358-0000-7000-8000-000000000000",
    at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
    account_id="A-1",
    track="dunning",
    ruleset_id="nl",
    version=2,
    digest="sha256:0",
    rule="care-team",
    outcome="act",
    action="open_task",
    channel=None,
    as_of=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
    answer=json.dumps(ANSWER).encode(),
    input=json.dumps({"account": ACCOUNT, "history": [], "options": {"track": "dunning"}}).encode(),
    related=None,
    related_accounts=(),
    related_salt=None,
    related_commitment=None,
    leaf_index=7,
    leaf_hash=bytes(32),
    commitment=bytes(32),
    salt=bytes(16),
    known_erasures=0,
)


def hide(*paths: str) -> dict[str, Any]:
    """Hide paths of the answer and the input."""
    veil = Masks(paths).of(DECISION)
    texts = {"answer": DECISION.answer, "input": DECISION.input}
    return {name: json.loads(veil.hide(name, text) or "") for name, text in texts.items()}


def facts_of(hidden: dict[str, Any]) -> dict[str, str]:
    """Read the explained facts."""
    return {each["fact"]: each["value"] for each in hidden["answer"]["explanation"]["facts"]}


def test_a_value_is_hidden_wherever_it_stands() -> None:
    """In a list, in a sentence, in another text, under any name."""
    answer = hide("input.account.invoices.id")["answer"]
    assert answer["claim"]["invoices"] == answer["action"]["metadata"]["about"] == [MASKED]
    assert answer["reason"].startswith("Invoice *** of a consumer is 49.95 EUR")


def test_a_number_is_the_same_however_it_is_written() -> None:
    """640 and "640.00" are one; so are 49.95 and "49.95", also in a sentence."""
    assert facts_of(hide("input.account.customer_value"))["customer_value"] == MASKED
    answer = hide("input.account.invoices")["answer"]
    assert answer["claim"]["amount"]["amount"] == MASKED
    assert "is *** EUR overdue" in answer["reason"]


def test_words_are_hidden_whole() -> None:
    """A value of several words is found in a sentence, and a word not within another."""
    answer = hide("input.account.plan", "input.account.customer_type")["answer"]
    assert "of a *** is" in answer["reason"]
    assert "on ***; level 2" in answer["reason"]


def test_what_is_too_short_is_known_by_its_fact() -> None:
    """Yes, no and small numbers are hidden where an explanation names the fact, and nowhere else."""
    hidden = hide("input.account.vulnerable", "input.account.failed_attempts")
    assert hidden["answer"]["explanation"]["rules"][0]["value"] == MASKED
    facts = facts_of(hidden)
    assert (facts["vulnerable"], facts["failed_attempts"]) == (MASKED, MASKED)
    assert (facts["one_agreement"], facts["days_overdue"], hidden["answer"]["sent_before"]) == ("true", "2", 2)


def test_a_whole_text_takes_its_facts_along() -> None:
    """Where the input is hidden, so is each of its facts in the explanation; what the line says stays."""
    veil = Masks(["input"]).of(DECISION)
    answer = json.loads(veil.hide("answer", DECISION.answer) or "")
    assert veil.hide("input", DECISION.input) == MASKED
    assert facts_of({"answer": answer})["vulnerable"] == MASKED
    assert (answer["account_id"], answer["track"], answer["claim"]["invoices"]) == ("A-1", "dunning", [MASKED])


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("account_id", "account_id"),
        ("input.account", "account_id"),
        ("answer.account_id", "account_id"),
        ("answer.rule", "rule"),
        ("answer.action.type", "action"),
        ("answer.ruleset", "digest"),
    ],
)
def test_a_column_is_hidden_with_its_field(path: str, column: str) -> None:
    """What a column copies is hidden in it too, and the line, which says it as well, is left out."""
    masks = Masks([path])
    assert column in masks.columns
    assert masks.hides_lines
    assert masks.hides_accounts == (column == "account_id")


@pytest.mark.parametrize("path", ["answer", "input", "answer.claim", "input.account.plan", "related"])
def test_a_line_stays_where_it_says_nothing_of_it(path: str) -> None:
    """What no line says lets lines stay, and so what they prove."""
    assert not Masks([path]).hides_lines


@pytest.mark.parametrize("path", ["name", "account_id.x", "input..x", ""])
def test_a_mask_of_nothing_is_refused(path: str) -> None:
    """A mask begins with what an export holds."""
    with pytest.raises(MaskInvalid, match="a mask begins with account_id, answer, input, related"):
        Masks([path])
