"""`decline` asks the table of declines exactly as its head says, and a released edition of it never changes."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from engine.conditions import boxes
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.declinepage import write_decline_page
from engine.loading.declinetable import EDITIONS, read_table
from engine.loading.load import load_ruleset
from engine.model.decline import CATEGORIES, Category
from engine.model.ruleset import Ruleset
from engine.model.vocabulary import STANDARD_FACTS
from tests.loading.declines import EDITION, FILE, GOLDEN, ROWS, Charge, Row, charges_of_rows, find_row, random_charges

ROOT = Path(__file__).parents[2]
# Never change one of these: published rulesets name the edition. What is new is a new edition.
RELEASED = {
    "2026-11": "6ce378b99abcf6c5ed788c6e6624091b42ff708317b624ac6339cea7b81d4b1c",
    "2026-12": "170e700ee38161446f50c34abefd031f8bd1a5e0e3eea5e43f7cb6e9a4a86d3f",
}
HEAD = "ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\n"
PROPERTIES = ("scheme", "category", "retryable", "remedy")
AS_OF = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def load(text: str, *, edition: str = EDITION) -> Ruleset:
    """Load what must be without fault."""
    loaded = load_ruleset(f"{HEAD}declines: {edition}\n{text}")
    assert loaded.diagnostics == ()
    assert loaded.ruleset is not None
    return loaded.ruleset


def write(value: object) -> str:
    """Write a property's value as YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def ask(compiled: Compiled, charge: Charge, **more: Any) -> str | None:
    """Return the rule that wins for an account that says this of its last charge."""
    account = {"id": "x", "currency": "EUR", **msgspec.to_builtins(charge)}
    decision = next_action(
        (compiled,), account, more.get("history", ()), as_of=AS_OF, is_live=more.get("is_live", False)
    )
    return decision.rule.id if decision.rule is not None else None


def properties_of(row: Row | None) -> str | None:
    """Return the id of the rule for a row's properties."""
    return None if row is None else ".".join(write(getattr(row, name)) for name in PROPERTIES)


def compile_properties(*, is_reversed: bool = False) -> Compiled:
    """Return a ruleset with a rule for each combination of properties."""
    kinds = {properties_of(row): row for row in ROWS}
    rules = [
        f"  - {{id: {kind}, when: {{decline: {{{', '.join(f'{p}: {write(getattr(row, p))}' for p in PROPERTIES)}}}}}, "
        "then: {action: notify_team}}"
        for kind, row in kinds.items()
    ]
    return compile_ruleset(load("\n".join(["stateless: true\nrules:", *(reversed(rules) if is_reversed else rules)])))


@pytest.fixture(scope="module")
def properties() -> Compiled:
    """The ruleset with a rule for each combination of properties."""
    return compile_properties()


@pytest.fixture(scope="module")
def rests() -> Compiled:
    """A ruleset that asks whether the days to wait are over."""
    rules = "\n".join(
        f"  - {{id: {name}, when: {{decline: {{rested: {value}}}}}, then: {{action: notify_team}}}}"
        for name, value in (("rested", "true"), ("waits", "false"))
    )
    return compile_ruleset(load(f"stateless: true\nrules:\n{rules}\n"))


@pytest.fixture(scope="module")
def limits() -> Compiled:
    """A ruleset that charges again as often as the table allows."""
    return compile_ruleset(
        load(
            "stateless: true\nattempt_limits: [{decline: {retryable: true}}]\n"
            "rules: [{id: again, then: {action: retry_payment}}]\n"
        )
    )


def test_released_editions_never_change() -> None:
    """Every edition is a file of the package whose bytes are those released."""
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in FILE.parent.glob("*.yaml")}
    assert found == RELEASED
    assert tuple(RELEASED) == EDITIONS


@pytest.mark.parametrize("edition", EDITIONS)
def test_reads_the_table_as_written(edition: str) -> None:
    """The table loads, every word of it is known, and the rows fit together."""
    table = read_table(edition)
    assert table.edition == edition
    places = [(row.scheme, code) for row in table.declines for code in row.codes]
    assert len(places) == len(set(places))
    for row in table.declines:
        assert (row.at_most is None) == (row.per_days is None)
        assert row.at_most is not None or not row.retryable
        assert row.source[:2] in {"P ", "V ", "H "}


