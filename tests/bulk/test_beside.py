"""Invoices and histories may stand in files of their own."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.bulk.running import AS_OF, make_accounts, make_rulesets, read_rows, refuse, run, write_ndjson, write_parquet
from tests.cli.command import dunning

ACCOUNTS = [
    each | {"invoices": [*each["invoices"], {"id": f"J-{each['id']}", "due_on": "2026-11-02", "open": "7"}]}
    for each in make_accounts(60)
]
WITHOUT = [{k: v for k, v in each.items() if k not in {"invoices", "history"}} for each in ACCOUNTS]


def rows_of(name: str) -> list[dict[str, Any]]:
    """The invoices or entries of all accounts, each with its account: the first of every account, then the second."""
    found = [
        (place, {"account_id": each["id"]} | row)
        for each in reversed(ACCOUNTS)
        for place, row in enumerate(each.get(name, ()))
    ]
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("write", "ending"), [(write_parquet, "parquet"), (write_csv, "csv"), (write_ndjson, "ndjson")]
)
@pytest.mark.parametrize("accounts", ["parquet", "ndjson"])
def test_files_of_their_own_say_the_same(tmp_path: Path, write: Any, ending: str, accounts: str) -> None:
    """Whatever their form and their order, the decisions are those of accounts that carry them."""
    rulesets = make_rulesets(tmp_path)
    run(rulesets, write_ndjson(tmp_path / "whole.ndjson", ACCOUNTS), tmp_path / "whole.parquet")
    source = tmp_path / f"a.{accounts}"
    (write_parquet if accounts == "parquet" else write_ndjson)(source, WITHOUT)
    beside = [f"--{name}={write(tmp_path / f'{name}.{ending}', rows_of(name))}" for name in ("invoices", "history")]
    run(rulesets, source, tmp_path / "d.parquet", *beside, "--unit-rows", "13")
    assert read_rows(tmp_path / "d.parquet") == read_rows(tmp_path / "whole.parquet")
    refused = [(tmp_path / f"{name}.parquet.refused.csv").read_text(encoding="utf-8") for name in ("d", "whole")]
    assert refused[0].replace(str(source), "") == refused[1].replace(str(tmp_path / "whole.ndjson"), "")


@pytest.mark.parametrize(
    ("write", "ending"), [(write_parquet, "parquet"), (write_csv, "csv"), (write_ndjson, "ndjson")]
)
def test_what_stays_a_document_has_them_too(tmp_path: Path, write: Any, ending: str) -> None:
    """An account with outcomes fits no columns: it is decided with the invoices and the history of the files."""
    rulesets = make_rulesets(tmp_path)
    documents = [each | {"outcomes": [], "history": None} for each in WITHOUT]
    run(rulesets, write_ndjson(tmp_path / "whole.ndjson", ACCOUNTS), tmp_path / "whole.parquet")
    source = write_ndjson(tmp_path / "a.ndjson", documents)
    beside = [f"--{name}={write(tmp_path / f'{name}.{ending}', rows_of(name))}" for name in ("invoices", "history")]
    run(rulesets, source, tmp_path / "d.parquet", *beside)
    decided = read_rows(tmp_path / "d.parquet")
    assert decided == read_rows(tmp_path / "whole.parquet")
    assert any(row["sent_before"] for row in decided)


@pytest.mark.parametrize("more", [{}, {"outcomes": []}])
@pytest.mark.parametrize("name", ["invoices", "history"])
def test_what_is_given_twice_refuses_its_account(tmp_path: Path, more: dict[str, Any], name: str) -> None:
    """A document that has what is given beside it as well is refused, even where the files have no row for it."""
    source = write_ndjson(tmp_path / "a.ndjson", [WITHOUT[1], WITHOUT[2] | {name: []} | more, WITHOUT[3] | more])
    given = write_ndjson(tmp_path / "given.ndjson", [row for row in rows_of(name) if row["account_id"] != "A-2"])
    run(make_rulesets(tmp_path), source, tmp_path / "d.parquet", f"--{name}", given)
    refused = list(csv.DictReader((tmp_path / "d.parquet.refused.csv").read_text(encoding="utf-8").splitlines()))
    (row,) = refused
    assert (row["row"], row["account_id"], row["pointer"].rpartition("/")[2]) == ("2", "A-2", name)
    assert row["message"] == f"{name} stands in the account and in --{name} as well; take it out of one of them"
    assert [row["account_id"] for row in read_rows(tmp_path / "d.parquet")] == ["A-1", "A-3"]


def test_what_would_be_passed_over_is_refused(tmp_path: Path) -> None:
    """Files for what is left out, and beside documents in a column."""
    rulesets, out = make_rulesets(tmp_path), tmp_path / "d.csv"
    given = write_ndjson(tmp_path / "given.ndjson", rows_of("history"))
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    said = refuse(rulesets, source, out, "--history", given, "--leave-out", "history")
    assert "--leave-out history leaves out what --history gives; take one of them" in said
    documents = write_parquet(tmp_path / "a.parquet", [{"id": "A-1", "document": "{}"}])
    assert "column document holds accounts whole" in refuse(rulesets, documents, out, "--history", given)


def test_an_odd_row_refuses_its_account(tmp_path: Path) -> None:
    """An amount that is none is said of the account whose invoice has it."""
    rulesets, source = make_rulesets(tmp_path), write_parquet(tmp_path / "a.parquet", WITHOUT[:3])
    rows = [{"account_id": "A-1", "id": "1", "due_on": "2026-11-01", "open": "much", "disputed": "false"}]
    run(rulesets, source, tmp_path / "d.parquet", "--invoices", write_csv(tmp_path / "i.csv", rows))
    refused = list(csv.DictReader((tmp_path / "d.parquet.refused.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["account_id"], row["pointer"]) for row in refused] == [("A-1", "/account/invoices/0/open")]


def test_what_cannot_be_attached_is_refused(tmp_path: Path) -> None:
    """Rows that name no account, columns that are not known, and invoices that are there twice over."""
    rulesets, source, out = make_rulesets(tmp_path), write_parquet(tmp_path / "a.parquet", ACCOUNTS), tmp_path / "d.csv"
    nameless = write_csv(tmp_path / "i.csv", [{"id": "1", "due_on": "2026-11-01", "open": "1"}])
    floating = write_parquet(tmp_path / "f.parquet", [{"account_id": "A-1", "id": "1", "open": 0.1, "opne": 1}])
    lines = write_ndjson(tmp_path / "i.ndjson", [{"id": "1"}])
    plain = write_parquet(tmp_path / "p.parquet", WITHOUT)
    assert "stands in the accounts and in --invoices" in refuse(rulesets, source, out, "--invoices", nameless)
    assert "has no column account_id" in refuse(rulesets, plain, out, "--invoices", nameless)
    said = refuse(rulesets, plain, out, "--invoices", floating)
    assert "column invoices.open holds floats" in said
    assert "did you mean invoices.open?" in said
    assert "names no account_id" in refuse(rulesets, plain, out, "--invoices", lines)


@pytest.mark.parametrize("write", [write_parquet, write_ndjson])
def test_rows_of_no_account_are_counted(tmp_path: Path, write: Any) -> None:
    """Whatever unit its account is in, a row counts as found; those of nobody are said, in a diff as well."""
    rulesets, source = make_rulesets(tmp_path), write_ndjson(tmp_path / "a.ndjson", WITHOUT)
    ending = "parquet" if write is write_parquet else "ndjson"
    strays = [{"account_id": name, "id": "X", "due_on": "2026-11-02", "open": "7"} for name in ("?", "?", "!")]
    invoices = write(tmp_path / f"invoices.{ending}", [*rows_of("invoices"), *strays])
    history = write_ndjson(tmp_path / "history.ndjson", rows_of("history"))
    beside = (f"--invoices={invoices}", f"--history={history}")
    said = run(rulesets, source, tmp_path / "d.csv", *beside, "--unit-rows", "13")
    assert "3 rows of --invoices belong to no account that was read." in said
    assert "--history" not in said
    told = json.loads(run(rulesets, source, tmp_path / "e.csv", *beside, "--format", "json", "--workers", "2"))
    assert told["lost"] == {"invoices": 3, "history": 0}
    small = rulesets / "small.yaml"
    result = dunning("diff", small, small, "--accounts", source, *beside, *AS_OF)
    assert "3 rows of --invoices belong to no account that was read." in result.stderr
