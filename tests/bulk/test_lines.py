"""Files of lines are cut where a row begins, as Arrow reads them, whatever quotes stand in their values."""

import io
import itertools
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, fs

from cli.bulk import lines
from cli.bulk.lines import cut_lines
from cli.bulk.plan import Input
from tests.bulk.running import make_rulesets, read_rows, run

ROWS = [
    'A-1,5" pipe',
    'A-2,"two\nlines"',
    'A-3,a "quoted" word',
    'A-4,"a ""quoted"" word, and\nmore"',
    'A-5,""',
    'A-6,"""\n"""',
    'A-7,"a"b"c',
    'A-8,""x"y',
    "A-9,plain",
    'A-10,"ends" with 5"',
    'A-11,""""',
]


def cut(path: Path, most: int) -> list[int]:
    """The places at which the units of a file end."""
    source = Input(path=str(path), form="csv", size=path.stat().st_size, changed_at_ns=None)
    return [unit.stop for unit in cut_lines(fs.LocalFileSystem(), source, 0, most=most)]


def read(content: bytes) -> pa.Table:
    """What Arrow reads of rows."""
    return csv.read_csv(
        io.BytesIO(content),
        read_options=csv.ReadOptions(column_names=["id", "note"]),
        parse_options=csv.ParseOptions(newlines_in_values=True),
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize("turned", range(len(ROWS)))
def test_a_row_ends_where_arrow_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, chunk: int, turned: int
) -> None:
    """Each row by itself is the row that Arrow reads, wherever the file is cut into chunks and whatever came before."""
    monkeypatch.setattr(lines, "_CHUNK", chunk)
    path = tmp_path / "a.csv"
    rows = [*ROWS[turned:], *ROWS[:turned]]
    path.write_bytes("".join(each + ending for each in ["id,note", *rows]).encode())
    content = path.read_bytes()
    starts = [len(f"id,note{ending}"), *cut(path, 1)]
    parts = [content[start:stop] for start, stop in itertools.pairwise(starts)]
    assert [read(part).num_rows for part in parts] == [1] * len(ROWS)
    assert pa.concat_tables([read(part) for part in parts], promote_options="permissive").num_rows == len(ROWS)
    assert "".join(part.decode() for part in parts) == "".join(each + ending for each in rows)


def test_a_quote_within_a_value_hides_no_account(tmp_path: Path) -> None:
    """A size in inches in one row takes the rows behind it along into no unit of another size."""
    source = tmp_path / "a.csv"
    rows = [f'A-{number},EUR,email,5,10.00,{number}" pipe' for number in range(9)]
    source.write_text(
        "\n".join(["id,currency,channels,days_overdue,overdue_balance,note", *rows, ""]), encoding="utf-8"
    )
    out = tmp_path / "d.parquet"
    run(make_rulesets(tmp_path), source, out, "--leave-out", "note", "--unit-rows", "2")
    assert [row["account_id"] for row in read_rows(out)] == [f"A-{number}" for number in range(9)]