def test_categories_are_those_of_the_fact() -> None:
    """The table and the standard fact have the same categories."""
    assert get_args(Category) == CATEGORIES == STANDARD_FACTS["decline_category"].values


def test_the_page_is_fresh() -> None:
    """docs/authors/declines.md is what the newest edition yields."""
    assert (ROOT / "docs" / "authors" / "declines.md").read_text(encoding="utf-8") == write_decline_page()


@pytest.mark.parametrize(("row", "charge"), charges_of_rows(), ids=lambda each: getattr(each, "scheme", ""))
def test_every_code_has_the_properties_of_its_row(row: Row, charge: Charge, properties: Compiled) -> None:
    """An account with the code wins the rule for exactly the row's scheme, category, retryable and remedy."""
    assert ask(properties, charge) == properties_of(row)


@pytest.mark.parametrize(("row", "charge"), charges_of_rows(), ids=lambda each: getattr(each, "scheme", ""))
def test_every_code_rests_as_long_as_its_row_says(row: Row, charge: Charge, rests: Compiled) -> None:
    """The wait is over on its last day, not the day before, nor where nobody knows when the last attempt was."""
    wait = row.wait_days or 1
    assert ask(rests, msgspec.structs.replace(charge, days_since_last_attempt=wait)) == "rested"
    assert ask(rests, msgspec.structs.replace(charge, days_since_last_attempt=wait - 1)) == "waits"
    assert ask(rests, charge) == "waits"


@pytest.mark.parametrize(
    ("row", "charge"),
    [(row, charge) for row, charge in charges_of_rows() if row.retryable],
    ids=lambda each: getattr(each, "scheme", ""),
)
def test_every_code_is_limited_as_its_row_says(row: Row, charge: Charge, limits: Compiled) -> None:
    """The last allowed attempt is made, one more is not, and an attempt before the window does not count."""
    assert row.at_most is not None
    assert row.per_days is not None
    first = AS_OF.date() - dt.timedelta(days=row.per_days - 1)
    inside = {"rule": "r", "ruleset": "other", "action": "retry_payment", "at": f"{first}T12:00:00Z"}
    before = {**inside, "at": f"{first - dt.timedelta(days=1)}T12:00:00Z"}
    assert ask(limits, charge, history=[inside] * row.at_most) is None
    assert ask(limits, charge, history=[before] + [inside] * (row.at_most - 1)) == "again"


def test_limits_nobody_else() -> None:
    """Only rows with numbers make limits, one for each pair of numbers, and `when` narrows them."""
    text = "rules: []\nattempt_limits: [{decline: {scheme: sepa_debit}, when: {vip: true}}]\n"
    limits = load(text).editions["EUR"].attempt_limits
    assert [(limit.at_most, limit.per_days, len(limit.when.conditions)) for limit in limits] == [  # type: ignore[union-attr]
        (2, 30, 2),
        (1, 30, 2),
    ]


@pytest.mark.parametrize(("method", "network", "code", "advice", "category", "retryable", "remedy"), GOLDEN, ids=str)
def test_says_what_the_sources_say(
    method: str,
    network: str | None,
    code: str,
    advice: str | None,
    *,
    category: str,
    retryable: bool,
    remedy: str,
    properties: Compiled,
) -> None:
    """The rows of the sources, copied by hand, come out; the network decides as well as the bitmap."""
    charge = Charge(payment_method=method, card_network=network, decline_code=code, advice_code=advice)
    found = ask(properties, charge, is_live=True)
    assert found is not None
    assert found.partition(".")[2] == f"{category}.{write(retryable)}.{remedy}"


@pytest.mark.parametrize(
    ("charge", "kind"),
    [
        (Charge(payment_method="card", card_network="jcb", decline_code="Q9"), "card.unknown.true.retry"),
        (Charge(payment_method="card", card_network="visa", decline_code="weird"), "visa.unknown.true.retry"),
        (Charge(payment_method="sepa_debit", decline_code="R01"), "sepa_debit.unknown.false.person"),
        (Charge(payment_method="card", decline_code="57"), "card.unknown.true.retry"),
        (Charge(payment_method="card", card_network="mastercard"), None),
        (Charge(payment_method="card", card_network="mastercard", advice_code="99"), None),
        (Charge(payment_method="sepa_debit", advice_code="21"), None),
        (Charge(payment_method="wallet", decline_code="lost_card", advice_code="03"), None),
        (Charge(decline_code="AM04"), None),
        (Charge(), None),
    ],
)
def test_unknown_and_missing_codes(charge: Charge, kind: str | None, properties: Compiled) -> None:
    """A code without a row is “other”; without a code, or another way to pay, nothing holds."""
    assert ask(properties, charge) == kind


