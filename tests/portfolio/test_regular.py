"""What a file holds becomes the columns of accounts, exactly or not at all."""

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from engine.portfolio.asking import Ask
from engine.portfolio.kernel import Kernel
from engine.portfolio.misfits import find_misfits
from engine.portfolio.singly import decide_singly
from tests.portfolio.batches import rows, small, table, wanted

ASK = Ask(as_of=dt.date(2026, 11, 20))
ONE: dict[str, Any] = {"id": ["a"], "currency": ["EUR"], "channels": [["email"]]}
DAY = dt.date(2026, 11, 1)


def values(batch: pa.RecordBatch, name: str) -> list[Any]:
    """A column's values."""
    found: list[Any] = batch.column(name).to_pylist()
    return found


@pytest.mark.parametrize(
    ("name", "given", "came"),
    [
        ("customer_value", pa.array(["49.95"]), Decimal("49.9500")),
        ("customer_value", pa.array([49]), Decimal("49.0000")),
        ("customer_value", pa.array([Decimal("49.95")], pa.decimal128(38, 18)), Decimal("49.9500")),
        ("customer_value", pa.array(["49.95"]).dictionary_encode(), Decimal("49.9500")),
        ("risk_score", pa.array(["0.75"]), Decimal("0.750000")),
        ("days_overdue", pa.array(["-3"]), -3),
        ("days_overdue", pa.array([3], pa.int8()), 3),
        ("days_overdue", pa.array([Decimal(3)], pa.decimal128(9, 0)), 3),
        ("vip", pa.array(["true"]), True),
        ("facts_on", pa.array(["2026-11-01"]), DAY),
        ("facts_on", pa.array([DAY], pa.date64()), DAY),
        ("channels", pa.array(["email; phone"]), ["email", "phone"]),
        ("channels", pa.array(['["email"]']), ["email"]),
        ("party", pa.array([7]), "7"),
        ("segment", pa.array(["smb"], pa.large_string()), "smb"),
    ],
)
def test_a_value_that_reads_one_way_is_taken(name: str, given: pa.Array, came: object) -> None:
    """Texts, integers, dictionaries and decimals of any scale become the column's own type, exactly."""
    batch = table(small(), **(ONE | {name: given}))
    assert batch.schema.names == wanted(small()).names
    assert (values(batch, name), values(batch, "document")) == ([came], [None])


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("customer_value", pa.array(["1e3"]), "'1e3' is not an amount"),
        ("customer_value", pa.array(["1,50"]), "customer_value"),
        ("customer_value", pa.array(["nan"]), "'nan' is not an amount"),
        ("customer_value", pa.array([Decimal("0.12345")]), "0.12345 has 5 decimal places"),
        ("customer_value", pa.array([10**17]), "customer_value"),
        ("days_overdue", pa.array(["007"]), "days_overdue is a whole number, not a text"),
        ("vip", pa.array(["yes"]), "vip is true or false, not a text"),
        ("facts_on", pa.array(["2026-02-30"]), "there is no day 2026-02-30"),
        ("facts_on", pa.array(["1.2.2026"]), "facts_on is a date"),
        ("channels", pa.array(["fax"]), "fax"),
        ("share", pa.array(["0.123"]), "share has at most 2 places"),
        ("invoices", pa.array(['[{"id": "1", "due_on": "2026-11-01", "open": 1.005}]']), "open"),
        ("invoices", pa.array(["nothing"]), "invoices"),
        ("history", pa.array(['[{"rule": "remind"}]']), "at"),
    ],
)
def test_a_value_that_does_not_is_refused_in_the_words_of_documents(name: str, given: pa.Array, said: str) -> None:
    """Its row is refused with what the reading of documents says, the value as it was written; others are decided."""
    good = pa.array(["email" if name == "channels" else None], given.type)
    odd = {key: pa.array(value * 2) for key, value in ONE.items()} | {"id": pa.array(["a", "b"])}
    both = odd | {name: pa.concat_arrays([given, good])}
    decided = decide_singly(table(small(), **both), small(), ASK)
    assert values(decided.decisions, "account_id") == ["b"]
    assert any(said in message for message in values(decided.refused, "message")), values(decided.refused, "message")


