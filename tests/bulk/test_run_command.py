"""`dunning run` decides on every account of files, whatever their form, and says what it did."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet as pq

from tests.bulk.running import (
    AS_OF,
    make_accounts,
    make_rulesets,
    read_rows,
    refuse,
    run,
    write_ndjson,
    write_parquet,
)
from tests.cli.command import dunning

COUNT = 60
REFUSED_COUNT = 8
ACCOUNTS = list(make_accounts(COUNT))


@pytest.fixture
def rulesets(tmp_path: Path) -> Path:
    """The small ruleset."""
    return make_rulesets(tmp_path)


@pytest.fixture
def expected(tmp_path: Path, rulesets: Path) -> list[dict[str, Any]]:
    """What comes out of the accounts as NDJSON."""
    run(rulesets, write_ndjson(tmp_path / "plain.ndjson", ACCOUNTS), tmp_path / "plain.parquet")
    return read_rows(tmp_path / "plain.parquet")


def write_csv(path: Path, delimiter: str = ",") -> Path:
    """The accounts as CSV: lists as JSON or as words, and a value with a line end in it."""
    names = ["id", "currency", "segment", "channels", "customer_value", "invoices", "history", "hold_reason"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, delimiter=delimiter)
        writer.writeheader()
        for account in ACCOUNTS:
            lists = {name: json.dumps(account[name]) for name in ("invoices", "history") if name in account}
            writer.writerow(account | lists | {"channels": " ".join(account["channels"]), "hold_reason": 'a "b"\nc'})
    return path


def write_hive(folder: Path) -> Path:
    """The accounts as Parquet in folders that state their currency, and the day of loading, which is no fact."""
    for currency in ("EUR", "JPY"):
        chosen = [
            {k: v for k, v in each.items() if k != "currency"} for each in ACCOUNTS if each["currency"] == currency
        ]
        write_parquet(folder / f"loaded_on=2026-11-20/currency={currency}/part-0.parquet", chosen, group=7)
    (folder / "_SUCCESS").write_bytes(b"")
    return folder


def test_every_form_of_accounts_gives_the_same_decisions(
    tmp_path: Path, rulesets: Path, expected: list[dict[str, Any]]
) -> None:
    """Parquet, CSV with any delimiter, NDJSON and folders of partitions are read alike, in units of any size."""
    assert len(expected) == COUNT - REFUSED_COUNT
    sources = [
        write_parquet(tmp_path / "a.parquet", ACCOUNTS, group=9),
        write_csv(tmp_path / "a.csv"),
        write_csv(tmp_path / "b.csv", ";"),
        write_ndjson(tmp_path / "a.ndjson", ACCOUNTS),
    ]
    for number, source in enumerate(sources):
        run(rulesets, source, tmp_path / f"{number}.parquet", "--unit-rows", "7")
        assert read_rows(tmp_path / f"{number}.parquet") == expected, source
    run(rulesets, write_hive(tmp_path / "hive"), tmp_path / "hive.parquet")
    by_currency = sorted(expected, key=lambda row: str(row["currency"]))
    assert read_rows(tmp_path / "hive.parquet") == by_currency


def test_decisions_are_written_in_every_form(tmp_path: Path, rulesets: Path, expected: list[dict[str, Any]]) -> None:
    """CSV and NDJSON say what Parquet says, each amount with the places of its currency."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    columns = "account_id,rule,claim_total,claim_invoices,review_on,level"
    for ending in ("csv", "ndjson"):
        run(rulesets, source, tmp_path / f"d.{ending}", "--columns", columns, "--unit-rows", "20")
    rows = list(csv.DictReader((tmp_path / "d.csv").read_text(encoding="utf-8").splitlines()))
    lines = [json.loads(line) for line in (tmp_path / "d.ndjson").read_bytes().splitlines()]
    assert list(rows[0]) == columns.split(",")
    for row, line, decided in zip(rows, lines, expected, strict=True):
        places = 0 if decided["currency"] == "JPY" else 2
        total = f"{decided['claim_total']:.{places}f}"
        assert (row["account_id"], row["claim_total"], line["claim_total"]) == (decided["account_id"], total, total)
        assert json.loads(row["claim_invoices"]) == line["claim_invoices"] == decided["claim_invoices"]
        assert row["level"] == ""
        assert "level" not in line


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_folder_gets_a_part_a_unit(tmp_path: Path, rulesets: Path, expected: list[dict[str, Any]], form: str) -> None:
    """A folder that names no form holds parts, each a file by itself, in the order of the accounts."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    run(rulesets, source, tmp_path / "parts", "--unit-rows", "25", "--to", form, "--columns", "account_id")
    parts = sorted((tmp_path / "parts").iterdir())
    assert [part.name for part in parts] == [f"part-0000{number}.{form}" for number in range(3)]
    read = pq.read_table if form == "parquet" else arrow_csv.read_csv
    found = [name for part in parts for name in read(part)["account_id"].to_pylist()]
    assert found == [row["account_id"] for row in expected]
    assert not (tmp_path / "parts.run").exists()


@pytest.mark.parametrize("form", ["ndjson", "parquet", "csv"])
def test_refused_accounts_stand_in_a_file_of_their_own(tmp_path: Path, rulesets: Path, form: str) -> None:
    """Each with its file, its row and every reason; the answer says how many."""
    source = tmp_path / f"a.{form}"
    if form == "parquet":
        write_parquet(source, ACCOUNTS, group=11)
    else:
        (write_csv(source) if form == "csv" else write_ndjson(source, ACCOUNTS))
    said = run(rulesets, source, tmp_path / "d.parquet", "--unit-rows", "11")
    rows = list(csv.DictReader((tmp_path / "d.parquet.refused.csv").read_text(encoding="utf-8").splitlines()))
    assert [int(row["row"]) for row in rows] == list(range(7, COUNT + 1, 7))
    assert rows[0] == {
        "file": str(source),
        "row": "7",
        "account_id": "A-6",
        "pointer": "/account/customer_value",
        "fact": "customer_value",
        "message": "customer_value: 'much' is not an amount; write a plain decimal such as 49.95.",
    }
    assert f"{REFUSED_COUNT} could not be decided on" in said


def test_the_summary_counts_accounts_and_money(tmp_path: Path, rulesets: Path, expected: list[dict[str, Any]]) -> None:
    """What is counted agrees with what is written: by rule, channel, segment and day, and money by currency."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    told = json.loads(run(rulesets, source, tmp_path / "d.csv", "--columns", "rule", "--format", "json"))
    summary = told["summary"]
    assert (summary["rows_count"], summary["refused_count"]) == (COUNT, REFUSED_COUNT)
    reminded = [row for row in expected if row["rule"] == "remind"]
    line = summary["lines"]["rule"]["small\tremind"]
    assert line["count"] == len(reminded)
    for currency in ("EUR", "JPY"):
        total = sum(row["claim_total"] for row in reminded if row["currency"] == currency)
        assert Decimal(line["claimed"][currency]) == total
    assert sum(each["count"] for each in summary["lines"]["outcome"].values()) == len(expected)
    assert summary["lines"]["segment"].keys() == {"smb", "consumer"}
    assert sum(summary["contacts"].values()) == sum(row["channel"] is not None for row in expected)
    text = run(rulesets, source, tmp_path / "e.csv")
    assert "52 accounts decided as of 2026-11-20" in text
    assert "small, remind" in text