def test_rows_share_no_account(properties: Compiled) -> None:
    """The order of the rules does not matter, for an account has one row at most; the second reading finds the same."""
    backwards = compile_properties(is_reversed=True)
    for charge in random_charges(600):
        expected = properties_of(find_row(charge))
        assert (ask(properties, charge), ask(backwards, charge)) == (expected, expected)


SELECTIONS: list[Mapping[str, Any]] = [
    {"retryable": True},
    {"retryable": False},
    {"retryable": True, "rested": True},
    {"rested": False},
    {"category": ["soft", "hard"]},
    {"category": "unknown", "rested": True},
    {"remedy": ["retry", "resubmit"], "rested": False},
    {"scheme": ["visa", "amex"]},
    {"scheme": ["mastercard", "mastercard_advice"], "rested": True},
    {"scheme": "card", "category": "unknown"},
    {"by": "code", "retryable": True},
    {"by": "code", "category": ["hard", "account"], "rested": True},
    {"by": "code", "rested": False},
]


def fits(selection: Mapping[str, Any], charge: Charge, edition: str) -> bool:
    """Tell by the second reading whether a charge fits."""
    row = find_row(charge, heeds_advice="by" not in selection)
    if row is None:
        return False
    words = {key: each if isinstance(each, list) else [each] for key, each in selection.items()}
    days = charge.days_since_last_attempt
    rested = edition == "2026-11" if days is None else days >= (row.wait_days or 1)
    return all((rested if key == "rested" else getattr(row, key)) in words[key] for key in selection if key != "by")


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_holds_exactly_where_the_table_says(selection: Mapping[str, Any], edition: str) -> None:
    """For random charges the boxes of a condition hold just when the second reading says so; so does its negation."""
    shown = msgspec.json.encode(selection).decode()
    blocks = f"[{{id: a, when: {{decline: {shown}}}}}, {{id: b, when: {{none: [{{decline: {shown}}}]}}}}]"
    plan = compile_ruleset(load(f"rules: []\nblocks: {blocks}\n", edition=edition)).programs["EUR"].plan
    held = set()
    for charge in random_charges(1500):
        point = msgspec.structs.asdict(charge)
        expected = fits(selection, charge, edition)
        assert (boxes.contains(plan.blocks[0], point), boxes.contains(plan.blocks[1], point)) == (
            expected,
            not expected,
        )
        held.add(expected)
    assert held == {True, False}


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_stays_small(selection: Mapping[str, Any]) -> None:
    """A condition is a handful of boxes, so that nothing built on boxes becomes slow."""
    shown = msgspec.json.encode(selection).decode()
    plan = compile_ruleset(load(f"rules: []\napplies_to: {{decline: {shown}}}\n")).programs["EUR"].plan
    assert len(plan.coverage) <= 40


def test_narrowed_facts_narrow_the_condition() -> None:
    """Networks and methods that a ruleset has excluded are left out."""
    text = """\
facts: {card_network: {type: enum, values: [visa]}, payment_method: {type: enum, values: [card, invoice]}}
applies_to: {decline: {scheme: [mastercard, sepa_debit]}}
rules: []
"""
    assert compile_ruleset(load(text)).programs["EUR"].plan.coverage == ()


def test_the_edition_is_part_of_the_meaning() -> None:
    """The canonical form, which the digest is taken of, names the edition."""
    for edition in EDITIONS:
        assert f'"declines":"{edition}"'.encode() in load("rules: []\n", edition=edition).canonical


def test_without_a_table_the_word_is_free() -> None:
    """A file that names no edition may call a fact or a condition `decline`."""
    for more in ("facts: {decline: {type: boolean, default: false}}\n", "conditions: {decline: {vip: true}}\n"):
        assert load_ruleset(f"{HEAD}{more}applies_to: {{decline: true}}\nrules: []\n").diagnostics == ()
