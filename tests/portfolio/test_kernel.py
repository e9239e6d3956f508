"""By columns as one by one: the kernel's answer is that of the single path, column for column."""

import gc
import random
from collections import Counter

import pytest

from engine.evaluation.program import compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.evaluation.rulesets import Rulesets
from engine.loading.load import load_ruleset
from engine.portfolio.asking import Ask
from engine.portfolio.entries import Entries
from engine.portfolio.kernel import Kernel
from engine.portfolio.sheet import Sheet
from engine.portfolio.spreading import spread
from engine.portfolio.standing import Standings
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.portfolio.batches import SMALL, compile_text, examples, rows, sample_documents, small, wanted
from tests.portfolio.threeways import assert_same, write_case
from tests.properties import CASES

CHUNKS = 8
CASES_A_RULESET = 40
DAYS_A_RULESET = 2
WITHOUT_REVIEW = (
    "account_id",
    "outcome",
    "rule",
    "action",
    "fee",
    "upcoming_rule",
    "upcoming_on",
    "warnings",
    "reason",
)


@pytest.mark.property
@pytest.mark.parametrize("features", [ALL_FEATURES | {"errors"}, ALL_FEATURES - {"routing"}], ids=["all", "covering"])
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_columns_say_what_the_single_path_says(chunk: int, features: frozenset[str]) -> None:
    """Random rulesets and accounts on, one below and one above each threshold give the same columns both ways."""
    count, alone = 0, Counter[str]()
    for number in range(CASES // CHUNKS // CASES_A_RULESET // DAYS_A_RULESET // 2 + 1):
        rng = random.Random(f"{number * CHUNKS + chunk}")
        blueprint = random_ruleset(rng, features)
        ruleset = load_ruleset(blueprint.text).ruleset
        assert ruleset is not None
        rulesets = Rulesets([compile_ruleset(ruleset)])
        cases = random_accounts(rng, blueprint, CASES_A_RULESET)
        batch = spread([write_case(case) for case in cases], wanted(rulesets))
        for as_of in sorted({case.as_of for case in cases})[:DAYS_A_RULESET]:
            alone.update(assert_same(batch, rulesets, Ask(as_of=parse_as_of(as_of)))[1])
            assert_same(batch, rulesets, Ask(as_of=parse_as_of(as_of), columns=WITHOUT_REVIEW))
            count += batch.num_rows
    # Some rulesets go one by one as a whole; of those that cover everybody every day, few rows do.
    assert "routing" in features or alone.total() < count // 2, f"too many were decided one by one: {alone}"


@pytest.mark.parametrize("as_of", ["2026-03-09", "2026-11-20T09:00:00+01:00"])
def test_the_examples_say_what_the_single_path_says(as_of: str) -> None:
    """The sample accounts get the same decisions from the six examples both ways."""
    batch = spread(sample_documents(), wanted(examples()))
    _, alone = assert_same(batch, examples(), Ask(as_of=parse_as_of(as_of)))
    assert sum(alone.values()) < batch.num_rows


@pytest.mark.parametrize("as_of", ["2026-03-09", "2026-05-01", "2026-05-31", "2026-08-01"])
def test_versions_that_begin_and_end_say_what_the_single_path_says(as_of: str) -> None:
    """The newest version that is effective decides, and what comes after it is known where that matters."""
    first, second = (
        load_ruleset(
            SMALL.replace("title: Small", f"title: Small\neffective: {{{days}}}").replace("3..", least)
        ).ruleset
        for days, least in (
            ("from: 2026-01-01, until: 2026-08-01", "3.."),
            ("from: 2026-06-01, until: 2026-07-01", "1.."),
        )
    )
    assert first is not None
    assert second is not None
    rulesets = Rulesets([compile_ruleset(first, version=1), compile_ruleset(second, version=2)])
    plain = {"currency": "EUR", "channels": ["email"]}
    days = ("2026-03-01", "2026-03-20", "2026-05-28", "2026-05-30", "2026-06-20", "2026-09-01")
    due = [{"id": day, **plain, "invoices": [{"id": "I", "due_on": day, "open": "10.00"}]} for day in days]
    assert_same(rows(rulesets, *due, {"id": "none", **plain}), rulesets, Ask(as_of=parse_as_of(as_of)))


def test_accounts_that_nothing_covers_share_an_answer() -> None:
    """Each gets its own id, the sentence of those alike, and none goes one by one."""
    text = SMALL.replace("timezone:", "applies_to: {country: NL}\ntimezone:")
    rulesets = compile_text(text)
    documents: list[dict[str, object]] = [
        {"id": "A", "currency": "EUR", "country": "DE"},
        {"id": "B", "currency": "EUR", "country": "NL", "channels": ["email"]},
        {"id": "C", "currency": "SEK"},
        {"id": "D", "currency": "EUR", "country": "DE", "vip": True},
        {"id": "E", "currency": "EUR", "timezone": "Asia/Tokyo"},
    ]
    assert assert_same(rows(rulesets, *documents), rulesets, Ask(as_of=parse_as_of("2026-03-09")))[1] == {}


def test_what_goes_one_by_one_is_counted_with_its_reason() -> None:
    """A row that the columns cannot say is answered in its place, and why it went alone is said."""
    plain = {"currency": "EUR", "channels": ["email"]}
    due = [{"id": "I", "due_on": "2026-03-01", "open": "10.00"}]
    credit = [*due, {"id": "C", "due_on": "2026-02-01", "open": "-4.00"}]
    later = [*due, {"id": "L", "due_on": "2026-02-01", "open": "-4.00", "issued_on": "2026-03-20"}]
    batch = rows(
        small(),
        {"id": "A", **plain, "invoices": due},
        {"id": "B", **plain, "invoices": credit},
        {"id": "C", **plain, "vip": "perhaps"},
        {"id": "D", **plain, "invoices": later},
    )
    decided = Kernel(small(), Ask(as_of=parse_as_of("2026-03-09"))).decide(batch)
    assert decided.decisions.column("account_id").to_pylist() == ["A", "B", "D"]
    assert [str(amount) for amount in decided.decisions.column("claim_total").to_pylist()] == [
        "10.0000",
        "6.0000",
        "10.0000",
    ]
    assert decided.refused.column("row").to_pylist() == [2]
    assert decided.singly == {
        "a credit, a hold or a ruleset that turns before anything else": 1,
        "a row that does not fit the columns": 1,
    }


def test_only_calls_at_the_best_hour_go_one_by_one() -> None:
    """Of a ruleset with a call that waits, those who are called go alone, and those of whom calls are known."""
    rulesets = compile_text(SMALL.replace("channel: phone}", "channel: phone, schedule: {time: best}}"))
    due = [{"id": "I", "due_on": "2026-03-01", "open": "10.00"}]
    plain: dict[str, object] = {"currency": "EUR", "channels": ["email", "phone"], "invoices": due}
    known = [{"window": "10-12", "of": "segment", "answered": 1, "calls": 2}]
    batch = rows(
        rulesets,
        {"id": "reminded", **plain, "customer_value": "99.00"},
        {"id": "called", **plain, "customer_value": "100.00"},
        {"id": "known", **plain, "customer_value": "100.00", "call_hours": known},
    )
    _, alone = assert_same(batch, rulesets, Ask(as_of=parse_as_of("2026-03-25")))
    assert alone == {"a call at the best hour": 1, "calls that were made": 1}


def test_an_instant_that_is_none_sends_its_own_account_only() -> None:
    """A thirteenth month in one history leaves the others to the columns."""
    plain = {"currency": "EUR", "channels": ["email"], "invoices": [{"id": "I", "due_on": "2026-03-01", "open": "1"}]}
    entries = [{"rule": "remind", "at": at} for at in ("2026-13-05T10:00:00Z", "2026-03-05T10:00:00Z", "2026-03-05")]
    documents = [{"id": f"A{number}", **plain, "history": [entry]} for number, entry in enumerate(entries)]
    batch = rows(small(), *documents)
    decisions, alone = assert_same(batch, small(), Ask(as_of=parse_as_of("2026-03-09")))
    assert alone == {"an entry that cannot be read": 1}
    assert decisions.column("account_id").to_pylist() == ["A1", "A2"]


def test_a_batch_is_let_go_of_when_it_is_decided() -> None:
    """Nothing that was read of a batch waits for a search for cycles, so that memory does not grow with batches."""
    kernel = Kernel(examples(), Ask(as_of=parse_as_of("2026-11-20")))
    batch = spread(sample_documents(), wanted(examples()))
    gc.collect()
    gc.disable()
    try:
        kernel.decide(batch)
        left = [each for each in gc.get_objects() if isinstance(each, Sheet | Standings | Entries)]
    finally:
        gc.enable()
    assert not left