def test_a_manager_reads_a_page(tmp_path: Path, rulesets: Path) -> None:
    """--report writes the summary with a picture a chapter, and what is refused; it needs nothing but itself."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    run(rulesets, source, tmp_path / "d.csv", "--report", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("Dunning run of 2026-11-20", "Day by day", "2026-11-20, phone", "small, remind", "consumer"):
        assert words in page
    assert page.count("<svg") == len(("outcome", "contacts", "day", "action", "rule", "segment"))
    assert f"{REFUSED_COUNT}, see {tmp_path / 'd.csv.refused.csv'}" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_what_stands_there_is_not_replaced_unasked(tmp_path: Path, rulesets: Path) -> None:
    """An answer that is there is refused, and left as it is; --overwrite replaces it."""
    source, out = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "d.csv"
    out.write_text("mine", encoding="utf-8")
    assert "is there already; give another --out, or replace it by --overwrite." in refuse(rulesets, source, out)
    assert out.read_text(encoding="utf-8") == "mine"
    run(rulesets, source, out, "--overwrite")
    assert out.read_text(encoding="utf-8").startswith("account_id,")


def test_what_is_replaced_stands_until_all_is_decided(tmp_path: Path, rulesets: Path) -> None:
    """A run that is refused leaves the answer that it was to replace, a file or a folder."""
    source, wrong = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "b.parquet"
    write_parquet(wrong, [{"id": "a", "currency": "EUR", "segmnt": "smb"}])
    for out in (tmp_path / "d.csv", tmp_path / "parts"):
        run(rulesets, source, out)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert "did you mean segment?" in refuse(rulesets, wrong, out, "--overwrite")
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_of_a_folder_only_parts_are_replaced(tmp_path: Path, rulesets: Path) -> None:
    """The parts of an earlier run go away, whatever their form; a folder with other files is refused and left."""
    source, out = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "parts"
    more = ("--overwrite", "--refused", out / "refused.csv", "--report", out / "report.html")
    run(rulesets, source, out, "--unit-rows", "20", "--to", "csv", *more[1:])
    run(rulesets, source, out, *more)
    assert sorted(path.name for path in out.iterdir()) == ["part-00000.parquet", "refused.csv", "report.html"]
    (out / "part-of-my-book.txt").write_text("mine", encoding="utf-8")
    before = {path: path.read_bytes() for path in out.iterdir()}
    assert "holds part-of-my-book.txt, which no run has written; move it away" in refuse(rulesets, source, out, *more)
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_is_replaced_by_no_file_nor_a_file_by_a_folder(tmp_path: Path, rulesets: Path) -> None:
    """Whatever --overwrite says."""
    source, folder, file = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "d.csv", tmp_path / "parts"
    folder.mkdir()
    file.write_text("mine", encoding="utf-8")
    assert "d.csv is a folder; give another --out." in refuse(rulesets, source, folder, "--overwrite")
    assert "parts is a file, and parts need a folder" in refuse(rulesets, source, file, "--overwrite")
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"customer_value": 0.1}, "column customer_value holds floats, which are not exact"),
        ({"segmnt": "smb"}, "did you mean segment? leave it out with --leave-out segmnt"),
    ],
)
def test_a_wrong_column_stops_the_run_before_it_begins(
    tmp_path: Path, rulesets: Path, column: dict[str, object], said: str
) -> None:
    """Nothing is left behind, and --leave-out passes the column over."""
    source = write_parquet(tmp_path / "a.parquet", [{"id": "a", "currency": "EUR", "channels": ["email"], **column}])
    assert said in refuse(rulesets, source, tmp_path / "d.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "rulesets"]
    run(rulesets, source, tmp_path / "d.csv", "--leave-out", next(iter(column)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--columns", "rule,chanel"], "Decisions have no column chanel; did you mean channel?"),
        (["--columns", "rule,rule"], "--columns names one twice"),
        (["--to", "csv"], "is a file of parquet; leave --to out"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, rulesets: Path, options: list[str], said: str) -> None:
    """What is asked for is checked before anything is written."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    assert said in refuse(rulesets, source, tmp_path / "d.parquet", *options)