def test_what_can_be_read_is_not_complained_of() -> None:
    """Where one text of a flat file cannot be read, the others of its row are still what they say."""
    invoices = pa.array([[{"id": "1", "due_on": "2026-11-01", "open": "20", "disputed": "false"}]])
    row = ONE | {"vip": ["true"], "days_until_renewal": ["8"], "invoices": invoices, "customer_value": ["much"]}
    decided = decide_singly(table(small(), **row), small(), ASK)
    assert values(decided.refused, "pointer") == ["/account/customer_value"]


def test_invoices_and_history_may_leave_parts_out() -> None:
    """A nested column has only the parts that are known; amounts in it may be texts, instants have a zone."""
    invoices = [[{"id": "1", "due_on": "2026-11-01", "open": "20.00"}]]
    at = dt.datetime(2026, 11, 5, 12, tzinfo=dt.UTC)
    history = pa.array(
        [[{"rule": "remind", "at": at}]], pa.list_(pa.struct([("rule", "string"), ("at", pa.timestamp("ms", "UTC"))]))
    )
    batch = table(small(), **ONE, invoices=pa.array(invoices), history=history)
    (invoice,), (entry,) = values(batch, "invoices")[0], values(batch, "history")[0]
    assert (invoice["due_on"], invoice["open"], invoice["kind"]) == (DAY, Decimal("20.0000"), None)
    assert (entry["rule"], entry["at"], entry["fee"]) == ("remind", at, None)
    (decision,) = decide_singly(batch, small(), ASK).decisions.to_pylist()
    assert (decision["claim_total"], decision["sent_before"], decision["outcome"]) == (Decimal("20.0000"), 1, "none")


@pytest.mark.parametrize("make", [pa.list_, pa.large_list])
@pytest.mark.parametrize("value", [None, "much"])
def test_nanoseconds_of_an_instant_are_cut_off(make: Any, value: str | None) -> None:
    """As a document's are; in a row that stays a document too, and in lists that begin in the middle."""
    part = pa.struct([("rule", pa.string()), ("at", pa.timestamp("ns", "UTC"))])
    at = dt.datetime(2026, 11, 19, 12, tzinfo=dt.UTC)
    instants = [int(at.timestamp()) * 10**9 + more for more in (0, 1, 1999)]
    history = pa.array([[{"rule": "remind", "at": each}] for each in instants], make(part))[1:]
    columns = {"id": ["a", "b"], "currency": ["EUR"] * 2, "customer_value": pa.array([value] * 2, pa.string())}
    batch = table(small(), **columns, history=history)
    cut = [at, at.replace(microsecond=1)]
    assert [entry["at"] for (entry,) in values(batch, "history")] == cut
    documents = [
        msgspec.json.decode(each)["history"][0]["at"] for each in values(batch, "document") if each is not None
    ]
    assert documents == ([] if value is None else [each.isoformat() for each in cut])


FAR = pa.array([300_000_000_000, 1_790_000_000], pa.timestamp("s"))


@pytest.mark.parametrize("instants", [FAR, FAR.cast(pa.timestamp("us", "UTC"))], ids=["seconds", "microseconds"])
def test_an_instant_beyond_all_calendars_is_its_own_accounts_mistake(instants: pa.Array) -> None:
    """An entry of the year 11476 refuses its account with its place; the account beside it is decided."""
    entries = pa.StructArray.from_arrays([instants, pa.array(["remind"] * 2)], names=["at", "rule"])
    two = {name: values * 2 for name, values in ONE.items()} | {"id": ["far", "near"]}
    batch = table(small(), **two, history=pa.ListArray.from_arrays([0, 1, 2], entries))
    for decided in (decide_singly(batch, small(), ASK), Kernel(small(), ASK).decide(batch)):
        assert decided.refused.select(["account_id", "pointer"]).to_pylist() == [
            {"account_id": "far", "pointer": "/history/0/at"}
        ]
        assert decided.decisions["account_id"].to_pylist() == ["near"]


