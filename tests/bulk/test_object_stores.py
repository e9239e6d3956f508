"""What is no folder of this machine is written through its file system; one of pyarrow's own stands for it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import fs

from cli.bulk.beginning import Asked
from cli.bulk.carrying import Advance
from cli.bulk.finishing import FileAnswer
from cli.bulk.places import Place
from cli.bulk.plan import Form, Plan
from cli.bulk.running import Course, run
from engine.evaluation.routing import parse_as_of
from tests.bulk.running import AS_OF, make_accounts, make_rulesets, write_ndjson
from tests.bulk.running import run as run_here
from tests.portfolio.batches import small

COLUMNS = ("account_id", "rule", "claim_total", "currency")


@contextlib.contextmanager
def watch(plan: Plan, done: int) -> Iterator[Advance]:
    """Nobody looks."""
    del plan, done
    yield lambda _: None


def carry_out(
    folder: Path, rulesets: Path, source: Path, out: str, form: Form, *, begins_anew: bool = False
) -> FileAnswer:
    """Run into a file system that is not the local one, which lies in a folder."""
    (folder / "bucket").mkdir(exist_ok=True)
    system = fs.SubTreeFileSystem(str(folder / "bucket"), fs.LocalFileSystem())
    answer = FileAnswer(out=Place(system=system, path=out, written=f"s3://{out}"), refused=folder / "refused.csv")
    asked = Asked(
        accounts=str(source),
        beside={},
        as_of=parse_as_of(AS_OF[1]),
        track="dunning",
        columns=COLUMNS,
        form=form,
        leave_out=(),
        unit_rows=25,
    )
    course = Course(
        folder=folder / "work.run",
        rulesets=rulesets,
        workers=1,
        fetch=None,
        note=None,
        is_joining=False,
        begins_anew=begins_anew,
    )
    run(course, asked, answer, small(), watch)
    return answer


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_file_is_put_into_an_object_store(tmp_path: Path, form: Form) -> None:
    """It has the bytes that it would have here, and nothing else is left there or here."""
    rulesets, source = make_rulesets(tmp_path), write_ndjson(tmp_path / "a.ndjson", list(make_accounts(60)))
    here = tmp_path / f"here.{form}"
    run_here(rulesets, source, here, "--unit-rows", "25", "--columns", ",".join(COLUMNS))
    answer = carry_out(tmp_path, rulesets, source, f"d.{form}", form)
    assert (tmp_path / "bucket" / f"d.{form}").read_bytes() == here.read_bytes()
    assert [path.name for path in (tmp_path / "bucket").iterdir()] == [f"d.{form}"]
    assert answer.is_there
    assert answer.find_obstacle() is None
    assert not (tmp_path / "work.run").exists()


@pytest.mark.parametrize("form", ["parquet", "ndjson"])
def test_a_folder_is_put_into_an_object_store(tmp_path: Path, form: Form) -> None:
    """A part a unit, as here."""
    rulesets, source = make_rulesets(tmp_path), write_ndjson(tmp_path / "a.ndjson", list(make_accounts(60)))
    here = tmp_path / "here"
    run_here(rulesets, source, here, "--unit-rows", "25", "--columns", ",".join(COLUMNS), "--to", form)
    answer = carry_out(tmp_path, rulesets, source, "decided/today", form)
    there = tmp_path / "bucket" / "decided" / "today"
    assert {path.name: path.read_bytes() for path in there.iterdir()} == {
        path.name: path.read_bytes() for path in here.iterdir()
    }
    assert answer.find_obstacle() is None
    (there / "part-00007.csv").write_text("old", encoding="utf-8")
    carry_out(tmp_path, rulesets, source, "decided/today", form, begins_anew=True)
    assert sorted(path.name for path in there.iterdir()) == sorted(path.name for path in here.iterdir())
    (there / "mine.txt").write_text("mine", encoding="utf-8")
    assert str(answer.find_obstacle()).startswith("holds mine.txt, which no run has written")