def test_a_source_that_is_none_is_refused(tmp_path: Path, rulesets: Path) -> None:
    """A place that is not there, a folder without files or of two forms, and a file that is not what its name says."""
    out = tmp_path / "d.csv"
    mixed, empty = tmp_path / "mixed", tmp_path / "empty"
    mixed.mkdir()
    empty.mkdir()
    write_ndjson(mixed / "a.ndjson", ACCOUNTS)
    write_parquet(mixed / "a.parquet", ACCOUNTS)
    (tmp_path / "a.parquet").write_text("no", encoding="utf-8")
    (tmp_path / "a.csv").write_text("", encoding="utf-8")
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    assert "is not there" in refuse(rulesets, tmp_path / "nothing.csv", out)
    assert "holds no file" in refuse(rulesets, empty, out)
    assert "files of ndjson and of parquet" in refuse(rulesets, mixed, out)
    assert "is no Parquet file" in refuse(rulesets, tmp_path / "a.parquet", out)
    assert "is empty; its first line names the columns" in refuse(rulesets, tmp_path / "a.csv", out)
    assert "is no file of accounts" in refuse(rulesets, tmp_path / "a.txt", out)
    assert "cannot be opened" in refuse(rulesets, "nowhere://a", out)


def test_documents_with_keys_of_no_ruleset_are_refused_one_by_one(tmp_path: Path, rulesets: Path) -> None:
    """NDJSON has no columns: each line is judged by itself, and an empty line is none."""
    source = tmp_path / "a.ndjson"
    lines = [msgspec.json.encode(ACCOUNTS[0] | {"shade": 1}), b"", b"{", msgspec.json.encode(ACCOUNTS[1])]
    source.write_bytes(b"\n".join(lines))
    run(rulesets, source, tmp_path / "d.parquet")
    refused = list(csv.DictReader((tmp_path / "d.parquet.refused.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["row"], row["account_id"]) for row in refused] == [("1", "A-0"), ("3", "")]
    assert [row["account_id"] for row in read_rows(tmp_path / "d.parquet")] == ["A-1"]


def test_a_single_ruleset_is_asked_whatever_its_track(tmp_path: Path, rulesets: Path) -> None:
    """As by `dunning decide`; of several those of the track."""
    file = rulesets / "small.yaml"
    other = file.read_text(encoding="utf-8").replace("title: Small", "title: Small\ntrack: retention")
    file.write_text(other, encoding="utf-8")
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS[1:2])
    run(rulesets, source, tmp_path / "one.parquet")
    assert read_rows(tmp_path / "one.parquet")[0]["ruleset"] == "small"
    second = other.replace("ruleset: small", "ruleset: second").replace("track: retention", "track: winback")
    (rulesets / "second.yaml").write_text(second, encoding="utf-8")
    run(rulesets, source, tmp_path / "two.parquet", "--track", "winback")
    assert read_rows(tmp_path / "two.parquet")[0]["ruleset"] == "second"


def test_a_line_that_is_not_utf_8_is_refused(tmp_path: Path, rulesets: Path) -> None:
    """No character is guessed; the other lines are decided."""
    source = tmp_path / "a.ndjson"
    good = msgspec.json.encode(ACCOUNTS[1])
    source.write_bytes(good.replace(b"A-1", b"A-\xfc") + b"\n" + good + b"\n")
    run(rulesets, source, tmp_path / "d.parquet")
    assert [row["account_id"] for row in read_rows(tmp_path / "d.parquet")] == ["A-1"]
    refused = (tmp_path / "d.parquet.refused.csv").read_text(encoding="utf-8")
    assert "the account is no JSON" in refused


def test_accounts_lie_in_an_object_store(tmp_path: Path, rulesets: Path, expected: list[dict[str, Any]]) -> None:
    """An address is read, and written, through its file system; what is kept meanwhile lies here."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    run(rulesets, source.as_uri(), (tmp_path / "d.parquet").as_uri())
    assert read_rows(tmp_path / "d.parquet") == expected


def test_an_account_is_asked_about_now_unless_a_day_is_given(tmp_path: Path, rulesets: Path) -> None:
    """Without --as-of the summary says the instant that was taken."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS[:1])
    result = dunning("run", "--rulesets", rulesets, "--accounts", source, "--out", tmp_path / "d.csv")
    assert result.exit_code == 0
    assert AS_OF[1] not in result.stdout
    assert "accounts decided as of 20" in result.stdout


def test_a_terminal_shows_a_bar(tmp_path: Path, rulesets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody looks, a bar with the rate; elsewhere a line at the end."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    said = [dunning("run", "--rulesets", rulesets, "--accounts", source, "--out", tmp_path / "1.csv").stderr]
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    said += [dunning("run", "--rulesets", rulesets, "--accounts", source, "--out", tmp_path / "2.csv").stderr]
    assert said[0].startswith(f"{COUNT} of {COUNT} accounts (100 %), ")
    assert "deciding" in said[1]
    assert "a second" in said[1]


def test_a_broken_ruleset_ends_with_3(tmp_path: Path) -> None:
    """Nothing is decided by what is not sound."""
    (tmp_path / "broken.yaml").write_text("ruleset: broken\n", encoding="utf-8")
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS[:1])
    out = tmp_path / "d.csv"
    assert dunning("run", "--rulesets", tmp_path / "broken.yaml", "--accounts", source, "--out", out).exit_code == 3
    assert not out.exists()