def test_a_day_beyond_all_calendars_is_its_own_accounts_mistake() -> None:
    """A day of the year 10183 refuses its account; the account beside it is decided."""
    two = {name: values * 2 for name, values in ONE.items()} | {"id": ["far", "near"]}
    batch = table(small(), **two, facts_on=pa.array([3_000_000, 20_000], pa.int32()).cast(pa.date32()))
    decided = Kernel(small(), ASK).decide(batch)
    assert decided.refused.select(["account_id", "pointer"]).to_pylist() == [
        {"account_id": "far", "pointer": "/account/facts_on"}
    ]
    assert decided.decisions["account_id"].to_pylist() == ["near"]


def test_an_odd_invoice_sends_its_own_account_only() -> None:
    """The account whose invoice cannot be read is found among others, empty and missing lists included."""
    invoices = [None, [{"id": "1", "due_on": "2026-11-01"}], [], [{"id": "2", "due_on": "soon"}]]
    columns = {"id": ["a", "b", "c", "d"], "currency": ["EUR"] * 4, "channels": [["email"]] * 4}
    batch = table(small(), **columns, invoices=pa.array(invoices))
    assert [one is not None for one in values(batch, "document")] == [False, False, False, True]
    assert values(batch, "invoices")[0] is None
    assert values(batch, "invoices")[2] == []
    sliced = table(small(), **{name: pa.array(each)[1:] for name, each in (columns | {"invoices": invoices}).items()})
    assert [one is not None for one in values(sliced, "document")] == [False, False, True]


def test_documents_are_spread_over_the_columns() -> None:
    """JSON lands in the same columns as a file's; a text in the place of a number stays a document."""
    batch = rows(
        small(),
        '{"id": "a", "currency": "EUR", "customer_value": 49.95, "days_overdue": 3, "vip": true, "tags": []}',
        '{"id": "b", "currency": "EUR", "days_overdue": "3"}',
    )
    assert values(batch, "customer_value") == [Decimal("49.9500"), None]
    assert values(batch, "tags") == [[], None]
    assert values(batch, "document") == [None, '{"id": "b", "currency": "EUR", "days_overdue": "3"}']
    assert values(batch, "id") == ["a", "b"]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.field("customer_value", pa.float64()), "column customer_value holds floats, which are not exact"),
        (pa.field("risk_score", pa.float32()), "AS DECIMAL(9, 4)"),
        (pa.field("days_overdue", pa.float64()), "pandas makes them of whole numbers with gaps"),
        (pa.field("segmnt", pa.string()), "did you mean segment? leave it out with --leave-out segmnt"),
        (pa.field("vip", pa.int8()), "column vip is int8; a truth value is wanted"),
        (pa.field("facts_on", pa.timestamp("us")), "a date is wanted"),
        (pa.field("segment", pa.bool_()), "a text is wanted"),
        (pa.field("channels", pa.int8()), "a list is wanted, or its JSON as text"),
        (pa.field("invoices", pa.list_(pa.int8())), "a struct with id, due_on, open"),
        (pa.field("invoices", pa.list_(pa.struct([("opne", pa.int8())]))), "did you mean invoices.open?"),
        (pa.field("invoices", pa.list_(pa.struct([("open", pa.float64())]))), "column invoices.open holds floats"),
        (pa.field("history", pa.list_(pa.struct([("at", pa.timestamp("us"))]))), "an instant needs its zone"),
        (pa.field("id", pa.string()), "there is more than one column id"),
    ],
)
def test_a_column_of_another_kind_is_refused_at_once(column: pa.Field, said: str) -> None:
    """Before a row is read it is said which column is wrong, and what to do about it."""
    source = pa.schema([("id", pa.string()), ("currency", pa.string()), column])
    (found,) = find_misfits(source, wanted(small()))
    assert said in found


def test_an_account_needs_its_name_and_currency() -> None:
    """Without them there is nothing to decide on, unless the accounts are documents."""
    assert len(find_misfits(pa.schema([("vip", pa.bool_())]), wanted(small()))) == 2
    assert find_misfits(pa.schema([("document", pa.string())]), wanted(small())) == ()
