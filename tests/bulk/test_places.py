"""An address may hold keys, and they are neither printed nor kept."""

from pathlib import Path

import pytest

from cli.bulk.finishing import FileAnswer
from cli.bulk.places import find_place, hide_secrets
from tests.bulk.running import make_accounts, make_rulesets, read_rows, refuse, run, write_ndjson

SECRET = "hush"
BUCKET = f"s3://KEY:{SECRET}@bucket/folder/a.parquet?region=eu-west-1"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (BUCKET, "s3://bucket/folder/a.parquet"),
        ("s3://KEY:hu/sh@bucket/a.csv", "s3://bucket/a.csv"),
        ("s3://KEY:hu@sh@bucket/a.csv", "s3://bucket/a.csv"),
        ("s3://KEY:hu?sh@bucket/a.csv", "s3://bucket/a.csv"),
        ("s3://bucket/a@b.csv", "s3://bucket/a@b.csv"),
        (
            "abfs://box@account.dfs.core.windows.net/a.csv?client_secret=hush",
            "abfs://box@account.dfs.core.windows.net/a.csv",
        ),
        ("hdfs://host:9000/a.csv", "hdfs://host:9000/a.csv"),
        ("mine/KEY:hush@a?.csv", "mine/KEY:hush@a?.csv"),
    ],
)
def test_an_address_is_shown_without_its_keys(written: str, shown: str) -> None:
    """Whatever is not escaped in them; a path is shown as it is."""
    assert hide_secrets(written) == shown


@pytest.mark.parametrize("written", [f"nowhere://KEY:{SECRET}@bucket/a.csv", f"s3://KEY:{SECRET} @bucket/a.csv"])
def test_what_cannot_be_opened_is_said_without_keys(tmp_path: Path, written: str) -> None:
    """Also where the library repeats the address."""
    said = refuse(make_rulesets(tmp_path), written, tmp_path / "d.csv")
    assert "bucket/a.csv cannot be opened" in said
    assert SECRET not in said


def test_an_answer_is_named_without_keys(tmp_path: Path) -> None:
    """In refusals and in the summary."""
    assert FileAnswer(out=find_place(BUCKET), refused=tmp_path / "r.csv").shown == "s3://bucket/folder/a.parquet"


def test_a_run_keeps_and_says_no_keys(tmp_path: Path) -> None:
    """Neither in its plan, which lies there while it is stopped, nor in what it prints; its processes have them."""
    rulesets, accounts = make_rulesets(tmp_path), list(make_accounts(60))
    history = [{"account_id": each["id"]} | entry for each in accounts for entry in each.pop("history", ())]
    source, out, given = (
        f"{(tmp_path / name).as_uri()}?key={SECRET}" for name in ("a.ndjson", "d.parquet", "given.ndjson")
    )
    write_ndjson(tmp_path / "a.ndjson", accounts)
    write_ndjson(tmp_path / "given.ndjson", history)
    more = ("--history", given, "--unit-rows", "20", "--workers", "2")
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = refuse(rulesets, source, out, *more, "--refused", tmp_path / "file" / "r.csv")  # stops the run at its end
    kept = [path.read_bytes() for path in (tmp_path / "d.parquet.run").rglob("*") if path.is_file()]
    said += run(rulesets, source, out, *more)
    said += refuse(rulesets, source, out, *more)
    said += refuse(rulesets, f"{(tmp_path / 'none.csv').as_uri()}?key={SECRET}", tmp_path / "e.csv")
    assert SECRET not in said
    assert not [each for each in kept if SECRET.encode() in each]
    assert any(b"a.ndjson" in each for each in kept)
    assert any(row["sent_before"] for row in read_rows(tmp_path / "d.parquet"))


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("abfs://box@account.dfs.core.windows.net/decisions/", "box/decisions"),
        ("s3://bucket/decisions/?region=eu-west-1", "bucket/decisions"),
        ("file:///decisions/", "/decisions"),
        ("file:///", "/"),
    ],
)
def test_a_folder_may_end_with_a_slash(written: str, path: str) -> None:
    """In an object store a second slash before a part would be another name."""
    assert find_place(written).path == path
