"""Each check finds something in its bad example, nothing in its good one, and its page says so."""

import datetime as dt
import re
from pathlib import Path

import pytest

from engine.analysis.analyse import CODES, DEFAULT_BUDGET
from engine.analysis.catalogue import CHECKS, FOLDER_CHECKS, NOTES, PAGES
from engine.analysis.manual import PageExample, read_examples, write_pages
from engine.model.diagnostic import Witness
from tests.analysis.reading import check, codes, show

PAGES_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "authors" / "checks"
EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{example.is_bad}") for code in CODES for example in read_examples(code)
]
# They are about the text or the analysis, and no account shows them.
WITHOUT_ACCOUNT = {"guarantee-idle", "guarantee-unproved", "not-finished", "silence-unexplained", "silence-unused"}
CHECKED_ON = re.compile(r"# checked on (\S+)")
BUDGET = re.compile(r"# with a budget of (\d+)")


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_example(code: str, example: PageExample) -> None:
    """The bad example of a check has its finding, the good one has none."""
    text = "".join(example.files.values())
    on, budget = CHECKED_ON.search(text), BUDGET.search(text)
    found = check(
        example.files,
        on=dt.date.fromisoformat(on[1]) if on else None,
        budget=int(budget[1]) if budget else DEFAULT_BUDGET,
    )
    assert (code in codes(found)) is example.is_bad


@pytest.mark.parametrize("code", CODES)
def test_good_example_is_good(code: str) -> None:
    """The good example of a check is not an example of something else that is a mistake."""
    (good,) = [example for example in read_examples(code) if not example.is_bad]
    on = CHECKED_ON.search("".join(good.files.values()))
    found = check(good.files, on=dt.date.fromisoformat(on[1]) if on else None)
    assert [each.diagnostic for each in found if each.diagnostic.severity != "info"] == []


@pytest.mark.parametrize("code", [code for code in CODES if code not in WITHOUT_ACCOUNT])
def test_bad_example_is_shown(code: str) -> None:
    """With the finding of a bad example stands an account that shows it."""
    (bad,) = [example for example in read_examples(code) if example.is_bad]
    on = CHECKED_ON.search("".join(bad.files.values()))
    shown = show(bad.files, on=dt.date.fromisoformat(on[1]) if on else None)
    witnesses = [each.witness for each in shown if each.code == code]
    assert witnesses
    assert all(isinstance(witness, Witness) and witness.shows for witness in witnesses)


def test_pages_are_fresh() -> None:
    """docs/authors/checks/ holds exactly the pages of the checks (else: `make generate`)."""
    written = {path.name: path.read_text(encoding="utf-8") for path in PAGES_FOLDER.glob("*.md")}
    assert written == write_pages()


def test_every_check_has_a_page() -> None:
    """Every check's docstring is its page, under the check's own code."""
    assert set(PAGES) == set(CODES)
    listed = {check.code for check in CHECKS} | {check.code for check in FOLDER_CHECKS} | {note.code for note in NOTES}
    own = {code: getattr(page, "CHECK", None) or getattr(page, "NOTE", None) for code, page in PAGES.items()}
    assert {code: getattr(each, "code", None) for code, each in own.items()} == {code: code for code in listed}
